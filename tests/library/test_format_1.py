"""Libraries of the first format: read, written on, brought up to date, and kept as they were.

The former layout is written here as that program wrote it: no ``sums`` and no list of blocks, no
``undo``, and a journal whose head has no seal.
"""

from __future__ import annotations

import gc
import io
import json
import os
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cbir.errors import LibraryDamaged, LibraryUnwritable
from cbir.library import Library, files, journal, verify
from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.loading import journal_path
from cbir.library.undo import UserCommand
from cbir.records import Float32Array, Record, SkippedFile
from tests.library.helpers import image_file, made, vectors_of

UUID = bytes(range(16))
FINGERPRINT = "weights-1"


@dataclass(frozen=True)
class Former:
    """What a library of the first format holds."""

    records: tuple[Record, ...]
    vectors: dict[str, tuple[list[int], Float32Array]]
    roots: tuple[str, ...] = ("/pictures", "/\udcff")
    skipped: tuple[SkippedFile, ...] = (SkippedFile("/bad", 1, -2, "empty"),)
    next_id: int = 60
    version: int = 9
    generation: int = 3


def former(count: int = 40) -> Former:
    records = tuple(
        Record(id, image_file(id), ("a", "\udc80") if id % 3 else (), f"note {id}", id % 7 == 0)
        for id in range(1, count + 1)
    )
    some = [id for id in range(1, count + 1) if id % 2]
    return Former(
        records,
        {
            "classic": (list(range(1, count + 1)), vectors_of(count, 1)),
            "clip": (some, vectors_of(len(some), 2)),
        },
    )


def json_part(value: object) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(json.dumps(value, separators=(",", ":")).encode("ascii"), np.uint8)


def texts(items: Iterable[bytes]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    listed = list(items)
    offsets = np.cumsum([0, *(len(item) for item in listed)]).astype("<i8")
    return np.frombuffer(b"".join(listed), np.uint8), offsets


def write_format_1(path: Path, held: Former) -> None:
    """The ``.npz`` as format 1 had it."""
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        add_records(writer, held)
        skipped = [[one.path, one.size, one.mtime_ns, one.reason] for one in held.skipped]
        writer.add("skipped", json_part(skipped))
        for space, (ids, vectors) in held.vectors.items():
            writer.add(f"{space}_ids", np.array(ids, "<i8"))
            writer.add(f"{space}_vectors", vectors.astype("<f4"))
        spaces = {
            space: {
                "vectors": len(ids),
                "dimension": 512,
                "fingerprint": FINGERPRINT,
                "precision": "float32",
            }
            for space, (ids, _) in held.vectors.items()
        }
        header = {
            "format": 1,
            "library": UUID.hex(),
            "generation": held.generation,
            "next_id": held.next_id,
            "version": held.version,
            "roots": held.roots,
            "spaces": spaces,
            "indexes": {space: {} for space in held.vectors},
            "checksums": dict(writer.checksums),
        }
        writer.add("header", json_part(header))


def add_records(writer: ArchiveWriter, held: Former) -> None:
    from cbir.library.columns import RecordColumns

    columns = RecordColumns.of(held.records)
    writer.add("ids", columns.ids)
    writer.add("numbers", columns.numbers)
    for name in ("paths", "digests", "extras"):
        column = getattr(columns, name)
        writer.add(name, column.blob)
        writer.add(f"{name}_offsets", column.offsets)


def entry(number: int, change: dict[str, object], rows: bytes = b"") -> bytes:
    empty = {"drop": [], "put": [], "stale": {}, "vectors": [], "roots": None}
    head = json.dumps({**empty, "unskip": [], "skip": [], **change}, separators=(",", ":"))
    payload = struct.pack("<I", len(head)) + head.encode("ascii") + rows
    checksum = zlib.crc32(payload, zlib.crc32(struct.pack("<QQ", number, len(payload))))
    return struct.pack("<4sQQI", b"\xc1\xb1En", number, len(payload), checksum) + payload


def journal_of(held: Former, *entries: bytes, generation: int | None = None) -> bytes:
    begun = held.generation if generation is None else generation
    packed = struct.pack("<8sI16sQ", b"cbirjrnl", 1, UUID, begun)
    return packed + struct.pack("<I", zlib.crc32(packed)) + b"".join(entries)


def some_entries(held: Former) -> list[bytes]:
    vector = vectors_of(1, 3).astype("<f4").tobytes()
    new = image_file(60)
    of_file = [new.path, new.size, new.mtime_ns, new.digest, new.width, new.height]
    return [
        entry(held.version + 1, {"drop": [2, 3]}),
        entry(
            held.version + 2,
            {
                "put": [[60, *of_file, ["t"], "n", False]],
                "vectors": [["clip", FINGERPRINT, "bfloat16", [60]]],
            },
            vector,
        ),
        entry(held.version + 3, {"roots": ["/else"], "unskip": ["/bad"]}),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library of the first format with a journal of three changes."""
    path = tmp_path / "lib.npz"
    held = former()
    write_format_1(path, held)
    journal_path(path).write_bytes(journal_of(held, *some_entries(held)))
    return path


def contents(library: Library) -> tuple[object, ...]:
    vectors = {
        space: (library.vectors(space)[0].tolist(), library.vectors(space)[1].tobytes())
        for space in library.spaces()
    }
    return list(library), library.roots, library.skipped, vectors, library.version, library.spaces()


def read(path: Path) -> tuple[object, ...]:
    with Library.open(path, read_only=True) as library:
        return contents(library)


def check(library: Library) -> None:
    held = former()
    assert [record.id for record in library] == [1, *range(4, 41), 60]
    assert list(library)[:-1] == [record for record in held.records if record.id not in (2, 3)]
    assert library.get(60) == Record(60, image_file(60), ("t",), "n")
    assert (library.roots, library.skipped, library.version) == (("/else",), (), 12)
    ids, vectors = library.vectors("classic")
    assert ids.tolist() == [1, *range(4, 41)]
    np.testing.assert_array_equal(vectors, held.vectors["classic"][1][np.array(ids) - 1])
    ids, vectors = library.vectors("clip")
    assert ids.tolist() == [1, *range(5, 41, 2), 60]
    np.testing.assert_array_equal(vectors[-1], vectors_of(1, 3)[0])


def test_it_opens_for_reading_and_is_left_as_it_is(path: Path) -> None:
    before = path.read_bytes(), journal_path(path).read_bytes()
    with Library.open(path, read_only=True) as library:
        check(library)
        assert library.format == 1
        assert library.undoable == ""
        assert library.notice == ""
    assert (path.read_bytes(), journal_path(path).read_bytes()) == before
    assert verify(path).problems == ()
    assert sorted(os.listdir(path.parent)) == ["lib.npz", "lib.npz.journal"]


def test_it_opens_for_writing_and_wants_to_be_folded(path: Path) -> None:
    with Library.open(path) as library:
        check(library)
        assert library.format == 1
        assert not library.read_only
        assert library.needs_fold
    assert path.read_bytes()[:4] == b"PK\3\4"
    assert read(path)[-2] == 12


def test_changes_go_on_in_the_journal_of_the_first_format(path: Path) -> None:
    before = journal_path(path).read_bytes()
    with Library.open(path) as library:
        assert library.add([image_file(70)], {"classic": made(vectors_of(1, 4))}) == [61]
        library.remove([4], command=UserCommand("Remove 1 image", "k"))
        state = contents(library)
    grown = journal_path(path).read_bytes()
    assert grown.startswith(before)
    assert read(path) == state
    with path.with_name("lib.npz.journal").open("rb") as file:
        assert journal.read_head(file).format == 1
    with Library.open(path) as library:
        assert contents(library) == state
        assert library.format == 1
        assert library.undo().title == "Remove 1 image"
        assert 4 in library


def test_a_torn_tail_of_the_first_format_is_cut_off(path: Path) -> None:
    whole = journal_path(path).read_bytes()
    last = some_entries(former())[-1]
    for length in (len(whole) - 1, len(whole) - len(last) + 1):
        journal_path(path).write_bytes(whole[:length])
        with Library.open(path) as library:
            assert library.version == 11
            library.add_root("/more")
            state = contents(library)
        assert read(path) == state


@pytest.mark.parametrize("with_journal", [True, False])
def test_a_fold_brings_it_up_to_date_and_keeps_a_backup(path: Path, with_journal: bool) -> None:
    if not with_journal:
        journal_path(path).unlink()
    original = path.read_bytes()
    with Library.open(path) as library:
        state = contents(library)
        assert library.fold()
        assert library.format == 2
        assert not library.needs_fold
        assert contents(library) == state
        library.remove([7], command=UserCommand("Remove 1 image", "k"))
        library.fold()
        after = contents(library)
    backup = path.with_name("lib.npz.format1")
    names = ["lib.npz", "lib.npz.format1", "lib.npz.format1.journal", "lib.npz.journal"]
    found = sorted(os.listdir(path.parent))
    assert found == [name for name in [*names, "lib.npz.lock"] if name in found]
    assert journal_path(backup).exists() == with_journal
    assert backup.read_bytes() == original
    assert read(backup) == state
    assert read(path) == after
    assert verify(path).problems == ()
    if with_journal:
        assert verify(backup).problems == ()
    with Archive(path) as archive:
        assert "sums" in archive.parts
    with Library.open(path) as library:
        assert library.format == 2
        library.undo()
        assert 7 in library
    # A library of its own: writing it leaves the other alone.
    with Library.open(backup) as library:
        library.remove([1])
        library.fold()
    assert 1 in [record.id for record in Library.open(path, read_only=True)]


def test_changes_while_it_is_brought_up_to_date(path: Path) -> None:
    states = []
    with Library.open(path) as library:

        def pause() -> None:
            if not states:
                library.add([image_file(70)], {"classic": made(vectors_of(1, 4))})
                library.remove([5], command=UserCommand("Remove", "k"))
                states.append(contents(library))

        assert library.fold(pause)
        assert contents(library) == states[0]
        library.add_root("/behind")
        after = contents(library)
    assert read(path) == after
    assert read(path.with_name("lib.npz.format1")) == states[0]


def test_a_backup_never_takes_the_place_of_a_file(path: Path) -> None:
    backup = path.with_name("lib.npz.format1")
    backup.write_bytes(b"mine")
    journal_path(path.with_name("lib.npz.format1-2")).symlink_to("nowhere")
    with Library.open(path) as library:
        state = contents(library)
        library.fold()
    assert backup.read_bytes() == b"mine"
    assert read(path.with_name("lib.npz.format1-3")) == state


def test_a_backup_is_a_copy_where_there_are_no_links(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*names: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    with Library.open(path) as library:
        state = contents(library)
        assert library.fold()
        assert contents(library) == state
    assert read(path.with_name("lib.npz.format1")) == state
    assert read(path) == state


def test_without_a_backup_nothing_is_brought_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoRoom(files.Disk):
        def link(self, source: Path, name: Path) -> None:
            raise OSError(28, "No space left on device")

        def create_beside(self, target: Path) -> tuple[io.FileIO, Path]:
            if "format1" in target.name:
                raise OSError(28, "No space left on device")
            return super().create_beside(target)

    before = path.read_bytes()
    with Library.open(path) as library:
        state = contents(library)
        with monkeypatch.context() as patch:
            patch.setattr(files, "DISK", NoRoom())
            with pytest.raises(LibraryUnwritable, match="No space"):
                library.fold()
        assert path.read_bytes() == before
        assert contents(library) == state
        assert not library.needs_fold
        library.add_root("/more")
        assert library.fold()
    assert read(path.with_name("lib.npz.format1"))[1] == ("/else", "/more")


def test_a_crash_between_the_two_steps_of_a_former_fold(tmp_path: Path) -> None:
    """The former program's: the journal of the generation before holds nothing new."""
    path = tmp_path / "lib.npz"
    held = former()
    write_format_1(path, held)
    old = entry(held.version, {"roots": ["/wrong"]})
    journal_path(path).write_bytes(journal_of(held, old, generation=held.generation - 1))
    with Library.open(path) as library:
        assert library.roots == held.roots
        library.add_root("/more")
        state = contents(library)
    assert read(path) == state
    with Library.open(path) as library:
        assert library.fold()
        assert contents(library) == state
    assert read(path) == state


def test_a_crash_after_the_new_file_took_its_place(path: Path) -> None:
    """The new format's file beside the first format's journal."""
    old = journal_path(path).read_bytes()
    with Library.open(path) as library:
        library.fold()
        state = contents(library)
    journal_path(path).write_bytes(old)
    assert read(path) == state
    with Library.open(path) as library:
        library.add_root("/more")
        state = contents(library)
    assert read(path) == state
    with Library.open(path) as library:
        assert library.fold()
        assert contents(library) == state
    assert read(path) == state


@pytest.mark.parametrize("part", ["classic_vectors", "clip_vectors"])
@pytest.mark.parametrize("read_only", [False, True])
def test_damaged_vectors_are_refused(path: Path, part: str, read_only: bool) -> None:
    with Archive(path) as archive:
        at = archive.parts[part].data
    data = bytearray(path.read_bytes())
    data[at + 3000] ^= 1
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match=f"part {part} does not match its checksum"):
        Library.open(path, read_only=read_only)
    gc.collect()
    assert path.read_bytes() == bytes(data)
    assert not path.with_name("lib.npz.format1").exists()
    assert verify(path).problems


def test_records_can_be_changed_as_before(path: Path) -> None:
    with Library.open(path) as library:
        library.update([replace(library.get(1), note="changed")])
        library.fold()
        assert library.get(1).note == "changed"
    assert read(path)[-2] == 13


def test_a_backup_is_on_its_own_though_the_new_journal_could_not_be_made(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise OSError(5, "Input/output error")

    backup = path.with_name("lib.npz.format1")
    with Library.open(path) as library:
        state = contents(library)
        with monkeypatch.context() as patch:
            patch.setattr(journal, "create_journal", broken)
            assert library.fold()
        library.add_root("/later")
        after = contents(library)
    assert read(backup) == state
    with Library.open(backup) as library:
        library.add_root("/in the backup")
    assert read(path) == after
