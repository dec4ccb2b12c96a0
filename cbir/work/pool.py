"""Daemon threads that decode pictures, in order and a bounded number ahead.

``concurrent.futures`` joins its threads when the interpreter ends, so that one slow decode would
hold up closing the window; these threads are daemons and hold up nothing.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from cbir.work.messages import Call
from cbir.work.worker import run_call

T = TypeVar("T")
R = TypeVar("R")

_LAST_ONES_SECONDS = 0.1


class DecodePool:
    """A few daemon threads that run functions; results come back in order."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._inbox: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._turn = threading.Condition()
        self._busy = 0
        self._pauses = 0
        for number in range(threads):
            threading.Thread(target=self._work, name=f"cbir-decode-{number}", daemon=True).start()

    def map_ahead(
        self, function: Callable[[T], R], items: Iterable[T], window: Callable[[], int]
    ) -> Iterator[Future[R]]:
        """Futures of ``function(item)`` in the order of ``items``; the caller waits on each.

        At most ``window()`` items, asked each time, are taken ahead of the one handed out, so
        memory is bounded. Those not yet begun are cancelled when the iterator is closed.
        """
        ahead: deque[Future[R]] = deque()
        try:
            for item in items:
                ahead.append(self._submit(function, item))
                while len(ahead) >= window():
                    yield ahead.popleft()
            while ahead:
                yield ahead.popleft()
        finally:
            for future in ahead:
                future.cancel()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, the threads begin nothing new; what they do is awaited, a tenth of a second.

        For a model on the CPU: its threads wait for one another many times a picture, so that
        whoever takes a core from one of them holds up all (measured: 40 ms became 1,800).
        """
        with self._turn:
            self._pauses += 1
            self._turn.wait_for(lambda: not self._busy, _LAST_ONES_SECONDS)
        try:
            yield
        finally:
            with self._turn:
                self._pauses -= 1
                self._turn.notify_all()

    def stop(self) -> None:
        """End the threads after what they are doing. Never waits."""
        for _ in range(self.threads):
            self._inbox.put(None)

    def _submit(self, function: Callable[[T], R], item: T) -> Future[R]:
        future: Future[Any] = Future()
        self._inbox.put(Call(lambda: function(item), future))
        return future

    def _work(self) -> None:
        while (call := self._inbox.get()) is not None:
            with self._turn:
                self._turn.wait_for(lambda: not self._pauses)
                self._busy += 1
            run_call(call)
            del call  # a waiting thread keeps no picture alive
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()
