"""What callers ask for, checked and turned into a change; nothing is changed here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cbir.errors import CbirError, RecordNotFound, VectorsIncompatible
from cbir.language import _
from cbir.library.snapshot import Change, NewVectors, Snapshot
from cbir.library.undo import Inverse, OldVectors, restored, restored_roots
from cbir.library.vector_table import LARGEST
from cbir.records import DIMENSION, Embeddings, ImageFile, Record

_LARGEST_INTEGER = 2**63


def plan_add(
    snapshot: Snapshot, files: Sequence[ImageFile], embeddings: Mapping[str, Embeddings]
) -> Change:
    """New records for ``files``, with the next ids.

    Raises CbirError for a path that is in the library or comes twice, or one that no system knows;
    VectorsIncompatible; ValueError for vectors that are not vectors.
    """
    records = [Record(snapshot.next_id + at, _checked(file)) for at, file in enumerate(files)]
    _check_paths(snapshot, records)
    return Change(put=tuple(records), vectors=_new_vectors(snapshot, records, embeddings))


def plan_update(
    snapshot: Snapshot, records: Sequence[Record], embeddings: Mapping[str, Embeddings]
) -> Change:
    """Records in place of those with their ids, and vectors where given.

    Where the content digest changed, vectors of spaces that are not given are stale and go. Raises
    RecordNotFound, and what ``plan_add`` raises.
    """
    stale: list[int] = []
    for record in records:
        _checked(record.file)
        old = snapshot.records.get(record.id)
        if old is None:
            raise RecordNotFound(
                _("There is no image with the id {id} in this library.").format(id=record.id)
            )
        if old.file.digest != record.file.digest:
            stale.append(record.id)
    if len({record.id for record in records}) != len(records):
        raise ValueError("an id comes twice in one update")
    _check_paths(snapshot, records)
    return Change(
        put=tuple(_plain(record) for record in records),
        stale={space: tuple(stale) for space in snapshot.spaces} if stale else {},
        vectors=_new_vectors(snapshot, records, embeddings),
    )


def plan_amend(
    snapshot: Snapshot,
    ids: Sequence[int],
    function: Callable[[Record], Record],
    embeddings: Mapping[str, Embeddings],
    roots: Sequence[str] = (),
) -> Change:
    """``plan_update`` with ``function`` of the records that are there now, for ids that are.

    With them come ``roots``, those that are not known. Raises CbirError for what is no path, and
    what ``plan_update`` raises.
    """
    for root in roots:
        check_path(root)
    held = [(row, snapshot.records.get(id)) for row, id in enumerate(ids)]
    there = [(row, record) for row, record in held if record is not None]
    rows = [row for row, _record in there]
    kept = {space: replace(made, vectors=made.vectors[rows]) for space, made in embeddings.items()}
    change = plan_update(snapshot, [function(record) for _row, record in there], kept)
    return replace(change, roots=with_roots(snapshot, roots))


def with_roots(snapshot: Snapshot, roots: Iterable[str]) -> tuple[str, ...] | None:
    """All roots, these new ones among them; None where none of them is new."""
    together = tuple(dict.fromkeys((*snapshot.roots, *roots)))
    return None if together == snapshot.roots else together


def plan_remove(snapshot: Snapshot, ids: Iterable[int]) -> Change:
    """Without these ids; those that are not in the library are passed over."""
    held = {int(id) for id in ids if snapshot.records.get(int(id)) is not None}
    return Change(drop=tuple(sorted(held)))


def plan_undo(snapshot: Snapshot, inverse: Inverse) -> Change:
    """What takes the last command back, which ``inverse`` is of; what came since stays."""
    put, old = restored(snapshot, inverse)
    held = {record.id: snapshot.records.get(record.id) for record in put}
    stale = tuple(
        record.id
        for record in put
        if (now := held[record.id]) is not None and now.file.digest != record.file.digest
    )
    return Change(
        put=tuple(put),
        stale=dict.fromkeys(snapshot.spaces, stale) if stale else {},
        vectors={space: _taken_back(vectors) for space, vectors in old.items()},
        roots=restored_roots(snapshot, inverse, put),
        undoes=True,
    )


def _taken_back(old: OldVectors) -> NewVectors:
    table = old.table
    return NewVectors(
        old.ids, Embeddings(table.gather(old.rows), table.fingerprint, table.precision)
    )


def check_path(path: str) -> None:
    """Raises CbirError where no file can have this path."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise CbirError(_("{path!a} cannot be the path of a file.").format(path=path)) from error
    if "\0" in path or not os.path.isabs(path):
        raise CbirError(_("{path!a} cannot be the absolute path of a file.").format(path=path))


def _checked(file: ImageFile) -> ImageFile:
    check_path(file.path)
    numbers = (file.size, file.width, file.height)
    if min(numbers) < 0 or max(*numbers, abs(file.mtime_ns)) >= _LARGEST_INTEGER:
        raise ValueError(f"{file.path}: a size or time is out of range: {file}")
    if not file.digest.isascii():
        raise ValueError(f"{file.path}: the digest {file.digest!a} is not hexadecimal")
    return file


def _plain(record: Record) -> Record:
    return Record(record.id, record.file, tuple(record.tags), record.note, bool(record.missing))


def _check_paths(snapshot: Snapshot, records: Sequence[Record]) -> None:
    changing = {record.id for record in records}
    seen: set[str] = set()
    for record in records:
        holder = snapshot.records.find(record.path)
        if record.path in seen or (holder is not None and holder.id not in changing):
            raise CbirError(_("{path} is already in this library.").format(path=record.path))
        seen.add(record.path)


def _new_vectors(
    snapshot: Snapshot, records: Sequence[Record], embeddings: Mapping[str, Embeddings]
) -> dict[str, NewVectors]:
    ids = np.array([record.id for record in records], np.int64)
    for space, made in embeddings.items():
        _check_vectors(space, made, records)
        held = snapshot.spaces.get(space)
        if held is not None and held.living and held.fingerprint != made.fingerprint:
            raise VectorsIncompatible(
                _(
                    "This library's {space} vectors were made with {held}, the new ones with "
                    "{made}; they cannot be compared. Use the former weights, or another "
                    "library for the new ones."
                ).format(space=space, held=held.fingerprint, made=made.fingerprint)
            )
    return {space: NewVectors(ids, made) for space, made in embeddings.items() if len(ids)}


def _check_vectors(space: str, made: Embeddings, records: Sequence[Record]) -> None:
    if not space.isidentifier():
        raise ValueError(f"{space!a} cannot name a space")
    wanted = (len(records), DIMENSION)
    vectors = made.vectors
    if vectors.shape != wanted or vectors.dtype != np.float32:
        raise ValueError(
            f"{space} vectors of shape {vectors.shape} and type {vectors.dtype} where shape "
            f"{wanted} and type float32 are needed"
        )
    whole = (np.abs(vectors) <= LARGEST).all(axis=1)
    if not whole.all():
        path = records[int(np.argmin(whole))].path
        raise ValueError(
            f"{path}: its {space} vector holds numbers that are not finite or too large"
        )
