from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from cbir.bench import indexing, store
from cbir.bench.synthetic import Mixture, two_cones
from cbir.bench.window import WindowBench
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


def test_gap(cbir: Cbir, tmp_path: Path) -> None:
    images, captions = two_cones(400, 75)
    np.savez(tmp_path / "pairs.npz", image=images, text=captions)
    said = cbir("bench", "gap", "--pairs", tmp_path / "pairs.npz", "--json")
    assert said.document["angle"] == pytest.approx(75, abs=3)
    assert said.document["text_recall"] < said.document["image_recall"]
    told = cbir("bench", "gap", "--pairs", tmp_path / "pairs.npz").out
    assert "° apart" in told
    assert "words" in told
    assert cbir("bench", "gap", "--pairs", tmp_path / "gone.npz").status == 1
    assert cbir("bench", "gap").status == 2


SMALL = ("--records", 300, "--small", 100, "--answer", 200, "--batches", 3)
STORE_KEYS = {
    "records",
    "small",
    "answer",
    "batches",
    "batch",
    "spaces",
    "add_small_ms",
    "add_large_ms",
    "add_ratio",
    "first_add_ms",
    "exact",
    "auto",
    "cbir",
    "peers",
    "ahead",
    "machine",
}


def test_store(cbir: Cbir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TIMES", 1)
    measured = functools.cache(store.measure_store)
    monkeypatch.setattr("cbir.cli.bench.measure_store", measured)
    folder = tmp_path / "measured"
    folder.mkdir()
    said = cbir("bench", "store", *SMALL, "--folder", folder, "--json")
    assert said.status == 0
    assert "300 records" in said.err
    document = said.document
    assert document.keys() >= STORE_KEYS
    assert [document[key] for key in ("records", "small", "answer", "batches")] == [
        300,
        100,
        200,
        3,
    ]
    assert document["exact"].keys() >= {"open_seconds", "answer_seconds", "answer_bytes"}
    assert document["peers"].keys() == document["ahead"].keys() == {"sqlite", "sqlite_16k"}
    assert document["ahead"]["sqlite"].keys() == {"records_per_second", "answer", "bytes"}
    assert list(folder.iterdir()) == []
    told = cbir("bench", "store", *SMALL, "--folder", folder).out
    assert "times as long as to 100." in told
    assert "Beside SQLite, 16 KiB pages: " in told
    assert "times the bytes" in told


def test_store_where_nothing_can_be_made(cbir: Cbir, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    said = cbir("bench", "store", *SMALL, "--folder", gone)
    assert said.complaint == f"Nothing can be made in {gone} (No such file or directory)."
    said = cbir("bench", "store", "--answer", 9)
    assert said.complaint == "9 vectors are too few to find 10 nearest among."
    assert cbir("bench", "store", "--batches", 0).status == 2


def test_indexing_is_measured(
    cbir: Cbir, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MANY", 20)
    monkeypatch.setattr("cbir.bench.pictures.CAMERA", (400, 300))
    monkeypatch.setattr("cbir.bench.pictures.PANORAMA", (800, 200))
    (tmp_path / "none").mkdir()
    arguments = ("bench", "index", pictures, "--models", tmp_path / "none", "--files", 4)
    said = cbir(*arguments, "--rounds", 1, "--no-window", "--json")
    assert said.status == 0
    document = said.document
    assert document["speeds"]["classic"].keys() >= {"images_per_second", "limit", "share"}
    assert document["memory"]["pictures"] == 5 and document["machine"]
    told = cbir(*arguments, "--rounds", 1, "--no-window")
    assert told.status == 0
    assert "12 megapixels" in told.out and "unchanged files" in told.out


def test_indexing_of_a_folder_without_pictures_is_not_measured(cbir: Cbir, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = cbir("bench", "index", tmp_path / "empty", "--no-window")
    assert (said.status, said.out) == (1, "")
    assert "no pictures" in said.err


def test_the_window_is_measured(cbir: Cbir, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {"median": 1.25, "p99": 2.5, "greatest": 1500.0}

    def measured(records: int, say: Callable[[str], None]) -> WindowBench:
        say("Working the window …")
        return WindowBench(records, 2.0, 0.5, *[figures] * 5)

    monkeypatch.setattr("cbir.cli.bench.measure_window_use", measured)
    said = cbir("bench", "window", "--records", 500, "--json")
    assert said.status == 0 and "Working" in said.err
    assert said.document["records"] == 500 and said.document["scroll"] == figures
    assert said.document["opening_seconds"] == 0.5 and said.document["machine"]
    told = cbir("bench", "window").out
    assert "100,000 records: the grid is painted 0.50 s after" in told
    assert "1.25 ms" in told and "1,500 ms" in told
    assert cbir("bench", "window", "--records", 0).status == 2


def test_a_window_that_cannot_be_opened_is_told(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":no")
    for slow in ("fill", "make_files", "Mixture"):
        monkeypatch.setattr(f"cbir.bench.window.{slow}", lambda *given: Mock())
    said = cbir("bench", "window", "--records", 3)
    assert (said.status, said.out) == (1, "")
    assert "could not be measured" in said.err
