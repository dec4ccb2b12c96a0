"""The ``.npz`` container: uncompressed arrays that start at multiples of 64, checked before use.

Any program reads it with ``numpy.load(path, allow_pickle=False)``. Each member's local header gets
an extra field of padding (id 0xD935, the one that Android's zipalign uses for the same purpose; see
4.5 of the ZIP application note), because ``numpy.savez`` puts data at odd offsets, where a mapped
matrix product is several times slower. Nothing is ever unpickled: an array's header is a literal of
three keys (format version 1.0 of ``numpy.lib.format``), and only a few types are known.

Beside the checksum that zip has of each member, the part ``sums`` holds one of every 32 KiB of each
array's data: so a mapped array is proved where it is used, and damage is contained to its block.
"""

from __future__ import annotations

import ast
import contextlib
import mmap
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cbir.language import _
from cbir.library.files import MAPPED_FILES_CAN_BE_REPLACED
from cbir.library.proof import BLOCK_BYTES, BlockSums, Proof, Sums

ALIGNMENT = 64
SUMS = "sums"
"""The part that holds the checksums of blocks of other parts."""
_PADDING_ID = 0xD935
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ZIP64_EXTRA = 20
_MOST_PARTS = 4096
_LONGEST_NAME = 200
_CHUNK = 1 << 22
_DTYPES = ("<f4", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8")
_TOO_DEEP = (RecursionError, MemoryError)

Array = NDArray[Any]


class ArchiveWriter:
    """Writes arrays into an open binary file, as a context manager; its end ends the archive."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.checksums: dict[str, int] = {}
        self._sums: dict[str, Sums] = {}

    def add(self, name: str, array: Array) -> None:
        """Write a whole array under ``name``."""
        contiguous = np.ascontiguousarray(array)
        self.add_blocks(name, contiguous.shape, contiguous.dtype, [contiguous])

    def add_blocks(
        self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], blocks: Iterable[Array]
    ) -> None:
        """Write an array that comes in C-contiguous blocks of rows, so it need not be in memory."""
        if len(self.checksums) >= _MOST_PARTS:
            raise ValueError(f"more than {_MOST_PARTS} parts in one archive")
        info = zipfile.ZipInfo(f"{name}.npy")
        info.extra = _padding(self._file.tell() + _LOCAL_HEADER.size + len(info.filename))
        header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        with self._zip.open(info, "w", force_zip64=True) as member:
            npy.write_array_header_1_0(member, header)
            sums = BlockSums()
            for block in blocks:
                if block.size:
                    content = block.data.cast("B")
                    member.write(content)
                    sums.add(content)
        self.checksums[name] = info.CRC
        self._sums[name] = sums.finished()

    def add_sums(self) -> list[tuple[str, int]]:
        """Write the checksums of the blocks of all parts so far: name and count, in their order.

        That list belongs into the archive too, for ``Archive.know_blocks``.
        """
        sums = list(self._sums.items())
        self.add(SUMS, np.concatenate([np.empty(0, "<u4"), *(blocks for _name, blocks in sums)]))
        return [(name, len(blocks)) for name, blocks in sums]

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._zip.close()
            return
        # The archive is given up; unclosed it would complain when it is collected.
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()


def _padding(end_of_header: int) -> bytes:
    smallest = end_of_header + _ZIP64_EXTRA + 4
    zeros = -smallest % ALIGNMENT
    return struct.pack("<HH", _PADDING_ID, zeros) + bytes(zeros)


@dataclass(frozen=True)
class Part:
    """One array of an archive: what it is, and where its ``.npy`` and its data lie in the file.

    ``start`` to ``end`` are the bytes of the whole ``.npy``, which ``checksum`` is of.
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    data: int
    end: int
    checksum: int


class Archive:
    """An open archive whose directory is sound; raises ValueError with a phrase where it is not.

    All sizes are checked against the file's length before memory is taken for an array. ``parts``
    are those whose own headers are sound; ``faults`` says of each other what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self.bytes = os.fstat(self._file.fileno()).st_size
            self.faults: dict[str, str] = {}
            self.parts = self._read_parts()
        except BaseException:
            self._file.close()
            raise
        self._map: mmap.mmap | None = None
        self._sums: dict[str, Sums] = {}

    def close(self) -> None:
        """Close the file; arrays that are mapped stay valid."""
        self._file.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _read_parts(self) -> dict[str, Part]:
        try:
            with zipfile.ZipFile(self._file) as directory:
                infos = sorted(directory.infolist(), key=lambda info: info.header_offset)
                end = directory.start_dir
        except (zipfile.BadZipFile, NotImplementedError, struct.error, UnicodeError) as error:
            raise ValueError(
                _("its directory cannot be read ({error})").format(error=error)
            ) from error
        if len(infos) > _MOST_PARTS:
            raise ValueError(_("it has {count} parts").format(count=len(infos)))
        parts: dict[str, Part] = {}
        free = 0
        for info in infos:
            name = info.filename.removesuffix(".npy")
            if len(name) > _LONGEST_NAME:
                raise ValueError(_("a part's name has {count} characters").format(count=len(name)))
            if info.header_offset < free:
                raise ValueError(_("its parts overlap"))
            if name in parts or name in self.faults:
                raise ValueError(_("it has two parts named {name}").format(name=name))
            try:
                parts[name] = self._read_part(name, info, end)
                free = parts[name].end
            except ValueError as error:
                self.faults[name] = str(error)
                free = info.header_offset + 1
        return parts

    def _read_part(self, name: str, info: zipfile.ZipInfo, limit: int) -> Part:
        self._file.seek(info.header_offset)
        raw = self._file.read(_LOCAL_HEADER.size)
        if len(raw) != _LOCAL_HEADER.size:
            raise ValueError(_("part {name} is cut off").format(name=name))
        fields = _LOCAL_HEADER.unpack(raw)
        signature, flags, method = fields[0], fields[2], fields[3]
        name_length, extra_length = fields[9:]
        stored = info.compress_type == method == zipfile.ZIP_STORED
        if signature != b"PK\3\4" or not stored or flags & 1 or info.flag_bits & 1:
            raise ValueError(_("part {name} is not stored as it should be").format(name=name))
        if self._file.read(name_length) != info.filename.encode():
            raise ValueError(_("part {name} bears another name inside").format(name=name))
        start = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        end = start + info.file_size
        if info.compress_size != info.file_size or end > limit:
            raise ValueError(_("part {name} is larger than its file").format(name=name))
        dtype, shape, data = self._read_header(name, start)
        if data + _byte_count(dtype, shape) != end:
            raise ValueError(
                _("part {name} has not the size that its shape {shape} needs").format(
                    name=name, shape=shape
                )
            )
        return Part(name, dtype, shape, start, data, end, info.CRC)

    def _read_header(self, name: str, start: int) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        self._file.seek(start)
        try:
            if npy.read_magic(self._file) != (1, 0):
                raise ValueError(_("another version"))
            (length,) = struct.unpack("<H", self._file.read(2))
            # numpy's own reader falls back to tokenizing what is not a literal; this one refuses.
            header = ast.literal_eval(self._file.read(length).decode("ascii"))
            dtype, fortran, shape = (header[key] for key in ("descr", "fortran_order", "shape"))
        except (ValueError, SyntaxError, TypeError, KeyError, struct.error, *_TOO_DEEP) as error:
            raise ValueError(
                _("part {name} is not an array ({error})").format(name=name, error=error)
            ) from error
        lengths = shape if isinstance(shape, tuple) else (-1,)
        sound = all(type(length) is int and length >= 0 for length in lengths)
        if dtype not in _DTYPES or fortran is not False or not sound:
            raise ValueError(
                _("part {name} is an array of the wrong kind ({dtype!a})").format(
                    name=name, dtype=dtype
                )
            )
        return np.dtype(dtype), lengths, self._file.tell()

    def read(self, name: str, dtype: str) -> Array:
        """A part in memory, its checksum proved; ``dtype`` as numpy writes it (``<i8``)."""
        part = self._part(name, dtype)
        self._file.seek(part.start)
        content = self._file.read(part.end - part.start)
        if len(content) != part.end - part.start or zlib.crc32(content) != part.checksum:
            raise ValueError(_("part {name} does not match its checksum").format(name=name))
        data = np.frombuffer(content, part.dtype, offset=part.data - part.start)
        return data.reshape(part.shape)

    def map(self, name: str, dtype: str) -> tuple[Array, Proof | None]:
        """A part mapped read-only, and what proves it where it is used; None where it is proved.

        Read into memory on Windows, and where another program wrote it at an odd offset: numpy
        copies the whole of such an array whenever rows are taken from it. Where the archive holds
        no ``sums`` all of it is proved now.
        """
        part = self._part(name, dtype)
        if not MAPPED_FILES_CAN_BE_REPLACED or part.data % part.dtype.itemsize:
            return self.read(name, dtype), None
        if part.data == part.end:
            return np.empty(part.shape, part.dtype), None
        count = (part.end - part.data) // part.dtype.itemsize
        array = np.frombuffer(self._mapped(), part.dtype, count, part.data).reshape(part.shape)
        sums = self._sums.get(name)
        if sums is None:
            self._require_match(name)
            return array, None
        return array, Proof(name, self._mapped(), part.data, part.end, sums)

    def know_blocks(self, listed: object) -> None:
        """Use the part ``sums``, which holds the blocks that ``listed`` tells of, in this order.

        Parts whose blocks it does not tell, or where ``sums`` is not whole, are proved as wholes.
        Raises ValueError where the list is none.
        """
        counts = _counts(listed)
        with contextlib.suppress(ValueError):
            flat = self.read(SUMS, "<u4")
            if flat.shape == (sum(count for _name, count in counts),):
                ends = np.cumsum([count for _name, count in counts], dtype=np.int64)
                pieces = zip(counts, np.split(flat, ends[:-1]), strict=True)
                self._sums = {
                    name: sums for (name, _count), sums in pieces if self._fit(name, sums)
                }

    def _fit(self, name: str, sums: Sums) -> bool:
        part = self.parts.get(name)
        return part is not None and len(sums) == -(-(part.end - part.data) // BLOCK_BYTES)

    def deferred(self, name: str, dtype: str) -> Callable[[], Array]:
        """``map`` for later, also after ``close``; all of it is proved then: ValueError."""
        array, proof = self.map(name, dtype)

        def proved() -> Array:
            if proof is not None:
                proof.check_all()
            return array

        return proved

    def _mapped(self) -> mmap.mmap:
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._map

    def matches(self, name: str) -> bool:
        """Whether a part's bytes match its checksum; reads them all, a few MB at a time."""
        part = self.parts[name]
        self._file.seek(part.start)
        left, checksum = part.end - part.start, 0
        while left > 0 and (chunk := self._file.read(min(left, _CHUNK))):
            checksum = zlib.crc32(chunk, checksum)
            left -= len(chunk)
        return left == 0 and checksum == part.checksum

    def _require_match(self, name: str) -> None:
        if not self.matches(name):
            raise ValueError(_("part {name} does not match its checksum").format(name=name))

    def _part(self, name: str, dtype: str) -> Part:
        part = self.parts.get(name)
        if part is None:
            raise ValueError(self.faults.get(name, _("part {name} is not there").format(name=name)))
        if part.dtype != np.dtype(dtype):
            raise ValueError(
                _("part {name} holds {held}, not {dtype}").format(
                    name=name, held=part.dtype.str, dtype=dtype
                )
            )
        return part


def _counts(listed: object) -> list[tuple[str, int]]:
    found = []
    for item in listed if isinstance(listed, list) else ():
        match item:
            case [str(name), int(count)] if type(count) is int and count >= 0:
                found.append((name, count))
            case _:
                raise ValueError(_("the header's list of blocks is none"))
    return found


def _byte_count(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    count = dtype.itemsize
    for length in shape:
        count *= length
    return count
