"""Two processes that race to write one library: one wins, the other reads, nothing is damaged."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cbir.library import Library, verify
from tests.torture.children import Child

SEED = 60
Answer = dict[str, Any]


class Racer:
    """One child, replaced by another when it was killed."""

    def __init__(self) -> None:
        self.child = Child("race_child")

    def ask(self, do: str, **what: object) -> None:
        self.child.tell(json.dumps({"do": do, **what}).encode() + b"\n")

    def answer(self) -> Answer:
        answer: Answer = json.loads(self.child.line())
        return answer

    def call(self, do: str, **what: object) -> Answer:
        self.ask(do, **what)
        return self.answer()

    def kill(self) -> None:
        """End it as ``kill -9`` does, and start another."""
        self.child.kill()
        self.child = Child("race_child")


@dataclass
class Books:
    """What a library must hold: what was acknowledged."""

    path: Path
    paths: dict[str, str] = field(default_factory=dict)
    vectors: dict[str, int] = field(default_factory=dict)
    next: int = 1

    def add_by(self, racer: Racer, rng: Random) -> None:
        first, count = self.next, rng.randint(1, 40)
        self.next += count
        given = racer.call("add", first=first, count=count, fold=rng.random() < 0.3)
        assert len(given["ids"]) == count, given
        for at, id in enumerate(given["ids"]):
            assert str(id) not in self.paths
            self.paths[str(id)] = f"/r/{first + at}"
            self.vectors[str(id)] = first + at

    def agree(self, seen: Answer) -> None:
        assert seen["paths"] == self.paths
        assert seen["vectors"] == self.vectors


@pytest.fixture
def racers() -> Iterator[tuple[Racer, Racer]]:
    pair = Racer(), Racer()
    yield pair
    for racer in pair:
        racer.child.kill()


def test_one_of_two_wins(tmp_path: Path, torture: bool, racers: tuple[Racer, Racer]) -> None:
    rng = Random(SEED)
    counts: Counter[str] = Counter()
    books = Books(tmp_path / "none")
    for number in range(200 if torture else 20):
        if number % 4 == 0:
            books = Books(tmp_path / f"{number}" / "deep" / "lib.npz")
        try:
            race(books, racers, rng, counts)
        except (AssertionError, KeyError) as error:
            where = f"seed {SEED}, race {number}, {books.path}"
            raise AssertionError(f"{where}: {error!r}") from error
    print(dict(counts))


def race(books: Books, racers: tuple[Racer, Racer], rng: Random, counts: Counter[str]) -> None:
    """Both open at one moment; the winner adds, the loser only reads, then its turn comes."""
    path, fresh = books.path, not books.path.exists()
    at = time.monotonic() + 0.01
    skew = rng.choice([0, 0, rng.uniform(0, 0.01)])
    first, second = rng.sample(racers, 2)
    first.ask("open", path=str(path), at=at, patience=0)
    second.ask("open", path=str(path), at=at + skew, patience=0)
    answers = {first: first.answer(), second: second.answer()}
    winners = [one for one, answer in answers.items() if answer.get("read_only") is False]
    assert len(winners) == 1, answers
    winner = winners[0]
    loser = second if winner is first else first
    counts["first won" if winner is first else "second won"] += 1
    books.agree(answers[winner])
    assert answers[winner]["reason"] == ""
    told = answers[loser]
    if fresh and "error" in told:
        # There was no file yet that could be read.
        assert told["kind"] == "LibraryUnwritable"
        assert "is writing it" in told["error"]
        counts["told that a new one cannot be made"] += 1
        told = loser.call("open", path=str(path), at=0, patience=0)
    assert told["read_only"] is True
    assert "is writing it" in told["reason"]
    books.agree(told)

    before = dict(told)
    books.add_by(winner, rng)
    refused = loser.call("add", first=10**6, count=3, fold=False)
    assert refused["kind"] == "LibraryReadOnly"
    assert loser.call("look") == before  # it reads on in what it opened
    books.agree(winner.call("look"))
    loser.call("close")
    told = loser.call("open", path=str(path), at=0, patience=0)
    assert told["read_only"] is True
    books.agree(told)
    hand_over(books, winner, loser, rng, counts)


def hand_over(books: Books, winner: Racer, loser: Racer, rng: Random, counts: Counter[str]) -> None:
    """The winner closes or is killed, before or while the loser waits; then the loser writes."""
    path = str(books.path)
    loser.call("close")
    waits = rng.random() < 0.4
    if waits:
        loser.ask("open", path=path, at=0, patience=30)
        time.sleep(rng.uniform(0, 0.05))
        books.add_by(winner, rng)  # the one who waits must not have read yet what it goes on from
    if rng.random() < 0.2:
        counts["killed"] += 1
        winner.kill()
        assert books.path.with_name(f"{books.path.name}.lock").exists()
    else:
        winner.call("close")
    if not waits:
        loser.ask("open", path=path, at=0, patience=0)
    told = loser.answer()
    assert told.get("read_only") is False, told
    books.agree(told)
    books.add_by(loser, rng)
    loser.call("close")
    report = verify(books.path)
    assert report.problems == ()
    assert report.records == len(books.paths)
    assert sorted(entry.name for entry in books.path.parent.glob("*.tmp")) == []


def test_a_killed_writer_does_not_block_the_next(tmp_path: Path, torture: bool) -> None:
    path = tmp_path / "lib.npz"
    books = Books(path)
    rng = Random(SEED)
    racer = Racer()
    try:
        for _ in range(20 if torture else 2):
            told = racer.call("open", path=str(path), at=0, patience=0)
            assert told.get("read_only") is False, told
            books.add_by(racer, rng)
            racer.kill()
            assert path.with_name("lib.npz.lock").exists()
            with Library.open(path) as library:
                assert not library.read_only, library.read_only_reason
                assert {str(record.id): record.path for record in library} == books.paths
            assert verify(path).problems == ()
    finally:
        racer.child.kill()
