"""The library: one collection's records and vectors, searched by many threads, written by one.

Every version is an immutable snapshot. The lock guards a change, its entry in the journal and the
swap to the next snapshot; a reader takes the snapshot of the moment and needs no lock.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np

from cbir.asking import Filter
from cbir.errors import CbirError, LibraryReadOnly, NothingToUndo, RecordNotFound
from cbir.language import _
from cbir.library import changes, searching
from cbir.library.alike import alike_among
from cbir.library.background import Background, Backgrounds
from cbir.library.bunches import Bunches, find_bunches
from cbir.library.choices import Choices, choices_among
from cbir.library.combining import Cone
from cbir.library.filtering import matching
from cbir.library.index_file import IndexKey
from cbir.library.indexes import KEPT_FROM, Indexes
from cbir.library.kmeans import Clusters, clusters
from cbir.library.layout import FORMAT
from cbir.library.loading import is_there, journal_path, load, unreadable
from cbir.library.lsh import LshIndex
from cbir.library.nearness import nearness_of
from cbir.library.projection import Projection, followed, project
from cbir.library.record_table import RecordTable
from cbir.library.snapshot import Change, Snapshot
from cbir.library.store import FoldPoint, Store
from cbir.library.undo import UserCommand, settled
from cbir.library.vector_table import VectorTable, spaces_in_use
from cbir.library.whole_copy import write_new
from cbir.records import (
    DIMENSION,
    BatchResult,
    Embeddings,
    Float32Array,
    ImageFile,
    Int64Array,
    Metric,
    Query,
    Record,
    SearchResult,
    SkippedFile,
    SpaceInfo,
)

_BY_WISH = _("This library was opened for reading only.")
_CLOSED = _("This library is closed: open it again to change it.")
_NOTHING_TO_UNDO = _(
    "There is nothing to undo: no picture was removed, tagged, noted, renamed, located or "
    "re-embedded of late."
)
_FOLD_AGAIN_SECONDS = 60.0
_CONE_SAMPLE = 4096


@dataclass(frozen=True, eq=False)
class _State:
    """A snapshot and the indexes whose row numbers are its own; swapped together."""

    snapshot: Snapshot
    indexes: Indexes

    def renumbered_indexes(self) -> dict[IndexKey, LshIndex]:
        """The indexes as a file that leaves dead rows out needs them."""
        spaces = self.snapshot.spaces
        kept = {space: table.living_rows() for space, table in spaces.items()}
        return self.indexes.renumbered(kept, spaces)


@dataclass(frozen=True)
class Undone:
    """A command that was taken back: its title, and the records that came back or changed."""

    title: str
    records: tuple[Record, ...]


class Library:
    """A collection in one ``.npz`` file and its journal; ``open`` makes one. Thread-safe.

    Changes are durable when their method returns: all of the change, or with an exception none.
    """

    def __init__(
        self,
        path: Path,
        state: _State,
        store: Store | None,
        reason: str,
        notice: str = "",
        format: int = FORMAT,
    ) -> None:
        self._path = path
        self._store = store
        self._reason = reason
        self._notice = notice
        self._format = format
        self._lock = threading.Lock()
        self._folding = threading.Lock()
        self._since_fold: list[Change] | None = None
        self._fold_again = 0.0
        self._state = state
        self._backgrounds = Backgrounds()
        self._choices = (-1, Choices())
        self._projections: dict[tuple[str, Metric], tuple[VectorTable, Projection]] = {}
        self._clusters: dict[tuple[str, Metric, int], tuple[VectorTable, Int64Array, Clusters]] = {}

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, read_only: bool = False, patience: float = 0.0
    ) -> Library:
        """Open the library at ``path``; where there is none, a new one is made at once.

        With ``read_only`` nothing is written, and a file that is not there is an empty library.
        Where another process writes, and still does after ``patience`` seconds, the library opens
        read-only and ``read_only_reason`` says so.
        Raises LibraryDamaged, LibraryTooNew, LibraryUnwritable (a new one cannot be made), and
        CbirError where the file cannot be read.
        """
        file = Path(os.path.realpath(path))
        try:
            return cls._open(file, read_only, patience)
        except OSError as error:
            raise unreadable(file, error) from error

    @classmethod
    def _open(cls, file: Path, read_only: bool, patience: float) -> Library:
        reason = _BY_WISH
        if not read_only:
            store = Store.open(file, patience)
            if isinstance(store, Store):
                state = _State(store.snapshot, Indexes(store.indexes))
                return cls(file, state, store, "", store.notice)
            reason = store
        elif not is_there(file):
            return cls(file, _State(Snapshot.empty(), Indexes()), None, reason)
        loaded = load(file)
        state = _State(loaded.snapshot, Indexes(loaded.indexes))
        return cls(file, state, None, reason, loaded.notice, loaded.identity.format)

    def close(self) -> None:
        """Let another process write; what was read stays readable. Nothing is folded."""
        with self._lock:
            if self._store is not None:
                self._store.close(self._state.snapshot.version)
                self._store, self._reason = None, _CLOSED

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The library file, absolute, links followed."""
        return self._path

    @property
    def read_only(self) -> bool:
        """Whether changes are refused."""
        return self._store is None

    @property
    def read_only_reason(self) -> str:
        """A sentence that says why changes are refused, empty where they are not."""
        return self._reason

    @property
    def notice(self) -> str:
        """A sentence about the files that the user should know, empty where all is as it should be.

        Such as that the journal is missing.
        """
        return self._notice

    @property
    def format(self) -> int:
        """The number of the format that the library file has, or a new one would have."""
        return self._store.format if self._store is not None else self._format

    @property
    def version(self) -> int:
        """Grows by one with every change."""
        return self._state.snapshot.version

    @property
    def bytes(self) -> int:
        """The size of the library file, 0 where there is none."""
        return _size(self._path)

    @property
    def journal_bytes(self) -> int:
        """The size of the journal, 0 where there is none."""
        return _size(journal_path(self._path))

    def __len__(self) -> int:
        return len(self._state.snapshot.records)

    def __contains__(self, id: object) -> bool:
        """Whether a record has this id."""
        return isinstance(id, int) and self._state.snapshot.records.get(id) is not None

    def __iter__(self) -> Iterator[Record]:
        """All records by id, as they are now."""
        return iter(self._state.snapshot.records)

    @property
    def table(self) -> RecordTable:
        """All records as they are now; it stays so when the library changes."""
        return self._state.snapshot.records

    def get(self, id: int) -> Record:
        """The record with this id; raises RecordNotFound."""
        record = self._state.snapshot.records.get(id)
        if record is None:
            raise RecordNotFound(
                _("There is no image with the id {id} in this library.").format(id=id)
            )
        return record

    def find(self, path: str) -> Record | None:
        """The record of an absolute path, or None."""
        return self._state.snapshot.records.find(path)

    def paths_below(self, folders: Iterable[str]) -> list[str]:
        """The paths of records that are one of these absolute paths or lie below one."""
        return self._state.snapshot.records.paths_below(folders)

    def find_digest(self, digest: str) -> tuple[Record, ...]:
        """All records with this content digest, by id."""
        return self._state.snapshot.records.find_digest(digest)

    def add(
        self, files: Sequence[ImageFile], embeddings: Mapping[str, Embeddings] | None = None
    ) -> list[int]:
        """Add records for ``files`` and return their ids; row i of each space belongs to files[i].

        Raises CbirError for a path that is in the library already, VectorsIncompatible, ValueError
        for what are no vectors, LibraryReadOnly, LibraryUnwritable; then nothing was added.
        """
        change = self._change(lambda now: changes.plan_add(now, files, embeddings or {}))
        return [record.id for record in change.put]

    def update(
        self, records: Sequence[Record], embeddings: Mapping[str, Embeddings] | None = None
    ) -> None:
        """Put ``records`` in place of those with their ids, with new vectors where given.

        Where a record's content digest changed, its vectors in spaces that are not given go: they
        are those of another picture. Raises RecordNotFound and what ``add`` raises.
        """
        self._change(lambda now: changes.plan_update(now, records, embeddings or {}))

    def amend(
        self,
        ids: Sequence[int],
        function: Callable[[Record], Record],
        embeddings: Mapping[str, Embeddings] | None = None,
        *,
        command: UserCommand | None = None,
        roots: Sequence[str] = (),
    ) -> list[Record]:
        """Put ``function(record)`` in place of each record, as it is at that moment.

        No other change comes between reading and writing, so nothing of it is lost; ``function``
        must be quick. Row i of each space belongs to ids[i]; ids that are no longer in the library
        are passed over with their rows. ``roots`` are remembered as by ``add_root``, in the same
        change. With a ``command`` it can be undone. Returns the records as they are now; raises
        what ``update`` raises.
        """
        change = self._change(
            lambda now: changes.plan_amend(now, ids, function, embeddings or {}, roots), command
        )
        return list(change.put)

    def remove(self, ids: Iterable[int], *, command: UserCommand | None = None) -> int:
        """Remove records and their vectors, never a picture file; how many there were.

        Ids that are not in the library are passed over. With a ``command`` it can be undone. Raises
        LibraryReadOnly, LibraryUnwritable.
        """
        wanted = list(ids)
        return len(self._change(lambda now: changes.plan_remove(now, wanted), command).drop)

    @property
    def undoable(self) -> str:
        """The title of the user's last command that ``undo`` takes back, empty where none is."""
        history = self._state.snapshot.history
        return history[-1].command.title if history else ""

    def undo(self) -> Undone:
        """Take the user's last command back; what came since stays.

        Many can be taken back while the library is open; the last one also when it was closed and
        folded since. Raises NothingToUndo, LibraryReadOnly, LibraryUnwritable, LibraryDamaged.
        """
        commands = []

        def plan(now: Snapshot) -> Change:
            if not now.history:
                raise NothingToUndo(_NOTHING_TO_UNDO)
            commands.append(now.history[-1].command)
            return changes.plan_undo(now, now.history[-1].inverse)

        change = self._change(plan)
        return Undone(commands[0].title, change.put)

    def search(self, query: Query) -> SearchResult:
        """The nearest records by the rules of the design; raises InvalidQuery, SpaceEmpty."""
        state = self._state
        return searching.search(state.snapshot, state.indexes, query)

    def search_many(self, vectors: Float32Array, query: Query) -> BatchResult:
        """The nearest of each of ``vectors`` (q, 512) at once, several times as quick as singly.

        ``query`` tells all but the vector, which is not used. Raises InvalidQuery, SpaceEmpty.
        """
        state = self._state
        return searching.search_many(state.snapshot, state.indexes, query, vectors)

    def matching(self, wanted: Filter) -> Int64Array:
        """The ids of the records that a filter lets through, ascending, int64 (m,).

        About 20 ms for a million records, more the first time. Raises LibraryDamaged where tags
        cannot be read.
        """
        return matching(self._state.snapshot.records, wanted)

    def choices(self) -> Choices:
        """What there is to choose from in a filter, kept until the library changes.

        Raises what ``matching`` raises.
        """
        snapshot = self._state.snapshot
        version, held = self._choices
        if version != snapshot.version:
            held = choices_among(snapshot.records, snapshot.roots)
            self._choices = snapshot.version, held
        return held

    @property
    def missing(self) -> int:
        """How many records' files are gone."""
        return self._state.snapshot.records.missing

    def spaces(self) -> dict[str, SpaceInfo]:
        """The spaces that hold vectors, by name."""
        return {
            space: SpaceInfo(table.living, DIMENSION, table.fingerprint, table.precision)
            for space, table in spaces_in_use(self._state.snapshot.spaces).items()
        }

    def require(self, space: str) -> None:
        """Raise SpaceEmpty, with what to do, where a space holds no vectors."""
        searching.table_of(self._state.snapshot, space)

    def vectors(self, space: str) -> tuple[Int64Array, Float32Array]:
        """Copies of a space's ids int64 (n,), ascending, and vectors float32 (n, 512).

        Raises SpaceEmpty.
        """
        return searching.table_of(self._state.snapshot, space).living_vectors()

    def vector(self, id: int, space: str) -> Float32Array | None:
        """A copy of one record's vector, float32 (512,), or None where it has none."""
        table = self._state.snapshot.spaces.get(space)
        row = table.row(id) if table is not None else None
        return None if table is None or row is None else table.vector(row)

    def lacking(self, space: str) -> list[int]:
        """The ids, ascending, of records without a vector in a space."""
        snapshot = self._state.snapshot
        table = snapshot.spaces.get(space)
        ids = snapshot.records.ids
        if table is not None:
            ids = ids[~np.isin(ids, table.ids[table.alive])]
        lacking: list[int] = ids.tolist()
        return lacking

    def project(self, space: str, metric: Metric) -> Projection:
        """The map of a space, kept until its vectors change; raises SpaceEmpty.

        A few new vectors are put on the axes that there are.
        """
        table = searching.table_of(self._state.snapshot, space)
        held = self._projections.get((space, metric))
        if held is None or held[0] is not table:
            fitting = None if held is None else followed(held[1], held[0], table)
            if fitting is None:
                fitting = project(*table.living_vectors(), space, metric)
            held = table, fitting
            self._projections[space, metric] = held
        return held[1]

    def clusters(self, space: str, metric: Metric, count: int) -> tuple[Int64Array, Clusters]:
        """The ids (n,) of a space and the clusters that they are in; raises SpaceEmpty.

        ``count`` at most. They grow from those found before, so that most keep their number while
        pictures come and go.
        """
        table = searching.table_of(self._state.snapshot, space)
        held = self._clusters.get((space, metric, count))
        if held is None or held[0] is not table:
            same = held is not None and held[0].fingerprint == table.fingerprint
            ids, vectors = table.living_vectors()
            start = held[2].centres if held is not None and same else None
            held = table, ids, clusters(vectors, count, metric, start=start)
            self._clusters[space, metric, count] = held
        return held[1], held[2]

    def nearness(
        self, space: str, metric: Metric, vector: Float32Array
    ) -> tuple[Int64Array, Float32Array]:
        """``nearness_of`` all vectors of a space; raises SpaceEmpty, LibraryDamaged."""
        return nearness_of(searching.table_of(self._state.snapshot, space), vector, metric)

    def cone(self, space: str, metric: Metric) -> Cone:
        """Where the pictures of a space lie, by an even sample of them; raises SpaceEmpty."""
        return Cone.of(self.sample(space, _CONE_SAMPLE)[1], metric)

    def sample(self, space: str, count: int) -> tuple[Int64Array, Float32Array]:
        """An even sample of a space: ids int64 (m,) ascending, and vectors float32 (m, 512).

        There are ``count``, or all where there are fewer. Raises SpaceEmpty, LibraryDamaged.
        """
        table = searching.table_of(self._state.snapshot, space)
        rows = table.living_rows()
        picked = rows[np.linspace(0, len(rows) - 1, min(len(rows), count)).astype(np.int64)]
        return table.ids[picked], table.gather(picked)

    def index(self, space: str, metric: Metric) -> LshIndex | None:
        """The LSH index of a space, in memory or in the library's file; none is made for it."""
        state = self._state
        table = state.snapshot.spaces.get(space)
        if table is None or not table.living:
            return None
        return state.indexes.known(space, metric, table)

    def background(
        self, space: str, metric: Metric, captions: Float32Array | None = None
    ) -> Background:
        """What scores mean: among pictures or, with vectors of ``captions`` (n, 512), of words.

        Made within about 0.1 s for 100,000 vectors, and kept until a tenth of them changed. Raises
        SpaceEmpty, LibraryDamaged.
        """
        state = self._state
        table = searching.table_of(state.snapshot, space)
        if captions is not None:
            return self._backgrounds.of_words(table, space, metric, captions)
        index = state.indexes.held(space, metric, table)
        return self._backgrounds.of_pictures(table, space, metric, index)

    def first_alike(self, ids: Sequence[int], space: str) -> list[int]:
        """For each of these records the first of them that is nearly the same picture, or itself.

        ``alike`` tells what counts as nearly the same. Ids without a vector are their own. Raises
        LibraryDamaged.
        """
        return alike_among(self._state.snapshot, ids, space)

    def bunches(
        self,
        space: str | None,
        progress: Callable[[int, int], None] = lambda done, total: None,
        mirror: Int64Array | None = None,
    ) -> Bunches:
        """Records that may be duplicates of each other: by content, and by a space's vectors.

        ``progress`` is told how many vectors of how many were searched by, and may raise to end it.
        ``mirror``, int64 (512,), is the order that makes a vector that of the mirror image: with
        it pictures are also compared with the others' mirror images.
        Raises SpaceEmpty, LibraryDamaged.
        """
        state = self._state
        return find_bunches(state.snapshot, state.indexes, space, progress, mirror)

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders that were indexed, in the order in which they were added."""
        return self._state.snapshot.roots

    def add_root(self, path: str) -> None:
        """Remember an indexed folder by its absolute path; nothing happens where it is known."""
        changes.check_path(path)
        self._change(lambda now: Change(roots=changes.with_roots(now, [path])))

    def remove_root(self, path: str) -> None:
        """Forget an indexed folder; its records stay. Nothing happens where it is not known."""
        self._change(
            lambda now: Change(
                roots=tuple(root for root in now.roots if root != path)
                if path in now.roots
                else None
            )
        )

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that could not be indexed, by path."""
        return self._state.snapshot.skipped.files()

    def set_skipped(self, put: Sequence[SkippedFile] = (), drop_paths: Iterable[str] = ()) -> None:
        """Take paths off the list of skipped files, then put files on it, by their paths."""
        change = Change(skip=tuple(put), unskip=tuple(drop_paths))
        for file in put:
            changes.check_path(file.path)
        self._change(lambda _: change)

    @property
    def needs_tending(self) -> bool:
        """Whether an LSH index should be made, renewed or extended: ``tend`` does it."""
        state = self._state
        return state.indexes.due(state.snapshot.spaces)

    def tend(self) -> None:
        """Make, renew and extend the LSH indexes that are due; searches and changes go on.

        Takes seconds for each million vectors. Raises LibraryDamaged.
        """
        state = self._state
        state.indexes.tend(state.snapshot.spaces)

    @property
    def needs_fold(self) -> bool:
        """Whether the journal has grown so much that it should be folded in.

        Or the library file lacks an LSH index that took long to make, or is of an older format.
        Not for a minute after a fold that failed, so that a full disk is not told at each change.
        """
        store = self._store
        due = store is not None and (store.needs_fold or self._state.indexes.unkept)
        return due and time.monotonic() >= self._fold_again

    @property
    def fold_overdue(self) -> bool:
        """Whether a fold was due when the library was opened, so that one was dropped before."""
        return self._store is not None and self._store.overdue and self.needs_fold

    def fold(self, pause: Callable[[], None] = lambda: None) -> bool:
        """Write journal, library and LSH indexes into a new library file; all else goes on.

        False where there is nothing to fold, or the library was closed meanwhile. ``pause`` is
        called from time to time: an exception of its own drops the fold, and nothing changes.
        Raises LibraryReadOnly, LibraryUnwritable, LibraryDamaged (vectors that are not whole); then
        nothing that was acknowledged is lost.
        """
        with self._folding:
            with self._lock:
                store, before = self._writable(), self._state
                if not (store.journal_holds_changes or before.indexes.unkept or store.outdated):
                    return False
                point, self._since_fold = store.begin_fold(before.snapshot.version), []
            try:
                return self._fold(store, point, before, pause)
            except CbirError:
                if store.closed:
                    return False  # and another process may have cleared the file away
                self._fold_again = time.monotonic() + _FOLD_AGAIN_SECONDS
                raise
            finally:
                self._since_fold = None

    def _fold(
        self, store: Store, point: FoldPoint, before: _State, pause: Callable[[], None]
    ) -> bool:
        indexes = before.renumbered_indexes()
        large = _large(indexes)
        earlier = settled(before.snapshot.history[:-1])
        with store.folded(point, before.snapshot, large, pause) as folded, self._lock:
            if self._store is not store:
                return False
            if not store.put_in_place(folded, self._state.snapshot.version):
                self._fold_again = time.monotonic() + _FOLD_AGAIN_SECONDS
            read = folded.snapshot
            snapshot = replace(read, history=(*earlier, *read.history))
            for change in self._since_fold or ():
                snapshot = snapshot.after(change)
            held = {
                key: replace(index, lineage=read.spaces[key[0]].lineage)
                for key, index in indexes.items()
            }
            self._state = _State(snapshot, Indexes(held=held, wanted=before.indexes.wanted))
            return True

    def save_copy(
        self, path: str | os.PathLike[str], pause: Callable[[], None] = lambda: None
    ) -> None:
        """Write the library as it is now to ``path``, a library of its own; all else goes on.

        Its last command can be undone there too. ``pause`` is as in ``fold``. Raises CbirError
        where ``path`` is taken, LibraryUnwritable, LibraryDamaged (vectors that are not whole).
        """
        state = self._state
        target = Path(os.path.abspath(path))
        write_new(target, state.snapshot, _large(state.renumbered_indexes()), pause)

    def _writable(self) -> Store:
        if self._store is None:
            raise LibraryReadOnly(self._reason)
        return self._store

    def _change(
        self, plan: Callable[[Snapshot], Change], command: UserCommand | None = None
    ) -> Change:
        """Make the change that ``plan`` makes of the newest snapshot: journal first, then swap."""
        with self._lock:
            store = self._writable()
            state = self._state
            change = plan(state.snapshot)
            if command is not None:
                change = replace(change, command=command)
            if not change.is_empty:
                after = state.snapshot.after(change)
                store.append(change, after.version)
                self._state = _State(after, state.indexes)
                if self._since_fold is not None:
                    self._since_fold.append(change)
            return change


def _large(indexes: Mapping[IndexKey, LshIndex]) -> dict[IndexKey, LshIndex]:
    """Those that are worth keeping in a file."""
    return {key: index for key, index in indexes.items() if index.count >= KEPT_FROM}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
