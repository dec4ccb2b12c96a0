"""Files that somebody made to do harm: refused in words, with nothing run and no memory taken."""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.errors import CbirError, LibraryDamaged, LibraryUnwritable
from cbir.library import Library, verify
from cbir.library.archive import ArchiveWriter
from cbir.library.loading import journal_path
from cbir.library.undo import UserCommand
from cbir.records import JsonObject, Query
from tests.library.helpers import filled, image_file, vectors_of

Arrays = dict[str, NDArray[Any]]
Spoil = Callable[[Arrays, JsonObject], None]
COUNT = 20


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "lib.npz"
    with filled(path, COUNT) as library:
        library.update([replace(library.get(1), tags=("t",), note="n")])
        library.remove([3], command=UserCommand("Remove", "k"))
        library.fold()
    return path


@pytest.fixture
def path(tmp_path: Path, sound: Path) -> Path:
    """A copy of a library that may be spoiled; a sound journal is beside it."""
    path = tmp_path / "lib.npz"
    shutil.copyfile(sound, path)
    shutil.copyfile(journal_path(sound), journal_path(path))
    return path


def rewrite(path: Path, spoil: Spoil) -> None:
    """Change the parts or the header, with all checksums right."""
    with np.load(path, allow_pickle=False) as loaded:
        arrays: Arrays = dict(loaded)
    header = json.loads(arrays.pop("header").tobytes())
    arrays.pop("sums")
    spoil(arrays, header)
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        for name, array in arrays.items():
            whole = np.ascontiguousarray(array)
            writer.add_blocks(name, array.shape, array.dtype, [whole.reshape(array.shape)])
        header.setdefault("blocks", writer.add_sums())
        header["blocks"] = header["blocks"] or []
        header["checksums"] = {**writer.checksums, **header.pop("more_checksums", {})}
        writer.add("header", np.frombuffer(json.dumps(header).encode("ascii"), np.uint8))


def without_blocks(spoil: Spoil) -> Spoil:
    def spoiled(arrays: Arrays, header: JsonObject) -> None:
        header.pop("blocks")
        spoil(arrays, header)

    return spoiled


def part(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Spoil:
    def spoil(arrays: Arrays, header: JsonObject) -> None:
        arrays[name] = change(arrays[name].copy())

    return without_blocks(spoil)


def head(**changes: object) -> Spoil:
    def spoil(arrays: Arrays, header: JsonObject) -> None:
        header.update(changes)

    return without_blocks(spoil)


def space_head(**changes: object) -> Spoil:
    def spoil(arrays: Arrays, header: JsonObject) -> None:
        header["spaces"]["classic"].update(changes)

    return without_blocks(spoil)


def set_at(index: Any, value: Any) -> Callable[[NDArray[Any]], NDArray[Any]]:
    def change(array: NDArray[Any]) -> NDArray[Any]:
        array[index] = value
        return array

    return change


def gone(name: str) -> Spoil:
    def spoil(arrays: Arrays, header: JsonObject) -> None:
        del arrays[name]

    return without_blocks(spoil)


def nul(array: NDArray[Any]) -> NDArray[Any]:
    array[2] = 0
    return array


SPOILS: dict[str, Spoil] = {
    "ids of floats": part("ids", lambda a: a.astype("<f4")),
    "ids of 32 bits": part("ids", lambda a: a.astype("<i4")),
    "ids in a matrix": part("ids", lambda a: a.reshape(1, -1)),
    "an id too few": part("ids", lambda a: a[:-1]),
    "ids that do not ascend": part("ids", lambda a: a[::-1]),
    "an id twice": part("ids", set_at(1, 1)),
    "an id of nought": part("ids", set_at(0, 0)),
    "an id below nought": part("ids", set_at(0, -5)),
    "an id beyond the next": part("ids", set_at(-1, 2**61)),
    "numbers in a row": part("numbers", lambda a: a.ravel()),
    "numbers of too few": part("numbers", lambda a: a[1:]),
    "a negative size": part("numbers", set_at((0, 0), -1)),
    "paths of int64": part("paths", lambda a: a.astype("<i8")),
    "paths in a matrix": part("paths", lambda a: a.reshape(1, -1)),
    "a NUL in a path": part("paths", nul),
    "paths too short": part("paths", lambda a: a[:-1]),
    "paths too long": part("paths", lambda a: np.append(a, a[:1])),
    "offsets that fall": part("paths_offsets", set_at(1, 1 << 40)),
    "offsets below nought": part("paths_offsets", set_at(0, -1)),
    "offsets too few": part("paths_offsets", lambda a: a[1:]),
    "skipped that is no JSON": part("skipped", set_at(0, 0xFF)),
    "skipped nested deeply": part("skipped", lambda a: np.full(100_000, ord("["), np.uint8)),
    "skipped of other rows": part("skipped", lambda a: np.frombuffer(b'[["/a", -1]]', np.uint8)),
    "vectors of float64": part("classic_vectors", lambda a: a.astype("<i8")),
    "vectors too short": part("classic_vectors", lambda a: a[:, :511]),
    "a vector too few": part("classic_vectors", lambda a: a[1:]),
    "vectors in a row": part("classic_vectors", lambda a: a.ravel()),
    "vectors of nobody": part("classic_ids", set_at(-1, 99)),
    "vector ids that do not ascend": part("classic_ids", lambda a: a[::-1]),
    "no ids": gone("ids"),
    "no vectors": gone("classic_vectors"),
    "no skipped": gone("skipped"),
    "a count too large": space_head(vectors=10**12),
    "a count below nought": space_head(vectors=-1),
    "a count that is none": space_head(vectors="20"),
    "a fingerprint that is none": space_head(fingerprint=None),
    "no library": head(library=""),
    "a library that is none": head(library="zz"),
    "a format below nought": head(format=-1),
    "a format that is none": head(format="1"),
    "a format of true": head(format=True),
    "a version too large": head(version=2**64),
    "a generation of a fraction": head(generation=1.5),
    "a next id of nought": head(next_id=0),
    "a next id too small": head(next_id=5),
    "roots that are no list": head(roots="/p"),
    "roots of numbers": head(roots=[1]),
    "spaces that are no object": head(spaces=[1]),
    "a space that is no object": head(spaces={"classic": 1}),
    "a space that is not there": head(spaces={"clip": {}}),
    "blocks that are no list": lambda arrays, header: header.update(blocks=[["a"]]),
    "blocks below nought": lambda arrays, header: header.update(blocks=[["ids", -1]]),
    "a checksum of what is not there": head(more_checksums={"more": 1}),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
def test_spoiled_parts_are_damage(path: Path, spoil: Spoil) -> None:
    rewrite(path, spoil)
    content = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(LibraryDamaged) as raised:
            Library.open(path, read_only=read_only)
        assert str(path) in str(raised.value)
        assert str(raised.value).endswith(".")
    assert verify(path).problems
    assert path.read_bytes() == content
    gc.collect()


EXTRAS = [b"\xff\xff\xff", b"[" * 50_000, b"null", b"[1, 2]", b'{"tags": 1}', b"{}", b'[["t"], 1]']


@pytest.mark.parametrize("text", EXTRAS)
def test_tags_and_notes_that_are_none_are_damage_where_they_are_read(
    path: Path, text: bytes
) -> None:
    def spoil(arrays: Arrays, header: JsonObject) -> None:
        arrays["extras"] = np.frombuffer(text, np.uint8)
        arrays["extras_offsets"][1:] = len(text)

    rewrite(path, without_blocks(spoil))
    try:
        with Library.open(path) as library:
            assert library.get(2).tags == ()
            with pytest.raises(LibraryDamaged):
                library.get(1)
            with pytest.raises(LibraryDamaged):
                list(library)
            library.add_root("/x")
            with pytest.raises(LibraryDamaged):
                library.fold()
    except LibraryDamaged:
        pass
    assert verify(path).problems


def test_blocks_of_sums_that_are_not_whole_are_done_without(path: Path) -> None:
    """Then parts are proved as wholes, by the checksum that zip has."""
    rewrite(path, lambda arrays, header: header.update(blocks=None))
    with Library.open(path) as library:
        assert library.vectors("classic")[1].shape == (COUNT - 1, 512)
        library.add_root("/x")
        assert library.fold()
    assert verify(path).problems == ()


def test_unknown_parts_are_left_alone(path: Path) -> None:
    def more(arrays: Arrays, header: JsonObject) -> None:
        arrays["later"] = np.zeros(3, np.float32)

    rewrite(path, without_blocks(more))
    with Library.open(path) as library:
        assert len(library) == COUNT - 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_vectors_of_no_numbers_are_refused_where_they_are_used(path: Path, value: float) -> None:
    rewrite(path, part("classic_vectors", set_at((5, 7), value)))
    with Library.open(path) as library:
        query = Query(vectors_of(1)[0], "classic", method="exact")
        with pytest.raises(LibraryDamaged, match="no vectors"):
            library.search(query)
        library.add_root("/x")
        with pytest.raises(LibraryDamaged, match="no vectors"):
            library.fold()
    assert verify(path).problems


class Bomb:
    """Unpickling it makes a file: it must never be made."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return os.mkdir, (str(self.marker),)


def with_member(path: Path, name: str, content: bytes, **changes: Any) -> None:
    """The same archive with a member's content replaced, or one more."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[name] = content
    with zipfile.ZipFile(path, "w", **changes) as archive:
        for member, data in members.items():
            archive.writestr(member, data)


def object_array(marker: Path) -> bytes:
    text = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    pickled = pickle.dumps(np.array([Bomb(marker)], dtype=object), protocol=4)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + pickled


@pytest.mark.parametrize("name", ["header", "ids", "paths", "classic_vectors", "sums", "undo"])
@pytest.mark.parametrize("bare", [False, True])
def test_nothing_is_unpickled(path: Path, name: str, bare: bool) -> None:
    marker = path.parent / "made"
    content = pickle.dumps(Bomb(marker)) if bare else object_array(marker)
    with_member(path, f"{name}.npy", content)
    for read_only in (True, False):
        try:
            with Library.open(path, read_only=read_only) as library:
                library.vectors("classic")
                library.undo()
        except CbirError:
            pass
    verify(path)
    assert not marker.exists()


def test_an_archive_that_would_unpack_to_much_is_refused(path: Path) -> None:
    content = b"\x93NUMPY\x01\x00" + bytes(30_000_000)
    with_member(path, "ids.npy", content, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 300_000
    with pytest.raises(LibraryDamaged, match="not stored"):
        Library.open(path)


SIZES = [2**31, 2**40, 2**62]


@pytest.mark.parametrize("size", SIZES)
def test_sizes_that_the_file_does_not_have_take_no_memory(path: Path, size: int) -> None:
    text = f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({size},), }}".encode()
    text = text.ljust(117) + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
    with_member(path, "ids.npy", content)
    with pytest.raises(LibraryDamaged, match=r"size that its shape"):
        Library.open(path)


def test_sizes_in_the_directory_that_the_file_does_not_have(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\1\2")
    data[at + 20 : at + 28] = struct.pack("<II", 0x7FFFFFF0, 0x7FFFFFF0)
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged):
        Library.open(path)


@pytest.mark.parametrize(
    "name", ["x" * 300, "x" * 60_000, "../../etc/passwd", "a\0b", "\n", "\u202e", ""]
)
def test_names_of_parts_that_are_odd(path: Path, name: str) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{name}.npy", b"whatever")
    try:
        with Library.open(path) as library:
            assert len(library) == COUNT - 1
    except LibraryDamaged as error:
        assert len(str(error)) < 2000
    assert os.listdir(path.parent.parent) != ["etc"]


def test_thousands_of_parts_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(5000):
            archive.writestr(f"part{number}.npy", b"")
    with pytest.raises(LibraryDamaged, match="parts"):
        Library.open(path)


@pytest.mark.parametrize(
    "text", [b"[" * 200_000, b"{" * 200_000, b'{"format": ' + b"9" * 5000 + b"}", b"null", b"[]"]
)
def test_headers_that_are_none(path: Path, text: bytes) -> None:
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        writer.add("header", np.frombuffer(text, np.uint8))
    with pytest.raises(CbirError):
        Library.open(path)


def journal_entry(number: int, payload: bytes) -> bytes:
    checksum = zlib.crc32(payload, zlib.crc32(struct.pack("<QQ", number, len(payload))))
    return struct.pack("<4sQQI", b"\xc1\xb1En", number, len(payload), checksum) + payload


def change(**changes: object) -> bytes:
    empty = {"drop": [], "put": [], "stale": {}, "vectors": [], "roots": None}
    text = json.dumps({**empty, "unskip": [], "skip": [], **changes}).encode("ascii")
    return struct.pack("<I", len(text)) + text


NAN = np.full(512, np.nan, "<f4").tobytes()
ROW: list[object] = ["/p/new", 1, 1, "d", 1, 1]
ENTRIES = {
    "nothing": b"",
    "a head longer than the entry": struct.pack("<I", 2**32 - 1) + b"{}",
    "no JSON": struct.pack("<I", 3) + b"xyz",
    "JSON nested deeply": struct.pack("<I", 100_000) + b"[" * 100_000,
    "a pickle": struct.pack("<I", 5) + b"\x80\x04N.." + b"",
    "more than it says": change() + b"more",
    "a vector that is none": change(
        put=[[30, *ROW, [], "", False]], vectors=[["classic", "weights-1", "", [30]]]
    )
    + NAN,
    "vectors that are not there": change(vectors=[["classic", "weights-1", "", [1, 2, 4]]]),
    "vectors of nobody": change(vectors=[["classic", "weights-1", "", [77]]]) + bytes(2048),
    "vectors of other weights": change(vectors=[["classic", "other", "", [1]]]) + bytes(2048),
    "a vector twice": change(vectors=[["classic", "weights-1", "", [1, 1]]]) + bytes(4096),
    "an id below one": change(drop=[0]),
    "an id too large": change(drop=[2**63]),
    "a NUL in a path": change(put=[[30, "/p/\0", *ROW[1:], [], "", False]]),
    "a record of too little": change(put=[[30]]),
    "a command of one word": change(command=["x"]),
    "a command of numbers": change(command=[1, 2]),
    "a command that is a text": change(command="ab"),
}


@pytest.mark.parametrize("payload", ENTRIES.values(), ids=ENTRIES.keys())
def test_entries_of_the_journal_that_are_none(path: Path, payload: bytes) -> None:
    with Library.open(path, read_only=True) as library:
        version = library.version
    with journal_path(path).open("ab") as file:
        file.write(journal_entry(version + 1, payload))
    content = journal_path(path).read_bytes()
    for read_only in (True, False):
        with pytest.raises(LibraryDamaged, match="journal"):
            Library.open(path, read_only=read_only)
    assert journal_path(path).read_bytes() == content
    assert verify(path).problems


@pytest.mark.parametrize("where", ["put", "skip", "roots", "unskip"])
def test_paths_in_the_journal_that_no_file_can_have(path: Path, where: str) -> None:
    with Library.open(path, read_only=True) as library:
        version = library.version
    wrong = "/p/\ud800"
    parts: dict[str, list[object]] = {
        "put": [[30, wrong, *ROW[1:], [], "", False]],
        "skip": [[wrong, 1, 1, "bad"]],
        "roots": [wrong],
        "unskip": [wrong],
    }
    with journal_path(path).open("ab") as file:
        file.write(journal_entry(version + 1, change(**{where: parts[where]})))
    for read_only in (True, False):
        with pytest.raises(LibraryDamaged, match="journal"):
            Library.open(path, read_only=read_only)


def test_an_entry_that_claims_to_be_huge_takes_no_memory(path: Path) -> None:
    with journal_path(path).open("ab") as file:
        file.write(struct.pack("<4sQQI", b"\xc1\xb1En", 3, 2**63, 0) + b"short")
    with Library.open(path, read_only=True) as library:
        assert len(library) == COUNT - 1


def test_a_link_at_the_place_of_a_temporary_file_is_not_followed(path: Path) -> None:
    victim = path.parent / "victim"
    victim.write_bytes(b"precious")
    for name in (".lib.npz.x.tmp", ".lib.npz.journal.y.tmp"):
        (path.parent / name).symlink_to(victim)
    with Library.open(path) as library:
        library.add_root("/x")
        library.fold()
    assert victim.read_bytes() == b"precious"
    assert sorted(os.listdir(path.parent)) == [
        "lib.npz",
        "lib.npz.journal",
        "lib.npz.lock",
        "victim",
    ]


def test_a_link_at_the_journals_place_of_a_new_library(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    journal_path(tmp_path / "lib.npz").symlink_to(victim)
    with pytest.raises((LibraryDamaged, LibraryUnwritable)):
        Library.open(tmp_path / "lib.npz")
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["lib.npz.journal", "lib.npz.lock"])
def test_a_link_to_a_file_of_another_kind_is_left_as_it_is(path: Path, name: str) -> None:
    victim = path.parent / "victim"
    victim.write_bytes(b"precious")
    (path.parent / name).unlink(missing_ok=True)
    (path.parent / name).symlink_to(victim)
    try:
        with Library.open(path) as library:
            library.add([image_file(50)])
    except CbirError:
        pass
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["lib.npz", "lib.npz.journal"])
@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.timeout(20)
def test_a_pipe_in_place_of_a_file_is_refused_at_once(
    path: Path, name: str, read_only: bool
) -> None:
    (path.parent / name).unlink()
    os.mkfifo(path.parent / name)
    with pytest.raises(CbirError):
        Library.open(path, read_only=read_only)


@pytest.mark.parametrize("name", ["lib.npz", "lib.npz.journal"])
def test_a_folder_in_place_of_a_file_is_refused(path: Path, name: str) -> None:
    (path.parent / name).unlink()
    (path.parent / name).mkdir()
    with pytest.raises(CbirError):
        Library.open(path)
