"""How a search's outcome is put: tiles with scores and bars, a heading, the status bar's line."""

from __future__ import annotations

from statistics import median

from cbir.asking import Term
from cbir.describe import describe, describe_lacking, format_score, plural
from cbir.records import Record, SearchResult
from cbir.ui.grid.panel import Tile
from cbir.ui.widgets.text import shown, shown_name
from cbir.work.searching import SearchOutcome


def tiles_of(result: SearchResult, records: dict[int, Record]) -> list[Tile]:
    """The hits whose record is still there, each with its rank, score and bar."""
    strengths = strengths_of(result)
    return [
        Tile(records[hit.id], format_score(result.metric, hit.score), rank, strength)
        for rank, (hit, strength) in enumerate(zip(result.hits, strengths, strict=True), start=1)
        if hit.id in records
    ]


def line_of(outcome: SearchOutcome) -> str:
    """How a search went, and how many pictures it could not find, for the status bar."""
    lacking = describe_lacking(outcome.lacking, outcome.query.space)
    return " · ".join(part for part in (describe(outcome.result), lacking) if part)


def why_not_explained(outcome: SearchOutcome | None, record: Record) -> str:
    """The reason why a record cannot be explained as a hit; "" where it can."""
    if outcome is None:
        return "Search first: this shows which parts of a picture make it a hit."
    return "Its file is missing: locate it first." if record.missing else ""


def strengths_of(result: SearchResult) -> list[float]:
    """How full each hit's bar is, 0 to 1, higher is nearer.

    A cosine stands for itself. A distance d is 1 / (1 + d / m) with the hits' median m: 1 for the
    same picture, ½ in the middle of the results.
    """
    scores = [hit.score for hit in result.hits]
    if result.metric == "cosine":
        return [min(max(score, 0.0), 1.0) for score in scores]
    middle = median(scores) if scores else 0.0
    return [1 / (1 + score / middle) if middle > 0 else 1.0 for score in scores]


def heading(outcome: SearchOutcome, count: int) -> str:
    """What the results are, above them."""
    terms = outcome.request.terms
    if outcome.request.sole is None or terms[0].box is not None:
        return f"{plural(count, 'picture')} for {title_of(outcome)}"
    relation = "for" if outcome.request.text is not None else "most like"
    return f"{plural(count, 'picture')} {relation} {title_of(outcome)}"


def title_of(outcome: SearchOutcome) -> str:
    """What was looked for, in one line: ``beach.jpg + “at night” − “people”``."""
    parts = [
        _title_of_term(term, path or "", at == 0)
        for at, (term, path) in enumerate(zip(outcome.request.terms, outcome.paths, strict=True))
    ]
    return " ".join(parts)


def _title_of_term(term: Term, path: str, first: bool) -> str:
    sign = "" if first and term.weight > 0 else "− " if term.weight < 0 else "+ "
    weight = "" if abs(term.weight) == 1 else f"{abs(term.weight):g} × "
    if term.text is not None:
        return f"{sign}{weight}“{shown(' '.join(term.text.split()))}”"
    part = "part of " if term.box is not None else ""
    return f"{sign}{weight}{part}{shown_name(path)}"
