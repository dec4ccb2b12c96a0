"""What scores mean against a library's own background."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library import Library, background
from cbir.library.background import Background, Backgrounds
from cbir.library.building import build
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import image_file, made, mixture, table_of, vectors_of


def of_pictures(
    vectors: Float32Array, metric: Metric = "cosine", space: str = "no copies"
) -> Background:
    return Backgrounds().of_pictures(table_of(vectors), space, metric, None)


def true_pairs(vectors: Float32Array, metric: Metric) -> Float32Array:
    """How near each pair is, by the plain formula."""
    rows, columns = np.triu_indices(len(vectors), 1)
    if metric == "euclidean":
        return -np.linalg.norm(vectors[rows] - vectors[columns], axis=1)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (unit[rows] * unit[columns]).sum(axis=1)


@pytest.mark.parametrize("metric", METRICS)
def test_a_percentile_is_the_share_of_pairs_that_are_worse(metric: Metric) -> None:
    vectors = mixture(60)
    found = of_pictures(vectors, metric)
    pairs = true_pairs(vectors, metric)
    probes = np.quantile(pairs, [0.1, 0.5, 0.9]) + 1e-4
    scores = probes if metric == "cosine" else -probes
    expected = [100 * (pairs < probe).mean() for probe in probes]
    np.testing.assert_allclose(found.percentiles(scores), expected, atol=0.2)
    best, worst = (1.0, -1.0) if metric == "cosine" else (0.0, 1e6)
    assert found.percentiles([best, worst]) == (100.0, 0.0)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-1, 1, width=32), min_size=1),
    st.lists(st.floats(-1, 1, width=32), min_size=1),
)
def test_a_better_score_has_no_lower_percentile(pairs: list[float], scores: list[float]) -> None:
    """And percentiles lie between 0 and 100."""
    held = np.sort(np.array(pairs, np.float32))
    nothing = np.empty(0, np.float32)
    for metric, sign in (("cosine", 1.0), ("euclidean", -1.0)):
        found = Background(metric, held, nothing, 0.05)  # type: ignore[arg-type]
        told = found.percentiles(sign * score for score in sorted(scores))
        assert list(told) == sorted(told)
        assert all(0 <= percentile <= 100 for percentile in told)


@pytest.mark.parametrize("metric", METRICS)
def test_one_in_twenty_of_the_librarys_own_is_told_to_match_nothing(metric: Metric) -> None:
    """Each left out in turn; a query from far away is told so nearly always."""
    vectors = mixture(250)
    found = of_pictures(vectors, metric)
    pairs = np.full((250, 250), -np.inf)
    pairs[np.triu_indices(250, 1)] = true_pairs(vectors, metric)
    nearest = np.maximum(pairs, pairs.T).max(axis=1)
    scores = nearest if metric == "cosine" else -nearest
    refused = [not found.matches(score) for score in scores]
    assert 0.02 < np.mean(refused) < 0.06
    assert not found.matches(-1.0 if metric == "cosine" else 1e6)
    assert found.matches(1.0 if metric == "cosine" else 0.0)


def test_copies_do_not_raise_what_counts_as_a_match() -> None:
    once = mixture(200)
    noise = np.float32(1e-3) * vectors_of(200, 5)
    twice = np.concatenate([once, once + noise])
    alone, doubled = (of_pictures(v, space="clip") for v in (once, twice))
    np.testing.assert_allclose(
        np.quantile(doubled.nearest, 0.05), np.quantile(alone.nearest, 0.05), atol=0.03
    )


def test_a_library_of_copies_only_refuses_nothing() -> None:
    found = of_pictures(np.tile(vectors_of(1), (50, 1)), space="clip")
    assert found.matches(-1.0)
    assert found.percentiles([0.5, 1.0])[0] == 0.0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_pictures_tell_little(count: int) -> None:
    found = of_pictures(vectors_of(count))
    assert found.matches(-1.0)
    assert len(found.percentiles([0.5])) == (count > 1)


def test_words_have_a_background_of_their_own() -> None:
    """Pictures and words lie in two cones: what is a good score for words is none for pictures."""
    pictures = mixture(300)
    captions = mixture(80, seed=3) - 2 * pictures.mean(axis=0)
    table = table_of(pictures)
    words, images = Backgrounds().of_words(table, "x", "cosine", captions), of_pictures(pictures)
    score = float(np.median(words.pairs))
    assert words.percentiles([score])[0] == pytest.approx(50, abs=1)
    assert images.percentiles([score])[0] < 1
    refused = [not words.matches(best) for best in words.nearest.tolist()]
    assert np.mean(refused) == pytest.approx(0.2, abs=0.02)


def test_words_are_judged_in_a_library_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_COMPARISONS", 3000)  # a thousand times fewer
    words = Backgrounds().of_words(table_of(mixture(300)), "x", "cosine", mixture(80, seed=3))
    assert not words.matches(-1.0)
    assert words.matches(1.0)


@pytest.mark.parametrize("metric", METRICS)
def test_what_an_index_measured_serves_as_well(metric: Metric) -> None:
    """Also where the library is too large to be measured within a search."""
    table = table_of(mixture(2000))
    exact = Backgrounds().of_pictures(table, "clip", metric, None)
    by_index = Backgrounds().of_pictures(table, "clip", metric, build(table, metric))
    for share in (0.05, 0.5):
        ours, theirs = (np.quantile(b.nearest, share) for b in (by_index, exact))
        assert ours == pytest.approx(theirs, rel=0.1)


def test_a_large_library_is_judged_when_its_index_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "MADE_AT_ONCE", 100)
    table, held = table_of(mixture(300)), Backgrounds()
    before = held.of_pictures(table, "clip", "cosine", None)
    assert before.matches(-1.0)
    after = held.of_pictures(table, "clip", "cosine", build(table, "cosine"))
    assert not after.matches(-1.0)
    assert held.of_pictures(table, "clip", "cosine", None) is after


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "lib.npz") as library:
        library.add([image_file(n) for n in range(200)], {"clip": made(mixture(200))})
        yield library


def test_a_background_is_kept_until_a_tenth_of_the_vectors_changed(library: Library) -> None:
    first = library.background("clip", "cosine")
    library.add([image_file(900)], {"clip": made(vectors_of(1))})
    assert library.background("clip", "cosine") is first
    assert library.background("clip", "euclidean") is not first
    words = library.background("clip", "cosine", mixture(50, seed=3))
    assert library.background("clip", "cosine") is first
    assert library.background("clip", "cosine", mixture(50, seed=3)) is words
    for id in range(1, 12):  # little by little
        library.remove([id])
        library.background("clip", "cosine")
    assert library.background("clip", "cosine") is first
    library.remove(range(12, 40))
    second = library.background("clip", "cosine")
    assert second is not first
    library.amend(range(60, 90), lambda record: record, {"clip": made(vectors_of(30))})
    assert library.background("clip", "cosine") is not second


def test_pictures_exchanged_before_a_fold_have_a_background_of_their_own(library: Library) -> None:
    """As many are there as before."""
    library.background("clip", "cosine")
    others = mixture(200, seed=3)
    library.remove(range(1, 201))
    library.add([image_file(n) for n in range(200, 400)], {"clip": made(others)})
    assert library.fold()
    expected = of_pictures(others, space="clip")
    np.testing.assert_array_equal(library.background("clip", "cosine").pairs, expected.pairs)


def test_removed_pictures_are_no_background(library: Library) -> None:
    library.remove(range(101, 201))
    expected = of_pictures(mixture(200)[:100], space="clip")
    np.testing.assert_array_equal(library.background("clip", "cosine").pairs, expected.pairs)
