"""The journal: an append-only file of checksummed changes beside the ``.npz``.

A head (magic, format, the library's UUID, the generation of the ``.npz`` it was begun for,
checksum), a seal, then entries: a marker, a number that rises by one, the payload's length, a
checksum of these and the payload, the payload. An entry is acknowledged after it was flushed to the
drive. What a crash leaves of an entry that nobody was told of is a *torn tail*: readers stop before
it, the next writer cuts it off. Bytes that do not check out with whole entries behind them are
damage, no torn tail.

The seal says how far the journal was whole when it was last closed, with a checksum of its own.
Whatever is missing or wrong before that byte is damage too, though nothing may be behind it. A seal
that does not check out says nothing: a crash may have torn it. Format 1 had none.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cbir.language import _
from cbir.library import files

FORMAT = 2
_MAGIC = b"cbirjrnl"
_HEAD = struct.Struct("<8sI16sQ")
_SEAL = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_SEAL_AT = _HEAD.size + _CHECKSUM.size
HEAD_BYTES = _SEAL_AT + _SEAL.size + _CHECKSUM.size
_MARKER = b"\xc1\xb1En"
_ENTRY = struct.Struct("<4sQQI")
_CHUNK = 1 << 20
_MOST_TRIES = 256
_NUMBERS = struct.Struct("<QQ")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JournalHead:
    """Which library and which generation of its ``.npz`` a journal belongs to.

    ``sealed``: up to which byte it was whole when it was last closed, where that is known.
    """

    library: bytes
    generation: int
    format: int = FORMAT
    sealed: int = 0

    @property
    def bytes(self) -> int:
        """Where the first entry begins."""
        return HEAD_BYTES if self.format > 1 else _SEAL_AT


def create_journal(path: Path, head: JournalHead, entries: bytes = b"") -> None:
    """Put a fresh journal in place of what is there, atomically; raises OSError.

    Survives power loss only after ``flush_folder``, as with ``replacing``.
    """
    packed = _HEAD.pack(_MAGIC, head.format, head.library, head.generation)
    with files.replacing(path) as file:
        file.write(packed + _CHECKSUM.pack(zlib.crc32(packed)) + _packed_seal(HEAD_BYTES))
        file.write(entries)


def _packed_seal(end: int) -> bytes:
    packed = _SEAL.pack(end)
    return packed + _CHECKSUM.pack(zlib.crc32(packed))


def read_head(file: IO[bytes]) -> JournalHead:
    """The head of an open journal; raises ValueError with a phrase."""
    data = file.read(_SEAL_AT)
    if len(data) < _SEAL_AT or data[:8] != _MAGIC:
        raise ValueError(_("its head is not that of a journal"))
    packed, checksum = data[: _HEAD.size], data[_HEAD.size :]
    if _CHECKSUM.unpack(checksum)[0] != zlib.crc32(packed):
        raise ValueError(_("its head does not match its checksum"))
    _magic, number, library, generation = _HEAD.unpack(packed)
    if number != FORMAT:
        return JournalHead(library, generation, number)
    seal = file.read(HEAD_BYTES - _SEAL_AT)
    if len(seal) < HEAD_BYTES - _SEAL_AT:
        raise ValueError(_("it is cut off in its head"))
    end: int = _SEAL.unpack(seal[: _SEAL.size])[0]
    return JournalHead(library, generation, number, end if seal == _packed_seal(end) else 0)


@dataclass(frozen=True)
class Entry:
    """One whole entry: the byte behind it in the file, its number, its payload."""

    end: int
    number: int
    payload: bytes

    @property
    def start(self) -> int:
        """The byte at which it begins."""
        return self.end - len(self.payload) - _ENTRY.size


def read_entries(file: IO[bytes], sealed: int = 0) -> Iterator[Entry]:
    """Each whole entry, from where the file stands.

    Ends at the end of the file or at a torn tail; raises ValueError with a phrase on damage.
    """
    size = os.fstat(file.fileno()).st_size
    at = file.tell()
    while at < size:
        entry = _read_entry(file, at, size)
        if entry is None:
            if at < min(sealed, size) or next_entry(file, at + 1, size) is not None:
                raise ValueError(
                    _("the entry at byte {at:,} does not match its checksum").format(at=at)
                )
            break
        at = entry.end
        yield entry
    if at < sealed:
        raise ValueError(
            _("it is cut off at byte {size:,} of {sealed:,}").format(size=size, sealed=sealed)
        )


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


def next_entry(file: IO[bytes], at: int, size: int) -> Entry | None:
    """The first whole entry from byte ``at`` on in the first ``size`` bytes, or None.

    What another process appends meanwhile lies behind them, and is not looked at. Raises ValueError
    where too much looks like an entry and is none, as nobody but an attacker writes it.
    """
    for tried, place in enumerate(_markers(file, at, size)):
        entry = _read_entry(file, place, size)
        if entry is not None:
            return entry
        if tried == _MOST_TRIES:
            raise ValueError(_("it is full of beginnings of entries that are none"))
    return None


def _markers(file: IO[bytes], at: int, size: int) -> Iterator[int]:
    # Read rather than mapped: a file that another process cuts shorter ends a mapping's reader.
    while at < size:
        file.seek(at)
        chunk = file.read(min(_CHUNK, size - at))
        found = chunk.find(_MARKER)
        while found >= 0:
            yield at + found
            found = chunk.find(_MARKER, found + 1)
        if len(chunk) < _CHUNK:
            return
        at += len(chunk) - len(_MARKER) + 1


def _entry_checksum(number: int, pieces: Sequence[bytes]) -> int:
    length = sum(len(piece) for piece in pieces)
    checksum = zlib.crc32(_NUMBERS.pack(number, length))
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    return checksum


class JournalWriter:
    """Appends to a journal from byte ``end`` on; what lies behind it is cut off first."""

    def __init__(self, path: Path, end: int, head: JournalHead) -> None:
        """The file is opened when it is first needed."""
        self.generation = head.generation
        self._path = path
        self._file: io.FileIO | None = None
        self._begin = head.bytes
        self._seals = head.format > 1
        self._sealed = head.sealed
        self.end = end
        self._clean = False
        self._refused = False
        self._last_number, self._last_start = -1, end

    @property
    def is_empty(self) -> bool:
        """Whether it holds no entry."""
        return self.end == self._begin

    @property
    def entry_bytes(self) -> int:
        """The size of all entries."""
        return self.end - self._begin

    @property
    def is_gone(self) -> bool:
        """Whether somebody removed the file: what is written to it would be lost with it."""
        return self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0

    def append(self, number: int, pieces: Sequence[bytes]) -> None:
        """Append one entry and flush it to the drive.

        Raises OSError, after which the journal holds what it held before: the torn entry is cut off
        now, or before the next one is written.
        """
        self.forget_after(number - 1)
        file = self._opened()
        self._cut(file)
        length = sum(len(piece) for piece in pieces)
        head = _ENTRY.pack(_MARKER, number, length, _entry_checksum(number, pieces))
        self._last_number, self._last_start = number, self.end
        self._clean = False
        try:
            _write(file, self.end, b"".join([head, *pieces]))
            files.DISK.flush(file)
        except OSError:
            self._refused = True
            with contextlib.suppress(OSError):  # else the next append, or closing, tries again
                self._cut(file)
            raise
        self.end += len(head) + length
        self._clean = True

    def entries(self, since: int = 0) -> bytes:
        """The bytes of the entries, without the first ``since`` of them; raises OSError."""
        file = self._opened()
        start = self._begin + since
        file.seek(start)
        content = file.read(self.end - start)
        if len(content) != self.end - start:
            raise OSError(errno.EIO, _("the journal is shorter than what was written to it"))
        return content

    def open(self) -> None:
        """Open the file now; raises OSError where it cannot be written."""
        self._opened()

    def _opened(self) -> io.FileIO:
        if self._file is None:
            self._file = files.DISK.open(self._path)
            self._clean = False
        return self._file

    def _cut(self, file: io.FileIO) -> None:
        if not self._clean:
            file.truncate(self.end)
            files.DISK.flush(file)
            self._clean, self._refused = True, False

    def forget_after(self, number: int) -> None:
        """Pass over an entry behind ``number``: who wrote it was interrupted before it counted."""
        if self._last_number > number:
            self.end, self._clean, self._refused = self._last_start, False, True
            self._last_number = -1

    def release(self) -> None:
        """Close the file until it is needed again: Windows replaces no open file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # every entry was flushed
                self._file.close()
            self._file = None

    def close(self) -> None:
        """Seal and close the file; nothing is lost if that fails, every entry was flushed."""
        try:
            if self._refused:
                self._cut(self._opened())
            if self._seals and self._sealed != self.end:
                file = self._opened()
                self._cut(file)
                _write(file, _SEAL_AT, _packed_seal(self.end))
                files.DISK.flush(file)
        except OSError as error:
            _log.warning("the journal could not be sealed: %s", error)
        finally:
            self.release()


def _write(file: io.FileIO, at: int, data: bytes) -> None:
    file.seek(at)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
