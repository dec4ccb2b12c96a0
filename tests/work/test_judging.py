"""What a search's scores are told to mean."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cbir.asking import Filter, Term
from cbir.errors import LibraryDamaged
from cbir.library import Library
from cbir.records import METRICS, Embeddings, Float32Array, Metric, Query, SearchResult
from cbir.work.judging import Captions, Judge, Verdict
from cbir.work.worker import Job, JobRun
from tests.library.helpers import image_file, mixture

VECTORS = mixture(300)
WORDS = mixture(80, seed=3)  # of pictures that the library does not hold
FAR = -4 * VECTORS.mean(axis=0)
NONE_OF_IT = "the nearest picture is no closer than unrelated pictures often are."
RUN = JobRun(Job("Search"), queue.Queue())
PICTURE = Term(image="/elsewhere/query.jpg")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("judging") / "lib.npz") as library:
        files = [image_file(n) for n in range(300)]
        files[7] = replace(files[7], digest=files[3].digest)
        library.add(files, {"clip": Embeddings(VECTORS, "w")})
        library.add([replace(image_file(900), path="/p/new.gif")])
        yield library


def judged(
    library: Library,
    *terms: Term,
    vector: Float32Array = VECTORS[3],
    captions: Captions | None = None,
    **more: Any,
) -> tuple[SearchResult, Verdict]:
    modality = "text" if any(term.text for term in terms) else "image"
    query = Query(vector, "clip", modality, **more)  # type: ignore[arg-type]
    result = library.search(query)
    return result, Judge(captions).judge(RUN, library, terms, query, result)


@pytest.mark.parametrize("metric", METRICS)
def test_hits_have_percentiles_that_fall_with_their_rank(library: Library, metric: Metric) -> None:
    result, verdict = judged(library, PICTURE, metric=metric, k=250)
    assert len(verdict.percentiles) == len(result.hits) == 250
    assert list(verdict.percentiles) == sorted(verdict.percentiles, reverse=True)
    assert verdict.percentiles[0] == 100
    assert verdict.percentiles[-1] < 50
    assert verdict.nothing == ""


@pytest.mark.parametrize("metric", METRICS)
def test_a_query_far_from_everything_matches_nothing(library: Library, metric: Metric) -> None:
    result, verdict = judged(library, PICTURE, vector=FAR, metric=metric)
    assert verdict.nothing == f"Nothing in this library really matches: {NONE_OF_IT}"
    assert len(verdict.percentiles) == len(result.hits)


@pytest.mark.parametrize("itself", [Term(record=301), Term(image="/pictures/300.jpg")])
def test_the_picture_that_was_asked_for_is_no_match_of_itself(tmp_path: Path, itself: Term) -> None:
    with Library.open(tmp_path / "lib.npz") as lonely:
        vectors = np.concatenate([VECTORS, FAR[None]])
        lonely.add([image_file(n) for n in range(301)], {"clip": Embeddings(vectors, "w")})
        result, verdict = judged(lonely, itself, vector=FAR)
        assert result.hits[0].id == 301
        assert verdict.nothing == f"Nothing else in this library really matches: {NONE_OF_IT}"
        assert judged(lonely, itself, vector=FAR, k=1)[1].nothing == ""  # who knows what follows
        assert judged(lonely, PICTURE, vector=FAR)[1].nothing == ""


def test_what_is_combined_has_percentiles_and_no_verdict(library: Library) -> None:
    for terms in (
        (PICTURE, PICTURE),
        (Term(text="night"), PICTURE),
        (replace(PICTURE, weight=-1.0),),
        (replace(PICTURE, feedback=True),),
    ):
        result, verdict = judged(library, *terms, vector=FAR)
        assert len(verdict.percentiles) == len(result.hits)
        assert verdict.nothing == ""


def test_words_are_measured_by_neutral_words(library: Library) -> None:
    def captions(run: JobRun, space: str) -> Float32Array:
        assert (run, space) == (RUN, "clip")
        return WORDS

    words = Term(text="a red car")
    _, verdict = judged(library, words, vector=VECTORS[3], captions=captions)
    assert verdict.percentiles[0] == 100
    assert verdict.nothing == ""
    _, verdict = judged(library, words, vector=FAR, captions=captions)
    assert verdict.nothing == (
        "Nothing in this library really matches: the nearest picture fits these words no better "
        "than pictures often fit any words."
    )


def test_without_neutral_words_nothing_is_told_of_words(library: Library) -> None:
    result, verdict = judged(library, Term(text="a red car"), vector=FAR)
    assert (verdict.percentiles, verdict.nothing) == ((), "")
    assert len(verdict.alike) == len(result.hits)


def test_a_filter_is_named_where_nothing_passes_or_matches(library: Library) -> None:
    some, none, new = (
        library.matching(wanted)
        for wanted in (Filter(formats=("jpg",)), Filter(tags=("x",)), Filter(formats=("gif",)))
    )
    _, verdict = judged(library, PICTURE, vector=FAR, among=some)
    assert verdict.nothing == f"Nothing that passes the filter really matches: {NONE_OF_IT}"
    assert judged(library, PICTURE, among=none)[1] == Verdict((), "No picture passes the filter.")
    assert judged(library, PICTURE, among=new)[1].nothing == (
        "No picture that passes the filter has CLIP vectors: index with CLIP first."
    )


def test_hits_that_are_nearly_the_same_name_the_first_of_them(library: Library) -> None:
    result, verdict = judged(library, PICTURE, k=300)
    places = {hit.id: place for place, hit in enumerate(result.hits)}
    assert verdict.alike[places[4]] == verdict.alike[places[8]]  # the same content
    for hit, first in zip(result.hits, verdict.alike, strict=True):
        assert places[first] <= places[hit.id]
        assert verdict.alike[places[first]] == first


def test_damage_elsewhere_leaves_the_search_as_it_is(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*args: object) -> None:
        raise LibraryDamaged("Some vectors are damaged.")

    monkeypatch.setattr(Library, "background", damaged)
    result, verdict = judged(library, PICTURE)
    assert (verdict.percentiles, verdict.nothing) == ((), "")
    assert len(verdict.alike) == len(result.hits)
