"""Folders kept up to date, with the system's own notices: every wait has an end."""

from __future__ import annotations

import errno
import os
import queue
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cbir.errors import CbirError
from cbir.library import Library
from cbir.records import Record
from cbir.work.batching import Batches
from cbir.work.indexing import IndexReport
from cbir.work.messages import FilesChanged
from cbir.work.walking import DEFAULT_WALK
from cbir.work.watching import FolderWatcher, WatchReport
from tests.conftest import draw
from tests.work.conftest import Driver

PATIENCE = 60.0


class Follower:
    """Does what a program does: looks again at what is told to have changed."""

    def __init__(self, drive: Driver) -> None:
        self.drive = drive
        self.reports: list[IndexReport] = []
        self.told: list[tuple[str, ...]] = []

    @property
    def library(self) -> Library:
        held = self.drive.engine._library.result()
        assert isinstance(held, Library)
        return held

    def records(self) -> dict[str, Record]:
        return {os.path.basename(record.path): record for record in self.library}

    def until(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"it did not happen; told of {self.told}"
            try:
                message = self.drive.engine.outbox.get(timeout=0.1)
            except queue.Empty:
                continue
            if isinstance(message, FilesChanged):
                self.told.append(message.paths)
                self.reports.append(self.drive(self.drive.engine.index_changed(message.paths)))
                self.drive.engine.changes_done()


@pytest.fixture
def follower(drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Follower:
    """The folder of pictures, indexed and watched."""
    monkeypatch.setattr("cbir.work.watching.Batches", partial(Batches, quiet=0.25, longest=1.5))
    drive(drive.engine.index([str(pictures)], ["classic"]))
    report = drive(drive.engine.watch())
    assert report == WatchReport((str(pictures),), {})
    return Follower(drive)


def test_new_changed_moved_and_deleted_files_are_picked_up(
    follower: Follower, pictures: Path
) -> None:
    before = follower.records()
    draw(pictures / "new.png", (1, 2, 3))
    follower.until(lambda: "new.png" in follower.records())

    draw(pictures / "green_0.png", (250, 250, 250), (50, 50))
    follower.until(lambda: follower.records()["green_0.png"].file.width == 50)

    (pictures / "red_0.png").rename(pictures / "crimson.png")
    follower.until(lambda: "crimson.png" in follower.records())
    assert follower.records()["crimson.png"].id == before["red_0.png"].id

    (pictures / "black_0.png").unlink()
    follower.until(lambda: follower.records()["black_0.png"].missing)

    os.utime(pictures / "blue_0.png", (5, 5))
    follower.until(lambda: follower.records()["blue_0.png"].file.mtime_ns == 5_000_000_000)
    assert sum(record.missing for record in follower.records().values()) == 1
    assert follower.library.skipped == ()


def test_folders_that_come_move_and_go_are_picked_up(
    follower: Follower, pictures: Path, tmp_path: Path
) -> None:
    draw(tmp_path / "outside" / "deep" / "1.png", (1, 1, 1))
    draw(tmp_path / "outside" / "2.png", (2, 2, 2))
    shutil.copytree(tmp_path / "outside", pictures / "copied")
    follower.until(lambda: {"1.png", "2.png"} <= set(follower.records()))
    ids = {name: record.id for name, record in follower.records().items()}

    (pictures / "copied").rename(pictures / "renamed")
    follower.until(lambda: "renamed" in follower.records()["1.png"].path)
    assert {name: record.id for name, record in follower.records().items()} == ids

    draw(pictures / "renamed" / "deep" / "3.png", (3, 3, 3))  # below a folder that moved
    follower.until(lambda: "3.png" in follower.records())

    (pictures / "renamed").rename(tmp_path / "moved out")
    names = ("1.png", "2.png", "3.png")
    follower.until(lambda: all(follower.records()[name].missing for name in names))
    assert sum(record.missing for record in follower.records().values()) == 3


def test_a_burst_is_few_jobs(follower: Follower, pictures: Path) -> None:
    for number in range(200):
        draw(pictures / "burst" / f"{number}.png", (number, 0, 0), (8, 8))
    follower.until(lambda: len(follower.library) == 212)
    assert len(follower.reports) <= 5
    assert sum(report.added for report in follower.reports) == 200


def test_a_file_that_grows_is_indexed_when_it_is_whole(follower: Follower, pictures: Path) -> None:
    whole = draw(pictures.parent / "large.png", (9, 9, 9), (400, 300)).read_bytes()
    with (pictures / "large.png").open("wb") as file:
        for start in range(0, len(whole), len(whole) // 8):
            file.write(whole[start : start + len(whole) // 8])
            file.flush()
            time.sleep(0.1)
    follower.until(lambda: "large.png" in follower.records())
    assert follower.library.skipped == ()
    assert sum(len(report.skipped) for report in follower.reports) == 0


def test_what_indexing_passes_over_is_not_told_of(follower: Follower, pictures: Path) -> None:
    draw(pictures / "node_modules" / "a.png", (1, 1, 1))
    draw(pictures / ".cache" / "b.png", (1, 1, 1))
    (pictures / "notes.txt").write_text("words")
    follower.drive(follower.drive.engine.browse())
    draw(pictures / "last.png", (1, 1, 1))
    follower.until(lambda: "last.png" in follower.records())
    assert follower.told == [(str(pictures / "last.png"),)]
    assert follower.reports[0].added == 1 and follower.library.skipped == ()


@pytest.mark.parametrize("reused", [False, True])
def test_folders_indexed_later_are_watched_and_a_root_that_goes_does_no_harm(
    reused: bool,
    follower: Follower,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if reused:  # a folder gets the number of one that was deleted, as file systems do at times
        monkeypatch.setattr(
            "cbir.work.watching._identity", lambda folder: (1, os.path.isdir(folder))
        )
    other = tmp_path / "other"
    draw(other / "a.png", (1, 1, 1))
    engine = follower.drive.engine
    follower.drive(engine.index([str(other)], ["classic"]))
    draw(other / "b.png", (2, 2, 2))
    follower.until(lambda: "b.png" in follower.records())

    shutil.rmtree(other)
    draw(pictures / "c.png", (3, 3, 3))
    follower.until(lambda: "c.png" in follower.records())
    assert not follower.records()["a.png"].missing  # as for a drive that was unplugged

    draw(other / "a.png", (1, 1, 1))  # it is back; a refresh watches it anew
    follower.drive(engine.refresh())
    draw(other / "d.png", (4, 4, 4))
    follower.until(lambda: "d.png" in follower.records())


def test_a_root_that_is_a_link_is_watched_by_its_own_name(
    drive: Driver, follower: Follower, tmp_path: Path
) -> None:
    draw(tmp_path / "real" / "a.png", (1, 1, 1))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    drive(drive.engine.index([str(tmp_path / "link")], ["classic"]))
    draw(tmp_path / "real" / "b.png", (2, 2, 2))
    follower.until(lambda: "b.png" in follower.records())
    assert follower.records()["b.png"].path == str(tmp_path / "link" / "b.png")


def test_a_folder_stays_watched_when_a_second_path_to_it_goes(
    follower: Follower, pictures: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(pictures)
    follower.drive(follower.drive.engine.index([str(link)], ["classic"]))
    assert len(follower.drive(follower.drive.engine.watch()).folders) == 2
    link.unlink()
    assert follower.drive(follower.drive.engine.watch()).folders == (str(pictures),)
    draw(pictures / "new.png", (9, 9, 9))
    follower.until(lambda: "new.png" in follower.records())


def test_watching_ends_when_told(follower: Follower, pictures: Path) -> None:
    engine = follower.drive.engine
    engine.unwatch()
    engine.unwatch()
    draw(pictures / "new.png", (1, 1, 1))
    time.sleep(1.0)
    assert engine.outbox.empty()
    assert follower.drive(engine.watch()).folders == (str(pictures),)
    draw(pictures / "other.png", (1, 1, 1))
    follower.until(lambda: "other.png" in follower.records())


class FakeObserver:
    """Watches nothing; raises ``error`` at the folders named, or when more are asked for."""

    def __init__(self, error: int = 0, at: str = "", most: int = 10) -> None:
        self.error, self.at, self.most = error, at, most
        self.scheduled: list[str] = []

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def schedule(self, handler: Any, path: str, **options: Any) -> str:
        if path == self.at or len(self.scheduled) >= self.most:
            raise OSError(self.error, "inotify watch limit reached")
        self.scheduled.append(path)
        return path

    def unschedule(self, watch: str) -> None:
        self.scheduled.remove(watch)


@pytest.fixture
def watcher_on() -> Iterator[Callable[[FakeObserver], FolderWatcher]]:
    made: list[FolderWatcher] = []

    def make(observer: FakeObserver) -> FolderWatcher:
        def changed(paths: Sequence[str]) -> None: ...

        made.append(FolderWatcher(changed, DEFAULT_WALK, "/none", lambda: observer))  # type: ignore[arg-type, return-value]
        return made[-1]

    yield make
    for watcher in made:
        watcher.stop()


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            errno.ENOSPC,
            "limit of watches is reached: raise it (sudo sysctl fs.inotify.max_user_watches=",
        ),
        (errno.EMFILE, "fs.inotify.max_user_instances"),
        (errno.EACCES, "cannot be kept up to date as it changes (inotify"),
    ],
)
def test_a_folder_that_cannot_be_watched_is_told_with_what_to_do(
    watcher_on: Callable[[FakeObserver], FolderWatcher], tmp_path: Path, number: int, told: str
) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    observer = FakeObserver(number, str(first))
    watcher = watcher_on(observer)
    report = watcher.follow([str(first), str(second), str(tmp_path / "gone")])
    assert report.folders == (str(second),)
    assert list(report.refused) == [str(first)]
    assert told in report.refused[str(first)] and "at each start" in report.refused[str(first)]
    assert watcher.follow([str(first)]) == report  # not tried again and again


def test_a_limit_of_observers_is_told_too(tmp_path: Path) -> None:
    def none_left() -> Any:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    watcher = FolderWatcher(lambda _: None, DEFAULT_WALK, "/none", none_left)
    report = watcher.follow([str(tmp_path)])
    assert "fs.inotify.max_user_instances" in report.refused[str(tmp_path)]
    watcher.stop()


def test_watches_that_do_not_reach_every_folder_are_noticed(
    watcher_on: Callable[[FakeObserver], FolderWatcher], tmp_path: Path
) -> None:
    observer = FakeObserver(errno.ENOSPC, most=1)  # the last one went to the folder itself
    report = watcher_on(observer).follow([str(tmp_path)])
    assert report.folders == () and "max_user_watches" in report.refused[str(tmp_path)]
    assert observer.scheduled == []


def test_only_the_outermost_folder_is_watched(
    watcher_on: Callable[[FakeObserver], FolderWatcher], tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    observer = FakeObserver()
    report = watcher_on(observer).follow([str(tmp_path / "inner"), str(tmp_path)])
    assert report.folders == (str(tmp_path),) and observer.scheduled == [str(tmp_path)]


def test_without_watchdog_the_extra_is_named(
    drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    with pytest.raises(CbirError, match=r"pip install 'cbir\[watch\]'"):
        drive(drive.engine.watch())
