"""A writer killed at any instant: what it was told is saved is there, and nothing by halves.

A child makes changes, tells each before and after, and is killed; then the library is compared with
a model that went through the same. The next child goes on with the library as it was found. Kills
cannot show whether data was flushed to the drive: what a process wrote outlives it.
"""

from __future__ import annotations

import os
import pickle
import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest

from cbir.errors import CbirError
from cbir.library import Library, verify
from tests.torture.children import Child
from tests.torture.crash_child import NEVER
from tests.torture.model import Model, difference

SEED = 20
LANES = 2
LIMITS = (60, 300, 1200)
FRESH = 0.12


@dataclass(frozen=True)
class Moment:
    """When to kill: ``delay`` seconds after the ``nth`` line that starts with ``said``.

    With ``replaced`` the delay counts from when, after that line, another file took the library
    file's name: folding has to write more then.
    """

    said: str
    nth: int
    delay: float
    replaced: bool = False

    @staticmethod
    def drawn(rng: Random, fresh: bool) -> Moment:
        """``fresh``: where there is no file yet, making it is often the moment."""
        way = rng.choice(["any", "any", "change", "change", "fold", "fold", "swap", "open"])
        if fresh and rng.random() < 0.3:
            return Moment("opening", 1, 10 ** rng.uniform(-3.5, -1.6))
        if way == "any":
            return Moment("opened", 1, rng.uniform(0, 0.3))
        if way == "change":
            return Moment("begin", rng.randint(1, 60), 10 ** rng.uniform(-5, -2.3))
        if way == "fold":
            return Moment("fold-begin", rng.randint(1, 3), 10 ** rng.uniform(-4.3, -1.6))
        if way == "swap":
            return Moment("fold-begin", rng.randint(1, 3), 10 ** rng.uniform(-5, -2.7), True)
        return Moment("opening", rng.randint(1, 2), 10 ** rng.uniform(-4.5, -2))


def test_a_killed_writer_loses_nothing(tmp_path: Path, torture: bool) -> None:
    kills = 500 if torture else 10
    with ThreadPoolExecutor(LANES) as pool:
        lanes = [
            pool.submit(partial(run_lane, tmp_path / f"{lane}", SEED + lane, kills // LANES))
            for lane in range(LANES)
        ]
        counts = sum((lane.result() for lane in lanes), Counter[str]())
    print(f"{kills} kills: {dict(counts)}")
    assert counts["kills"] == kills


def run_lane(folder: Path, seed: int, kills: int) -> Counter[str]:
    """So many kills one after the other, mostly of the same library; what happened, counted."""
    rng = Random(seed)
    counts: Counter[str] = Counter()
    path, model = folder / "none", Model(0, 0)
    for kill in range(kills):
        if kill == 0 or rng.random() < FRESH:
            path = folder / f"{kill}" / "lib.npz"
            model = Model(seed * 10_000 + kill, rng.choice(LIMITS))
        moment = Moment.drawn(rng, not path.exists())
        try:
            model = killed_once(path, model, moment, rng, counts)
        except (AssertionError, CbirError, OSError, ValueError) as error:
            raise AssertionError(
                f"seed {seed}, kill {kill}, {moment}, library {path}: {error!r}"
            ) from error
    return counts


def killed_once(
    path: Path, model: Model, moment: Moment, rng: Random, counts: Counter[str]
) -> Model:
    """Let a child go on from ``model``, kill it at that moment, and compare; the state found."""
    with Child("crash_child", str(path), given=pickle.dumps(model)) as child:
        said = []
        for _ in range(moment.nth):
            said.append(child.line())
            while not said[-1].startswith(moment.said):
                said.append(child.line())
        if moment.replaced:
            wait_for_swap(path)
        time.sleep(moment.delay)
        said += child.kill()
    acknowledged = model.copy()
    version, journal_bytes = 0, NEVER
    begun = ""
    for line in said:
        word, *rest = line.split()
        if word == "begin":
            assert int(rest[0]) == acknowledged.step
            begun = rest[1]
        elif word == "done":
            acknowledged.apply(acknowledged.plan())
            version, journal_bytes, begun = int(rest[1]), int(rest[2]), ""
        elif word.startswith("fold"):
            journal_bytes = NEVER  # the next size is known when the next change is done
    counts["kills"] += 1
    counts["operations"] += acknowledged.step - model.step
    counts["folds half-way"] += said.count("fold-begin") > said.count("fold-end")
    if not path.exists() and "opened" not in said and not model.step:
        counts["killed before there was a file"] += 1
        return acknowledged
    if begun and said.count("fold-begin") == said.count("fold-end") and rng.random() < 0.6:
        tear(path, journal_bytes, rng)
    return compared(path, acknowledged, begun, version, counts)


def tear(path: Path, acknowledged: int, rng: Random) -> None:
    """Of what lies behind the ``acknowledged`` bytes of the journal, leave a piece, or zeros."""
    journal = path.with_name(f"{path.name}.journal")
    size = journal.stat().st_size if journal.exists() else 0
    if size > acknowledged:
        os.truncate(journal, rng.randrange(acknowledged, size))
        if rng.random() < 0.3:
            os.truncate(journal, size)


def wait_for_swap(path: Path) -> None:
    """Wait, not for long, until another file has the library's name."""
    before = os.stat(path).st_ino
    deadline = time.monotonic() + 0.1
    while time.monotonic() < deadline and os.stat(path).st_ino == before:
        pass


def compared(
    path: Path, acknowledged: Model, begun: str, version: int, counts: Counter[str]
) -> Model:
    """The library right after a kill: whole, and in the state acknowledged or the one behind it."""
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            assert isinstance(arrays[name], np.ndarray)
    report = verify(path)
    assert report.problems == ()
    counts["torn tails"] += bool(report.notes)
    landed = acknowledged.copy()
    if begun:
        landed.apply(landed.plan())
    with Library.open(path, read_only=True) as library:
        found = state_of(library, acknowledged, landed)
        assert library.version >= version
    with Library.open(path) as library:
        assert not library.read_only, library.read_only_reason
        assert difference(library, found) == ""
        assert not [name for name in os.listdir(path.parent) if name.endswith(".tmp")]
    report = verify(path)
    assert report.problems == ()
    assert report.records == len(found.records)
    if begun and difference_of(acknowledged, landed):
        counts["half-way, came" if found is landed else "half-way, did not come"] += 1
    if found is acknowledged and begun:
        found.skip_step()
    return found


def state_of(library: Library, acknowledged: Model, landed: Model) -> Model:
    """Which of the two the library holds; an operation that was half-way counts when it is."""
    wrong = difference(library, acknowledged)
    if not wrong:
        return acknowledged
    wrong_too = difference(library, landed)
    assert not wrong_too, (
        f"after step {acknowledged.step - 1}, which was acknowledged: {wrong}; "
        f"with {acknowledged.plan().kind}, which had begun: {wrong_too}"
    )
    return landed


def difference_of(one: Model, other: Model) -> bool:
    """Whether two models hold different things."""
    kept = (one.records, one.vectors, one.roots, one.skipped)
    return kept != (other.records, other.vectors, other.roots, other.skipped)


@pytest.mark.parametrize("cut", [1, 40])
def test_the_harness_sees_what_is_lost(tmp_path: Path, cut: int) -> None:
    """A change is lost from the end of the journal of a killed writer: the comparison says so."""
    path, copy = tmp_path / "lib.npz", tmp_path / "copy" / "lib.npz"
    model = Model(1, 1000)
    with Library.open(path) as library:
        while len(model.records) < 50:
            operation = model.plan()
            if operation.kind == "add":
                library.add(operation.files, operation.embeddings)
                model.apply(operation)
            else:
                model.skip_step()
        shutil.copytree(tmp_path, copy.parent)
    journal = copy.with_name("lib.npz.journal")
    os.truncate(journal, journal.stat().st_size - cut)
    with pytest.raises(AssertionError, match="missing"):
        compared(copy, model, "", 0, Counter())
