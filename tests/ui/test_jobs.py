"""Who hears what of which job."""

from __future__ import annotations

from typing import Any

from cbir.ui.jobs import JobBook
from cbir.work.messages import Cancelled, Failed, Finished, Progress, Started
from cbir.work.worker import Job


class Ears:
    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.changes = 0
        self.book = JobBook(lambda error: self.heard.append(("unasked", error)), self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def watch(self, **options: Any) -> Job:
        hear = self.heard.append
        return self.book.watch(
            Job("Count"),
            lambda result: hear(("done", result)),
            cancelled=lambda result: hear(("cancelled", result)),
            progressed=lambda event, _rate: hear(("progress", event.done)),
            **options,
        )


def test_each_ending_goes_to_its_handler_once() -> None:
    ears = Ears()
    jobs = [ears.watch() for _ in range(3)]
    error = ValueError("no")
    ears.book.handle(Started(jobs[0].id))
    ears.book.handle(Progress(jobs[0].id, 3, 9))
    ears.book.handle(Finished(jobs[0].id, 42))
    ears.book.handle(Finished(jobs[0].id, 43))
    ears.book.handle(Failed(jobs[1].id, error))
    ears.book.handle(Cancelled(jobs[2].id, "half"))
    assert ears.heard == [
        ("progress", 3),
        ("done", 42),
        ("unasked", error),
        ("cancelled", "half"),
    ]
    assert not ears.book.busy
    assert ears.changes > 0


def test_a_handler_of_its_own_hears_the_error() -> None:
    ears = Ears()
    own: list[BaseException] = []
    job = ears.watch(failed=own.append)
    error = ValueError("no")
    ears.book.handle(Failed(job.id, error))
    assert own == [error]
    assert ears.heard == []


def test_dropped_jobs_are_cancelled_and_silent_and_busy_until_their_end() -> None:
    ears = Ears()
    job = ears.watch()
    ears.book.drop(job)
    ears.book.drop(None)
    assert job.cancelled
    ears.book.handle(Progress(job.id, 1, 2))
    assert ears.book.busy
    ears.book.handle(Failed(job.id, ValueError("late")))
    assert not ears.book.busy
    assert ears.heard == []


def test_jobs_that_nobody_asked_for_are_told_of_when_they_fail() -> None:
    ears = Ears()
    own = Job("Fold the journal")
    error = OSError("disk full")
    ears.book.handle(Started(own.id))
    ears.book.handle(Finished(own.id, None))
    ears.book.handle(Failed(own.id, error))
    assert ears.heard == [("unasked", error)]


def test_only_some_are_shown_with_their_latest_progress() -> None:
    ears = Ears()
    ears.watch()
    shown = ears.watch(shown=True, title="Counting")
    ears.book.handle(Progress(shown.id, 1, 9))
    ears.book.handle(Progress(shown.id, 2, 9))
    (entry,) = ears.book.shown
    assert entry.title == "Counting"
    assert entry.progress is not None
    assert entry.progress.done == 2


def test_the_first_job_that_can_tells_how_much_is_done() -> None:
    book = Ears().book
    assert book.percent is None
    jobs = [book.watch(Job(title), shown=True) for title in ("Waits", "Runs")]
    book.watch(Job("Nobody's business"))
    book.handle(Progress(jobs[0].id, 0, None, "looking"))
    assert book.percent is None
    book.handle(Progress(jobs[1].id, 199, 1000))
    assert book.percent == 19
    book.handle(Finished(jobs[1].id, None))
    assert book.percent is None
