"""What one picture costs in each part of indexing, and how much of the computer the job uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from cbir.bench.timing import timed
from cbir.config import Settings
from cbir.encoders.base import Encoder
from cbir.errors import CbirError
from cbir.images import load_image
from cbir.work.engine import Engine
from cbir.work.indexing import IndexReport
from cbir.work.loop import wait_for
from cbir.work.models import Models

CORES = os.cpu_count() or 1

_SAMPLE = 64


@dataclass(frozen=True, slots=True)
class Speed:
    """Indexing in some spaces.

    ``core_ms`` is what one picture costs in each part of the work, in milliseconds of one core;
    ``limit`` what all cores could do at most, cores ÷ their sum; ``share`` is
    ``images_per_second`` ÷ ``limit``, both of the same round.
    """

    images_per_second: float
    limit: float
    share: float
    core_ms: Mapping[str, float]
    precision: Mapping[str, str]

    @staticmethod
    def median(rounds: Sequence[Speed]) -> Speed:
        """The round with the median share."""
        return sorted(rounds, key=lambda each: each.share)[len(rounds) // 2]


class Job:
    """Indexes folders as the terminal does, with one set of loaded models."""

    def __init__(self, settings: Settings, sample: Sequence[str]) -> None:
        self._settings = settings
        self._sample = sample[:_SAMPLE]
        self._models = Models(settings.models, settings.device, settings.precision)
        self._libraries = 0

    def index(self, folder: Path, spaces: Sequence[str]) -> IndexReport:
        """Index ``folder`` into a new library.

        Raises CbirError where pictures cannot be read: they would be counted for nothing.
        """
        self._libraries += 1
        library = self._settings.home / f"speed-{self._libraries}.npz"
        report = self.refresh(library, folder, spaces)
        if report.skipped:
            bad = report.skipped[0]
            raise CbirError(
                f"{len(report.skipped):,} of the pictures cannot be read, such as {bad.path} "
                f"({bad.reason}): name a folder of whole ones."
            )
        return report

    def refresh(self, library: Path, folder: Path, spaces: Sequence[str]) -> IndexReport:
        """Index ``folder`` into ``library``, whatever that knows already."""
        with _engine(replace(self._settings, library=library), self._models) as engine:
            job = engine.index([str(folder)], spaces)
            report: IndexReport = wait_for(job, engine.outbox, lambda event: None)
        return report

    def speed(self, folder: Path, spaces: Sequence[str]) -> Speed:
        """Index ``folder``, between two looks at what its parts cost alone."""
        before = self._costs(spaces)
        report = self.index(folder, spaces)
        after = self._costs(spaces)
        costs = {part: 500 * (before[part] + after[part]) for part in before}
        limit = 1000 * CORES / sum(costs.values())
        rate = report.images_per_second
        precision = {space: self._models.loaded(space).precision for space in spaces}
        return Speed(rate, limit, rate / limit, costs, precision)

    def _costs(self, spaces: Sequence[str]) -> dict[str, float]:
        """Core-seconds of one picture in each part of the work."""
        images, decode = timed(lambda: [load_image(path).image for path in self._sample])
        costs = {"decode": decode / len(images)}
        for space in spaces:
            encoder = self._models.loaded(space)
            prepare, model = _encoder_seconds(encoder, images)
            costs[f"prepare {space}"] = prepare / len(images)
            costs[f"model {space}"] = model / len(images)
        return costs


def _encoder_seconds(encoder: Encoder, images: Sequence[Image.Image]) -> tuple[float, float]:
    """Core-seconds to prepare the images, on one core, and to run the model, on all it takes."""
    ready, prepare = timed(lambda: [encoder.prepare(image) for image in images])
    size = encoder.largest_batch
    batches = [ready[start : start + size] for start in range(0, len(ready), size)]
    model = timed(lambda: [encoder.encode_prepared(batch) for batch in batches])[1]
    return prepare, model * (CORES if encoder.on_main_thread else 1)


@contextmanager
def _engine(settings: Settings, models: Models) -> Iterator[Engine]:
    engine = Engine(settings, models=models, tends=False)
    try:
        wait_for(engine.open(), engine.outbox, lambda event: None)
        yield engine
    finally:
        engine.stop()
        while not engine.idle:
            engine.outbox.get()
        engine.close()
