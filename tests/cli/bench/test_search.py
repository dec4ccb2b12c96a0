from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.bench.synthetic import Mixture
from tests.cli.conftest import Cbir

KEYS = {
    "vectors",
    "metric",
    "recall",
    "exact_ms",
    "lsh_ms",
    "lsh_p99_ms",
    "compared",
    "build_seconds",
    "bytes_per_vector",
    "peers",
}


@pytest.fixture
def arrays(tmp_path: Path) -> tuple[Path, Path]:
    np.save(tmp_path / "v.npy", Mixture().vectors(800))
    np.save(tmp_path / "q.npy", Mixture().queries(30))
    return tmp_path / "v.npy", tmp_path / "q.npy"


def test_search_on_files(cbir: Cbir, arrays: tuple[Path, Path], tmp_path: Path) -> None:
    vectors, queries = arrays
    out = tmp_path / "rows.npz"
    said = cbir(
        "bench", "search", "--vectors", vectors, "--queries", queries,
        "--metric", "euclidean", "-k", 5, "--recall", 0.9, "--out", out, "--json",
    )  # fmt: skip
    assert said.status == 0
    document = said.document
    assert document.keys() >= KEYS
    assert (document["vectors"], document["metric"], document["peers"]) == (800, "euclidean", {})
    with np.load(out, allow_pickle=False) as rows:
        exact, lsh = rows["exact_ids"], rows["lsh_ids"]
    assert exact.shape == lsh.shape == (30, 5)
    assert exact.dtype == lsh.dtype == np.int64
    found = np.mean([np.isin(a, b).mean() for a, b in zip(lsh, exact, strict=True)])
    assert document["recall"] == pytest.approx(found)


def test_search_on_made_up_vectors_in_words(cbir: Cbir) -> None:
    said = cbir("bench", "search", "--synthetic", 600)
    assert said.status == 0
    assert "600 vectors, cosine, 500 queries, one thread" in said.out
    assert "recall@10" in said.out
    assert "times as" in said.out
    assert "estimates its recall at" in said.out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--vectors", "v.npy"],
        ["--synthetic", "100", "--queries", "q.npy"],
        ["--synthetic", "0"],
        ["--synthetic", "100", "-k", "0"],
        ["--synthetic", "100", "--recall", "1"],
        ["--synthetic", "100", "--vectors", "v.npy"],
    ],
)
def test_wrong_usage(cbir: Cbir, words: list[str]) -> None:
    assert cbir("bench", "search", *words).status == 2


def test_what_cannot_be_read_or_written_is_told(cbir: Cbir, arrays: tuple[Path, Path]) -> None:
    vectors, queries = arrays
    said = cbir("bench", "search", "--vectors", "gone.npy", "--queries", queries)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("cbir: gone.npy cannot be read")
    out = vectors.parent / "no folder" / "r.npz"
    said = cbir("bench", "search", "--vectors", vectors, "--queries", queries, "--out", out)
    assert said.status == 1
    assert "cannot be written" in said.err
