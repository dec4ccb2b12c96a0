"""The options that say which records ``list`` and ``search`` are about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cbir.work.engine import Engine
from tests.cli.conftest import Cbir
from tests.conftest import draw
from tests.images.test_taken import exif_of


@pytest.fixture
def folder(cbir: Cbir, tmp_path: Path) -> Path:
    """``old/tall.jpeg`` of 2019, ``old/wide.png`` and ``new/square.png`` without a date."""
    for name in ("old", "new"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    folder = tmp_path / "photos"
    exif = exif_of(DateTimeOriginal="2019:07:04 12:00:05").tobytes()
    Image.effect_noise((600, 900), 50).save(folder / "old" / "tall.jpeg", exif=exif)
    draw(folder / "old" / "wide.png", (200, 30, 30))
    Image.new("RGB", (40, 40), (30, 30, 200)).save(folder / "new" / "square.png")
    os.utime(folder / "old" / "wide.png", (1_600_000_000, 1_600_000_000))  # 2020-09-13
    cbir("index", folder)
    return folder


def names(document: Any, key: str) -> list[str]:
    return sorted(Path(item["path"]).name for item in document[key])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["square.png", "tall.jpeg", "wide.png"]),
        (("--folder", "old"), ["tall.jpeg", "wide.png"]),
        (("--folder", "ol"), []),
        (("--format", "jpg"), ["tall.jpeg"]),
        (("--format", "jpg", "--format", ".PNG"), ["square.png", "tall.jpeg", "wide.png"]),
        (("--orientation", "landscape"), ["wide.png"]),
        (("--orientation", "portrait", "--orientation", "square"), ["square.png", "tall.jpeg"]),
        (("--since", "2019-07-04", "--until", "2019-07-04"), ["tall.jpeg"]),
        (("--since", "2019-07-05"), []),
        (("--date", "modified", "--until", "2020-12-31"), ["wide.png"]),
        (("--min-size", "50k"), ["tall.jpeg"]),
        (("--max-size", "0.05MB"), ["square.png", "wide.png"]),
        (("--tag", "best"), ["wide.png"]),
        (("--missing",), []),
    ],
)
def test_list_and_search_show_what_passes(
    cbir: Cbir,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    expected: list[str],
) -> None:
    monkeypatch.chdir(folder)
    cbir("update", "old/wide.png", "--tag", "best")
    listed = cbir("list", "--json", *options)
    assert names(listed.document, "records") == expected
    assert listed.document["total"] == 3
    found = cbir("search", "--image", "old/wide.png", "--json", *options)
    assert names(found.document, "hits") == expected
    assert found.document["total"] == len(expected)
    assert found.document["lacking"] == 0


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "yesterday"),
        ("--until", "2019-02-30"),
        ("--since", "2020-01-02", "--until", "2020-01-01"),
        ("--min-size", "big"),
        ("--min-size", "-5"),
        ("--min-size", "2M", "--max-size", "1M"),
        ("--orientation", "round"),
        ("--date", "found"),
        ("--format", ""),
        ("--format", "a/b"),
        ("--folder", ""),
    ],
)
@pytest.mark.parametrize("command", [("list",), ("search", "--image", "a.png")])
def test_what_no_record_could_pass_is_wrong_usage(
    cbir: Cbir,
    command: tuple[str, ...],
    options: tuple[str, ...],
) -> None:
    said = cbir(*command, *options)
    assert (said.status, said.out) == (2, "")
    assert "usage:" in said.err


def test_a_folder_without_a_picture_of_the_library_is_told(cbir: Cbir, folder: Path) -> None:
    told = f"cbir: There is no folder {folder / 'ol'}.\n"
    query = ("search", "--image", folder / "old" / "wide.png")
    for command in (("list",), query):
        said = cbir(*command, "--folder", folder / "ol", "--json")
        assert (said.status, said.err) == (0, told)
        for held in ("old", "new", "."):  # what else keeps all out is no wrong name
            said = cbir(*command, "--folder", folder / held, "--tag", "none such", "--json")
            assert (said.status, said.err) == (0, "")


def test_only_where_nothing_came_out_the_folder_is_looked_for(
    cbir: Cbir, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "ask", lambda *_: pytest.fail("the library was asked in vain"))
    query = ("search", "--image", folder / "old" / "wide.png")
    for command in (("list",), query):
        said = cbir(*command, "--folder", folder / "old", "--json")
        assert (said.status, said.err) == (0, "")
    nowhere = folder / "none.npz"
    assert cbir("list", "--folder", folder, library=nowhere).out.startswith("This library is empty")


def test_a_wrong_folder_and_nothing_found_are_told_in_one_sentence(
    cbir: Cbir, folder: Path, tmp_path: Path
) -> None:
    query = ("search", "--image", folder / "old" / "wide.png")
    for command in (("list",), query):
        for wrong, told in (
            (folder / "ol", f"There is no folder {folder / 'ol'}."),
            (tmp_path / "empty", f"The library has no picture below {tmp_path / 'empty'}."),
        ):
            (tmp_path / "empty").mkdir(exist_ok=True)
            said = cbir(*command, "--folder", wrong)
            assert (said.status, said.out, said.err) == (0, "", f"cbir: {told}\n")
    assert cbir("list", "--missing").out == "No record's file is missing.\n"
    assert cbir("list", "--tag", "none").out == "No record passes the filter, of 3.\n"


def test_a_filter_that_lets_none_through(cbir: Cbir, folder: Path) -> None:
    picture = folder / "old" / "wide.png"
    said = cbir("search", "--image", picture, "--tag", "none such")
    assert said.status == 0
    assert said.out.startswith("Nothing was found.")
