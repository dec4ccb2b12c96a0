"""The modality gap, and why words are searched exactly: LSH by pictures and by words, side by side.

In CLIP's space pictures and words lie in two narrow cones (Liang et al. 2022), so a text vector
is about as far from every picture: which bucket is nearest says less about where its hits are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cbir.bench.search import recall_of
from cbir.errors import CbirError
from cbir.library.building import build
from cbir.library.exact import rank_all, rank_rows
from cbir.library.lsh import LshIndex
from cbir.library.tuning import Effort
from cbir.library.vector_table import LARGEST, VectorTable
from cbir.records import DIMENSION, RECALL, Float32Array, Int64Array, JsonObject

_HELD_OUT_SHARE = 5
_FEWEST = 50
_STEPS = 40
MOST = 0.9
"""The recall that ``image_share`` and ``text_share`` are for."""


@dataclass(frozen=True, slots=True)
class GapBench:
    """``angle`` between the two centroids, in degrees, and the recall of LSH at one budget.

    ``indexed`` images were indexed; ``queries`` pairs were left out, and searched by their image
    and by their text. ``scanned`` sketches were looked at and ``compared`` vectors compared for
    each query of either kind. ``image_share`` and ``text_share`` of the sketches must be looked at
    to find nine of ten true hits.
    """

    angle: float
    indexed: int
    queries: int
    k: int
    scanned: float
    compared: float
    image_recall: float
    text_recall: float
    image_share: float
    text_share: float

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def measure_gap(images: Float32Array, texts: Float32Array, k: int = 10) -> GapBench:
    """Measure on pairs: row i of ``images`` (n, 512) and of ``texts`` (n, 512) belong together.

    Every fifth pair is left out of the index, and is a query. Raises CbirError where there are
    fewer than 50 pairs.
    """
    if len(images) < _FEWEST:
        raise CbirError(f"{len(images)} pairs are too few to measure on: {_FEWEST} are needed.")
    left_out = np.arange(len(images)) % _HELD_OUT_SHARE == 0
    indexed = np.ascontiguousarray(images[~left_out])
    table = VectorTable.of(np.arange(1, len(indexed) + 1), indexed, "bench", "float32")
    index = build(table, "cosine")
    effort = index.tuning.effort(k, RECALL)
    found = [index.candidates(query, None, effort, k) for query in images[left_out]]
    scanned = float(np.mean([candidates.scanned for candidates in found]))
    compared = float(np.mean([len(candidates.rows) for candidates in found]))
    keep = round(compared)
    by_image, by_text = (
        _Side(table, index, k, queries, _true(table, queries, k))
        for queries in (images[left_out], texts[left_out])
    )
    return GapBench(
        angle=_angle(images, texts),
        indexed=len(indexed),
        queries=int(left_out.sum()),
        k=k,
        scanned=scanned,
        compared=compared,
        image_recall=by_image.recall(scanned, keep),
        text_recall=by_text.recall(scanned, keep),
        image_share=by_image.share_needed(keep),
        text_share=by_text.share_needed(keep),
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """Queries of one kind, and the ids of their true hits (q, k)."""

    table: VectorTable
    index: LshIndex
    k: int
    queries: Float32Array
    true: Int64Array

    def recall(self, scanned: float, keep: int) -> float:
        """LSH's recall where each query looks at ``scanned`` sketches and compares ``keep``."""
        rows = [self._searched(query, scanned, keep) for query in self.queries]
        return recall_of(np.array(rows), self.true)

    def share_needed(self, keep: int) -> float:
        """The least share of the sketches that finds nine of ten; 1 where none does."""
        for share in np.geomspace(0.01, 1, _STEPS):
            if self.recall(share * self.table.count, keep) >= MOST:
                return float(share)
        return 1.0

    def _searched(self, query: Float32Array, scanned: float, keep: int) -> Int64Array:
        gaps = self.index.hashing.gaps(self.index.hashing.centred(query))
        order = np.argsort(gaps, kind="stable")
        filled = np.cumsum(self.index.sizes(order))
        last = min(int(np.searchsorted(filled, scanned)), len(order) - 1)
        effort = Effort(float(gaps[order[last]]), keep)
        found = self.index.candidates(query, None, effort, self.k)
        ranking = rank_rows(self.table, found.rows, query, "cosine", self.k)
        return _padded(ranking.ids, self.k)


def _true(table: VectorTable, queries: Float32Array, k: int) -> Int64Array:
    rankings = [rank_all(table, None, query, "cosine", k) for query in queries]
    return np.array([_padded(ranking.ids, k) for ranking in rankings])


def _padded(ids: Int64Array, k: int) -> Int64Array:
    padded: Int64Array = np.pad(ids, (0, k - len(ids)), constant_values=-1)
    return padded


def _angle(images: Float32Array, texts: Float32Array) -> float:
    """Degrees between the mean directions of both."""
    first, second = (
        (side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-30)).mean(axis=0)
        for side in (images, texts)
    )
    cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def read_pairs(path: str) -> tuple[Float32Array, Float32Array]:
    """``image`` and ``text`` (n, 512) of an ``.npz`` file; raises CbirError."""
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            images, texts = (
                np.ascontiguousarray(archive[name], np.float32) for name in ("image", "text")
            )
    except OSError as error:
        raise CbirError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, KeyError, EOFError, AttributeError, TypeError) as error:
        raise CbirError(
            f"{path} is not an .npz file with the arrays image and text, one row a pair."
        ) from error
    shape = (len(images), DIMENSION)
    if images.shape != shape or texts.shape != shape:
        raise CbirError(
            f"{path} holds image {images.shape} and text {texts.shape}, but as many rows of "
            f"{DIMENSION} numbers are needed in both."
        )
    if not (np.abs(images) <= LARGEST).all() or not (np.abs(texts) <= LARGEST).all():
        raise CbirError(f"{path} holds numbers that are not finite.")
    return images, texts
