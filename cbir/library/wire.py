"""A change as bytes and back: a JSON head in ASCII, then each space's raw float32 rows.

When pictures were taken stands beside their records and not in them, since programs that know
nothing of it refuse a longer record and pass over what the head has besides.

Text that is not UTF-8 (lone surrogates) survives as JSON's ``\\udcXX`` escapes. Reading trusts
nothing: types, counts and lengths are checked, and anything else is a ValueError.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cbir.language import _
from cbir.library.snapshot import Change, NewVectors
from cbir.library.undo import UserCommand
from cbir.library.vector_table import LARGEST
from cbir.records import (
    DIMENSION,
    NOT_READ,
    Embeddings,
    ImageFile,
    Int64Array,
    JsonObject,
    Record,
)
from cbir.records import SkippedFile as Skipped

_LENGTH = struct.Struct("<I")
_ROW_BYTES = DIMENSION * 4
_LARGEST_ID = 2**62


def encode_change(change: Change) -> list[bytes]:
    """The pieces of the entry's payload, in order."""
    head: JsonObject = {
        "drop": change.drop,
        "put": [record_row(record) for record in change.put],
        "taken": taken_row(change.put),
        "stale": change.stale,
        "vectors": [_vectors_head(space, new) for space, new in change.vectors.items()],
        "roots": None if change.roots is None else [path_text(root) for root in change.roots],
        "unskip": [path_text(path) for path in change.unskip],
        "skip": [skipped_row(file) for file in change.skip],
        "command": command_row(change.command) if change.command else None,
        "undoes": change.undoes,
    }
    text = json.dumps(head, separators=(",", ":")).encode("ascii")
    rows = [
        np.ascontiguousarray(new.embeddings.vectors, "<f4").tobytes()
        for new in change.vectors.values()
    ]
    return [_LENGTH.pack(len(text)), text, *rows]


def decode_change(payload: bytes) -> Change:
    """The change in an entry's payload; raises ValueError saying what is not as it should be."""
    if len(payload) < _LENGTH.size:
        raise ValueError(_("no head"))
    (length,) = _LENGTH.unpack_from(payload)
    end = _LENGTH.size + length
    if end > len(payload):
        raise ValueError(_("a head longer than its entry"))
    head = parse_object(payload[_LENGTH.size : end])
    try:
        vectors, end = _vectors(head["vectors"], payload, end)
        change = Change(
            drop=_ids(head["drop"]),
            put=records_of(head["put"], head.get("taken")),
            stale={text(space): _ids(ids) for space, ids in head["stale"].items()},
            vectors=vectors,
            roots=None if head["roots"] is None else paths(head["roots"]),
            unskip=paths(head["unskip"]),
            skip=tuple(skipped_file(row) for row in head["skip"]),
            # Format 1 knew neither.
            command=command(head["command"]) if head.get("command") else None,
            undoes=head.get("undoes") is True,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(_("a head without its parts ({error!r})").format(error=error)) from error
    if end != len(payload):
        raise ValueError(_("more bytes than its head says"))
    return change


def parse_object(data: bytes) -> JsonObject:
    """A JSON object from ASCII bytes; raises ValueError."""
    try:
        value = json.loads(data.decode("ascii"))
    except RecursionError as error:
        raise ValueError(_("JSON nested too deeply")) from error
    if not isinstance(value, dict):
        raise ValueError(_("not a JSON object"))
    return value


def text(value: Any) -> str:
    """``value`` if it is a string; raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(_("not a text"))
    return value


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a JSON array; raises ValueError."""
    if not isinstance(value, list):
        raise ValueError(_("not a list of texts"))
    return tuple(text(item) for item in value)


def whole(value: Any) -> int:
    """``value`` if it is a whole number of 0 or more that fits int64; raises ValueError."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(_("not a whole number"))
    return value


def signed(value: Any) -> int:
    """``value`` if it is a whole number that fits int64 (times may lie before 1970)."""
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError(_("not a whole number"))
    return value


def skipped_row(file: Skipped) -> list[object]:
    """A skipped file as a JSON array."""
    return [path_text(file.path), file.size, file.mtime_ns, file.reason]


def skipped_file(row: Any) -> Skipped:
    """The skipped file in a JSON array; raises ValueError.

    Its size is below 0 where the file is to be tried again though it did not change.
    """
    if not isinstance(row, list) or len(row) != 4:
        raise ValueError(_("not a skipped file"))
    return Skipped(path_of(row[0]), signed(row[1]), signed(row[2]), text(row[3]))


def record_row(record: Record) -> list[object]:
    """A record as a JSON array."""
    file = record.file
    of_file = [path_text(file.path), file.size, file.mtime_ns, file.digest, file.width, file.height]
    return [record.id, *of_file, record.tags, record.note, record.missing]


def taken_row(records: Iterable[Record]) -> list[object]:
    """When the pictures of ``records`` were taken, as a JSON array; null where not looked for."""
    return [None if r.file.taken == NOT_READ else r.file.taken for r in records]


def path_text(path: str) -> str:
    """A path as text that means the same under any locale: its bytes read as UTF-8, if need be
    with lone surrogates (PEP 383).
    """
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def path_of(value: Any) -> str:
    """The path that ``path_text`` made ``value`` of; raises ValueError."""
    content = text(value).encode("utf-8", "surrogateescape")
    if b"\0" in content:
        raise ValueError(_("a path that holds a zero byte"))
    return os.fsdecode(content)


def paths(value: Any) -> tuple[str, ...]:
    """The paths of a JSON array; raises ValueError."""
    return tuple(path_of(item) for item in texts(value))


def record_of(row: Any) -> Record:
    """The record in a JSON array; raises ValueError."""
    if not isinstance(row, list) or len(row) != 10:
        raise ValueError(_("not a record"))
    path, size, mtime_ns, digest, width, height = row[1:7]
    if not text(digest).isascii() or type(row[9]) is not bool:
        raise ValueError(_("not a record"))
    file = ImageFile(
        path_of(path), whole(size), signed(mtime_ns), digest, whole(width), whole(height)
    )
    return Record(id_of(row[0]), file, texts(row[7]), text(row[8]), row[9])


def records_of(rows: Any, taken: Any) -> tuple[Record, ...]:
    """The records in a JSON array and their ``taken_row``, None where there is none: ValueError."""
    records = tuple(record_of(row) for row in rows)
    if taken is None:  # an earlier program wrote it
        return records
    if not isinstance(taken, list) or len(taken) != len(records):
        raise ValueError(_("dates that do not fit the records"))
    dates = (NOT_READ if time is None else signed(time) for time in taken)
    return tuple(
        replace(record, file=replace(record.file, taken=date))
        for record, date in zip(records, dates, strict=True)
    )


def command_row(command: UserCommand) -> list[object]:
    """What a user did, as a JSON array."""
    return [command.title, command.key]


def command(row: Any) -> UserCommand:
    """What a user did, from a JSON array; raises ValueError."""
    title, key = texts(row)
    return UserCommand(title, key)


def id_of(value: Any) -> int:
    """``value`` if it can be a record's id; raises ValueError."""
    if not 1 <= whole(value) <= _LARGEST_ID:
        raise ValueError(_("not an id"))
    return int(value)


def _ids(value: Sequence[Any]) -> tuple[int, ...]:
    return tuple(id_of(item) for item in value)


def _vectors_head(space: str, new: NewVectors) -> list[object]:
    made = new.embeddings
    return [space, made.fingerprint, made.precision, new.ids.tolist()]


def _vectors(rows: Any, payload: bytes, at: int) -> tuple[dict[str, NewVectors], int]:
    """The vectors that the head's ``rows`` announce, from byte ``at`` on, and where they end."""
    found: dict[str, NewVectors] = {}
    for space, fingerprint, precision, listed in rows:
        ids: Int64Array = np.array(_ids(listed), np.int64)
        size = len(ids) * _ROW_BYTES
        if at + size > len(payload) or len(np.unique(ids)) != len(ids):
            raise ValueError(_("vectors that its head does not fit"))
        flat = np.frombuffer(payload, "<f4", len(ids) * DIMENSION, at).astype(np.float32)
        if not (np.abs(flat) <= LARGEST).all():
            raise ValueError(_("a vector of numbers that are not finite or too large"))
        matrix = flat.reshape(len(ids), DIMENSION)
        found[text(space)] = NewVectors(ids, Embeddings(matrix, text(fingerprint), text(precision)))
        at += size
    return found, at
