"""How things are timed: warm, one after the other, on the threads asked for, told as medians."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from cbir.records import Float32Array

T = TypeVar("T")

_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of one call: the median and the 99th percentile."""

    median: float
    p99: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Timed:
        """The figures of many calls."""
        return Timed(1000 * float(np.median(seconds)), 1000 * float(np.quantile(seconds, 0.99)))


def each(function: Callable[[Float32Array], T], queries: Float32Array) -> tuple[list[T], Timed]:
    """What ``function`` makes of each query, and how long one takes; the first few warm it up."""
    for query in queries[:_WARM_UP]:
        function(query)
    results, seconds = [], []
    for query in queries:
        started = time.perf_counter()
        results.append(function(query))
        seconds.append(time.perf_counter() - started)
    return results, Timed.of(seconds)


def timed(function: Callable[[], T]) -> tuple[T, float]:
    """What ``function`` returns, and the seconds that it took."""
    started = time.perf_counter()
    result = function()
    return result, time.perf_counter() - started


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, BLAS and OpenMP use one thread."""
    with threadpool_limits(1):
        yield


def machine() -> str:
    """What this was measured on, in words: processor, cores, memory, Python and numpy."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if os.name == "posix" else 0
    told = [_processor(), f"{os.cpu_count()} cores"]
    if memory:
        told.append(f"{memory / 2**30:.0f} GiB")
    told += [platform.system(), f"Python {platform.python_version()}", f"numpy {np.__version__}"]
    return ", ".join(told)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
