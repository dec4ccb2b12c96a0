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
    chosen = [(one["space"], one["metric"], one["method"]) for one in document["results"]]
    assert chosen == [
        (space, metric, method)
        for space in ("classic", "clip")
        for metric in ("cosine", "euclidean")
        for method in ("exact", "lsh")
    ]
    for result in document["results"]:
        assert result["precision_at_10"] == pytest.approx(3 / 7)  # 3 of its class among 7 others
        assert result["precision"] == result["precision_at_10"]
        assert result["k"] == 7
        assert (result["map"], result["nearest"], result["queries"]) == (1.0, 1.0, 8)
        assert result["chance"] == pytest.approx(3 / 7)
        fire, _ = result["confusions"]  # the four that are left are of the other class
        assert (fire["label"], fire["taken_for"]) == ("fire", "water")
        assert (fire["count"], fire["share"]) == (16, pytest.approx(16 / 28))
        assert Path(fire["examples"][0][1]).parent.name == "water"
    assert not library.exists()


def test_one_space_one_metric_in_grey(cbir: Cbir, classes: Path) -> None:
    said = cbir(
        "evaluate",
        classes,
        *("--space", "classic", "--space", "classic", "--metric", "cosine", "--grey", "-k", "5"),
    )
    first, headings, figures, lsh, aim, confused, skipped, _ = said.out.splitlines()
    assert first == f"{classes}: 8 pictures in 2 classes, turned grey"
    told = ["space", "metric", "method", "precision@5", "mAP", "nearest", "chance"]
    assert headings.split() == told
    assert figures.split()[:3] == ["classic", "cosine", "exact"]
    assert lsh.split()[:3] == ["classic", "cosine", "lsh"]
    assert aim == "LSH is set to find 0.95 of the true nearest."
    assert confused.startswith("Taken for another by classic, cosine, exact: ")
    assert skipped == "Skipped 1 file:"


def test_a_folder_without_classes(cbir: Cbir, pictures: Path) -> None:
    assert "subfolders" in cbir("evaluate", pictures, "--json").complaint
    assert cbir("evaluate", pictures / "nowhere", "--json").complaint


def test_tags_of_the_library_are_labels(cbir: Cbir, classes: Path) -> None:
    cbir("index", classes, "--space", "classic")
    assert "have tags" in cbir("evaluate", classes, "--labels", "tags").complaint
    for name in ("fire", "water"):
        files = [classes / name / f"{number}.png" for number in range(4)]
        cbir("update", *files, "--tag", name.upper())
    document = cbir("evaluate", classes, "--labels", "tags", "--method", "exact", "--json").document
    assert (document["labels"], document["classes"]) == ("tags", ["FIRE", "WATER"])
    assert {result["method"] for result in document["results"]} == {"exact"}
    assert document["results"][0]["nearest"] == 1.0


def test_lsh_aims_at_the_recall_of_the_option_and_the_text_says_so(
    cbir: Cbir, classes: Path
) -> None:
    wanted = ("evaluate", classes, "--space", "classic", "--recall", "0.875")
    results = cbir(*wanted, "--json").document["results"]
    targets = {(result["method"], result["target"]) for result in results}
    assert targets == {("exact", None), ("lsh", 0.875)}
    assert "LSH is set to find 0.875 of the true nearest." in cbir(*wanted).out
    assert "LSH" not in cbir(*wanted[:-2], "--method", "exact").out


def test_a_recall_of_lsh_without_lsh_is_wrong_usage(cbir: Cbir, classes: Path) -> None:
    picture = classes / "fire" / "0.png"
    for command in (("evaluate", classes), ("search", "--image", picture)):
        done = cbir(*command, "--method", "exact", "--recall", "0.9")
        assert done.status == 2
        assert "leave it or --method exact out" in done.err
    both = ("evaluate", classes, "--method", "exact", "--method", "lsh", "--space", "classic")
    assert cbir(*both, "--recall", "0.875").status == 0


def test_there_is_a_most_of_hits_as_in_the_window(cbir: Cbir, classes: Path) -> None:
    told = cbir("evaluate", classes, "-k", "1001")
    assert told.status == 2
    assert "more than 1,000" in told.err
