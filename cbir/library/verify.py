"""Whether a library's files are whole, said sentence by sentence; nothing is changed or locked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cbir.errors import CbirError, LibraryDamaged
from cbir.language import _, counted
from cbir.library.archive import Archive
from cbir.library.layout import read_header
from cbir.library.loading import Loaded, is_there, journal_path, load, unreadable
from cbir.library.salvage import salvage
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import BLOCK, LARGEST, WHAT_TO_DO, spaces_in_use


@dataclass(frozen=True)
class VerifyReport:
    """What was found: ``problems`` is empty when the library is whole; ``notes`` are no damage.

    ``records`` and the vectors of each space in ``spaces`` are counted as far as they can be saved.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    records: int
    spaces: dict[str, int]


def verify(path: str | os.PathLike[str]) -> VerifyReport:
    """Read all of a library and check it: checksums, vectors, paths, tags, and the journal."""
    file = Path(os.path.realpath(path))
    try:
        if not is_there(file):
            return VerifyReport((_("There is no library at {path}.").format(path=file),), (), 0, {})
        loaded = load(file)
    except OSError as error:
        return VerifyReport((str(unreadable(file, error)),), (), 0, {})
    except LibraryDamaged as error:
        return _damaged(file, str(error).partition(f" {WHAT_TO_DO}")[0])
    except CbirError as error:
        return VerifyReport((str(error),), (), 0, {})
    snapshot = loaded.snapshot
    problems = [loaded.notice] if loaded.notice else []
    problems += [*_archive_problems(file), *_record_problems(snapshot)]
    counts = {space: table.living for space, table in spaces_in_use(snapshot.spaces).items()}
    return VerifyReport(tuple(problems), tuple(_notes(loaded)), len(snapshot.records), counts)


def _damaged(file: Path, first: str) -> VerifyReport:
    """What is wrong with a library that cannot be opened, and what could be saved of it."""
    try:
        found = salvage(file, journal_path(file))
    except OSError as error:
        return VerifyReport((first, str(unreadable(file, error))), (), 0, {})
    spaces = spaces_in_use(found.snapshot.spaces)
    counts = {space: table.living for space, table in spaces.items()}
    return VerifyReport((first, *found.losses), (), len(found.snapshot.records), counts)


def _archive_problems(file: Path) -> list[str]:
    problems: list[str] = []
    try:
        with Archive(file) as archive:
            header = read_header(archive)
            problems += [
                _("Part {name} is damaged: {fault}.").format(name=name, fault=fault)
                for name, fault in archive.faults.items()
            ]
            problems += [
                _("Part {name} does not match its checksum.").format(name=name)
                for name in archive.parts
                if not archive.matches(name)
            ]
            for space in header["spaces"]:
                problems += _vector_problems(archive, space)
    except (OSError, ValueError) as error:
        problems.append(
            _("The library file cannot be read to its end: {error}.").format(error=error)
        )
    return problems


def _record_problems(snapshot: Snapshot) -> list[str]:
    try:
        paths = [record.path for record in snapshot.records]
    except CbirError as error:
        return [str(error)]
    if len(set(paths)) != len(paths):
        return [
            counted(
                "{count:,} path is in the library more than once.",
                "{count:,} paths are in the library more than once.",
                len(paths) - len(set(paths)),
            )
        ]
    return []


def _vector_problems(archive: Archive, space: str) -> list[str]:
    # What the checksums say was said; here the vectors are looked at.
    vectors, _proof = archive.map(f"{space}_vectors", "<f4")
    wrong = 0
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        wrong += int(np.count_nonzero(~(np.abs(block) <= LARGEST).all(axis=1)))
    if not wrong:
        return []
    return [
        counted(
            "{count:,} vector of the space {space} is not of finite numbers.",
            "{count:,} vectors of the space {space} are not finite numbers.",
            wrong,
            space=space,
        )
    ]


def _notes(loaded: Loaded) -> list[str]:
    if not loaded.torn:
        return []
    return [
        _(
            "The last {count} bytes of the journal are an unfinished entry, as a crash leaves "
            "them: nobody was told that it was saved, and the next change drops it."
        ).format(count=loaded.torn)
    ]
