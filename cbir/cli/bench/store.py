"""``bench store``: how quick a library is, as it grows and beside SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.opening import Opening
from cbir.bench.store import ADDED, Kept, Sizes, StoreBench, measure_store
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
        "store",
        run,
        "measure adding to a library and opening it, as it grows and beside SQLite",
        epilog="Takes minutes, 3 GB of memory and 6 GB of disk for 500,000 records.",
    )
    for option, count, help in (
        ("--records", 500_000, "records in the large library"),
        ("--small", 1000, "records in the small library"),
        ("--answer", 100_000, "records in the library that is beside SQLite"),
        ("--batches", 50, f"batches of {ADDED} to add"),
    ):
        told = f"{help} (otherwise {count:,})"
        parser.add_argument(option, metavar="N", type=positive, default=count, help=told)
    parser.add_argument(
        "--folder",
        metavar="DIR",
        type=path,
        help="make the files in DIR, on the disk to be measured, and remove them afterwards "
        "(otherwise in the folder for temporary files)",
    )


def run(context: Context) -> Answer:
    """Measure stores; raises CbirError where nothing can be written."""
    args = context.args
    sizes = Sizes(args.records, args.small, args.answer, args.batches)
    bench = measure_store(sizes, args.folder, complain)
    return Answer({**bench.document(), "machine": machine()}, _text(bench))


def _text(bench: StoreBench) -> str:
    sizes = bench.sizes
    added = [
        (
            f"{count:,}",
            ms(adding.first_ms),
            ms(adding.ms),
            f"{adding.records_per_second:,.0f}",
        )
        for count, adding in ((sizes.small, bench.small), (sizes.large, bench.large))
    ]
    opened = [
        ("exact", *_opening_cells(bench.exact)),
        (f"by the rules: {bench.auto.method}", *_opening_cells(bench.auto)),
    ]
    kept = [_kept_cells(kept) for kept in (bench.kept, *bench.peers.values())]
    batch = f"{ADDED} records with vectors in two spaces"
    return (
        f"{machine()}, {bench.sqlite}\n\nAdding {batch}, durable, median of {sizes.batches:,}:\n"
        f"{table(('to', 'first', 'median', 'records a second'), added, 'rrrr')}"
        f"Adding to {sizes.large:,} records takes {bench.growth:.2f} times as long as to "
        f"{sizes.small:,}.\n\nOpening {sizes.large:,} records, until the first answer:\n"
        f"{table(('answer', 'open', 'answered', 'own memory', 'file in memory'), opened, 'lrrrr')}"
        f"\nThe same {sizes.answer:,} records in cbir and in SQLite:\n"
        f"{table(('', 'records a second', 'first exact answer', 'bytes'), kept, 'lrrr')}"
        f"{_ahead_text(bench)}"
    )


def _opening_cells(opening: Opening) -> tuple[str, str, str, str]:
    return (
        f"{opening.open_seconds:.3f} s",
        f"{opening.answer_seconds:.3f} s",
        megabytes(opening.answer_bytes),
        megabytes(opening.answer_mapped),
    )


def _kept_cells(kept: Kept) -> tuple[str, str, str, str]:
    return (
        kept.name,
        f"{kept.adding.records_per_second:,.0f}",
        f"{kept.opening.answer_seconds:.3f} s",
        f"{kept.bytes:,}",
    )


def _ahead_text(bench: StoreBench) -> str:
    return "".join(
        f"Beside {bench.peers[key].name}: {ahead['records_per_second']:.2f} times as many records "
        f"a second, the answer {ahead['answer']:.2f} times as soon, {1 / ahead['bytes']:.2f} times "
        "the bytes.\n"
        for key, ahead in bench.ahead.items()
    )
