"""Writing a small file whole or not at all, and giving files names that nothing else has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, write: Callable[[BinaryIO], object], mode: int = 0o600) -> None:
    """Put what ``write`` writes in the place of ``path``; what was there stays until all is there.

    ``mode`` is the file's permissions. Raises OSError, and what ``write`` raises.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name[:40], suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def claim(path: str | os.PathLike[str]) -> None:
    """Make an empty file of a name that nothing has, to be written or replaced by its maker alone.

    Raises FileExistsError where something has it, also since a moment ago, and other OSErrors.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))


def rename_to_new(old: str, new: str) -> None:
    """Rename a file to a name that nothing has. Raises what ``claim`` raises, and other OSErrors.

    ``os.rename`` alone replaces what has the name on Linux and macOS, and hard links, which would
    do without the claim, are not known to every file system.
    """
    claim(new)
    try:
        os.replace(old, new)
    except OSError:  # nothing else: an interrupt may come when it is done, and the file is there
        os.unlink(new)
        raise
