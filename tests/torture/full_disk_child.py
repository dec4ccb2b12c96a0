"""The child that may write no file beyond a size: ``python -m tests.torture.full_disk_child PATH``.

Says what was refused, what worked when there was room again, and ok.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from cbir.errors import LibraryUnwritable
from cbir.library import Library
from tests.library.helpers import image_file, made, vectors_of
from tests.torture.children import say
from tests.torture.script import State

BATCH = 20


def limit(size: int) -> None:
    """Python ignores SIGXFSZ, so that a write is cut short and the next one fails (EFBIG)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def add(library: Library, first: int) -> None:
    files = [image_file(number) for number in range(first, first + BATCH)]
    library.add(files, {"classic": made(vectors_of(BATCH, first))})


def agrees(path: Path, state: State) -> None:
    with Library.open(path, read_only=True) as other:
        if State.of(other) != state:
            raise AssertionError(f"{State.of(other)} on disk, not {state}")


def main(path: Path) -> None:
    with Library.open(path) as library:
        add(library, 1)
        library.fold()
        limit(library.bytes + BATCH * 2048)
        count, refused = 1, False
        while not refused:
            before = State.of(library)
            try:
                add(library, 1 + BATCH * count)
                count += 1
            except LibraryUnwritable:
                refused = True
        if State.of(library) != before or count > 9:
            raise AssertionError("a refused change is there")
        agrees(path, before)
        say("add: refused")
        try:
            library.fold()
        except LibraryUnwritable:
            say("fold: refused")
        agrees(path, before)
        limit(resource.RLIM_INFINITY)
        add(library, 1 + BATCH * count)
        library.fold()
        add(library, 1 + BATCH * (count + 1))
        agrees(path, State.of(library))
        state = State.of(library)
        say("afterwards: done")
    agrees(path, state)
    say("ok")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
