"""``bench``: how quick and how true the program is on this computer, measured."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import numpy as np

from cbir.bench.gap import MOST, GapBench, measure_gap, read_pairs
from cbir.bench.indexing import MANY, IndexBench, measure_indexing
from cbir.bench.opening import Opening
from cbir.bench.peers import Peer
from cbir.bench.search import BATCH, SearchBench, check_counts, measure, read_vectors
from cbir.bench.store import ADDED, Kept, Sizes, StoreBench, measure_store
from cbir.bench.synthetic import Mixture
from cbir.bench.timing import machine
from cbir.bench.window import RECORDS, WindowBench, measure_window_use
from cbir.cli import bench_duplicates, bench_map
from cbir.cli.options import Context, add_command, add_global_options, path, positive, recall
from cbir.cli.output import Answer, complain, table
from cbir.errors import CbirError
from cbir.records import METRICS, RECALL, Float32Array

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_QUERIES = 500


def add_commands(commands: Commands) -> None:
    """Declare ``bench`` with all that it measures."""
    about = "measure speed and recall on this computer"
    group = commands.add_parser("bench", help=about, description=about, allow_abbrev=False)
    add_global_options(group)
    actions = group.add_subparsers(metavar="WHAT", title="what to measure", required=True)
    _add_search(actions)
    gap = add_command(
        actions,
        "gap",
        run_gap,
        "measure the modality gap, and LSH by pictures and by words at one budget",
    )
    gap.add_argument(
        "--pairs",
        metavar="FILE.npz",
        type=path,
        required=True,
        help="holds image and text, (n, 512)",
    )
    _add_store(actions)
    _add_index(actions)
    bench_duplicates.add_command_to(actions)
    _add_window(actions)
    bench_map.add_command_to(actions)


def _add_search(actions: Commands) -> None:
    parser = add_command(
        actions,
        "search",
        run_search,
        "measure LSH against exact search",
        epilog="Queries run one at a time on one thread; making the index uses every core.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--synthetic", metavar="N", type=positive, help="N made-up vectors that are like CLIP's"
    )
    source.add_argument("--vectors", metavar="V.npy", type=path, help="these vectors, (n, 512)")
    parser.add_argument(
        "--queries", metavar="Q.npy", type=path, help="the queries for --vectors, (q, 512)"
    )
    parser.add_argument("--metric", choices=METRICS, default="cosine", help="otherwise cosine")
    parser.add_argument("-k", metavar="N", type=positive, default=10, help="hits (otherwise 10)")
    parser.add_argument(
        "--recall",
        metavar="R",
        type=recall,
        default=RECALL,
        help="the recall to aim at (otherwise 0.95)",
    )
    parser.add_argument(
        "--peers",
        action="store_true",
        help="measure FAISS too (pip install 'cbir[bench]')",
    )
    parser.add_argument(
        "--out", metavar="R.npz", type=path, help="write the row numbers that both found"
    )


def _add_store(actions: Commands) -> None:
    parser = add_command(
        actions,
        "store",
        run_store,
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


def _add_index(actions: Commands) -> None:
    parser = add_command(
        actions,
        "index",
        run_index,
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


def _add_window(actions: Commands) -> None:
    parser = add_command(
        actions,
        "window",
        run_window,
        "measure the window over many records: opening, scrolling, themes, searches",
        epilog="Opens a window, and takes minutes. Words are searched without a model.",
    )
    told = f"records in the library (otherwise {RECORDS:,})"
    parser.add_argument("--records", metavar="N", type=positive, default=RECORDS, help=told)


def run_search(context: Context) -> Answer:
    """Measure; raises CbirError where the files are not as they should be."""
    args = context.args
    if args.out is not None and not os.path.isdir(os.path.dirname(os.path.abspath(args.out))):
        raise CbirError(f"{args.out} cannot be written: there is no such folder.")
    vectors, queries, many = _data(args)
    bench = measure(vectors, queries, args.metric, args.k, args.recall, many=many, peers=args.peers)
    if args.out is not None:
        _write(args.out, bench)
    return Answer({**bench.document(), "machine": machine()}, _search_text(bench))


def _data(args: argparse.Namespace) -> tuple[Float32Array, Float32Array, Float32Array | None]:
    """Vectors, queries, and a batch of more queries where there are some."""
    if args.vectors is None:
        if args.queries is not None:
            args.usage_error("--queries goes with --vectors: --synthetic makes its own")
        check_counts(args.synthetic, _QUERIES, args.k)
        complain(f"Making {args.synthetic:,} vectors …")
        mixture = Mixture()
        queries = mixture.queries(_QUERIES + BATCH)
        return mixture.vectors(args.synthetic), queries[:_QUERIES], queries[_QUERIES:]
    if args.queries is None:
        args.usage_error("--vectors needs --queries, a file of vectors to search by")
    return read_vectors(args.vectors), read_vectors(args.queries), None


def _write(out: str, bench: SearchBench) -> None:
    try:
        with open(out, "wb") as file:
            np.savez(file, exact_ids=bench.exact_ids, lsh_ids=bench.lsh_ids)
    except OSError as error:
        raise CbirError(f"{out} cannot be written ({error.strerror}).") from error


def _search_text(bench: SearchBench) -> str:
    rows = [
        ("exact", _ms(bench.exact.median), _ms(bench.exact.p99), "1.000", "everything compared"),
        (
            "LSH",
            _ms(bench.lsh.median),
            _ms(bench.lsh.p99),
            f"{bench.recall:.3f}",
            f"{bench.scanned:,.0f} sketches scanned, {bench.compared:,.0f} vectors compared",
        ),
    ]
    rows += [
        (peer.name, _ms(peer.ms), _ms(peer.p99_ms), f"{peer.recall:.3f}", _peer_note(peer))
        for peer in bench.peers.values()
    ]
    found = table(("index", "median", "p99", f"recall@{bench.k}", ""), rows, "lrrrl")
    estimate = "not measured" if bench.estimate is None else f"{bench.estimate:.3f}"
    ratio = bench.exact.median / bench.lsh.median
    speed = f"{ratio:.1f} times as fast as" if ratio >= 1 else f"{1 / ratio:.1f} times as slow as"
    return (
        f"{machine()}\n{bench.vectors:,} vectors, {bench.metric}, {bench.queries:,} queries, one "
        f"thread\n\n{found}\nLSH is {speed} exact. For queries that are like the vectors it "
        f"estimates its recall at {estimate}; {bench.target:g} was asked for.\n"
        f"Index: made in {bench.build_seconds:.1f} s ({bench.tuning_seconds:.1f} s of it to tune), "
        f"{bench.bytes_per_vector:,.0f} bytes a vector; 1,000 rows added in {_ms(bench.add_ms)}, "
        f"removed in {_ms(bench.remove_ms)}.\n"
        f"In batches of 10,000: {_ms(bench.batch_ms)} a query, "
        f"{bench.lsh.median / bench.batch_ms:.1f} times as fast as singly.\n"
    )


def _peer_note(peer: Peer) -> str:
    return f"{peer.setting}, built in {peer.build_seconds:.1f} s"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.3g} ms" if milliseconds < 1000 else f"{milliseconds:,.0f} ms"


def run_gap(context: Context) -> Answer:
    """Measure the gap; raises CbirError where the file is not as it should be."""
    bench = measure_gap(*read_pairs(context.args.pairs))
    return Answer(bench.document(), _gap_text(bench))


def _gap_text(bench: GapBench) -> str:
    budget = f"{bench.scanned:,.0f} sketches scanned, {bench.compared:,.0f} vectors compared"
    rows = [
        ("a picture", f"{bench.image_recall:.3f}", f"{100 * bench.image_share:.0f} %"),
        ("words", f"{bench.text_recall:.3f}", f"{100 * bench.text_share:.0f} %"),
    ]
    needed = f"to scan for {MOST}"
    found = table(("query", f"recall@{bench.k}", needed), rows, "lrr")
    return (
        f"Images and words point {bench.angle:.1f}° apart (between their centroids).\n"
        f"LSH over {bench.indexed:,} images, {bench.queries} queries of each kind, {budget}:\n\n"
        f"{found}"
    )


def run_store(context: Context) -> Answer:
    """Measure stores; raises CbirError where nothing can be written."""
    args = context.args
    sizes = Sizes(args.records, args.small, args.answer, args.batches)
    bench = measure_store(sizes, args.folder, complain)
    return Answer({**bench.document(), "machine": machine()}, _store_text(bench))


def _store_text(bench: StoreBench) -> str:
    sizes = bench.sizes
    added = [
        (f"{count:,}", _ms(adding.first_ms), _ms(adding.ms), f"{adding.records_per_second:,.0f}")
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
        _megabytes(opening.answer_bytes),
        _megabytes(opening.answer_mapped),
    )


def _megabytes(count: int | None) -> str:
    return "not told" if count is None else f"{count / 1e6:,.0f} MB"


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


def run_index(context: Context) -> Answer:
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
    return Answer({**bench.document(), "machine": machine()}, _index_text(bench))


def _index_text(bench: IndexBench) -> str:
    speeds = [
        (
            name,
            ", ".join(dict.fromkeys(speed.precision.values())),
            f"{speed.images_per_second:.1f}",
            f"{speed.limit:.1f}",
            f"{speed.share:.2f}",
            ", ".join(f"{part} {_ms(cost)}" for part, cost in speed.core_ms.items()),
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
        f"JPEG of 12 megapixels, decoded, turned and reduced: {_ms(bench.camera_ms)} on one core.",
        f"Refresh of {MANY:,} unchanged files: {bench.refresh_seconds:.2f} s.",
    ]
    if bench.memory is not None:
        told.append(
            f"Indexing {bench.memory.pictures} panoramas of 100 megapixels takes "
            f"{_megabytes(bench.memory.bytes)} at its peak."
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
                f"The window's loop while {stage}: late by {_ms(late['median'])} in the median, "
                f"{_ms(late['p99'])} at the 99th percentile, {_ms(late['greatest'])} at most."
            )
    return lines


def run_window(context: Context) -> Answer:
    """Measure the window; raises CbirError where there is no display."""
    bench = measure_window_use(context.args.records, complain)
    return Answer({**bench.document(), "machine": machine()}, _window_text(bench))


def _window_text(bench: WindowBench) -> str:
    rows = [
        (what, *(_ms(figures[key]) for key in ("median", "p99", "greatest")))
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
