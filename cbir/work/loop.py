"""Draining the outbox: what the window's poller and the command line's small loop share."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from cbir.work.messages import TERMINAL, Call, Cancelled, Event, Failed, Finished
from cbir.work.worker import Job, JobCancelled, Outbox, run_call

OnEvent = Callable[[Event], None]

_SIGNALS_SECONDS = 0.25


def drain(outbox: Outbox, on_event: OnEvent, seconds: float) -> int:
    """Handle what waits in the outbox, on the main thread, for at most about ``seconds``.

    Calls are run, events handed to ``on_event``; returns how many messages were handled. Bounded,
    so that a flood of messages never starves the window.
    """
    deadline = time.monotonic() + seconds
    handled = 0
    while handled == 0 or time.monotonic() < deadline:
        try:
            message = outbox.get_nowait()
        except queue.Empty:
            break
        handled += 1
        if isinstance(message, Call):
            run_call(message)
        else:
            on_event(message)
    return handled


def wait_for(job: Job, outbox: Outbox, on_event: OnEvent) -> Any:
    """Run the main thread's side of one job until it ends; the command line's loop.

    Returns the job's result. Raises the job's error, or JobCancelled, with what it had done, where
    it was cancelled. Ctrl-C cancels the job and its end is awaited; a second Ctrl-C interrupts.
    """
    with _interrupt_cancels(job):
        while True:
            message = _next(outbox)
            if isinstance(message, Call):
                run_call(message)
                continue
            on_event(message)
            if isinstance(message, TERMINAL) and message.job_id == job.id:
                return _result(message)


def _next(outbox: Outbox) -> Event | Call:
    """The next message, awaited in short turns.

    Python sees to signals between them: a wait without an end hears of no Ctrl-C on Windows, and
    elsewhere of none that came just as the wait began.
    """
    while True:
        with suppress(queue.Empty):
            return outbox.get(timeout=_SIGNALS_SECONDS)


@contextmanager
def _interrupt_cancels(job: Job) -> Iterator[None]:
    """Ctrl-C cancels ``job`` instead of raising, so that no message is lost half-way."""
    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield  # only the main thread may handle signals; a background job's are ignored on purpose
        return

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        job.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _result(ending: Finished | Failed | Cancelled) -> Any:
    if isinstance(ending, Failed):
        raise ending.error
    if isinstance(ending, Cancelled):
        raise JobCancelled(ending.result)
    return ending.result
