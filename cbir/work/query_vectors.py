"""From the terms of a query to the one vector that is searched by."""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image

from cbir.asking import Box, Term, sole_of
from cbir.encoders.base import Encoder
from cbir.errors import InvalidQuery, VectorsIncompatible
from cbir.images import Loaded, stat_file
from cbir.language import _
from cbir.library import Library
from cbir.library.combining import WORDS, Cone, Part, centroid, combine
from cbir.records import Float32Array, Metric
from cbir.work.captions import CaptionVectors
from cbir.work.models import Models
from cbir.work.worker import JobRun

SHORT_SIDE = 512
"""How many pixels the shorter side of what is embedded keeps, where the picture has them."""
_THINNEST = 0.01  # share of a picture; a thinner part is not decoded any sharper
_REMEMBERED = 64


class Load(Protocol):
    """Decodes a picture whose shorter side keeps ``short_side`` pixels, as ``load_image``."""

    def __call__(self, path: str, *, short_side: int) -> Loaded:
        """Raises UnreadableImage."""


@dataclass(slots=True)
class QueryVectors:
    """Makes the vectors of queries, and remembers those of recent terms. One worker uses it."""

    models: Models
    captions: CaptionVectors
    load: Load
    _recent: OrderedDict[tuple[object, ...], Float32Array] = field(default_factory=OrderedDict)

    def of(
        self, run: JobRun, library: Library, terms: Sequence[Term], space: str, metric: Metric
    ) -> Float32Array:
        """The vector (512,) that ``terms`` lead to in ``space``.

        One term alone is its own vector; example pictures are their centroid; anything else is
        combined as ``library.combining`` says. Raises InvalidQuery where the terms are no query or
        cancel each other, UnreadableImage, RecordNotFound, SpaceUnavailable or VectorsIncompatible.
        """
        check_terms(terms)
        sole = sole_of(terms)
        if sole is not None:
            return self._vector(run, library, sole, space)
        counting = [term for term in terms if term.weight]
        vectors = [self._vector(run, library, term, space) for term in counting]
        if all(_is_example(term) for term in counting):
            return centroid(vectors, [term.weight for term in counting], metric)
        return self._combined(run, library, counting, vectors, space, metric)

    def of_captions(self, run: JobRun, space: str) -> Float32Array:
        """The neutral captions' vectors (n, 512), where a vector of words has been made before."""
        return self.captions.of(run, self.models.loaded_text(space))

    def _combined(
        self,
        run: JobRun,
        library: Library,
        terms: Sequence[Term],
        vectors: Sequence[Float32Array],
        space: str,
        metric: Metric,
    ) -> Float32Array:
        pictures = words = library.cone(space, metric)
        if any(term.text is not None for term in terms):
            words = Cone.of(self.of_captions(run, space), metric)
        parts = []
        for term, vector in zip(terms, vectors, strict=True):
            cone, counts = (pictures, 1.0) if term.text is None else (words, WORDS)
            direction = np.float32(counts) * cone.direction(vector)
            parts.append(Part(direction, term.weight, term.feedback))
        together = combine(parts)
        if together is None:
            raise InvalidQuery(
                _(
                    "The parts of the query cancel each other out: "
                    "change their weights or remove one."
                )
            )
        return pictures.place(together)

    def _vector(self, run: JobRun, library: Library, term: Term, space: str) -> Float32Array:
        if term.text is not None:
            return self._of_text(run, library, space, term.text)
        path = path_of(library, term)
        stored = None if term.box else self._stored(library, term, space, path)
        return self._of_picture(run, library, space, path, term.box) if stored is None else stored

    def _stored(self, library: Library, term: Term, space: str, path: str) -> Float32Array | None:
        """The library's own vector of the query, where the file is still the one indexed."""
        if term.record is not None:
            return library.vector(term.record, space)
        found = stat_file(path)
        record = library.find(path)
        if record is None or (record.file.size, record.file.mtime_ns) != (
            found.size,
            found.mtime_ns,
        ):
            return None
        return library.vector(record.id, space)

    def _of_picture(
        self, run: JobRun, library: Library, space: str, path: str, box: Box | None
    ) -> Float32Array:
        found = stat_file(path)
        key = (space, path, found.size, found.mtime_ns, box)
        if key not in self._recent:
            image = self._decode(path, box)  # a bad picture is told before a model is loaded
            encoder = self.models.get(run, space)
            check_fingerprint(library, encoder)
            prepared = encoder.prepare(image)
            self._remember(key, self.models.encode(run, encoder, [prepared])[0])
        return self._recent[key]

    def _decode(self, path: str, box: Box | None) -> Image.Image:
        """The picture, or the part of it, as sharp as an encoder wants it."""
        if box is None:
            return self.load(path, short_side=SHORT_SIDE).image
        smaller = max(min(box.right - box.left, box.bottom - box.top), _THINNEST)
        image = self.load(path, short_side=math.ceil(SHORT_SIDE / smaller)).image
        left, top = int(box.left * image.width), int(box.top * image.height)
        right = max(math.ceil(box.right * image.width), left + 1)
        bottom = max(math.ceil(box.bottom * image.height), top + 1)
        return image.crop((left, top, right, bottom))

    def _of_text(self, run: JobRun, library: Library, space: str, text: str) -> Float32Array:
        key = (space, text)
        if key not in self._recent:
            encoder, vector = self.models.encode_text(run, space, text)
            check_fingerprint(library, encoder)
            self._remember(key, vector)
        return self._recent[key]

    def _remember(self, key: tuple[object, ...], vector: Float32Array) -> None:
        self._recent[key] = vector
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)


def check_terms(terms: Sequence[Term]) -> None:
    """Raises InvalidQuery, with what to do, where the terms are no query."""
    if not any(term.weight for term in terms):
        raise InvalidQuery(_("Nothing to search for: name a picture, or type some words."))
    for term in terms:
        if sum(part is not None for part in (term.text, term.image, term.record)) != 1:
            raise InvalidQuery(_("Each part of a query is either words or a picture."))
        if not math.isfinite(term.weight):
            raise InvalidQuery(
                _("A part of a query cannot count {weight} times.").format(weight=term.weight)
            )
        if term.text is not None and not term.text.strip():
            raise InvalidQuery(_("Nothing to search for: type some words, such as “a red car”."))
        if term.box is not None and (term.text is not None or not _is_within(term.box)):
            raise InvalidQuery(_("The part of the picture to search by does not lie within it."))


def path_of(library: Library, term: Term) -> str:
    """The absolute path of a term's picture; raises RecordNotFound."""
    if term.record is not None:
        return library.get(term.record).path
    assert term.image is not None
    return os.path.abspath(term.image)


def _is_within(box: Box) -> bool:
    return 0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1


def _is_example(term: Term) -> bool:
    return term.text is None and term.weight > 0 and not term.feedback


def check_fingerprint(library: Library, encoder: Encoder) -> None:
    """Raises VectorsIncompatible where an encoder's vectors must not meet the library's."""
    info = library.spaces().get(encoder.name)
    if info is not None and info.fingerprint != encoder.fingerprint:
        raise VectorsIncompatible(
            _(
                "This library's {name} vectors were made with other weights ({held}) "
                "than those here ({given}): name the folder of the earlier weights "
                "with --models."
            ).format(name=encoder.name, held=info.fingerprint, given=encoder.fingerprint)
        )
