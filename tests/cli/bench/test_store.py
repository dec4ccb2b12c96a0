from __future__ import annotations

import functools
from pathlib import Path

import pytest

from cbir.bench import store
from tests.cli.conftest import Cbir

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
    monkeypatch.setattr("cbir.cli.bench.store.measure_store", measured)
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
