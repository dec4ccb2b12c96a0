"""Plain data that every part of the program may hold: frozen, comparable, free of behaviour."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32Array: TypeAlias = NDArray[np.float32]
Int64Array: TypeAlias = NDArray[np.int64]

Metric = Literal["cosine", "euclidean"]
Method = Literal["lsh", "exact"]
Modality = Literal["image", "text"]
DuplicateLevel = Literal["identical", "same", "alike"]

METRICS: tuple[Metric, ...] = ("cosine", "euclidean")
DUPLICATE_LEVELS: tuple[DuplicateLevel, ...] = ("identical", "same", "alike")
SPACES: tuple[str, ...] = ("classic", "resnet18", "clip")
SPACE_TITLES = {"classic": "Classic", "resnet18": "ResNet18", "clip": "CLIP"}
DIMENSION = 512
RECALL = 0.95
NOT_READ = -(2**63)
"""In the place of a time: nobody has looked yet."""
UNDATED = NOT_READ + 1
"""In the place of a time: the file tells none."""
_EPOCH = datetime.datetime(1970, 1, 1)


def camera_time(taken: int) -> datetime.datetime | None:
    """The moment that ``ImageFile.taken`` tells, without a time zone; None where it tells none."""
    try:
        return _EPOCH + datetime.timedelta(seconds=taken)
    except OverflowError:  # also what stands for no time
        return None


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What is known of a picture file itself.

    ``path`` is absolute, as ``os.fsdecode`` gives it, so bytes that are not UTF-8 survive as lone
    surrogates. ``size`` is in bytes, ``mtime_ns`` in nanoseconds since the epoch, ``digest`` the
    hexadecimal BLAKE2b-128 of the file's content, ``width`` and ``height`` in pixels as shown
    (after EXIF orientation). ``taken`` is when the picture was taken by the camera's own clock, in
    seconds from 1970-01-01 00:00 of that clock; ``UNDATED`` where the file does not tell,
    ``NOT_READ`` where it was not looked for. It follows from the content, so it is not compared.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str
    width: int
    height: int
    taken: int = field(default=NOT_READ, compare=False)

    @property
    def taken_at(self) -> datetime.datetime | None:
        """When it was taken, without a time zone as cameras tell it; None where unknown."""
        return camera_time(self.taken)


@dataclass(frozen=True, slots=True)
class Record:
    """One image in the library. ``id`` is never reused; ``missing`` says that its file is gone."""

    id: int
    file: ImageFile
    tags: tuple[str, ...] = ()
    note: str = ""
    missing: bool = False

    @property
    def path(self) -> str:
        """The absolute path of the picture file."""
        return self.file.path


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that could not be indexed, and why; opened again only when it changes."""

    path: str
    size: int
    mtime_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Raw vectors of one space, float32 of shape (n, 512), and what they were made with.

    ``fingerprint`` names the weights and preprocessing: vectors of two fingerprints never share a
    space. ``precision`` is what they were computed in (``float32``, ``bfloat16``); it is recorded
    and never blocks mixing.
    """

    vectors: Float32Array
    fingerprint: str
    precision: str = "float32"


@dataclass(frozen=True, slots=True)
class Query:
    """One search: a vector of shape (512,) and how to compare it.

    ``method`` ``auto`` follows the rules: text is always exact (the modality gap), images use LSH.
    ``exclude`` holds record ids that may not be hits (evaluation leaves the query picture out).
    ``among``, int64 (n,), are the ids that may be, None where all may: those that pass a filter.
    ``recall``, above 0 and below 1, is the share of the true k nearest that LSH is to find.
    """

    vector: Float32Array = field(compare=False)
    space: str
    modality: Modality = "image"
    metric: Metric = "cosine"
    method: Literal["auto", "lsh", "exact"] = "auto"
    k: int = 20
    exclude: frozenset[int] = frozenset()
    recall: float = RECALL
    among: Int64Array | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One result; ``score``: cosine similarity (higher is nearer) or L2 distance (lower is)."""

    id: int
    path: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and an honest account of how they were found.

    ``total`` vectors were searched (those that the query's ``among`` lets through, where it does
    not let through all), ``candidates`` of them compared by the true metric, ``scanned`` looked at
    through a sketch (None where no sketch is used). ``reason`` is English, as
    ``cbir.language.kept`` has it. ``seconds`` is the search alone,
    ``index_seconds`` what building the LSH index took first, where that was due. For LSH, as
    measured on the library's own vectors: ``recall`` is the share of the true nearest that such a
    search finds, and ``exact_seconds`` what comparing everything takes; None where not measured.
    """

    hits: tuple[Hit, ...]
    space: str
    metric: Metric
    method: Method
    reason: str
    total: int
    candidates: int
    seconds: float
    scanned: int | None = None
    index_seconds: float = 0.0
    recall: float | None = None
    exact_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Answers to many queries of one search: row i is query i's, nearest first.

    ``ids`` int64 (q, k), -1 where there are fewer hits; ``scores`` float32 (q, k) of the metric,
    NaN there; no more columns than the space has vectors. ``candidates`` vectors were compared for
    each query, on average; ``seconds`` is the search alone, without an index made for it.
    """

    ids: Int64Array = field(compare=False)
    scores: Float32Array = field(compare=False)
    method: Method
    reason: str
    total: int
    candidates: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Copy:
    """A record of a group of duplicates, beside the group's best one.

    ``level`` tells how it is related to the best: ``identical`` content, the ``same`` picture
    (saved anew, resized, brightened, with a small watermark), or merely ``alike`` (cropped, turned
    a little, mirrored, another shot of the scene). ``similarity`` is the cosine of both vectors,
    None where one of them has none or none were looked at. ``mirrored``: it is that of the best
    one's vector with that of this one's mirror image, which is nearer.
    """

    record: Record
    level: DuplicateLevel
    similarity: float | None
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Records that are duplicates of ``best``: at least one, no record is in two groups.

    ``best`` is, of those whose file is there, the one of most pixels, then of most bytes, then the
    oldest file.
    """

    best: Record
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """One space of a library: how many vectors, of what length, made with what."""

    vectors: int
    dimension: int
    fingerprint: str
    precision: str


JsonObject: TypeAlias = dict[str, Any]
