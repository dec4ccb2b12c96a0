"""Whether a picture's file is gone, or only out of reach: an unplugged drive, a closed folder."""

from __future__ import annotations

import os
from collections.abc import Iterable

from cbir.library import Library
from cbir.records import Record

DRIVE_FOLDERS = ("/media", "/mnt", "/run/media", "/Volumes")
"""Where systems mount drives: a folder missing below one of these is unplugged, not deleted."""


def is_under(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or lies below it; both absolute."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def is_gone(path: str, roots: Iterable[str]) -> bool:
    """Whether the file is not there, though the place where it was can be looked at.

    False for a file that may not be looked at, and for all that lies below a root out of reach.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        holding = [root for root in roots if is_under(path, root)]
        return not out_of_reach(max(holding, key=len) if holding else os.path.dirname(path))
    except OSError:
        return False  # its folder does not let us look
    return False


def out_of_reach(root: str) -> bool:
    """Whether the drive or share that holds ``root`` is not there, as far as can be told.

    So it seems where nothing is in the folder (a mount point without its drive), where it is
    missing below a folder in which drives are mounted, and where its drive letter is unknown.
    """
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except FileNotFoundError:
        drive = os.path.splitdrive(root)[0]
        if drive and not os.path.exists(drive + os.sep):
            return True
        return any(is_under(root, folder) for folder in DRIVE_FOLDERS)
    except OSError:
        return True


def reachable_roots(library: Library) -> list[str]:
    """The folders that the library remembers and that are there now."""
    return [root for root in library.roots if os.path.isdir(root)]


def abandoned_roots(library: Library) -> list[str]:
    """Folders that the library remembers, that are gone, and under which it has no record left."""
    gone = [r for r in library.roots if not os.path.lexists(r) and not out_of_reach(r)]
    if not gone:
        return []
    paths = [record.path for record in library]
    return [root for root in gone if not any(is_under(path, root) for path in paths)]


def missing_records(library: Library) -> list[Record]:
    """Records whose file is gone at this moment, whatever the last indexing knew."""
    roots = library.roots
    return [
        record
        for record in library
        if is_gone(record.path, roots) or (record.missing and not os.path.lexists(record.path))
    ]
