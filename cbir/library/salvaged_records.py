"""What can be saved of a damaged library's records."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cbir.language import _, counted
from cbir.library.damaged_archive import DamagedArchive, Salvaged
from cbir.library.layout import TEXTS
from cbir.library.texts import decode_extras
from cbir.records import NOT_READ, ImageFile, Record

_NUMBERS = 5


def salvaged_records(
    archive: DamagedArchive, losses: list[str]
) -> tuple[list[Record], list[Record]]:
    """The records whose paths are whole, by ascending id, and those whose id is lost.

    ``losses`` gets a sentence a loss. Where the facts of a file are lost, they are such that the
    next refresh reads it again.
    """
    columns = _Columns.of(archive, losses)
    records: list[Record] = []
    nameless: list[Record] = []
    paths: set[str] = set()
    for row in range(columns.count):
        record = columns.record(row)
        if record is None or record.path in paths:
            continue
        paths.add(record.path)
        ascends = record.id > (records[-1].id if records else 0)
        (records if ascends else nameless).append(record)
    if len(paths) < columns.count:
        lost = columns.count - len(paths)
        losses.append(
            counted(
                "{count:,} of {total:,} records is lost.",
                "{count:,} of {total:,} records are lost.",
                lost,
                total=columns.count,
            )
        )
    if columns.forgotten:
        losses.append(
            counted(
                "The tags and note of {count:,} record are lost.",
                "The tags and notes of {count:,} records are lost.",
                columns.forgotten,
            )
        )
    if columns.unknown:
        losses.append(
            counted(
                "What is known of {count:,} file (size, time, content) is lost: the next "
                "indexing reads it again.",
                "What is known of {count:,} files (size, time, content) is lost: the next "
                "indexing reads them again.",
                columns.unknown,
            )
        )
    return records, nameless


@dataclass(eq=False)
class _Columns:
    """The parts that hold records.

    ``forgotten`` counts those whose tags and note were lost, ``unknown`` those whose file's facts
    were.
    """

    count: int
    ids: Salvaged | None
    numbers: Salvaged | None
    texts: dict[str, _Texts]
    taken: Salvaged | None
    forgotten: int = 0
    unknown: int = 0

    @staticmethod
    def of(archive: DamagedArchive, losses: list[str]) -> _Columns:
        ids = salvaged_part(archive, "ids", "<i8", losses)
        numbers = salvaged_part(archive, "numbers", "<i8", losses)
        texts = {name: _Texts.of(archive, name, losses) for name in TEXTS}
        count = len(ids.items) if ids is not None else texts["paths"].count
        taken = salvaged_part(archive, "taken", "<i8", losses)
        return _Columns(count, ids, numbers, texts, taken)

    def record(self, row: int) -> Record | None:
        """The record in a row, with the id 0 where that is lost; None where its path is."""
        path = self.texts["paths"].get(row)
        if not path or b"\0" in path:
            return None
        known = self.ids is not None and bool(self.ids.whole[row])
        id = int(self.ids.items[row]) if self.ids is not None and known else 0
        extras = self.texts["extras"].get(row)
        self.forgotten += extras is None
        tags, note = _decoded(extras)
        file, missing = self._file(os.fsdecode(path), row)
        return Record(id, file, tags, note, missing)

    def _file(self, path: str, row: int) -> tuple[ImageFile, bool]:
        digest = self.texts["digests"].get(row)
        numbers = self._numbers(row)
        if numbers is None or not digest or not digest.isascii():
            self.unknown += 1
            return ImageFile(path, 0, 0, "", 0, 0), False
        size, mtime_ns, width, height, missing = numbers
        content, taken = digest.decode("ascii"), self._taken(row)
        return ImageFile(path, size, mtime_ns, content, width, height, taken), bool(missing)

    def _taken(self, row: int) -> int:
        """When the picture was taken; what is lost of that, the next refresh reads again."""
        known = self.taken is not None and row < len(self.taken.items) and self.taken.whole[row]
        return int(self.taken.items[row]) if self.taken is not None and known else NOT_READ

    def _numbers(self, row: int) -> list[int] | None:
        if self.numbers is None:
            return None
        part = slice(row * _NUMBERS, (row + 1) * _NUMBERS)
        found: list[int] = self.numbers.items[part].tolist()
        usable = len(found) == _NUMBERS and self.numbers.whole[part].all()
        return found if usable and min(found[0], found[2], found[3]) >= 0 else None


@dataclass(frozen=True, eq=False)
class _Texts:
    """A column of byte strings, some of which may be lost."""

    blob: Salvaged | None
    offsets: Salvaged | None

    @staticmethod
    def of(archive: DamagedArchive, name: str, losses: list[str]) -> _Texts:
        blob = salvaged_part(archive, name, "|u1", losses)
        return _Texts(blob, salvaged_part(archive, f"{name}_offsets", "<i8", losses))

    @property
    def count(self) -> int:
        """How many strings there were, 0 where that is lost."""
        return max(0, len(self.offsets.items) - 1) if self.offsets is not None else 0

    def get(self, row: int) -> bytes | None:
        """The string in a row, None where it is lost."""
        if self.blob is None or self.offsets is None or row >= self.count:
            return None
        start, end = self.offsets.items[row : row + 2].tolist()
        known = self.offsets.whole[row : row + 2].all()
        if not known or not 0 <= start <= end <= len(self.blob.items):
            return None
        return self.blob.items[start:end].tobytes() if self.blob.whole[start:end].all() else None


def salvaged_part(
    archive: DamagedArchive, name: str, dtype: str, losses: list[str]
) -> Salvaged | None:
    """What is whole of a part; ``losses`` gets a sentence of the rest."""
    part = archive.read(name, dtype)
    if part is None:
        if name in archive.parts:
            losses.append(_("Part {name} is damaged.").format(name=name))
    elif not part.is_whole:
        wrong = part.items[~part.whole].nbytes
        losses.append(
            _("Part {name} is damaged, {wrong:,} of {total:,} bytes.").format(
                name=name, wrong=wrong, total=part.items.nbytes
            )
        )
    return part


def _decoded(extras: bytes | None) -> tuple[tuple[str, ...], str]:
    try:
        return decode_extras(extras or b"")
    except (ValueError, RecursionError):
        return (), ""
