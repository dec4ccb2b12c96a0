from __future__ import annotations

import queue
from collections.abc import Callable
from typing import TypeVar

import pytest

from cbir.work.messages import Progress
from cbir.work.models import Models
from cbir.work.worker import Job, JobRun, Outbox

T = TypeVar("T")


class _Run(JobRun):
    """A job whose Calls run at once."""

    def call(self, function: Callable[[], T]) -> T:
        return function()


@pytest.mark.usefixtures("colour")
def test_that_a_model_is_loaded_is_told_while_it_is_waited_for() -> None:
    outbox: Outbox = queue.Queue()
    run = _Run(Job("Search"), outbox)
    models = Models(None, "cpu")
    models.get(run, "classic")  # it has no weights
    assert outbox.empty()
    models.get(run, "clip")
    told = [outbox.get(), outbox.get()]
    assert [event.note for event in told if isinstance(event, Progress)] == ["loading CLIP", ""]
    models.get(run, "clip")
    assert outbox.empty()
