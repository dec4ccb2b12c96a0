"""Undo: what a command of the user changed, as it was before, and how that comes back.

Snapshots share all that they have in common, so a command of late is remembered as the snapshots
before and behind it. Only a fold writes out what it changed (``Inverse``), since the snapshot
before cannot be read from the files any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cbir.errors import LibraryDamaged
from cbir.library.filtering import below
from cbir.library.vector_table import VectorTable
from cbir.records import DIMENSION, NOT_READ, ImageFile, Int64Array, Record

if TYPE_CHECKING:
    from cbir.library.snapshot import Snapshot

MOST_COMMANDS = 50
"""So many of the latest commands can be undone, in the session in which they were given."""
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class UserCommand:
    """What the user did, in words, such as "Remove 3 images".

    Changes of one ``key`` that follow each other are one command, undone together.
    """

    title: str
    key: str


@dataclass(frozen=True, eq=False)
class OldVectors:
    """The vectors that ``ids`` int64 (m,), ascending, had in one space: rows of ``table``."""

    table: VectorTable
    ids: Int64Array

    @property
    def rows(self) -> Int64Array:
        """Their rows in the table, (m,)."""
        found = [self.table.row(id) for id in self.ids.tolist()]
        return np.array([row for row in found if row is not None], np.int64)

    @property
    def bytes(self) -> int:
        """The size of the vectors."""
        return len(self.ids) * DIMENSION * 4

    def whole(self) -> OldVectors:
        """The same without those that are damaged: they can be made again."""
        try:
            self.table.check(self.rows)
        except LibraryDamaged:
            return OldVectors(
                self.table, self.ids[[self._is_whole(id) for id in self.ids.tolist()]]
            )
        return self

    def _is_whole(self, id: int) -> bool:
        try:
            self.table.check(np.array([self.table.row(id)], np.int64))
        except LibraryDamaged:
            return False
        return True

    def copied(self) -> OldVectors:
        """Those that are whole, in a small table of their own."""
        old = self.whole()
        vectors = self.table.gather(old.rows)
        table = VectorTable.of(old.ids, vectors, self.table.fingerprint, self.table.precision)
        return OldVectors(table, old.ids)


@dataclass(frozen=True, slots=True)
class OldRoots:
    """The library's folders ``before`` a command that changed them, and ``after`` it."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Inverse:
    """What a command changed: the records ``before`` it, and those of them ``after`` it, by id.

    A record that the command removed is in ``before`` only. ``vectors``: by space, those that it
    removed or replaced. ``roots``: None where it left them as they were.
    """

    command: UserCommand
    before: tuple[Record, ...]
    after: Mapping[int, Record]
    vectors: Mapping[str, OldVectors]
    roots: OldRoots | None = None

    @property
    def inverse(self) -> Inverse:
        """Itself."""
        return self

    @property
    def bytes(self) -> int:
        """The size of its vectors."""
        return sum(old.bytes for old in self.vectors.values())

    def whole(self) -> Inverse:
        """The same without vectors that are damaged."""
        return replace(self, vectors={space: old.whole() for space, old in self.vectors.items()})

    def copied(self) -> Inverse:
        """The same without the tables that the vectors lie in, and without damaged ones."""
        return replace(self, vectors={space: old.copied() for space, old in self.vectors.items()})


@dataclass(frozen=True, eq=False)
class Done:
    """A change of late: the snapshots before and after it, and the ids that it touched."""

    command: UserCommand
    before: Snapshot
    after: Snapshot
    ids: tuple[int, ...]

    @property
    def inverse(self) -> Inverse:
        """What it changed; a command that also made records leaves them."""
        ids = np.unique(np.array(self.ids, np.int64))
        before = tuple(_records(self.before, ids))
        after = {record.id: record for record in _records(self.after, ids)}
        changed = {
            space: OldVectors(table, _changed(ids, table, self.after.spaces.get(space)))
            for space, table in self.before.spaces.items()
        }
        vectors = {space: old for space, old in changed.items() if len(old.ids)}
        return Inverse(self.command, before, after, vectors, self._roots)

    @property
    def _roots(self) -> OldRoots | None:
        before, after = self.before.roots, self.after.roots
        return None if before == after else OldRoots(before, after)


@dataclass(frozen=True, eq=False)
class Past:
    """A command that can be undone: its changes in their order, whatever came between them."""

    parts: tuple[Done | Inverse, ...]

    @property
    def command(self) -> UserCommand:
        """What the user did."""
        return self.parts[-1].command

    @property
    def inverse(self) -> Inverse:
        """What all of it changed."""
        return _joined([part.inverse for part in self.parts])


History = tuple[Past, ...]
"""Commands that can be undone, oldest first."""


def with_done(history: History, done: Done) -> History:
    """The history with one more change: of the last command, where the keys are the same."""
    if history and history[-1].command.key == done.command.key:
        *earlier, last = history[-1].parts
        return (*history[:-1], Past((*earlier, last.inverse.copied(), done)))
    return (*history, Past((done,)))[-MOST_COMMANDS:]


def _joined(parts: Sequence[Inverse]) -> Inverse:
    """Several changes as one, in their order."""
    if len(parts) == 1:
        return parts[0]
    before: dict[int, Record] = {}
    after: dict[int, Record] = {}
    tables: dict[str, list[OldVectors]] = {}
    for part in parts:
        for record in part.before:
            before.setdefault(record.id, record)
            after.pop(record.id, None)
        after.update(part.after)
        for space, old in part.vectors.items():
            tables.setdefault(space, []).append(old)
    after = {id: record for id, record in after.items() if id in before}
    vectors = {space: _joined_vectors(olds) for space, olds in tables.items()}
    roots = _joined_roots([part.roots for part in parts if part.roots is not None])
    return Inverse(parts[-1].command, tuple(before.values()), after, vectors, roots)


def _joined_roots(changes: Sequence[OldRoots]) -> OldRoots | None:
    return OldRoots(changes[0].before, changes[-1].after) if changes else None


def _joined_vectors(olds: Sequence[OldVectors]) -> OldVectors:
    """The first that each id had; those of other weights than the first are left out."""
    first = olds[0].table
    same = [old.whole() for old in olds if old.table.fingerprint == first.fingerprint]
    ids, places = np.unique(np.concatenate([old.ids for old in same]), return_index=True)
    vectors = np.concatenate([old.table.gather(old.rows) for old in same])[places]
    table = VectorTable.of(ids, vectors, first.fingerprint, first.precision)
    return OldVectors(table, ids)


def _records(snapshot: Snapshot, ids: Int64Array) -> Iterator[Record]:
    for id in ids.tolist():
        record = snapshot.records.get(id)
        if record is not None:
            yield record


def _changed(ids: Int64Array, before: VectorTable, after: VectorTable | None) -> Int64Array:
    """Those of ``ids`` whose vector of a space went or was replaced."""
    same = after if after is not None and after.lineage is before.lineage else None
    return np.array(
        [
            id
            for id in ids.tolist()
            if (row := before.row(id)) is not None and (same is None or same.row(id) != row)
        ],
        np.int64,
    )


def settled(history: History) -> History:
    """The same history without its snapshots, so that the files that they lie in can go.

    The oldest commands are left out where their vectors take more than 64 MB.
    """
    kept: list[Past] = []
    room = _MOST_BYTES
    for past in reversed(history):
        inverse = past.inverse
        room -= inverse.bytes
        if room < 0:
            break
        kept.insert(0, Past((inverse.copied(),)))
    return tuple(kept)


def restored(now: Snapshot, inverse: Inverse) -> tuple[list[Record], dict[str, OldVectors]]:
    """The records that take the command back in the state of ``now``, and vectors for them.

    Only what the command changed comes back: what came since stays. A removed picture that was
    indexed again since keeps its new record, which gets the tags and note of the old one. Vectors
    that are damaged stay away: they can be made again.
    """
    free = _returning(now, inverse)
    put = [
        record
        for old in inverse.before
        if (record := _restored(now, inverse, old, free)) is not None
    ]
    digests = {record.id: record.file.digest for record in put}
    fitting = {old.id for old in inverse.before if digests.get(old.id) == old.file.digest}
    vectors = {
        space: OldVectors(old.table, _among(old.ids, fitting)).whole()
        for space, old in inverse.vectors.items()
        if _may_hold(now.spaces.get(space), old.table)
    }
    return put, {space: old for space, old in vectors.items() if len(old.ids)}


def restored_roots(
    now: Snapshot, inverse: Inverse, put: Sequence[Record]
) -> tuple[str, ...] | None:
    """The library's folders as they were before the command, then others that are there now.

    ``put`` are the records of ``restored``. A folder that was dropped since comes back where one of
    them lies below it. One that came with the command goes unless records stay below it: it may
    have been indexed since. None where the command left the folders as they were.
    """
    roots = inverse.roots
    if roots is None:
        return None
    old = [root for root in roots.before if root in now.roots or _any_below(root, put)]
    others = [root for root in now.roots if root not in roots.before]
    came = {root for root in others if root in roots.after}
    return (*old, *(root for root in others if root not in came or _stays(root, now, put)))


def _any_below(root: str, records: Iterable[Record]) -> bool:
    is_below = below(root)
    return any(is_below(os.fsencode(record.path)) for record in records)


def _stays(root: str, now: Snapshot, put: Sequence[Record]) -> bool:
    """Whether any record lies below a folder once those of ``put`` are where they return to."""
    returning = {record.id for record in put}
    there = (now.records.find(path) for path in now.records.paths_below([root]))
    return _any_below(root, put) or any(
        record is not None and record.id not in returning for record in there
    )


def _returning(now: Snapshot, inverse: Inverse) -> set[int]:
    """The ids of records whose files return to where they were: nothing else lies there now.

    They may change places among each other.
    """
    wishes = {record.path: record for record in inverse.before if _may_return(now, inverse, record)}
    old = {record.id: record for record in wishes.values()}
    while True:
        kept = {
            id: record
            for id, record in old.items()
            if (holder := now.records.find(record.path)) is None
            or holder.id == id
            or (holder.id in old and old[holder.id].path != holder.path)
        }
        if len(kept) == len(old):
            return set(kept)
        old = kept


def _may_return(now: Snapshot, inverse: Inverse, old: Record) -> bool:
    current, after = now.records.get(old.id), inverse.after.get(old.id)
    if current is None or after is None:
        return current is after
    return current.file == after.file


def _restored(now: Snapshot, inverse: Inverse, old: Record, returning: set[int]) -> Record | None:
    current, after = now.records.get(old.id), inverse.after.get(old.id)
    if after is None and current is None:
        holder = now.records.find(old.path)
        if old.id in returning:
            return old
        return _merged(holder, old) if holder is not None else None
    if after is None or current is None:
        return None
    return replace(
        current,
        file=_file(current.file, old.file) if old.id in returning else current.file,
        missing=old.missing if current.missing == after.missing else current.missing,
        note=old.note if current.note == after.note else current.note,
        tags=_tags(current, old, after),
    )


def _file(current: ImageFile, old: ImageFile) -> ImageFile:
    """The old file; when the picture was taken may have been read since, from the same content."""
    known = current.taken != NOT_READ and current.digest == old.digest
    return replace(old, taken=current.taken) if known else old


def _merged(holder: Record, old: Record) -> Record:
    tags = tuple(dict.fromkeys((*old.tags, *holder.tags)))
    return replace(holder, tags=tags, note=holder.note or old.note)


def _tags(current: Record, old: Record, after: Record) -> tuple[str, ...]:
    """The old tags, and those that came since."""
    since = (tag for tag in current.tags if tag not in after.tags)
    gone = {tag for tag in after.tags if tag not in current.tags}
    return tuple(dict.fromkeys(tag for tag in (*old.tags, *since) if tag not in gone))


def _among(ids: Int64Array, wanted: Iterable[int]) -> Int64Array:
    found: Int64Array = ids[np.isin(ids, np.fromiter(wanted, np.int64))]
    return found


def _may_hold(now: VectorTable | None, old: VectorTable) -> bool:
    return now is None or not now.living or now.fingerprint == old.fingerprint
