"""The journal: an append-only file of checksummed changes beside the ``.npz``.

A head (magic, format, the library's UUID, the generation of the ``.npz`` it belongs to, checksum),
then entries: a marker, a number that rises by one, the payload's length, a checksum of these and
the payload, the payload. An entry is acknowledged after it was flushed to the drive. What a crash
leaves of an entry that nobody was told of is a *torn tail*: readers stop before it, the next writer
cuts it off. Bytes that do not check out with whole entries behind them are damage, no torn tail.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cbir.library.files import PRIVATE_FILE, flush_folder, flush_to_disk, replacing

FORMAT = 1
_MAGIC = b"cbirjrnl"
_HEAD = struct.Struct("<8sI16sQ")
_CHECKSUM = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECKSUM.size
_MARKER = b"\xc1\xb1En"
_ENTRY = struct.Struct("<4sQQI")
_NUMBERS = struct.Struct("<QQ")


@dataclass(frozen=True)
class JournalHead:
    """Which library and which generation of its ``.npz`` a journal belongs to."""

    library: bytes
    generation: int
    format: int = FORMAT


def create_journal(path: Path, head: JournalHead) -> None:
    """Put a fresh, empty journal in place of what is there, atomically; raises OSError."""
    packed = _HEAD.pack(_MAGIC, head.format, head.library, head.generation)
    with replacing(path) as file:
        file.write(packed + _CHECKSUM.pack(zlib.crc32(packed)))
    flush_folder(path.parent)


def read_head(file: IO[bytes]) -> JournalHead:
    """The head of an open journal; raises ValueError with a phrase."""
    data = file.read(HEAD_BYTES)
    if len(data) < HEAD_BYTES or data[:8] != _MAGIC:
        raise ValueError("its head is not that of a journal")
    packed, checksum = data[: _HEAD.size], data[_HEAD.size :]
    if _CHECKSUM.unpack(checksum)[0] != zlib.crc32(packed):
        raise ValueError("its head does not match its checksum")
    _, number, library, generation = _HEAD.unpack(packed)
    return JournalHead(library, generation, number)


@dataclass(frozen=True)
class Entry:
    """One whole entry: the byte behind it in the file, its number, its payload."""

    end: int
    number: int
    payload: bytes


def read_entries(file: IO[bytes]) -> Iterator[Entry]:
    """Each whole entry, from where the file stands.

    Ends at the end of the file or at a torn tail; raises ValueError with a phrase on damage.
    """
    size = os.fstat(file.fileno()).st_size
    at = file.tell()
    while at < size:
        entry = _read_entry(file, at, size)
        if entry is None:
            if _whole_entry_after(file, at, size):
                raise ValueError(f"the entry at byte {at} does not match its checksum")
            return
        at = entry.end
        yield entry


def _read_entry(file: IO[bytes], at: int, size: int) -> Entry | None:
    file.seek(at)
    head = file.read(_ENTRY.size)
    if len(head) < _ENTRY.size:
        return None
    marker, number, length, checksum = _ENTRY.unpack(head)
    if marker != _MARKER or length > size - at - _ENTRY.size:
        return None
    payload = file.read(length)
    if len(payload) != length or _entry_checksum(number, [payload]) != checksum:
        return None
    return Entry(at + len(head) + length, number, payload)


def _whole_entry_after(file: IO[bytes], at: int, size: int) -> bool:
    file.seek(at)
    rest = file.read(size - at)
    found = rest.find(_MARKER, 1)
    while found >= 0:
        if _read_entry(file, at + found, size) is not None:
            return True
        found = rest.find(_MARKER, found + 1)
    return False


def _entry_checksum(number: int, pieces: Sequence[bytes]) -> int:
    length = sum(len(piece) for piece in pieces)
    checksum = zlib.crc32(_NUMBERS.pack(number, length))
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    return checksum


class JournalWriter:
    """Appends to a journal from byte ``end`` on; what lies behind it is cut off first."""

    def __init__(self, path: Path, end: int) -> None:
        self._file = path.open("r+b", buffering=0)
        path.chmod(PRIVATE_FILE)
        self.end = end
        self._clean = False
        self._last_number, self._last_start = -1, end

    def append(self, number: int, pieces: Sequence[bytes]) -> None:
        """Append one entry and flush it to the drive.

        Raises OSError, after which the journal holds what it held before: the torn entry is cut off
        now, or before the next one is written.
        """
        if number == self._last_number:
            # Whoever wrote this number was interrupted before the change was acknowledged.
            self.end, self._clean = self._last_start, False
        self._cut()
        length = sum(len(piece) for piece in pieces)
        head = _ENTRY.pack(_MARKER, number, length, _entry_checksum(number, pieces))
        self._last_number, self._last_start = number, self.end
        self._clean = False
        try:
            self._write(b"".join([head, *pieces]))
            flush_to_disk(self._file.fileno())
        except OSError:
            self._try_to_cut()
            raise
        self.end += len(head) + length
        self._clean = True

    def _write(self, data: bytes) -> None:
        self._file.seek(self.end)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _cut(self) -> None:
        if not self._clean:
            self._file.truncate(self.end)
            flush_to_disk(self._file.fileno())
            self._clean = True

    def _try_to_cut(self) -> None:
        try:
            self._cut()
        except OSError:
            self._clean = False  # the next append tries again before it writes

    def close(self) -> None:
        """Close the file; nothing is lost, every entry was flushed."""
        self._file.close()
