from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from cbir.bench.search import measure, read_vectors, recall_of
from cbir.bench.synthetic import Mixture
from cbir.errors import CbirError
from cbir.records import METRICS, Metric

VECTORS, QUERIES = Mixture().vectors(3000), Mixture().queries(60)


@pytest.mark.parametrize("metric", METRICS)
def test_the_figures_are_those_of_the_rows_that_were_found(metric: Metric) -> None:
    bench = measure(VECTORS, QUERIES, metric, 10, 0.95)
    products = QUERIES @ VECTORS.T
    if metric == "cosine":
        costs = -products / np.linalg.norm(VECTORS, axis=1)
    else:
        costs = (VECTORS**2).sum(axis=1) - 2 * products
    true = np.sort(np.argsort(costs, axis=1)[:, :10], axis=1)
    np.testing.assert_array_equal(np.sort(bench.exact_ids, axis=1), true)
    found = [np.isin(mine, theirs).sum() for mine, theirs in zip(bench.lsh_ids, true, strict=True)]
    assert bench.recall == pytest.approx(np.mean(found) / 10)
    assert bench.recall >= 0.93
    assert 20 <= bench.compared <= 90
    assert bench.compared <= bench.scanned <= 3000
    assert 0 < bench.lsh.median <= bench.lsh.p99
    assert (bench.vectors, bench.queries, bench.metric) == (3000, 60, metric)


def test_it_aims_at_the_recall_asked_for() -> None:
    low, high = (measure(VECTORS, QUERIES, "cosine", 10, target) for target in (0.6, 0.99))
    assert low.recall < high.recall
    assert low.compared + low.scanned < high.compared + high.scanned


def test_recall_counts_rows_of_the_same_query() -> None:
    true = np.array([[1, 2], [3, -1]])
    assert recall_of(np.array([[2, 9], [1, 3]]), true) == pytest.approx(2 / 3)
    assert recall_of(np.array([[-1, -1], [-1, -1]]), true) == 0


@pytest.mark.parametrize("wrong", ["nan", "inf", "few", "none"])
def test_what_cannot_be_measured_is_told(wrong: str) -> None:
    vectors, queries = VECTORS[:50].copy(), QUERIES[:5].copy()
    match = "too few"
    if wrong == "nan":
        vectors[17, 3], match = np.nan, "vector in row 17"
    elif wrong == "inf":
        queries[2, 3], match = np.inf, "query in row 2"
    elif wrong == "few":
        vectors = vectors[:9]
    else:
        queries, match = queries[:0], "no queries"
    with pytest.raises(CbirError, match=match):
        measure(vectors, queries, "cosine", 10, 0.95)


def test_arrays_are_read_and_others_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "good.npy", QUERIES.astype(np.float64))
    read = read_vectors(str(tmp_path / "good.npy"))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, QUERIES, rtol=1e-6)
    np.save(tmp_path / "narrow.npy", QUERIES[:, :100])
    np.save(tmp_path / "whole.npy", QUERIES.astype(np.int64))
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.savez(tmp_path / "several.npz", QUERIES)
    (tmp_path / "words.npy").write_text("no array")
    for name in ("narrow.npy", "whole.npy", "objects.npy", "several.npz", "words.npy", "gone.npy"):
        with pytest.raises(CbirError, match=name):
            read_vectors(str(tmp_path / name))


def test_faiss_finds_what_exact_search_finds() -> None:
    bench = measure(VECTORS, QUERIES, "cosine", 10, 0.95, peers=True)
    assert set(bench.peers) == {"flat", "lsh_1024", "lsh_2048", "ivf", "hnsw"}
    assert bench.peers["flat"].recall > 0.999
    for peer in bench.peers.values():
        assert peer.recall > 0.9
        assert peer.ms > 0
    euclidean = measure(VECTORS, QUERIES, "euclidean", 10, 0.95, peers=True)
    assert euclidean.peers["flat"].recall > 0.999


def test_without_faiss_the_peers_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(CbirError, match=r"pip install 'cbir\[bench\]'"):
        measure(VECTORS[:100], QUERIES[:5], "cosine", 5, 0.95, peers=True)
