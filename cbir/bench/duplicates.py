"""Finding duplicates in a made-up library: time, memory and recall, and how they grow with it.

``python -m cbir.bench.duplicates LIBRARY N SPACE`` measures once, in a process of its own, and
prints JSON.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cbir.bench.made_up import made_up_files
from cbir.bench.processes import in_a_process, resident
from cbir.bench.synthetic import Mixture, like_classic
from cbir.config import load_settings
from cbir.encoders.mirror import mirrored_places
from cbir.library import Library
from cbir.library.alike import ALIKE
from cbir.library.duplicates import NEAR
from cbir.records import DIMENSION, Embeddings, Float32Array, Int64Array, JsonObject
from cbir.work.duplicates import Duplicates
from cbir.work.engine import Engine
from cbir.work.loop import wait_for

SMALLER = 10
"""The smaller library has a tenth of the records."""
FEWEST = 1000
SPACES_MADE_UP = ("clip", "classic")
"""Made-up vectors are like those of one of these; the first unless asked otherwise."""
_COPIED = 20  # every so manieth record is a copy
_MIRRORED = slice(1, None, 2)  # of the copies, in a space that knows of mirror images
_SEED = 5
_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True)
class Run:
    """One library: ``seconds`` with the making of the LSH index, ``bytes`` of memory at the peak.

    Those are beside what the program had before, and hold the vectors, which lie in a file.
    ``compared`` pairs of vectors were compared. Of ``planted`` copies the share ``recall`` was
    found in the group of its original; ``groups`` hold ``copies``, of which the share
    ``precision`` was planted: the others are as near by chance. ``mirrored_recall`` is that of
    copies that are mirrored, None where none are.
    """

    records: int
    seconds: float
    bytes: int
    compared: int
    planted: int
    recall: float
    precision: float
    groups: int
    copies: int
    mirrored_recall: float | None


@dataclass(frozen=True, slots=True)
class DuplicatesBench:
    """The same in a library and in one of a tenth of its size."""

    small: Run
    large: Run
    space: str

    @property
    def time_exponent(self) -> float:
        """The e for which time grows as N to the e; comparing all with all has 2."""
        return _exponent(self.small.seconds, self.large.seconds)

    @property
    def work_exponent(self) -> float:
        """The same of the pairs that were compared."""
        return _exponent(self.small.compared, self.large.compared)

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return {
            "space": self.space,
            **asdict(self.large),
            "smaller": asdict(self.small),
            "time_exponent": self.time_exponent,
            "work_exponent": self.work_exponent,
        }


def _exponent(small: float, large: float) -> float:
    return math.log(large / small) / math.log(SMALLER)


def measure_duplicates(records: int, space: str = SPACES_MADE_UP[0]) -> DuplicatesBench:
    """Measure with so many records (``FEWEST`` or more) and a tenth of them, on 4 kB of disk each.

    Their vectors are like those of ``space``, one of ``SPACES_MADE_UP``. Raises CbirError where a
    process fails.
    """
    runs = []
    for count in (records // SMALLER, records):
        with tempfile.TemporaryDirectory(prefix="cbir-") as folder:
            file = Path(folder) / "library.npz"
            _make_library(file, count, space)
            arguments = [__name__, str(file), str(count), space]
            said = in_a_process(arguments, "This could not be measured")
            runs.append(Run(**said))
    small, large = runs
    return DuplicatesBench(small, large, space)


def _make_library(file: Path, count: int, space: str) -> None:
    mirror = mirrored_places(space)
    made_up = Mixture().vectors(count) if mirror is None else like_classic(count, mirror)
    vectors = with_copies(made_up, space)
    with Library.open(file) as library:
        for start in range(0, count, _AT_ONCE):
            some = vectors[start : start + _AT_ONCE]
            library.add(made_up_files(start, len(some)), {space: Embeddings(some, "bench")})
        library.fold()


def with_copies(vectors: Float32Array, space: str = SPACES_MADE_UP[0]) -> Float32Array:
    """``vectors`` (n, 512) with a twentieth of them, the last, made copies of others.

    Their cosines with the originals spread evenly from the threshold to 1. In a space that knows of
    mirror images every other one is mirrored, and nearer, as there are no pixels to look at.
    """
    originals, copies = planted(len(vectors))
    mirror = mirrored_places(space)
    rng = np.random.default_rng(_SEED)
    least = np.full(len(copies), NEAR[space])
    if mirror is not None:
        least[_MIRRORED] = ALIKE[space]
    cosines = rng.uniform(least, 1).astype(np.float32)
    found = vectors[originals]
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    noise = rng.standard_normal((len(copies), DIMENSION), dtype=np.float32)
    noise -= np.einsum("ij,ij->i", noise, found)[:, None] * found / lengths**2
    noise *= lengths / np.linalg.norm(noise, axis=1, keepdims=True)
    mixed: Float32Array = vectors.copy()
    mixed[copies] = cosines[:, None] * found + np.sqrt(1 - cosines**2)[:, None] * noise
    if mirror is not None:
        mixed[copies[_MIRRORED]] = mixed[copies[_MIRRORED]][:, mirror]
    return mixed


def planted(count: int) -> tuple[Int64Array, Int64Array]:
    """The rows of originals and of their copies, both (m,), among ``count``; each once."""
    copies = np.arange(count - count // _COPIED, count)
    rng = np.random.default_rng(_SEED)
    return rng.choice(copies[0], len(copies), replace=False), copies


def _measure(file: str, count: int, space: str) -> Run:
    settings = load_settings(library=file)
    engine = Engine(settings, read_only=True, tends=False)
    wait_for(engine.open(), engine.outbox, lambda event: None)
    before = resident("VmRSS")
    found: Duplicates = wait_for(
        engine.find_duplicates("alike", space), engine.outbox, lambda event: None
    )
    engine.stop()
    together = _together(found, count)
    recall = float(together.mean())
    mirrored = None if mirrored_places(space) is None else float(together[_MIRRORED].mean())
    return Run(
        records=count,
        seconds=found.seconds,
        bytes=resident("VmHWM") - before,
        compared=found.compared,
        planted=count // _COPIED,
        recall=recall,
        precision=recall * (count // _COPIED) / max(1, found.copies),
        groups=len(found.groups),
        copies=found.copies,
        mirrored_recall=mirrored,
    )


def _together(found: Duplicates, count: int) -> NDArray[np.bool_]:
    """Which of the copies were found in the group of their original."""
    groups = np.full(count, -1, np.int64)  # by row, which is one less than the id
    for number, group in enumerate(found.groups):
        groups[[group.best.id - 1, *(copy.record.id - 1 for copy in group.copies)]] = number
    originals, copies = planted(count)
    together: NDArray[np.bool_] = (groups[originals] == groups[copies]) & (groups[copies] >= 0)
    return together


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(asdict(_measure(sys.argv[1], int(sys.argv[2]), sys.argv[3]))) + "\n"
    )
