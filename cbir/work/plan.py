"""What an indexing job has to do: which files are new, changed, moved, or already known."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cbir.images import DEFAULT_MAX_PIXELS, Found, FoundFile, NotEntered, fits_now
from cbir.language import _
from cbir.library import Library
from cbir.records import NOT_READ, ImageFile, Record, SkippedFile
from cbir.work.roots import has_left, is_gone
from cbir.work.worker import JobRun

_LOOKING = 500  # files seen between two progress messages while walking


@dataclass(slots=True)
class Plan:
    """The outcome of the walk: ``todo`` must be opened, everything else is known without.

    ``undated`` are ids of unchanged ones of which it was never asked when they were taken.
    """

    todo: list[FoundFile] = field(default_factory=list)
    back: list[Record] = field(default_factory=list)
    undated: list[int] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    unchanged: int = 0
    ignored: int = 0
    not_entered: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an opened file belongs. ``record`` is the one it continues, None for a new picture.

    ``spaces`` are those in which it needs a vector.
    """

    file: ImageFile
    record: Record | None
    spaces: tuple[str, ...]


class Claims:
    """Records that a moved file has taken; each can be taken once. Any thread may ask."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def take(self, record: Record) -> bool:
        """Whether ``record`` was still free; it is taken from now on."""
        with self._lock:
            free = record.id not in self._taken
            self._taken.add(record.id)
            return free


def make_plan(
    run: JobRun,
    library: Library,
    walked: Iterable[Found],
    spaces: Sequence[str],
    *,
    newest_first: bool = False,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Plan:
    """Sort what is found as it is ``walked``; opens no picture.

    What was skipped as too large is to be opened if ``max_pixels`` takes it in now.
    Raises CbirError where a path does not exist, JobCancelled where the job was asked to end.
    """
    plan = Plan()
    lacking = set[int]().union(*(library.lacking(space) for space in spaces))
    known_bad = {
        skipped.path: skipped
        for skipped in library.skipped
        if not fits_now(skipped.reason, max_pixels)
    }
    for found in walked:
        run.check()
        if isinstance(found, FoundFile):
            plan.seen.add(found.path)
            _sort(plan, library.find(found.path), known_bad.get(found.path), found, lacking)
        elif isinstance(found, SkippedFile):
            plan.seen.add(found.path)
            plan.skipped.append(found)
        elif isinstance(found, NotEntered):
            plan.not_entered.append(found.path)
        else:
            plan.ignored += 1
        if (len(plan.seen) + plan.ignored) % _LOOKING == 0:
            run.progress(
                0,
                None,
                _("looking: {count:,} pictures found").format(count=len(plan.seen)),
                len(plan.skipped),
            )
    if newest_first:
        _put_newest_folders_first(plan.todo)
    return plan


def _put_newest_folders_first(files: list[FoundFile]) -> None:
    """The files of one folder stay together, in their order; folders that changed last lead."""
    times = {folder: _time_of(folder) for folder in {os.path.dirname(f.path) for f in files}}
    files.sort(key=lambda file: times[os.path.dirname(file.path)], reverse=True)


def _time_of(folder: str) -> tuple[int, str]:
    try:
        return os.stat(folder).st_mtime_ns, folder
    except OSError:
        return 0, folder


def plan_lacking(
    library: Library, spaces: Sequence[str], among: Sequence[int] | None = None
) -> Plan:
    """A plan of the records that lack a vector in one of ``spaces``, but for missing files.

    ``among`` are the ids that may be in it; None: all.
    """
    ids = set[int]().union(*(library.lacking(space) for space in spaces))
    if among is not None:
        ids.intersection_update(among)
    records = (library.get(id_) for id_ in sorted(ids))
    files = (record.file for record in records if not record.missing)
    return Plan(todo=[FoundFile(file.path, file.size, file.mtime_ns) for file in files])


def _sort(
    plan: Plan,
    record: Record | None,
    bad: SkippedFile | None,
    found: FoundFile,
    lacking: set[int],
) -> None:
    if bad is not None and (bad.size, bad.mtime_ns) == (found.size, found.mtime_ns):
        plan.skipped.append(bad)
    elif record is None or not _same_file(record.file, found) or record.id in lacking:
        plan.todo.append(found)
    elif record.missing:
        plan.back.append(record)
    else:
        plan.unchanged += 1
        if record.file.taken == NOT_READ:
            plan.undated.append(record.id)


def _same_file(known: ImageFile, found: FoundFile) -> bool:
    return (known.size, known.mtime_ns) == (found.size, found.mtime_ns)


def place(library: Library, file: ImageFile, spaces: Sequence[str], claims: Claims) -> Target:
    """Decide where an opened file belongs: its own record, one that moved here, or a new one.

    Only a record whose file is really gone counts as moved: where its root cannot be reached (an
    unplugged drive), the file here is a second copy.
    """
    record = library.find(file.path)
    if record is None:
        record = next(
            (
                other
                for other in library.find_digest(file.digest)
                if has_left(other.path, library.roots) and claims.take(other)
            ),
            None,
        )
    if record is None or record.file.digest != file.digest:
        return Target(file, record, tuple(spaces))
    needed = tuple(space for space in spaces if library.vector(record.id, space) is None)
    return Target(file, record, needed)


def gone_records(library: Library, paths: Sequence[str], seen: set[str]) -> list[Record]:
    """Records at or below the walked ``paths`` whose files are gone, not yet marked so."""
    roots = library.roots
    records = (library.find(path) for path in _known_at(library, paths) if path not in seen)
    return [
        record
        for record in records
        if record is not None and not record.missing and is_gone(record.path, roots)
    ]


def _known_at(library: Library, paths: Sequence[str]) -> list[str]:
    """The paths of records at or below ``paths``, of which there may be thousands."""
    exact = [path for path in paths if library.find(path) is not None]
    others = set(paths).difference(exact)
    return [*exact, *library.paths_below(p for p in others if not os.path.isfile(p))]
