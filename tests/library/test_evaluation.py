from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cbir.library import evaluation
from cbir.library.evaluation import Evaluation, leave_one_out
from cbir.records import METRICS, Float32Array, Metric


def _brute(
    vectors: Float32Array, labels: NDArray[np.int64], metric: Metric, k: int
) -> tuple[float, float, float]:
    """The measures by their textbook definitions, one query and one rank at a time."""
    figures = []
    for query, label in enumerate(labels):
        others = [row for row in range(len(labels)) if row != query]
        if not any(labels[row] == label for row in others):
            continue
        distance = {}
        for row in others:
            a, b = vectors[query].astype(float), vectors[row].astype(float)
            norms = np.linalg.norm(a) * np.linalg.norm(b)
            cosine = a @ b / norms if norms else 0.0
            distance[row] = -cosine if metric == "cosine" else float(np.linalg.norm(a - b))
        order = sorted(others, key=lambda row: (round(distance[row], 7), row))
        hits = [labels[row] == label for row in order]
        precisions = [sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit]
        figures.append((np.mean(hits[:k]), np.mean(precisions), hits[0]))
    precision, average, nearest = np.mean(figures, axis=0)
    return float(precision), float(average), float(nearest)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(4, 25),
    classes=st.integers(1, 4),
    k=st.integers(1, 30),
    metric=st.sampled_from(METRICS),
)
def test_figures_agree_with_their_definitions(
    seed: int, rows: int, classes: int, k: int, metric: Metric
) -> None:
    random = np.random.default_rng(seed)
    labels = np.concatenate([[0, 0], random.integers(0, classes, rows - 2)])
    # small whole numbers: many exact ties, and rows of zeros
    vectors = random.integers(-1, 2, (rows, 3)).astype(np.float32)
    result = leave_one_out(vectors, labels, metric, k)
    found = (result.precision, result.mean_average_precision, result.nearest)
    assert found == pytest.approx(_brute(vectors, labels, metric, k), abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_separate_classes_are_perfect(metric: Metric) -> None:
    vectors = np.repeat(np.eye(3, 512, dtype=np.float32), 11, axis=0)
    labels = np.repeat(np.arange(3), 11)
    assert leave_one_out(vectors, labels, metric) == Evaluation(metric, 33, 3, 1.0, 1.0, 1.0)


def test_metrics_differ_where_lengths_do() -> None:
    vectors = np.array([[1, 0], [10, 0], [0.9, 0.5], [9, 5]], np.float32)
    by_direction, by_length = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert leave_one_out(vectors, by_direction, "cosine").nearest == 1
    assert leave_one_out(vectors, by_length, "euclidean").nearest == 1
    assert leave_one_out(vectors, by_direction, "euclidean").nearest == 0


def test_a_picture_alone_in_its_class_is_no_query() -> None:
    vectors = np.array([[0, 0], [1, 0], [5, 5]], np.float32)
    result = leave_one_out(vectors, np.array([7, 7, 9]), "euclidean")
    assert (result.queries, result.classes) == (2, 2)
    assert result.nearest == 1
    assert result.precision == 0.5


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_change_nothing(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((60, 8)).astype(np.float32)
    labels = random.integers(0, 5, 60)
    whole = leave_one_out(vectors, labels, metric)
    monkeypatch.setattr(evaluation, "_BLOCK_CELLS", 7 * 60)
    blocked = leave_one_out(vectors, labels, metric)
    assert blocked.mean_average_precision == pytest.approx(whole.mean_average_precision)
    assert blocked.precision == pytest.approx(whole.precision)
    assert (blocked.queries, blocked.nearest) == (whole.queries, whole.nearest)


def test_twins_rank_in_row_order_and_vectors_stay_as_they_are() -> None:
    random = np.random.default_rng(1)
    vectors = np.repeat(random.standard_normal((1, 512)).astype(np.float32), 40, axis=0)
    before = vectors.copy()
    labels = np.array([0] * 20 + [1] * 20)
    for metric in METRICS:
        result = leave_one_out(vectors, labels, metric)
        assert result.nearest == pytest.approx(0.5)
        assert result.precision == pytest.approx(0.5)
    np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize(
    ("vectors", "labels", "k", "message"),
    [
        (np.zeros((3, 2)), np.array([0, 0]), 10, r"\(3, 2\) and labels \(2,\)"),
        (np.zeros(3), np.array([0, 0, 0]), 10, "do not fit"),
        (np.zeros((2, 2)), np.array([0, 0]), 0, "k is 0"),
        (np.zeros((2, 2)), np.array([0, 1]), 10, "no label occurs twice"),
        (np.zeros((0, 2)), np.array([], np.int64), 10, "no label occurs twice"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(
    vectors: np.ndarray, labels: np.ndarray, k: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        leave_one_out(vectors.astype(np.float32), labels, "cosine", k)
