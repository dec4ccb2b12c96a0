from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cbir
from tests.conftest import draw
from tests.fakes import ColourEncoder


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Two classes, four pictures each, told apart by colour; and a file that is no picture."""
    folder = tmp_path / "classes"
    for number in range(4):
        draw(folder / "fire" / f"{number}.png", (200, 40 + number, 40))
        draw(folder / "water" / f"{number}.png", (40, 60 + number, 200))
    (folder / "fire" / "bad.png").write_bytes(b"no picture")
    return folder


def test_every_space_and_both_metrics(
    cbir: Cbir, classes: Path, colour_clip: ColourEncoder, library: Path
) -> None:
    document = cbir("evaluate", classes, "--json").document
    assert document["folder"] == str(classes)
    assert (document["images"], document["classes"]) == (8, ["fire", "water"])
    assert (document["grey"], len(document["skipped"])) == (False, 1)
    chosen = [(result["space"], result["metric"]) for result in document["results"]]
    assert chosen == [
        ("classic", "cosine"),
        ("classic", "euclidean"),
        ("clip", "cosine"),
        ("clip", "euclidean"),
    ]
    for result in document["results"]:
        assert result["precision_at_10"] == pytest.approx(3 / 7)  # 3 of its class among 7 others
        assert (result["map"], result["nearest"], result["queries"]) == (1.0, 1.0, 8)
    assert not library.exists()


def test_one_space_one_metric_in_grey(cbir: Cbir, classes: Path) -> None:
    said = cbir(
        "evaluate",
        classes,
        *("--space", "classic", "--space", "classic", "--metric", "cosine", "--grey"),
    )
    first, headings, figures, skipped, _ = said.out.splitlines()
    assert first == f"{classes}: 8 pictures in 2 classes, turned grey"
    assert headings.split() == ["space", "metric", "precision@10", "mAP", "nearest"]
    assert figures.split()[:2] == ["classic", "cosine"]
    assert skipped == "Skipped 1 file:"


def test_a_folder_without_classes(cbir: Cbir, pictures: Path) -> None:
    assert "subfolders" in cbir("evaluate", pictures, "--json").complaint
    assert cbir("evaluate", pictures / "nowhere", "--json").complaint
