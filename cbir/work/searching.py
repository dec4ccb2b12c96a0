"""The searching jobs: a picture, a record or words in; hits out; the map; the library to browse."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from cbir.asking import ANY, Filter, Term, sole_of
from cbir.errors import InvalidQuery
from cbir.language import _
from cbir.library import Library
from cbir.library.projection import Projection
from cbir.records import RECALL, Metric, Modality, Query, Record, SearchResult
from cbir.work.filtering import among, lacking
from cbir.work.judging import Judge, Verdict
from cbir.work.listing import Listing
from cbir.work.query_vectors import QueryVectors, check_terms, path_of
from cbir.work.worker import JobRun


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is looked for, one term or several, and among which records.

    ``space`` None lets the rules choose: words go to clip, pictures to resnet18 where the library
    holds its vectors and the weights are there, else to classic.
    """

    terms: tuple[Term, ...]
    space: str | None = None
    metric: Metric = "cosine"
    method: Literal["auto", "lsh", "exact"] = "auto"
    k: int = 20
    filter: Filter = ANY

    @property
    def modality(self) -> Modality:
        """Text where any term is words: such a query is compared exactly."""
        return "text" if any(term.text is not None for term in self.terms) else "image"

    @property
    def sole(self) -> Term | None:
        """``sole_of`` the terms."""
        return sole_of(self.terms)

    @property
    def text(self) -> str | None:
        """The words, where nothing else is looked for."""
        return None if self.sole is None else self.sole.text


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """A search's result with the records of its hits, and the query's vector for the map's star.

    ``paths[i]`` is the picture's of term i, None for words. ``lacking`` records that pass the
    filter have no vector in the space, so they could not be found.
    """

    request: SearchRequest
    query: Query
    result: SearchResult
    records: tuple[Record, ...]
    paths: tuple[str | None, ...] = ()
    lacking: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def percentiles(self) -> tuple[float, ...]:
        """Per cent of chance pairs that are worse than each hit, 0 to 100; may be none at all."""
        return self.verdict.percentiles

    @property
    def nothing(self) -> str:
        """A sentence where nothing really matches, else empty."""
        return self.verdict.nothing

    @property
    def alike(self) -> tuple[int, ...]:
        """For each hit the id of the first hit that is nearly the same picture, or its own."""
        return self.verdict.alike

    @property
    def path(self) -> str | None:
        """The query picture's, where nothing else is looked for."""
        return self.paths[0] if self.request.sole is not None and self.paths else None


@dataclass(frozen=True, slots=True)
class MapOutcome:
    """A space's map: ``records[i]`` is drawn at ``projection.points[i]``."""

    projection: Projection
    records: Listing


@dataclass(slots=True)
class Searcher:
    """Turns requests into results. One worker uses it.

    ``recall`` is the share of the true nearest that LSH is to find; ``judge`` tells what scores
    mean.
    """

    vectors: QueryVectors
    recall: float = RECALL
    judge: Judge = field(default_factory=Judge)

    def search(self, run: JobRun, library: Library, request: SearchRequest) -> SearchOutcome:
        """Run one search.

        Raises InvalidQuery, UnreadableImage, RecordNotFound, SpaceEmpty, SpaceUnavailable or
        VectorsIncompatible, each with a sentence for the user.
        """
        check_terms(request.terms)
        space = self._space(library, request)
        paths = tuple(
            path_of(library, term) if term.text is None else None for term in request.terms
        )
        library.require(space)
        vector = self.vectors.of(run, library, request.terms, space, request.metric)
        run.check()
        query = Query(
            vector,
            space,
            request.modality,
            request.metric,
            request.method,
            request.k,
            recall=self.recall,
            among=among(library, request.filter),
        )
        result = library.search(query)
        if request.modality == "text" and request.text is None:
            result = replace(result, reason=_("words in the query"))
        ids = (hit.id for hit in result.hits)
        records = tuple(library.get(id_) for id_ in ids if id_ in library)
        absent = lacking(library, query.among, result.total)
        verdict = self.judge.judge(run, library, request.terms, query, result)
        return SearchOutcome(request, query, result, records, paths, absent, verdict)

    def _space(self, library: Library, request: SearchRequest) -> str:
        if request.modality == "text":
            if request.space not in (None, "clip"):
                raise InvalidQuery(
                    _("The {space} space holds no words: search by text in clip.").format(
                        space=request.space
                    )
                )
            return "clip"
        if request.space is not None:
            return request.space
        usable = "resnet18" in library.spaces() and "resnet18" in self.vectors.models.available()
        return "resnet18" if usable else "classic"


def project(library: Library, space: str, metric: Metric) -> MapOutcome:
    """The map of a space. Raises SpaceEmpty where the library holds no vectors of it."""
    projection = library.project(space, metric)
    table = library.table
    held = np.isin(projection.ids, table.ids)  # all but those just removed
    projection = replace(projection, ids=projection.ids[held], points=projection.points[held])
    return MapOutcome(projection, Listing(table, projection.ids.tolist()))
