"""The status bar: one line of what happened, and the job under way."""

from __future__ import annotations

import pytest
import ttkbootstrap as ttk

from cbir.ui.jobs import JobBook
from cbir.ui.status_bar import StatusBar
from cbir.work.messages import Finished, Progress
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
    assert not bar.cancel.winfo_ismapped()  # too short to be worth it, so far
    jobs.handle(Progress(job.id, 0, None, "looking for pictures"))
    bar.show_jobs(jobs.shown)
    assert bar.work_title == "Indexing photos: looking for pictures"
    jobs.handle(Progress(job.id, 1_200, 3_000, "/photos", skipped=2))
    bar.show_jobs(jobs.shown)
    root.update()
    assert bar.work_title == "Indexing photos  1,200 of 3,000"
    assert bar.skipped.cget("text") == "2 skipped"
    bar.skipped.invoke()
    assert asked == ["skipped"]
    bar.cancel.invoke()
    assert job.cancelled
    bar.show_jobs(jobs.shown)
    assert bar.cancel.cget("text") == "Cancelling…"
    jobs.handle(Finished(job.id, None))
    bar.show_jobs(jobs.shown)
    root.update()
    assert not bar.cancel.winfo_ismapped()


def test_waiting_jobs_are_counted_and_the_first_is_shown(bar: StatusBar) -> None:
    jobs = book()
    first = jobs.watch(Job("a"), title="First", shown=True)
    second = jobs.watch(Job("b"), title="Second", shown=True)
    for job in (first, second):
        jobs.handle(Progress(job.id, 1, 2))
    bar.show_jobs(jobs.shown)
    assert bar.work_title == "First  1 of 2  (+1 waiting)"


def test_downloads_are_told_in_megabytes(bar: StatusBar) -> None:
    jobs = book()
    job = jobs.watch(Job("d"), title="Downloading CLIP", shown=True)
    jobs.handle(Progress(job.id, 30_000_000, 605_000_000))
    bar.show_jobs(jobs.shown)
    assert bar.work_title == "Downloading CLIP  30 of 605 MB"


def test_a_library_that_can_only_be_read_is_marked(bar: StatusBar, root: ttk.App) -> None:
    bar.show_read_only("Another process writes this library.")
    root.update()
    assert bar.badge.winfo_ismapped()
    bar.show_read_only("")
    root.update()
    assert not bar.badge.winfo_ismapped()
