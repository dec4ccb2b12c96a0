"""Reading a library's files: the ``.npz``, then its journal; damage becomes a sentence.

A crash between a fold's two steps leaves a journal of an older generation than its ``.npz``, which
already holds its changes: such a journal is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cbir.errors import CbirError, LibraryDamaged, LibraryTooNew
from cbir.library import journal
from cbir.library.archive import Archive
from cbir.library.index_file import IndexKey, StoredIndex
from cbir.library.layout import (
    Content,
    FormatTooNew,
    Identity,
    NotALibrary,
    read_snapshot,
)
from cbir.library.snapshot import Snapshot
from cbir.library.wire import decode_change

_TRIES = 5


@dataclass(frozen=True)
class Loaded:
    """What was read: the newest state, and how much of the journal is whole.

    ``journal_end``: byte behind the last whole entry, None where the journal is missing or of an
    older generation. ``torn``: bytes behind it that nobody was told of. ``indexes``: what the
    ``.npz`` keeps of LSH indexes over its own rows, the first of the snapshot's.
    """

    snapshot: Snapshot
    identity: Identity
    journal_end: int | None
    torn: int
    indexes: Mapping[IndexKey, StoredIndex]


def journal_path(library: Path) -> Path:
    """Where the journal of a library lies."""
    return library.with_name(f"{library.name}.journal")


def load(path: Path) -> Loaded:
    """Read the newest state of an existing library, also while another process writes it.

    Raises LibraryDamaged, LibraryTooNew, or CbirError where the files cannot be read.
    """
    for _ in range(_TRIES):
        loaded = _load_once(path)
        if loaded is not None:
            return loaded
    raise _damaged(path, "its journal is newer than the library file")


def _load_once(path: Path) -> Loaded | None:
    """None where the writer replaced the ``.npz`` after it was read here: read again."""
    content = load_archive(path)
    base, identity, indexes = content.snapshot, content.identity, content.indexes
    beside = journal_path(path)
    try:
        with beside.open("rb") as file:
            head = journal.read_head(file)
            if head.format > journal.FORMAT:
                raise _too_new(path)
            if head.library != identity.library:
                raise ValueError("it belongs to another library")
            if head.generation > identity.generation:
                return None
            if head.generation < identity.generation:
                return Loaded(base, identity, None, 0, indexes)
            snapshot, end = base, file.tell()
            for entry in journal.read_entries(file):
                if entry.number != snapshot.version + 1:
                    raise ValueError(f"change {snapshot.version + 1} is not where it should be")
                snapshot, end = snapshot.after(decode_change(entry.payload)), entry.end
            torn = os.fstat(file.fileno()).st_size - end
            return Loaded(snapshot, identity, end, torn, indexes)
    except FileNotFoundError:
        return Loaded(base, identity, None, 0, indexes)
    except ValueError as error:
        raise LibraryDamaged(
            f"The journal {beside} cannot be used: {error}. Put back a copy of it, or move it away "
            "to open the library as it last was without one: without the changes in the journal."
        ) from error
    except OSError as error:
        raise unreadable(beside, error) from error


def load_archive(path: Path) -> Content:
    """Read an ``.npz`` without its journal; raises what ``load`` raises."""
    if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
        raise _not_a_library(path)
    try:
        with Archive(path) as archive:
            return read_snapshot(archive)
    except FormatTooNew as error:
        raise _too_new(path) from error
    except NotALibrary as error:
        raise _not_a_library(path) from error
    except ValueError as error:
        if not _looks_like_archive(path):
            raise _not_a_library(path) from error
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _looks_like_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def _not_a_library(path: Path) -> LibraryDamaged:
    return LibraryDamaged(
        f"{path} is not a cbir library. Choose another file; this one was left as it is."
    )


def _damaged(path: Path, detail: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"The library {path} is damaged: {detail}. Put back a copy of it, or move it away and "
        "index again."
    )


def _too_new(path: Path) -> LibraryTooNew:
    return LibraryTooNew(
        f"The library {path} was made by a newer version of cbir. Update cbir to open it."
    )


def unreadable(path: Path, error: OSError) -> CbirError:
    """What to say of a file that the system does not let us read."""
    return CbirError(f"{path} cannot be read ({error.strerror or error}).")
