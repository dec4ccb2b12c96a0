"""Reading what is whole of an ``.npz`` that is not: by its directory, or by what lies before it.

Nothing is taken on trust: an item of an array counts as whole only where a checksum says so, of its
block or of the whole part.
"""

from __future__ import annotations

import mmap
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.library.proof import BLOCK_BYTES, Sums

_SIGNATURE = b"PK\3\4"
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_EXTRA = struct.Struct("<HH")
_ZIP64_ID = 1
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,199}\.npy\Z")
_NPY_HEADER_BYTES = 128
_IN_ZIP64 = 0xFFFFFFFF

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class FoundPart:
    """Where a part's ``.npy`` lies in the file, and its checksum where one was found."""

    start: int
    end: int
    checksum: int | None


@dataclass(frozen=True, eq=False)
class Salvaged:
    """An array of one dimension, and which of its items are whole; both (n,)."""

    items: NDArray[Any]
    whole: Mask

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is damaged."""
        return bool(self.whole.all())


class DamagedArchive:
    """An archive of which any byte may be wrong; a context manager. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            size = path.stat().st_size
            self._bytes = (
                mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
            )
        except BaseException:
            self._file.close()
            raise
        self._size = size
        self._sums: dict[str, Sums] = {}
        # Each finds what the other does not where a header or the directory is damaged.
        self.parts = {**self._by_directory(), **dict(self._by_search())}

    def __enter__(self) -> DamagedArchive:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def _by_directory(self) -> dict[str, FoundPart]:
        try:
            with zipfile.ZipFile(self._file) as directory:
                infos = sorted(directory.infolist(), key=lambda info: info.header_offset)
                limit = directory.start_dir
        except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError):
            return {}
        if not infos:
            return {}
        ends = [*(info.header_offset for info in infos[1:]), limit]
        return {
            info.filename.removesuffix(".npy"): FoundPart(end - info.file_size, end, info.CRC)
            for info, end in zip(infos, ends, strict=True)
            if 0 <= info.header_offset <= end - info.file_size and end <= self._size
        }

    def _by_search(self) -> Iterator[tuple[str, FoundPart]]:
        at = 0
        while (at := self._bytes.find(_SIGNATURE, at)) >= 0:
            found = self._local_header(at)
            if found is None:
                at += 1
                continue
            yield found
            at = found[1].end

    def _local_header(self, at: int) -> tuple[str, FoundPart] | None:
        raw = self._bytes[at : at + _LOCAL_HEADER.size]
        if len(raw) < _LOCAL_HEADER.size:
            return None
        *_, checksum, _, size, name_length, extra_length = _LOCAL_HEADER.unpack(raw)
        name_at = at + _LOCAL_HEADER.size
        name = self._bytes[name_at : name_at + name_length]
        extra = self._bytes[name_at + name_length : name_at + name_length + extra_length]
        if size == _IN_ZIP64:
            size = _zip64_size(extra)
        start = name_at + name_length + extra_length
        if not _NAME.match(name) or start + size > self._size:
            return None
        return name.decode().removesuffix(".npy"), FoundPart(start, start + size, checksum)

    def know_blocks(self, listed: object) -> None:
        """Use the checksums of blocks in the part ``sums``, which ``listed`` tells the order of."""
        sums = self.read("sums", "<u4")
        counts = [
            (name, count)
            for item in (listed if isinstance(listed, list) else ())
            if isinstance(item, list) and len(item) == 2
            for name, count in [item]
            if isinstance(name, str) and type(count) is int and count >= 0
        ]
        if sums is None or not sums.is_whole or len(sums.items) != sum(n for _, n in counts):
            return
        at = 0
        for name, count in counts:
            self._sums[name] = sums.items[at : at + count]
            at += count

    def read(self, name: str, dtype: str) -> Salvaged | None:
        """A part's items, flat, whatever shape it had; None where nothing of it is whole.

        ``dtype`` is what it should be, as numpy writes it (``<i8``).
        """
        part = self.parts.get(name)
        if part is None:
            return None
        content = memoryview(self._bytes)[part.start : part.end]
        if len(content) < _NPY_HEADER_BYTES:
            return None
        kind = np.dtype(dtype)
        begin = _data_begin(content)
        count = (len(content) - begin) // kind.itemsize
        items = np.frombuffer(content, kind, count, begin)
        if zlib.crc32(content) == part.checksum:
            return Salvaged(items, np.ones(count, np.bool_))
        whole = self._whole_items(name, content[begin:], kind.itemsize, count)
        return Salvaged(items, whole) if whole.any() else None

    def _whole_items(self, name: str, data: memoryview, itemsize: int, count: int) -> Mask:
        sums = self._sums.get(name)
        whole = np.zeros(count, np.bool_)
        if sums is None or len(sums) != -(-len(data) // BLOCK_BYTES):
            return whole
        for block, checksum in enumerate(sums.tolist()):
            start = block * BLOCK_BYTES
            if zlib.crc32(data[start : start + BLOCK_BYTES]) == checksum:
                # Items of the known types never lie across blocks.
                whole[start // itemsize : (start + BLOCK_BYTES) // itemsize] = True
        return whole


def _zip64_size(extra: bytes) -> int:
    """The size in a zip64 extra field (4.5.3 of the ZIP application note); one that cannot be."""
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP64_ID and length >= 8 and at + 8 <= len(extra):
            return int.from_bytes(extra[at : at + 8], "little")
        at += length
    return sys.maxsize


def _data_begin(content: memoryview) -> int:
    """Where data begin in a ``.npy``: its header says so, if it is not what is damaged."""
    (length,) = struct.unpack_from("<H", content, 8)
    told = 10 + int(length)
    sound = bytes(content[:8]) == b"\x93NUMPY\1\0" and told % 64 == 0 and told <= len(content)
    return told if sound else _NPY_HEADER_BYTES
