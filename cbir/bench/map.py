"""How quick the map is over many records: its window, and the components that its axes are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from cbir.bench.pictures import repeat
from cbir.bench.processes import run_window_part
from cbir.bench.synthetic import Mixture
from cbir.bench.window import fill, make_files, temporary_folder
from cbir.library.projection import project
from cbir.records import Float32Array, JsonObject

_PART = "cbir.ui.map_speed"
_NEW = "new"  # the folder that the window indexes
_NEW_FILES = 400
_ROUNDS = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MapBench:
    """``pca_seconds`` on the cores that a worker has; all else in milliseconds, on the screen.

    ``first_draw``, ``hover`` and ``recolour`` (the colours known): ``median``, ``p99``,
    ``greatest``. ``update``: by how much the window's event loop is late while pictures are indexed
    and the map takes them in.
    """

    records: int
    pca_seconds: float
    first_draw: dict[str, float]
    hover: dict[str, float]
    recolour: dict[str, float]
    update: dict[str, float]

    def document(self) -> JsonObject:
        """For ``--json``."""
        return asdict(self)


def measure_map(records: int, say: Say, share: float = 1.0) -> MapBench:
    """Measure, ``share`` of the usual times.

    Raises CbirError where there is no display, or nothing can be written.
    """
    with temporary_folder() as home:
        say(f"Making a library of {records:,} records …")
        vectors = Mixture().vectors(records)
        fill(home / "window.npz", make_files(home, records), vectors)
        sources = sorted(map(str, (home / "sources").iterdir()))
        repeat(sources, home / _NEW, max(1, round(_NEW_FILES * share)))
        say("Projecting …")
        seconds = pca_seconds(vectors)
        say("Working the map …")
        asked = {"library": str(home / "window.npz"), "began": time.time(), "share": share}
        return MapBench(records, seconds, **run_window_part(_PART, asked))


def pca_seconds(vectors: Float32Array) -> float:
    """The median time that the map's axes and points take to be made."""
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        project(np.arange(len(vectors)), vectors, "clip", "cosine")
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))
