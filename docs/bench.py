"""Print the README's table of search speed and recall, and draw its growth.

``python docs/bench.py [--sizes N ...] [--plot FILE]`` measures what ``cbir bench search`` measures,
beside FAISS (the extra ``bench``), all in one run: ten minutes and 12 GB of memory for a million.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from matplotlib.figure import Figure

from cbir.bench.search import BATCH, SearchBench, measure
from cbir.bench.synthetic import Mixture
from cbir.bench.timing import machine
from cbir.records import METRICS, RECALL, Metric

QUERIES = 500
K = 10
Row = tuple[str, Callable[[SearchBench], str]]
Run = dict[Metric, SearchBench]


def run(count: int) -> Run:
    """Both metrics on ``count`` made-up vectors; FAISS beside the first."""
    mixture = Mixture()
    vectors, drawn = mixture.vectors(count), mixture.queries(QUERIES + BATCH)
    queries, many = drawn[:QUERIES], drawn[QUERIES:]
    return {
        metric: measure(vectors, queries, metric, K, RECALL, many=many, peers=metric == METRICS[0])
        for metric in METRICS
    }


ROWS: tuple[Row, ...] = (
    ("recall@10", lambda bench: f"{bench.recall:.3f}"),
    ("recall@10 that the index estimates", lambda bench: f"{bench.estimate or 0:.3f}"),
    ("exact", lambda bench: _ms(bench.exact.median)),
    ("LSH", lambda bench: _ms(bench.lsh.median)),
    ("LSH, 99th percentile", lambda bench: _ms(bench.lsh.p99)),
    ("exact ÷ LSH", lambda bench: f"**{bench.exact.median / bench.lsh.median:.0f}**"),
    ("sketches scanned", lambda bench: _share(bench.scanned, bench.vectors)),
    ("vectors compared", lambda bench: _share(bench.compared, bench.vectors)),
    ("making the index", lambda bench: f"{bench.build_seconds:.1f} s"),
    ("adding / removing 1,000", lambda bench: f"{_ms(bench.add_ms)} / {_ms(bench.remove_ms)}"),
    ("memory beside the vectors", lambda bench: f"{bench.bytes_per_vector:.0f} B a vector"),
    ("a query in a batch", lambda bench: _ms(bench.batch_ms)),
    ("LSH ÷ a query in a batch", lambda bench: f"{bench.lsh.median / bench.batch_ms:.1f}"),
)


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.3g} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"


def _share(part: float, whole: int) -> str:
    return f"{part:,.0f} ({100 * part / whole:.2g} %)"


def table(runs: Sequence[Run]) -> str:
    """The figures as Markdown."""
    benches = [run[metric] for run in runs for metric in METRICS]
    heads = [f"{bench.vectors:,} {bench.metric}" for bench in benches]
    lines = [_line("", heads), _line("---", ["---"] * len(heads))]
    lines += [_line(name, [tell(bench) for bench in benches]) for name, tell in ROWS]
    return "\n".join(lines)


def peers_table(runs: Sequence[Run]) -> str:
    """FAISS beside LSH as Markdown, cosine: recall and time; and what making the largest took."""
    benches = [run[METRICS[0]] for run in runs]
    last = benches[-1]
    heads = [f"{bench.vectors:,}" for bench in benches] + [f"making {last.vectors:,}"]
    lines = [_line(f"recall@{K} in", heads), _line("---", ["---"] * len(heads))]
    own = [f"**{_cell(bench.recall, bench.lsh.median)}**" for bench in benches]
    lines.append(_line("**LSH, cbir**", [*own, f"**{last.build_seconds:.0f} s**"]))
    exact = [_cell(1, bench.exact.median) for bench in benches]
    lines.append(_line("exact, cbir", [*exact, ""]))
    for key, peer in last.peers.items():
        cells = [_cell(bench.peers[key].recall, bench.peers[key].ms) for bench in benches]
        name = f"{peer.name}, {peer.setting}" if key.startswith("lsh") else peer.name
        lines.append(_line(name, [*cells, f"{peer.build_seconds:.0f} s"]))
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _cell(recall: float, milliseconds: float) -> str:
    return f"{recall:.3f} in {_ms(milliseconds)}"


def growth(runs: Sequence[Run]) -> list[str]:
    """How much longer LSH takes from one size to the next, a sentence each."""
    benches = [run[METRICS[0]] for run in runs]
    return [
        f"From {first.vectors:,} to {second.vectors:,} vectors LSH takes "
        f"{second.lsh.median / first.lsh.median:.2f} times as long."
        for first, second in pairwise(benches)
    ]


def draw(runs: Sequence[Run], path: Path) -> None:
    """How time grows with the library: exact search, FAISS and LSH, on logarithmic axes."""
    benches = [run[METRICS[0]] for run in runs]
    counts = [bench.vectors for bench in benches]
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    series = [
        ("exact, cbir", [bench.exact.median for bench in benches], "#868e96", "o--"),
        ("IndexLSH 2048 bits + refine, FAISS", _peer_ms(benches, "lsh_2048"), "#f59f00", "s-"),
        ("IVF-flat, FAISS", _peer_ms(benches, "ivf"), "#2f9e44", "^-"),
        ("HNSW16, FAISS", _peer_ms(benches, "hnsw"), "#1971c2", "v-"),
        ("LSH, cbir", [bench.lsh.median for bench in benches], "#e8590c", "o-"),
    ]
    for label, times, colour, style in series:
        axes.loglog(counts, times, style, color=colour, label=label, linewidth=1.8, markersize=5)
    axes.set_xlabel("vectors")
    axes.set_ylabel("ms a query, one thread")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.grid(visible=True, color="#dee2e6", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


def _peer_ms(benches: Sequence[SearchBench], key: str) -> list[float]:
    return [bench.peers[key].ms for bench in benches]


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--plot", type=Path, help="where to draw the growth, as .png")
    args = parser.parse_args()
    runs = [run(size) for size in args.sizes]
    told = [machine(), table(runs), peers_table(runs), *growth(runs)]
    sys.stdout.write("\n\n".join(told) + "\n")
    if args.plot:
        draw(runs, args.plot)


if __name__ == "__main__":
    main()
