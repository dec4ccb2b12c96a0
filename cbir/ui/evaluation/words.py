"""What an evaluation's figures mean, in words."""

from __future__ import annotations

from cbir.language import _, counted
from cbir.records import SPACE_TITLES, Method, Metric
from cbir.ui.widgets.text import shown
from cbir.work.evaluating import EvaluationReport, SpaceEvaluation


def metric_title(metric: Metric) -> str:
    """``Cosine`` or ``Euclidean``."""
    return _("Cosine") if metric == "cosine" else _("Euclidean")


def method_title(method: Method) -> str:
    """``Exact`` or ``LSH``."""
    return _("Exact") if method == "exact" else _("LSH")


def way_of(result: SpaceEvaluation) -> str:
    """How it was searched: ``Classic · Cosine · Exact``."""
    figures = result.figures
    space = SPACE_TITLES[result.space]
    return f"{space} · {metric_title(figures.metric)} · {method_title(figures.method)}"


def per_cent(share: float, digits: int = 0) -> str:
    """``50 %``."""
    return f"{100 * share:.{digits}f} %"


def best_of(report: EvaluationReport) -> SpaceEvaluation:
    """The result of the highest precision: of the exact ones, where there are any.

    LSH finds a part of what an exact search finds, so where it comes out higher that is by chance.
    """
    exact = [result for result in report.results if result.figures.method == "exact"]
    return max(exact or report.results, key=lambda result: result.figures.precision)


def meaning_of(report: EvaluationReport) -> str:
    """A sentence or two on the best result, beside what chance would give, and on LSH."""
    best = best_of(report)
    figures = best.figures
    told = _(
        "Best is {way}: of the {k} pictures that it puts nearest to a picture, {right} have "
        "its label on average (by chance {chance}), and the very nearest has it in "
        "{nearest} of the cases."
    ).format(
        way=way_of(best),
        k=figures.k,
        right=per_cent(figures.precision),
        chance=per_cent(figures.chance),
        nearest=per_cent(figures.nearest),
    )
    most = max(figures.confusions, key=lambda pair: pair.count, default=None)
    if most is not None:
        told += " " + counted(
            "By hits, {label} is most often taken for {other}: {count:,} hit, a share of {share}.",
            "By hits, {label} is most often taken for {other}: {count:,} hits, a share of {share}.",
            most.count,
            label=_quoted(report.classes[most.label]),
            other=_quoted(report.classes[most.taken_for]),
            share=per_cent(most.share, 1),
        )
    if any(result.figures.method == "lsh" for result in report.results):
        told += " " + _(
            "LSH, set to find {share:g} of the true nearest, ranks only the few pictures that it "
            "compares; what it never looks at counts as not found, so its mAP is low by nature: "
            "compare its precision."
        ).format(share=report.recall)
    return told


def basis_of(report: EvaluationReport) -> str:
    """What was evaluated: how many pictures, labels, queries, and what could not be read."""
    pictures = counted("{count:,} picture", "{count:,} pictures", report.images)
    labels = counted("{count:,} label", "{count:,} labels", len(report.classes))
    told = _("{pictures} with {labels}, each picture the query once and left out of its own hits.")
    parts = [told.format(pictures=pictures, labels=labels)]
    asked = max(result.figures.queries for result in report.results)
    if asked < report.images:
        parts.append(
            counted("{count:,} of them is a query.", "{count:,} of them are queries.", asked)
        )
    if report.skipped:
        parts.append(
            counted(
                "{count:,} could not be read.", "{count:,} could not be read.", len(report.skipped)
            )
        )
    if not report.in_library:
        parts.append(
            _("They are not in the library: index the folder to see those of a pair by a click.")
        )
    return " ".join(parts)


def _quoted(label: str) -> str:
    return f"“{shown(label)}”"
