"""A library's files: opened for writing, appended to, folded. Knows bytes and files, not searches.

The newest state is the ``.npz`` followed by its journal, whose entries bear the numbers of the
versions that they lead to. A fold writes a state as a whole ``.npz`` of the next generation while
changes go on being appended. Then it puts that in place, and a journal of the changes since in
place of the old one. A crash between the two leaves the old journal: its first entries are in the
``.npz`` already and are passed over.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from cbir.errors import LibraryUnwritable
from cbir.language import _
from cbir.library import files, journal
from cbir.library.files import Draft, drafting, remove_leftovers, replacing
from cbir.library.index_file import IndexKey
from cbir.library.journal import JournalHead, JournalWriter
from cbir.library.layout import FORMAT, Identity, write_snapshot
from cbir.library.loading import Loaded, journal_path, library_gone, load, load_archive
from cbir.library.lock import BUSY, WriteLock
from cbir.library.lsh import LshIndex
from cbir.library.snapshot import Change, Snapshot
from cbir.library.wire import encode_change

FOLD_BYTES = 64 << 10
FOLD_SHARE = 2
_MAKING_SECONDS = 0.5
_LOOK_SECONDS = 0.01

_log = logging.getLogger(__name__)


class Store:
    """The files of one library, open for writing; one thread at a time may call it.

    A ``fold`` may be written beside that, by another thread. ``overdue``: one was due when the
    library was opened, so it was dropped before.
    """

    def __init__(self, path: Path, lock: WriteLock, loaded: Loaded) -> None:
        self._path = path
        self._lock = lock
        self._identity = loaded.identity
        self._base_bytes = path.stat().st_size
        self._journal: JournalWriter | None = None
        # Whoever made these files may not have come to making their names durable.
        self._folder_flushed = False
        self._backup: Path | None = None
        self.snapshot = loaded.snapshot
        self.indexes = loaded.indexes
        self.notice = loaded.notice
        self.closed = False
        if loaded.journal is not None:
            self._journal = JournalWriter(journal_path(path), loaded.journal_end, loaded.journal)
            self._journal.open()
        self.overdue = self.needs_fold

    @staticmethod
    def open(path: Path, patience: float = 0.0) -> Store | str:
        """Open a library for writing, made new where there is none.

        A sentence instead where it can only be read, after waiting ``patience`` seconds for another
        writer to end. Raises LibraryDamaged, LibraryTooNew, and
        LibraryUnwritable where a new one cannot be made.
        """
        if not path.exists():
            with unwritable(path):
                files.DISK.make_folder(path.parent)
        lock = WriteLock(path)
        refused = lock.take(patience)
        try:
            if refused is None:
                return Store._open_locked(path, lock)
        except LibraryUnwritable as error:
            lock.release()
            cause = error.__cause__
            refused = (cause.strerror if isinstance(cause, OSError) else None) or str(cause)
        except BaseException:
            lock.release()
            raise
        if not (path.exists() or (refused == BUSY and _appears(path))):
            raise LibraryUnwritable(
                _("The library {path} cannot be made: {refused}.").format(
                    path=path, refused=refused
                )
            )
        return _("This library is open for reading only: {refused}.").format(refused=refused)

    @staticmethod
    def _open_locked(path: Path, lock: WriteLock) -> Store:
        with unwritable(path):
            backups = [_backup_of(path, number) for number in range(1, FORMAT)]
            for file in (path, *backups):
                remove_leftovers(file)
                remove_leftovers(journal_path(file))
        if not path.exists():
            _create(path)
        loaded = load(path)
        with unwritable(path):
            return Store(path, lock, loaded)

    @property
    def format(self) -> int:
        """The number of the format that the ``.npz`` has; ``fold`` brings it up to date."""
        return self._identity.format

    @property
    def outdated(self) -> bool:
        """Whether the ``.npz`` has an older format than this program writes."""
        return self.format < FORMAT

    @property
    def journal_bytes(self) -> int:
        """The journal's size."""
        return self._journal.end if self._journal else 0

    @property
    def journal_holds_changes(self) -> bool:
        """Whether the journal says anything that the ``.npz`` may not."""
        return self._journal is not None and not self._journal.is_empty

    @property
    def needs_fold(self) -> bool:
        """Whether the journal has grown past a share of the ``.npz``, or that is of old format."""
        grown = self.journal_bytes > max(FOLD_BYTES, self._base_bytes // FOLD_SHARE)
        return grown or self.outdated

    def append(self, change: Change, version: int) -> None:
        """Make the change that leads to ``version`` durable.

        Raises LibraryUnwritable, with the files as they were.
        """
        with unwritable(self._path):
            writer = self._journal
            if writer is None or writer.is_gone:
                writer = self._begin_journal(0, writer.generation if writer else None)
            self._flush_folder()
            writer.append(version, encode_change(change))

    def begin_fold(self, version: int) -> FoldPoint:
        """Where a fold of the newest state, which is ``version``, begins."""
        self._forget_after(version)
        identity = replace(self._identity, generation=self._identity.generation + 1, format=FORMAT)
        return FoldPoint(identity, self._journal.entry_bytes if self._journal else 0)

    @contextmanager
    def folded(
        self,
        point: FoldPoint,
        snapshot: Snapshot,
        indexes: Mapping[IndexKey, LshIndex] = MappingProxyType({}),
        pause: Callable[[], None] = lambda: None,
    ) -> Iterator[Folded]:
        """Write ``snapshot``, the state at ``point``, as a whole file that has no place yet.

        ``indexes`` are those of its living rows by id; ``pause`` is as in ``write_snapshot``. May
        run beside everything else. Raises LibraryUnwritable, and LibraryDamaged where vectors are
        not whole; what was acknowledged is then still there.
        """
        with unwritable(self._path), drafting(self._path) as draft:
            if self.outdated and self._backup is None:
                self._backup = self._back_up()
            write_snapshot(draft.file, snapshot, point.identity, indexes, pause)
            draft.seal()
            # What cannot be read back never takes the place of what can.
            yield Folded(point, draft, load_archive(draft.path).snapshot)

    def put_in_place(self, folded: Folded, version: int) -> bool:
        """Make a fold the ``.npz``, and begin a journal of what came since, up to ``version``.

        False where no new journal could be begun: the old one goes on.

        Raises LibraryUnwritable; all that was acknowledged is then still there.
        """
        self._forget_after(version)
        if self._backup is not None:
            self._back_up_journal(self._backup)
        folded.draft.publish()
        self._identity = folded.point.identity
        self.overdue = False
        self._base_bytes = self._path.stat().st_size
        # What was read at first is let go of, so that the system can free the old file.
        self.snapshot, self.indexes = folded.snapshot, {}
        self._backup = None
        try:
            self._begin_journal(folded.point.folded_bytes)
        except OSError as error:
            # What the old one holds beyond the new .npz is found by its numbers.
            _log.warning("the journal of %s goes on unfolded: %s", self._path, error)
            return False
        return True

    def _back_up(self) -> Path:
        """Keep the ``.npz`` of an older format, as a library of its own; where it is."""
        first = _backup_of(self._path, self.format)
        if first.exists() and first.samefile(self._path):  # from a fold that was dropped
            return first
        backup = _unused(first)
        files.keep(self._path, backup)
        return backup

    def _back_up_journal(self, backup: Path) -> None:
        """Copy the journal beside a backup, which may be written on no more."""
        try:
            if self._journal is not None and not journal_path(backup).exists():
                files.copy(journal_path(self._path), journal_path(backup))
            files.DISK.flush_folder(self._path.parent)
        except OSError:
            with suppress(OSError):
                files.DISK.remove(journal_path(backup))
                files.DISK.remove(backup)
            self._backup = None
            raise

    def _begin_journal(self, since: int, generation: int | None = None) -> JournalWriter:
        """Put a fresh journal in place, with the old one's entries behind ``since`` bytes of them.

        ``generation`` is that of the ``.npz`` it was begun for, otherwise the present one.
        """
        path = journal_path(self._path)
        # The renamed .npz must be durable before the journal that its changes came from goes.
        files.DISK.flush_folder(path.parent)
        old = self._journal
        entries = old.entries(since) if old is not None else b""
        if old is not None and not files.MAPPED_FILES_CAN_BE_REPLACED:
            old.release()
        head = JournalHead(self._identity.library, generation or self._identity.generation)
        journal.create_journal(path, head, entries)
        self._journal = JournalWriter(path, head.bytes + len(entries), head)
        self._folder_flushed = False
        if old is not None:
            old.release()
        self._flush_folder()
        return self._journal

    def _flush_folder(self) -> None:
        """Make a journal's new name durable, before anything that is in it is acknowledged."""
        if not self._folder_flushed:
            files.DISK.flush_folder(self._path.parent)
            self._folder_flushed = True

    def _forget_after(self, version: int) -> None:
        if self._journal is not None:
            self._journal.forget_after(version)

    def close(self, version: int) -> None:
        """Close the journal behind ``version`` and let another process write; nothing is folded."""
        self.closed = True
        self._forget_after(version)
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._lock.release()


@dataclass(frozen=True)
class FoldPoint:
    """What a fold makes: the file's identity; the first ``folded_bytes`` of entries are in it."""

    identity: Identity
    folded_bytes: int


@dataclass(frozen=True)
class Folded:
    """A fold that is written: the file, and the state as it was read back from it."""

    point: FoldPoint
    draft: Draft
    snapshot: Snapshot


def _backup_of(path: Path, number: int) -> Path:
    """Where a library of an older format is kept."""
    return path.with_name(f"{path.name}.format{number}")


def _appears(path: Path) -> bool:
    """Whether a library is there, soon if not yet: another process may be making it."""
    deadline = time.monotonic() + _MAKING_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _unused(path: Path) -> Path:
    """``path``, or one like it that nothing has."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    names = itertools.chain([path], numbered)
    return next(
        name
        for name in names
        if not os.path.lexists(name) and not os.path.lexists(journal_path(name))
    )


def _create(path: Path) -> None:
    beside = journal_path(path)
    if beside.exists():
        raise library_gone(path)
    identity = Identity(uuid.uuid4().bytes, 1)
    with unwritable(path):
        with replacing(path) as file:
            write_snapshot(file, Snapshot.empty(), identity)
        files.DISK.flush_folder(path.parent)
        journal.create_journal(beside, JournalHead(identity.library, identity.generation))
        files.DISK.flush_folder(path.parent)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Turns OSError into LibraryUnwritable with a sentence."""
    try:
        yield
    except OSError as error:
        raise LibraryUnwritable(
            _(
                "The library {path} could not be written ({reason}). Nothing that was saved "
                "before is lost: make room or give permission, then try again."
            ).format(path=path, reason=error.strerror or error)
        ) from error
