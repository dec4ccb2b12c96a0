"""From opening to the first answer, measured in processes of their own: nothing is there yet.

``python -m cbir.bench.opening KIND FILE SPACE QUERY.npy K`` measures once and prints JSON. Time to
import numpy and the program is not counted, nor is a cold disk: a first process warms its cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from cbir.bench.sqlite_store import SqliteStore
from cbir.errors import CbirError
from cbir.library import Library
from cbir.records import Float32Array, Query

Kind = Literal["exact", "auto", "sqlite"]
"""A library's exact answer, its answer by the rules (LSH where an index is ready), or SQLite's."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to open, and the search to make in it: the ``k`` nearest to the vector in a file."""

    kind: Kind
    path: Path
    space: str
    query: Path
    k: int


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening: seconds until it was open, and seconds until its first answer, opening included.

    ``method`` found ``ids``. ``open_bytes`` and ``answer_bytes`` of memory of its own were taken
    until then, ``open_mapped`` and ``answer_mapped`` bytes of files shown in memory, which the
    system may take back; where it does not tell them apart (other than Linux) the former are both,
    and on Windows None.
    """

    open_seconds: float
    answer_seconds: float
    method: str
    ids: tuple[int, ...]
    open_bytes: int | None
    open_mapped: int | None
    answer_bytes: int | None
    answer_mapped: int | None


def openings(jobs: Sequence[Job], times: int) -> list[Opening]:
    """The median opening of each job: ``times`` processes each, in turn, after one that warms up.

    Raises CbirError where a process fails.
    """
    found: list[list[Opening]] = [[] for _ in jobs]
    for turn in range(times + 1):
        for job, mine in zip(jobs, found, strict=True):
            opening = _in_a_process(job)
            if turn:
                mine.append(opening)
    return [_median(mine) for mine in found]


def _median(found: Sequence[Opening]) -> Opening:
    middle = sorted(found, key=lambda opening: opening.answer_seconds)[len(found) // 2]
    return replace(middle, open_seconds=float(np.median([each.open_seconds for each in found])))


def _in_a_process(job: Job) -> Opening:
    told = [job.kind, str(job.path), job.space, str(job.query), str(job.k)]
    command = [sys.executable, "-m", __name__, *told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise CbirError(f"{job.path} could not be opened in a process of its own ({why}).")
    said = json.loads(done.stdout)
    return Opening(**{**said, "ids": tuple(said["ids"])})


def measure_opening(job: Job) -> Opening:
    """Open and search once, in this process."""
    query = np.load(job.query, allow_pickle=False)
    answer = _by_sqlite if job.kind == "sqlite" else _by_library
    return answer(job, query)


def _by_library(job: Job, vector: Float32Array) -> Opening:
    method: Literal["exact", "auto"] = "exact" if job.kind == "exact" else "auto"
    query = Query(vector, job.space, k=job.k, method=method)
    clock = _Clock()
    with Library.open(job.path) as library:
        clock.mark()
        result = library.search(query)
        clock.mark()
    return clock.opening(result.method, [hit.id for hit in result.hits])


def _by_sqlite(job: Job, vector: Float32Array) -> Opening:
    clock = _Clock()
    with SqliteStore(job.path) as store:
        clock.mark()
        ids = store.nearest(job.space, vector, job.k)
        clock.mark()
    return clock.opening("exact", ids)


class _Clock:
    """Seconds, and bytes of memory, since it was made, at each mark."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int | None, int | None]] = []
        self._memory = _memory()
        self._started = time.perf_counter()

    def mark(self) -> None:
        seconds = time.perf_counter() - self._started
        own, mapped = (
            None if now is None or then is None else now - then
            for now, then in zip(_memory(), self._memory, strict=True)
        )
        self._marks.append((seconds, own, mapped))
        self._started = time.perf_counter() - seconds  # looking at memory is not counted

    def opening(self, method: str, ids: Sequence[int]) -> Opening:
        (opened, *at_open), (answered, *at_answer) = self._marks
        return Opening(opened, answered, method, tuple(ids), *at_open, *at_answer)


def _memory() -> tuple[int | None, int | None]:
    """Bytes of memory of this process's own, and bytes of files that are mapped and resident."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        own, mapped = (1024 * int(told[name].split()[0]) for name in ("RssAnon", "RssFile"))
    except (OSError, KeyError, ValueError):
        return _peak(), None
    return own, mapped


def _peak() -> int | None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def main(arguments: Sequence[str]) -> int:
    """Measure what the arguments tell, and print it."""
    kind, path, space, query, k = arguments
    known: dict[str, Kind] = {"exact": "exact", "auto": "auto", "sqlite": "sqlite"}
    opening = measure_opening(Job(known[kind], Path(path), space, Path(query), int(k)))
    sys.stdout.write(json.dumps(asdict(opening)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
