from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import CbirError, LibraryDamaged, LibraryTooNew, NothingToRepair
from cbir.library import Library, RepairReport, repair, verify
from cbir.library.archive import Archive
from cbir.library.damaged_archive import DamagedArchive
from cbir.library.loading import journal_path
from cbir.library.proof import BLOCK_BYTES
from cbir.records import Query, Record, SkippedFile
from tests.library.helpers import filled, image_file, made, vectors_of

COUNT = 100


def tagged(record: Record) -> Record:
    return replace(record, tags=(f"tag {record.id}",), note=f"note {record.id}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed library: tags and notes on all, two spaces, roots, a skipped file, young changes."""
    path = tmp_path / "lib.npz"
    with filled(path, COUNT) as library:
        library.amend(
            range(1, COUNT + 1), tagged, {"clip": made(vectors_of(COUNT, 1), "weights-2")}
        )
        library.add_root("/pictures")
        library.set_skipped([SkippedFile("/pictures/bad.jpg", 1, 2, "not an image")])
        library.fold()
        library.remove([7])
        library.add([image_file(COUNT + 1)], {"classic": made(vectors_of(1, 2))})
    return path


def spoil(path: Path, at: int, count: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[at : at + count] = bytes(byte ^ 0xFF for byte in content[at : at + count])
    path.write_bytes(content)


def spoil_part(path: Path, name: str, at: int = 0) -> None:
    with Archive(path) as archive:
        part = archive.parts[name]
    spoil(path, part.data + at)


def truth(path: Path) -> dict[int, Record]:
    with Library.open(path, read_only=True) as library:
        return {record.id: record for record in library}


def saved(report: RepairReport) -> dict[int, Record]:
    """What the repaired library holds; it is whole and can be changed."""
    assert verify(report.path).problems == ()
    with Library.open(report.path) as library:
        assert library.notice == ""
        records = {record.id: record for record in library}
        assert report.records == len(records)
        library.add([image_file(4711)])
    return records


def test_a_whole_library_needs_none(path: Path) -> None:
    before = sorted(path.parent.iterdir())
    with pytest.raises(NothingToRepair, match="is whole"):
        repair(path)
    assert sorted(path.parent.iterdir()) == before


def test_the_old_files_stay_and_no_name_is_taken_twice(path: Path) -> None:
    spoil_part(path, "numbers")
    old = {file: file.read_bytes() for file in path.parent.iterdir()}
    assert repair(path).path == str(path.with_name("lib.repaired.npz"))
    assert repair(path).path == str(path.with_name("lib.repaired-2.npz"))
    assert repair(path, path.with_name("mine.npz")).path == str(path.with_name("mine.npz"))
    with pytest.raises(CbirError, match="is there already"):
        repair(path, path)
    assert {file: file.read_bytes() for file in old} == old


@pytest.mark.parametrize(
    ("part", "forget", "phrase"),
    [
        ("numbers", lambda r: replace(r, file=replace(image_file(1), path=r.path)), "100 files"),
        ("extras", lambda r: replace(r, tags=(), note=""), "tags and notes of 100 records"),
        ("header", lambda r: r, "Part header is damaged"),
        ("header_copy", lambda r: r, "header_copy"),
        ("skipped", lambda r: r, "Part skipped"),
        ("sums", lambda r: r, "sums"),
    ],
)
def test_a_damaged_part_costs_no_record(
    path: Path, part: str, forget: Callable[[Record], Record], phrase: str
) -> None:
    expected = truth(path)
    spoil_part(path, part)
    report = repair(path)
    found = saved(report)
    assert found.keys() == expected.keys()
    assert any(phrase in sentence for sentence in (*report.problems, *report.losses))
    assert report.spaces == {"classic": COUNT, "clip": COUNT - 1}
    for id, record in expected.items():
        unknown = part == "numbers" and id <= COUNT
        assert (
            replace(found[id], file=record.file)
            == (forget(record) if unknown or (part == "extras" and id <= COUNT) else record)
            or unknown
        )
        assert found[id].path == record.path
        assert (found[id].file == record.file) is not unknown


def test_what_the_directory_and_headers_tell_is_found_without_them(path: Path) -> None:
    expected = truth(path)
    whole = path.read_bytes()
    with Archive(path) as archive:
        places = [
            len(whole) - 10,  # the directory's end
            len(whole) - 300,  # an entry of the directory
            *(part.start - 40 for part in archive.parts.values()),  # local headers
            *(part.start + 20 for part in archive.parts.values()),  # the headers of arrays
            *(part.start + 3 for part in archive.parts.values()),
        ]
    for number, place in enumerate(places):
        path.write_bytes(whole)
        spoil(path, place)
        if verify(path).problems:
            report = repair(path, path.with_name(f"{number}.npz"))
            assert saved(report) == expected, place
            assert report.spaces == {"classic": COUNT, "clip": COUNT - 1}


def test_a_file_cut_off_keeps_what_lies_before(path: Path) -> None:
    expected = truth(path)
    with Archive(path) as archive:
        clip, classic = archive.parts["clip_vectors"], archive.parts["classic_vectors"]
    assert classic.end < clip.start
    path.write_bytes(path.read_bytes()[: clip.end - 100])
    report = repair(path)
    assert saved(report) == expected
    assert report.spaces == {"classic": COUNT}
    wanted = "vectors of the space clip in the library file"
    assert any(wanted in sentence for sentence in report.losses)
    with Library.open(report.path) as library:
        assert library.roots == ("/pictures",)
        assert [file.path for file in library.skipped] == ["/pictures/bad.jpg"]


def test_damaged_vectors_cost_their_block(path: Path) -> None:
    expected = truth(path)
    spoil_part(path, "classic_vectors", 2 * BLOCK_BYTES + 5)
    with (
        Library.open(path, read_only=True) as library,
        pytest.raises(LibraryDamaged, match="classic"),
    ):
        library.vectors("classic")
    report = repair(path)
    assert saved(report) == expected
    assert report.spaces == {"classic": COUNT - 16, "clip": COUNT - 1}
    assert "16 vectors of the space classic are lost" in " ".join(report.losses)
    with Library.open(report.path) as library:
        assert library.lacking("classic")[:16] == list(range(33, 49))
        vector = library.vector(1, "classic")
        assert vector is not None
        assert library.search(Query(vector, "classic")).hits[0].id == 1


def test_lost_ids_cost_the_vectors_only(path: Path) -> None:
    expected = truth(path)
    spoil_part(path, "ids")
    report = repair(path)
    found = saved(report)
    assert len(found) == len(expected) + 1  # that one was removed is not known either
    tags = {record.path: (record.tags, record.note) for record in found.values()}
    for record in expected.values():
        assert tags[record.path] == (record.tags, record.note)
    assert min(found) > COUNT


def test_a_damaged_block_of_paths_costs_the_records_in_it(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        library.add([image_file(number, "/" + "x" * 200) for number in range(1, 501)])
        library.fold()
    spoil_part(path, "paths", BLOCK_BYTES + 3)
    report = repair(path)
    found = saved(report)
    lost = 500 - len(found)
    assert 0 < lost < 200
    assert f"{lost:,} of 500 records are lost." in report.losses
    assert all(record.file.digest == f"{record.id:032x}" for record in found.values())


def test_whole_changes_of_a_damaged_journal_are_kept(path: Path) -> None:
    with Library.open(path) as library:
        library.amend([1], lambda record: replace(record, note="later"))
    beside = journal_path(path)
    spoil(beside, 100)  # in the removal of 7
    report = repair(path)
    found = saved(report)
    assert 7 in found
    assert found[COUNT + 1].path == image_file(COUNT + 1).path
    assert found[1].note == "later"
    assert any("is lost, which the journal held" in sentence for sentence in report.losses)


def test_a_library_of_which_the_journal_is_left(path: Path) -> None:
    path.unlink()
    report = repair(path)
    assert saved(report).keys() == {COUNT + 1}
    assert "The library file is missing." in report.losses


def test_a_journal_of_another_library_is_left_alone(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "lib.npz"
    filled(other, 3).close()
    journal_path(path).write_bytes(journal_path(other).read_bytes())
    report = repair(path)
    assert saved(report).keys() == set(range(1, COUNT + 1))
    assert report.losses[0].startswith("The journal belongs to another library")


def test_a_journal_cut_off_is_said(path: Path) -> None:
    beside = journal_path(path)
    beside.write_bytes(beside.read_bytes()[:-60])
    with pytest.raises(LibraryDamaged, match="does not match its checksum"):
        Library.open(path)
    report = repair(path)
    assert saved(report).keys() == truth_without_last(path)
    assert any("end of the journal is lost" in sentence for sentence in report.losses)


def truth_without_last(path: Path) -> set[int]:
    return set(range(1, COUNT + 1)) - {7}


def test_what_cannot_be_saved_is_said(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    for content in (b"", b"a diary", b"PK\3\4" + bytes(100), bytes(5000)):
        path.write_bytes(content)
        with pytest.raises(CbirError, match="Nothing can be saved"):
            repair(path)
    with pytest.raises(CbirError, match=r"Nothing can be saved|no library"):
        repair(tmp_path / "none.npz")


def test_a_newer_library_is_not_taken_for_a_damaged_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.library.layout.FORMAT", 1)
    with pytest.raises(LibraryTooNew):
        repair(path)


def test_an_item_is_whole_only_where_a_checksum_says_so(path: Path) -> None:
    spoil_part(path, "clip_vectors", 4)
    spoil_part(path, "sums")
    with DamagedArchive(path) as archive:
        assert archive.read("clip_vectors", "<f4") is None
        ids = archive.read("clip_ids", "<i8")
        assert ids is not None
        assert ids.is_whole
        np.testing.assert_array_equal(ids.items, np.arange(1, COUNT + 1))


def test_a_lost_removal_leaves_one_record_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 10) as library:
        library.fold()
        library.remove([3])
        library.add([image_file(3)])
        library.add([image_file(12)])
    spoil(journal_path(path), 100)  # in the removal
    report = repair(path)
    found = saved(report)
    assert sorted(record.path for record in found.values()) == sorted(
        image_file(number).path for number in (*range(1, 11), 12)
    )
    assert any("gave way to a later one" in sentence for sentence in report.losses)


def test_a_missing_journal_is_a_loss_that_is_told(path: Path) -> None:
    journal_path(path).unlink()
    report = repair(path)
    assert len(saved(report)) == COUNT
    (loss,) = report.losses
    assert "is missing" in loss
    assert str(journal_path(path)) in loss


def test_records_lost_with_the_file_are_told(path: Path) -> None:
    for content in (b"", b"hello\n"):
        path.write_bytes(content)
        report = repair(path)
        assert report.records == 1
        assert any("All records, tags, notes and vectors" in loss for loss in report.losses)
