"""How two opinions are put: tiles with ranks and how they moved, and how far both agree."""

from __future__ import annotations

from cbir.describe import format_score
from cbir.language import _, counted
from cbir.records import SPACE_TITLES
from cbir.ui.actions.outcome import strengths_of, title_of
from cbir.ui.grid.panel import Tile
from cbir.work.comparing import Comparison, FusedHit

NEW = "new"  # the other opinion does not have it among all that it looked at


def tiles_of(comparison: Comparison) -> tuple[list[Tile], list[Tile], list[Tile]]:
    """The first opinion, the second, and both in one ranking."""
    return _opinion(comparison, 0), _opinion(comparison, 1), _both(comparison)


def _opinion(comparison: Comparison, which: int) -> list[Tile]:
    """The hits of opinion ``which`` (0 or 1), each with how it moved against the other."""
    outcome = comparison.opinions[which]
    other = SPACE_TITLES[comparison.opinions[1 - which].query.space]
    records = {record.id: record for record in outcome.records}
    strengths = strengths_of(outcome.result)
    tiles = []
    for rank, (hit, strength) in enumerate(zip(outcome.result.hits, strengths, strict=True), 1):
        if hit.id in records:
            there = comparison.ranks[hit.id][1 - which]
            score = format_score(outcome.result.metric, hit.score)
            move, told = moved(rank, there), f"{other}: {_place(there)}"
            tiles.append(Tile(records[hit.id], score, rank, strength, move=move, told=told))
    return tiles


def _both(comparison: Comparison) -> list[Tile]:
    """Both opinions in one ranking; the bar is full for what both have first."""
    best = max((hit.score for hit in comparison.fused), default=1.0)
    titles = [SPACE_TITLES[outcome.query.space] for outcome in comparison.opinions]
    return [
        Tile(
            hit.record,
            rank=rank,
            strength=hit.score / best,
            move=f"({' · '.join('–' if held is None else str(held) for held in hit.ranks)})",
            told=_places(hit, titles),
        )
        for rank, hit in enumerate(comparison.fused, start=1)
    ]


def moved(rank: int, there: int | None) -> str:
    """How far up or down from ``there`` in the other ranking to ``rank``: ``▲3``, ``▼5``, ``=``."""
    if there is None:
        return NEW
    if rank == there:
        return "="
    return f"▲{there - rank:,}" if rank < there else f"▼{rank - there:,}"


def agreement(comparison: Comparison) -> str:
    """How many pictures both opinions have among those that are shown."""
    first, second = ({hit.id for hit in found.result.hits} for found in comparison.opinions)
    count, both = max(len(first), len(second)), len(first & second)
    if not count:
        return _("Neither finds anything.")
    return _("{both:,} of the first {pictures} are the same in both.").format(
        both=both, pictures=counted("{count:,} picture", "{count:,} pictures", count)
    )


def heading_of(comparison: Comparison) -> str:
    """What there are opinions on."""
    return _("Two opinions on {query}").format(query=title_of(comparison.opinions[0]))


def _place(rank: int | None) -> str:
    return (
        _("not among its first pictures") if rank is None else _("place {rank:,}").format(rank=rank)
    )


def _places(hit: FusedHit, titles: list[str]) -> str:
    return "\n".join(
        f"{title}: {_place(rank)}" for title, rank in zip(titles, hit.ranks, strict=True)
    )
