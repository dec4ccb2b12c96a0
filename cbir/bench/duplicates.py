"""Finding duplicates in a made-up library: time, memory and recall, and how they grow with it.

``python -m cbir.bench.duplicates LIBRARY N`` measures once, in a process of its own, and prints
JSON.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cbir.bench.made_up import made_up_files
from cbir.bench.processes import in_a_process, resident
from cbir.bench.synthetic import Mixture
from cbir.config import load_settings
from cbir.library import Library
from cbir.library.duplicates import NEAR
from cbir.records import DIMENSION, Embeddings, Float32Array, Int64Array, JsonObject
from cbir.work.duplicates import Duplicates
from cbir.work.engine import Engine
from cbir.work.loop import wait_for

SMALLER = 10
"""The smaller library has a tenth of the records."""
FEWEST = 1000
_SPACE = "clip"
_COPIED = 20  # every so manieth record is a copy
_SEED = 5
_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True)
class Run:
    """One library: ``seconds`` with the making of the LSH index, ``bytes`` of memory at the peak.

    Those are beside what the program had before, and hold the vectors, which lie in a file.
    ``compared`` pairs of vectors were compared. Of ``planted`` copies the share ``recall`` was
    found in the group of its original; ``groups`` hold ``copies``, of which the share
    ``precision`` was planted: the others are as near by chance.
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


@dataclass(frozen=True, slots=True)
class DuplicatesBench:
    """The same in a library and in one of a tenth of its size."""

    small: Run
    large: Run

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
            **asdict(self.large),
            "smaller": asdict(self.small),
            "time_exponent": self.time_exponent,
            "work_exponent": self.work_exponent,
        }


def _exponent(small: float, large: float) -> float:
    return math.log(large / small) / math.log(SMALLER)


def measure_duplicates(records: int) -> DuplicatesBench:
    """Measure with so many records (``FEWEST`` or more) and a tenth of them, on 4 kB of disk each.

    Raises CbirError where a process fails.
    """
    runs = []
    for count in (records // SMALLER, records):
        with tempfile.TemporaryDirectory(prefix="cbir-") as folder:
            file = Path(folder) / "library.npz"
            _make_library(file, count)
            said = in_a_process([__name__, str(file), str(count)], "This could not be measured")
            runs.append(Run(**said))
    return DuplicatesBench(*runs)


def _make_library(file: Path, count: int) -> None:
    vectors = with_copies(Mixture().vectors(count))
    with Library.open(file) as library:
        for start in range(0, count, _AT_ONCE):
            some = vectors[start : start + _AT_ONCE]
            library.add(made_up_files(start, len(some)), {_SPACE: Embeddings(some, "bench")})
        library.fold()


def with_copies(vectors: Float32Array) -> Float32Array:
    """``vectors`` (n, 512) with a twentieth of them, the last, made copies of others.

    Their cosines with the originals spread evenly from the threshold to 1.
    """
    originals, copies = planted(len(vectors))
    rng = np.random.default_rng(_SEED)
    cosines = rng.uniform(NEAR[_SPACE], 1, len(copies)).astype(np.float32)
    found = vectors[originals]
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    noise = rng.standard_normal((len(copies), DIMENSION), dtype=np.float32)
    noise -= np.einsum("ij,ij->i", noise, found)[:, None] * found / lengths**2
    noise *= lengths / np.linalg.norm(noise, axis=1, keepdims=True)
    mixed: Float32Array = vectors.copy()
    mixed[copies] = cosines[:, None] * found + np.sqrt(1 - cosines**2)[:, None] * noise
    return mixed


def planted(count: int) -> tuple[Int64Array, Int64Array]:
    """The rows of originals and of their copies, both (m,), among ``count``; each once."""
    copies = np.arange(count - count // _COPIED, count)
    rng = np.random.default_rng(_SEED)
    return rng.choice(copies[0], len(copies), replace=False), copies


def _measure(file: str, count: int) -> Run:
    settings = load_settings(library=file)
    engine = Engine(settings, read_only=True, tends=False)
    wait_for(engine.open(), engine.outbox, lambda event: None)
    before = resident("VmRSS")
    found: Duplicates = wait_for(
        engine.find_duplicates("alike", _SPACE), engine.outbox, lambda event: None
    )
    engine.stop()
    recall = _recall(found, count)
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
    )


def _recall(found: Duplicates, count: int) -> float:
    groups = np.full(count, -1, np.int64)  # by row, which is one less than the id
    for number, group in enumerate(found.groups):
        groups[[group.best.id - 1, *(copy.record.id - 1 for copy in group.copies)]] = number
    originals, copies = planted(count)
    together = (groups[originals] == groups[copies]) & (groups[copies] >= 0)
    return float(together.mean())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_measure(sys.argv[1], int(sys.argv[2])))) + "\n")
