"""A folder that is elsewhere now: its records follow at once. No file is touched."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cbir.errors import CbirError
from cbir.images.files import mtime_of, open_file
from cbir.language import _, kept
from cbir.library import Library
from cbir.records import ImageFile, Record
from cbir.work.editing import new_command
from cbir.work.messages import LibraryChanged
from cbir.work.roots import is_under, one_by_one
from cbir.work.worker import JobRun

_ONE_MOVED = kept("locate a folder of {count} picture")
_MANY_MOVED = kept("locate a folder of {count} pictures")


@dataclass(frozen=True, slots=True)
class LostFolder:
    """A folder of which so many pictures are ``missing``.

    ``nearest`` is itself where it is there, else the nearest folder above it that is.
    """

    path: str
    missing: int
    nearest: str


@dataclass(frozen=True, slots=True)
class Move:
    """What a folder's move does, or would do.

    ``records``: how many records below the old folder have lost their file. Of these, ``found``
    have it at the same place below the new one; ``different`` have another file there, ``taken``
    one that has a record of its own, and the others none.
    """

    old: str
    new: str
    records: int
    found: int
    different: int
    taken: int

    @property
    def absent(self) -> int:
        """How many have no file below the new folder."""
        return self.records - self.found - self.different - self.taken


def lost_folders(run: JobRun, library: Library) -> tuple[LostFolder, ...]:
    """The folders, by path, whose pictures' files are not there at this moment.

    Where a whole folder is gone, with all that holds it up to one that is there, it is listed once
    for all below it.
    """
    looked = one_by_one(run, library)
    lost = [record.path for record in looked if not os.path.lexists(record.path)]
    return folders_of(lost, library.roots)


def folders_of(lost: Iterable[str], roots: tuple[str, ...]) -> tuple[LostFolder, ...]:
    """The folders, by path, in which these files were; those gone as ``lost_folders`` lists them.

    ``roots`` are the library's.
    """
    counts = Counter(map(os.path.dirname, lost))
    tops: Counter[str] = Counter()
    for folder, count in counts.items():
        tops[_highest_gone(folder, roots)] += count
    return tuple(LostFolder(path, count, _nearest(path)) for path, count in sorted(tops.items()))


def _highest_gone(folder: str, roots: tuple[str, ...]) -> str:
    """The highest folder that is gone, none above an indexed one; ``folder`` if it is there."""
    limits = [root for root in roots if is_under(folder, root)]
    limit = min(limits, key=len) if limits else folder
    highest = folder
    while not os.path.isdir(highest) and highest != limit:
        above = os.path.dirname(highest)
        if os.path.isdir(above):
            break
        highest = above
    return highest


def _nearest(folder: str) -> str:
    """The folder, or the nearest one above it that is there."""
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def preview_move(run: JobRun, library: Library, old: str, new: str) -> Move:
    """What ``move_folder`` would do, as far as names and sizes tell: no file is opened.

    Where it would find nothing, what it would do with the folder directly in the new one that
    holds most of the pictures, if one holds any: then that is the move's ``new``.

    Raises CbirError where there is nothing to move, or the new folder is none.
    """
    move = _preview(run, library, old, new)
    if move.found:
        return move
    within = [_preview(run, library, old, folder) for folder in _promising(run, library, move)]
    best = max(within, key=lambda one: one.found, default=move)
    return best if best.found else move


def _preview(run: JobRun, library: Library, old: str, new: str) -> Move:
    return _move(run, library, old, new, lambda record, file: True)[0]


def _promising(run: JobRun, library: Library, move: Move) -> list[str]:
    """The folders directly in the new one with an entry named like one directly in the old one."""
    below = library.paths_below([move.old])
    names = {os.path.relpath(path, move.old).split(os.sep, 1)[0] for path in below}
    promising = []
    for folder in _folders_in(move.new):
        run.check()
        run.progress(0, None, folder)
        if folder != move.old and not names.isdisjoint(_names_in(folder)):
            promising.append(folder)
    return promising


def _folders_in(folder: str) -> list[str]:
    return [path for name in _names_in(folder) if os.path.isdir(path := os.path.join(folder, name))]


def _names_in(folder: str) -> list[str]:
    """What is in a folder, by name; nothing where it may not be listed."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def move_folder(run: JobRun, library: Library, old: str, new: str) -> Move:
    """Point the records below ``old`` whose files are found below ``new`` to these, in one change.

    Tags, notes and vectors stay, and undo takes all of it back. A file that has the size but not
    the time of the old one is read, to see that it is the same. The new folder becomes one of the
    library's, where the old one was. Raises what ``preview_move`` raises, LibraryReadOnly and
    LibraryUnwritable.
    """
    move, files = _move(run, library, old, new, _is_same)
    if files:
        title = (_ONE_MOVED if len(files) == 1 else _MANY_MOVED).format(count=f"{len(files):,}")
        library.amend(
            list(files),
            lambda record: replace(record, file=files[record.id], missing=False),
            command=new_command(title),
            roots=_new_roots(library.roots, move, [file.path for file in files.values()]),
        )
        run.post(LibraryChanged(library.version, len(library)))
    return move


def _new_roots(roots: Sequence[str], move: Move, found: Sequence[str]) -> list[str]:
    """Where the roots below the old folder are now, as far as files were found there.

    The new folder itself where it lies below none of all these.
    """
    below = [_rebased(root, move.old, move.new) for root in roots if is_under(root, move.old)]
    moved = [root for root in below if any(is_under(path, root) for path in found)]
    if any(is_under(move.new, root) for root in (*roots, *moved)):
        return moved
    return [*moved, move.new]


def _move(
    run: JobRun,
    library: Library,
    old: str,
    new: str,
    same: Callable[[Record, ImageFile], bool],
) -> tuple[Move, dict[int, ImageFile]]:
    old, new = os.path.abspath(old), os.path.abspath(new)
    _check(old, new)
    files: dict[int, ImageFile] = {}
    lost = different = taken = 0
    for record in one_by_one(run, _records_below(library, old)):
        if os.path.lexists(record.path):
            continue
        lost += 1
        path = _rebased(record.path, old, new)
        file = _file_at(path, record.file)
        if file is None:
            different += os.path.lexists(path)
        elif library.find(path) is not None:
            taken += 1
        elif same(record, file):
            files[record.id] = file
        else:
            different += 1
    if not lost:
        raise CbirError(_("{path}: the library misses no file there or below it.").format(path=old))
    return Move(old, new, lost, len(files), different, taken), files


def _check(old: str, new: str) -> None:
    if old == new:
        raise CbirError(_("{path} is both the old and the new folder.").format(path=old))
    if not os.path.isdir(new):
        raise CbirError(
            _(
                "{path} is no folder that is there: name the one that the pictures are in now."
            ).format(path=new)
        )


def _records_below(library: Library, folder: str) -> list[Record]:
    found = (library.find(path) for path in library.paths_below([folder]))
    return [record for record in found if record is not None]


def _rebased(path: str, old: str, new: str) -> str:
    """Where a path below ``old`` is below ``new``."""
    return os.path.normpath(os.path.join(new, os.path.relpath(path, old)))


def _file_at(path: str, known: ImageFile) -> ImageFile | None:
    """The file there, as it would be that picture's; None where there is none of that size."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size != known.size:
        return None
    return replace(known, path=path, mtime_ns=mtime_of(found))


def _is_same(record: Record, file: ImageFile) -> bool:
    """Whether a file of the right size has the picture's content; read only if its time differs."""
    if file.mtime_ns == record.file.mtime_ns:
        return True
    try:
        with open_file(file.path) as opened:
            return opened.digest() == record.file.digest
    except (OSError, CbirError):
        return False
