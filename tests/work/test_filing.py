"""Renaming files and moving them to the trash: their records follow, whatever fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cbir.errors import CbirError, LibraryUnwritable
from cbir.library import Library
from cbir.work import filing
from cbir.work.editing import find_record
from cbir.work.worker import Job, JobCancelled, JobRun, Outbox
from tests.work.conftest import Driver


@pytest.fixture
def indexed(drive: Driver, pictures: Path) -> Driver:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    return drive


@pytest.fixture
def run() -> JobRun:
    return JobRun(Job("test"), Outbox())


def held(drive: Driver) -> Library:
    return drive.engine._library.result()


def ids_of(drive: Driver, paths: Sequence[Path]) -> list[int]:
    return [find_record(held(drive), str(path)).id for path in paths]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("sea", "sea.jpg"),
        ("sea.jpg", "sea.jpg"),
        ("sea.JPG", "sea.JPG"),
        ("sea.png", "sea.png"),
        ("sea.v2", "sea.v2.jpg"),
        ("  at sea  ", "at sea.jpg"),
    ],
)
def test_an_ending_is_kept_unless_another_one_is_typed(typed: str, name: str) -> None:
    assert filing.renamed_path("/p/old.jpg", typed) == f"/p/{name}"


@pytest.mark.parametrize("typed", ["", "   ", "a/b", "../b", ".jpg", "x" * 260, "a\0b", "a\ufffd"])
def test_what_cannot_be_a_name_is_refused(typed: str) -> None:
    with pytest.raises(CbirError):
        filing.renamed_path("/p/old.jpg", typed)


@given(st.text())
def test_a_renamed_file_never_leaves_its_folder(typed: str) -> None:
    try:
        path = filing.renamed_path("/p/old.jpg", typed)
    except CbirError:
        return
    assert os.path.dirname(os.path.normpath(path)) == "/p"


def test_a_file_and_its_record_get_the_name_and_undo_gives_it_back(
    indexed: Driver, pictures: Path
) -> None:
    old, new = pictures / "red_0.png", pictures / "first.png"
    (id_,) = ids_of(indexed, [old])
    content = old.read_bytes()
    record = indexed(indexed.engine.rename(id_, "first"))
    assert (record.id, record.path) == (id_, str(new))
    assert new.read_bytes() == content
    assert not old.exists()
    assert held(indexed).undoable == "rename red_0.png to first.png"

    undone = indexed(indexed.engine.undo())
    assert [record.path for record in undone.records] == [str(old)]
    assert old.read_bytes() == content
    assert not new.exists()


@pytest.mark.parametrize(
    ("kind", "typed", "fits"),
    [
        ("JPEG", "sea.jpeg", True),  # named .png until now, wrongly
        ("JPEG", "sea.bmp", False),
        ("BMP", "sea.jpg", False),
        ("BMP", "sea.bmp", True),
        ("BMP", "sea", True),
        ("", "sea.jpg", False),  # damaged: its ending is all that is known
    ],
)
def test_a_name_does_not_end_as_another_kind_of_picture_does(
    indexed: Driver, pictures: Path, kind: str, typed: str, fits: bool
) -> None:
    old = pictures / "red_0.png"
    (id_,) = ids_of(indexed, [old])
    if kind:
        Image.new("RGB", (8, 8)).save(old, kind)
    else:
        old.write_bytes(b"damaged")
    if fits:
        name = typed if "." in typed else f"{typed}.png"
        assert indexed(indexed.engine.rename(id_, typed)).path == str(pictures / name)
    else:
        with pytest.raises(CbirError, match="does not fit"):
            indexed(indexed.engine.rename(id_, typed))
        assert old.exists()


def test_no_other_file_is_replaced(indexed: Driver, pictures: Path) -> None:
    old = pictures / "red_0.png"
    (pictures / "taken.png").write_bytes(b"precious")
    (id_,) = ids_of(indexed, [old])
    for name in ("taken", "red_1"):
        with pytest.raises(CbirError, match=r"already"):
            indexed(indexed.engine.rename(id_, name))
    assert (pictures / "taken.png").read_bytes() == b"precious"
    assert old.exists()
    assert held(indexed).get(id_).path == str(old)


def test_a_file_that_came_just_now_is_not_replaced(
    indexed: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = pictures / "red_0.png", pictures / "taken.png"
    (id_,) = ids_of(indexed, [old])
    new.write_bytes(b"precious")
    with monkeypatch.context() as patch:
        patch.setattr("os.path.lexists", lambda _path: False)  # it was not there when looked at
        with pytest.raises(CbirError, match="already"):
            indexed(indexed.engine.rename(id_, "taken"))
    assert new.read_bytes() == b"precious"
    assert old.exists()


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_does_not_take_the_place_of_its_file(
    drive: Driver, pictures: Path, link: Callable[[Path, Path], None]
) -> None:
    real, other = pictures / "red_0.png", pictures / "other.png"
    link(real, other)
    content = real.read_bytes()
    drive(drive.engine.index([str(other)], ["classic"]))  # the file itself has no record
    (id_,) = ids_of(drive, [other])
    with pytest.raises(CbirError, match="already"):
        drive(drive.engine.rename(id_, "red_0"))
    assert not real.is_symlink()
    assert real.read_bytes() == content
    assert other.exists()
    assert held(drive).get(id_).path == str(other)


def test_undoing_where_the_file_has_its_old_name_already(indexed: Driver, pictures: Path) -> None:
    old, new = pictures / "red_0.png", pictures / "first.png"
    (id_,) = ids_of(indexed, [old])
    indexed(indexed.engine.rename(id_, "first"))
    new.rename(old)  # by hand
    indexed(indexed.engine.undo())
    assert held(indexed).get(id_).path == str(old)
    assert old.exists()


def test_a_record_that_cannot_be_changed_gives_the_file_its_name_back(
    indexed: Driver, pictures: Path, run: JobRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = pictures / "red_0.png"
    (id_,) = ids_of(indexed, [old])

    def full(*_: object, **__: object) -> None:
        raise LibraryUnwritable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Library, "amend", full)
        with pytest.raises(LibraryUnwritable):
            filing.rename(run, held(indexed), id_, "first")
    assert old.exists()
    assert held(indexed).get(id_).path == str(old)


def test_a_file_that_cannot_be_renamed_leaves_its_record(indexed: Driver, pictures: Path) -> None:
    old = pictures / "red_0.png"
    (id_,) = ids_of(indexed, [old])
    old.unlink()
    with pytest.raises(CbirError, match="cannot be renamed"):
        indexed(indexed.engine.rename(id_, "first"))
    assert held(indexed).get(id_).path == str(old)
    assert not (pictures / "first.png").exists()


def test_an_undo_whose_name_is_taken_leaves_file_and_record_together(
    indexed: Driver, pictures: Path
) -> None:
    old, new = pictures / "red_0.png", pictures / "first.png"
    (id_,) = ids_of(indexed, [old])
    indexed(indexed.engine.rename(id_, "first"))
    old.write_bytes(b"something new")
    with pytest.raises(CbirError, match="already"):
        indexed(indexed.engine.undo())
    assert old.read_bytes() == b"something new"
    assert new.exists()
    assert held(indexed).get(id_).path == str(new)


def test_a_name_that_is_not_utf8_can_be_renamed(indexed: Driver, pictures: Path) -> None:
    odd = os.fsencode(pictures) + b"/\xff\xfe.png"
    os.rename(pictures / "red_0.png", odd)
    indexed(indexed.engine.refresh(["classic"]))
    record = find_record(held(indexed), os.fsdecode(odd))
    renamed = indexed(indexed.engine.rename(record.id, "even"))
    assert renamed.path == str(pictures / "even.png")
    indexed(indexed.engine.undo())
    assert os.path.exists(odd)
    assert held(indexed).get(record.id).path == os.fsdecode(odd)


def test_trash_takes_files_and_records_and_undo_the_records(
    indexed: Driver, pictures: Path, run: JobRun, tmp_path: Path
) -> None:
    library = held(indexed)
    paths = [pictures / "red_0.png", pictures / "red_1.png", pictures / "blue_0.png"]
    ids = ids_of(indexed, paths)
    paths[1].unlink()
    forgotten: list[str] = []

    def throw(path: str) -> None:
        if path == str(paths[2]):
            raise PermissionError(13, "Permission denied")
        os.rename(path, tmp_path / "thrown")

    report = filing.trash(run, library, ids, forgotten.extend, throw)
    assert report.ids == (ids[0],)
    assert report.kept == (
        (str(paths[1]), "the file is not there"),
        (str(paths[2]), "Permission denied"),
    )
    assert [id_ in library for id_ in ids] == [False, True, True]
    assert forgotten == [str(paths[0])]
    assert paths[2].exists()
    assert [record.id for record in library.undo().records] == [ids[0]]


def test_a_trash_that_breaks_down_leaves_no_record_without_its_file(
    indexed: Driver, pictures: Path, run: JobRun, tmp_path: Path
) -> None:
    library = held(indexed)
    ids = ids_of(indexed, [pictures / "red_0.png", pictures / "red_1.png"])

    def throw(path: str) -> None:
        if path.endswith("red_1.png"):
            raise RuntimeError("no bus")
        os.rename(path, tmp_path / "thrown")

    report = filing.trash(run, library, ids, throw=throw)
    assert report == filing.TrashReport((ids[0],), ((str(pictures / "red_1.png"), "no bus"),))
    assert [id_ in library for id_ in ids] == [False, True]


def test_cancelled_trash_tells_what_went(
    indexed: Driver, pictures: Path, run: JobRun, tmp_path: Path
) -> None:
    ids = ids_of(indexed, [pictures / "red_0.png", pictures / "red_1.png"])

    def throw(path: str) -> None:
        os.rename(path, tmp_path / "thrown")
        run.job.cancel()

    with pytest.raises(JobCancelled) as cancelled:
        filing.trash(run, held(indexed), ids, throw=throw)
    assert cancelled.value.result.ids == (ids[0],)
    assert ids[0] not in held(indexed)
    assert (pictures / "red_1.png").exists()


def test_the_systems_own_trash(
    indexed: Driver, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pictures / "red_0.png"
    thrown: list[str] = []
    monkeypatch.setattr("send2trash.send2trash", thrown.append)
    report = indexed(indexed.engine.trash(ids_of(indexed, [path])))
    assert thrown == [str(path)]
    assert len(report.ids) == 1
