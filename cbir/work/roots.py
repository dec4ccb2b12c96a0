"""Whether a picture's file is gone, or only out of reach: an unplugged drive, a closed folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

from cbir.library import Library
from cbir.records import Record
from cbir.work.worker import JobRun

DRIVE_FOLDERS = ("/media", "/mnt", "/run/media", "/Volumes")
"""Where systems mount drives: a folder missing below one of these is unplugged, not deleted."""
_LOOKING = 200  # records between two progress messages


def is_under(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or lies below it; both absolute."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def is_gone(path: str, roots: Iterable[str]) -> bool:
    """Whether the file is not there, though the root that holds it is.

    False for a file that may not be looked at, and for all below a root that cannot be reached.
    """
    return _is_absent(path) and not _seems_unplugged(_root_of(path, roots))


def has_left(path: str, roots: Iterable[str]) -> bool:
    """Whether the file is no longer there, its root perhaps deleted or renamed with it.

    Enough to take an equal file elsewhere for this one, moved; not enough to call it missing.
    """
    root = _root_of(path, roots)
    return _is_absent(path) and (_is_deleted(root) or not _seems_unplugged(root))


def _is_absent(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # its folder does not let us look
    return False


def _root_of(path: str, roots: Iterable[str]) -> str:
    holding = [root for root in roots if is_under(path, root)]
    return max(holding, key=len) if holding else os.path.dirname(path)


def _seems_unplugged(root: str) -> bool:
    """Whether a root is not there, may not be listed, or is empty as an unused mount point is."""
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _is_deleted(root: str) -> bool:
    """Whether a root is not there although its drive is: no drive letter or mount folder lacks."""
    drive = os.path.splitdrive(root)[0]
    if drive and not os.path.exists(drive + os.sep):
        return False
    return _is_absent(root) and not any(is_under(root, folder) for folder in DRIVE_FOLDERS)


def reachable_roots(library: Library) -> list[str]:
    """The folders that the library remembers and that are there now."""
    return [root for root in library.roots if os.path.isdir(root)]


def roots_out_of_reach(library: Library) -> tuple[str, ...]:
    """The folders that the library remembers and that are not there now."""
    return tuple(root for root in library.roots if not os.path.isdir(root))


def abandoned_roots(library: Library) -> list[str]:
    """Folders that the library remembers, that are gone, and under which it has no record left."""
    gone = [root for root in library.roots if _is_deleted(root)]
    if not gone:
        return []
    paths = [record.path for record in library]
    return [root for root in gone if not any(is_under(path, root) for path in paths)]


def one_by_one(run: JobRun, records: Collection[Record]) -> Iterator[Record]:
    """The records, for a look at the file of each, which may take long; tells how far it is.

    Raises JobCancelled where the job was asked to end.
    """
    for done, record in enumerate(records):
        run.check()
        if done % _LOOKING == 0:
            run.progress(done, len(records), record.path)
        yield record


def missing_records(run: JobRun, library: Library) -> list[Record]:
    """Records whose file is gone at this moment, whatever the last indexing knew."""
    roots = library.roots
    return [
        record
        for record in one_by_one(run, library)
        if is_gone(record.path, roots) or (record.missing and not os.path.lexists(record.path))
    ]
