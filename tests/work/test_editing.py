from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import CbirError, NothingToUndo, RecordNotFound, UnreadableImage
from cbir.library import Library
from cbir.records import Record
from cbir.work.editing import Edit, command_for, find_record, records_at
from cbir.work.messages import LibraryChanged
from tests.conftest import draw
from tests.work.conftest import Driver


@pytest.fixture
def indexed(drive: Driver, pictures: Path) -> Driver:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    drive.events.clear()
    return drive


def held(drive: Driver) -> Library:
    return drive.engine._library.result()


def edit(drive: Driver, path: Path, **change: object) -> Record:
    id_ = find_record(held(drive), str(path)).id
    record = drive(drive.engine.edit(id_, Edit(**change)))  # type: ignore[arg-type]
    assert isinstance(record, Record)
    return record


def test_tags_and_note_are_kept_in_order_without_doubles(indexed: Driver, pictures: Path) -> None:
    path = pictures / "red_0.png"
    edit(indexed, path, add_tags=("warm", " holiday "), note="by the sea")
    record = edit(indexed, path, add_tags=("warm", "new"), remove_tags=("holiday", "absent"))
    assert record.tags == ("warm", "new")
    assert record.note == "by the sea"
    assert held(indexed).find(str(path)) == record
    assert any(isinstance(event, LibraryChanged) for event in indexed.events)
    assert edit(indexed, path, note="").note == ""


@pytest.mark.parametrize("tag", ["", "  ", "two\nlines", "a,b", "x" * 201])
def test_what_cannot_be_a_tag_is_refused(indexed: Driver, pictures: Path, tag: str) -> None:
    with pytest.raises(CbirError, match="cannot be a tag"):
        edit(indexed, pictures / "red_0.png", add_tags=(tag,))


def test_a_moved_file_keeps_its_record_and_vectors(
    indexed: Driver, pictures: Path, tmp_path: Path
) -> None:
    old, new = pictures / "red_0.png", tmp_path / "moved.png"
    before = held(indexed).find(str(old))
    assert before is not None
    vector = held(indexed).vector(before.id, "classic")
    old.rename(new)
    indexed(indexed.engine.refresh(["classic"]))
    assert held(indexed).get(before.id).missing
    after = edit(indexed, old, move_to=str(new))
    assert (after.id, after.path, after.missing) == (before.id, str(new), False)
    np.testing.assert_array_equal(held(indexed).vector(before.id, "classic"), vector)


def test_pointing_to_another_picture_embeds_it(
    indexed: Driver, pictures: Path, tmp_path: Path
) -> None:
    record = held(indexed).find(str(pictures / "red_0.png"))
    assert record is not None
    vector = held(indexed).vector(record.id, "classic")
    other = draw(tmp_path / "other.png", (3, 200, 3))
    edit(indexed, pictures / "red_0.png", move_to=str(other))
    now = held(indexed).vector(record.id, "classic")
    assert now is not None and (now != vector).any()


def test_a_path_that_another_record_has_is_refused(indexed: Driver, pictures: Path) -> None:
    with pytest.raises(CbirError, match="already has a record"):
        edit(indexed, pictures / "red_0.png", move_to=str(pictures / "red_1.png"))
    with pytest.raises(UnreadableImage):
        edit(indexed, pictures / "red_0.png", move_to=str(pictures / "nowhere.png"))


def test_re_embedding_takes_the_file_as_it_is_now(indexed: Driver, pictures: Path) -> None:
    path = pictures / "red_0.png"
    draw(path, (10, 10, 240), (64, 64))
    record = edit(indexed, path, re_embed=True)
    assert (record.file.width, record.file.height) == (64, 64)
    assert record.file.size == path.stat().st_size


def test_records_are_found_by_path_and_below_folders(indexed: Driver, pictures: Path) -> None:
    assert find_record(held(indexed), str(pictures / "red_0.png")).id
    assert len(records_at(held(indexed), [str(pictures), str(pictures / "red_0.png")])) == 12
    for question in (find_record, lambda library, path: records_at(library, [path])):
        with pytest.raises(RecordNotFound, match="nowhere"):
            question(held(indexed), str(pictures / "nowhere"))


def test_removing_touches_no_file(indexed: Driver, pictures: Path) -> None:
    ids = [record.id for record in records_at(held(indexed), [str(pictures / "red_0.png")])]
    assert indexed(indexed.engine.remove(ids)) == 1
    assert len(held(indexed)) == 11
    assert (pictures / "red_0.png").exists()


def test_thumbnails_go_with_their_record_and_all_at_once(indexed: Driver, pictures: Path) -> None:
    engine, path = indexed.engine, str(pictures / "red_0.png")
    folder = engine.settings.thumbnails_folder
    for name in ("red_0.png", "red_1.png"):
        engine.thumbnails.request(str(pictures / name), 160)
    wait_for_files(folder, 2)
    indexed(engine.remove([find_record(held(indexed), path).id]))
    wait_for_files(folder, 1)
    assert indexed(engine.cache_bytes()) > 0
    assert indexed(engine.clear_cache()) > 0
    assert indexed(engine.cache_bytes()) == 0
    assert Path(path).exists()


def wait_for_files(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.rglob("*.jpg"))) != count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_many_records_are_tagged_in_one_change(indexed: Driver) -> None:
    ids = [record.id for record in held(indexed)]
    version = held(indexed).version
    changed = indexed(indexed.engine.tag([*ids, 4711], [" trip ", "2024"]))
    assert [record.id for record in changed] == ids
    assert all(record.tags == ("trip", "2024") for record in held(indexed))
    assert held(indexed).version == version + 1
    with pytest.raises(CbirError, match="cannot be a tag"):
        indexed(indexed.engine.tag(ids, ["a,b"]))


def test_undo_takes_back_command_by_command(indexed: Driver, pictures: Path) -> None:
    before = list(held(indexed))
    ids = [record.id for record in before]
    indexed(indexed.engine.tag(ids, ["trip"]))
    indexed(indexed.engine.edit(ids[0], Edit(note="first")))
    indexed(indexed.engine.remove(ids[:3]))
    titles = [indexed(indexed.engine.undo()).title for _ in range(3)]
    assert titles == ["remove 3 pictures", "note on 1 picture", "tag 12 pictures"]
    assert list(held(indexed)) == before
    with pytest.raises(NothingToUndo):
        indexed(indexed.engine.undo())


def test_edits_of_one_command_are_undone_together(indexed: Driver) -> None:
    before = list(held(indexed))
    change = Edit(add_tags=("a",))
    command = command_for(change, 3)
    for record in before[:3]:
        indexed(indexed.engine.edit(record.id, change, command))
    assert indexed(indexed.engine.undo()).title == "tag 3 pictures"
    assert list(held(indexed)) == before


def test_indexing_since_is_not_undone(indexed: Driver, pictures: Path) -> None:
    ids = [record.id for record in held(indexed)]
    indexed(indexed.engine.tag(ids, ["trip"]))
    draw(pictures / "new.png", (9, 9, 9))
    indexed(indexed.engine.refresh(["classic"]))
    indexed(indexed.engine.undo())
    assert len(held(indexed)) == 13
    assert not any(record.tags for record in held(indexed))


def test_a_record_that_comes_back_without_its_file_is_missing(
    indexed: Driver, pictures: Path
) -> None:
    lost, there = (find_record(held(indexed), str(pictures / f"red_{at}.png")) for at in (0, 1))
    indexed(indexed.engine.edit(there.id, Edit(note="sea")))
    indexed(indexed.engine.remove([lost.id, there.id]))
    (pictures / "red_0.png").unlink()  # as the trash does
    undone = indexed(indexed.engine.undo())
    assert {record.id: record.missing for record in undone.records} == {
        lost.id: True,
        there.id: False,
    }
    assert held(indexed).get(lost.id).missing
    assert held(indexed).undoable == "note on 1 picture"
