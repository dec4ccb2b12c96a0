from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import pytest

from cbir.errors import CbirError
from cbir.work.loop import drain, wait_for
from cbir.work.messages import (
    TERMINAL,
    Call,
    Cancelled,
    Failed,
    Finished,
    LibraryChanged,
    Progress,
    Started,
)
from cbir.work.worker import Job, JobCancelled, JobRun, Outbox, Worker, run_call


@pytest.fixture
def outbox() -> Outbox:
    return queue.Queue()


@pytest.fixture
def worker(outbox: Outbox) -> Any:
    worker = Worker("test", outbox)
    yield worker
    worker.stop()


def events_until_end(outbox: Outbox, job: Job) -> list[Any]:
    events: list[Any] = []
    while not (events and isinstance(events[-1], TERMINAL) and events[-1].job_id == job.id):
        message = outbox.get(timeout=60)
        if isinstance(message, Call):
            run_call(message)
        else:
            events.append(message)
    return events


def test_a_job_starts_reports_and_ends_once(worker: Worker, outbox: Outbox) -> None:
    def task(run: JobRun) -> str:
        run.progress(1, 2, "half")
        run.post(LibraryChanged(7, 3))
        return "done"

    job = worker.submit("Try", task)
    assert events_until_end(outbox, job) == [
        Started(job.id),
        Progress(job.id, 1, 2, "half"),
        LibraryChanged(7, 3),
        Finished(job.id, "done"),
    ]
    assert worker.idle
    assert outbox.empty()


def test_a_user_error_ends_the_job_and_not_the_worker(worker: Worker, outbox: Outbox) -> None:
    error = CbirError("No such folder: choose another one.")

    def task(run: JobRun) -> None:
        raise error

    job = worker.submit("Fail", task)
    assert events_until_end(outbox, job)[-1] == Failed(job.id, error)
    again = worker.submit("Go on", lambda run: 5)
    assert events_until_end(outbox, again)[-1] == Finished(again.id, 5)


def test_a_bug_is_logged_with_its_traceback(
    worker: Worker, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("cbir").propagate = True
    job = worker.submit("Break", lambda run: {}["nothing"])
    ending = events_until_end(outbox, job)[-1]
    assert isinstance(ending, Failed)
    assert isinstance(ending.error, KeyError)
    assert "Traceback" in caplog.text and "Break" in caplog.text


def test_a_queued_job_that_is_cancelled_never_runs(worker: Worker, outbox: Outbox) -> None:
    gate = threading.Event()
    ran = threading.Event()
    first = worker.submit("Hold", lambda run: gate.wait(60))
    second = worker.submit("Never", lambda run: ran.set())
    second.cancel()
    gate.set()
    assert isinstance(events_until_end(outbox, first)[-1], Finished)
    assert events_until_end(outbox, second) == [Cancelled(second.id)]
    assert not ran.is_set()


def test_a_running_job_ends_at_its_next_check_with_what_it_has(
    worker: Worker, outbox: Outbox
) -> None:
    def task(run: JobRun) -> None:
        try:
            while True:
                run.check()
                time.sleep(0.001)
        except JobCancelled:
            raise JobCancelled("two of three") from None

    job = worker.submit("Long", task)
    job.cancel()
    ending = events_until_end(outbox, job)[-1]
    assert ending in (Cancelled(job.id, "two of three"), Cancelled(job.id))


def test_calls_run_on_the_thread_that_drains(worker: Worker, outbox: Outbox) -> None:
    def task(run: JobRun) -> tuple[str, str]:
        return run.call(lambda: threading.current_thread().name), threading.current_thread().name

    job = worker.submit("Call", task)
    ending = events_until_end(outbox, job)[-1]
    assert ending.result == (threading.current_thread().name, "cbir-test")


def test_an_error_in_a_call_is_raised_in_the_job(worker: Worker, outbox: Outbox) -> None:
    def broken() -> None:
        raise CbirError("The model is damaged: download it again.")

    job = worker.submit("Call", lambda run: run.call(broken))
    ending = events_until_end(outbox, job)[-1]
    assert str(ending.error) == "The model is damaged: download it again."


def test_a_timeout_raised_by_a_call_is_not_taken_for_waiting(
    worker: Worker, outbox: Outbox
) -> None:
    def slow() -> None:
        raise TimeoutError("the device did not answer")

    job = worker.submit("Call", lambda run: run.call(slow))
    ending = events_until_end(outbox, job)[-1]
    assert isinstance(ending, Failed) and str(ending.error) == "the device did not answer"


def test_a_job_that_waits_for_a_call_can_be_cancelled(worker: Worker, outbox: Outbox) -> None:
    job = worker.submit("Wait", lambda run: run.call(lambda: 1))
    call = None
    while not isinstance(call, Call):  # taken, and never run
        call = outbox.get(timeout=60)
    job.cancel()
    assert outbox.get(timeout=60) == Cancelled(job.id)
    run_call(call)  # a late main thread finds it cancelled
    assert call.future.cancelled()


def test_stop_cancels_everything_and_every_job_still_ends(outbox: Outbox) -> None:
    worker = Worker("stopping", outbox)

    def patient(run: JobRun) -> None:
        while True:
            run.check()
            time.sleep(0.001)

    jobs = [worker.submit("Patient", patient) for _ in range(3)]
    worker.stop()
    for job in jobs:
        assert isinstance(events_until_end(outbox, job)[-1], Cancelled)


def test_wait_for_returns_the_result_and_raises_the_error(worker: Worker, outbox: Outbox) -> None:
    seen: list[Any] = []
    assert (
        wait_for(worker.submit("Add", lambda run: run.call(lambda: 2) + 1), outbox, seen.append)
        == 3
    )
    assert [type(event) for event in seen] == [Started, Finished]

    def fail(run: JobRun) -> None:
        raise CbirError("It is gone: choose another.")

    with pytest.raises(CbirError, match="It is gone"):
        wait_for(worker.submit("Fail", fail), outbox, seen.append)


def test_wait_for_turns_an_interrupt_into_a_cancelled_job(worker: Worker, outbox: Outbox) -> None:
    import os
    import signal

    def task(run: JobRun) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            while True:
                run.check()
                time.sleep(0.001)
        except JobCancelled:
            raise JobCancelled("kept") from None

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(JobCancelled) as caught:
        wait_for(worker.submit("Interrupted", task), outbox, lambda event: None)
    assert caught.value.result == "kept"
    assert signal.getsignal(signal.SIGINT) is before


def test_drain_is_bounded_and_leaves_the_rest(outbox: Outbox) -> None:
    for number in range(50):
        outbox.put(Progress(1, number, 50))

    def slow(event: Any) -> None:
        time.sleep(0.002)

    handled = drain(outbox, slow, seconds=0.01)
    assert 1 <= handled < 50
    assert outbox.qsize() == 50 - handled
    assert drain(queue.Queue(), slow, seconds=1) == 0


def test_a_call_that_is_done_just_as_waiting_ends_gives_its_result(outbox: Outbox) -> None:
    class LateFuture(Future[int]):
        def result(self, timeout: float | None = None) -> int:
            if not self.done():
                self.set_result(7)  # between the end of waiting and the next look
                raise FutureTimeout
            return super().result(timeout)

    assert JobRun(Job("Late"), outbox).wait(LateFuture()) == 7


def test_cancelling_one_job_leaves_what_others_wait_for(worker: Worker, outbox: Outbox) -> None:
    shared: Future[str] = Future()
    job = worker.submit("Wait", lambda run: run.wait(shared))
    assert isinstance(outbox.get(timeout=60), Started)
    job.cancel()
    assert outbox.get(timeout=60) == Cancelled(job.id)
    shared.set_result("still wanted")
    other = worker.submit("Wait too", lambda run: run.wait(shared))
    assert events_until_end(outbox, other)[-1] == Finished(other.id, "still wanted")


def test_a_job_submitted_after_stop_ends_at_once(worker: Worker, outbox: Outbox) -> None:
    worker.stop()
    late = worker.submit("Late", lambda run: None)
    assert outbox.get(timeout=60) == Cancelled(late.id)
    assert worker.idle


def test_stop_lets_what_is_to_keep_be_done_first(outbox: Outbox) -> None:
    worker = Worker("keeping", outbox)
    gate = threading.Event()
    first = worker.submit("Hold", lambda run: gate.wait(60))
    assert isinstance(outbox.get(timeout=60), Started)
    edit = worker.submit("Edit", lambda run: "written", keep=True)
    search = worker.submit("Search", lambda run: "found")
    worker.stop()
    assert worker.keeping
    gate.set()
    assert isinstance(events_until_end(outbox, first)[-1], Finished)
    assert events_until_end(outbox, edit)[-1] == Finished(edit.id, "written")
    assert events_until_end(outbox, search) == [Cancelled(search.id)]
    assert worker.idle and not worker.keeping
