"""``bench search``: how quick and how true LSH is beside exact search."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import numpy as np

from cbir.bench.peers import Peer
from cbir.bench.search import BATCH, SearchBench, check_counts, measure, read_vectors
from cbir.bench.synthetic import Mixture
from cbir.bench.timing import machine
from cbir.cli.bench.units import ms
from cbir.cli.options import Context, add_command, path, positive, recall
from cbir.cli.output import Answer, complain, table
from cbir.errors import CbirError
from cbir.records import METRICS, RECALL, Float32Array

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_QUERIES = 500


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "search",
        run,
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


def run(context: Context) -> Answer:
    """Measure; raises CbirError where the files are not as they should be."""
    args = context.args
    if args.out is not None and not os.path.isdir(os.path.dirname(os.path.abspath(args.out))):
        raise CbirError(f"{args.out} cannot be written: there is no such folder.")
    vectors, queries, many = _data(args)
    bench = measure(vectors, queries, args.metric, args.k, args.recall, many=many, peers=args.peers)
    if args.out is not None:
        _write(args.out, bench)
    return Answer({**bench.document(), "machine": machine()}, _text(bench))


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


def _text(bench: SearchBench) -> str:
    rows = [
        (
            "exact",
            ms(bench.exact.median),
            ms(bench.exact.p99),
            "1.000",
            "everything compared",
        ),
        (
            "LSH",
            ms(bench.lsh.median),
            ms(bench.lsh.p99),
            f"{bench.recall:.3f}",
            f"{bench.scanned:,.0f} sketches scanned, {bench.compared:,.0f} vectors compared",
        ),
    ]
    rows += [
        (
            peer.name,
            ms(peer.ms),
            ms(peer.p99_ms),
            f"{peer.recall:.3f}",
            _peer_note(peer),
        )
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
        f"{bench.bytes_per_vector:,.0f} bytes a vector; 1,000 rows added in {ms(bench.add_ms)}, "
        f"removed in {ms(bench.remove_ms)}.\n"
        f"In batches of 10,000: {ms(bench.batch_ms)} a query, "
        f"{bench.lsh.median / bench.batch_ms:.1f} times as fast as singly.\n"
    )


def _peer_note(peer: Peer) -> str:
    return f"{peer.setting}, built in {peer.build_seconds:.1f} s"
