from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.conftest import Cbir
from tests.conftest import draw
from tests.images.test_taken import exif_of


def names(said: Any) -> list[str]:
    return [Path(record["path"]).name for record in said.document["records"]]


def test_list_shows_every_record(cbir: Cbir, indexed: Path) -> None:
    said = cbir("list", "--json")
    assert said.document["total"] == 12
    first = said.document["records"][0]
    assert first.keys() >= {"id", "path", "size", "mtime", "digest", "tags", "note", "missing"}
    assert (first["width"], first["height"]) == (96, 72)
    assert first["size"] == Path(first["path"]).stat().st_size
    assert first["mtime_ns"] == Path(first["path"]).stat().st_mtime_ns
    assert sorted(names(said)) == sorted(file.name for file in indexed.iterdir())
    lines = cbir("list").out.splitlines()
    assert len(lines) == 13
    assert lines[1].split() == [str(first["id"]), "96×72", first["path"]]


def test_list_filters_by_tag_and_missing(cbir: Cbir, indexed: Path) -> None:
    for name in ("red_0.png", "red_1.png"):
        cbir("update", indexed / name, "--tag", "warm")
    cbir("update", indexed / "red_0.png", "--tag", "best")
    assert names(cbir("list", "--tag", "warm", "--json")) == ["red_0.png", "red_1.png"]
    assert names(cbir("list", "--tag", "warm", "--tag", "best", "--json")) == ["red_0.png"]
    assert names(cbir("list", "--missing", "--json")) == []
    (indexed / "red_1.png").unlink()
    cbir("index", indexed)
    said = cbir("list", "--missing", "--json")
    assert (names(said), said.document["total"]) == (["red_1.png"], 12)
    assert "missing  warm" in cbir("list", "--missing").out


def test_an_empty_library_lists_nothing_and_is_not_made(cbir: Cbir, library: Path) -> None:
    assert cbir("list", "--json").document == {"library": str(library), "total": 0, "records": []}
    assert "cbir index FOLDER" in cbir("list").out
    assert "There is no library" in cbir("show", "a.png").complaint
    assert not library.parent.exists()


def test_show_tells_all_of_one_record(
    cbir: Cbir, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cbir("update", indexed / "red_0.png", "--tag", "warm", "--note", "two\nlines")
    monkeypatch.chdir(indexed)
    document = cbir("show", "red_0.png", "--json").document
    assert document["path"] == str(indexed / "red_0.png")
    assert (document["tags"], document["note"]) == (["warm"], "two\nlines")
    assert document["spaces"] == ["classic"]
    text = cbir("show", "red_0.png").out
    assert "pixels   96 × 72\n" in text
    assert "note     two\\nlines\n" in text
    assert "vectors  classic\n" in text


def test_a_record_tells_when_its_picture_was_taken(cbir: Cbir, indexed: Path) -> None:
    exif = exif_of(DateTimeOriginal="2019:07:04 12:00:05").tobytes()
    Image.new("RGB", (40, 30)).save(indexed / "dated.jpg", exif=exif)
    cbir("index", indexed)
    dated, plain = indexed / "dated.jpg", indexed / "red_0.png"
    assert cbir("show", dated, "--json").document["taken"] == "2019-07-04T12:00:05"
    assert cbir("show", plain, "--json").document["taken"] is None
    assert "taken    2019-07-04 12:00:05\n" in cbir("show", dated).out
    assert "taken" not in cbir("show", plain).out


def test_update_changes_tags_and_note(cbir: Cbir, indexed: Path) -> None:
    picture = indexed / "red_0.png"
    document = cbir("update", picture, "--tag", "a", "--tag", "b", "--note", "n", "--json").document
    assert (document["tags"], document["note"]) == (["a", "b"], "n")
    document = cbir("update", picture, "--untag", "a", "--note", "", "--json").document
    assert (document["tags"], document["note"]) == (["b"], "")
    assert cbir("update", picture, "--tag", "c").out.startswith(f"path     {picture}\n")


def test_update_points_a_record_to_its_moved_file(cbir: Cbir, indexed: Path) -> None:
    before = cbir("show", indexed / "red_0.png", "--json").document
    moved = indexed / "moved.png"
    (indexed / "red_0.png").rename(moved)
    after = cbir("update", indexed / "red_0.png", "--move-to", moved, "--json").document
    assert (after["id"], after["path"]) == (before["id"], str(moved))
    assert cbir("show", moved, "--json").document["spaces"] == ["classic"]
    other = cbir("update", moved, "--move-to", indexed / "red_1.png")
    assert "already has a record" in other.complaint
    assert "nowhere.png" in cbir("update", moved, "--move-to", "nowhere.png").complaint
    assert moved.exists()


def test_update_moves_a_folder(cbir: Cbir, indexed: Path, tmp_path: Path) -> None:
    cbir("update", indexed / "red_0.png", "--tag", "mine")
    new = tmp_path / "new"
    indexed.rename(new)
    (new / "blue_0.png").unlink()
    document = cbir("update", "--move-folder", indexed, new, "--json").document
    told = {"old": str(indexed), "new": str(new), "records": 12, "found": 11, "absent": 1}
    assert document.items() >= told.items()
    assert cbir("show", new / "red_0.png", "--json").document["tags"] == ["mine"]
    assert "11 records restored" in cbir("undo").out
    text = cbir("update", "--move-folder", indexed, new).out
    assert text == "Located 11 pictures. Left as they are: 1 file is not there.\n"
    assert cbir("update", "--move-folder", indexed, new, "--tag", "t").status == 2
    assert cbir("update").status == 2
    assert "misses no file" in cbir("update", "--move-folder", new, tmp_path).complaint


def test_a_folder_where_no_picture_is_locates_none(
    cbir: Cbir, indexed: Path, tmp_path: Path
) -> None:
    new = tmp_path / "else" / "new"
    new.parent.mkdir()
    indexed.rename(new)
    (tmp_path / "wrong").mkdir()
    none = "No picture is located: 12 files are not there."
    assert cbir("update", "--move-folder", indexed, tmp_path / "wrong").complaint == none
    complaint = cbir("update", "--move-folder", indexed, new.parent, "--json").complaint
    assert complaint == f"{none} In {new} it would be 12 pictures: name that folder."
    assert "is no folder" in cbir("update", "--move-folder", indexed, tmp_path / "no").complaint


def test_update_embeds_anew(cbir: Cbir, indexed: Path) -> None:
    draw(indexed / "red_0.png", (40, 60, 200), (50, 50))
    document = cbir("update", indexed / "red_0.png", "--re-embed", "--json").document
    assert (document["width"], document["height"]) == (50, 50)
    hits = cbir("search", "--image", indexed / "blue_0.png", "-k", 3, "--json").document["hits"]
    assert "red_0.png" in {Path(hit["path"]).name for hit in hits}


def test_update_of_what_is_not_there(cbir: Cbir, indexed: Path) -> None:
    complaint = cbir("update", indexed / "pink.png", "--tag", "t", "--json").complaint
    assert "is not in the library" in complaint
    assert "cannot be a tag" in cbir("update", indexed / "red_0.png", "--tag", "a,b").complaint


def test_remove_takes_files_and_folders_out_but_deletes_none(
    cbir: Cbir, indexed: Path, tmp_path: Path
) -> None:
    below = tmp_path / "pictures-2" / "deep"
    below.mkdir(parents=True)
    for number in range(3):
        shutil.copy(indexed / "red_0.png", below / f"copy_{number}.png")
    cbir("index", below.parent)
    document = cbir("remove", indexed / "red_0.png", "--json").document
    assert (document["removed"], document["paths"]) == (1, [str(indexed / "red_0.png")])
    assert cbir("remove", indexed).out.startswith("Removed 11 records")
    assert cbir("list", "--json").document["total"] == 3
    assert cbir("remove", below.parent, "--json").document["removed"] == 3
    assert len(list(indexed.iterdir())) == 12
    assert "no record" in cbir("remove", indexed, "--json").complaint


def test_remove_is_all_or_nothing(cbir: Cbir, indexed: Path) -> None:
    assert cbir("remove", indexed / "red_0.png", indexed / "pink.png").complaint
    assert cbir("list", "--json").document["total"] == 12


def test_remove_missing(cbir: Cbir, indexed: Path) -> None:
    assert cbir("remove", "--missing", "--json").document == {"removed": 0, "paths": []}
    (indexed / "red_0.png").unlink()
    cbir("index", indexed)
    assert cbir("remove", "--missing", "--json").document["removed"] == 1
    assert cbir("info", "--json").document["records"] == 11


def test_undo_takes_the_last_command_back(cbir: Cbir, indexed: Path) -> None:
    before = cbir("list", "--json").document
    assert "nothing to undo" in cbir("undo", "--json").complaint
    red, blue = indexed / "red_0.png", indexed / "blue_0.png"
    cbir("update", red, blue, "--tag", "trip")
    assert cbir("info", "--json").document["undo"] == "tag 2 pictures"
    cbir("remove", indexed)
    document = cbir("undo", "--json").document
    assert document["undone"] == "remove 12 pictures"
    assert len(document["paths"]) == 12
    assert cbir("list", "--tag", "trip", "--json").document["records"]
    assert cbir("undo").out == "Undone: tag 2 pictures. 2 records restored.\n"
    assert cbir("list", "--json").document == before
    assert cbir("search", "--image", red, "-k", 1, "--json").document["hits"][0]["path"] == str(red)
    assert "nothing to undo" in cbir("undo").complaint


def test_undo_of_several_re_embeddings_is_one(cbir: Cbir, indexed: Path) -> None:
    red, blue = indexed / "red_0.png", indexed / "blue_0.png"
    before = cbir("show", red, "--json").document
    draw(red, (40, 60, 200), (50, 50))
    cbir("update", red, blue, "--re-embed")
    assert cbir("undo").out == "Undone: re-embed 2 pictures. 2 records restored.\n"
    assert cbir("show", red, "--json").document == before


def test_show_tells_of_equal_files(cbir: Cbir, pictures: Path) -> None:
    twin = pictures / "twin.png"
    twin.write_bytes((pictures / "red_0.png").read_bytes())
    assert cbir("index", pictures).status == 0
    assert cbir("show", twin, "--json").document["copies"] == [str(pictures / "red_0.png")]
    assert f"copy     {twin}\n" in cbir("show", pictures / "red_0.png").out
    assert cbir("show", pictures / "red_1.png", "--json").document["copies"] == []
