"""A library's files: opened for writing, appended to, folded. Knows bytes and files, not searches.

The newest state is the ``.npz`` followed by its journal. Folding writes generation g + 1 whole,
puts it in place, then starts a journal of generation g + 1; a crash between the two leaves a
journal of generation g, whose changes are already in the ``.npz``, so it is passed over.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from cbir.errors import LibraryDamaged, LibraryUnwritable
from cbir.library import journal
from cbir.library.files import flush_folder, make_private_folder, remove_leftovers, replacing
from cbir.library.index_file import IndexKey
from cbir.library.journal import JournalHead, JournalWriter
from cbir.library.layout import Identity, write_snapshot
from cbir.library.loading import Loaded, journal_path, load, load_archive
from cbir.library.lock import WriteLock
from cbir.library.lsh import LshIndex
from cbir.library.snapshot import Change, Snapshot
from cbir.library.wire import encode_change

FOLD_BYTES = 64 << 10
FOLD_SHARE = 2


class Store:
    """The files of one library, open for writing; one thread at a time may call it."""

    def __init__(self, path: Path, lock: WriteLock, loaded: Loaded) -> None:
        self._path = path
        self._lock = lock
        self._identity = loaded.identity
        self._base_bytes = path.stat().st_size
        self._journal: JournalWriter | None = None
        self.snapshot = loaded.snapshot
        self.indexes = loaded.indexes
        if loaded.journal_end is not None:
            self._journal = JournalWriter(journal_path(path), loaded.journal_end)

    @staticmethod
    def open(path: Path, patience: float = 0.0) -> Store | str:
        """Open a library for writing, made new where there is none.

        A sentence instead where it can only be read, after waiting ``patience`` seconds for another
        writer to end. Raises LibraryDamaged, LibraryTooNew, and
        LibraryUnwritable where a new one cannot be made.
        """
        if not path.exists():
            with unwritable(path):
                make_private_folder(path.parent)
        lock = WriteLock(path)
        refused = lock.take(patience)
        try:
            if refused is None:
                return Store._open_locked(path, lock)
        except LibraryUnwritable as error:
            lock.release()
            refused = str(error.__cause__)
        except BaseException:
            lock.release()
            raise
        if not path.exists():
            raise LibraryUnwritable(f"The library {path} cannot be made: {refused}.")
        return f"This library is open for reading only: {refused}."

    @staticmethod
    def _open_locked(path: Path, lock: WriteLock) -> Store:
        with unwritable(path):
            remove_leftovers(path)
            remove_leftovers(journal_path(path))
        if not path.exists():
            _create(path)
        loaded = load(path)
        with unwritable(path):
            return Store(path, lock, loaded)

    @property
    def journal_bytes(self) -> int:
        """The journal's size."""
        return self._journal.end if self._journal else 0

    @property
    def journal_holds_changes(self) -> bool:
        """Whether the journal says anything that the ``.npz`` does not."""
        return self.journal_bytes > journal.HEAD_BYTES

    @property
    def needs_fold(self) -> bool:
        """Whether the journal has grown past a share of the ``.npz``."""
        return self.journal_bytes > max(FOLD_BYTES, self._base_bytes // FOLD_SHARE)

    def append(self, change: Change, version: int) -> None:
        """Make the change that leads to ``version`` durable.

        Raises LibraryUnwritable, with the files as they were.
        """
        with unwritable(self._path):
            if self._journal is None:
                self._journal = self._fresh_journal()
            self._journal.append(version, encode_change(change))

    def fold(
        self, snapshot: Snapshot, indexes: Mapping[IndexKey, LshIndex] = MappingProxyType({})
    ) -> Snapshot:
        """Write ``snapshot``, the newest state, as the whole ``.npz``, and start a fresh journal.

        ``indexes`` are those of its living rows by id.
        Returns the same state read from the new file. Raises LibraryUnwritable: what was
        acknowledged is then still there, in the old files or the new one.
        """
        identity = replace(self._identity, generation=self._identity.generation + 1)
        with unwritable(self._path), replacing(self._path) as file:
            write_snapshot(file, snapshot, identity, indexes)
        # From here on the old journal is passed over: nothing may be appended to it any more.
        self._identity = identity
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        with unwritable(self._path):
            self._base_bytes = self._path.stat().st_size
            self._journal = self._fresh_journal()
        # What was read at first is let go of, so that the system can free the old file.
        self.snapshot, self.indexes = load_archive(self._path).snapshot, {}
        return self.snapshot

    def _fresh_journal(self) -> JournalWriter:
        path = journal_path(self._path)
        # The renamed .npz must be durable before the journal that its changes came from goes.
        flush_folder(path.parent)
        journal.create_journal(path, JournalHead(self._identity.library, self._identity.generation))
        return JournalWriter(path, journal.HEAD_BYTES)

    def close(self) -> None:
        """Close the journal and let another process write; nothing is folded."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._lock.release()


def _create(path: Path) -> None:
    beside = journal_path(path)
    if beside.exists():
        raise LibraryDamaged(
            f"The library {path} is gone, but its journal {beside} is there. Put the library back, "
            "or delete the journal to begin a new library."
        )
    with unwritable(path), replacing(path) as file:
        write_snapshot(file, Snapshot.empty(), Identity(uuid.uuid4().bytes, 1))
    with unwritable(path):
        flush_folder(path.parent)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Turns OSError into LibraryUnwritable with a sentence."""
    try:
        yield
    except OSError as error:
        raise LibraryUnwritable(
            f"The library {path} could not be written ({error.strerror or error}). Nothing that "
            "was saved before is lost: make room or give permission, then try again."
        ) from error
