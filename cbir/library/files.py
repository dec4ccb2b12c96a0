"""What differs between operating systems about files: private, durable, atomically replaced.

Windows and macOS behaviour is written from their documentation and not tried on them:

- Windows cannot replace a file that is mapped or open, so there vectors are read, not mapped
  (``MAPPED_FILES_CAN_BE_REPLACED``), and callers close a file before they replace it.
- Windows cannot flush a folder; a rename there is as durable as the file system makes it.
- macOS keeps flushed data in the drive's cache unless asked with ``F_FULLFSYNC`` (see fsync(2)).
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
MAPPED_FILES_CAN_BE_REPLACED = os.name != "nt"


def flush_to_disk(fd: int) -> None:
    """Write what the open file ``fd`` holds through to the drive; raises OSError."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - the module exists on Unix only

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
        except OSError:
            pass  # network drives do not know F_FULLFSYNC; fsync is the most they offer
    os.fsync(fd)


def flush_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable where the system can; raises OSError."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` and its parents, readable by the owner only; existing ones stay as is."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Write a whole new ``target``: yields a binary file that takes its place, or nothing changes.

    The file is made beside the target with ``O_EXCL``, ``O_NOFOLLOW`` and mode 0600 (what
    ``tempfile.mkstemp`` documents), flushed, and renamed over the target. Raises OSError; then, or
    after an exception in the body, the old target is there and no other file. The rename survives
    power loss only after ``flush_folder``, which is the caller's to call, since it can fail when
    the target is already replaced.
    """
    fd, name = tempfile.mkstemp(prefix=_temporary_prefix(target), suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with open(fd, "w+b") as file:
            yield file
            file.flush()
            flush_to_disk(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(target: Path) -> None:
    """Remove temporary files that a crash left beside ``target``; only its one writer may call."""
    prefix = _temporary_prefix(target)
    for entry in os.scandir(target.parent):
        if entry.name.startswith(prefix) and entry.name.endswith(".tmp"):
            Path(entry.path).unlink(missing_ok=True)


def _temporary_prefix(target: Path) -> str:
    return f".{target.name}."
