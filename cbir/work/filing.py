"""Jobs that touch picture files: rename one, move some to the trash; their records follow."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from cbir.errors import CbirError
from cbir.images import load_metadata
from cbir.images.formats import EXTENSIONS, extension_of, family, format_named
from cbir.language import _, kept
from cbir.library import Library, Undone, UserCommand
from cbir.records import Record
from cbir.whole_file import rename_to_new
from cbir.work import editing
from cbir.work.messages import LibraryChanged
from cbir.work.worker import JobCancelled, JobRun

_LONGEST_NAME = 255  # bytes, on nearly all file systems
_REPLACED = "\ufffd"  # what a name that is not UTF-8 is shown with
_LONGEST_TOLD = 32  # characters
_RENAME = kept("rename {old} to {new}")
_log = logging.getLogger(__name__)

Forget = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True)
class TrashReport:
    """The ``ids`` of records whose files went to the trash, and the files that did not, and why."""

    ids: tuple[int, ...]
    kept: tuple[tuple[str, str], ...] = ()


# -- renaming -----------------------------------------------------------------------------------


def renamed_path(path: str, typed: str) -> str:
    """The path of a file that is to have the name that was typed, in the same folder.

    An ending is kept unless a picture's ending was typed. Raises CbirError for what cannot be a
    name.
    """
    name, ending = typed.strip(), os.path.splitext(path)[1]
    if extension_of(name) not in {*EXTENSIONS, ending.lower()}:
        name += ending
    separators = {os.sep, os.altsep or os.sep, "\0", "\n"}
    if typed.strip() in ("", ending) or separators & set(name):
        raise CbirError(
            _("“{typed}” cannot be a file's name: use words without {sep}.").format(
                typed=typed, sep=os.sep
            )
        )
    if _REPLACED in name and _REPLACED not in path:
        raise CbirError(
            _("The sign \ufffd stands for something that cannot be shown: type it anew.")
        )
    if len(os.fsencode(name)) > _LONGEST_NAME:
        raise CbirError(_("This name is too long: 255 bytes are the most."))
    return os.path.join(os.path.dirname(path), name)


def _check_ending(old: str, new: str) -> None:
    """Raise CbirError where a file would get the ending of another kind of picture than it is.

    By its content; where that tells nothing, by the ending it has.
    """
    had, ending = extension_of(old), extension_of(new)
    if ending == had:
        return
    kind = load_metadata(old).format
    wanted = family(kind) or format_named(had)
    if wanted and format_named(ending) != wanted:
        raise CbirError(
            _(
                "The picture is of the kind {kind}, which the ending {ending} does not fit: leave "
                "the ending out, and it stays as it is."
            ).format(kind=kind or wanted, ending=ending)
        )


def rename(
    run: JobRun, library: Library, id_: int, typed: str, forget: Forget = lambda paths: None
) -> Record:
    """Give a picture's file another name, and its record with it; the record as it is now.

    ``forget`` gets the path it had. Where the record cannot be changed, the file gets its name
    back. Raises CbirError (no name, one that is taken, one with the ending of another kind of
    picture, no permission), RecordNotFound, UnreadableImage, LibraryReadOnly, LibraryUnwritable.
    """
    record = library.get(id_)
    path = renamed_path(record.path, typed)
    if path == record.path:
        return record
    other = library.find(path)
    if other is not None and other.id != id_:
        raise CbirError(
            _("There is a picture {name} in the library already: choose another name.").format(
                name=os.path.basename(path)
            )
        )
    _check_ending(record.path, path)
    _move(record.path, path)
    title = _RENAME.format(old=_told(record.path), new=_told(path))
    try:
        _point_to(library, id_, path, editing.new_command(title))
    except BaseException:
        _move(path, record.path)
        raise
    forget([record.path])
    run.post(LibraryChanged(library.version, len(library)))
    return library.get(id_)


def _told(path: str) -> str:
    """A file's name in the title of a command: not too long, and plain text."""
    name = os.fsencode(os.path.basename(path)).decode("utf-8", "replace")
    return name if len(name) <= _LONGEST_TOLD else f"{name[: _LONGEST_TOLD - 1]}…"


def _move(old: str, new: str) -> None:
    """Rename a file, and never replace another one."""
    try:
        if os.path.lexists(new) and _differ_by_case(old, new):
            os.rename(old, new)
        else:
            rename_to_new(old, new)
    except FileExistsError as error:
        raise CbirError(
            _("There is a file {new} already: choose another name.").format(new=new)
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise CbirError(
            _("{old} cannot be renamed ({reason}).").format(old=old, reason=reason)
        ) from error


def _differ_by_case(old: str, new: str) -> bool:
    """Whether both names are one entry of a folder where ``sea.jpg`` and ``Sea.jpg`` are one.

    Being the same file is not enough: a link and what it leads to are, and so are two hard links.
    """
    alike = old != new and old.casefold() == new.casefold()
    return alike and os.path.samestat(os.lstat(old), os.lstat(new))


def _point_to(library: Library, id_: int, path: str, command: UserCommand | None) -> None:
    library.amend(
        [id_],
        lambda record: replace(record, file=replace(record.file, path=path)),
        command=command,
    )


def undo(run: JobRun, library: Library) -> Undone:
    """Take the last command back; a file that it renamed gets its name back.

    Where the file cannot have it, its record stays with the file. Raises CbirError then; else
    what ``editing.undo`` raises. A file that was moved meanwhile by other means is left alone.
    """
    if not library.undoable.startswith(_RENAME.partition("{")[0]):
        return editing.undo(run, library)
    before = {record.id: record.path for record in library}
    undone = editing.undo(run, library)
    for record in undone.records:
        now = before[record.id]
        if now == record.path or not os.path.lexists(now):
            continue
        try:
            _move(now, record.path)
        except CbirError:
            _point_to(library, record.id, now, None)
            run.post(LibraryChanged(library.version, len(library)))
            raise
    return undone


# -- the trash ----------------------------------------------------------------------------------


def trash(
    run: JobRun,
    library: Library,
    ids: Sequence[int],
    forget: Forget = lambda paths: None,
    throw: Callable[[str], None] | None = None,
) -> TrashReport:
    """Move pictures' files to the system's trash, and remove the records of those that went.

    Cancelled, its result is the report of those that had gone. ``throw`` moves one file
    to the trash, and raises OSError where it cannot. Undo brings the records back, not
    the files. Raises LibraryReadOnly, LibraryUnwritable: then the records are left without files.
    """
    throw = throw or _system_trash()
    gone: list[int] = []
    kept: list[tuple[str, str]] = []
    for done, record in enumerate(library.get(id_) for id_ in ids if id_ in library):
        if run.job.cancelled:
            break
        run.progress(done, len(ids))
        reason = _thrown(record.path, throw)
        if reason:
            kept.append((record.path, reason))
        else:
            gone.append(record.id)
    if gone:
        editing.remove(run, library, gone, forget)
    report = TrashReport(tuple(gone), tuple(kept))
    if run.job.cancelled:
        raise JobCancelled(report)
    return report


def _system_trash() -> Callable[[str], None]:
    from send2trash import send2trash  # noqa: PLC0415 - on Linux it may load the desktop's own

    return cast("Callable[[str], None]", send2trash)


def _thrown(path: str, throw: Callable[[str], None]) -> str:
    """Throw a file away; why it stays, "" where it went."""
    if not os.path.lexists(path):
        return _("the file is not there")
    try:
        throw(path)
    except OSError as error:
        return error.strerror or str(error) or _("there is no trash for this folder")
    except Exception as error:  # noqa: BLE001 - whatever a desktop's trash raises, others go on
        _log.exception("unexpected error in moving %r to the trash", path)
        return str(error) or type(error).__name__
    return ""
