"""One command's engine and the main thread's side of its jobs: the command line's small loop."""

from __future__ import annotations

import os
import queue
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cbir.cli.output import complain
from cbir.cli.progress import ProgressLine, stderr_progress
from cbir.config import Settings
from cbir.errors import CbirError, LibraryReadOnly
from cbir.library import Library
from cbir.library.loading import is_there
from cbir.work.engine import Engine
from cbir.work.loop import wait_for
from cbir.work.messages import Call, Event, FilesChanged
from cbir.work.worker import Job, JobCancelled

_POLL_SECONDS = 0.05
_WRITER_SECONDS = 2.0  # a short command waits for another short one
_FOLD_SECONDS = 1.5  # a fold that a command brought about may end, if it is quick
_END_SECONDS = 0.5
_LISTEN_SECONDS = 1.0


class Session:
    """What a command asks of the engine, one job at a time, with progress on stderr."""

    def __init__(self, engine: Engine, progress: ProgressLine, writes: bool) -> None:
        self.engine = engine
        self._progress = progress
        self._writes = writes
        self._library: Library | None = None
        self._changed: deque[FilesChanged] = deque()

    def open(self, *, needed: bool = False) -> Library:
        """Open the library; every other job but verifying, evaluating and downloading needs it.

        One that is not there, perhaps by a wrong name, is made where the command writes; else it is
        told of, and is empty. Where it is ``needed``, CbirError is raised instead. Raises
        LibraryReadOnly where the command writes and another process does so already, and what
        ``Library.open`` raises.
        """
        self._look_for_library(needed)
        library: Library = self.wait(self.engine.open(), more=True)
        if library.notice:
            complain(library.notice)
        if self._writes and library.read_only:
            raise LibraryReadOnly(library.read_only_reason)
        self._library = library
        return library

    def _look_for_library(self, needed: bool) -> None:
        path = self.engine.settings.library
        if is_there(Path(os.path.realpath(path))):
            return
        told = f"There is no library {path}: `cbir index FOLDER` makes it."
        if needed:
            raise CbirError(told)
        if not self._writes:
            complain(told)

    def fold_if_overdue(self) -> None:
        """Fold the journal where that was due before this command: a short one has not the time.

        Ctrl-C leaves it for the next command.
        """
        if self._library is not None and self._library.fold_overdue:
            complain("Folding the journal into the library file, which is due …")
            with suppress(JobCancelled):  # what was asked for is done
                self.wait(self.engine.fold())

    def wait(self, job: Job, *, more: bool = False) -> Any:
        """The job's result; raises its error, or JobCancelled after Ctrl-C.

        With ``more`` to follow, also where Ctrl-C came too late for this job itself.
        """
        try:
            result = wait_for(job, self.engine.outbox, self._on_event)
        finally:
            self._progress.clear()
        if more and job.cancelled:
            raise JobCancelled
        return result

    def next_change(self) -> tuple[str, ...]:
        """Wait until files of the watched folders change; their paths.

        Raises KeyboardInterrupt after Ctrl-C.
        """
        while not self._changed:
            with suppress(
                queue.Empty
            ):  # a wait with an end: some systems let no signal into others
                message = self.engine.outbox.get(timeout=_LISTEN_SECONDS)
                if not isinstance(message, Call):
                    self._on_event(message)
        return self._changed.popleft().paths

    def _on_event(self, event: Event) -> None:
        if isinstance(event, FilesChanged):
            self._changed.append(event)
        else:
            self._progress.on_event(event)


@contextmanager
def session(settings: Settings, *, writes: bool = False) -> Iterator[Session]:
    """An engine for one command, stopped and closed behind it.

    ``writes`` False never creates or changes a file.
    """
    engine = Engine(
        settings,
        read_only=not writes,
        patience=_WRITER_SECONDS,
        tends=False,
    )
    opened = Session(engine, stderr_progress(settings.verbose), writes)
    try:
        yield opened
        opened.fold_if_overdue()
    except KeyboardInterrupt:
        engine.stop()  # the second Ctrl-C: do not wait for what still runs
        raise
    except BaseException:
        _finish(engine)
        raise
    else:
        _wait_idle(engine, _FOLD_SECONDS)
        _finish(engine)


def _finish(engine: Engine) -> None:
    """Stop, wait a little for what is half-way, and let go of the library.

    A fold of the journal that takes longer is dropped, and done the next time.
    """
    engine.stop()
    if _wait_idle(engine, _END_SECONDS):
        engine.close()


def _wait_idle(engine: Engine, seconds: float) -> bool:
    """Whether every job ended in time."""
    deadline = time.monotonic() + seconds
    while not engine.idle:
        if time.monotonic() > deadline:
            return False
        try:
            message = engine.outbox.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            continue
        if isinstance(message, Call):
            message.future.cancel()
    return True
