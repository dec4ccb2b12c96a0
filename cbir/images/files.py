"""Opening files that may be anything: never a FIFO, socket or device, and errors in plain words."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cbir.errors import UnreadableImage
from cbir.language import kept

MAX_FILE_BYTES = 1 << 31
"""Larger files are not opened: 2 GiB, more than 200 megapixels of four 16-bit values each."""

_CHUNK = 1 << 20

_REASONS = {
    errno.ENOENT: kept("no such file"),
    errno.ENOTDIR: kept("no such file"),
    errno.EACCES: kept("no permission"),
    errno.EPERM: kept("no permission"),
    errno.ENAMETOOLONG: kept("the path is too long"),
    errno.ELOOP: kept("a link that leads to itself"),
    errno.EIO: kept("the disk could not read it"),
}

_TOO_LARGE = kept("{size} bytes are more than the limit of {most}")

_KINDS = (
    (stat.S_ISDIR, kept("a folder, not a file")),
    (stat.S_ISFIFO, kept("a FIFO, not a file")),
    (stat.S_ISSOCK, kept("a socket, not a file")),
    (stat.S_ISCHR, kept("a device, not a file")),
    (stat.S_ISBLK, kept("a device, not a file")),
)

# Without O_NONBLOCK, a FIFO put in a file's place after the look at it would hang the open.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


_LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that may be a picture, seen on disk: absolute path, bytes, nanoseconds since 1970."""

    path: str
    size: int
    mtime_ns: int


def mtime_of(status: os.stat_result) -> int:
    """The time of the last change in nanoseconds since 1970, kept within 64 bits (to 2262)."""
    return max(-_LATEST, min(status.st_mtime_ns, _LATEST))


def absolute(path: str | os.PathLike[str]) -> str:
    """The absolute path as text: ``..`` folded, links kept, ``~`` not expanded."""
    return os.path.abspath(os.fspath(path))


def why(error: OSError | ValueError) -> str:
    """A short reason in plain words for what the system said of a path."""
    if isinstance(error, ValueError):
        return kept("not a valid path")
    named = _REASONS.get(error.errno or 0)
    return named or (error.strerror or kept("the system could not read it")).lower()


def trouble_with(mode: int) -> str | None:
    """Why something with this ``st_mode`` is not a regular file; None if it is one."""
    if stat.S_ISREG(mode):
        return None
    return next((words for test, words in _KINDS if test(mode)), kept("not a regular file"))


def stat_file(path: str | os.PathLike[str]) -> FoundFile:
    """What is at ``path``, without opening it; links are followed.

    Raises:
        UnreadableImage: it is missing, not a regular file, or may not be looked at.
    """
    whole = absolute(path)
    try:
        status = Path(whole).stat()
    except (OSError, ValueError) as error:
        raise UnreadableImage(whole, why(error), lasting=False) from error
    trouble = trouble_with(status.st_mode)
    if trouble:
        raise UnreadableImage(whole, trouble)
    return FoundFile(whole, status.st_size, mtime_of(status))


def read_prefix(path: str, count: int) -> bytes:
    """The first ``count`` bytes of a regular file, or fewer where it is shorter.

    Raises:
        UnreadableImage: it cannot be opened, or is not a regular file.
    """
    descriptor, _ = _open(path)
    try:
        return os.read(descriptor, count)
    except OSError as error:
        raise UnreadableImage(path, why(error), lasting=False) from error
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file, open for reading without a buffer, and what it was when it was opened."""

    stream: io.FileIO
    found: FoundFile

    def read(self) -> bytes:
        """All bytes of the file.

        Raises:
            UnreadableImage: they cannot be read, or changed meanwhile.
        """
        try:
            self.stream.seek(0)
            data = self.stream.read(self.found.size + 1)
        except OSError as error:
            raise UnreadableImage(self.found.path, why(error), lasting=False) from error
        self._check_unchanged(len(data))
        return data

    def prefix(self, count: int) -> bytes:
        """The first ``count`` bytes, or fewer where it is shorter; raises UnreadableImage."""
        return self._part(0, count)

    def suffix(self, count: int) -> bytes:
        """The last ``count`` bytes, or fewer where it is shorter; raises UnreadableImage."""
        return self._part(max(0, self.found.size - count), count)

    def _part(self, start: int, count: int) -> bytes:
        try:
            self.stream.seek(start)
            return self.stream.read(count)
        except OSError as error:
            raise UnreadableImage(self.found.path, why(error), lasting=False) from error

    def digest(self) -> str:
        """``digest_of`` all bytes, without holding more than a few of them in memory.

        Raises:
            UnreadableImage: they cannot be read, or changed since the file was opened.
        """
        digest = hashlib.blake2b(digest_size=16)
        count = 0
        try:
            self.stream.seek(0)
            while chunk := self.stream.read(_CHUNK):
                digest.update(chunk)
                count += len(chunk)
        except OSError as error:
            raise UnreadableImage(self.found.path, why(error), lasting=False) from error
        self._check_unchanged(count)
        return digest.hexdigest()

    def _check_unchanged(self, count: int) -> None:
        after = os.fstat(self.stream.fileno())
        if (count, mtime_of(after)) != (self.found.size, self.found.mtime_ns):
            raise UnreadableImage(self.found.path, kept("changed while it was read"), lasting=False)


@contextmanager
def open_file(path: str, *, max_bytes: int = MAX_FILE_BYTES) -> Iterator[OpenFile]:
    """A regular file, closed at the end of the ``with`` block.

    Raises:
        UnreadableImage: it cannot be opened, is not a regular file, or larger than ``max_bytes``.
    """
    descriptor, found = _open(path)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        if found.size > max_bytes:
            told = _TOO_LARGE.format(size=f"{found.size:,}", most=f"{max_bytes:,}")
            raise UnreadableImage(path, told)
        yield OpenFile(stream, found)


def digest_of(data: bytes) -> str:
    """The hexadecimal BLAKE2b-128 of bytes (RFC 7693), 32 characters."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _open(path: str) -> tuple[int, FoundFile]:
    """A descriptor of a regular file, which the caller closes, and what it is of."""
    stat_file(path)  # opening a device may already do something, so look first
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise UnreadableImage(path, why(error), lasting=False) from error
    status = os.fstat(descriptor)
    trouble = trouble_with(status.st_mode)
    if trouble:
        os.close(descriptor)
        raise UnreadableImage(path, trouble)
    return descriptor, FoundFile(path, status.st_size, mtime_of(status))
