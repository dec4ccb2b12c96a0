"""A state of a library as a new library of its own: its file and an empty journal beside it."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from cbir.errors import CbirError
from cbir.language import _
from cbir.library import files
from cbir.library.files import drafting
from cbir.library.index_file import IndexKey
from cbir.library.journal import JournalHead, create_journal
from cbir.library.layout import Identity, write_snapshot
from cbir.library.loading import journal_path, load_archive
from cbir.library.lsh import LshIndex
from cbir.library.snapshot import Snapshot
from cbir.library.store import unwritable


def is_taken(target: Path) -> bool:
    """Whether something has the name of a new library, or of its journal."""
    return os.path.lexists(target) or os.path.lexists(journal_path(target))


def _taken(target: Path) -> CbirError:
    return CbirError(
        _("{path} is there already: choose a name that nothing has.").format(path=target)
    )


def write_new(
    target: Path,
    snapshot: Snapshot,
    indexes: Mapping[IndexKey, LshIndex] = MappingProxyType({}),
    pause: Callable[[], None] = lambda: None,
) -> Snapshot:
    """Write ``snapshot`` as a new library at ``target``, a name that nothing has; as read back.

    ``indexes`` and ``pause`` are as in ``write_snapshot``. Raises LibraryUnwritable, LibraryDamaged
    where vectors are not whole, and CbirError where ``target`` is taken; then nothing is there.
    """
    if is_taken(target):
        raise _taken(target)
    identity = Identity(uuid.uuid4().bytes, 1)
    with unwritable(target), drafting(target) as draft:
        write_snapshot(draft.file, snapshot, identity, indexes, pause)
        draft.seal()
        written = load_archive(draft.path).snapshot
        if is_taken(target):  # writing took a while
            raise _taken(target)
        draft.publish()
        try:
            files.DISK.flush_folder(target.parent)
            create_journal(journal_path(target), JournalHead(identity.library, identity.generation))
            files.DISK.flush_folder(target.parent)
        except BaseException:  # a library without its journal would be told as incomplete
            for path in (target, journal_path(target)):
                with contextlib.suppress(OSError):
                    files.DISK.remove(path)
            raise
    return written
