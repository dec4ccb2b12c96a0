"""What a library goes through in the tests of power loss and of faults: always the same.

A ``Session`` does one change after the other and notes which states were acknowledged. It can go on
where a fault ended it: a change that was acknowledged is not done again.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cbir.errors import CbirError
from cbir.library import Library, layout
from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.journal import HEAD_BYTES
from cbir.library.loading import journal_path
from cbir.library.undo import UserCommand
from cbir.records import Embeddings, Record, SkippedFile
from tests.library.helpers import image_file, made, vectors_of

FORMAT_1_HEAD = 40


@dataclass(frozen=True)
class State:
    """All that a library holds, comparable; ``vectors``: each space's ids and vectors, as bytes."""

    version: int
    next_id: int
    records: tuple[Record, ...]
    roots: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    vectors: tuple[tuple[str, bytes, bytes], ...]
    undoable: str = ""

    @staticmethod
    def of(library: Library) -> State:
        held = [(space, *library.vectors(space)) for space in library.spaces()]
        return State(
            library.version,
            library._state.snapshot.next_id,
            tuple(library),
            library.roots,
            library.skipped,
            tuple((space, ids.tobytes(), rows.tobytes()) for space, ids, rows in held),
            library.undoable,
        )

    def __str__(self) -> str:
        spaces = {space: len(ids) // 8 for space, ids, _ in self.vectors}
        return f"version {self.version}: {len(self.records)} records, {spaces}, {self.undoable!r}"


def agree(found: State, model: State) -> bool:
    """Whether both are the same; a fold or two and a reopening may end what can be undone."""
    same = replace(found, undoable="") == replace(model, undoable="")
    return same and found.undoable in ("", model.undoable)


EMPTY = State(0, 1, (), (), (), ())


def command(title: str) -> UserCommand:
    return UserCommand(title, title)


def pair(count: int, seed: int) -> dict[str, Embeddings]:
    return {"classic": made(vectors_of(count, seed)), "clip": made(vectors_of(count, seed + 1))}


def tag(library: Library, id: int, *tags: str) -> None:
    library.amend([id], lambda old: replace(old, tags=tags), command=command(f"Tag {tags}"))


def _update(library: Library) -> None:
    file = replace(library.get(3).file, path="/p/\udcff\n.jpg", digest="beef")
    library.update([Record(3, file, ("new",), "note")], {"clip": made(vectors_of(1, 60))})


CHANGES: dict[str, Callable[[Library], object]] = {
    "add": lambda library: library.add([image_file(n) for n in (1, 2, 3)], pair(3, 1)),
    "add to one space": lambda library: library.add(
        [image_file(n) for n in (4, 5)], {"clip": made(vectors_of(2, 5))}
    ),
    "tag": lambda library: tag(library, 1, "sea"),
    "remove": lambda library: library.remove([2, 4], command=command("Remove 2 images")),
    "undo": lambda library: library.undo(),
    "root": lambda library: library.add_root("/p/\udcff"),
    "skip": lambda library: library.set_skipped([SkippedFile("/b", 1, 2, "bad")]),
    "remove another": lambda library: library.remove([5], command=command("Remove 1 image")),
    "add during a fold": lambda library: library.add([image_file(11)], pair(1, 20)),
    "tag during a fold": lambda library: tag(library, 3, "during"),
    "add after a fold": lambda library: library.add([image_file(n) for n in (12, 13)], pair(2, 30)),
    "add after opening": lambda library: library.add([image_file(14)]),
    "undo after opening": lambda library: library.undo(),
    "update": _update,
    "remove the last": lambda library: library.remove([6, 9, 99]),
    "once more": lambda library: library.add([image_file(1000 + library.version)], pair(1, 80)),
    "tag all": lambda library: library.amend(
        [record.id for record in library],
        lambda old: replace(old, tags=("all",)),
        command=command(f"Tag all at {library.version}"),
    ),
    "tag at last": lambda library: tag(library, 1, "last", "of all"),
}


@dataclass(frozen=True)
class Step:
    """``open``, ``close``, ``fold``, ``refused`` or the name of a change.

    ``during`` are changes that are made while the fold is written.
    """

    kind: str
    during: tuple[str, ...] = ()


NEW = tuple(
    Step(kind)
    for kind in (
        "open",
        "refused",
        "add",
        "add to one space",
        "tag",
        "remove",
        "undo",
        "refused",
        "root",
        "skip",
        "close",
        "open",
        "remove another",
    )
)
OLD = (
    Step("fold", ("add during a fold", "tag during a fold")),
    Step("add after a fold"),
    Step("close"),
    Step("open"),
    Step("add after opening"),
    Step("undo after opening"),
    Step("fold"),
    Step("fold"),
    Step("update"),
    Step("remove the last"),
    Step("fold", ("tag at last",)),
    Step("close"),
    Step("open"),
    Step("close"),
)
WHOLE = (*NEW, *OLD)


AGAIN = (
    Step("open"),
    Step("once more"),
    Step("fold", ("tag all",)),
    Step("once more"),
    Step("close"),
)


@dataclass(frozen=True)
class Acknowledged:
    """A change: how long the log was when it was first tried and when done; the state then."""

    name: str
    begun: int
    done: int
    state: State


class Session:
    """Goes through ``steps``; ``position`` tells the length of a log."""

    def __init__(
        self, path: Path, steps: Sequence[Step], position: Callable[[], int] = lambda: 0
    ) -> None:
        self.path = path
        self.library: Library | None = None
        self.at = 0
        self.acknowledged: list[Acknowledged] = []
        self._steps = steps
        self._position = position
        self._tried: dict[tuple[int, str], int] = {}
        self._done: set[tuple[int, str]] = set()

    @property
    def ended(self) -> bool:
        return self.at == len(self._steps)

    @property
    def step(self) -> Step:
        return self._steps[self.at]

    def go(self) -> None:
        """Do the next step; with an exception it is the next one still."""
        step = self.step
        if step.kind == "open":
            library = Library.open(self.path)
            if library.read_only:
                raise ReadOnly(library)
            self.library = library
        else:
            assert self.library is not None
            if step.kind == "close":
                self.library.close()
            elif step.kind == "fold":
                self._fold(self.library, step)
            elif step.kind == "refused":
                self._be_refused(self.library)
            else:
                self._change(self.library, step.kind)
        self.at += 1

    def run(self) -> None:
        while not self.ended:
            self.go()

    def _change(self, library: Library, name: str) -> None:
        if (self.at, name) in self._done:
            return
        begun = self._tried.setdefault((self.at, name), self._position())
        CHANGES[name](library)
        self._done.add((self.at, name))
        state = State.of(library)
        self.acknowledged.append(Acknowledged(name, begun, self._position(), state))

    def _fold(self, library: Library, step: Step) -> None:
        left = list(step.during)

        def pause() -> None:
            if left:
                self._change(library, left[0])
                del left[0]

        library.fold(pause)
        for name in left:
            self._change(library, name)

    @staticmethod
    def _be_refused(library: Library) -> None:
        before = State.of(library)
        for wrong in ("relative", "/p/\0"):
            try:
                library.add([replace(image_file(77), path=wrong)], pair(1, 70))
            except CbirError:
                continue
            raise AssertionError(f"{wrong!a} was not refused")
        assert State.of(library) == before


class ReadOnly(Exception):
    """A library was to be opened for writing and was not; ``library`` is that library."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.read_only_reason)
        self.library = library


def make_format_1(path: Path) -> None:
    """Turn the library at ``path``, closed, into one of format 1: no undo, no sums, no seal."""
    with Archive(path) as archive:
        parts = [
            (name, archive.read(name, part.dtype.str))
            for name, part in archive.parts.items()
            if name not in ("header", "sums") and not name.startswith("undo")
        ]
        header = json.loads(archive.read("header", "|u1").tobytes())
    del header["blocks"]
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        for name, array in parts:
            writer.add(name, array)
        header.update(format=1, checksums=dict(writer.checksums))
        writer.add("header", np.frombuffer(json.dumps(header).encode(), np.uint8))
    beside = journal_path(path)
    content = beside.read_bytes()
    head = content[:8] + struct.pack("<I", 1) + content[12 : FORMAT_1_HEAD - 4]
    beside.write_bytes(head + struct.pack("<I", zlib.crc32(head)) + content[HEAD_BYTES:])
    assert layout.FORMAT > 1
