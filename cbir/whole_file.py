"""Writing a small file whole or not at all, and giving files names that nothing else has."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_FOLLOWS = os.link not in os.supports_follow_symlinks  # Windows links what a link leads to
_NO_LINKS = (errno.EPERM, errno.EINVAL, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP)


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
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def rename_to_new(old: str, new: str) -> None:
    """Rename a file to a name that nothing has. Raises FileExistsError, and other OSErrors.

    ``os.rename`` replaces what has the name on Linux and macOS, a hard link never does. Where a
    file system has none (FAT, some network drives), it is looked at first.
    """
    try:
        os.link(old, new, follow_symlinks=_FOLLOWS)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new) from error
        os.rename(old, new)
        return
    with suppress(FileNotFoundError):  # another program took the old name away: it is as wished
        os.unlink(old)
