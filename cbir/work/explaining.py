"""Why a picture is a hit: which of its parts, once covered, make it less like what was looked for.

Occlusion sensitivity, after Zeiler and Fergus, "Visualizing and Understanding Convolutional
Networks", ECCV 2014: a grey square covers one part after another, and the drop in the score is
drawn over the picture. It needs no more than the encoder itself, so it tells the truth of every
space, metric and kind of query alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from cbir.images import Loaded
from cbir.library import Library
from cbir.library.exact import scores_of
from cbir.records import Float32Array, Metric, Query
from cbir.work.models import Models
from cbir.work.query_vectors import check_fingerprint
from cbir.work.worker import JobRun

SIDE = 7
"""How many windows there are across, and down."""

GREY = (124, 116, 104)
"""The mean colour of photographs (ImageNet's), which says the least to every encoder."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What covering a part of a picture does to its score.

    ``drops`` float32 (7, 7), row by row from the top left: by how much covering that window takes
    the picture away from the query, in the metric's own numbers (a cosine's fall, a distance's
    rise). Below zero, it comes nearer without that part. ``score`` is that of the whole picture.
    """

    drops: Float32Array = field(compare=False)
    score: float
    metric: Metric
    space: str


def explain(
    run: JobRun,
    library: Library,
    models: Models,
    load: Callable[[str], Loaded],
    record_id: int,
    query: Query,
) -> Explanation:
    """Why the record's picture, as its file is now, answers ``query``, in the query's space.

    Row by row: each row's windows are covered here, on the worker, and encoded where the encoder
    belongs. Raises RecordNotFound, UnreadableImage, SpaceUnavailable, WeightsDamaged or
    VectorsIncompatible.
    """
    image = load(library.get(record_id).path).image
    encoder = models.get(run, query.space)
    check_fingerprint(library, encoder)
    total = SIDE * SIDE

    def scores(pictures: list[Image.Image]) -> Float32Array:
        prepared = [encoder.prepare(picture) for picture in pictures]
        vectors = models.encode(run, encoder, prepared).astype(np.float64)
        found = scores_of(vectors, query.vector.astype(np.float64), query.metric)
        return found.astype(np.float32)

    whole = scores([image])[0]
    covered = np.empty((SIDE, SIDE), np.float32)
    for row in range(SIDE):
        run.check()
        run.progress(row * SIDE, total)
        covered[row] = scores([cover(image, row, column) for column in range(SIDE)])
    run.progress(total, total)
    drops = whole - covered if query.metric == "cosine" else covered - whole
    return Explanation(drops, float(whole), query.metric, query.space)


def cover(image: Image.Image, row: int, column: int) -> Image.Image:
    """A copy of an RGB picture with one of its 7 × 7 windows in grey."""
    copy = image.copy()
    left, right = (image.width * n // SIDE for n in (column, column + 1))
    top, bottom = (image.height * n // SIDE for n in (row, row + 1))
    copy.paste(GREY, (left, top, right, bottom))
    return copy
