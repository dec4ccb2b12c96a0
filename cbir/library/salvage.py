"""What can be saved of a damaged library: all that a checksum proves, and sentences of the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from cbir.language import _, counted
from cbir.library import journal
from cbir.library.columns import RecordColumns
from cbir.library.damaged_archive import DamagedArchive, Mask
from cbir.library.journal import Entry
from cbir.library.layout import HEADER_COPY
from cbir.library.loading import missing_journal
from cbir.library.record_table import RecordTable
from cbir.library.salvaged_records import salvaged_part, salvaged_records
from cbir.library.snapshot import Change, NewVectors, SkippedTable, Snapshot
from cbir.library.vector_table import LARGEST, VectorTable
from cbir.library.wire import decode_change, parse_object, paths, skipped_file
from cbir.records import DIMENSION, Int64Array, JsonObject, Record, SkippedFile

_ALL_LOST = _(
    "All records, tags, notes and vectors that the library file held are lost. If you "
    "have a copy of that file, put it back rather than this."
)


@dataclass
class Salvage:
    """A library's state as far as it is whole, and what is lost or wrong, a sentence each.

    ``nameless`` are records of the file whose ids are lost.
    """

    snapshot: Snapshot = field(default_factory=Snapshot.empty)
    library: bytes | None = None
    nameless: list[Record] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def salvage(path: Path, beside: Path) -> Salvage:
    """Read the library file at ``path`` and its journal ``beside``; raises OSError."""
    found = Salvage()
    if path.is_file():
        with DamagedArchive(path) as archive:
            _read_archive(archive, found)
    else:
        found.losses += [_("The library file is missing."), _ALL_LOST]
    if beside.is_file():
        _read_journal(beside, found)
    else:
        found.losses.append(missing_journal(path))
    _number(found)
    return found


def _number(found: Salvage) -> None:
    """Give records whose ids are lost new ones, unless the journal has another for their file."""
    snapshot = found.snapshot
    lacking = [record for record in found.nameless if snapshot.records.find(record.path) is None]
    put = tuple(replace(record, id=snapshot.next_id + at) for at, record in enumerate(lacking))
    if put:
        found.losses.append(
            counted(
                "{count:,} record has a new number, and no vectors any more.",
                "{count:,} records have new numbers, and no vectors any more.",
                len(put),
            )
        )
        found.snapshot = snapshot.after(Change(put=put))


def _read_archive(archive: DamagedArchive, found: Salvage) -> None:
    header = _header(archive, found)
    archive.know_blocks(header.get("blocks"))
    for name in _missing_parts(archive, header):
        found.losses.append(_("Part {name} is missing.").format(name=name))
    if not header and not archive.parts.keys() & {"paths", "paths_offsets"}:
        found.losses.append(_ALL_LOST)
    next_id = _whole(header, "next_id")
    records, found.nameless = salvaged_records(archive, found.losses)
    kept = np.array(sorted(record.id for record in records), np.int64)
    heads = header.get("spaces")
    spaces = {
        space: table
        for space, head in (heads.items() if isinstance(heads, dict) else ())
        if isinstance(head, dict) and (table := _space(archive, space, head, kept, found))
    }
    last = int(kept[-1]) if len(kept) else 0
    found.library = _library_id(header)
    found.snapshot = Snapshot(
        RecordTable(RecordColumns.of(records)),
        spaces,
        _roots(header),
        SkippedTable({file.path: file for file in _skipped(archive, found)}),
        max(last + 1, next_id),
        _whole(header, "version"),
    )


def _header(archive: DamagedArchive, found: Salvage) -> JsonObject:
    """The header, or the copy of it that lies first, without the list of blocks."""
    for name in ("header", HEADER_COPY):
        if name not in archive.parts and name == HEADER_COPY:
            continue  # format 1 has none
        part = archive.read(name, "|u1")
        if part is not None and part.is_whole:
            try:
                return parse_object(part.items.tobytes())
            except ValueError:
                pass
        found.losses.append(_("Part {name} is damaged.").format(name=name))
    found.losses.append(
        _(
            "Nothing tells which folders were indexed, and which networks made the vectors: "
            "these are lost and can be made again."
        )
    )
    return {}


def _missing_parts(archive: DamagedArchive, header: JsonObject) -> list[str]:
    listed = header.get("checksums")
    return sorted(listed.keys() - archive.parts.keys()) if isinstance(listed, dict) else []


def _library_id(header: JsonObject) -> bytes | None:
    try:
        return bytes.fromhex(header["library"])
    except (KeyError, TypeError, ValueError):
        return None


def _roots(header: JsonObject) -> tuple[str, ...]:
    try:
        return paths(header.get("roots"))
    except ValueError:
        return ()


def _whole(header: JsonObject, key: str) -> int:
    value = header.get(key)
    return value if type(value) is int and 0 <= value < 2**62 else 0


def _space(
    archive: DamagedArchive, space: str, head: JsonObject, kept: Int64Array, found: Salvage
) -> VectorTable | None:
    fingerprint, precision = head.get("fingerprint"), head.get("precision")
    ids = salvaged_part(archive, f"{space}_ids", "<i8", found.losses)
    vectors = salvaged_part(archive, f"{space}_vectors", "<f4", found.losses)
    total = head.get("vectors")
    if ids is None or vectors is None or not isinstance(fingerprint, str):
        found.losses.append(
            _(
                "All vectors of the space {space} in the library file are lost: they can be "
                "made again."
            ).format(space=space)
        )
        return None
    count = min(len(ids.items), len(vectors.items) // DIMENSION)
    rows = vectors.items[: count * DIMENSION].reshape(count, DIMENSION)
    whole = vectors.whole[: count * DIMENSION].reshape(count, DIMENSION)[:, 0] & ids.whole[:count]
    whole &= np.isin(ids.items[:count], kept)
    chosen = _ascending(ids.items[:count], whole)
    finite = np.array([bool((np.abs(rows[row]) <= LARGEST).all()) for row in chosen], np.bool_)
    chosen = chosen[finite] if len(chosen) else chosen
    if total != len(chosen):
        lost = (total if type(total) is int else count) - len(chosen)
        found.losses.append(
            counted(
                "{count:,} vector of the space {space} is lost: it can be made again.",
                "{count:,} vectors of the space {space} are lost: they can be made again.",
                lost,
                space=space,
            )
        )
    made_with = precision if isinstance(precision, str) else ""
    return VectorTable.of(ids.items[chosen].astype(np.int64), rows[chosen], fingerprint, made_with)


def _ascending(ids: Int64Array, whole: Mask) -> Int64Array:
    """The rows that are whole, without those whose ids do not ascend."""
    rows: Int64Array = np.flatnonzero(whole).astype(np.int64)
    if not len(rows):
        return rows
    highest = np.maximum.accumulate(ids[rows])
    before = np.concatenate([[0], highest[:-1]])
    return rows[ids[rows] > before]


def _skipped(archive: DamagedArchive, found: Salvage) -> Iterator[SkippedFile]:
    part = salvaged_part(archive, "skipped", "|u1", found.losses)
    if part is None or not part.is_whole:
        return
    try:
        rows: Any = json.loads(part.items.tobytes())
        yield from [skipped_file(row) for row in rows]
    except (TypeError, ValueError, RecursionError):
        found.losses.append(_("The list of skipped files cannot be read."))


def _read_journal(path: Path, found: Salvage) -> None:
    """Apply what is whole of the journal."""
    with path.open("rb") as file:
        at: int | None = None
        sealed = 0
        try:
            head = journal.read_head(file)
            at, sealed = head.bytes, head.sealed
        except ValueError as error:
            found.losses.append(_("The journal is damaged: {error}.").format(error=error))
        else:
            if found.library is not None and head.library != found.library:
                found.losses.append(
                    _(
                        "The journal belongs to another library: its changes were left out. "
                        "If you have this library's own, put it there and repair again."
                    )
                )
                return
        size = os.fstat(file.fileno()).st_size
        while (entry := _next_entry(file, at or 0, size, found)) is not None:
            if at is not None and entry.start != at:
                found.losses.append(
                    _("Bytes {start:,} to {end:,} of the journal are damaged.").format(
                        start=at, end=entry.start
                    )
                )
            _apply(entry, found)
            at = entry.end
        if (at or 0) < sealed:
            found.losses.append(
                _(
                    "The end of the journal is lost, from byte {start:,} on: the latest changes."
                ).format(start=at or 0)
            )
        if at is None:
            found.losses.append(_("All changes that the journal held are lost."))


def _next_entry(file: IO[bytes], at: int, size: int, found: Salvage) -> Entry | None:
    try:
        return journal.next_entry(file, at, size)
    except ValueError as error:
        found.losses.append(
            _("The rest of the journal cannot be used: {error}.").format(error=error)
        )
        return None


def _apply(entry: Entry, found: Salvage) -> None:
    snapshot = found.snapshot
    if not snapshot.version:
        snapshot = replace(snapshot, version=entry.number - 1)
    if entry.number <= snapshot.version:
        return
    if entry.number > snapshot.version + 1:
        first, last = snapshot.version + 1, entry.number - 1
        found.losses.append(_lost_changes(first, last))
        snapshot = replace(snapshot, version=last)
    try:
        found.snapshot = snapshot.after(_fitting(decode_change(entry.payload), snapshot, found))
    except (ValueError, TypeError) as error:
        found.losses.append(
            _("Change {number:,} cannot be made: {error}.").format(number=entry.number, error=error)
        )
        found.snapshot = replace(snapshot, version=entry.number)


def _lost_changes(first: int, last: int) -> str:
    if first == last:
        return _(
            "Change {number:,} is lost, which the journal held: pictures added, changed or removed."
        ).format(number=first)
    return _(
        "Changes {first:,} to {last:,} are lost, which the journal held: pictures added, "
        "changed or removed."
    ).format(first=first, last=last)


def _fitting(change: Change, snapshot: Snapshot, found: Salvage) -> Change:
    """A change that fits a library of which some is lost."""
    put = {record.id for record in change.put}
    holders = (snapshot.records.find(record.path) for record in change.put)
    # That they went is what was lost: a file has one record, the later one.
    older = [holder for holder in holders if holder is not None and holder.id not in put]
    if older:
        found.losses.append(
            counted(
                "{count:,} record gave way to a later one of the same file.",
                "{count:,} records gave way to later ones of the same files.",
                len(older),
            )
        )
    vectors = {}
    for space, new in change.vectors.items():
        there = [
            row
            for row, id in enumerate(new.ids.tolist())
            if id in put or snapshot.records.get(id) is not None
        ]
        made = new.embeddings
        vectors[space] = NewVectors(new.ids[there], replace(made, vectors=made.vectors[there]))
    drop = (*change.drop, *(record.id for record in older))
    return replace(change, drop=drop, vectors=vectors, command=None, undoes=False)
