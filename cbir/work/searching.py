"""The searching jobs: a picture, a record or words in; hits out; the map; the library to browse."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from cbir.asking import ANY, Filter, Term
from cbir.encoders.base import Encoder
from cbir.errors import InvalidQuery, VectorsIncompatible
from cbir.images import Loaded, load_image, stat_file
from cbir.library import Library
from cbir.library.projection import Projection
from cbir.records import (
    RECALL,
    Float32Array,
    Metric,
    Modality,
    Query,
    Record,
    SearchResult,
)
from cbir.work.filtering import among, lacking
from cbir.work.judging import Judge, Verdict
from cbir.work.models import Models
from cbir.work.worker import JobRun

_REMEMBERED = 64


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
    def text(self) -> str | None:
        """The words, where nothing but words is looked for."""
        return self.terms[0].text if len(self.terms) == 1 else None


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """A search's result with the records of its hits, and the query's vector for the map's star.

    ``path`` is the query picture's. ``lacking`` records that pass the filter have no vector in the
    space, so they could not be found.
    """

    request: SearchRequest
    query: Query
    result: SearchResult
    records: tuple[Record, ...]
    path: str | None = None
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


@dataclass(frozen=True, slots=True)
class MapOutcome:
    """A space's map: ``records[i]`` is drawn at ``projection.points[i]``."""

    projection: Projection
    records: tuple[Record, ...]


@dataclass(slots=True)
class Searcher:
    """Turns requests into results; remembers the vectors of recent queries. One worker uses it.

    ``recall`` is the share of the true nearest that LSH is to find; ``load`` decodes a picture;
    ``judge`` tells what scores mean.
    """

    models: Models
    recall: float = RECALL
    load: Callable[[str], Loaded] = load_image
    judge: Judge = field(default_factory=Judge)
    _recent: OrderedDict[tuple[str, ...], Float32Array] = field(default_factory=OrderedDict)

    def search(self, run: JobRun, library: Library, request: SearchRequest) -> SearchOutcome:
        """Run one search.

        Raises InvalidQuery, UnreadableImage, RecordNotFound, SpaceEmpty, SpaceUnavailable or
        VectorsIncompatible, each with a sentence for the user.
        """
        space = self._space(library, request)
        path = self._path(library, request)
        library.require(space)
        vector = self._vector(run, library, request, space, path)
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
        ids = (hit.id for hit in result.hits)
        records = tuple(library.get(id_) for id_ in ids if id_ in library)
        absent = lacking(library, query.among, result.total)
        verdict = self.judge.judge(run, library, request.terms, query, result)
        return SearchOutcome(request, query, result, records, path, absent, verdict)

    def _space(self, library: Library, request: SearchRequest) -> str:
        if request.text is not None:
            if not request.text.strip():
                raise InvalidQuery("Nothing to search for: type some words, such as “a red car”.")
            if request.space not in (None, "clip"):
                raise InvalidQuery(
                    f"The {request.space} space holds no words: search by text in clip."
                )
            return "clip"
        if request.space is not None:
            return request.space
        usable = "resnet18" in library.spaces() and "resnet18" in self.models.available()
        return "resnet18" if usable else "classic"

    def _path(self, library: Library, request: SearchRequest) -> str | None:
        term = request.terms[0]
        if term.record is not None:
            return library.get(term.record).path
        return os.path.abspath(term.image) if term.image is not None else None

    def _vector(
        self, run: JobRun, library: Library, request: SearchRequest, space: str, path: str | None
    ) -> Float32Array:
        if request.text is not None:
            return self._remembered_text(run, library, space, request.text)
        stored = self._stored(library, request, space, path)
        if stored is not None:
            return stored
        assert path is not None
        found = stat_file(path)
        key = (space, path, str(found.size), str(found.mtime_ns))
        if key not in self._recent:
            image = self.load(path).image  # a bad picture is told before a model is loaded
            encoder = self.models.get(run, space)
            _check_fingerprint(library, encoder)
            prepared = encoder.prepare(image)
            self._remember(key, self.models.encode(run, encoder, [prepared])[0])
        return self._recent[key]

    def _stored(
        self, library: Library, request: SearchRequest, space: str, path: str | None
    ) -> Float32Array | None:
        """The library's own vector of the query, where the file is still the one indexed."""
        record_id = request.terms[0].record
        if record_id is not None:
            return library.vector(record_id, space)
        assert path is not None
        found = stat_file(path)
        record = library.find(path)
        if record is None or (record.file.size, record.file.mtime_ns) != (
            found.size,
            found.mtime_ns,
        ):
            return None
        return library.vector(record.id, space)

    def _remembered_text(
        self, run: JobRun, library: Library, space: str, text: str
    ) -> Float32Array:
        key = (space, text)
        if key not in self._recent:
            encoder, vector = self.models.encode_text(run, space, text)
            _check_fingerprint(library, encoder)
            self._remember(key, vector)
        return self._recent[key]

    def _remember(self, key: tuple[str, ...], vector: Float32Array) -> None:
        self._recent[key] = vector
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)


def _check_fingerprint(library: Library, encoder: Encoder) -> None:
    info = library.spaces().get(encoder.name)
    if info is not None and info.fingerprint != encoder.fingerprint:
        raise VectorsIncompatible(
            f"This library's {encoder.name} vectors were made with other weights "
            f"({info.fingerprint}) than those here ({encoder.fingerprint}): "
            "name the folder of the earlier weights with --models."
        )


def project(library: Library, space: str, metric: Metric) -> MapOutcome:
    """The map of a space. Raises SpaceEmpty where the library holds no vectors of it."""
    projection = library.project(space, metric)
    by_id = {record.id: record for record in library}
    held = [id_ in by_id for id_ in projection.ids.tolist()]  # all but those just removed
    projection = replace(projection, ids=projection.ids[held], points=projection.points[held])
    return MapOutcome(projection, tuple(by_id[id_] for id_ in projection.ids.tolist()))
