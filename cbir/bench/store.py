"""What keeping a library costs, as it grows and beside SQLite: adding, opening, and bytes on disk.

All in one run, on one disk: batches go to the stores in turn, so that a disk which is slower for a
while is so for all of them.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cbir.bench.made_up import SPACES, Batch, batches
from cbir.bench.opening import Job, Kind, Opening, openings
from cbir.bench.sqlite_store import PAGE_SIZES, SqliteStore
from cbir.bench.synthetic import Mixture
from cbir.bench.timing import Timed
from cbir.errors import CbirError
from cbir.library import Library
from cbir.records import METRICS, Embeddings, Float32Array, ImageFile, JsonObject

ADDED = 64
"""Records in a batch."""
K = 10
_WARM_UP = 5
TIMES = 5
"""Processes that open a file, the median of which counts."""
_MADE_AT_ONCE = 10_000

Add = Callable[[Sequence[ImageFile], Mapping[str, Embeddings]], object]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records the large and the small library hold, and the one that is beside SQLite.

    ``batches`` of 64 records are added to each.
    """

    large: int
    small: int
    answer: int
    batches: int


@dataclass(frozen=True, slots=True)
class Adding:
    """Milliseconds to add one batch durably: the first one, and then their median and mean."""

    first_ms: float
    ms: float
    mean_ms: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Adding:
        """The figures of batches in their order, the first few of which warm up."""
        counted = seconds[_WARM_UP:]
        mean = 1000 * float(np.mean(counted))
        return Adding(1000 * seconds[0], Timed.of(counted).median, mean)

    @property
    def records_per_second(self) -> float:
        """At the median."""
        return 1000 * ADDED / self.ms


@dataclass(frozen=True, slots=True)
class Kept:
    """One store of the same records: adding to it, opening it, and its bytes.

    ``index_bytes`` of LSH indexes, which can be made again, are not among ``bytes``.
    """

    name: str
    adding: Adding
    opening: Opening
    bytes: int
    index_bytes: int = 0

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return {
            "name": self.name,
            "add_ms": self.adding.ms,
            "add_mean_ms": self.adding.mean_ms,
            "records_per_second": self.adding.records_per_second,
            "open_seconds": self.opening.open_seconds,
            "answer_seconds": self.opening.answer_seconds,
            "bytes": self.bytes,
            "index_bytes": self.index_bytes,
        }


@dataclass(frozen=True, slots=True)
class StoreBench:
    """What was measured: adding to a small and a large library, opening the large one, and SQLite.

    ``exact`` and ``auto`` are openings of the large library for an exact answer and for one by the
    rules. ``peers`` hold what ``kept``, a library of ``sizes.answer`` records, holds.
    """

    sizes: Sizes
    small: Adding
    large: Adding
    exact: Opening
    auto: Opening
    kept: Kept
    peers: dict[str, Kept]

    @property
    def growth(self) -> float:
        """How many times as long adding to the large library takes as to the small one."""
        return self.large.ms / self.small.ms

    @property
    def sqlite(self) -> str:
        """Which SQLite this is."""
        return f"SQLite {sqlite3.sqlite_version}"

    @property
    def ahead(self) -> dict[str, dict[str, float]]:
        """For each peer how many times better the library is, in each of three figures."""
        return {key: _ahead(self.kept, peer) for key, peer in self.peers.items()}

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return {
            "records": self.sizes.large,
            "small": self.sizes.small,
            "answer": self.sizes.answer,
            "batches": self.sizes.batches,
            "batch": ADDED,
            "spaces": len(SPACES),
            "add_small_ms": self.small.ms,
            "add_large_ms": self.large.ms,
            "add_ratio": self.growth,
            "first_add_ms": self.large.first_ms,
            "exact": _opening_document(self.exact),
            "auto": _opening_document(self.auto),
            "cbir": self.kept.document(),
            "peers": {key: peer.document() for key, peer in self.peers.items()},
            "ahead": self.ahead,
            "sqlite_version": sqlite3.sqlite_version,
        }


def _ahead(kept: Kept, peer: Kept) -> dict[str, float]:
    return {
        "records_per_second": peer.adding.ms / kept.adding.ms,
        "answer": peer.opening.answer_seconds / kept.opening.answer_seconds,
        "bytes": peer.bytes / kept.bytes,
    }


def _opening_document(opening: Opening) -> JsonObject:
    return {name: value for name, value in asdict(opening).items() if name != "ids"}


def measure_store(sizes: Sizes, folder: str | None, say: Callable[[str], None]) -> StoreBench:
    """Measure in a new folder within ``folder``, which goes afterwards; None: the system's own.

    ``say`` is told what is being made. Raises CbirError where nothing can be written there, where
    there is too little to find, or where SQLite finds something else.
    """
    if sizes.answer < K:
        raise CbirError(f"{sizes.answer} vectors are too few to find {K} nearest among.")
    with _folder(folder) as made:
        return _Bench(sizes, made, say).measured()


@contextmanager
def _folder(within: str | None) -> Iterator[Path]:
    try:
        made = tempfile.TemporaryDirectory(prefix="cbir-bench-", dir=within)
    except OSError as error:
        where = within or tempfile.gettempdir()
        raise CbirError(f"Nothing can be made in {where} ({error.strerror}).") from error
    with made as name:
        yield Path(name)


class _Bench:
    """The stores in one folder; ``measured`` makes them and measures."""

    def __init__(self, sizes: Sizes, folder: Path, say: Callable[[str], None]) -> None:
        self._sizes = sizes
        self._say = say
        self._libraries = {
            "small": (folder / "small.npz", sizes.small),
            "large": (folder / "large.npz", sizes.large),
            "cbir": (folder / "cbir.npz", sizes.answer),
        }
        self._peers = {key: folder / f"{key}.db" for key in PAGE_SIZES}
        self._query = folder / "query.npy"
        self._mixture = Mixture()

    def measured(self) -> StoreBench:
        self._make()
        drawn = self._mixture.queries(1 + (_WARM_UP + self._sizes.batches) * ADDED)
        np.save(self._query, drawn[0])
        sizes = {key: _tidied(path) for key, path in self._peers.items()}
        sizes["cbir"], index_bytes = library_bytes(self._path("cbir"))
        exact, auto, kept, peers = self._opened()
        adding = self._added(drawn[1:])
        return StoreBench(
            sizes=self._sizes,
            small=adding["small"],
            large=adding["large"],
            exact=exact,
            auto=auto,
            kept=Kept("cbir", adding["cbir"], kept, sizes["cbir"], index_bytes),
            peers={
                key: Kept(_name(key), adding[key], opening, sizes[key])
                for key, opening in peers.items()
            },
        )

    def _path(self, key: str) -> Path:
        return self._libraries[key][0]

    def _make(self) -> None:
        vectors = self._mixture.vectors(max(count for _, count in self._libraries.values()))
        for path, count in self._libraries.values():
            self._say(f"Making a library of {count:,} records …")
            _make_library(path, vectors[:count])
        for key, path in self._peers.items():
            self._say(f"Making the same {self._sizes.answer:,} records in {_name(key)} …")
            with SqliteStore(path, SPACES, PAGE_SIZES[key]) as store:
                for files, embeddings in batches(vectors[: self._sizes.answer], _MADE_AT_ONCE):
                    store.add(files, embeddings)

    def _opened(self) -> tuple[Opening, Opening, Opening, dict[str, Opening]]:
        self._say("Opening them …")
        large, beside = self._path("large"), self._path("cbir")
        files: list[tuple[Kind, Path]] = [("exact", large), ("auto", large), ("exact", beside)]
        files += [("sqlite", path) for path in self._peers.values()]
        jobs = [Job(kind, path, SPACES[0], self._query, K) for kind, path in files]
        exact, auto, kept, *others = openings(jobs, TIMES)
        if any(set(other.ids) != set(kept.ids) for other in others):
            raise CbirError("cbir and SQLite do not find the same: do not trust these figures.")
        return exact, auto, kept, dict(zip(self._peers, others, strict=True))

    def _added(self, vectors: Float32Array) -> dict[str, Adding]:
        self._say(f"Adding {self._sizes.batches} batches of {ADDED} records to each …")
        start = max(held for _, held in self._libraries.values())
        added = batches(vectors, ADDED, start)
        with ExitStack() as stack:
            adds: dict[str, Add] = {
                key: stack.enter_context(Library.open(path)).add
                for key, (path, _) in self._libraries.items()
            }
            for key, path in self._peers.items():
                adds[key] = stack.enter_context(SqliteStore(path)).add
            return {key: Adding.of(seconds) for key, seconds in in_turn(adds, added).items()}


def in_turn(adds: Mapping[str, Add], added: Iterator[Batch]) -> dict[str, list[float]]:
    """Seconds that each took for each batch; who comes first changes from batch to batch."""
    seconds: dict[str, list[float]] = {key: [] for key in adds}
    order = list(adds)
    for files, embeddings in added:
        for key in order:
            started = time.perf_counter()
            adds[key](files, embeddings)
            seconds[key].append(time.perf_counter() - started)
        order.append(order.pop(0))
    return seconds


def _make_library(path: Path, vectors: Float32Array) -> None:
    """With its LSH indexes, as the program keeps it."""
    with Library.open(path) as library:
        for files, embeddings in batches(vectors, _MADE_AT_ONCE):
            library.add(files, embeddings)
        library.tend()
        library.fold()


def _tidied(database: Path) -> int:
    with SqliteStore(database) as store:
        return store.tidy()


def library_bytes(path: Path) -> tuple[int, int]:
    """Bytes of a library's file and journal without its LSH indexes; and those of the indexes."""
    prefixes = tuple(f"{space}_{metric}_" for space in SPACES for metric in METRICS)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    indexes = sum(info.file_size for info in infos if info.filename.startswith(prefixes))
    with Library.open(path, read_only=True) as library:
        return library.bytes + library.journal_bytes - indexes, indexes


def _name(key: str) -> str:
    return "SQLite" if key == "sqlite" else f"SQLite, {PAGE_SIZES[key] // 1024} KiB pages"
