from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cbir.library.archive import ALIGNMENT, Archive, ArchiveWriter


def write(path: Path, **arrays: np.ndarray) -> Path:
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
    return path


ARRAYS = {
    "a": np.arange(7, dtype=np.int64),
    "some_longer_name": np.arange(12, dtype=np.float32).reshape(3, 4),
    "text": np.frombuffer(b"hello", np.uint8),
    "none": np.empty((0, 512), np.float32),
}


def test_numpy_reads_it_and_every_array_is_aligned(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", **ARRAYS)
    with np.load(path, allow_pickle=False) as loaded:
        assert sorted(loaded.files) == sorted(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(loaded[name], array)
    assert zipfile.ZipFile(path).testzip() is None
    with Archive(path) as archive:
        for name, array in ARRAYS.items():
            part = archive.parts[name]
            assert part.data % ALIGNMENT == 0
            assert archive.matches(name)
            np.testing.assert_array_equal(archive.read(name, array.dtype.str), array)


def test_mapped_arrays_outlive_the_archive_and_refuse_writing(tmp_path: Path) -> None:
    with Archive(write(tmp_path / "a.npz", **ARRAYS)) as archive:
        mapped, _ = archive.map("some_longer_name", "<f4")
        empty, _ = archive.map("none", "<f4")
    np.testing.assert_array_equal(mapped, ARRAYS["some_longer_name"])
    assert mapped.ctypes.data % ALIGNMENT == 0
    assert empty.shape == (0, 512)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


def test_blocks_make_one_array(tmp_path: Path) -> None:
    whole = np.arange(40, dtype=np.float32).reshape(10, 4)
    with (tmp_path / "a.npz").open("wb") as file, ArchiveWriter(file) as writer:
        writer.add_blocks("x", (10, 4), whole.dtype, [whole[:3], whole[3:3], whole[3:]])
    np.testing.assert_array_equal(np.load(tmp_path / "a.npz")["x"], whole)


@pytest.mark.parametrize(
    ("name", "dtype", "phrase"), [("b", "<i8", "not there"), ("a", "<f4", "holds <i8")]
)
def test_a_wrong_part_is_named(tmp_path: Path, name: str, dtype: str, phrase: str) -> None:
    with (
        Archive(write(tmp_path / "a.npz", **ARRAYS)) as archive,
        pytest.raises(ValueError, match=phrase),
    ):
        archive.read(name, dtype)


def test_a_changed_byte_fails_the_checksum(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", **ARRAYS)
    with Archive(path) as archive:
        at = archive.parts["a"].data
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with Archive(path) as archive:
        assert not archive.matches("a")
        with pytest.raises(ValueError, match="part a does not match"):
            archive.read("a", "<i8")


def npz_with(path: Path, content: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a.npy", content)
    return path


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array at all",
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 512)}"),
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -4)}", bytes(16)),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", pickle.dumps([1])),
        npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", bytes(16)),
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}", bytes(15)),
        npy("__import__('os').system('true')"),
        npy("(" * 100),
    ],
)
def test_hostile_arrays_are_refused(tmp_path: Path, content: bytes) -> None:
    with Archive(npz_with(tmp_path / "a.npz", content)) as archive:
        assert archive.parts == {}
        for read in (archive.read, archive.map, archive.deferred):
            with pytest.raises(ValueError, match="part a"):
                read("a", "<f4")


def test_compressed_parts_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(1_000_000))
    path = npz_with(tmp_path / "a.npz", buffer.getvalue(), zipfile.ZIP_DEFLATED)
    with Archive(path) as archive, pytest.raises(ValueError, match="not stored"):
        archive.read("a", "<f4")


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3, np.float32))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", buffer.getvalue())
        archive.writestr("a", buffer.getvalue())
    with pytest.raises(ValueError, match="two parts"):
        Archive(tmp_path / "a.npz")


class FullDisk(io.BytesIO):
    def write(self, data: object) -> int:
        if self.tell() > 3000:
            raise OSError(28, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def test_a_full_disk_is_an_error_and_nothing_more() -> None:
    with pytest.raises(OSError, match="No space"), ArchiveWriter(FullDisk()) as writer:
        writer.add("a", np.zeros(1000, np.int64))
        writer.add("b", np.zeros(1000, np.int64))
