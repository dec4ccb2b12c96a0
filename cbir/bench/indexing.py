"""How quickly folders are indexed, beside what the computer could do at most and other ways.

All in one run and in turn, so that a computer which is slower for a while is so for all of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from cbir.bench.core_seconds import CORES, Job, Speed
from cbir.bench.loops import OnnxLoop, PlainLoop
from cbir.bench.pictures import pictures_in, repeat, write_camera_picture, write_panoramas
from cbir.bench.processes import MemoryUse, WindowRun, measure_memory, measure_window
from cbir.bench.timing import timed
from cbir.config import Settings
from cbir.encoders.classic import ClassicEncoder
from cbir.encoders.registry import available_spaces
from cbir.encoders.weights import find_weights
from cbir.errors import CbirError
from cbir.images import load_image, stat_file, thumbnail
from cbir.library import Library
from cbir.records import DIMENSION, Embeddings, ImageFile, JsonObject

MANY = 10_000
"""Unchanged files that are refreshed, and records of the library that the window opens."""

_COMPARED = 128  # pictures that the other loops go through in each round
_CAMERA_TIMES = 15
_THUMBNAIL = 256
_WARM_UP = 40

Say = Callable[[str], None]


@dataclass(slots=True)
class IndexBench:
    """All figures; None where something was not measured, and ``notes`` say why.

    ``speeds`` are keyed by spaces joined with ``+``. ``ratios`` are images a second in CLIP beside
    the loop of its documentation and beside onnxruntime, both in float32, and in the window beside
    the terminal. ``start`` is the window on a library of ``MANY`` records. ``camera_ms`` is what
    one core takes to decode a JPEG of 12 megapixels, turn it upright and make its thumbnail.
    """

    files: int
    cores: int = CORES
    speeds: dict[str, Speed] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    window: WindowRun | None = None
    start: WindowRun | None = None
    camera_ms: float = 0.0
    refresh_seconds: float = 0.0
    memory: MemoryUse | None = None
    notes: list[str] = field(default_factory=list)

    def document(self) -> JsonObject:
        """For ``--json``."""
        return asdict(self)


def measure_indexing(
    settings: Settings, folder: str, files: int, rounds: int, *, window: bool, say: Say
) -> IndexBench:
    """Measure on the pictures of ``folder``, repeated to ``files``.

    Raises CbirError where it holds no pictures, or some that cannot be read, and where nothing can
    be written.
    """
    sources = pictures_in(folder)
    with tempfile.TemporaryDirectory(prefix="cbir-bench-") as place:
        home = Path(place)
        here = replace(settings, home=home, library=home / "window.npz")
        measurer = IndexMeasurer(here, sources, files, rounds, say)
        measurer.measure_speeds(window=window)
        measurer.measure_many(window=window)
        measurer.measure_camera()
        measurer.measure_memory()
    return measurer.found


class IndexMeasurer:
    """Measures part after part into ``found``; files are made in ``settings.home``."""

    def __init__(
        self, settings: Settings, sources: Sequence[str], files: int, rounds: int, say: Say
    ) -> None:
        self.found = IndexBench(files)
        self._settings = settings
        self._place = settings.home
        self._sources = sources
        self._folder = repeat(sources, self._place / "pictures", files)
        self._warm_up = repeat(sources, self._place / "warm-up", _WARM_UP)
        self._rounds = rounds
        self._say = say
        self._job = Job(settings, sources)

    def measure_speeds(self, *, window: bool) -> None:
        """The job in each space and in both networks, other loops, and the window, in turn."""
        there = available_spaces(self._settings.models)
        networks = [space for space in ("resnet18", "clip") if space in there]
        kinds: list[Sequence[str]] = [["classic"], *([space] for space in networks)]
        if len(networks) == 2:
            kinds.append(networks)
        else:
            self.found.notes.append("Without the weights of both networks they are not measured.")
        self._job.index(self._warm_up, there)
        turns = _Turns()
        loops = _OtherLoops(self._settings, turns, self.found.notes) if "clip" in there else None
        for number in range(1, self._rounds + 1):
            self._say(f"Round {number} of {self._rounds} …")
            for kind in kinds:
                turns.speed("+".join(kind), self._job.speed(self._folder, kind))
            if loops is not None:
                loops.run(self._sources[:_COMPARED])
            if window and len(networks) == 2:
                with self._noting():
                    turns.window(self._run_window(number, networks))
        turns.tell(self.found)

    def _run_window(self, number: int, spaces: Sequence[str]) -> WindowRun:
        settings = replace(self._settings, library=self._place / f"window-{number}.npz")
        return measure_window(settings, 0, spaces, [self._warm_up, self._folder], self.found.files)

    def measure_many(self, *, window: bool) -> None:
        """Refresh many files that did not change; open the window on as many records."""
        self._say(f"Refreshing {MANY:,} files …")
        folder = repeat(self._sources, self._place / "many", MANY)
        library = self._place / "many.npz"
        _fill(library, folder)
        reports = [self._job.refresh(library, folder, ["classic"]) for _ in range(3)]
        if any(report.unchanged != MANY for report in reports):
            raise AssertionError("files that did not change were taken for changed ones")
        self.found.refresh_seconds = median(report.seconds for report in reports)
        if window:
            self._say("Opening the window …")
            settings = replace(self._settings, library=library)
            with self._noting():
                runs = [measure_window(settings, MANY, (), (), 0) for _ in range(3)]
                self.found.start = sorted(runs, key=lambda run: run.usable_seconds)[1]

    def measure_camera(self) -> None:
        """Decode, turn and reduce a picture of 12 megapixels on this thread."""
        path = str(write_camera_picture(self._sources, self._place / "camera.jpg"))
        times = [
            timed(lambda: thumbnail(load_image(path).image, _THUMBNAIL))[1]
            for _ in range(_CAMERA_TIMES)
        ]
        self.found.camera_ms = 1000 * median(times)

    def measure_memory(self) -> None:
        """Index panoramas in a process of their own."""
        self._say("Indexing panoramas of 100 megapixels …")
        folder = write_panoramas(self._sources, self._place / "panoramas")
        with self._noting():
            self.found.memory = measure_memory(folder, self._place / "panoramas.npz")

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """What cannot be measured on this computer must not cost what was measured."""
        try:
            yield
        except CbirError as error:
            self.found.notes.append(str(error))


class _Turns:
    """What the rounds brought; ratios are of one round each, and their median is told."""

    def __init__(self) -> None:
        self._speeds: dict[str, list[Speed]] = {}
        self._windows: list[WindowRun] = []
        self._ratios: dict[str, list[float]] = {}

    def speed(self, name: str, speed: Speed) -> None:
        """The job in some spaces."""
        self._speeds.setdefault(name, []).append(speed)

    def window(self, run: WindowRun) -> None:
        """The window, after the terminal in both networks."""
        self._windows.append(run)
        terminal = self._speeds["resnet18+clip"][-1].images_per_second
        self.ratio("window_to_terminal", run.images_per_second / terminal)

    def loop(self, name: str, images_per_second: float) -> None:
        """Another loop, after the terminal in CLIP."""
        ours = self._speeds["clip"][-1].images_per_second
        self.ratio(f"clip_to_{name}", ours / images_per_second)

    def ratio(self, name: str, value: float) -> None:
        """One round's ratio."""
        self._ratios.setdefault(name, []).append(value)

    def tell(self, found: IndexBench) -> None:
        """Fill in the medians."""
        found.speeds = {name: Speed.median(speeds) for name, speeds in self._speeds.items()}
        found.ratios = {name: median(ratios) for name, ratios in self._ratios.items()}
        if self._windows:
            runs = sorted(self._windows, key=lambda run: run.images_per_second)
            found.window = runs[len(runs) // 2]


class _OtherLoops:
    """CLIP by other programs' means, where they are installed."""

    def __init__(self, settings: Settings, turns: _Turns, notes: list[str]) -> None:
        folder = find_weights("clip", settings.models)
        assert folder is not None
        self._turns = turns
        self._plain = PlainLoop(folder)
        self._onnx: OnnxLoop | None = None
        try:
            self._onnx = OnnxLoop(folder, self._plain.prepare)
        except ImportError as error:
            notes.append(f"Without {error.name} (pip install 'cbir[bench]') no onnxruntime.")

    def run(self, paths: Sequence[str]) -> None:
        """One round of each."""
        self._turns.loop("plain_loop", self._plain.images_per_second(paths))
        if self._onnx is not None:
            self._turns.loop("onnxruntime", self._onnx.images_per_second(paths))


def _fill(library: Path, folder: Path) -> None:
    """Records for all files of ``folder``, as they are on disk, with made-up vectors."""
    found = [stat_file(path) for path in sorted(map(str, folder.iterdir()))]
    random = np.random.default_rng(10)
    vectors = random.standard_normal((len(found), DIMENSION)).astype(np.float32)
    files = [
        ImageFile(file.path, file.size, file.mtime_ns, f"{number:032x}", 500, 375)
        for number, file in enumerate(found)
    ]
    fingerprint = ClassicEncoder().fingerprint
    with Library.open(library) as opened:
        opened.add_root(str(folder))
        opened.add(files, {"classic": Embeddings(vectors, fingerprint)})
        opened.fold()
