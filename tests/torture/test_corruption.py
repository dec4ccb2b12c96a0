"""Thousands of seeded flips, truncations and splices: the right data, or damage that is named.

Never a crash, never wrong data, and whatever is saved by ``repair`` is part of the truth.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import CbirError, LibraryDamaged, LibraryTooNew, NothingToUndo
from cbir.library import Library, UserCommand, repair, verify
from cbir.library.loading import journal_path
from cbir.records import Float32Array, Record
from tests.library.helpers import image_file, made, vectors_of

CASES, TORTURE_CASES = 300, 6000
SPACES = ("classic", "clip")


@dataclass(frozen=True)
class Truth:
    """All that the library ever held, by id: every version of each record, every vector."""

    now: dict[int, Record]
    ever: dict[str, list[Record]]
    vectors: dict[str, dict[int, Float32Array]]
    ever_vectors: dict[str, set[bytes]]


def truth_of(library: Library) -> Truth:
    now = {record.id: record for record in library}
    vectors = {}
    for space in library.spaces():
        ids, rows = library.vectors(space)
        vectors[space] = dict(zip(ids.tolist(), rows, strict=True))
    ever = {record.path: [record] for record in now.values()}
    ever_vectors = {
        space: {row.tobytes() for row in rows.values()} for space, rows in vectors.items()
    }
    return Truth(now, ever, vectors, ever_vectors)


def joined(truths: list[Truth]) -> Truth:
    ever: dict[str, list[Record]] = {}
    vectors: dict[str, set[bytes]] = {space: set() for space in SPACES}
    for truth in truths:
        for path, records in truth.ever.items():
            ever.setdefault(path, []).extend(records)
        for space, found in truth.ever_vectors.items():
            vectors[space] |= found
    return Truth(truths[-1].now, ever, truths[-1].vectors, vectors)


def make_library(path: Path) -> Truth:
    """Some 120 kB of file and 60 kB of journal, with what every part is for; closed."""
    truths = []
    with Library.open(path) as library:
        files = [image_file(number) for number in range(1, 31)]
        library.add(files, {"classic": made(vectors_of(30))})
        library.amend([7], lambda record: replace(record, tags=("x",), note="y"))
        library.add_root("/pictures")
        truths.append(truth_of(library))
        library.remove([3, 4], command=UserCommand("remove 2 pictures", "a"))
        truths.append(truth_of(library))
        library.fold()
        more = {space: made(vectors_of(5, seed)) for seed, space in enumerate(SPACES, 1)}
        library.add([image_file(100 + number) for number in range(5)], more)
        truths.append(truth_of(library))
        library.amend([7], lambda record: replace(record, tags=()), command=UserCommand("t", "b"))
        truths.append(truth_of(library))
        library.remove([9])
        truths.append(truth_of(library))
    return joined(truths)


def spoiled(content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """What was done to the bytes, and what came of them."""
    at, length = rng.randrange(len(content)), rng.randrange(1, 600)
    kind = rng.choice(("flip", "flips", "cut", "cut out", "splice", "zeros", "longer"))
    data = bytearray(content)
    if kind == "flip":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "flips":
        for _ in range(rng.randrange(2, 20)):
            data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    elif kind == "cut":
        del data[at:]
    elif kind == "cut out":
        del data[at : at + length]
    elif kind == "splice":
        source = rng.randrange(len(data))
        data[at : at + length] = data[source : source + length]
    elif kind == "zeros":
        data[at : at + length] = bytes(len(data[at : at + length]))
    else:
        data += rng.randbytes(length)
    return f"{kind} at {at}, {length}", bytes(data)


def check_open(path: Path, truth: Truth) -> str:
    """Open and read all: the right data, or an error that names what is damaged."""
    try:
        with Library.open(path, read_only=True) as library:
            assert {record.id: record for record in library} == truth.now
            for space in library.spaces():
                ids, rows = library.vectors(space)
                assert ids.tolist() == sorted(truth.vectors[space])
                for id, row in zip(ids.tolist(), rows, strict=True):
                    np.testing.assert_array_equal(row, truth.vectors[space][id])
            assert library.spaces().keys() == truth.vectors.keys()
    except (LibraryDamaged, LibraryTooNew) as error:
        assert str(path.parent) in str(error) or "part" in str(error)
        return type(error).__name__
    return "right"


def check_undo(path: Path, truth: Truth) -> None:
    """What undo brings back of a library that opens is what there once was."""
    try:
        with Library.open(path) as library:
            library.undo()
            library.undo()
            for record in library:
                assert record in truth.ever[record.path]
    except (LibraryDamaged, NothingToUndo):
        pass


def check_repair(path: Path, truth: Truth) -> int:
    """Everything that is saved was there once; how many records were saved."""
    report = repair(path)
    assert verify(report.path).problems == ()
    with Library.open(report.path) as library:
        for record in library:
            known = truth.ever[record.path]
            tags = {(known_record.tags, known_record.note) for known_record in known}
            assert (record.tags, record.note) in {*tags, ((), "")}
            lost = (record.file.digest, record.file.size, record.file.mtime_ns) == ("", 0, 0)
            assert lost or record.file in [known_record.file for known_record in known]
        for space in library.spaces():
            for row in library.vectors(space)[1]:
                assert row.tobytes() in truth.ever_vectors[space]
    return report.records


@pytest.mark.parametrize("part", ["library", "journal"])
def test_corruption(tmp_path: Path, torture: bool, part: str) -> None:
    original = tmp_path / "original" / "lib.npz"
    original.parent.mkdir()
    truth = make_library(original)
    whole = {file.name: file.read_bytes() for file in (original, journal_path(original))}
    name = original.name if part == "library" else journal_path(original).name
    outcomes: Counter[str] = Counter()
    for seed in range(TORTURE_CASES if torture else CASES):
        done, content = spoiled(whole[name], random.Random(f"{part} {seed}"))
        folder = tmp_path / "case"
        folder.mkdir()
        for file, original_content in whole.items():
            (folder / file).write_bytes(content if file == name else original_content)
        try:
            outcome = one_case(folder / original.name, truth)
        except BaseException:
            print(f"{part}, seed {seed}: {done}")
            raise
        outcomes[outcome] += 1
        shutil.rmtree(folder)
    assert outcomes["damaged, saved"] > outcomes.total() / 2


def one_case(path: Path, truth: Truth) -> str:
    outcome = check_open(path, truth)
    report = verify(path)
    if outcome != "right":
        assert report.problems
    if not report.problems:
        check_undo(path, truth)
        return "whole"
    if outcome == "LibraryTooNew":
        with pytest.raises(LibraryTooNew):
            repair(path)
        return outcome
    try:
        check_repair(path, truth)
    except CbirError as error:
        assert "Nothing can be saved" in str(error)
        return "damaged, lost"
    return "damaged, saved" if outcome != "right" else "right, with a fault"
