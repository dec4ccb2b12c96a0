"""Saving what is whole of a damaged library, into a new file; the old files stay as they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cbir.errors import CbirError, LibraryTooNew, NothingToRepair
from cbir.language import _
from cbir.library.loading import is_there, journal_path, load, unreadable
from cbir.library.salvage import salvage
from cbir.library.vector_table import spaces_in_use
from cbir.library.verify import verify
from cbir.library.whole_copy import is_taken, write_new


@dataclass(frozen=True)
class RepairReport:
    """The new library and what it holds; ``losses`` says, a sentence each, what could not be saved.

    ``problems`` is what ``verify`` said of the old one.
    """

    path: str
    problems: tuple[str, ...]
    losses: tuple[str, ...]
    records: int
    spaces: dict[str, int]


def repair(path: str | os.PathLike[str], to: str | os.PathLike[str] | None = None) -> RepairReport:
    """Write what can be saved of a library to ``to``, a new file, otherwise one beside it.

    Reads only what is there, so it may run beside anything. Raises NothingToRepair for a library
    that is whole, LibraryTooNew, LibraryUnwritable, and CbirError where ``to`` is taken, nothing is
    there or nothing can be saved.
    """
    file = Path(os.path.realpath(path))
    if not is_there(file):
        raise CbirError(_("There is no library at {path}.").format(path=file))
    report = verify(file)
    if not report.problems:
        raise NothingToRepair(_("{path} is whole: there is nothing to repair.").format(path=file))
    _refuse_newer(file)
    target = Path(os.path.abspath(to)) if to is not None else _beside(file)
    if is_taken(target):
        raise CbirError(
            _("{path} is there already: give --to a name that nothing has.").format(path=target)
        )
    try:
        saved = salvage(file, journal_path(file))
    except OSError as error:
        raise unreadable(file, error) from error
    snapshot = saved.snapshot
    if not len(snapshot.records):
        raise CbirError(
            _("Nothing can be saved of {path}. Index the pictures again, in a new library.").format(
                path=file
            )
        )
    written = write_new(target, snapshot)
    spaces = {space: table.living for space, table in spaces_in_use(written.spaces).items()}
    return RepairReport(
        str(target), report.problems, tuple(saved.losses), len(written.records), spaces
    )


def _refuse_newer(path: Path) -> None:
    """Raises LibraryTooNew: what this program does not know it would take for damage."""
    try:
        load(path)
    except LibraryTooNew:
        raise
    except (CbirError, OSError):
        pass


def _beside(path: Path) -> Path:
    """A name that nothing has: ``<name>.repaired.npz``."""
    stem = path.name.removesuffix(".npz")
    number, target = 1, path.with_name(f"{stem}.repaired.npz")
    while is_taken(target):
        number += 1
        target = path.with_name(f"{stem}.repaired-{number}.npz")
    return target
