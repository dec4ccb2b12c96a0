"""Folds beside changes: all that is acknowledged meanwhile survives, whatever happens."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from cbir.errors import LibraryDamaged, LibraryReadOnly, LibraryUnwritable
from cbir.library import Library, files, verify
from cbir.library import journal as journal_module
from cbir.library.loading import journal_path
from cbir.library.undo import UserCommand
from cbir.records import Query, Record, SkippedFile
from tests.library.helpers import filled, image_file, made, vectors_of

NAMES = ["lib.npz", "lib.npz.journal", "lib.npz.lock"]


def contents(library: Library) -> tuple[object, ...]:
    vectors = {
        space: (library.vectors(space)[0].tolist(), library.vectors(space)[1].tobytes())
        for space in library.spaces()
    }
    undoable = library.undoable
    return list(library), library.roots, library.skipped, vectors, library.version, undoable


def read(path: Path) -> tuple[object, ...]:
    with Library.open(path, read_only=True) as library:
        return contents(library)


def crashed(library: Library, name: str = "crashed.npz") -> Path:
    """Copy the files as they are now, as if the program were killed; where they are."""
    to = library.path.with_name("crash") / name
    to.parent.mkdir(exist_ok=True)
    shutil.copyfile(library.path, to)
    shutil.copyfile(journal_path(library.path), journal_path(to))
    return to


class Once:
    """A pause that does something the ``at``-th time."""

    def __init__(self, action: Callable[[], object], at: int = 1) -> None:
        self.action = action
        self.at = at
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            self.action()


def add(library: Library) -> None:
    library.add([image_file(50)], {"classic": made(vectors_of(1, 50))})


def add_to_a_new_space(library: Library) -> None:
    library.add([image_file(51)], {"clip": made(vectors_of(1, 51), "c")})


def update(library: Library) -> None:
    changed = replace(library.get(2), file=replace(library.get(2).file, digest="ab"), note="n")
    library.update([changed])


def embed_again(library: Library) -> None:
    library.update([library.get(3)], {"classic": made(vectors_of(1, 52))})


def amend(library: Library) -> None:
    library.amend([1, 4], lambda record: replace(record, tags=("t", "\udcff")))


def remove(library: Library) -> None:
    library.remove([1, 5])


def command(library: Library) -> None:
    library.remove([4], command=UserCommand("Remove 1 image", "k"))


def roots(library: Library) -> None:
    library.add_root("/new")
    library.remove_root("/old")


def skipped(library: Library) -> None:
    library.set_skipped([SkippedFile("/b", 1, 2, "bad")], ["/a"])


CHANGES = [
    add,
    add_to_a_new_space,
    update,
    embed_again,
    amend,
    remove,
    command,
    roots,
    skipped,
]


def start(path: Path) -> Library:
    library = filled(path, 6)
    library.add_root("/old")
    library.set_skipped([SkippedFile("/a", 1, 2, "bad")])
    return library


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_meanwhile_survives(tmp_path: Path, change: Callable[[Library], None]) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    during: list[tuple[object, ...]] = []

    def happens() -> None:
        change(library)
        during.append(contents(library))
        # Killed now, the old file and its journal are there.
        assert read(crashed(library)) == during[0]

    assert library.fold(Once(happens))
    assert during
    assert during[0] != before
    assert contents(library) == during[0]
    assert read(library.path) == during[0]
    assert read(crashed(library)) == during[0]
    assert library.journal_bytes > journal_module.HEAD_BYTES
    add(library) if change is not add else roots(library)
    after = contents(library)
    library.close()
    assert read(library.path) == after
    assert verify(library.path).problems == ()
    with Library.open(library.path) as library:
        assert contents(library) == after
        assert library.fold()
        assert contents(library) == after
        assert library.journal_bytes == journal_module.HEAD_BYTES
        assert not library.fold()
    assert read(library.path) == after


@pytest.mark.parametrize("at", [1, 2])
def test_all_of_them_meanwhile_survive(tmp_path: Path, at: int) -> None:
    library = start(tmp_path / "lib.npz")

    def happen() -> None:
        for change in CHANGES:
            change(library)

    assert library.fold(Once(happen, at))
    state = contents(library)
    vector = vectors_of(1, 52)[0]
    assert library.search(Query(vector, "classic", method="exact", k=1)).hits[0].id == 3
    for _ in range(2):
        library.close()
        library = Library.open(library.path)
        assert contents(library) == state
        library.fold()
        assert contents(library) == state
    library.close()


def test_searches_and_readers_go_on_meanwhile(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    query = Query(vectors_of(1)[0], "classic", k=3)
    before, state = library.search(query).hits, contents(library)

    def look() -> None:
        assert library.search(query).hits == before
        assert read(library.path) == state

    assert library.fold(look)
    assert library.search(query).hits == before
    library.close()


class GivenUp(Exception):
    pass


def give_up() -> None:
    raise GivenUp


@pytest.mark.parametrize("at", [1, 2])
def test_a_pause_that_raises_drops_the_fold(tmp_path: Path, at: int) -> None:
    library = start(tmp_path / "lib.npz")
    state, journal = contents(library), journal_path(library.path).read_bytes()
    whole = library.path.read_bytes()
    with pytest.raises(GivenUp):
        library.fold(Once(give_up, at))
    assert sorted(os.listdir(tmp_path)) == NAMES
    assert library.path.read_bytes() == whole
    assert journal_path(library.path).read_bytes() == journal
    assert contents(library) == state
    roots(library)
    state = contents(library)
    assert library.fold()
    assert contents(library) == state
    library.close()
    assert read(library.path) == state


def test_changes_made_during_a_fold_that_was_dropped_survive(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")

    def change_and_give_up() -> None:
        add(library)
        raise GivenUp

    with pytest.raises(GivenUp):
        library.fold(Once(change_and_give_up))
    state = contents(library)
    assert read(library.path) == state
    assert library.fold()
    assert read(library.path) == contents(library) == state
    library.close()


def test_a_library_closed_meanwhile_is_not_folded(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    state, whole = contents(library), library.path.read_bytes()
    assert library.fold(Once(library.close)) is False
    assert sorted(os.listdir(tmp_path)) == NAMES
    assert library.path.read_bytes() == whole
    assert contents(library) == state == read(library.path)
    with pytest.raises(LibraryReadOnly, match="closed"):
        library.fold()


def test_another_process_may_write_when_it_was_closed_meanwhile(tmp_path: Path) -> None:
    first = start(tmp_path / "lib.npz")
    states = []

    def hand_over() -> None:
        first.close()
        # Opening clears away what it takes for the leftover of a crash: the first one's draft.
        with Library.open(first.path) as second:
            assert not second.read_only
            add(second)
            second.fold()
            remove(second)
            states.append(contents(second))

    assert first.fold(Once(hand_over)) is False
    assert read(first.path) == states[0]
    assert sorted(os.listdir(tmp_path)) == NAMES


def test_one_fold_at_a_time(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    done: list[bool] = []
    other = threading.Thread(target=lambda: done.append(library.fold()))

    def begin_another() -> None:
        other.start()
        add(library)

    assert library.fold(Once(begin_another))
    other.join()
    assert done == [True]  # of what came meanwhile
    state = contents(library)
    library.close()
    assert read(library.path) == state
    assert library.journal_bytes == journal_module.HEAD_BYTES


def test_a_fold_of_nothing_is_none(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        assert library.fold()
        assert not library.fold()
        with Library.open(library.path) as second, pytest.raises(LibraryReadOnly):
            second.fold()


@pytest.mark.parametrize("kept", range(11))
def test_a_crash_between_the_two_steps_of_a_fold_beside_changes(tmp_path: Path, kept: int) -> None:
    """The new file with the old journal, of which any number of later changes were written."""
    library = start(tmp_path / "lib.npz")
    states, journals = [], []

    def change() -> None:
        for other in [lambda _: None, *CHANGES]:
            other(library)
            states.append(contents(library))
            journals.append(journal_path(library.path).read_bytes())

    assert library.fold(Once(change))
    library.close()
    states.append(states[-1])
    journals.append(journals[-1] + b"\xc1\xb1En torn")
    journal_path(library.path).write_bytes(journals[kept])
    assert read(library.path) == states[kept]
    with Library.open(library.path) as library:
        library.add_root("/then")
        state = contents(library)
        assert state == read(crashed(library))
        assert library.fold()
        assert contents(library) == state
    assert read(library.path) == state


class FailingDisk(files.Disk):
    """Fails at the ``at``-th operation of a kind, or never."""

    def __init__(self, kind: str, at: int = 10**9) -> None:
        self.kind, self.at, self.count = kind, at, 0

    def _done(self, kind: str) -> None:
        if kind == self.kind:
            self.count += 1
            if self.count == self.at:
                raise OSError(5, "Input/output error")

    def flush(self, file: IO[bytes]) -> None:
        self._done("flush")
        super().flush(file)

    def flush_folder(self, folder: Path) -> None:
        self._done("flush_folder")
        super().flush_folder(folder)

    def replace(self, source: Path, target: Path) -> None:
        self._done("replace")
        super().replace(source, target)

    def open(self, path: Path):  # type: ignore[no-untyped-def]
        self._done("open")
        return super().open(path)

    def create_beside(self, target: Path):  # type: ignore[no-untyped-def]
        self._done("create_beside")
        return super().create_beside(target)


OPERATIONS = [
    ("flush", 1),
    ("flush", 2),
    ("replace", 1),
    ("replace", 2),
    ("create_beside", 1),
    ("flush_folder", 1),
    ("flush_folder", 2),
    ("open", 1),
]


@pytest.mark.parametrize(("kind", "at"), OPERATIONS)
def test_whatever_fails_in_a_fold_no_change_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at: int
) -> None:
    path = tmp_path / "lib.npz"
    with start(path) as library:
        disk = FailingDisk(kind)

        def happen() -> None:
            for change in CHANGES:
                change(library)
            disk.count, disk.at = 0, at

        with monkeypatch.context() as patch:
            patch.setattr(files, "DISK", disk)
            try:
                library.fold(Once(happen))
            except LibraryUnwritable as error:
                assert "Input/output error" in str(error)
            # The new journal is opened by the first change that it takes.
            with contextlib.suppress(LibraryUnwritable):
                library.add_root("/first")
            assert disk.count >= at
        state = contents(library)
        assert read(crashed(library)) == state
        library.add_root("/then")
        state = contents(library)
        assert read(crashed(library)) == state
    assert read(path) == state
    with Library.open(path) as library:
        library.add_root("/last")
        assert library.fold()
        state = contents(library)
    assert read(path) == state


def test_a_missing_journal_is_noticed_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with start(path) as library:
        assert library.notice == ""
        library.fold()
        state = contents(library)
    journal_path(path).unlink()
    for read_only in (True, False):
        with Library.open(path, read_only=read_only) as library:
            assert "journal is missing" in library.notice
            assert contents(library) == state
            assert not library.needs_fold
    assert not journal_path(path).exists()
    assert any("journal is missing" in problem for problem in verify(path).problems)
    with Library.open(path) as library:
        add(library)
        state = contents(library)
    with Library.open(path) as library:
        assert library.notice == ""
        assert contents(library) == state


def test_the_missing_journal_of_a_new_library_is_no_notice(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    Library.open(path).close()
    journal_path(path).unlink()
    with Library.open(path) as library:
        assert library.notice == ""
        library.add([image_file(1)])
    with Library.open(path) as library:
        assert [record.id for record in library] == [1]


def test_a_closed_library_has_a_sealed_journal_and_a_cut_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with start(path) as library:
        ends = [library.journal_bytes]
        add(library)
        ends.append(library.journal_bytes)
    beside = journal_path(path)
    whole = beside.read_bytes()
    for length in (ends[0], ends[0] + 9, ends[1] - 1, journal_module.HEAD_BYTES):
        beside.write_bytes(whole[:length])
        for read_only in (True, False):
            with pytest.raises(LibraryDamaged, match="cbir repair"):
                Library.open(path, read_only=read_only)
        assert beside.read_bytes() == whole[:length]
    beside.write_bytes(whole)
    with Library.open(path) as library:
        assert isinstance(library.get(1), Record)


def test_a_journal_that_goes_on_unfolded_and_is_lost_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lib.npz"

    def broken(*args: object) -> None:
        raise OSError(5, "Input/output error")

    with filled(path, 5) as library:
        with monkeypatch.context() as patch:
            patch.setattr(journal_module, "create_journal", broken)
            assert library.fold()
        assert not library.needs_fold  # not at once again
        journal_path(path).unlink()
        library.remove([2])
        expected = list(library)
    with Library.open(path) as library:
        assert list(library) == expected


def test_a_fold_that_was_dropped_is_overdue_when_the_library_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with filled(path, 5) as library:
        library.add([image_file(number) for number in range(10, 600)])
        assert library.needs_fold
        assert not library.fold_overdue
    with Library.open(path) as library:
        assert library.fold_overdue
        assert library.fold()
        assert not library.fold_overdue
    with Library.open(path) as library:
        assert not library.fold_overdue
