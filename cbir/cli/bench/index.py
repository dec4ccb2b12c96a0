"""``bench index``: how quick indexing is, and what memory it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.indexing import MANY, IndexBench, measure_indexing
from cbir.bench.timing import machine
from cbir.cli.bench.units import megabytes, ms
from cbir.cli.options import Context, add_command, path, positive
from cbir.cli.output import Answer, complain, table

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "index",
        run,
        "measure indexing: against what the cores could do at most, in the window, and its memory",
        epilog="Opens windows, and takes minutes. `pip install 'cbir[bench]'` adds onnxruntime.",
    )
    parser.add_argument("folder", metavar="FOLDER", type=path, help="photographs to measure with")
    for option, count, help in (
        ("--files", 1000, "repeat the photographs to N files"),
        ("--rounds", 3, "measure N times, and tell the median"),
    ):
        told = f"{help} (otherwise {count:,})"
        parser.add_argument(option, metavar="N", type=positive, default=count, help=told)
    parser.add_argument("--no-window", action="store_true", help="leave the window out")


def run(context: Context) -> Answer:
    """Measure indexing; raises CbirError where the folder holds no pictures."""
    args = context.args
    bench = measure_indexing(
        context.settings,
        args.folder,
        args.files,
        args.rounds,
        window=not args.no_window,
        say=complain,
    )
    return Answer({**bench.document(), "machine": machine()}, _text(bench))


def _text(bench: IndexBench) -> str:
    speeds = [
        (
            name,
            ", ".join(dict.fromkeys(speed.precision.values())),
            f"{speed.images_per_second:.1f}",
            f"{speed.limit:.1f}",
            f"{speed.share:.2f}",
            ", ".join(f"{part} {ms(cost)}" for part, cost in speed.core_ms.items()),
        )
        for name, speed in bench.speeds.items()
    ]
    headings = ("space", "precision", "images/s", "limit", "share", "one picture on one core")
    ratios = [
        f"{name.replace('_', ' ')}: {value:.2f} times as many images a second"
        for name, value in bench.ratios.items()
    ]
    told = [
        f"{machine()}\n{bench.files:,} files\n",
        table(headings, speeds, "llrrrl"),
        *ratios,
        f"JPEG of 12 megapixels, decoded, turned and reduced: {ms(bench.camera_ms)} on one core.",
        f"Refresh of {MANY:,} unchanged files: {bench.refresh_seconds:.2f} s.",
    ]
    if bench.memory is not None:
        told.append(
            f"Indexing {bench.memory.pictures} panoramas of 100 megapixels takes "
            f"{megabytes(bench.memory.bytes)} at its peak."
        )
    return "\n".join([*told, *_window_lines(bench), *bench.notes]) + "\n"


def _window_lines(bench: IndexBench) -> list[str]:
    lines = []
    if bench.start is not None:
        lines.append(
            f"The window on {MANY:,} records can be used after {bench.start.usable_seconds:.2f} s."
        )
    if bench.window is not None:
        for stage, late in bench.window.stages.items():
            lines.append(
                f"The window's loop while {stage}: late by {ms(late['median'])} in the median, "
                f"{ms(late['p99'])} at the 99th percentile, {ms(late['greatest'])} at most."
            )
    return lines
