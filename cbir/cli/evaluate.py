"""``evaluate``: how good the spaces are at retrieval, on a folder whose subfolders are classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.cli.index import skipped_documents, skipped_text
from cbir.cli.options import Context, add_command, add_space_option, path
from cbir.cli.output import Answer, printable, table
from cbir.cli.session import session
from cbir.describe import plural
from cbir.library.evaluation import Evaluation
from cbir.records import METRICS, JsonObject, Metric
from cbir.work.evaluating import EvaluationReport

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_EPILOG = (
    "Each picture is the query once and the rest is ranked (leave-one-out). precision@10: the "
    "share of its class among the ten nearest; mAP: mean average precision over the whole ranking; "
    "nearest: how often the nearest picture is of its class."
)


def add_commands(commands: Commands) -> None:
    """Declare ``evaluate``."""
    parser = add_command(
        commands,
        "evaluate",
        run,
        "measure retrieval on a folder whose subfolders are classes",
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
    parser.add_argument("--grey", action="store_true", help="take the colour away first")


def run(context: Context) -> Answer:
    """Evaluate; the library is not touched. Raises CbirError for a folder without classes."""
    args = context.args
    with session(context.settings) as opened:
        spaces = list(dict.fromkeys(args.spaces or ()))
        metrics: list[Metric] = list(dict.fromkeys(args.metrics or METRICS))
        job = opened.engine.evaluate(args.folder, spaces, metrics, args.grey)
        report: EvaluationReport = opened.wait(job)
    return Answer(_document(report), _text(report, context.settings.verbose))


def _document(report: EvaluationReport) -> JsonObject:
    return {
        "folder": report.folder,
        "grey": report.grey,
        "images": report.images,
        "classes": list(report.classes),
        "skipped": skipped_documents(report.skipped),
        "results": [
            {
                "space": space,
                "metric": figures.metric,
                "precision_at_10": figures.precision,
                "map": figures.mean_average_precision,
                "nearest": figures.nearest,
                "queries": figures.queries,
            }
            for space, figures in report.results
        ],
    }


def _text(report: EvaluationReport, verbose: bool) -> str:
    grey = ", turned grey" if report.grey else ""
    head = (
        f"{printable(report.folder)}: {plural(report.images, 'picture')} in "
        f"{len(report.classes):,} classes{grey}\n"
    )
    rows = [_row(space, figures) for space, figures in report.results]
    headings = ("space", "metric", "precision@10", "mAP", "nearest")
    return head + table(headings, rows, "llrrr") + skipped_text(report.skipped, verbose)


def _row(space: str, figures: Evaluation) -> tuple[str, ...]:
    shares = (figures.precision, figures.mean_average_precision, figures.nearest)
    return (space, figures.metric, *(f"{share:.3f}" for share in shares))
