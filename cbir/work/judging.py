"""What a search's scores mean: percentiles, whether anything matches, and which hits are alike."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cbir.asking import Term, sole_of
from cbir.errors import LibraryDamaged
from cbir.language import _
from cbir.library import Library
from cbir.records import SPACE_TITLES, Float32Array, Hit, Query, SearchResult
from cbir.work.worker import JobRun

Captions = Callable[[JobRun, str], Float32Array]
"""The vectors of neutral captions, (n, 512), in a space that holds words."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a search's scores mean, in the order of its hits.

    ``percentiles``, 0 to 100, tell what share of pairs that chance brings together is worse (a pair
    of pictures or, for a query by words alone, of neutral words and a picture): the same measure in
    every space and metric. None at all where too little is known. ``nothing`` is a sentence where
    nothing really matches, else empty. ``alike[i]`` is the id of the first hit that is nearly the
    same picture as hit i, which may be hit i itself.
    """

    percentiles: tuple[float, ...] = ()
    nothing: str = ""
    alike: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges results; one worker uses it. Without ``captions`` words alone have no percentiles."""

    captions: Captions | None = None

    def judge(
        self,
        run: JobRun,
        library: Library,
        terms: Sequence[Term],
        query: Query,
        result: SearchResult,
    ) -> Verdict:
        """What the scores of a search by ``terms`` mean; raises what ``captions`` raises."""
        if not result.hits:
            return Verdict(nothing=_no_hits(query))
        alike = tuple(hit.id for hit in result.hits)
        try:
            alike = tuple(library.first_alike(alike, result.space))
            return self._judged(run, library, terms, query, result, alike)
        except LibraryDamaged as error:  # elsewhere than where the search looked: it stands
            _log.warning("the scores were not judged: %s", error)
            return Verdict(alike=alike)

    def _judged(
        self,
        run: JobRun,
        library: Library,
        terms: Sequence[Term],
        query: Query,
        result: SearchResult,
        alike: tuple[int, ...],
    ) -> Verdict:
        # What several are combined to lies nearer to everything, or farther, than a picture does.
        sole = sole_of(terms)
        captions = None
        # Words with anything else become a place among the pictures.
        if sole is not None and sole.text is not None:
            if self.captions is None:
                return Verdict(alike=alike)
            captions = self.captions(run, result.space)
        background = library.background(result.space, result.metric, captions)
        percentiles = background.percentiles(hit.score for hit in result.hits)
        others = [hit for hit in result.hits if sole is None or not _is_of(hit, sole)]
        nothing = ""
        if sole is not None and others and not background.matches(others[0].score):
            nothing = _no_match(sole, query, itself=len(others) < len(result.hits))
        return Verdict(percentiles, nothing, alike)


def _is_of(hit: Hit, term: Term) -> bool:
    """Whether a hit is the picture that was asked for."""
    named = term.image is not None and os.path.abspath(term.image) == hit.path
    return named or hit.id == term.record


def _no_hits(query: Query) -> str:
    if query.among is None:
        return ""
    if not len(query.among):
        return _("No picture passes the filter.")
    title = SPACE_TITLES.get(query.space, query.space)
    return _(
        "No picture that passes the filter has {title} vectors: index with {title} first."
    ).format(title=title)


def _no_match(term: Term, query: Query, *, itself: bool) -> str:
    if term.text is None:
        why = _("the nearest picture is no closer than unrelated pictures often are")
    else:
        why = _("the nearest picture fits these words no better than pictures often fit any words")
    if query.among is None:
        told = (
            _("Nothing else in this library really matches: {why}.")
            if itself
            else _("Nothing in this library really matches: {why}.")
        )
    else:
        told = (
            _("Nothing else that passes the filter really matches: {why}.")
            if itself
            else _("Nothing that passes the filter really matches: {why}.")
        )
    return told.format(why=why)
