"""What a library's ``.npz`` holds, part by part, and how a snapshot becomes one and comes back.

Parts: ``header`` (JSON in ASCII: format, library, generation, next_id, version, spaces, roots, and
the checksum of every other part), ``ids`` int64 (n,), ``numbers`` int64 (n, 5), ``paths``,
``digests``, ``extras`` and ``skipped`` uint8 with offsets where they hold several texts
(``paths_offsets`` and so on), and for each space ``<space>_ids`` int64 (m,) ascending and
``<space>_vectors`` float32 (m, 512). Large spaces have their LSH indexes beside them, as
``<space>_<metric>_buckets`` and so on (``index_file``). ``undo`` (JSON) and ``undo_<space>_ids``
and ``undo_<space>_vectors`` hold what takes the user's last command back. ``sums`` are checksums of
blocks (``archive``), in the order that the header tells; ``header_copy`` is the first part of all.
Parts that the header names and this program does not know are left alone: later programs may add
what can be made again from the rest.

Format 1 has no ``undo``, ``sums`` and ``header_copy``. ``taken`` int64 (n,), when pictures were
taken, came later without a new format: where it is missing, the pictures' files tell it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, Any

import numpy as np

from cbir.language import _
from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.columns import RecordColumns
from cbir.library.index_file import IndexKey, StoredIndex, write_index
from cbir.library.lsh import LshIndex
from cbir.library.record_table import RecordTable
from cbir.library.snapshot import SkippedTable, Snapshot
from cbir.library.texts import ByteArray, TextColumn
from cbir.library.undo import History, Inverse, OldRoots, OldVectors, Past
from cbir.library.vector_table import VectorTable, spaces_in_use
from cbir.library.wire import (
    command,
    command_row,
    id_of,
    parse_object,
    path_text,
    paths,
    record_row,
    records_of,
    skipped_file,
    skipped_row,
    taken_row,
    text,
    whole,
)
from cbir.records import (
    DIMENSION,
    METRICS,
    NOT_READ,
    Float32Array,
    Int64Array,
    JsonObject,
    Record,
    SkippedFile,
)

FORMAT = 2
TEXTS = ("paths", "digests", "extras")
HEADER_COPY = "header_copy"
"""The part that tells again, at the beginning, what cannot be made again when the end is lost."""
_CHUNK = 4096


@dataclass(frozen=True)
class Identity:
    """Which library a file is, how often it was written whole, and in which format."""

    library: bytes
    generation: int
    format: int = FORMAT


class NotALibrary(ValueError):
    """The archive is whole but was not written by this program."""


class FormatTooNew(ValueError):
    """The archive was written by a newer program."""


def write_snapshot(
    file: IO[bytes],
    snapshot: Snapshot,
    identity: Identity,
    indexes: Mapping[IndexKey, LshIndex] = MappingProxyType({}),
    pause: Callable[[], None] = lambda: None,
) -> None:
    """Write a whole library into an open, empty binary file; dead rows are left out.

    ``indexes`` are those of the rows that are left. ``pause`` is called from time to time: an
    exception of its own ends the writing. Raises LibraryDamaged where vectors are not whole.
    """
    with ArchiveWriter(file) as writer:
        _write_parts(writer, snapshot, identity, indexes, pause)


def _write_parts(
    writer: ArchiveWriter,
    snapshot: Snapshot,
    identity: Identity,
    indexes: Mapping[IndexKey, LshIndex],
    pause: Callable[[], None],
) -> None:
    spaces = spaces_in_use(snapshot.spaces)
    header: JsonObject = {
        "format": identity.format,
        "library": identity.library.hex(),
        "generation": identity.generation,
        "next_id": snapshot.next_id,
        "version": snapshot.version,
        "roots": [path_text(root) for root in snapshot.roots],
        "spaces": {space: _space_head(table, table.living) for space, table in spaces.items()},
    }
    writer.add(HEADER_COPY, _json_bytes(header))
    _write_records(writer, RecordColumns.of(_pausing(snapshot.records, pause)))
    skipped = [skipped_row(file) for file in snapshot.skipped.files()]
    writer.add("skipped", _json_bytes(skipped))
    for space, table in spaces.items():
        _write_space(writer, space, table, table.living_rows(), pause)
    heads: dict[str, JsonObject] = {space: {} for space in spaces}
    for (space, metric), index in indexes.items():
        vectors = writer.checksums[f"{space}_vectors"]
        heads[space][metric] = write_index(writer, f"{space}_{metric}", index, vectors)
        pause()
    if snapshot.history:
        _write_undo(writer, snapshot.history[-1].inverse.whole(), pause)
    blocks = writer.add_sums()
    whole_header = {
        **header,
        "indexes": heads,
        "checksums": dict(writer.checksums),
        "blocks": blocks,
    }
    writer.add("header", _json_bytes(whole_header))


def _write_records(writer: ArchiveWriter, columns: RecordColumns) -> None:
    writer.add("ids", columns.ids)
    writer.add("numbers", columns.numbers)
    writer.add("taken", columns.taken)
    for name in TEXTS:
        column: TextColumn = getattr(columns, name)
        writer.add(name, column.blob)
        writer.add(f"{name}_offsets", column.offsets)


def _pausing(records: Iterable[Record], pause: Callable[[], None]) -> Iterator[Record]:
    for at, record in enumerate(records):
        if at % _CHUNK == 0:
            pause()
        yield record


def _write_space(
    writer: ArchiveWriter,
    name: str,
    table: VectorTable,
    rows: Int64Array,
    pause: Callable[[], None],
) -> None:
    writer.add(f"{name}_ids", table.ids[rows])
    shape = (len(rows), DIMENSION)
    writer.add_blocks(f"{name}_vectors", shape, np.dtype("<f4"), _chunks(table, rows, pause))


def _chunks(
    table: VectorTable, rows: Int64Array, pause: Callable[[], None]
) -> Iterator[Float32Array]:
    for at in range(0, len(rows), _CHUNK):
        pause()
        yield table.gather(rows[at : at + _CHUNK])


def _space_head(table: VectorTable, vectors: int) -> JsonObject:
    return {
        "vectors": vectors,
        "dimension": DIMENSION,
        "fingerprint": table.fingerprint,
        "precision": table.precision,
    }


def _write_undo(writer: ArchiveWriter, inverse: Inverse, pause: Callable[[], None]) -> None:
    head = {
        "command": command_row(inverse.command),
        "before": [record_row(record) for record in inverse.before],
        "after": [record_row(record) for record in inverse.after.values()],
        "before_taken": taken_row(inverse.before),
        "after_taken": taken_row(inverse.after.values()),
        "roots": _roots_head(inverse.roots),
        "spaces": {
            space: _space_head(old.table, len(old.ids)) for space, old in inverse.vectors.items()
        },
    }
    writer.add("undo", _json_bytes(head))
    for space, old in inverse.vectors.items():
        _write_space(writer, f"undo_{space}", old.table, old.rows, pause)


def _roots_head(roots: OldRoots | None) -> list[list[str]] | None:
    if roots is None:
        return None
    return [[path_text(root) for root in some] for some in (roots.before, roots.after)]


def _json_bytes(value: object) -> ByteArray:
    return np.frombuffer(json.dumps(value, separators=(",", ":")).encode("ascii"), np.uint8)


def read_header(archive: Archive) -> JsonObject:
    """The header, its format and the other parts' checksums proved to be as they should be.

    Raises NotALibrary, FormatTooNew, or ValueError with a phrase that names the part.
    """
    if "header" in archive.faults:
        raise ValueError(archive.faults["header"])
    if "header" not in archive.parts:
        raise NotALibrary(_("it has no header"))
    header = parse_object(archive.read("header", "|u1").tobytes())
    number = whole(header.get("format"))
    if number > FORMAT:
        raise FormatTooNew(f"format {number}")
    checksums = header.get("checksums")
    if not isinstance(checksums, dict):
        raise ValueError(_("the header lists no parts"))
    found = {name: part.checksum for name, part in archive.parts.items() if name != "header"}
    wrong = sorted(
        name
        for name in (found.keys() | checksums.keys()) - archive.faults.keys()
        if found.get(name) != checksums.get(name)
    )
    if wrong:
        raise ValueError(
            _("part {name} is not the one that the header lists").format(name=wrong[0])
        )
    archive.know_blocks(header.get("blocks"))
    return header


@dataclass(frozen=True, eq=False)
class Content:
    """What an archive holds: a library's state, which one it is, and indexes to be read later."""

    snapshot: Snapshot
    identity: Identity
    indexes: Mapping[IndexKey, StoredIndex]


def read_snapshot(archive: Archive) -> Content:
    """The library in an open archive: vectors mapped, all else read and proved.

    Raises what ``read_header`` raises, and ValueError with a phrase that names the part.
    """
    header = read_header(archive)
    try:
        identity = Identity(
            bytes.fromhex(text(header["library"])),
            whole(header["generation"]),
            whole(header["format"]),
        )
        heads: Mapping[str, JsonObject] = dict(header["spaces"])
        next_id, version = id_of(header["next_id"]), whole(header["version"])
        roots = paths(header["roots"])
        spaces = {text(space): _read_space(archive, space, heads[space]) for space in heads}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(_("the header lacks a part ({error!r})").format(error=error)) from error
    if len(identity.library) != 16:
        raise ValueError(_("the header names no library"))
    columns = _read_columns(archive)
    if len(columns) and columns.ids[-1] >= next_id:
        raise ValueError(
            _("part ids holds {id}, but the next id is {next_id}").format(
                id=columns.ids[-1], next_id=next_id
            )
        )
    for space, table in spaces.items():
        if not np.isin(table.ids, columns.ids, assume_unique=True).all():
            raise ValueError(
                _("part {space}_ids names images that are not in the library").format(space=space)
            )
    skipped = _read_skipped(archive)
    records = RecordTable(columns)
    undo = _read_undo(archive)
    snapshot = Snapshot(records, spaces, roots, SkippedTable(skipped), next_id, version, undo)
    return Content(snapshot, identity, _stored_indexes(archive, header.get("indexes"), spaces))


def _stored_indexes(
    archive: Archive, heads: object, spaces: Mapping[str, VectorTable]
) -> dict[IndexKey, StoredIndex]:
    """The indexes that can be read; one that cannot is made again, so it is no damage."""
    found: dict[IndexKey, StoredIndex] = {}
    for space, table in spaces.items():
        for metric in METRICS:
            try:
                head = heads[space][metric]  # type: ignore[index]
                index = StoredIndex.of(archive, space, metric, head, table.lineage)
            except (KeyError, TypeError, AttributeError, ValueError):
                continue
            if index is not None:
                found[space, metric] = index
    return found


def _read_columns(archive: Archive) -> RecordColumns:
    path_texts, digests, extras = texts_read = [
        TextColumn(archive.read(name, "|u1"), archive.read(f"{name}_offsets", "<i8"))
        for name in TEXTS
    ]
    ids: Int64Array = archive.read("ids", "<i8")
    taken = (
        archive.read("taken", "<i8")
        if "taken" in archive.parts
        else np.full(ids.shape[:1], NOT_READ, np.int64)
    )
    columns = RecordColumns(ids, archive.read("numbers", "<i8"), path_texts, digests, extras, taken)
    if columns.ids.ndim != 1 or any(column.blob.ndim != 1 for column in texts_read):
        raise ValueError(_("part ids or a text has the wrong shape"))
    problem = columns.problem()
    if problem:
        raise ValueError(_("the records have {problem}").format(problem=problem))
    return columns


def _read_space(archive: Archive, name: str, head: JsonObject) -> VectorTable:
    ids: Int64Array = archive.read(f"{name}_ids", "<i8")
    vectors, proof = archive.map(f"{name}_vectors", "<f4")
    count = whole(head["vectors"])
    if ids.shape != (count,) or vectors.shape != (count, DIMENSION):
        raise ValueError(
            _("part {name}_vectors has shape {shape} for {count} images").format(
                name=name, shape=vectors.shape, count=count
            )
        )
    if (np.diff(ids) <= 0).any():
        raise ValueError(_("part {name}_ids does not ascend").format(name=name))
    fingerprint, precision = text(head["fingerprint"]), text(head["precision"])
    return VectorTable.of(ids, vectors, fingerprint, precision, proof)


def _read_undo(archive: Archive) -> History:
    """The last command's inverse. One that cannot be read is left, and ``verify`` tells of it."""
    if "undo" not in archive.parts:
        return ()
    try:
        head = parse_object(archive.read("undo", "|u1").tobytes())
        before = records_of(head["before"], head.get("before_taken"))
        after = {record.id: record for record in records_of(head["after"], head.get("after_taken"))}
        tables = {
            text(space): _read_space(archive, f"undo_{space}", of_space)
            for space, of_space in head["spaces"].items()
        }
        done = command(head["command"])
        roots = _old_roots(head.get("roots"))
    except (KeyError, TypeError, AttributeError, ValueError):
        return ()
    vectors = {space: OldVectors(table, table.ids) for space, table in tables.items()}
    return (Past((Inverse(done, before, after, vectors, roots),)),)


def _old_roots(value: Any) -> OldRoots | None:
    """What ``_roots_head`` made; earlier programs wrote nothing. Raises ValueError, TypeError."""
    if value is None:
        return None
    before, after = value
    return OldRoots(paths(before), paths(after))


def _read_skipped(archive: Archive) -> dict[str, SkippedFile]:
    try:
        rows = json.loads(archive.read("skipped", "|u1").tobytes().decode("ascii"))
        files = [skipped_file(row) for row in rows]
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(_("part skipped cannot be read ({error})").format(error=error)) from error
    return {file.path: file for file in files}
