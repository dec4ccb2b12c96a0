"""Who asked for what: each job of the engine, with what the window does when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cbir.work.messages import TERMINAL, Cancelled, Failed, Finished, Progress, Started
from cbir.work.pace import Pace, Rate
from cbir.work.worker import Job

OnProgress = Callable[[Progress, "Rate | None"], None]
OnResult = Callable[[Any], None]
OnError = Callable[[BaseException], None]
JobEvent = Started | Progress | Finished | Failed | Cancelled


@dataclass(slots=True)
class Watched:
    """A job that is not over.

    ``shown``: the status bar tells of it; ``progress`` is the latest, ``since`` when it was asked
    for (``time.monotonic``).
    """

    job: Job
    title: str
    done: OnResult
    failed: OnError
    cancelled: OnResult
    progressed: OnProgress
    shown: bool
    progress: Progress | None = None
    since: float = field(default_factory=time.monotonic)
    pace: Pace = field(default_factory=Pace)

    @property
    def rate(self) -> Rate | None:
        """How fast it goes now, once that can be told."""
        return self.pace.rate(time.monotonic())

    def hear(self, progress: Progress) -> None:
        """Note how far the job is, and tell who wants to know."""
        self.progress = progress
        self.pace.feed(progress.done, progress.total, time.monotonic())
        self.progressed(progress, self.rate)


def _ignore(*_: Any) -> None:
    """For those who need no word of it."""


class JobBook:
    """Jobs by their id. What a job says goes to those who asked for it; dropped jobs say nothing.

    ``failed`` is called for errors that a job has no handler of its own for, ``began`` when another
    job is watched.
    """

    def __init__(
        self,
        failed: OnError,
        changed: Callable[[], None] = lambda: None,
        began: Callable[[], None] = lambda: None,
    ) -> None:
        self._failed = failed
        self._changed = changed
        self._began = began
        self._watched: dict[int, Watched] = {}
        self._dropped: set[int] = set()

    def watch(
        self,
        job: Job,
        done: OnResult = _ignore,
        *,
        title: str = "",
        failed: OnError | None = None,
        cancelled: OnResult = _ignore,
        progressed: OnProgress = _ignore,
        shown: bool = False,
    ) -> Job:
        """Follow ``job`` to its end: one of ``done``, ``failed``, ``cancelled`` is called, once."""
        entry = Watched(
            job,
            title or job.title,
            done,
            failed or self._failed,
            cancelled,
            progressed,
            shown,
        )
        self._watched[job.id] = entry
        self._changed()
        self._began()
        return job

    def drop(self, job: Job | None) -> None:
        """Cancel ``job`` and hear no more of it."""
        if job is not None and self._watched.pop(job.id, None) is not None:
            self._dropped.add(job.id)
            job.cancel()
            self._changed()

    def handle(self, event: JobEvent) -> None:
        """Hand an event to those who asked for its job.

        Dropped jobs say nothing. Where a job that the engine began by itself fails, the window's
        own handler is told.
        """
        entry = self._watched.get(event.job_id)
        if entry is None:
            self._handle_unwatched(event)
        elif isinstance(event, Progress):
            entry.hear(event)
        elif isinstance(event, TERMINAL):
            del self._watched[event.job_id]
            self._end(entry, event)
        self._changed()

    def _handle_unwatched(self, event: JobEvent) -> None:
        dropped = event.job_id in self._dropped
        if isinstance(event, TERMINAL):
            self._dropped.discard(event.job_id)
        if isinstance(event, Failed) and not dropped:
            self._failed(event.error)

    @staticmethod
    def _end(entry: Watched, event: Finished | Failed | Cancelled) -> None:
        if isinstance(event, Finished):
            entry.done(event.result)
        elif isinstance(event, Failed):
            entry.failed(event.error)
        else:
            entry.cancelled(event.result)

    @property
    def busy(self) -> bool:
        """Whether any job is not over."""
        return bool(self._watched or self._dropped)

    @property
    def shown(self) -> list[Watched]:
        """The jobs that the status bar tells of, oldest first."""
        return [entry for entry in self._watched.values() if entry.shown]

    @property
    def percent(self) -> int | None:
        """How much is done of the first of these jobs that can tell; None where none can."""
        for entry in self.shown:
            if entry.progress is not None and entry.progress.total:
                return 100 * entry.progress.done // entry.progress.total
        return None
