"""What is there of a file whose download has not ended: a part beside it, one writer at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from cbir.errors import DownloadFailed
from cbir.language import _


def part_of(target: Path) -> Path:
    """Where ``target`` is received, under a name that every later download finds again."""
    return target.with_name(f".{target.name}.part")


def part_size(target: Path) -> int:
    """How many bytes of ``target`` lie in its part; 0 without one."""
    try:
        return part_of(target).stat().st_size
    except OSError:
        return 0


@contextlib.contextmanager
def sole_writer(target: Path) -> Iterator[None]:
    """Keeps other programs from writing the part meanwhile; a killed process lets go of it.

    A drive that knows no locks is written all the same: the hash tells a file that two programs
    mixed up. Raises DownloadFailed where another program is at work on the file.
    """
    path = part_of(target).with_suffix(".part.lock")
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DownloadFailed(
            _(
                "{name} is being downloaded by another cbir window or command at this moment: "
                "wait until that has ended, or cancel it there."
            ).format(name=target.name)
        ) from None
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no open file
            path.unlink()
        lock.release()
