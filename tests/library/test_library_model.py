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
        assert not set(ids) & set(self.records)
        self.records.update({id: Record(id, file) for id, file in zip(ids, files, strict=True)})
        for space in spaces:
            self.vectors[space].update(zip(ids, numbers, strict=True))

    @precondition(lambda self: self.records)
    @rule(data=st.data(), tags=st.lists(TEXTS, max_size=3), note=TEXTS, other=st.booleans())
    def update(self, data: st.DataObject, tags: list[str], note: str, other: bool) -> None:
        id = data.draw(st.sampled_from(sorted(self.records)))
        space = data.draw(st.sampled_from(SPACES))
        record = replace(self.records[id], tags=tuple(tags), note=note)
        if other:
            self.counter += 1
            changed = replace(record.file, digest=f"{self.counter}", path=f"/m/{self.counter}")
            record = replace(record, file=changed)
            for held in self.vectors.values():
                held.pop(id, None)
        numbers, matrix = self.rows(1)
        self.library.update([record], {space: made(matrix)})
        self.records[id] = record
        self.vectors[space][id] = numbers[0]

    @rule(ids=st.sets(st.integers(1, 30), max_size=5))
    def remove(self, ids: set[int]) -> None:
        assert self.library.remove(ids) == len(ids & set(self.records))
        for id in ids:
            self.records.pop(id, None)
            for held in self.vectors.values():
                held.pop(id, None)

    @rule()
    def fold(self) -> None:
        self.library.fold()

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.library = Library.open(self.folder / "lib.npz")

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
    derandomize=True, deadline=None, max_examples=25, stateful_step_count=25
)
TestLibraryAgainstDict = LibraryAgainstDict.TestCase
