"""An engine on a library of the test's own, and the small loop that drives it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from cbir.config import Settings
from cbir.encoders import registry as registry_module
from cbir.encoders.registry import Availability
from cbir.work.engine import Engine
from cbir.work.loop import wait_for
from cbir.work.worker import Job
from tests.fakes import ColourEncoder


class Driver:
    """Runs an engine's jobs to their end, as the command line does, keeping every event."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.events: list[Any] = []

    def __call__(self, job: Job) -> Any:
        return wait_for(job, self.engine.outbox, self.events.append)


def close(engine: Engine) -> None:
    """End an engine as the programs do, waiting for its jobs."""
    engine.stop()
    while not engine.idle:
        time.sleep(0.001)
    engine.close()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = Engine(settings)
    yield engine
    close(engine)


@pytest.fixture
def drive(engine: Engine) -> Driver:
    """A driver whose library is open."""
    driver = Driver(engine)
    driver(engine.open())
    return driver


@pytest.fixture
def colour(monkeypatch: pytest.MonkeyPatch) -> ColourEncoder:
    """A fake clip, found by the registry as if its weights were there."""
    encoder = ColourEncoder("clip")
    registry = "cbir.work.models.registry."
    monkeypatch.setattr(registry + "available_spaces", lambda models: ("classic", "clip"))
    monkeypatch.setattr(
        registry + "availability", lambda space, models: Availability(space, True, "")
    )
    monkeypatch.setattr(registry + "preload", lambda space, models: None)
    real = registry_module.open_encoder
    monkeypatch.setattr(
        registry + "open_encoder",
        lambda name, *rest: encoder if name == "clip" else real(name, *rest),
    )
    return encoder
