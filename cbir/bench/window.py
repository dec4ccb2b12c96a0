"""How smooth the window is over many records: a library of made-up vectors, shown and worked."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cbir.bench.pictures import repeat
from cbir.bench.processes import run_window_part
from cbir.bench.stand_in import FINGERPRINT
from cbir.bench.synthetic import Mixture
from cbir.encoders.classic import ClassicEncoder
from cbir.errors import CbirError
from cbir.images import stat_file
from cbir.library import Library
from cbir.records import Embeddings, Float32Array, ImageFile, JsonObject

RECORDS = 100_000
_A_FOLDER = 1000
_MADE_AT_ONCE = 10_000
_SOURCES = 200  # different pictures; the files are links to them
_SIZE = (640, 480)
_PART = "cbir.ui.smoothness"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WindowBench:
    """All figures: seconds, and milliseconds each with ``median``, ``p99`` and ``greatest``.

    ``process_seconds`` after its process began, and ``opening_seconds`` after the window asked for
    its library, the grid was painted. ``scroll`` is a step of 60 pixels at a time, ``page`` a page
    by key, which selects, ``jump`` a pull of the scrollbar, ``theme`` a switch to the other theme,
    ``search`` words from Enter to painted hits, without a model; all until the screen shows it.
    """

    records: int
    process_seconds: float
    opening_seconds: float
    scroll: dict[str, float]
    page: dict[str, float]
    jump: dict[str, float]
    theme: dict[str, float]
    search: dict[str, float]

    def document(self) -> JsonObject:
        """For ``--json``."""
        return asdict(self)


def measure_window_use(records: int, say: Say, share: float = 1.0) -> WindowBench:
    """Measure, ``share`` of the usual times.

    Raises CbirError where there is no display, or nothing can be written.
    """
    with temporary_folder() as home:
        say(f"Making a library of {records:,} records …")
        library = home / "window.npz"
        fill(library, make_files(home, records), Mixture().vectors(records))
        say("Working the window …")
        asked = {"library": str(library), "began": time.time(), "share": share}
        return WindowBench(records, **run_window_part(_PART, asked))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for as long as something is measured; raises CbirError where it cannot be."""
    home = Path(tempfile.mkdtemp(prefix="cbir-bench-"))
    try:
        yield home
    except OSError as error:
        raise CbirError(f"Nothing can be made in {home} ({error.strerror}).") from error
    finally:
        shutil.rmtree(home, ignore_errors=True)


def make_files(home: Path, count: int) -> list[ImageFile]:
    """``count`` files, a thousand in a folder, of a few different pictures."""
    random = np.random.default_rng(6)
    (home / "sources").mkdir()
    sources = [_draw(home / "sources" / f"{n}.jpg", random) for n in range(min(_SOURCES, count))]
    files = []
    for start in range(0, count, _A_FOLDER):
        folder = home / "pictures" / f"{start // _A_FOLDER:04}"
        repeat(sources, folder, min(_A_FOLDER, count - start))
        found = map(stat_file, sorted(map(str, folder.iterdir())))
        files += [
            ImageFile(each.path, each.size, each.mtime_ns, f"{start + number:032x}", *_SIZE)
            for number, each in enumerate(found)
        ]
    return files


def _draw(path: Path, random: np.random.Generator) -> str:
    """A picture with soft shapes, which decodes about as long as a photograph of its size."""
    small = random.integers(0, 256, (12, 16, 3), np.uint8)
    Image.fromarray(small).resize(_SIZE, Image.Resampling.BICUBIC).save(path, quality=88)
    return str(path)


def fill(path: Path, files: list[ImageFile], vectors: Float32Array) -> None:
    """A library of files with their vectors (n, 512), in classic and in the stand-in's clip."""
    with Library.open(path) as library:
        for start in range(0, len(files), _MADE_AT_ONCE):
            rows = slice(start, start + _MADE_AT_ONCE)
            library.add(files[rows], _embeddings(vectors[rows]))
        library.tend()
        library.fold()


def _embeddings(vectors: Float32Array) -> dict[str, Embeddings]:
    return {
        "classic": Embeddings(vectors, ClassicEncoder().fingerprint),
        "clip": Embeddings(vectors, FINGERPRINT),
    }
