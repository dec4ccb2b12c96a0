"""``bench window``: how smooth the window is over many records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.timing import machine
from cbir.bench.window import WindowBench, measure_window_use
from cbir.cli.bench.units import add_records_option, ms
from cbir.cli.options import Context, add_command
from cbir.cli.output import Answer, complain, table

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "window",
        run,
        "measure the window over many records: opening, scrolling, themes, searches",
        epilog="Opens a window, and takes minutes. Words are searched without a model.",
    )
    add_records_option(parser)


def run(context: Context) -> Answer:
    """Measure the window; raises CbirError where there is no display."""
    bench = measure_window_use(context.args.records, complain)
    return Answer({**bench.document(), "machine": machine()}, _text(bench))


def _text(bench: WindowBench) -> str:
    rows = [
        (what, *(ms(figures[key]) for key in ("median", "p99", "greatest")))
        for what, figures in (
            ("scrolling by 60 pixels", bench.scroll),
            ("a pull of the scrollbar", bench.jump),
            ("Page down", bench.page),
            ("switching the theme", bench.theme),
            ("words, from Enter to the hits", bench.search),
        )
    ]
    return (
        f"{machine()}\n{bench.records:,} records: the grid is painted "
        f"{bench.opening_seconds:.2f} s after the library was asked for, "
        f"{bench.process_seconds:.2f} s after the program was started.\n\n"
        f"{table(('until the screen shows it', 'median', 'p99', 'greatest'), rows, 'lrrr')}"
    )
