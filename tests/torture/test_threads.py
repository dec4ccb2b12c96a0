"""Two writers, two readers and a folder of one library: every read is of one state that existed.

Each writer changes pictures of its own, so the library's state is a pair of versions, one for each
writer, and each writer knows what each of its versions holds. A change leaves its number on what it
touches, in the record and in the length of the vector, so that all of a read belongs to one version
of each writer and to no other. A read must be whole; no older than what was acknowledged before it
or what its thread saw before, also where that saw memory and now reads the files; and no newer than
what had begun when it ended. The pairs of all reads must lie on one line: there was one order of
changes, seen alike by all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest

from cbir.errors import RecordNotFound
from cbir.library import Library, verify
from cbir.records import Embeddings, Float32Array, ImageFile, Query, Record

SEED = 40
WRITERS = 2
SPACES = ("classic", "clip")
MOST = 250
NEVER = 1 << 60

Pair = tuple[int, int]
Versions = tuple[int, ...]


def axis_of(key: int) -> int:
    return 1 + key % 511


def vectors_of(keys: Iterable[int], mark: int) -> dict[str, Embeddings]:
    """In every space, along the axis of its key, as long as the change's number."""
    axes = [axis_of(key) for key in keys]
    vectors = np.zeros((len(axes), 512), np.float32)
    vectors[np.arange(len(axes)), axes] = mark
    return {space: Embeddings(vectors, "weights-1") for space in SPACES}


class Log:
    """All versions of one writer's part, and from which to which each thing was there."""

    def __init__(self) -> None:
        self.begun = 0
        self.done = 0
        self.counts = [0]
        self.now: dict[int, int] = {}
        self._lives: dict[Pair, list[int]] = {}
        self._last: dict[int, int] = {}

    def begin(self, put: Iterable[int], drop: Iterable[int]) -> int:
        """The next version, before the library is asked for it; its number is the mark."""
        mark = self.begun + 1
        for key in [*put, *drop]:
            if key in self.now:
                self._lives[key, self.now[key]][1] = mark
        for key in put:
            self._lives[key, mark] = [mark, NEVER]
            self.now[key] = mark
        for key in drop:
            del self.now[key]
        self.counts.append(len(self.now))
        self.begun = mark
        return mark

    def life(self, key: int, mark: int) -> tuple[int, int]:
        """The first version that holds this, and the first that no longer does."""
        life = self._lives.get((key, mark))
        assert life is not None, f"nobody ever gave {key} the mark {mark}"
        return life[0], life[1]


@dataclass(frozen=True)
class Window:
    """What each writer had been told is done before a read, and had begun after it."""

    oldest: Versions
    newest: Versions


class Court:
    """Judges reads; shared by all threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.logs = [Log() for _ in range(WRITERS)]
        self.key_of: dict[int, tuple[int, int]] = {}
        self.done = threading.Event()
        self.seen: set[Pair] = set()
        self.reads = 0
        self.folds = 0
        self._mine = threading.local()

    @property
    def has_enough(self) -> bool:
        """Whether so much was done beside each other that something was tried."""
        return min(*(log.done for log in self.logs), self.reads, 10 * self.folds) > 10

    def read(
        self, read: Callable[[], list[Pair]], *, whole: bool = True, files: bool = False
    ) -> None:
        """Do one read, which gives ids and marks, and judge it."""
        seen: Versions = getattr(self._mine, "seen", (0,) * WRITERS)
        oldest = tuple(max(log.done, mine) for log, mine in zip(self.logs, seen, strict=True))
        found = read()
        newest = tuple(log.begun for log in self.logs)
        seen = self.judge(found, Window(oldest, newest), whole)
        if not files:  # they may hold a change that is not to be seen in memory yet
            self._mine.seen = seen

    def judge(self, found: list[Pair], window: Window, whole: bool) -> Versions:
        """The oldest versions that it may be of; raises AssertionError where there are none."""
        parts: list[list[Pair]] = [[] for _ in range(WRITERS)]
        for id, mark in found:
            writer, key = self.who(id)
            parts[writer].append((key, mark))
        versions = []
        for writer, log in enumerate(self.logs):
            first, last = window.oldest[writer], window.newest[writer] + 1
            for key, mark in parts[writer]:
                start, end = log.life(key, mark)
                first, last = max(first, start), min(last, end)
            count = len(parts[writer])
            assert len({key for key, _ in parts[writer]}) == count, "an image comes twice"
            fits = [
                version
                for version in range(first, last)
                if not whole or log.counts[version] == count
            ]
            assert fits, (
                f"{count} images of writer {writer} belong to no version: from {first} to before "
                f"{last}, in {window}, counted {log.counts[first:last][:9]}"
            )
            versions.append(fits)
        self.reads += 1
        if all(len(fits) == 1 for fits in versions):
            self.seen.add((versions[0][0], versions[1][0]))
        return tuple(fits[0] for fits in versions)

    def who(self, id: int) -> tuple[int, int]:
        """Whose image an id is, and its key; waits until the writer has been told the id."""
        deadline = time.monotonic() + 60
        while id not in self.key_of:
            assert time.monotonic() < deadline, f"nobody was ever told of the id {id}"
            time.sleep(0.0002)
        return self.key_of[id]

    def verdict(self) -> None:
        """All reads together: of any two, one is as old as the other or older in every part."""
        line = sorted(self.seen)
        for (_, before), (first, after) in pairwise(line):
            assert before <= after, f"the versions {(first, after)} and one before contradict"


def write(court: Court, writer: int, seed: int) -> None:
    rng = Random(seed)
    log, library = court.logs[writer], court.library
    ids: dict[int, int] = {}
    keys = 0
    while not court.done.is_set():
        # What the last change touched stays, so that no later version equals an earlier one.
        old = sorted(key for key, mark in log.now.items() if mark != log.begun and key >= 0)
        some = rng.sample(old, min(len(old), rng.randint(1, 12)))
        way = rng.choice(["add", "add", "amend", "amend", "update", "remove"])
        if len(log.now) > MOST and len(old) > 20:
            way, some = "remove", rng.sample(old, len(old) // 2)
        if way == "add" or not some:
            new = range(keys, keys + rng.randint(1, 24))
            keys += len(new)
            mark = log.begin(new, ())
            given = library.add([file_of(writer, key, mark) for key in new], vectors_of(new, mark))
            ids.update(zip(new, given, strict=True))
            court.key_of.update((id, (writer, key)) for key, id in zip(new, given, strict=True))
        elif way == "remove":
            log.begin((), some)
            assert library.remove([ids[key] for key in some]) == len(some)
        else:
            mark = log.begin(some, ())
            vectors = vectors_of(some, mark)
            if way == "amend":
                library.amend([ids[key] for key in some], partial(marked, mark=mark), vectors)
            else:
                records = [marked(library.get(ids[key]), mark) for key in some]
                library.update(records, vectors)
        log.done = log.begun
        court.done.wait(rng.choice([0, 0, 0.003, 0.01]))  # locks are not fair: let others in


def file_of(writer: int, key: int, mark: int) -> ImageFile:
    return ImageFile(f"/{writer}/{key}", mark, key, f"{writer:02x}{key:08x}", 1, 1)


def marked(record: Record, mark: int) -> Record:
    return replace(record, file=replace(record.file, size=mark), note=f"change {mark}")


def read(court: Court, seed: int) -> None:
    rng = Random(seed)
    library, path = court.library, court.library.path
    while not court.done.is_set():
        space = rng.choice(SPACES)
        way = rng.randrange(14)
        if way <= 2:
            court.read(lambda: [checked(record) for record in library])
        elif way <= 5:
            court.read(partial(read_vectors, court, library, space))
        elif way <= 7:
            court.read(partial(search, library, space, "exact", 10_000))
        elif way == 8:
            court.read(partial(search, library, space, "lsh", 10_000))
        elif way <= 10:
            method = rng.choice(["exact", "lsh"])
            without = rng.choice(list(court.key_of.copy()))
            court.read(partial(search, library, space, method, 5, without), whole=False)
        elif way <= 12:
            read_one(court, rng)
        else:
            court.read(partial(read_files, court, path, space), files=True)


def checked(record: Record) -> Pair:
    """The id and the mark of a record; every part of it must tell the same."""
    mark = record.file.size
    assert record.note in ("", f"change {mark}")
    return record.id, mark


def read_vectors(court: Court, library: Library, space: str) -> list[Pair]:
    ids, vectors = library.vectors(space)
    assert (np.diff(ids) > 0).all()
    return list(zip(ids.tolist(), marks_of(court, ids.tolist(), vectors), strict=True))


def marks_of(court: Court, ids: list[int], vectors: Float32Array) -> list[int]:
    axes = np.array([axis_of(court.who(id)[1]) for id in ids], np.int64)
    marks = vectors[np.arange(len(ids)), axes]
    assert (np.count_nonzero(vectors, axis=1) == 1).all(), "a vector of two changes"
    assert (marks > 0).all(), "the vector of another image"
    return marks.astype(int).tolist()  # type: ignore[no-any-return]


def search(library: Library, space: str, method: str, k: int, without: int = 0) -> list[Pair]:
    """All or ``k`` images by their distance from nothing, their mark; no ids below ``without``."""
    query = Query(
        np.zeros(512, np.float32),
        space,
        metric="euclidean",
        method=method,  # type: ignore[arg-type]
        k=k,
        exclude=frozenset(range(without)),
    )
    result = library.search(query)
    assert len(result.hits) <= min(k, result.total)
    if not without and k > result.total:
        assert len(result.hits) == result.total
    for hit in result.hits:
        assert abs(hit.score - round(hit.score)) < 0.01
    return [(hit.id, round(hit.score)) for hit in result.hits]


def read_one(court: Court, rng: Random) -> None:
    """One image by its id: as it was at some moment of the read, or gone at some moment of it."""
    id = rng.choice(list(court.key_of.copy()))
    writer, key = court.who(id)
    log = court.logs[writer]
    oldest = log.done
    before = log.now.get(key)
    space = rng.choice(SPACES)
    found: int | None = None
    try:
        if rng.random() < 0.5:
            record = court.library.get(id)
            assert record.path == f"/{writer}/{key}"
            found = checked(record)[1]
        else:
            vector = court.library.vector(id, space)
            found = None if vector is None else marks_of(court, [id], vector[None])[0]
    except RecordNotFound:
        pass
    newest = log.begun
    if found is not None:
        start, end = log.life(key, found)
        assert max(start, oldest) <= min(end - 1, newest), f"{key} was not {found} then"
    elif before is not None and before <= oldest:
        assert log.life(key, before)[1] <= newest, f"{key} was there all the time"
    court.reads += 1


def read_files(court: Court, path: Path, space: str) -> list[Pair]:
    """What another process would read: the files, opened beside their writer."""
    with Library.open(path, read_only=True) as other:
        records = [checked(record) for record in other]
        assert dict(read_vectors(court, other, space)) == dict(records)
        assert other.lacking(space) == []
        return records


def fold(court: Court, seed: int) -> None:
    rng = Random(seed)
    while not court.done.wait(rng.choice([0, 0.001, 0.02])):
        court.folds += court.library.fold()
        if rng.random() < 0.2:
            court.library.tend()
        if rng.random() < 0.1:
            assert verify(court.library.path).problems == ()


@pytest.mark.parametrize("seed", [SEED])
def test_every_read_is_one_state(tmp_path: Path, torture: bool, seed: int) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        court = Court(library)
        # Each writer begins with one image that stays, so that no space is ever empty.
        for writer, log in enumerate(court.logs):
            mark = log.begin([-1], ())
            (id,) = library.add([file_of(writer, -1, mark)], vectors_of([-1], mark))
            court.key_of[id] = writer, -1
            log.done = mark
        works = [
            partial(write, court, 0, seed),
            partial(write, court, 1, seed + 1),
            partial(read, court, seed + 2),
            partial(read, court, seed + 3),
            partial(fold, court, seed + 4),
        ]
        run_for(60 if torture else 2, court, works)
        changes = [log.done for log in court.logs]
        print(f"{changes} changes, {court.reads} reads, {court.folds} folds")
        assert court.has_enough
        court.verdict()
        check_end(court, library)
    assert verify(path).problems == ()
    with Library.open(path) as library:
        check_end(court, library)


def run_for(seconds: float, court: Court, works: list[partial[None]]) -> None:
    """All at once; the first error ends all and is raised."""

    def guarded(work: partial[None]) -> None:
        try:
            work()
        finally:
            court.done.set()

    with ThreadPoolExecutor(len(works)) as pool:
        results = [pool.submit(guarded, work) for work in works]
        court.done.wait(seconds)
        deadline = time.monotonic() + 60  # on a machine that does much else
        while not court.has_enough and time.monotonic() < deadline:
            court.done.wait(0.1)
        court.done.set()
        for result in results:
            result.result(60)


def check_end(court: Court, library: Library) -> None:
    """Nobody changes any more: exactly the last version of both."""
    court.read(lambda: [checked(record) for record in library])
    for space in SPACES:
        assert library.lacking(space) == []
        court.read(partial(read_vectors, court, library, space))
    for id, (writer, key) in court.key_of.items():
        assert (id in library) == (key in court.logs[writer].now)


def test_the_court_sees_a_torn_read(tmp_path: Path) -> None:
    """Reads of two states at once, too old ones and contradicting ones must be found guilty."""
    with Library.open(tmp_path / "lib.npz") as library:
        court = Court(library)
        court.key_of.update({1: (0, 10), 2: (0, 11), 3: (1, 20)})
        zero, one = court.logs
        zero.begin([10, 11], ())
        zero.begin([10], ())
        zero.begin((), [11])
        one.begin([20], ())
        anything, late = Window((0, 0), (3, 1)), Window((2, 0), (3, 1))
        court.judge([(1, 1), (2, 1)], anything, True)
        court.judge([(1, 2), (2, 1), (3, 1)], anything, True)
        with pytest.raises(AssertionError, match="no version"):
            court.judge([(1, 1), (2, 1)], late, True)
        with pytest.raises(AssertionError, match="no version"):
            court.judge([(1, 1)], anything, True)
        with pytest.raises(AssertionError, match="ever gave"):
            court.judge([(2, 2)], anything, True)
        court.verdict()
        court.judge([(1, 2)], anything, True)
        with pytest.raises(AssertionError, match="contradict"):
            court.verdict()
