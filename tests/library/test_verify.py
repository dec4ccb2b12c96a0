from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.library import Library, vector_table, verify
from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.layout import Identity, write_snapshot
from cbir.library.loading import journal_path
from cbir.library.record_table import RecordTable
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import VectorTable
from cbir.records import Record
from tests.library.helpers import filled, image_file, vectors_of


def snapshot_file(path: Path, snapshot: Snapshot) -> Path:
    with path.open("wb") as file:
        write_snapshot(file, snapshot, Identity(bytes(16), 1))
    return path


def test_a_whole_library(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 5) as library:
        library.remove([2])
        report = verify(path)
        assert (report.problems, report.notes) == ((), ())
        assert (report.records, report.spaces) == (4, {"classic": 4})
        library.fold()
        assert verify(path) == report


def test_no_library(tmp_path: Path) -> None:
    report = verify(tmp_path / "lib.npz")
    assert "There is no library" in report.problems[0]
    assert list(tmp_path.iterdir()) == []


def test_damage_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    beside = journal_path(path)
    beside.write_bytes(beside.read_bytes()[:10])
    for problem in verify(path).problems:
        assert "journal" in problem
        assert problem.endswith(".")


def test_vectors_that_are_none_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Such a file is not made by this program, which looks at what it writes.
    monkeypatch.setattr(vector_table, "checked_norms", vector_table.row_norms)
    vectors = vectors_of(3)
    vectors[1:, 4] = np.nan
    records = RecordTable(Snapshot.empty().records._columns).changed(
        [Record(id, image_file(id)) for id in (1, 2, 3)]
    )
    table = VectorTable.of(np.array([1, 2, 3]), vectors, "w", "float32")
    snapshot = replace(Snapshot.empty(), records=records, spaces={"clip": table}, next_id=4)
    path = snapshot_file(tmp_path / "lib.npz", snapshot)
    monkeypatch.undo()
    report = verify(path)
    assert report.problems == ("2 vectors of the space clip are not finite numbers.",)


def test_a_path_that_comes_twice_is_found(tmp_path: Path) -> None:
    records = Snapshot.empty().records.changed([Record(1, image_file(1)), Record(2, image_file(1))])
    snapshot = replace(Snapshot.empty(), records=records, next_id=3)
    report = verify(snapshot_file(tmp_path / "lib.npz", snapshot))
    assert report.problems == ("1 path is in the library more than once.",)


def test_files_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    one = Snapshot.empty().records.changed([Record(7, image_file(7))])
    stranger = VectorTable.of(np.array([8]), vectors_of(1), "w", "float32")
    for snapshot, phrase in (
        (replace(Snapshot.empty(), records=one, next_id=7), "next id"),
        (replace(Snapshot.empty(), records=one, next_id=9, spaces={"clip": stranger}), "clip_ids"),
    ):
        assert phrase in verify(snapshot_file(tmp_path / "lib.npz", snapshot)).problems[0]


def test_parts_that_the_header_does_not_list_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        header = b'{"format":1,"checksums":{}}'
        writer.add("header", np.frombuffer(header, np.uint8))
        writer.add("ids", np.zeros(0, np.int64))
    assert "part ids is not the one that the header lists" in verify(path).problems[0]


def test_verify_changes_nothing_beside_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        library.add([image_file(1)])
        before = sorted((entry.name, entry.stat().st_mtime_ns) for entry in tmp_path.iterdir())
        assert verify(path).problems == ()
        after = sorted((entry.name, entry.stat().st_mtime_ns) for entry in tmp_path.iterdir())
        assert before == after


def test_a_missing_journal_is_said_until_there_is_one_again(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        library.fold()
    journal_path(path).unlink()
    (problem,) = verify(path).problems
    assert "journal is missing" in problem
    with Library.open(path) as library:
        assert library.notice == problem
        assert len(library) == 3
        library.remove([1])
    assert verify(path).problems == ()


def test_a_library_that_was_never_changed_needs_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    Library.open(path).close()
    journal_path(path).unlink()
    assert verify(path).problems == ()


def test_a_torn_tail_is_a_note(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3):
        with journal_path(path).open("ab") as file:
            file.write(b"half an entry")
        report = verify(path)
        assert report.problems == ()
        assert "last 13 bytes" in report.notes[0]


def test_damage_in_a_part_that_nothing_depends_on_is_found(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        library.fold()
    with Archive(path) as archive:
        part = archive.parts["header_copy"]
    content = bytearray(path.read_bytes())
    content[part.data] ^= 1
    path.write_bytes(content)
    assert verify(path).problems == ("Part header_copy does not match its checksum.",)
    content[part.start] ^= 1
    path.write_bytes(content)
    assert "Part header_copy is damaged" in verify(path).problems[0]
    with Library.open(path) as library:
        assert len(library) == 3


def test_what_can_be_saved_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        library.fold()
    with Archive(path) as archive:
        part = archive.parts["extras_offsets"]
    content = bytearray(path.read_bytes())
    content[part.data] ^= 1
    path.write_bytes(content)
    report = verify(path)
    assert "part extras_offsets does not match" in report.problems[0]
    assert (report.records, report.spaces) == (3, {"classic": 3})
