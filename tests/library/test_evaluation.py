from __future__ import annotations

import itertools
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cbir.library import evaluation, rankings
from cbir.library.evaluation import Evaluation, leave_one_out
from cbir.library.membership import Membership
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
    assert leave_one_out(vectors, labels, metric) == Evaluation(
        metric, 33, 3, 1.0, 1.0, 1.0, chance=10 / 32, compared=32.0
    )


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
    monkeypatch.setattr(rankings, "_BLOCK_CELLS", 7 * 60)
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
        (np.zeros((3, 2)), np.array([0, 0]), 10, r"\(3, 2\) and 2 labelled rows"),
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


def _plain(
    vectors: Float32Array, members: NDArray[np.bool_], metric: Metric, k: int
) -> tuple[float, float]:
    """precision@k and mAP by whole matrices and by ranks, as nothing in the program does it.

    Average precision as the mean, over the relevant pictures, of how many relevant ones are not
    farther, divided by how many pictures are not farther: no sorting at all.
    """
    x = vectors.astype(np.longdouble)
    if metric == "cosine":
        x = x / np.sqrt((x * x).sum(1))[:, None]
    far = np.stack([np.sqrt(((x - row) ** 2).sum(1)) for row in x])
    np.fill_diagonal(far, np.inf)
    precisions, averages = [], []
    for query, row in enumerate(far):
        relevant = (members & members[query]).any(axis=1)
        relevant[query] = False
        if relevant.any():
            bound = np.sort(row)[k - 1]
            precisions.append(np.mean(relevant[row <= bound]))
            averages.append(
                np.mean([np.mean(relevant[row <= row[r]]) for r in np.flatnonzero(relevant)])
            )
    return float(np.mean(precisions)), float(np.mean(averages))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 7, 10])
def test_figures_agree_with_an_independent_computation(metric: Metric, k: int) -> None:
    random = np.random.default_rng(k)
    labels = random.integers(0, 6, 150)
    centres = random.standard_normal((6, 24)) * 0.6
    vectors = (centres[labels] + random.standard_normal((150, 24))).astype(np.float32)
    members = np.eye(6, dtype=np.bool_)[labels]
    result = leave_one_out(vectors, labels, metric, k)
    found = (result.precision, result.mean_average_precision)
    assert found == pytest.approx(_plain(vectors, members, metric, k), abs=1e-6)
    tags = random.random((150, 9)) < 0.15  # several labels a picture, or none
    result = leave_one_out(vectors, Membership.of(*np.nonzero(tags), 150, 9), metric, k)
    found = (result.precision, result.mean_average_precision)
    assert found == pytest.approx(_plain(vectors, tags, metric, k), abs=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_lsh_comes_near_and_counts_what_it_does_not_find(metric: Metric) -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 8, 1500)
    centres = random.standard_normal((8, 512))
    vectors = (0.5 * centres[labels] + random.standard_normal((1500, 512))).astype(np.float32)
    exact = leave_one_out(vectors, labels, metric)
    lsh = leave_one_out(vectors, labels, metric, method="lsh")
    assert lsh.method == "lsh" and exact.method == "exact"
    assert lsh.precision == pytest.approx(exact.precision, abs=0.05)
    assert lsh.mean_average_precision <= exact.mean_average_precision + 1e-9
    assert 10 <= lsh.compared < exact.compared == 1499


def test_lsh_of_a_handful_is_exact() -> None:
    vectors = np.array([[0, 0], [1, 0], [5, 5]], np.float32)
    labels = np.array([7, 7, 9])
    exact = leave_one_out(vectors, labels, "euclidean")
    lsh = leave_one_out(vectors, labels, "euclidean", method="lsh")
    assert (lsh.precision, lsh.nearest) == (exact.precision, exact.nearest)
    assert lsh.k == exact.k == 2  # there are no more others


def test_confusions_name_the_pairs_their_shares_and_examples() -> None:
    # of label 0 two lie among label 1, the rest apart; label 2 is far away from both
    x = [0, 0.1, 0.2, 10, 10.1, 10.2, 10.3, 10.4, 100, 100.1, 100.2, 100.3]
    labels = np.array([0] * 5 + [1] * 3 + [2] * 4)
    vectors = np.array([[value, 1] for value in x], np.float32)
    result = leave_one_out(vectors, labels, "euclidean", k=2)
    first, second = result.confusions
    # row 3 has (4, 5), row 4 has (3, 5); row 5 (4, 6), row 6 (5, 7), row 7 (6, 5)
    assert (first.label, first.taken_for, first.count, first.share) == (0, 1, 2, 2 / 10)
    assert set(first.examples) == {(3, 5), (4, 5)}
    assert (second.label, second.taken_for, second.count, second.share) == (1, 0, 1, 1 / 6)
    assert second.examples == ((5, 4),)


def test_pictures_that_share_a_label_are_alike_and_those_without_are_no_queries() -> None:
    rows, labels = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    members = Membership.of(rows, labels, 4, 2)
    vectors = np.array([[0, 1], [1, 1], [2, 1], [-0.1, 1]], np.float32)
    result = leave_one_out(vectors, members, "euclidean", k=1)
    assert (result.queries, result.classes) == (3, 2)
    assert result.nearest == pytest.approx(1 / 3)  # of 0 it is 3, of 1 it is 0, of 2 it is 1
    (only,) = result.confusions  # row 3, which row 0 found, has no label to be taken for
    assert (only.label, only.taken_for, only.examples) == (0, 1, ((2, 1),))


def test_of_many_pictures_a_sample_is_asked_for_and_progress_can_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation, "MOST_QUERIES", 20)
    random = np.random.default_rng(0)
    vectors = random.standard_normal((60, 8)).astype(np.float32)
    labels = random.integers(0, 3, 60)
    told: list[tuple[int, int]] = []
    result = leave_one_out(vectors, labels, "cosine", progress=lambda *at: told.append(at))
    assert result.queries == 20 and told == [(0, 20), (20, 20)]

    def end(_done: int, _total: int) -> None:
        raise InterruptedError

    def end_late(done: int, total: int) -> None:
        if done == total and len(calls) == 2:
            raise InterruptedError
        calls.append(done)

    with pytest.raises(InterruptedError):
        leave_one_out(vectors, labels, "cosine", progress=end)
    calls: list[int] = []
    sparse = Membership.of(np.arange(60), labels, 60, 1000)
    with pytest.raises(InterruptedError):  # while confusions are counted
        leave_one_out(vectors, sparse, "cosine", progress=end_late)
    assert calls == [0, 20]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(3, 40),
    classes=st.integers(1, 8),
    k=st.integers(1, 12),
)
def test_confusions_are_those_of_a_plain_count(seed: int, rows: int, classes: int, k: int) -> None:
    """Every pair of labels counted one by one, of pictures with none, one or several labels."""
    random = np.random.default_rng(seed)
    tags = random.random((rows, classes)) < 0.3
    tags[:2, 0] = True
    vectors = random.standard_normal((rows, 3)).astype(np.float32)
    members = Membership.of(*np.nonzero(tags), rows, classes)
    found = leave_one_out(vectors, members, "euclidean", k).confusions
    labels = [set(np.flatnonzero(row).tolist()) for row in tags]
    far = np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2)
    wrong, looked_at = [], Counter[int]()
    for query, of_query in enumerate(labels):
        others = [row for row in range(rows) if row != query]
        if not any(of_query & labels[row] for row in others):
            continue
        nearest = sorted(others, key=lambda row: far[query, row])[:k]
        looked_at.update({label: len(nearest) for label in of_query})
        wrong += [
            (rank, query, hit) for rank, hit in enumerate(nearest) if not of_query & labels[hit]
        ]
    counts = Counter(
        pair for _, query, hit in wrong for pair in itertools.product(labels[query], labels[hit])
    )
    pairs = sorted(counts, key=lambda pair: (-counts[pair], pair))[:30]
    assert [(one.label, one.taken_for) for one in found] == pairs
    for one in found:
        met = sorted(
            hit for hit in wrong if one.label in labels[hit[1]] and one.taken_for in labels[hit[2]]
        )
        assert one.count == len(met)
        assert one.share == pytest.approx(len(met) / looked_at[one.label])
        assert one.examples == tuple((query, hit) for _, query, hit in met[:40])


def test_memory_does_not_grow_with_the_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_QUERIES", 50)
    vectors = np.random.default_rng(0).standard_normal((12000, 4)).astype(np.float32)
    few, many = (_peak(vectors, np.arange(12000) % classes) for classes in (2, 6000))
    assert many < 1.2 * few


def test_memory_does_not_grow_with_the_labels_of_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_QUERIES", 50)
    random = np.random.default_rng(0)
    vectors = random.standard_normal((3000, 4)).astype(np.float32)
    peaks = []
    for labels in (1, 30):
        rows = np.repeat(np.arange(3000), labels)
        members = Membership.of(rows, random.integers(0, 2000, rows.size), 3000, 2000)
        peaks.append(_peak(vectors, members))
    assert peaks[1] < 1.2 * peaks[0]


def _peak(vectors: Float32Array, labels: NDArray[np.int64] | Membership) -> int:
    tracemalloc.start()
    leave_one_out(vectors, labels, "cosine")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_confusions_are_counted_the_same_by_sorting_as_by_a_table() -> None:
    """Labels that no picture has change nothing but the way of counting."""
    random = np.random.default_rng(2)
    tags = random.random((200, 12)) < 0.25
    vectors = random.standard_normal((200, 3)).astype(np.float32)
    plain, wide = (
        leave_one_out(vectors, Membership.of(*np.nonzero(tags), 200, classes), "cosine")
        for classes in (12, 10_000)
    )
    assert plain.confusions == wide.confusions


def test_lsh_aims_at_the_recall_asked_for() -> None:
    random = np.random.default_rng(5)
    vectors = random.standard_normal((1500, 512)).astype(np.float32)
    labels = random.integers(0, 8, 1500)
    low, high = (
        leave_one_out(vectors, labels, "cosine", method="lsh", recall=recall)
        for recall in (0.3, 0.98)
    )
    assert low.compared < high.compared
