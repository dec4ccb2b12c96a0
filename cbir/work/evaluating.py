"""The evaluation job: folder names or tags as labels, leave-one-out precision@k and mAP."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cbir.encoders.base import Encoder
from cbir.errors import CbirError, UnreadableImage
from cbir.images import Loaded, load_image, stat_file
from cbir.language import _
from cbir.library import Library
from cbir.library.confusion import Confusion
from cbir.library.evaluation import Evaluation, leave_one_out
from cbir.records import METRICS, RECALL, Float32Array, Method, Metric, Record, SkippedFile
from cbir.work.labelling import (
    LabelKind,
    Labelled,
    common_folder,
    knows,
    members_of,
    names_of,
    pictures_in_library,
    pictures_on_disk,
)
from cbir.work.models import Models
from cbir.work.pool import DecodePool
from cbir.work.query_vectors import check_fingerprint
from cbir.work.worker import JobRun

__all__ = [
    "METHODS",
    "Confusion",
    "Evaluation",
    "EvaluationReport",
    "EvaluationRequest",
    "Evaluator",
    "SpaceEvaluation",
    "common_folder",
]

METHODS: tuple[Method, ...] = ("exact", "lsh")
_BATCH = 16


MOST_HITS = 1000
"""Of so many hits, at most, it can be asked how many are right."""


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What is to be evaluated on the pictures of ``folder`` ("": all of the library).

    ``spaces`` None means all whose weights are here. ``grey`` takes the colour out of every picture
    first. ``from_library``: pictures and vectors are the library's where it has pictures there.
    """

    folder: str
    spaces: tuple[str, ...] | None = None
    metrics: tuple[Metric, ...] = METRICS
    methods: tuple[Method, ...] = METHODS
    k: int = 10
    labels: LabelKind = "folders"
    grey: bool = False
    from_library: bool = False


@dataclass(frozen=True, slots=True)
class SpaceEvaluation:
    """Figures of one space; the rows that its confusions' examples name are of ``pictures``."""

    space: str
    figures: Evaluation
    pictures: tuple[Labelled, ...]

    def examples(self, confusion: Confusion) -> list[tuple[str, str]]:
        """The paths of queries and of wrong hits, a pair each."""
        return [(self.pictures[a].path, self.pictures[b].path) for a, b in confusion.examples]

    def records(self, confusion: Confusion) -> list[tuple[Record, Record]]:
        """The same as records, as far as the pictures are the library's."""
        found = [(self.pictures[a].record, self.pictures[b].record) for a, b in confusion.examples]
        return [(a, b) for a, b in found if a is not None and b is not None]


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Evaluations of each space under each metric and method, on pictures of ``classes``.

    ``images`` pictures have labels and can be read; confusions count labels as in ``classes``. LSH
    aimed at ``recall``, the share of the true nearest that it is to find.
    """

    folder: str
    grey: bool
    images: int
    classes: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    results: tuple[SpaceEvaluation, ...]
    labels: LabelKind = "folders"
    recall: float = RECALL

    def target(self, result: SpaceEvaluation) -> float | None:
        """The recall that a result's searches aimed at; None where they compare everything."""
        return self.recall if result.figures.method == "lsh" else None

    @property
    def in_library(self) -> bool:
        """Whether any of the pictures is the library's."""
        return any(one.record is not None for result in self.results for one in result.pictures)


@dataclass(slots=True)
class Evaluator:
    """What an evaluation job works with; ``load`` decodes a picture.

    ``library`` is None where none is wanted: then labels are folders, and all pictures embedded.
    LSH aims at ``recall``, as searches do.
    """

    run: JobRun
    models: Models
    pool: DecodePool
    library: Library | None = None
    load: Callable[[str], Loaded] = load_image
    recall: float = RECALL
    _bad: dict[str, SkippedFile] = field(default_factory=dict)

    def evaluate(self, request: EvaluationRequest) -> EvaluationReport:
        """Evaluate; raises CbirError where there are too few labels, or what is needed is missing.

        Tags need a library.
        """
        folder = os.path.abspath(request.folder) if request.folder else ""
        pictures = self._pictures(folder, request)
        names = names_of(pictures)
        results: list[SpaceEvaluation] = []
        for space in request.spaces or self.models.available():
            usable, vectors = self._vectors(space, pictures, request)
            members = members_of(usable, names)
            if not members.with_company().size:
                raise CbirError(_too_few(len(usable)))
            for metric in request.metrics:
                for method in request.methods:
                    told = partial(self._tell, f"{space} · {metric} · {method}")
                    figures = leave_one_out(
                        vectors, members, metric, request.k, method, self.recall, told
                    )
                    results.append(SpaceEvaluation(space, figures, usable))
        images, bad = len(pictures) - len(self._bad), tuple(self._bad.values())
        if not folder and self.library is not None:
            folder = common_folder(self.library)
        return EvaluationReport(
            folder, request.grey, images, names, bad, tuple(results), request.labels, self.recall
        )

    def _tell(self, note: str, done: int, total: int) -> None:
        self.run.check()
        self.run.progress(done, total, note, len(self._bad))

    def _pictures(self, folder: str, request: EvaluationRequest) -> list[Labelled]:
        library = self.library
        if library is None or (request.labels == "folders" and not request.from_library):
            return pictures_on_disk(folder)
        if request.labels == "tags" or not folder or knows(library, folder):
            return pictures_in_library(library, folder, request.labels)
        return pictures_on_disk(folder)

    # -- vectors ----------------------------------------------------------------------------------

    def _vectors(
        self, space: str, pictures: Sequence[Labelled], request: EvaluationRequest
    ) -> tuple[tuple[Labelled, ...], Float32Array]:
        """The pictures that have vectors in a space or can be given one, and these (n, 512)."""
        held = self._held(space, pictures) if request.from_library and not request.grey else {}
        lacking = [picture for picture in pictures if picture.path not in held]
        if held and space not in self.models.available():
            lacking = []  # without weights what the library has is all there can be
        if lacking:
            encoder = self.models.get_for_many(self.run, space)
            if held and self.library is not None:
                check_fingerprint(self.library, encoder)
            held |= self._embed(encoder, lacking, request.grey)
        usable = tuple(picture for picture in pictures if picture.path in held)
        if not usable:
            raise CbirError(_too_few(0))
        return usable, np.stack([held[picture.path] for picture in usable])

    def _held(self, space: str, pictures: Sequence[Labelled]) -> dict[str, Float32Array]:
        """The library's own vectors of those pictures that it has, by their paths."""
        if self.library is None or space not in self.library.spaces():
            return {}
        ids, vectors = self.library.vectors(space)
        rows = {id_: row for row, id_ in enumerate(ids.tolist())}
        return {
            picture.path: vectors[rows[picture.record.id]]
            for picture in pictures
            if picture.record is not None and picture.record.id in rows
        }

    def _embed(
        self, encoder: Encoder, pictures: Sequence[Labelled], grey: bool
    ) -> dict[str, Float32Array]:
        """Vectors (512,) of the pictures that can be read, by their paths."""
        vectors: dict[str, Float32Array] = {}
        paths: list[str] = []
        batch: list[NDArray[np.generic]] = []
        prepare = partial(self._prepare, encoder, grey)
        futures = self.pool.map_ahead(prepare, pictures, lambda: 2 * _BATCH)
        for number, (picture, future) in enumerate(zip(pictures, futures, strict=True), 1):
            self.run.check()
            try:
                batch.append(self.run.wait(future))
                paths.append(picture.path)
            except UnreadableImage as error:
                self._bad[picture.path] = _skipped(picture.path, error.reason)
            if len(batch) == _BATCH or (batch and number == len(pictures)):
                made = self.models.encode(self.run, encoder, batch)
                vectors |= zip(paths[-len(batch) :], made, strict=True)
                batch = []
            self.run.progress(number, len(pictures), encoder.name, len(self._bad))
        return vectors

    def _prepare(self, encoder: Encoder, grey: bool, picture: Labelled) -> NDArray[np.generic]:
        image = self.load(picture.path).image
        return encoder.prepare(image.convert("L").convert("RGB") if grey else image)


def _skipped(path: str, reason: str) -> SkippedFile:
    try:
        found = stat_file(path)
    except UnreadableImage:  # it is gone
        return SkippedFile(path, 0, 0, reason)
    return SkippedFile(path, found.size, found.mtime_ns, reason)


def _too_few(count: int) -> str:
    return _(
        "Only {count} of the pictures could be read, no two of one class: "
        "there is nothing to evaluate."
    ).format(count=count)
