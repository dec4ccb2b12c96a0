"""One version of a whole library, immutable, and a change that leads to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cbir.language import _
from cbir.library.columns import RecordColumns
from cbir.library.layered import Layered
from cbir.library.record_table import RecordTable
from cbir.library.undo import Done, History, UserCommand, with_done
from cbir.library.vector_table import VectorTable
from cbir.records import Embeddings, Int64Array, Record, SkippedFile


@dataclass(frozen=True, eq=False)
class NewVectors:
    """Vectors of one space for ``ids`` int64 (m,): row i of ``embeddings`` belongs to ids[i]."""

    ids: Int64Array
    embeddings: Embeddings


@dataclass(frozen=True, eq=False)
class Change:
    """What one entry of the journal says: done as a whole or not at all, in the order of fields.

    ``drop``: ids removed. ``put``: records added or replaced. ``stale``: ids whose vectors of a
    space go. ``vectors``: new ones by space. ``roots``: all roots, where they changed. ``unskip``
    and ``skip``: paths taken from, and files put on, the list of skipped files. ``command``: what
    the user did, where it can be undone; ``undoes``: it takes the last such command back.
    """

    drop: tuple[int, ...] = ()
    put: tuple[Record, ...] = ()
    stale: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    vectors: Mapping[str, NewVectors] = field(default_factory=dict)
    roots: tuple[str, ...] | None = None
    unskip: tuple[str, ...] = ()
    skip: tuple[SkippedFile, ...] = ()
    command: UserCommand | None = None
    undoes: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        listed = (self.drop, self.put, self.stale, self.vectors, self.unskip, self.skip)
        return self.roots is None and not self.undoes and not any(listed)


class SkippedTable:
    """Files that could not be indexed, by path; immutable like the other tables."""

    def __init__(self, files: Mapping[str, SkippedFile]) -> None:
        self._bottom = files
        self._files: Layered[str, SkippedFile] = Layered(files)

    def changed(self, put: tuple[SkippedFile, ...], drop: tuple[str, ...]) -> SkippedTable:
        """The next version: without the paths of ``drop``, then with ``put``."""
        table = SkippedTable(self._bottom)
        table._files = self._files.changed({file.path: file for file in put}, drop)
        return table

    def files(self) -> tuple[SkippedFile, ...]:
        """All of them, by path."""
        merged: dict[str, SkippedFile | None] = {**self._bottom, **dict(self._files.overlay())}
        return tuple(file for _path, file in sorted(merged.items()) if file is not None)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything a library holds at one moment. ``version`` counts changes since it was made.

    ``history`` are the commands of late that can be undone, oldest first.
    """

    records: RecordTable
    spaces: Mapping[str, VectorTable]
    roots: tuple[str, ...]
    skipped: SkippedTable
    next_id: int
    version: int
    history: History = ()

    @staticmethod
    def empty() -> Snapshot:
        """A new library's first version."""
        records = RecordTable(RecordColumns.of(()))
        return Snapshot(records, {}, (), SkippedTable({}), 1, 0)

    def after(self, change: Change) -> Snapshot:
        """The next version; raises ValueError where the change does not fit this one."""
        records = self.records.changed(change.put, change.drop)
        skipped = self.skipped
        if change.skip or change.unskip:
            skipped = skipped.changed(change.skip, change.unskip)
        after = replace(
            self,
            records=records,
            spaces=self._spaces_after(change, records),
            roots=self.roots if change.roots is None else change.roots,
            skipped=skipped,
            next_id=max([self.next_id - 1, *(record.id for record in change.put)]) + 1,
            version=self.version + 1,
        )
        return replace(after, history=self._history_after(change, after))

    def _history_after(self, change: Change, after: Snapshot) -> History:
        if change.undoes:
            return self.history[:-1]
        if change.command is None:
            return self.history
        touched = (*change.drop, *(record.id for record in change.put))
        done = Done(change.command, replace(self, history=()), replace(after, history=()), touched)
        return with_done(self.history, done)

    def _spaces_after(self, change: Change, records: RecordTable) -> dict[str, VectorTable]:
        spaces = dict(self.spaces)
        for space, table in self.spaces.items():
            spaces[space] = table.drop((*change.drop, *change.stale.get(space, ())))
        for space, new in change.vectors.items():
            made_with = new.embeddings.fingerprint
            held = spaces.get(space)
            if held is None or (held.fingerprint != made_with and not held.living):
                held = VectorTable.empty(made_with, "")
            if held.fingerprint != made_with:
                raise ValueError(
                    _("vectors of {made_with} among those of {held}").format(
                        made_with=made_with, held=held.fingerprint
                    )
                )
            if any(records.get(id) is None for id in new.ids.tolist()):
                raise ValueError(_("vectors without a record"))
            spaces[space] = held.put(new.ids, new.embeddings.vectors, new.embeddings.precision)
        return spaces
