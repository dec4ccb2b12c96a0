from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from cbir.errors import InvalidQuery, SpaceEmpty
from cbir.library import Library, lsh
from cbir.records import METRICS, Embeddings, Metric, Query
from tests.library.helpers import filled, image_file, made, mixture

VECTORS = mixture(400)
QUERY = Query(VECTORS[0], "clip", k=10)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("searching") / "lib.npz") as library:
        library.add([image_file(number) for number in range(400)], {"clip": made(VECTORS)})
        yield library


@pytest.mark.parametrize("metric", METRICS)
def test_an_image_query_uses_lsh(library: Library, metric: Metric) -> None:
    result = library.search(replace(QUERY, metric=metric))
    assert (result.method, result.reason) == ("lsh", "image query")
    assert (result.space, result.metric, result.total) == ("clip", metric, 400)
    assert result.candidates < 100
    assert result.scanned is not None
    assert result.scanned >= result.candidates
    assert result.seconds > 0
    assert len(result.hits) == 10
    first = result.hits[0]
    assert (first.id, first.path) == (1, image_file(0).path)
    assert first.score == pytest.approx(1.0 if metric == "cosine" else 0.0)


@pytest.mark.parametrize("metric", METRICS)
def test_scores_are_true_and_in_order(library: Library, metric: Metric) -> None:
    for method in ("lsh", "exact"):
        hits = library.search(replace(QUERY, metric=metric, method=method)).hits
        for hit in hits:
            vector = library.vector(hit.id, "clip")
            assert vector is not None
            a, b = vector.astype(np.float64), VECTORS[0].astype(np.float64)
            cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            true = cosine if metric == "cosine" else np.linalg.norm(a - b)
            assert hit.score == pytest.approx(true, abs=1e-9)
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=metric == "cosine")


def test_words_are_searched_exactly(library: Library) -> None:
    result = library.search(replace(QUERY, modality="text"))
    assert (result.method, result.reason) == ("exact", "text query")
    assert (result.candidates, result.scanned) == (400, None)
    with pytest.raises(InvalidQuery, match="Words"):
        library.search(replace(QUERY, modality="text", method="lsh"))


def test_the_method_asked_for_runs(library: Library) -> None:
    for method in ("exact", "lsh"):
        result = library.search(replace(QUERY, method=method))
        assert (result.method, result.reason) == (method, "asked for")


def test_excluded_records_are_never_hits_and_there_are_still_k(library: Library) -> None:
    nearest = [hit.id for hit in library.search(replace(QUERY, k=30)).hits]
    for method in ("lsh", "exact"):
        query = replace(QUERY, method=method, exclude=frozenset([*nearest[:20], 99999]))
        hits = library.search(query).hits
        assert len(hits) == 10
        assert not set(nearest[:20]) & {hit.id for hit in hits}


@pytest.mark.parametrize("k", [400, 401, 10**9])
def test_k_beyond_the_library_gives_all(library: Library, k: int) -> None:
    for method in ("lsh", "exact"):
        result = library.search(replace(QUERY, k=k, method=method))
        assert len({hit.id for hit in result.hits}) == 400
    assert library.search_many(VECTORS[:3], replace(QUERY, k=k)).ids.shape == (3, 400)


def test_all_excluded_gives_nothing(library: Library) -> None:
    everything = frozenset(record.id for record in library)
    assert library.search(replace(QUERY, exclude=everything)).hits == ()


def test_too_few_candidates_mean_all_are_compared(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starved(*args: object) -> lsh.Candidates:
        return lsh.Candidates(np.array([0, 1, 2]), 3)

    monkeypatch.setattr(lsh.LshIndex, "candidates", starved)
    result = library.search(QUERY)
    assert result.method == "exact"
    assert result.reason == "LSH found only 3 of 10: compared all"
    assert len(result.hits) == 10
    assert result.candidates == 400


@pytest.mark.parametrize(
    "change",
    [
        {"k": 0},
        {"k": -3},
        {"vector": VECTORS[0][:100]},
        {"vector": VECTORS[:1]},
        {"vector": np.full(512, np.nan, np.float32)},
        {"vector": np.full(512, np.inf, np.float32)},
        {"metric": "manhattan"},
        {"method": "guess"},
    ],
)
def test_queries_that_cannot_be_made(library: Library, change: dict[str, object]) -> None:
    with pytest.raises(InvalidQuery):
        library.search(replace(QUERY, **change))  # type: ignore[arg-type]


def test_a_query_of_float64_is_taken_and_left_alone(library: Library) -> None:
    vector = VECTORS[3].astype(np.float64)
    kept = vector.copy()
    query = replace(QUERY, vector=vector)  # type: ignore[arg-type]
    assert library.search(query).hits[0].id == 4
    np.testing.assert_array_equal(vector, kept)


def test_an_empty_space_says_what_to_do(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        with pytest.raises(SpaceEmpty, match="This library is empty"):
            library.search(QUERY)
        library.add([image_file(1)])
        for ask in (
            lambda: library.search(QUERY),
            lambda: library.vectors("clip"),
            lambda: library.project("clip", "cosine"),
        ):
            with pytest.raises(SpaceEmpty, match=r"No CLIP vectors .* index with CLIP") as caught:
                ask()
            assert caught.value.space == "clip"


def test_equal_pictures_come_by_id(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 50) as library:
        same = Embeddings(np.repeat(VECTORS[:1], 50, axis=0), "weights-1")
        library.update(list(library)[::-1], {"classic": same})
        for method in ("exact", "lsh"):
            query = Query(VECTORS[0], "classic", method=method, k=50)
            assert [hit.id for hit in library.search(query).hits] == list(range(1, 51))


def test_making_an_index_is_told_apart_from_the_search(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 50) as library:
        query = replace(QUERY, space=next(iter(library.spaces())))
        assert library.search(replace(query, method="exact")).index_seconds == 0
        assert library.search(query).index_seconds > 0
        assert library.search(query).index_seconds == 0


def test_lsh_tells_the_recall_it_aims_at_and_what_exact_costs(library: Library) -> None:
    low, high = (library.search(replace(QUERY, recall=recall)) for recall in (0.6, 0.99))
    assert low.recall is not None
    assert high.recall is not None
    assert 0.6 <= low.recall < high.recall
    assert high.recall >= 0.99
    assert low.scanned is not None
    assert high.scanned is not None
    assert low.scanned + low.candidates < high.scanned + high.candidates
    assert low.exact_seconds is not None
    assert low.exact_seconds > 0
    exact = library.search(replace(QUERY, method="exact"))
    assert (exact.recall, exact.exact_seconds) == (None, None)


@pytest.mark.parametrize("recall", [0.0, 1.0, -1.0, float("nan")])
def test_a_recall_that_cannot_be_aimed_at(library: Library, recall: float) -> None:
    with pytest.raises(InvalidQuery, match="recall"):
        library.search(replace(QUERY, recall=recall))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("method", ["auto", "exact"])
def test_many_queries_find_what_single_ones_find(
    library: Library, metric: Metric, method: Literal["auto", "exact"]
) -> None:
    query = replace(QUERY, metric=metric, method=method, exclude=frozenset([5, 6]))
    batch = library.search_many(VECTORS[:60], query)
    assert batch.ids.shape == batch.scores.shape == (60, 10)
    assert (batch.method, batch.total) == ("exact" if method == "exact" else "lsh", 400)
    found = 0
    for vector, ids, scores in zip(VECTORS[:60], batch.ids, batch.scores, strict=True):
        true = library.search(replace(query, vector=vector, method="exact")).hits
        found += len({hit.id for hit in true} & set(ids.tolist()))
        assert not {5, 6} & set(ids.tolist())
        if [hit.id for hit in true] == ids.tolist():
            np.testing.assert_allclose(scores, [hit.score for hit in true], rtol=1e-3, atol=2e-3)
    assert found >= (600 if method == "exact" else 570)


def test_many_queries_of_words_are_exact_and_of_nothing_refused(library: Library) -> None:
    batch = library.search_many(VECTORS[:5], replace(QUERY, modality="text"))
    assert (batch.method, batch.reason, batch.candidates) == ("exact", "text query", 400)
    assert library.search_many(VECTORS[:0], QUERY).ids.shape == (0, 10)
    few = library.search_many(VECTORS[:3], replace(QUERY, k=500))
    assert few.ids.shape == (3, 400)
    assert (few.ids > 0).all()
    without = library.search_many(VECTORS[:3], replace(QUERY, k=400, exclude=frozenset([7, 8])))
    assert (without.ids[:, -2:] == -1).all()
    assert np.isnan(without.scores[:, -2:]).all()
    for wrong in (VECTORS[0], VECTORS[:2, :100], np.full((2, 512), np.nan, np.float32)):
        with pytest.raises(InvalidQuery):
            library.search_many(wrong, QUERY)


def test_a_search_that_reached_wider_says_so(library: Library) -> None:
    near = [hit.id for hit in library.search(replace(QUERY, k=385, method="exact")).hits]
    result = library.search(replace(QUERY, exclude=frozenset(near)))
    assert result.reason in ("image query, reached wider", "LSH found only 0 of 10: compared all")
    assert len(result.hits) == 10
