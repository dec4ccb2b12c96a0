"""Polling: events and Calls reach the main thread, whatever one of them does."""

from __future__ import annotations

import queue
import tkinter
from concurrent.futures import Future
from typing import Any

import ttkbootstrap as ttk

from cbir.ui.poller import IDLE_MS, Poller
from cbir.ui.widgets.throttle import Delay, Throttle
from cbir.work.messages import Call, Event, Started
from cbir.work.worker import Outbox
from tests.ui.conftest import WaitUntil


def make(root: ttk.App, on_event: Any, **options: Any) -> tuple[Poller, Outbox]:
    outbox: Outbox = queue.Queue()
    return Poller(root, outbox, on_event, busy=lambda: True, **options), outbox


def test_events_and_calls_are_handled(root: ttk.App, wait_until: WaitUntil) -> None:
    heard: list[Event] = []
    poller, outbox = make(root, heard.append)
    future: Future[int] = Future()
    outbox.put(Started(1))
    outbox.put(Call(lambda: 42, future))
    poller.start()
    poller.start()
    wait_until(future.done)
    assert future.result() == 42
    assert heard == [Started(1)]
    poller.stop()


def test_an_error_in_one_event_does_not_silence_the_next(
    root: ttk.App, wait_until: WaitUntil
) -> None:
    heard: list[Event] = []
    errors: list[Any] = []
    root.report_callback_exception = lambda *error: errors.append(error)  # type: ignore[assignment]

    def on_event(event: Event) -> None:
        if event == Started(1):
            raise ValueError("no")
        heard.append(event)

    poller, outbox = make(root, on_event)
    poller.start()
    outbox.put(Started(1))
    outbox.put(Started(2))
    wait_until(lambda: heard)
    assert len(errors) == 1
    poller.stop()


def test_nothing_is_handled_after_stop(root: ttk.App) -> None:
    heard: list[Event] = []
    ticks: list[int] = []
    poller, outbox = make(root, heard.append, each_tick=lambda: ticks.append(1))
    poller.start()
    poller.stop()
    poller.stop()
    outbox.put(Started(1))
    root.after(60, lambda: ticks.append(2))
    while 2 not in ticks:
        root.update()
    assert heard == []
    assert ticks == [2]


def test_an_answer_that_is_waited_for_is_looked_for_at_once(root: ttk.App) -> None:
    heard: list[Event] = []
    outbox: Outbox = queue.Queue()
    poller = Poller(root, outbox, heard.append, busy=lambda: False)
    order: list[str] = []
    poller.start()
    root.update()  # idle from now on, for 60 ms
    outbox.put(Started(1))
    root.after(IDLE_MS // 2, lambda: order.append("in time" if heard else "late"))
    poller.hurry()
    while not order:
        root.update()
    assert order == ["in time"]
    poller.stop()
    poller.hurry()  # after the end it changes nothing
    outbox.put(Started(2))
    root.after(IDLE_MS // 2, lambda: order.append("later"))
    while len(order) < 2:
        root.update()
    assert heard == [Started(1)]


def test_throttled_calls_come_once_for_many_wishes(root: ttk.App, wait_until: WaitUntil) -> None:
    calls: list[int] = []
    throttle = Throttle(root, 50, lambda: calls.append(1))
    for _ in range(20):
        throttle.poke()
    assert throttle.waiting
    wait_until(lambda: calls)
    for _ in range(20):
        throttle.poke()
    root.update()
    assert len(calls) == 1
    wait_until(lambda: len(calls) == 2)
    throttle.poke()
    throttle.now()
    assert len(calls) == 3
    assert not throttle.waiting
    throttle.poke()
    throttle.cancel()
    assert not throttle.waiting


def test_a_delayed_call_is_the_newest_one(root: ttk.App, wait_until: WaitUntil) -> None:
    calls: list[str] = []
    delay = Delay(root, 20)
    delay.call(lambda: calls.append("older"))
    delay.call(lambda: calls.append("newer"))
    assert delay.waiting and not calls
    wait_until(lambda: calls)
    assert calls == ["newer"] and not delay.waiting


def test_a_poller_outlives_its_root_in_peace(root: ttk.App) -> None:
    poller, _ = make(root, lambda _event: None)
    poller.start()
    root.destroy()
    poller.stop()
    try:
        alive = bool(root.winfo_exists())
    except tkinter.TclError:
        alive = False
    assert not alive
