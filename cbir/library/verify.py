"""Whether a library's files are whole, said sentence by sentence; nothing is changed or locked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cbir.errors import CbirError
from cbir.library.archive import Archive
from cbir.library.loading import Loaded, journal_path, load, unreadable
from cbir.library.snapshot import Snapshot
from cbir.library.vector_table import LARGEST, VectorTable, spaces_in_use


@dataclass(frozen=True)
class VerifyReport:
    """What was found: ``problems`` is empty when the library is whole; ``notes`` are no damage.

    ``records`` and the vectors of each space in ``spaces`` are counted where they could be read.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    records: int
    spaces: dict[str, int]


def verify(path: str | os.PathLike[str]) -> VerifyReport:
    """Read all of a library and check it: checksums, vectors, paths, tags, and the journal."""
    file = Path(os.path.realpath(path))
    if not os.path.lexists(file) and not os.path.lexists(journal_path(file)):
        return VerifyReport((f"There is no library at {file}.",), (), 0, {})
    try:
        loaded = load(file)
    except OSError as error:
        return VerifyReport((str(unreadable(file, error)),), (), 0, {})
    except CbirError as error:
        return VerifyReport((str(error),), (), 0, {})
    snapshot = loaded.snapshot
    problems = [*_checksum_problems(file), *_record_problems(snapshot)]
    spaces = spaces_in_use(snapshot.spaces)
    for space, table in spaces.items():
        problems.extend(_vector_problems(space, table))
    counts = {space: table.living for space, table in spaces.items()}
    return VerifyReport(tuple(problems), tuple(_notes(loaded)), len(snapshot.records), counts)


def _checksum_problems(file: Path) -> list[str]:
    try:
        with Archive(file) as archive:
            wrong = [name for name in archive.parts if not archive.matches(name)]
    except (OSError, ValueError) as error:
        return [f"The library file cannot be read to its end: {error}."]
    return [f"Part {name} does not match its checksum." for name in wrong]


def _record_problems(snapshot: Snapshot) -> list[str]:
    try:
        paths = [record.path for record in snapshot.records]
    except CbirError as error:
        return [str(error)]
    if len(set(paths)) != len(paths):
        return [f"{len(paths) - len(set(paths))} paths are in the library more than once."]
    return []


def _vector_problems(space: str, table: VectorTable) -> list[str]:
    # The blocks come without their norms, which refuse such vectors themselves.
    wrong = 0
    rows = table.living_rows()
    for start in range(0, len(rows), 8192):
        vectors = table.gather(rows[start : start + 8192])
        wrong += int(np.count_nonzero(~(np.abs(vectors) <= LARGEST).all(axis=1)))
    return [f"{wrong} vectors of the space {space} are not finite numbers."] if wrong else []


def _notes(loaded: Loaded) -> list[str]:
    if not loaded.torn:
        return []
    return [
        f"The last {loaded.torn} bytes of the journal are an unfinished entry, as a crash leaves "
        "them: nobody was told that it was saved, and the next change drops it."
    ]
