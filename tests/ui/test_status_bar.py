"""The status bar: one line of what happened, and the job under way."""

from __future__ import annotations

import pytest
import ttkbootstrap as ttk

from cbir.ui.jobs import JobBook
from cbir.ui.status_bar import StatusBar
from cbir.work.messages import Finished, Progress, Unit
from cbir.work.worker import Job


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def bar(root: ttk.App, asked: list[str]) -> StatusBar:
    status = StatusBar(root, lambda: asked.append("skipped"))
    status.pack(fill="x", side="bottom")
    root.update()
    return status


def book() -> JobBook:
    return JobBook(lambda error: None)


def test_long_messages_are_cut_and_kept_whole(bar: StatusBar) -> None:
    bar.say("short")
    assert bar.visible == "short"
    long = "a very long sentence " * 40
    bar.say(long)
    assert bar.message == long.strip()
    assert bar.visible.endswith("…")
    assert len(bar.visible) < len(long)


def test_a_message_of_several_lines_stays_one_line(bar: StatusBar) -> None:
    bar.say("one\ntwo\tthree")
    assert bar.visible == "one two three"


def test_progress_with_count_skipped_and_cancel(
    bar: StatusBar, asked: list[str], root: ttk.App
) -> None:
    jobs = book()
    job = jobs.watch(Job("Index"), title="Indexing photos", shown=True)
    bar.show_jobs(jobs.shown)
    root.update()
    assert not bar.job.cancel.winfo_ismapped()  # too short to be worth it, so far
    jobs.handle(Progress(job.id, 0, None, "looking for pictures"))
    bar.show_jobs(jobs.shown)
    assert bar.job.title == "Indexing photos: looking for pictures"
    jobs.handle(Progress(job.id, 1_200, 3_000, "/photos", skipped=2))
    bar.show_jobs(jobs.shown)
    root.update()
    assert bar.job.title == "Indexing photos  1,200 of 3,000"
    assert bar.job.skipped.cget("text") == "2 skipped"
    bar.job.skipped.invoke()
    assert asked == ["skipped"]
    bar.job.cancel.invoke()
    assert job.cancelled
    bar.show_jobs(jobs.shown)
    assert bar.job.cancel.cget("text") == "Cancelling…"
    jobs.handle(Finished(job.id, None))
    bar.show_jobs(jobs.shown)
    root.update()
    assert not bar.job.cancel.winfo_ismapped()


def test_waiting_jobs_are_counted_and_the_first_is_shown(bar: StatusBar) -> None:
    jobs = book()
    first = jobs.watch(Job("a"), title="First", shown=True)
    second = jobs.watch(Job("b"), title="Second", shown=True)
    for job in (first, second):
        jobs.handle(Progress(job.id, 1, 2))
    bar.show_jobs(jobs.shown)
    assert bar.job.title == "First  1 of 2  (+1 waiting)"


def test_downloads_are_told_in_megabytes(bar: StatusBar) -> None:
    jobs = book()
    job = jobs.watch(Job("d"), title="Downloading CLIP", shown=True)
    jobs.handle(Progress(job.id, 30_000_000, 605_000_000, "clip", unit="bytes"))
    bar.show_jobs(jobs.shown)
    assert bar.job.title == "Downloading CLIP  30 of 605 MB"
    assert bar.job.whole_note == ""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds as the jobs see them; a test sets the first."""
    now = [100.0]
    monkeypatch.setattr("cbir.ui.jobs.time.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("unit", "done", "total", "seconds", "told"),
    [
        ("images", 174, 1_000, 10, "174 of 1,000 · 17.3 images/s · 48 s left"),
        ("bytes", 82_000_001, 605_000_000, 10, "82 of 605 MB · 8.2 MB/s · 1 min left"),
    ],
)
def test_speed_and_time_left_are_told(
    bar: StatusBar, clock: list[float], unit: Unit, done: int, total: int, seconds: int, told: str
) -> None:
    jobs = book()
    job = jobs.watch(Job("job"), title="At work", shown=True)
    for begun in (0, 1):
        jobs.handle(Progress(job.id, begun, total, unit=unit))
        clock[0] += seconds
    jobs.handle(Progress(job.id, done, total, unit=unit))
    bar.show_jobs(jobs.shown)
    assert bar.job.title == f"At work  {told}"


def test_the_folder_at_work_is_shown_where_it_fits(bar: StatusBar, root: ttk.App) -> None:
    jobs = book()
    job = jobs.watch(Job("Index"), title="Indexing photos", shown=True)
    folder = "/photos/2024/a long way down/" + "x" * 80
    jobs.handle(Progress(job.id, 1, 9, folder))
    bar.show_jobs(jobs.shown)
    assert bar.job.note.startswith("/photos/")
    assert "…" in bar.job.note
    assert bar.job.whole_note == folder
    root.geometry("500x400")
    root.update()
    bar.show_jobs(jobs.shown)
    assert bar.job.note == ""
    assert bar.job.whole_note == folder


def test_a_job_named_after_many_folders_leaves_room(bar: StatusBar) -> None:
    jobs = book()
    job = jobs.watch(Job("Index"), title="Indexing " + "photos, " * 40, shown=True)
    jobs.handle(Progress(job.id, 1, 9))
    bar.show_jobs(jobs.shown)
    assert bar.job.title.endswith("…  1 of 9")
    assert len(bar.job.title) < 80


def test_a_library_that_can_only_be_read_is_marked(bar: StatusBar, root: ttk.App) -> None:
    bar.show_read_only("Another process writes this library.")
    root.update()
    assert bar.badge.winfo_ismapped()
    bar.show_read_only("")
    root.update()
    assert not bar.badge.winfo_ismapped()
