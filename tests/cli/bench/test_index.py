from __future__ import annotations

from pathlib import Path

import pytest

from cbir.bench import indexing
from tests.cli.conftest import Cbir


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
