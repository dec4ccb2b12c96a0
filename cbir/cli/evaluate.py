"""``evaluate``: how good the spaces are at retrieval, on a folder of labelled pictures."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cbir.cli.index import skipped_documents, skipped_text
from cbir.cli.options import (
    Context,
    add_command,
    add_recall_option,
    add_space_option,
    path,
    positive,
)
from cbir.cli.output import Answer, printable, table
from cbir.cli.session import session
from cbir.describe import plural
from cbir.records import METRICS, JsonObject
from cbir.work.evaluating import (
    METHODS,
    MOST_HITS,
    Confusion,
    EvaluationReport,
    EvaluationRequest,
    SpaceEvaluation,
)
from cbir.work.labelling import LABEL_KINDS

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_EPILOG = (
    "Each picture is the query once and the rest is ranked (leave-one-out). precision@k: the "
    "share of its label among the k nearest; mAP: mean average precision over the whole ranking, "
    "of which LSH finds only the beginning, so that its mAP is lower; nearest: how often the "
    "nearest picture has its label; chance: what precision would be if pictures were ranked by "
    "chance. Of more than 5,000 pictures 5,000 are queries."
)
_PAIRS_SHOWN = 5


def add_commands(commands: Commands) -> None:
    """Declare ``evaluate``."""
    parser = add_command(
        commands,
        "evaluate",
        run,
        "measure retrieval on a folder whose subfolders, or tags, are classes",
        epilog=_EPILOG,
    )
    parser.add_argument("folder", metavar="FOLDER", type=path, help="holds one subfolder a class")
    add_space_option(parser, "evaluate this space; may be repeated (otherwise all there are)")
    parser.add_argument(
        "--metric",
        action="append",
        dest="metrics",
        choices=METRICS,
        help="by this metric; may be repeated (otherwise both)",
    )
    parser.add_argument(
        "--method",
        action="append",
        dest="methods",
        choices=METHODS,
        help="by this method; may be repeated (otherwise both)",
    )
    parser.add_argument(
        "-k",
        metavar="N",
        type=_hits,
        default=10,
        help=f"of how many hits, {MOST_HITS:,} at most (otherwise 10)",
    )
    add_recall_option(parser)
    parser.add_argument(
        "--labels",
        choices=LABEL_KINDS,
        default="folders",
        help="what tells the class: subfolders, or the tags of the library's pictures below FOLDER "
        "(otherwise folders)",
    )
    parser.add_argument("--grey", action="store_true", help="take the colour away first")


def _hits(text: str) -> int:
    """A whole number from 1 to as many hits as are looked at."""
    number = positive(text)
    if number > MOST_HITS:
        raise argparse.ArgumentTypeError(f"{text!r} is more than {MOST_HITS:,}")
    return number


def run(context: Context) -> Answer:
    """Evaluate; the library is not changed. Raises CbirError for a folder without classes.

    Ends with wrong usage where LSH's recall is named and LSH is not evaluated.
    """
    args = context.args
    if "recall" in args and args.methods and "lsh" not in args.methods:
        args.usage_error("--recall is what LSH is to find: leave it or --method exact out")
    request = EvaluationRequest(
        args.folder,
        tuple(dict.fromkeys(args.spaces or ())) or None,
        tuple(dict.fromkeys(args.metrics or METRICS)),
        tuple(dict.fromkeys(args.methods or METHODS)),
        args.k,
        args.labels,
        args.grey,
    )
    with session(context.settings) as opened:
        if request.labels == "tags":
            opened.open(needed=True)
        report: EvaluationReport = opened.wait(opened.engine.evaluate(request))
    return Answer(_document(report, args.k), _text(report, context.settings.verbose))


def _document(report: EvaluationReport, asked: int) -> JsonObject:
    return {
        "folder": report.folder,
        "labels": report.labels,
        "grey": report.grey,
        "images": report.images,
        "classes": list(report.classes),
        "skipped": skipped_documents(report.skipped),
        "results": [_result(report, result, asked) for result in report.results],
    }


def _result(report: EvaluationReport, result: SpaceEvaluation, asked: int) -> JsonObject:
    """``precision_at_10``, or by another number that was asked for; and ``precision``, the same.

    ``k`` is of how many hits they are: fewer where there are fewer other pictures.
    ``target`` is the recall that LSH aims at, as ``info`` and ``bench search`` call it.
    """
    figures = result.figures
    return {
        "space": result.space,
        "metric": figures.metric,
        "method": figures.method,
        "k": figures.k,
        f"precision_at_{asked}": figures.precision,
        "precision": figures.precision,
        "map": figures.mean_average_precision,
        "nearest": figures.nearest,
        "chance": figures.chance,
        "queries": figures.queries,
        "compared": figures.compared,
        "target": report.target(result),
        "confusions": [
            {
                "label": report.classes[pair.label],
                "taken_for": report.classes[pair.taken_for],
                "count": pair.count,
                "share": pair.share,
                "examples": [list(paths) for paths in result.examples(pair)],
            }
            for pair in figures.confusions
        ],
    }


def _text(report: EvaluationReport, verbose: bool) -> str:
    grey = ", turned grey" if report.grey else ""
    head = (
        f"{printable(report.folder)}: {plural(report.images, 'picture')} in "
        f"{len(report.classes):,} classes{grey}\n"
    )
    rows = [_row(result) for result in report.results]
    k = report.results[0].figures.k
    headings = ("space", "metric", "method", f"precision@{k}", "mAP", "nearest", "chance")
    confused = "".join(_confused(report, result) for result in _first_of_each_space(report.results))
    skipped = skipped_text(report.skipped, verbose)
    aim = _aim(report)
    return head + table(headings, rows, "lllrrrr") + aim + confused + skipped


def _aim(report: EvaluationReport) -> str:
    if all(result.figures.method == "exact" for result in report.results):
        return ""
    return f"LSH is set to find {report.recall:g} of the true nearest.\n"


def _row(result: SpaceEvaluation) -> tuple[str, ...]:
    figures = result.figures
    shares = (figures.precision, figures.mean_average_precision, figures.nearest, figures.chance)
    return (result.space, figures.metric, figures.method, *(f"{share:.3f}" for share in shares))


def _first_of_each_space(results: tuple[SpaceEvaluation, ...]) -> list[SpaceEvaluation]:
    return list({result.space: result for result in reversed(results)}.values())[::-1]


def _confused(report: EvaluationReport, result: SpaceEvaluation) -> str:
    """The pairs that one space confuses most, in a line."""
    pairs = [_pair(report, pair) for pair in result.figures.confusions[:_PAIRS_SHOWN]]
    if not pairs:
        return ""
    way = f"{result.space}, {result.figures.metric}, {result.figures.method}"
    return f"Taken for another by {way}: {'; '.join(pairs)}\n"


def _pair(report: EvaluationReport, pair: Confusion) -> str:
    label, other = printable(report.classes[pair.label]), printable(report.classes[pair.taken_for])
    return f"{label} → {other} {pair.count:,} ({100 * pair.share:.1f} %)"
