"""An evaluation as a table: for spreadsheets, and for the clipboard."""

from __future__ import annotations

import csv
import io

from cbir.work.evaluating import EvaluationReport
from cbir.work.exporting import neutral

_COLUMNS = ("space", "metric", "method", "k", "precision", "map", "nearest", "chance")
_MORE = ("queries", "compared", "target")
_CONFUSED = ("space", "metric", "method", "label", "taken for", "count", "share")


def to_text(report: EvaluationReport, delimiter: str = ",") -> str:
    """The figures, a line each, then, below an empty line, the pairs that are confused."""
    told = io.StringIO()
    table = csv.writer(told, delimiter=delimiter, lineterminator="\n")
    table.writerow((*_COLUMNS, *_MORE))
    for result in report.results:
        figures = result.figures
        shares = (figures.precision, figures.mean_average_precision, figures.nearest)
        rounded = [f"{share:.6f}" for share in (*shares, figures.chance)]
        way = (result.space, figures.metric, figures.method)
        target = report.target(result)
        aim = "" if target is None else f"{target:g}"
        more = (figures.queries, f"{figures.compared:.1f}", aim)
        table.writerow((*way, figures.k, *rounded, *more))
    table.writerow(())
    table.writerow(_CONFUSED)
    for result in report.results:
        way = (result.space, result.figures.metric, result.figures.method)
        for pair in result.figures.confusions:
            names = (report.classes[pair.label], report.classes[pair.taken_for])
            table.writerow((*way, *map(neutral, names), pair.count, f"{pair.share:.6f}"))
    return told.getvalue()


def to_csv(report: EvaluationReport) -> bytes:
    """``to_text`` in UTF-8 with a byte order mark, as spreadsheets expect it."""
    return to_text(report).encode("utf-8-sig", "replace")
