"""Reading a library's files: the ``.npz``, then its journal; damage becomes a sentence.

A crash between a fold's two steps leaves a journal of an older generation than its ``.npz``, which
already holds the first of its changes: these are passed over, by their numbers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cbir.errors import CbirError, LibraryDamaged, LibraryTooNew, OtherFile
from cbir.language import _
from cbir.library import journal
from cbir.library.archive import Archive
from cbir.library.index_file import IndexKey, StoredIndex
from cbir.library.journal import Entry, JournalHead
from cbir.library.layout import (
    Content,
    FormatTooNew,
    Identity,
    NotALibrary,
    read_snapshot,
)
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import WHAT_TO_DO
from cbir.library.wire import decode_change

_TRIES = 5


@dataclass(frozen=True)
class Loaded:
    """What was read: the newest state, and how much of the journal is whole.

    ``journal``: the journal's head, None where there is none. ``journal_end``: byte behind its last
    whole entry. ``torn``: bytes behind that nobody was told of. ``indexes``: what the ``.npz``
    keeps of LSH indexes over its own rows, the first of the snapshot's. ``notice``: a sentence
    about what is not as it should be and is no damage to what was read.
    """

    snapshot: Snapshot
    identity: Identity
    journal: JournalHead | None
    journal_end: int
    torn: int
    indexes: Mapping[IndexKey, StoredIndex]
    notice: str = ""


def journal_path(library: Path) -> Path:
    """Where the journal of a library lies."""
    return library.with_name(f"{library.name}.journal")


def load(path: Path) -> Loaded:
    """Read the newest state of an existing library, also while another process writes it.

    Raises LibraryDamaged, LibraryTooNew, or CbirError where the files cannot be read.
    """
    for _try in range(_TRIES):
        loaded = _load_once(path)
        if loaded is not None:
            return loaded
    raise _damaged(path, _("its journal is newer than the library file"))


def _load_once(path: Path) -> Loaded | None:
    """None where the writer replaced the ``.npz`` after it was read here: read again."""
    content = load_archive(path)
    base, identity, indexes = content.snapshot, content.identity, content.indexes
    beside = journal_path(path)
    if beside.exists() and not beside.is_file():  # opening a FIFO would wait for ever
        raise LibraryDamaged(
            _("The journal {path} is not a file. Put back a copy of it.").format(path=beside)
        )
    try:
        with beside.open("rb") as file:
            head = journal.read_head(file)
            if head.format > journal.FORMAT:
                raise too_new(path)
            if head.library != identity.library:
                raise ValueError(_("it belongs to another library"))
            if head.generation > identity.generation:
                return None
            snapshot, end = base, file.tell()
            older = head.generation < identity.generation
            for entry in journal.read_entries(file, head.sealed):
                if not (older and entry.number <= base.version):
                    snapshot = after_entry(snapshot, entry)
                end = entry.end
            torn = os.fstat(file.fileno()).st_size - end
            return Loaded(snapshot, identity, head, end, torn, indexes)
    except FileNotFoundError:
        begun = identity.generation > 1 or base.version > 0
        return Loaded(base, identity, None, 0, 0, indexes, missing_journal(path) if begun else "")
    except ValueError as error:
        raise LibraryDamaged(
            _(
                "The journal {path} cannot be used: {error}. {what_to_do} Or put back a copy "
                "of it, or move it away to open the library as it last was without one: "
                "without the changes in the journal."
            ).format(path=beside, error=error, what_to_do=WHAT_TO_DO)
        ) from error
    except OSError as error:
        raise unreadable(beside, error) from error


def is_there(path: Path) -> bool:
    """Whether there is a library of this name, or only its journal.

    Raises CbirError where that cannot be told, such as in a folder that does not let us look.
    """
    return any(_has_name(file) for file in (path, journal_path(path)))


def _has_name(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def missing_journal(path: Path) -> str:
    """What to say where there should be a journal and is none."""
    return _(
        "The library's journal {journal} is missing: changes that were made after the "
        "library file was last written as a whole, if there were any, are not here. If "
        "you have that file, put it back before you change anything."
    ).format(journal=journal_path(path))


def after_entry(snapshot: Snapshot, entry: Entry) -> Snapshot:
    """The state behind an entry of the journal; raises ValueError where it is not the next one."""
    if entry.number != snapshot.version + 1:
        raise ValueError(
            _("change {number} is not where it should be").format(number=snapshot.version + 1)
        )
    return snapshot.after(decode_change(entry.payload))


def load_archive(path: Path) -> Content:
    """Read an ``.npz`` without its journal; raises what ``load`` raises."""
    if not path.exists() and journal_path(path).exists():
        raise library_gone(path)
    if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
        raise _not_a_library(path)
    try:
        with Archive(path) as archive:
            return read_snapshot(archive)
    except FormatTooNew as error:
        raise too_new(path) from error
    except NotALibrary as error:
        raise _not_a_library(path) from error
    except ValueError as error:
        if not (_looks_like_archive(path) or journal_path(path).exists()):
            raise _not_a_library(path) from error
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise unreadable(path, error) from error


def library_gone(path: Path) -> LibraryDamaged:
    """What to say where only a journal is left."""
    return LibraryDamaged(
        _(
            "The library {path} is gone, but its journal {journal} is there. Put the library "
            "back; `cbir repair` saves what the journal holds, and deleting the journal "
            "begins a new library."
        ).format(path=path, journal=journal_path(path))
    )


def _looks_like_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def _not_a_library(path: Path) -> OtherFile:
    return OtherFile(
        _("{path} is not a cbir library. Choose another file; this one was left as it is.").format(
            path=path
        )
    )


def _damaged(path: Path, detail: str) -> LibraryDamaged:
    return LibraryDamaged(
        _("The library {path} is damaged: {detail}. {what_to_do} Or put back a copy of it.").format(
            path=path, detail=detail, what_to_do=WHAT_TO_DO
        )
    )


def too_new(path: Path) -> LibraryTooNew:
    """What to say of a file of a later format."""
    return LibraryTooNew(
        _("The library {path} was made by a newer version of cbir. Update cbir to open it.").format(
            path=path
        )
    )


def unreadable(path: Path, error: OSError) -> CbirError:
    """What to say of a file that the system does not let us read."""
    return CbirError(
        _("{path} cannot be read ({reason}).").format(path=path, reason=error.strerror or error)
    )
