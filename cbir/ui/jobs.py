"""Who asked for what: each job of the engine, with what the window does when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cbir.work.messages import TERMINAL, Cancelled, Failed, Finished, Progress, Started
from cbir.work.worker import Job

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
    progressed: Callable[[Progress], None]
    shown: bool
    progress: Progress | None = None
    since: float = field(default_factory=time.monotonic)


def _ignore(_: Any) -> None:
    """For those who need no word of it."""


class JobBook:
    """Jobs by their id. What a job says goes to those who asked for it; dropped jobs say nothing.

    ``failed`` is called for errors that a job has no handler of its own for.
    """

    def __init__(self, failed: OnError, changed: Callable[[], None] = lambda: None) -> None:
        self._failed = failed
        self._changed = changed
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
        progressed: Callable[[Progress], None] = _ignore,
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
            entry.progress = event
            entry.progressed(event)
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
