from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Cbir


@pytest.fixture
def copied(cbir: Cbir, pictures: Path) -> Path:
    """The 12 pictures, a copy of one, and a smaller version of it."""
    shutil.copy(pictures / "red_0.png", pictures / "red_copy.png")
    with Image.open(pictures / "blue_0.png") as image:
        image.save(pictures / "blue_small.jpg", quality=95)
    assert cbir("index", pictures, "--space", "classic").status == 0
    return pictures


def test_identical_files_as_json(cbir: Cbir, copied: Path) -> None:
    document = cbir("duplicates", "--level", "identical", "--json").document
    assert (document["level"], document["space"], document["total"]) == ("identical", None, 14)
    assert (document["copies"], document["unseen"]) == (1, 0)
    [group] = document["groups"]
    [copy] = group["copies"]
    paths = {group["best"]["path"], copy["path"]}
    assert paths == {str(copied / "red_0.png"), str(copied / "red_copy.png")}
    assert (copy["level"], copy["similarity"], copy["missing"]) == ("identical", None, False)
    assert document["bytes"] == copy["bytes"] == (copied / "red_0.png").stat().st_size


def test_groups_in_words(cbir: Cbir, copied: Path) -> None:
    said = cbir("duplicates", "--level", "alike")
    assert said.status == 0
    assert said.out.startswith("14 pictures, compared by Classic vectors: ")
    lines = said.out.splitlines()
    assert lines[1].split() == ["pixels", "size", "similar", "path"]
    marked = [line.split() for line in lines[:-1] if line.startswith("*")]
    assert marked and all(words[1] == "96×72" and words[4] == "best" for words in marked)
    [copy] = [line for line in lines if line.endswith(str(copied / "red_copy.png"))]
    assert "96×72" in copy
    assert lines[-1].startswith("* is the best of its group. Nothing was removed")
    assert sorted(path.name for path in copied.iterdir())[-1] == "yellow_1.png"


def test_nothing_to_tell(cbir: Cbir, indexed: Path) -> None:
    said = cbir("duplicates", "--level", "identical")
    assert said.out == "12 pictures, compared by the same files: no duplicates.\n"


def test_an_empty_library(cbir: Cbir, library: Path) -> None:
    said = cbir("duplicates")
    assert (said.status, said.out[:24]) == (0, "This library is empty: `")
    assert cbir("duplicates", "--json").document["groups"] == []
    assert not library.exists()


def test_pictures_that_are_gone_are_told(cbir: Cbir, copied: Path) -> None:
    (copied / "red_0.png").unlink()
    said = cbir("duplicates", "--json")
    assert "compare pixels" in said.err
    assert said.document["unseen"] >= 1


def test_what_cannot_be(cbir: Cbir, indexed: Path) -> None:
    assert "CLIP" in cbir("duplicates", "--space", "clip").complaint
    assert cbir("duplicates", "--level", "identical", "--space", "classic").status == 2
    assert cbir("duplicates", "--level", "near").status == 2
