"""A library as plain dicts, and the changes that a seed makes of it: the same in every process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from cbir.library import Library
from cbir.records import Embeddings, Float32Array, ImageFile, Record, SkippedFile

SPACES = ("classic", "clip")
_TEXTS = ("sea", "gr\u00fcn", "two\nlines", "\U0001f600", "a, b", "not utf-8 \udcff", "")
_KINDS = {
    "add": 30,
    "amend": 14,
    "update": 12,
    "remove": 10,
    "skip": 5,
    "root": 3,
    "unroot": 2,
    "fold": 8,
    "fold-beside": 10,
    "reopen": 6,
}
_SLOTS = np.arange(512)
_BASE: Float32Array = np.random.default_rng(1).standard_normal(512).astype(np.float32)


def vectors_of(numbers: Sequence[int]) -> Float32Array:
    """A vector (512,) for each number, told apart by their first value and by their order."""
    column = np.array(numbers, np.int64).reshape(-1, 1)
    vectors = _BASE[(_SLOTS + column) % 512]
    vectors[:, 0] = column[:, 0]
    return np.asarray(vectors, np.float32)


@dataclass(frozen=True)
class Operation:
    """One call of a method of Library. What a kind does not need stays empty.

    ``kind``: add, amend, update, remove, skip, root, unroot, fold, fold-beside, reopen.
    ``vectors``: for each space, the number of each record's vector.
    """

    kind: str
    files: tuple[ImageFile, ...] = ()
    records: tuple[Record, ...] = ()
    ids: tuple[int, ...] = ()
    vectors: dict[str, tuple[int, ...]] = field(default_factory=dict)
    tag: str = ""
    note: str = ""
    root: str = ""
    skip: tuple[SkippedFile, ...] = ()
    unskip: tuple[str, ...] = ()

    @property
    def embeddings(self) -> dict[str, Embeddings]:
        """The vectors themselves."""
        return {
            space: Embeddings(vectors_of(numbers), "weights-1")
            for space, numbers in self.vectors.items()
        }

    def amended(self, record: Record) -> Record:
        """What ``amend`` makes of a record."""
        return replace(record, tags=(*record.tags, self.tag)[-4:], note=self.note)


@dataclass
class Model:
    """What the library must hold. ``step`` counts operations, ``number`` all that was made up."""

    seed: int
    limit: int
    step: int = 0
    number: int = 0
    next_id: int = 1
    records: dict[int, Record] = field(default_factory=dict)
    vectors: dict[str, dict[int, int]] = field(default_factory=lambda: {s: {} for s in SPACES})
    roots: tuple[str, ...] = ()
    skipped: dict[str, SkippedFile] = field(default_factory=dict)

    def copy(self) -> Model:
        """An independent copy."""
        vectors = {space: dict(held) for space, held in self.vectors.items()}
        return replace(
            self, records=dict(self.records), vectors=vectors, skipped=dict(self.skipped)
        )

    def plan(self) -> Operation:
        """The operation of this step; nothing is changed."""
        rng = Random(f"{self.seed}/{self.step}")
        if len(self.records) > self.limit:
            return self._plan_remove(rng, len(self.records) // 2)
        kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind in ("amend", "update") and not self.records:
            kind = "add"
        if kind == "add":
            return self._plan_add(rng)
        if kind in ("amend", "update"):
            return self._plan_amend(rng) if kind == "amend" else self._plan_update(rng)
        if kind == "remove":
            return self._plan_remove(rng, 30)
        skip, unskip = self._skips(rng) if kind == "skip" else ((), ())
        return Operation(kind, skip=skip, unskip=unskip, root=f"/root/{rng.randrange(6)}\udcff")

    def _plan_add(self, rng: Random) -> Operation:
        count = rng.choice([1, 1, 2, 5, 16, 64, rng.randint(1, 64)])
        files = tuple(self._file(self.number + at) for at in range(count))
        chosen = rng.choice([(), ("classic",), ("clip",), SPACES, SPACES])
        return Operation("add", files, vectors={s: self._numbers(count) for s in chosen})

    def _plan_amend(self, rng: Random) -> Operation:
        ids = (*self._some(rng, 20), self.next_id + 7)
        chosen = rng.choice([(), ("clip",), SPACES])
        vectors = {space: self._numbers(len(ids)) for space in chosen}
        tag, note = rng.choice(_TEXTS), f"{rng.choice(_TEXTS)} {self.step}"
        return Operation("amend", ids=ids, vectors=vectors, tag=tag, note=note)

    def _plan_update(self, rng: Random) -> Operation:
        records = []
        for at, id in enumerate(self._some(rng, 12)):
            old = self.records[id]
            file = self._file(self.number + at) if rng.random() < 0.5 else old.file
            tags = tuple(rng.sample(_TEXTS, rng.randint(0, 3)))
            records.append(Record(id, file, tags, f"step {self.step}", rng.random() < 0.3))
        chosen = rng.choice([(), ("classic",), SPACES])
        vectors = {space: self._numbers(len(records)) for space in chosen}
        return Operation("update", records=tuple(records), vectors=vectors)

    def _plan_remove(self, rng: Random, count: int) -> Operation:
        ids = self._some(rng, count) if self.records else ()
        if rng.random() < 0.3 and self.records:
            ids = (*ids, max(self.records))  # the last id must not be given again
        return Operation("remove", ids=(*ids, self.next_id + 3))

    def _skips(self, rng: Random) -> tuple[tuple[SkippedFile, ...], tuple[str, ...]]:
        reason = f"broken \U0001f600 {self.step}"
        names = rng.sample(range(30), rng.randint(1, 8))
        skip = tuple(SkippedFile(f"/skipped/{name}", self.step, -name, reason) for name in names)
        return skip, tuple(f"/skipped/{name}" for name in rng.sample(range(30), rng.randint(0, 5)))

    def _some(self, rng: Random, most: int) -> tuple[int, ...]:
        count = min(len(self.records), rng.randint(1, most))
        return tuple(rng.sample(sorted(self.records), count))

    def _numbers(self, count: int) -> tuple[int, ...]:
        return tuple(range(self.number, self.number + count))

    @staticmethod
    def _file(number: int) -> ImageFile:
        return ImageFile(f"/p/{number}\udcff.jpg", number, -number, f"{number:032x}", number, 7)

    def apply(self, operation: Operation) -> None:
        """Do to the dicts what the library is to do, and go to the next step."""
        change = getattr(self, f"_{operation.kind}", None)  # what folds or reopens changes nothing
        if change is not None:
            change(operation)
        self.skip_step()

    def _add(self, operation: Operation) -> None:
        ids = range(self.next_id, self.next_id + len(operation.files))
        self.next_id += len(operation.files)
        for id, file in zip(ids, operation.files, strict=True):
            self.records[id] = Record(id, file)
        self._put(ids, operation)

    def _amend(self, operation: Operation) -> None:
        for id in operation.ids:
            if id in self.records:
                self.records[id] = operation.amended(self.records[id])
        self._put(operation.ids, operation)

    def _update(self, operation: Operation) -> None:
        for record in operation.records:
            if record.file.digest != self.records[record.id].file.digest:
                self._forget(record.id)
            self.records[record.id] = record
        self._put([record.id for record in operation.records], operation)

    def _remove(self, operation: Operation) -> None:
        for id in operation.ids:
            self.records.pop(id, None)
            self._forget(id)

    def _skip(self, operation: Operation) -> None:
        for path in operation.unskip:
            self.skipped.pop(path, None)
        self.skipped.update({file.path: file for file in operation.skip})

    def _root(self, operation: Operation) -> None:
        if operation.root not in self.roots:
            self.roots = (*self.roots, operation.root)

    def _unroot(self, operation: Operation) -> None:
        self.roots = tuple(root for root in self.roots if root != operation.root)

    def skip_step(self) -> None:
        """Go to the next step, as after an operation of which nothing came."""
        self.step += 1
        self.number += 100

    def _put(self, ids: Sequence[int], operation: Operation) -> None:
        for space, numbers in operation.vectors.items():
            pairs = zip(ids, numbers, strict=True)
            self.vectors[space].update((id, n) for id, n in pairs if id in self.records)

    def _forget(self, id: int) -> None:
        for held in self.vectors.values():
            held.pop(id, None)


def perform(library: Library, operation: Operation) -> list[int]:
    """Call the method of a change; the ids that it returns."""
    kind = operation.kind
    if kind == "add":
        return library.add(operation.files, operation.embeddings)
    if kind == "amend":
        done = library.amend(operation.ids, operation.amended, operation.embeddings)
        return [record.id for record in done]
    if kind == "update":
        library.update(operation.records, operation.embeddings)
    elif kind == "remove":
        library.remove(operation.ids)
    elif kind == "skip":
        library.set_skipped(operation.skip, operation.unskip)
    elif kind == "root":
        library.add_root(operation.root)
    elif kind == "unroot":
        library.remove_root(operation.root)
    else:
        raise ValueError(kind)
    return []


def difference(library: Library, model: Model) -> str:
    """How the library differs from the model, in words; empty where it does not."""
    return next(_differences(library, model), "")


def _differences(library: Library, model: Model) -> Iterator[str]:
    found = list(library)
    expected = [model.records[id] for id in sorted(model.records)]
    if found != expected:
        yield _records_difference(found, expected)
    if len(library) != len(expected):
        yield f"len() is {len(library)}, not {len(expected)}"
    if library.roots != model.roots:
        yield f"roots {library.roots} instead of {model.roots}"
    if library.skipped != tuple(model.skipped[path] for path in sorted(model.skipped)):
        yield f"{len(library.skipped)} skipped files instead of {len(model.skipped)}, or others"
    for space, held in model.vectors.items():
        yield from _vectors_differences(library, space, held)
        if library.lacking(space) != sorted(model.records.keys() - held.keys()):
            yield f"lacking({space}) is wrong"
    for record in expected[:: max(1, len(expected) // 8)]:
        if library.find(record.path) != record:
            yield f"find({record.path!a}) is not record {record.id}"
        if record not in library.find_digest(record.file.digest):
            yield f"find_digest({record.file.digest}) lacks record {record.id}"


def _records_difference(found: list[Record], expected: list[Record]) -> str:
    have = {record.id: record for record in found}
    want = {record.id: record for record in expected}
    changed = [id for id in have.keys() & want.keys() if have[id] != want[id]]
    example = f"; {have[changed[0]]} instead of {want[changed[0]]}" if changed else ""
    return (
        f"{len(found)} records instead of {len(expected)}: {len(want.keys() - have.keys())} are "
        f"missing, {len(have.keys() - want.keys())} too many, {len(changed)} others{example}"
    )


def _vectors_differences(library: Library, space: str, held: dict[int, int]) -> Iterator[str]:
    info = library.spaces().get(space)
    count = info.vectors if info is not None else 0
    if count != len(held):
        yield f"{count} vectors in {space} instead of {len(held)}"
    elif held:
        ids, vectors = library.vectors(space)
        wanted = sorted(held)
        if ids.tolist() != wanted:
            yield f"vectors in {space} of other ids"
        rows = (vectors != vectors_of([held[id] for id in wanted])).any(axis=1)
        if rows.any():
            yield f"{int(rows.sum())} wrong vectors in {space}"
