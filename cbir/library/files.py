"""What differs between operating systems about files: private, durable, atomically replaced.

Everything that changes a library's files goes through ``DISK``, one method an operation: tests put
one in its place that records what is done, loses power at any point, or fails.

Windows and macOS behaviour is written from their documentation and not tried on them:

- Windows cannot replace a file that is mapped or open, so there vectors are read, not mapped
  (``MAPPED_FILES_CAN_BE_REPLACED``), and callers close a file before they replace it.
- Windows cannot flush a folder; a rename there is as durable as the file system makes it.
- macOS keeps flushed data in the drive's cache unless asked with ``F_FULLFSYNC`` (see fsync(2)).
- Names may be case-insensitive on both: all names beside a library begin with its own whole name.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
MAPPED_FILES_CAN_BE_REPLACED = os.name != "nt"


class Disk:
    """The operations that change files; each raises OSError. Files are unbuffered and private."""

    def make_folder(self, folder: Path) -> None:
        """Create ``folder`` and its parents, readable by the owner only; existing ones stay."""
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        for path in new:
            self.flush_folder(path.parent)

    def create_beside(self, target: Path) -> tuple[io.FileIO, Path]:
        """A new, empty, temporary file in the folder of ``target``, for reading and writing.

        Made with ``O_EXCL``, ``O_NOFOLLOW`` and mode 0600 (what ``tempfile.mkstemp`` documents).
        """
        fd, name = tempfile.mkstemp(
            prefix=_temporary_prefix(target), suffix=".tmp", dir=target.parent
        )
        return io.FileIO(fd, "r+b"), Path(name)

    def open(self, path: Path) -> io.FileIO:
        """An existing file, for reading and writing."""
        file = io.FileIO(path, "r+b")
        try:
            path.chmod(PRIVATE_FILE)
        except BaseException:
            file.close()
            raise
        return file

    def flush(self, file: IO[bytes] | io.FileIO) -> None:
        """Write what an open file holds through to the drive."""
        fd = file.fileno()
        if sys.platform == "darwin":
            import fcntl  # noqa: PLC0415 - the module exists on Unix only

            try:
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
                return
            except OSError:
                pass  # network drives do not know F_FULLFSYNC; fsync is the most they offer
        os.fsync(fd)

    def flush_folder(self, folder: Path) -> None:
        """Make renames and new names in ``folder`` durable where the system can."""
        if os.name == "nt":
            return
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        """Give a file the name of another, which goes; at every instant the name is there."""
        source.replace(target)

    def link(self, source: Path, name: Path) -> None:
        """Give a file a second ``name``, which must be free."""
        os.link(source, name)

    def remove(self, path: Path) -> None:
        """Take a file away; nothing happens where there is none."""
        path.unlink(missing_ok=True)


DISK = Disk()


class Draft:
    """A whole new file for ``target`` under a temporary name; ``drafting`` makes one."""

    def __init__(self, target: Path) -> None:
        self._target = target
        raw, self.path = DISK.create_beside(target)
        self.file: IO[bytes] = io.BufferedRandom(raw)
        self._published = False

    def seal(self) -> None:
        """Write all of it through to the drive and close the file; raises OSError."""
        self.file.flush()
        DISK.flush(self.file)
        self.file.close()

    def publish(self) -> None:
        """Put it in the target's place; raises OSError, and then the old target is there.

        Survives power loss only after ``flush_folder``, which is the caller's to call, since it can
        fail when the target is already replaced.
        """
        DISK.replace(self.path, self._target)
        self._published = True

    def discard(self) -> None:
        """Take it away, unless it is in the target's place."""
        with contextlib.suppress(OSError):  # what a full disk did not take is of no use
            self.file.close()
        if not self._published:
            with contextlib.suppress(OSError):  # else the next writer clears it away
                DISK.remove(self.path)


@contextlib.contextmanager
def drafting(target: Path) -> Iterator[Draft]:
    """A ``Draft``, taken away at the end unless it was published. Raises OSError."""
    draft = Draft(target)
    try:
        yield draft
    finally:
        draft.discard()


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Write a whole new ``target``: yields a binary file that takes its place, or nothing changes.

    Raises OSError; then, or after an exception in the body, the old target is there and no other
    file. The same holds of power loss as of ``Draft.publish``.
    """
    with drafting(target) as draft:
        yield draft.file
        draft.seal()
        draft.publish()


def keep(source: Path, name: Path) -> None:
    """Give a file that is not written any more a second ``name``; copied where links are not known.

    Nothing may have that name. Raises OSError; survives power loss as ``replacing`` does.
    """
    try:
        DISK.link(source, name)
    except OSError:
        copy(source, name)


def copy(source: Path, name: Path) -> None:
    """Copy a file to another ``name``, whole or not at all; as ``replacing``."""
    with source.open("rb") as file, replacing(name) as target:
        shutil.copyfileobj(file, target)


def remove_leftovers(target: Path) -> None:
    """Remove temporary files that a crash left beside ``target``; only its one writer may call."""
    # Exactly its own: other libraries may have names that begin with this one's.
    temporary = re.compile(rf"{re.escape(_temporary_prefix(target))}[^.]*\.tmp")
    with os.scandir(target.parent) as entries:
        for entry in entries:
            if temporary.fullmatch(entry.name):
                DISK.remove(Path(entry.path))


def _temporary_prefix(target: Path) -> str:
    return f".{target.name}."
