"""``bench map``: how quick the map is over many records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.map import MapBench, measure_map
from cbir.bench.timing import machine
from cbir.cli.bench.units import add_records_option
from cbir.cli.options import Context, add_command
from cbir.cli.output import Answer, complain, table

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "map",
        run,
        "measure the map over many records: drawing, hover, colours, new pictures, its axes",
        epilog="Opens a window, and takes minutes.",
    )
    add_records_option(parser)


def run(context: Context) -> Answer:
    """Measure the map; raises CbirError where there is no display."""
    bench = measure_map(context.args.records, complain)
    return Answer({**bench.document(), "machine": machine()}, _text(bench))


def _text(bench: MapBench) -> str:
    rows = [
        (what, *(f"{figures[key]:.1f} ms" for key in ("median", "p99", "greatest")))
        for what, figures in (
            ("drawing the map", bench.first_draw),
            ("hover", bench.hover),
            ("other colours", bench.recolour),
            ("the event loop is late, while indexing", bench.update),
        )
    ]
    return (
        f"{machine()}\n{bench.records:,} records: the principal components take "
        f"{bench.pca_seconds:.2f} s.\n\n"
        f"{table(('until the screen shows it', 'median', 'p99', 'greatest'), rows, 'lrrr')}"
    )
