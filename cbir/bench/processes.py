"""What is measured in processes of their own: the window, and the memory that indexing takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cbir.config import Settings, load_settings
from cbir.errors import CbirError
from cbir.work.engine import Engine
from cbir.work.loop import wait_for

_WINDOW = "cbir.ui.liveliness"
_TIMEOUT = 900


@dataclass(frozen=True, slots=True)
class WindowRun:
    """The window; ``usable_seconds`` after its process began, its library of ``records`` was shown.

    ``stages`` hold the delays of its event loop in milliseconds (``median``, ``p99``,
    ``greatest``) while ``opening``, ``loading`` (libraries, then models) and ``indexing``.
    """

    records: int
    usable_seconds: float
    stages: dict[str, dict[str, float]]
    images_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Bytes that indexing took at its peak above what the program had before, with children's."""

    pictures: int
    bytes: int


def measure_window(
    settings: Settings, records: int, spaces: Sequence[str], folders: Sequence[Path], files: int
) -> WindowRun:
    """Open the window on the settings' library, which has ``records``.

    The first of the ``folders`` is indexed to load the models, the second one, of ``files``
    pictures, to be measured. Raises CbirError where there is no display.
    """
    asked = {
        "library": str(settings.library),
        "models": None if settings.models is None else str(settings.models),
        "device": settings.device,
        "precision": settings.precision,
        "spaces": list(spaces),
        "folders": [str(folder) for folder in folders],
        "began": time.time(),
    }
    said = run_window_part(_WINDOW, asked)
    speed = files / said["indexing_seconds"] if folders else 0.0
    stages = {name: said[name] for name in ("opening", "loading", "indexing") if name in said}
    return WindowRun(records, said["usable_seconds"], stages, speed)


def run_window_part(module: str, asked: Mapping[str, object]) -> Any:
    """What a program that works the window printed, told ``asked`` as JSON.

    Raises CbirError where there is no display.
    """
    return in_a_process([module, json.dumps(asked)], "The window could not be measured")


def measure_memory(folder: Path, library: Path) -> MemoryUse:
    """Index ``folder`` in the classic space, which needs no models, into a new ``library``."""
    told = [__name__, str(folder), str(library)]
    said = in_a_process(told, "Indexing could not be measured")
    return MemoryUse(said["pictures"], said["bytes"])


def in_a_process(arguments: list[str], trouble: str) -> Any:
    """The JSON that ``python -m`` with these arguments prints last; CbirError where it fails."""
    command = [sys.executable, "-m", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise CbirError(f"{trouble} within {_TIMEOUT // 60} minutes.") from error
    if done.returncode or not done.stdout:
        why = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise CbirError(f"{trouble} ({why}).")
    return json.loads(done.stdout.splitlines()[-1])


def _memory_of_indexing(folder: str, library: str) -> dict[str, int]:
    """Index in this process, and tell by how much its memory and its children's grew."""
    home = os.path.dirname(library)
    settings = load_settings(library=library, environ={"CBIR_HOME": home})
    engine = Engine(settings, tends=False)
    wait_for(engine.open(), engine.outbox, lambda event: None)
    before = resident("VmRSS")
    report = wait_for(engine.index([folder], ["classic"]), engine.outbox, lambda event: None)
    engine.stop()
    return {
        "pictures": report.added,
        "bytes": resident("VmHWM") - before + _children_peak(),
    }


def resident(kind: str) -> int:
    """Bytes of this process's memory (Linux): ``VmRSS`` now, ``VmHWM`` at its peak."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(f"{kind}:"))
    return int(line.split()[1]) * 1024


def _children_peak() -> int:
    """The peak of the largest child that has not ended, and of those that have (Linux)."""
    import resource  # noqa: PLC0415 - not on Windows

    ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return max([ended, *_living_children()])


def _living_children() -> list[int]:
    tasks = Path("/proc/self/task")
    found = []
    for children in tasks.glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii").splitlines()
            found += [int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_memory_of_indexing(*sys.argv[1:])) + "\n")
