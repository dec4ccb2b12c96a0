"""A daemon thread that runs jobs one after another and reports on each through the outbox."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from cbir.errors import CbirError
from cbir.work.messages import (
    Call,
    Cancelled,
    Event,
    Failed,
    Finished,
    Message,
    Progress,
    Started,
    Unit,
)

T = TypeVar("T")
Outbox = queue.Queue[Message]

_POLL_SECONDS = 0.05
_ids = itertools.count(1)
_log = logging.getLogger(__name__)


class JobCancelled(Exception):
    """Raised inside a job to end it early; ``result`` is what it had done by then."""

    def __init__(self, result: Any = None) -> None:
        super().__init__("cancelled")
        self.result = result


class Job:
    """A handle on something asked of a worker; both sides hold it.

    One to ``keep`` is a user's own change: stopping the worker lets it be done first.
    """

    def __init__(self, title: str, *, keep: bool = False) -> None:
        self.id = next(_ids)
        self.title = title
        self.keep = keep
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the job to end; any thread may. It still ends in one terminal event."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._cancelled.is_set()


class JobRun:
    """A running job's view of the world, on its worker's thread: report, ask the main thread."""

    def __init__(self, job: Job, outbox: Outbox) -> None:
        self.job = job
        self._outbox = outbox

    def check(self) -> None:
        """Raise JobCancelled where the job was asked to end."""
        if self.job.cancelled:
            raise JobCancelled

    def progress(
        self,
        done: int,
        total: int | None,
        note: str = "",
        skipped: int = 0,
        unit: Unit = "images",
    ) -> None:
        """Tell how far the job is."""
        self._outbox.put(Progress(self.job.id, done, total, note, skipped, unit))

    def post(self, event: Event) -> None:
        """Tell the main thread of anything else."""
        self._outbox.put(event)

    def call(self, function: Callable[[], T]) -> T:
        """Run ``function`` on the main thread and wait for its result.

        Raises what the function raised, or JobCancelled where the job was asked to end meanwhile.
        """
        future: Future[T] = Future()
        self._outbox.put(Call(function, future))
        try:
            return self.wait(future)
        except JobCancelled:
            future.cancel()  # where it has not begun yet, it need not
            raise

    def wait(self, future: Future[T], meanwhile: Callable[[], None] = lambda: None) -> T:
        """The result of a future that another thread sets; JobCancelled where asked to end.

        ``meanwhile`` is called every 50 ms, for what must not wait as long.
        """
        while True:
            try:
                return future.result(timeout=_POLL_SECONDS)
            except FutureTimeout:
                if future.done():  # just now, or it was the function that timed out
                    return future.result()
                if self.job.cancelled:
                    raise JobCancelled from None
            meanwhile()


Task = Callable[[JobRun], Any]


class Worker:
    """One daemon thread with an inbox of jobs; the outbox is shared by all workers."""

    def __init__(self, name: str, outbox: Outbox) -> None:
        self.name = name
        self._outbox = outbox
        self._inbox: queue.Queue[tuple[Job, Task] | None] = queue.Queue()
        self._unfinished: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name=f"cbir-{name}", daemon=True)
        self._thread.start()

    def submit(self, title: str, task: Task, *, keep: bool = False) -> Job:
        """Queue ``task``; it gets a JobRun and its return value ends up in ``Finished``.

        After ``stop`` it never runs: the job ends in ``Cancelled`` at once.
        """
        job = Job(title, keep=keep)
        with self._lock:
            if not self._stopping:
                self._unfinished[job.id] = job
                self._inbox.put((job, task))
                return job
        job.cancel()
        self._outbox.put(Cancelled(job.id))
        return job

    def stop(self) -> None:
        """Cancel all jobs but those to keep, and end the thread after them. Never waits."""
        with self._lock:
            self._stopping = True
            for job in self._unfinished.values():
                if not job.keep:
                    job.cancel()
            self._inbox.put(None)

    @property
    def idle(self) -> bool:
        """Whether every job has ended."""
        with self._lock:
            return not self._unfinished

    @property
    def keeping(self) -> bool:
        """Whether a job to keep has not ended yet."""
        with self._lock:
            return any(job.keep for job in self._unfinished.values())

    def _work(self) -> None:
        while (item := self._inbox.get()) is not None:
            job, task = item
            ending = _run(job, task, self._outbox)
            with self._lock:
                del self._unfinished[job.id]
            self._outbox.put(ending)
            del item, job, task, ending  # keep nothing alive while waiting for the next job


def _run(job: Job, task: Task, outbox: Outbox) -> Finished | Failed | Cancelled:
    """Run one job to its terminal event, whatever happens in it."""
    if job.cancelled:
        return Cancelled(job.id)
    outbox.put(Started(job.id))
    try:
        return Finished(job.id, task(JobRun(job, outbox)))
    except JobCancelled as cancelled:
        return Cancelled(job.id, cancelled.result)
    except CbirError as error:
        _log.debug("%s: %s", job.title, error)
        return Failed(job.id, error)
    except BaseException as error:  # noqa: BLE001 - a worker outlives any fault in a job
        _log.exception("unexpected error in the job %r", job.title)
        return Failed(job.id, error)


def run_call(call: Call) -> None:
    """Run a Call on the calling (main) thread; its outcome, error included, goes to the caller."""
    if not call.future.set_running_or_notify_cancel():
        return
    try:
        result = call.function()
    except Exception as error:  # noqa: BLE001 - it is raised again where the call was made
        outcome = _settle(call.future.set_exception, error)
    else:
        outcome = _settle(call.future.set_result, result)
    if not outcome:
        _log.info("a call's caller had gone")


def _settle(setter: Callable[[Any], None], value: Any) -> bool:
    try:
        setter(value)
    except InvalidStateError:
        return False
    return True
