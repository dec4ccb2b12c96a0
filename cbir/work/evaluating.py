"""The evaluation job: folder names as labels, leave-one-out precision@10 and mAP."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cbir.encoders.base import Encoder
from cbir.errors import CbirError, UnreadableImage
from cbir.images import FoundFile, Loaded, find_images, load_image
from cbir.language import _
from cbir.library.evaluation import Evaluation, leave_one_out
from cbir.records import Float32Array, Int64Array, Metric, SkippedFile
from cbir.work.models import Models
from cbir.work.pool import DecodePool
from cbir.work.worker import JobRun

_BATCH = 16


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Evaluations of each space under each metric, on ``images`` pictures of ``classes``."""

    folder: str
    grey: bool
    images: int
    classes: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    results: tuple[tuple[str, Evaluation], ...]


@dataclass(slots=True)
class Evaluator:
    """What an evaluation job works with; ``grey`` takes the colour out of every picture.

    ``load`` decodes one.
    """

    run: JobRun
    models: Models
    pool: DecodePool
    grey: bool = False
    load: Callable[[str], Loaded] = load_image
    _bad: dict[str, SkippedFile] = field(default_factory=dict)

    def evaluate(
        self, folder: str, spaces: Sequence[str], metrics: Sequence[Metric]
    ) -> EvaluationReport:
        """Evaluate spaces on a folder whose subfolders are classes.

        Raises CbirError where the folder has no two classes with two pictures in one of them.
        """
        folder = os.path.abspath(folder)
        labelled, names = _labelled_files(folder)
        results: list[tuple[str, Evaluation]] = []
        for space in spaces:
            encoder = self.models.get_for_many(self.run, space)
            vectors, labels = self._embed(encoder, labelled)
            for metric in metrics:
                self.run.check()
                results.append((space, leave_one_out(vectors, labels, metric)))
        images = len(labelled) - len(self._bad)
        bad = tuple(self._bad.values())
        return EvaluationReport(folder, self.grey, images, names, bad, tuple(results))

    def _embed(
        self, encoder: Encoder, labelled: Sequence[tuple[FoundFile, int]]
    ) -> tuple[Float32Array, Int64Array]:
        """Vectors (n, 512) and labels (n,) of the pictures that can be read."""
        vectors: list[Float32Array] = []
        labels: list[int] = []
        batch: list[NDArray[np.generic]] = []
        prepare = partial(self._prepare, encoder)
        files = [found for found, _ in labelled]
        futures = self.pool.map_ahead(prepare, files, lambda: 2 * _BATCH)
        for number, ((found, label), future) in enumerate(zip(labelled, futures, strict=True), 1):
            self.run.check()
            try:
                batch.append(self.run.wait(future))
                labels.append(label)
            except UnreadableImage as error:
                bad = SkippedFile(found.path, found.size, found.mtime_ns, error.reason)
                self._bad[found.path] = bad
            if len(batch) == _BATCH or (batch and number == len(labelled)):
                vectors.append(self.models.encode(self.run, encoder, batch))
                batch = []
            self.run.progress(number, len(labelled), encoder.name, len(self._bad))
        if len(labels) == len(set(labels)):
            raise CbirError(
                _(
                    "Only {count} of the pictures could be read, no two of one class: there is "
                    "nothing to evaluate."
                ).format(count=len(labels))
            )
        return np.concatenate(vectors), np.array(labels, dtype=np.int64)

    def _prepare(self, encoder: Encoder, found: FoundFile) -> NDArray[np.generic]:
        image = self.load(found.path).image
        return encoder.prepare(image.convert("L").convert("RGB") if self.grey else image)


def _labelled_files(folder: str) -> tuple[list[tuple[FoundFile, int]], tuple[str, ...]]:
    """The pictures below ``folder``'s subfolders with their class's number, and the class names."""
    walk = find_images([folder], cross_file_systems=True)  # classes may be links to anywhere
    files = [found for found in walk if isinstance(found, FoundFile)]
    labelled = [(found, name) for found in files if (name := _class_name(found.path, folder))]
    names = tuple(sorted({name for _, name in labelled}))
    if len(names) < 2 or len(labelled) == len(names):
        raise CbirError(
            _("{folder} needs at least two subfolders of pictures, one subfolder a class.").format(
                folder=folder
            )
        )
    numbers = {name: number for number, name in enumerate(names)}
    return [(found, numbers[name]) for found, name in labelled], names


def _class_name(path: str, folder: str) -> str:
    """The first folder below ``folder`` on the way to ``path``; empty for files beside them."""
    return os.path.dirname(os.path.relpath(path, folder)).partition(os.sep)[0]
