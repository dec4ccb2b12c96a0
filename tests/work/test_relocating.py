"""A folder that went elsewhere: its records follow in one change."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.errors import CbirError
from cbir.work.editing import Edit
from cbir.work.engine import Engine
from cbir.work.relocating import LostFolder, Move
from cbir.work.worker import Job, JobCancelled
from tests.conftest import draw
from tests.work.conftest import Driver


def paths(drive: Driver) -> list[str]:
    return sorted(record.path for record in drive(drive.engine.browse()))


@pytest.fixture
def lost(drive: Driver, pictures: Path, tmp_path: Path) -> Path:
    """The pictures were indexed, one is tagged; then their folder moved. Where it is now."""
    (pictures / "deep").mkdir()
    draw(pictures / "deep" / "one.png", (90, 20, 200))
    drive(drive.engine.index([str(pictures)], ["classic"]))
    drive(drive.engine.edit(1, Edit(add_tags=("mine",), note="a note")))
    new = tmp_path / "elsewhere" / "photos"
    new.parent.mkdir()
    pictures.rename(new)
    return new


def test_all_records_follow_and_undo_takes_all_back(
    drive: Driver, pictures: Path, lost: Path
) -> None:
    before = paths(drive)
    assert drive(drive.engine.lost_folders()) == (
        LostFolder(str(pictures), 13, str(pictures.parent)),
    )
    wanted = Move(str(pictures), str(lost), 13, 13, 0, 0)
    assert drive(drive.engine.preview_move(str(pictures), str(lost))) == wanted
    assert paths(drive) == before
    assert drive(drive.engine.move_folder(str(pictures), str(lost))) == wanted
    assert paths(drive) == [path.replace(str(pictures), str(lost)) for path in before]
    assert drive(drive.engine.lost_folders()) == ()


def test_tags_vectors_and_roots_after_a_move(drive: Driver, pictures: Path, lost: Path) -> None:
    drive(drive.engine.move_folder(str(pictures), str(lost)))
    record = drive(drive.engine.ask("Look", lambda library: library.get(1)))
    assert (record.tags, record.note, record.missing) == (("mine",), "a note", False)
    held, roots = drive(drive.engine.ask("Look", lambda library: (library.spaces(), library.roots)))
    assert held["classic"].vectors == 13
    assert str(lost) in roots
    report = drive(drive.engine.index([str(lost)], ["classic"]))
    assert (report.added, report.moved, report.unchanged) == (0, 0, 13)
    undone = drive(drive.engine.undo())
    assert undone.title == "locate a folder of 13 pictures"
    assert all(path.startswith(str(pictures)) for path in paths(drive))


def test_after_undo_a_refresh_moves_nothing_again(
    drive: Driver, pictures: Path, lost: Path
) -> None:
    """Also where the old folder was forgotten meanwhile, as it is gone and held no record more."""
    before = paths(drive)
    drive(drive.engine.move_folder(str(pictures), str(lost)))
    drive(drive.engine.refresh(["classic"]))
    assert drive(drive.engine.ask("Look", lambda library: library.roots)) == (str(lost),)
    drive(drive.engine.undo())
    assert drive(drive.engine.ask("Look", lambda library: library.roots)) == (str(pictures),)
    report = drive(drive.engine.refresh(["classic"]))
    assert (report.moved, report.added) == (0, 0)
    assert paths(drive) == before


def test_after_undo_a_folder_that_was_indexed_since_is_still_followed(
    drive: Driver, pictures: Path, lost: Path
) -> None:
    drive(drive.engine.move_folder(str(pictures), str(lost)))
    draw(lost / "own.png", (1, 2, 3))
    drive(drive.engine.index([str(lost)], ["classic"]))
    drive(drive.engine.undo())
    assert str(lost) in drive(drive.engine.ask("Look", lambda library: library.roots))
    draw(lost / "later.png", (3, 2, 1))
    assert drive(drive.engine.refresh(["classic"])).added == 1


def test_only_what_is_the_same_picture_moves(drive: Driver, pictures: Path, lost: Path) -> None:
    files = sorted(lost.glob("*.png"))
    files[0].unlink()
    files[1].write_bytes(b"x" * files[1].stat().st_size)  # as large, but another file
    files[2].write_bytes(b"shorter")
    os.utime(files[3], (1, 1))  # the same picture, copied without its time
    drive(drive.engine.index([str(files[4])], ["classic"]))  # found to have moved by itself
    shutil.copy(files[5], pictures.parent / "kept.png")
    move = drive(drive.engine.move_folder(str(pictures), str(lost)))
    assert (move.records, move.found, move.different, move.absent) == (12, 9, 2, 1)
    left = [path for path in paths(drive) if path.startswith(str(pictures))]
    assert [Path(path).name for path in left] == [file.name for file in files[:3]]
    assert drive(drive.engine.lost_folders()) == (
        LostFolder(str(pictures), 3, str(pictures.parent)),
    )


def test_the_parent_of_where_they_are_leads_to_them(
    drive: Driver, pictures: Path, lost: Path
) -> None:
    """To the folder with most of them, though one is nearer to hand and others hold none."""
    for number, name in enumerate(("a few", "near", "others")):
        (lost.parent / name).mkdir()
        for file in sorted(lost.glob("*.png"))[: (2, 0, 1)[number]]:
            shutil.copy(file, lost.parent / name)
    other = next((lost.parent / "others").iterdir())
    other.write_bytes(b"another file of that name")
    move = drive(drive.engine.preview_move(str(pictures), str(lost.parent)))
    assert move == Move(str(pictures), str(lost), 13, 13, 0, 0)
    move = drive(drive.engine.preview_move(str(pictures), str(lost.parent / "near")))
    assert (move.new, move.found, move.absent) == (str(lost.parent / "near"), 0, 13)


def test_a_file_with_a_record_of_its_own_keeps_it(
    drive: Driver, pictures: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    shutil.copytree(pictures, copies)
    drive(drive.engine.index([str(pictures), str(copies)], ["classic"]))
    shutil.rmtree(pictures)
    move = drive(drive.engine.move_folder(str(pictures), str(copies)))
    assert (move.found, move.taken) == (0, 12)
    assert len(paths(drive)) == 24


def preview_of_all(engine: Engine) -> Job:
    return engine.preview_move(os.sep, os.getcwd())


@pytest.mark.parametrize("ask", [Engine.lost_folders, Engine.missing_records, preview_of_all])
def test_all_else_goes_on_while_a_slow_drive_is_looked_at(
    drive: Driver,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Engine], Job],
) -> None:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    looked, go_on = threading.Event(), threading.Event()
    real = os.lstat

    def slow(path: str, **others: int) -> os.stat_result:
        if str(path).startswith(str(pictures)):
            looked.set()
            assert go_on.wait(60)
        return real(path, **others)

    monkeypatch.setattr(os, "lstat", slow)
    job = ask(drive.engine)
    assert looked.wait(60)
    assert len(drive(drive.engine.browse())) == 12
    assert len(drive(drive.engine.project("classic", "cosine")).records) == 12
    assert drive(drive.engine.preferences())
    job.cancel()
    go_on.set()
    with pytest.raises(JobCancelled):
        drive(job)


def test_what_cannot_be_moved_is_told(drive: Driver, pictures: Path, tmp_path: Path) -> None:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    for old, new, told in (
        (pictures, tmp_path, "misses no file"),
        (pictures, pictures, "both the old and the new"),
    ):
        with pytest.raises(CbirError, match=told):
            drive(drive.engine.move_folder(str(old), str(new)))
    (pictures / "red_0.png").unlink()
    with pytest.raises(CbirError, match="is no folder"):
        drive(drive.engine.preview_move(str(pictures), str(tmp_path / "none")))
    found = drive(drive.engine.lost_folders())
    assert found == (LostFolder(str(pictures), 1, str(pictures)),)
