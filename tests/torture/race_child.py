"""A child that races for libraries on command, over and over.

A command is one line of JSON with ``do`` and what it needs; the answer is one line of JSON.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

from cbir.errors import CbirError
from cbir.library import Library
from cbir.records import Embeddings, ImageFile
from tests.torture.children import say
from tests.torture.model import vectors_of

Answer = dict[str, Any]


class Racer:
    """Holds the library of the race that goes on."""

    def __init__(self) -> None:
        self.library: Library | None = None

    def open(self, path: str, at: float, patience: float) -> Answer:
        """Open for writing at that moment of the clock that all processes share."""
        while time.monotonic() < at:
            pass
        try:
            self.library = Library.open(path, patience=patience)
        except CbirError as error:
            return {"error": str(error), "kind": type(error).__name__}
        return self.look()

    def look(self) -> Answer:
        """All that it sees."""
        library = self.library
        assert library is not None
        seen: dict[str, int] = {}
        if library.spaces():
            ids, vectors = library.vectors("clip")
            seen = dict(
                zip(map(str, ids.tolist()), vectors[:, 0].astype(int).tolist(), strict=True)
            )
        return {
            "read_only": library.read_only,
            "reason": library.read_only_reason,
            "paths": {str(record.id): record.path for record in library},
            "vectors": seen,
        }

    def add(self, first: int, count: int, fold: bool) -> Answer:
        """Add a batch, its vectors numbered from ``first``; refused where another writes."""
        assert self.library is not None
        numbers = range(first, first + count)
        files = [ImageFile(f"/r/{n}", n, n, f"{n:032x}", 1, 1) for n in numbers]
        try:
            ids = self.library.add(files, {"clip": Embeddings(vectors_of(numbers), "weights-1")})
            if fold:
                self.library.fold()
        except CbirError as error:
            return {"error": str(error), "kind": type(error).__name__}
        return {"ids": ids}

    def close(self) -> Answer:
        """Let another write."""
        if self.library is not None:
            self.library.close()
        self.library = None
        return {}


def main() -> None:
    racer = Racer()
    for line in sys.stdin:
        command = json.loads(line)
        say(json.dumps(getattr(racer, command.pop("do"))(**command)))


if __name__ == "__main__":
    if hasattr(signal, "alarm"):
        signal.alarm(1700)  # nobody is left behind when the parent goes
    main()
