from __future__ import annotations

import gc
import json
import os
import pickle
import random
import shutil
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from cbir.errors import (
    CbirError,
    LibraryDamaged,
    LibraryReadOnly,
    LibraryTooNew,
    LibraryUnwritable,
)
from cbir.library import Library, files, journal, layout, store, verify
from cbir.library.archive import Archive
from cbir.library.loading import journal_path
from cbir.library.snapshot import Snapshot
from cbir.library.undo import UserCommand
from cbir.records import Record, SkippedFile
from tests.library.helpers import filled, image_file, made, vectors_of


def contents(library: Library) -> tuple[list[Record], tuple[str, ...], dict[str, bytes]]:
    """All that a library holds, comparable."""
    vectors = {space: library.vectors(space)[1].tobytes() for space in library.spaces()}
    return list(library), library.roots, vectors


def read(path: Path) -> tuple[list[Record], tuple[str, ...], dict[str, bytes]]:
    with Library.open(path, read_only=True) as library:
        return contents(library)


def crashed(library: Library, to: Path) -> Path:
    """Copy the files of an open library, as they would be after a crash; where its journal is."""
    shutil.copyfile(library.path, to)
    return Path(shutil.copyfile(journal_path(library.path), journal_path(to)))


def test_a_new_library_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "data" / "lib.npz"
    with Library.open(path) as library:
        assert (len(library), library.version, library.spaces()) == (0, 0, {})
        assert library.bytes == path.stat().st_size
        library.add([image_file(1)])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    names = sorted(os.listdir(path.parent))
    assert names == ["lib.npz", "lib.npz.journal", "lib.npz.lock"]
    for name in names:
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600


def test_reading_a_library_that_is_not_there_writes_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "none" / "lib.npz", read_only=True) as library:
        assert len(library) == library.bytes == library.journal_bytes == 0
        with pytest.raises(LibraryReadOnly):
            library.add([image_file(1)])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("fold", [False, True])
def test_every_kind_of_change_survives_reopening(tmp_path: Path, fold: bool) -> None:
    path = tmp_path / "lib.npz"
    odd = replace(image_file(50), path="/p/\udcff\n\u00e9.jpg")

    def tag(library: Library) -> None:
        library.update([replace(library.get(1), tags=("a", "\udc80"), note="n\n", missing=True)])

    changes = [
        lambda library: library.add([image_file(1), image_file(2)]),
        lambda library: library.add([image_file(3), odd], {"classic": made(vectors_of(2))}),
        tag,
        lambda library: library.update([library.get(3)], {"classic": made(vectors_of(1, 8))}),
        lambda library: library.update([library.get(1)], {"clip": made(vectors_of(1, 9), "c")}),
        lambda library: library.remove([2, 3]),
        lambda library: library.add_root("/p/\udcff"),
        lambda library: library.add_root("/q"),
        lambda library: library.remove_root("/p/\udcff"),
        lambda library: library.set_skipped([SkippedFile("/b", 1, 2, "bad")]),
        lambda library: library.set_skipped([SkippedFile("/c", 1, -2, "x")], ["/b"]),
        lambda library: library.add([image_file(4)], {"classic": made(vectors_of(1))}),
    ]
    for number, change in enumerate(changes, 1):
        with Library.open(path) as library:
            change(library)
            assert library.version == number
            if fold:
                assert library.fold()
                assert not library.fold()
            expected = (*contents(library), library.skipped, library.version)
        with Library.open(path) as again:
            assert (*contents(again), again.skipped, again.version) == expected
    with Library.open(path) as library:
        assert library.add([image_file(9)]) == [6]
        assert library.find(odd.path) is not None


def test_ids_are_never_used_again(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    for round_ in range(3):
        with Library.open(path) as library:
            (id,) = library.add([image_file(1)])
            assert id == round_ + 1
            library.remove([id])
            if round_ == 1:
                library.fold()


def test_folding_moves_the_journal_into_a_file_that_numpy_reads(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 20) as library:
        library.remove([3])
        before = contents(library)
        assert library.journal_bytes > 20 * 2048
        library.fold()
        assert library.journal_bytes == journal.HEAD_BYTES
        assert contents(library) == before
        library.add([image_file(99)], {"classic": made(vectors_of(1, 4))})
        after = contents(library)
    assert read(path) == after
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["classic_ids"].tolist() == [1, 2, *range(4, 21)]
        np.testing.assert_array_equal(arrays["classic_vectors"][0], vectors_of(20)[0])
        header = json.loads(arrays["header"].tobytes())
        offsets = arrays["paths_offsets"]
        assert arrays["paths"][: offsets[1]].tobytes() == b"/pictures/1.jpg"
    assert (header["format"], header["next_id"], header["generation"]) == (2, 21, 2)
    with Archive(path) as archive:
        assert all(part.data % 64 == 0 for part in archive.parts.values())


def test_needs_fold_when_the_journal_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FOLD_BYTES", 10_000)
    with filled(tmp_path / "lib.npz", 2) as library:
        assert not library.needs_fold
        library.add([image_file(9), image_file(10)], {"classic": made(vectors_of(2))})
        library.add([image_file(11), image_file(12)], {"classic": made(vectors_of(2))})
        assert library.needs_fold
        library.fold()
        assert not library.needs_fold
    assert not library.needs_fold


def test_a_second_handle_reads_what_was_there_and_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as first, Library.open(path) as second:
        assert second.read_only
        assert not first.read_only
        assert first.read_only_reason == ""
        assert "another window or command is writing" in second.read_only_reason
        assert contents(second) == contents(first)
        for change in (
            lambda: second.add([image_file(9)]),
            lambda: second.remove([1]),
            lambda: second.add_root("/x"),
            second.fold,
        ):
            with pytest.raises(LibraryReadOnly, match="another window"):
                change()
        first.add([image_file(9)])
        first.fold()
        assert len(second) == 3
    with Library.open(path) as third:
        assert not third.read_only
        assert len(third) == 4


def test_a_closed_library_still_reads_and_says_that_it_is_closed(tmp_path: Path) -> None:
    library = filled(tmp_path / "lib.npz", 2)
    library.close()
    library.close()
    assert len(library) == 2
    with pytest.raises(LibraryReadOnly, match="closed"):
        library.remove([1])


def test_a_crash_at_any_byte_of_the_last_entry_loses_that_entry_only(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(tmp_path / "open.npz", 2) as library:
        before, kept = contents(library), library.journal_bytes
        library.update([replace(library.get(1), tags=("new",))])
        after = contents(library)
        beside = crashed(library, path)
    whole = beside.read_bytes()
    assert read(path) == after
    for length in range(kept, len(whole)):
        beside.write_bytes(whole[:length])
        assert read(path) == before
        assert beside.stat().st_size == length
        report = verify(path)
        assert report.problems == ()
        assert bool(report.notes) == (length > kept)
    with Library.open(path) as library:
        library.add([image_file(7)])
        expected = contents(library)
    assert read(path) == expected


def test_a_crash_between_the_two_steps_of_a_fold_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        old_journal = journal_path(path).read_bytes()
        library.fold()
        expected = contents(library)
    journal_path(path).write_bytes(old_journal)
    assert read(path) == expected
    with Library.open(path) as library:
        library.add([image_file(9)])
        expected = contents(library)
    assert read(path) == expected


def test_a_missing_journal_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        library.fold()
        expected = contents(library)
    journal_path(path).unlink()
    assert read(path) == expected


def test_journals_that_do_not_belong_are_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "lib.npz", tmp_path / "other.npz"
    filled(path, 2).close()
    filled(other, 2).close()
    own = journal_path(path).read_bytes()
    old_base = path.read_bytes()
    for wrong in (journal_path(other).read_bytes(), b"", b"x" * 100, own[:20]):
        journal_path(path).write_bytes(wrong)
        with pytest.raises(LibraryDamaged, match="journal"):
            Library.open(path)
    journal_path(path).write_bytes(own)
    with Library.open(path) as library:
        library.fold()
    path.write_bytes(old_base)
    with pytest.raises(LibraryDamaged, match="newer than the library"):
        Library.open(path)
    path.unlink()
    for read_only in (True, False):
        with pytest.raises(CbirError):
            Library.open(path, read_only=read_only)
    assert journal_path(path).exists()


def test_an_entry_that_is_missing_or_comes_twice_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    ends = []
    with filled(path, 2) as library:
        for number in (5, 6):
            ends.append(library.journal_bytes)
            library.add([image_file(number)])
    whole = journal_path(path).read_bytes()
    first, second = ends
    for wrong in (whole[:first] + whole[second:], whole[:second] + whole[first:]):
        journal_path(path).write_bytes(wrong)
        with pytest.raises(LibraryDamaged, match=r"change \d is not where it should be"):
            read(path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("read_only", [False, True])
def test_newer_formats_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 1).close()
    with path.open("wb") as file:
        identity = layout.Identity(bytes(16), 1, layout.FORMAT + 1)
        layout.write_snapshot(file, Snapshot.empty(), identity)
    with pytest.raises(LibraryTooNew, match="newer version"):
        Library.open(path, read_only=read_only)
    other = tmp_path / "other.npz"
    Library.open(other).close()
    with Archive(other) as archive:
        identity = layout.read_snapshot(archive).identity
    head = journal.JournalHead(identity.library, identity.generation, journal.FORMAT + 1)
    journal.create_journal(journal_path(other), head)
    with pytest.raises(LibraryTooNew, match="newer version"):
        Library.open(other, read_only=read_only)
    assert verify(other).problems
    gc.collect()  # what was left open would warn now


def test_files_that_are_no_library_are_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    plain = tmp_path / "plain.npz"
    np.savez(plain, a=np.zeros(3, np.float32))
    pickled = tmp_path / "pickled.npz"
    with zipfile.ZipFile(pickled, "w") as archive:
        archive.writestr("header.npy", pickle.dumps({"format": 1}))
    for content in (b"", b"JPEG", plain.read_bytes(), pickled.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(LibraryDamaged, match=r"not a cbir library|is damaged"):
            Library.open(path)
        assert path.read_bytes() == content
    with pytest.raises(CbirError):
        Library.open(tmp_path)


def test_flipped_bytes_give_damage_or_the_right_data(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        library.update([replace(library.get(2), tags=("t",), note="n")])
        library.set_skipped([SkippedFile("/b", 1, 2, "bad")])
        library.remove([3], command=UserCommand("Remove", "k"))
        library.fold()
        expected = contents(library)
    whole = path.read_bytes()
    with Archive(path) as archive:
        vectors = [archive.parts[f"{name}classic_vectors"] for name in ("", "undo_")]
    # Mapped vectors are proved where they are used; all else when the library is opened.
    mapped = [at for part in vectors for at in range(part.data, part.end)]
    places = sorted(set(range(len(whole))) - set(mapped))
    rng = random.Random(4)
    for at in [*rng.sample(places, 1200), *rng.sample(mapped, 40)]:
        data = bytearray(whole)
        data[at] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        try:
            assert read(path) == expected
        except (LibraryDamaged, LibraryTooNew):
            assert verify(path).problems
    for at in rng.sample(range(vectors[0].data, vectors[0].end), 5):
        data = bytearray(whole)
        data[at] ^= 0x40
        path.write_bytes(data)
        assert any("classic_vectors" in problem for problem in verify(path).problems)


def test_truncated_files_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 2) as library:
        library.fold()
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(LibraryDamaged):
            Library.open(path, read_only=True)


class FullDisk(files.Disk):
    def flush(self, file: IO[bytes]) -> None:
        raise OSError(28, "No space left on device")


def test_a_failed_write_changes_nothing_and_works_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 3) as library:
        before = contents(library)
        with monkeypatch.context() as patch:
            patch.setattr(files, "DISK", FullDisk())
            for change in (
                lambda: library.add([image_file(9)], {"classic": made(vectors_of(1))}),
                lambda: library.remove([1]),
                library.fold,
            ):
                with pytest.raises(LibraryUnwritable, match="No space left"):
                    change()
                assert contents(library) == before == read(path)
        library.add([image_file(9)], {"classic": made(vectors_of(1))})
        expected = contents(library)
        assert len(library) == 4
    assert read(path) == expected


def test_a_fold_that_could_not_be_written_is_not_due_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(store, "FOLD_BYTES", 1000)
    with filled(tmp_path / "lib.npz", 3) as library:
        assert library.needs_fold
        with monkeypatch.context() as patch:
            patch.setattr(files, "DISK", FullDisk())
            with pytest.raises(LibraryUnwritable):
                library.fold()
        assert not library.needs_fold
        now[0] += 59
        assert not library.needs_fold
        now[0] += 2
        assert library.needs_fold
        assert library.fold()
        assert not library.needs_fold


def test_a_fold_whose_new_journal_fails_loses_no_later_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lib.npz"

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with filled(path, 3) as library:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "create_journal", broken)
            assert library.fold()
            assert "goes on unfolded" in caplog.text
            library.remove([1])
        assert read(path) == contents(library)
        library.remove([2])
        crashed(library, tmp_path / "crashed.npz")
        assert read(tmp_path / "crashed.npz") == contents(library)
        assert library.fold()
        library.add([image_file(9)], {"classic": made(vectors_of(1))})
        expected = contents(library)
        assert [record.id for record in library] == [3, 4]
    assert read(path) == expected


def test_leftovers_of_a_crash_are_cleared(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 1).close()
    (tmp_path / ".lib.npz.x1.tmp").write_bytes(b"half")
    (tmp_path / ".lib.npz.journal.x1.tmp").write_bytes(b"half")
    Library.open(path).close()
    assert sorted(os.listdir(tmp_path)) == ["lib.npz", "lib.npz.journal", "lib.npz.lock"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LibraryUnwritable):
        Library.open(tmp_path / "file" / "lib.npz")


def test_a_lock_that_cannot_be_taken_means_reading(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    (tmp_path / "lib.npz.lock").unlink()
    (tmp_path / "lib.npz.lock").mkdir()
    with Library.open(path) as library:
        assert "its folder does not allow it" in library.read_only_reason
        assert len(library) == 2
    with pytest.raises(LibraryUnwritable, match="cannot be made"):
        (tmp_path / "new.npz.lock").mkdir()
        Library.open(tmp_path / "new.npz")
