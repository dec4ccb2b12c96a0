from __future__ import annotations

from pathlib import Path

import pytest

from cbir.bench import variants
from tests.cli.conftest import Cbir


def test_growth(cbir: Cbir) -> None:
    document = cbir("bench", "duplicates", "--synthetic", 1000, "--json").document
    assert document["records"] == 1000 and document["machine"]
    assert document.keys() >= {"seconds", "bytes", "recall", "time_exponent", "work_exponent"}
    told = cbir("bench", "duplicates", "--synthetic", 1000).out
    assert "Time grows as N to the" in told
    wanted = ("bench", "duplicates", "--synthetic", 1000, "--space", "classic", "--json")
    assert cbir(*wanted).document["mirrored_recall"] >= 0.95


def test_quality(cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "_MOST", 3)
    document = cbir("bench", "duplicates", pictures, "--json").document
    assert (document["space"], document["pictures"]) == ("classic", 3)
    assert document["qualities"][0].keys() == {"change", "level", "pairs", "recall", "precision"}
    lines = cbir("bench", "duplicates", pictures).out.splitlines()
    assert lines[1].split() == ["change", "identical", "same", "alike"]
    assert lines[2].split()[:2] == ["copied", "1.00"]


def test_what_cannot_be(cbir: Cbir, tmp_path: Path) -> None:
    assert cbir("bench", "duplicates").status == 2
    assert cbir("bench", "duplicates", tmp_path, "--synthetic", 1000).status == 2
    assert cbir("bench", "duplicates", "--synthetic", 1000, "--space", "resnet18").status == 2
    assert "too few" in cbir("bench", "duplicates", "--synthetic", 100).complaint
    assert "no pictures" in cbir("bench", "duplicates", tmp_path).complaint
