"""Two opinions on one query: what each space finds, and one ranking of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cbir.errors import InvalidQuery
from cbir.language import _
from cbir.library import Library
from cbir.records import SPACE_TITLES, Hit, Record
from cbir.work.searching import Searcher, SearchOutcome, SearchRequest
from cbir.work.worker import JobRun

SPACES_COMPARED = ("resnet18", "clip")
"""What looks like the query, and what means the same."""
_DEPTH = 200  # hits of each space that are looked at, where fewer are wanted
_RANK_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A hit of the fused ranking; ``ranks[i]`` is its rank, from 1, in opinion i, None: not there.

    ``score`` is the sum of 1 / (60 + rank) over the opinions that know it.
    """

    record: Record
    score: float
    ranks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the spaces find for one query, best first, and their ``fused`` ranking.

    ``ranks``, by record ids, are those of every hit that was looked at (see ``FusedHit``), which go
    deeper than what is shown.
    """

    request: SearchRequest
    opinions: tuple[SearchOutcome, ...]
    fused: tuple[FusedHit, ...]
    ranks: Mapping[int, tuple[int | None, ...]]


def compare(
    run: JobRun,
    searcher: Searcher,
    library: Library,
    request: SearchRequest,
    spaces: Sequence[str] = SPACES_COMPARED,
) -> Comparison:
    """Search in each of ``spaces``; ``request.k`` hits of each, and of both together.

    Raises InvalidQuery where there are words, which only CLIP knows, and what a search raises.
    """
    if request.modality == "text":
        titles = _(" and ").join(SPACE_TITLES[space] for space in spaces)
        raise InvalidQuery(
            _("Only CLIP knows words: compare {titles} by a picture.").format(titles=titles)
        )
    for space in spaces:
        library.require(space)
    deep = replace(request, k=max(_DEPTH, 2 * request.k))
    found = [searcher.search(run, library, replace(deep, space=space)) for space in spaces]
    fused = fuse(found)
    return Comparison(
        request,
        tuple(_first(outcome, request.k) for outcome in found),
        fused[: request.k],
        {hit.record.id: hit.ranks for hit in fused},
    )


def fuse(outcomes: Sequence[SearchOutcome]) -> tuple[FusedHit, ...]:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, https://doi.org/10.1145/1571941.1572114).

    Scores of different spaces cannot be compared, ranks can. Equal sums go by the better rank, then
    by id.
    """
    ranks: list[dict[int, int]] = [_ranks(outcome.result.hits) for outcome in outcomes]
    records: Mapping[int, Record] = {
        record.id: record for outcome in outcomes for record in outcome.records
    }
    hits = []
    for id_, record in records.items():
        held = tuple(known.get(id_) for known in ranks)
        score = sum(1 / (_RANK_CONSTANT + rank) for rank in held if rank is not None)
        hits.append(FusedHit(record, score, held))
    return tuple(sorted(hits, key=_order))


def _order(hit: FusedHit) -> tuple[float, int, int]:
    best = min(rank for rank in hit.ranks if rank is not None)
    return -hit.score, best, hit.record.id


def _ranks(hits: Sequence[Hit]) -> dict[int, int]:
    return {hit.id: rank for rank, hit in enumerate(hits, start=1)}


def _first(outcome: SearchOutcome, count: int) -> SearchOutcome:
    """The outcome with its best ``count`` hits."""
    hits = outcome.result.hits[:count]
    wanted = {hit.id for hit in hits}
    verdict = outcome.verdict
    return replace(
        outcome,
        request=replace(outcome.request, k=count),
        result=replace(outcome.result, hits=hits),
        records=tuple(record for record in outcome.records if record.id in wanted),
        verdict=replace(
            verdict, percentiles=verdict.percentiles[:count], alike=verdict.alike[:count]
        ),
    )
