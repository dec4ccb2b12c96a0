"""How a search's outcome is put: tiles with scores and bars, a heading, the status bar's line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from cbir.asking import ANY, BY_SCORE, Filter, Order, Term
from cbir.describe import describe, describe_lacking, format_score
from cbir.language import _, counted
from cbir.records import Record, SearchResult
from cbir.ui.grid.panel import Tile
from cbir.ui.widgets.text import shown, shown_name
from cbir.work.ordering import ordered
from cbir.work.searching import SearchOutcome

_FEWEST = 0.001  # per cent; below, a background's sample does not tell


def tiles_of(
    outcome: SearchOutcome, order: Order = BY_SCORE, least_percentile: float = 0.0
) -> list[Tile]:
    """The hits that are similar enough and whose record is still there, in an order.

    Each has its rank by score, its score, percentile and bar. Those whose content another hit has
    too are marked as duplicates.
    """
    result, records = outcome.result, {record.id: record for record in outcome.records}
    digests = Counter(record.file.digest for record in records.values() if record.file.digest)
    percentiles = outcome.percentiles or (None,) * len(result.hits)
    told = zip(result.hits, strengths_of(result), percentiles, strict=True)
    tiles = {
        hit.id: Tile(
            records[hit.id],
            format_score(result.metric, hit.score),
            rank,
            strength,
            percentile="" if percentile is None else percentile_text(percentile),
            duplicate=digests[records[hit.id].file.digest] > 1,
        )
        for rank, (hit, strength, percentile) in enumerate(told, start=1)
        if hit.id in records and (percentile is None or percentile >= least_percentile)
    }
    return [tiles[record.id] for record in ordered([t.record for t in tiles.values()], order)]


def percentile_text(percentile: float) -> str:
    """How few unrelated pictures are as near: ``top 0.1 %``."""
    share = 100 - percentile
    if share >= 1:
        return _("top {share:.0f} %").format(share=share)
    return _("top {max:.1g} %").format(max=max(share, _FEWEST))


def line_of(outcome: SearchOutcome) -> str:
    """How a search went, and how many pictures it could not find, for the status bar."""
    lacking = describe_lacking(outcome.lacking, outcome.query.space)
    return " · ".join(part for part in (describe(outcome.result), lacking) if part)


def why_not_explained(outcome: SearchOutcome | None, record: Record) -> str:
    """The reason why a record cannot be explained as a hit; "" where it can."""
    if outcome is None:
        return _("Search first: this shows which parts of a picture make it a hit.")
    return _("Its file is missing: locate it first.") if record.missing else ""


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
        return _("{pictures} for {query}").format(
            pictures=_count_of(outcome, count), query=title_of(outcome)
        )
    told = (
        _("{pictures} for {query}")
        if outcome.request.text is not None
        else _("{pictures} most like {query}")
    )
    return told.format(pictures=_count_of(outcome, count), query=title_of(outcome))


def _count_of(outcome: SearchOutcome, count: int) -> str:
    """How many are shown, and of how many, where some are not similar enough."""
    found = len(outcome.records)
    if outcome.request.filter != ANY:
        told = counted("{count:,} filtered picture", "{count:,} filtered pictures", found)
    else:
        told = counted("{count:,} picture", "{count:,} pictures", found)
    return told if count == found else _("{count:,} of {found}").format(count=count, found=told)


def listing_heading(count: int, records: int, wanted: Filter) -> str:
    """What is shown of the library, above it."""
    if wanted != ANY:
        return _("Library · {count:,} of {pictures}, filtered").format(
            count=count,
            pictures=counted("{count:,} picture", "{count:,} pictures", max(records, count)),
        )
    return (
        _("Library · {pictures}").format(
            pictures=counted("{count:,} picture", "{count:,} pictures", count)
        )
        if count
        else _("Library")
    )


def title_of(outcome: SearchOutcome) -> str:
    """What was looked for, in one line: ``beach.jpg + “at night” − “people”``."""
    return title_of_terms(outcome.request.terms, outcome.paths)


def title_of_terms(terms: Sequence[Term], paths: Sequence[str | None]) -> str:
    """The same of terms, and of their pictures' paths."""
    pairs = zip(terms, paths, strict=True)
    return " ".join(
        _title_of_term(term, path or "", at == 0) for at, (term, path) in enumerate(pairs)
    )


def _title_of_term(term: Term, path: str, first: bool) -> str:
    sign = "" if first and term.weight > 0 else "− " if term.weight < 0 else "+ "
    weight = "" if abs(term.weight) == 1 else f"{abs(term.weight):g} × "
    if term.text is not None:
        return f"{sign}{weight}“{shown(' '.join(term.text.split()))}”"
    if term.feedback:
        told = _("less like {name}") if term.weight < 0 else _("more like {name}")
        return sign + told.format(name=shown_name(path))
    part = _("part of ") if term.box is not None else ""
    return f"{sign}{weight}{part}{shown_name(path)}"
