"""The library against a dict: any sequence of changes, folds and reopenings."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cbir.library import Library, verify
from cbir.library.undo import UserCommand
from cbir.records import ImageFile, Query, Record
from tests.library.helpers import made

TEXTS = st.text(st.characters(exclude_categories=()), max_size=5)
SPACES = ("classic", "clip")


class LibraryAgainstDict(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.library = Library.open(self.folder / "lib.npz")
        self.records: dict[int, Record] = {}
        self.vectors: dict[str, dict[int, float]] = {space: {} for space in SPACES}
        self.counter = 0
        self.forget()

    def forget(self) -> None:
        """What comes back is foreseen for commands only that nothing else came behind."""
        self.undos: list[tuple[dict[int, Record], dict[str, dict[int, float]], str]] = []
        self.lost = 0  # so many of the oldest are not in the files

    def command(self) -> UserCommand:
        self.counter += 1
        return UserCommand(f"Command {self.counter}", f"{self.counter}")

    def state(self) -> tuple[dict[int, Record], dict[str, dict[int, float]]]:
        return dict(self.records), {space: dict(held) for space, held in self.vectors.items()}

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            shutil.rmtree(self.folder)

    def rows(self, count: int) -> tuple[list[float], np.ndarray]:
        """Vectors told apart by their first number."""
        numbers = [float(self.counter + at + 1) for at in range(count)]
        self.counter += count
        matrix = np.ones((count, 512), np.float32)
        matrix[:, 0] = numbers
        return numbers, matrix

    @rule(count=st.integers(0, 4), spaces=st.sets(st.sampled_from(SPACES)))
    def add(self, count: int, spaces: set[str]) -> None:
        names = range(self.counter + 1, self.counter + 1 + count)
        self.counter += count
        files = [ImageFile(f"/p/{name}\udcff", name, -name, f"{name}", 1, 1) for name in names]
        numbers, matrix = self.rows(count)
        ids = self.library.add(files, {space: made(matrix) for space in spaces})
        if count:
            self.forget()
        assert not set(ids) & set(self.records)
        self.records.update({id: Record(id, file) for id, file in zip(ids, files, strict=True)})
        for space in spaces:
            self.vectors[space].update(zip(ids, numbers, strict=True))

    @precondition(lambda self: self.records)
    @rule(
        data=st.data(),
        tags=st.lists(TEXTS, max_size=3, unique=True),
        note=TEXTS,
        other=st.booleans(),
        embed=st.booleans(),
        undoable=st.booleans(),
    )
    def update(
        self,
        data: st.DataObject,
        tags: list[str],
        note: str,
        other: bool,
        embed: bool,
        undoable: bool,
    ) -> None:
        id = data.draw(st.sampled_from(sorted(self.records)))
        space = data.draw(st.sampled_from(SPACES))
        before = self.state()
        record = replace(self.records[id], tags=tuple(tags), note=note)
        if other:
            self.counter += 1
            changed = replace(record.file, digest=f"{self.counter}", path=f"/m/{self.counter}")
            record = replace(record, file=changed)
            for held in self.vectors.values():
                held.pop(id, None)
        numbers, matrix = self.rows(1)
        vectors = {space: made(matrix)} if embed else {}
        if undoable:
            command = self.command()
            assert self.library.amend([id], lambda _: record, vectors, command=command) == [record]
            self.undos.append((*before, command.title))
        else:
            self.library.update([record], vectors)
            self.forget()
        self.records[id] = record
        if embed:
            self.vectors[space][id] = numbers[0]

    @rule(ids=st.sets(st.integers(1, 30), max_size=5), undoable=st.booleans())
    def remove(self, ids: set[int], undoable: bool) -> None:
        before, command = self.state(), self.command() if undoable else None
        there = len(ids & set(self.records))
        assert self.library.remove(ids, command=command) == there
        if command is None and there:
            self.forget()
        elif command is not None and there:
            self.undos.append((*before, command.title))
        for id in ids:
            self.records.pop(id, None)
            for held in self.vectors.values():
                held.pop(id, None)

    @precondition(lambda self: self.undos)
    @rule()
    def undo(self) -> None:
        records, vectors, title = self.undos.pop()
        self.lost = min(self.lost, len(self.undos))
        assert self.library.undoable == title
        for space, held in self.vectors.items():
            # Vectors that a command made of the same picture are right, and stay.
            for id, number in held.items():
                if self.records[id].file.digest == records[id].file.digest:
                    vectors[space].setdefault(id, number)
        assert self.library.undo().title == title
        self.records, self.vectors = records, vectors

    @rule(
        data=st.data(),
        steps=st.lists(st.sampled_from(["add", "update", "remove", "undo"]), max_size=3),
    )
    def fold(self, data: st.DataObject, steps: list[str]) -> None:
        """With changes meanwhile."""
        begun: list[bool] = []
        held = len(self.undos)

        def pause() -> None:
            if not begun:
                begun.append(True)
                self.lost = max(held - 1, 0)
                for step in steps:
                    self.meanwhile(data, step)

        if self.library.fold(pause) and not begun:
            self.lost = max(held - 1, 0)

    def meanwhile(self, data: st.DataObject, step: str) -> None:
        if step == "add":
            self.add(data.draw(st.integers(1, 3)), data.draw(st.sets(st.sampled_from(SPACES))))
        elif step == "update" and self.records:
            other, embed, undoable = data.draw(
                st.tuples(st.booleans(), st.booleans(), st.booleans())
            )
            self.update(data, ["meanwhile"], "", other, embed, undoable)
        elif step == "remove":
            ids = data.draw(st.sets(st.integers(1, 30), max_size=5))
            self.remove(ids, data.draw(st.booleans()))
        elif step == "undo" and self.undos:
            self.undo()

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.library = Library.open(self.folder / "lib.npz")
        self.undos, self.lost = self.undos[self.lost :], 0

    @rule()
    def crash(self) -> None:
        """The files as they are, without the library that was open."""
        for name in ("lib.npz", "lib.npz.journal"):
            shutil.copyfile(self.folder / name, self.folder / f"crashed-{name}")
        self.library.close()
        for name in ("lib.npz", "lib.npz.journal"):
            (self.folder / f"crashed-{name}").replace(self.folder / name)
        self.library = Library.open(self.folder / "lib.npz")
        self.undos, self.lost = self.undos[self.lost :], 0

    @precondition(lambda self: self.vectors["clip"])
    @rule(metric=st.sampled_from(("cosine", "euclidean")))
    def search(self, metric: str) -> None:
        id = max(self.vectors["clip"])
        vector = self.library.vector(id, "clip")
        assert vector is not None
        for method in ("lsh", "exact"):
            query = Query(vector, "clip", metric=metric, method=method, k=3)  # type: ignore[arg-type]
            result = self.library.search(query)
            assert result.total == len(self.vectors["clip"])
            assert result.hits[0].id == id
            assert result.hits[0].path == self.records[id].path

    @invariant()
    def agrees(self) -> None:
        library = self.library
        assert {record.id: record for record in library} == self.records
        assert len(library) == len(self.records)
        for space, held in self.vectors.items():
            assert (space in library.spaces()) == bool(held)
            assert library.lacking(space) == sorted(set(self.records) - set(held))
            if held:
                ids, vectors = library.vectors(space)
                found = zip(ids.tolist(), vectors[:, 0].tolist(), strict=True)
                assert dict(found) == held
        for record in self.records.values():
            assert library.find(record.path) == record
            assert record in library.find_digest(record.file.digest)
        assert verify(self.folder / "lib.npz").problems == ()


LibraryAgainstDict.TestCase.settings = settings(
    derandomize=True, deadline=None, max_examples=40, stateful_step_count=25
)
TestLibraryAgainstDict = LibraryAgainstDict.TestCase
