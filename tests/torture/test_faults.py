"""The disk fails at any operation: one sentence, nothing changed, and later all works again.

The same script runs again and again, each time with another operation that fails. What is in memory
must be what was acknowledged, and so must what another process would read. Where the disk goes on
failing, the change that failed may be found there as long as the library could not take it back;
but once the disk is well and the library closed, what is found is what it had told.
"""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import pytest

from cbir.errors import CbirError, LibraryUnwritable
from cbir.library import Library, files, verify
from cbir.library.loading import journal_path
from cbir.library.snapshot import Change
from cbir.library.store import Store
from tests.library.helpers import filled, image_file, made, vectors_of
from tests.torture.children import Child
from tests.torture.disk import Attempt, Complaints, FailingDisk, Fault, Operation, WatchedDisk
from tests.torture.drive import is_temporary
from tests.torture.script import (
    EMPTY,
    OLD,
    WHOLE,
    ReadOnly,
    Session,
    State,
    Step,
    agree,
)
from tests.torture.test_power_loss import NAME, Quick, Run, check_all, old_library

SEED = 12
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
FLUSHES = ("fsync", "fsync-folder")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "DISK", Quick())


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch) -> Iterator[Complaints]:
    """What Python could only print, gathered; there must be none."""
    found = Complaints()
    monkeypatch.setattr(sys, "unraisablehook", found.hook())
    yield found
    gc.collect()
    assert found.found == []


@dataclass(frozen=True)
class Script:
    """Steps, what they start from, and what they come to without a fault."""

    steps: tuple[Step, ...]
    before: Path | None
    first: State
    states: tuple[State, ...]
    attempts: tuple[Attempt, ...]


def prepared(folder: Path, steps: tuple[Step, ...], before: Path | None, first: State) -> Script:
    path = fresh(folder, before)
    disk = FailingDisk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "DISK", disk)
        session = Session(path, steps)
        session.run()
        attempts = tuple(disk.attempts)
        if session.library is not None:
            session.library.close()
    states = tuple(entry.state for entry in session.acknowledged)
    return Script(steps, before, first, states, attempts)


def fresh(folder: Path, before: Path | None) -> Path:
    """The library's path in an empty folder, or in one like ``before``."""
    shutil.rmtree(folder, ignore_errors=True)
    if before is not None:
        shutil.copytree(before, folder)
    return folder / NAME


def faults(attempts: tuple[Attempt, ...], thorough: bool) -> list[Fault]:
    """What to try: of many writes to one draft the first, one between and the last stand for all.

    Thoroughly, all of them with every error.
    """
    if thorough:
        return [
            fault
            for at, attempt in enumerate(attempts)
            for error in ERRORS
            for fault in ways(at, attempt, error)
        ]
    rng = Random(SEED)
    chosen = [at for at in range(len(attempts)) if not _is_between(attempts, at)]
    found = []
    for number, at in enumerate(chosen):
        every = ways(at, attempts[at], ERRORS[number % len(ERRORS)])
        found.append(rng.choice(every))
        if attempts[at].kind != "write":  # and so that the disk goes on failing
            found.append(next(fault for fault in every if fault.lasting))
    return list(dict.fromkeys(found))


def _is_between(attempts: tuple[Attempt, ...], at: int) -> bool:
    around = [attempt.kind for attempt in attempts[max(0, at - 1) : at + 2]]
    return around == ["write"] * 3 and at % 17 != 0


def ways(at: int, attempt: Attempt, error: int) -> list[Fault]:
    """The ways in which one operation may fail with an error."""
    found = [Fault(at, error), Fault(at, error, lasting=True)]
    if attempt.kind == "write":
        found += [Fault(at, error, short=True), Fault(at, error, lasting=True, short=True)]
    if attempt.kind in FLUSHES:
        found.append(Fault(at, error, lasting=True, kinds=(attempt.kind,)))
    return found


@dataclass
class Trial:
    """One run of a script with a fault, step by step."""

    script: Script
    session: Session
    disk: FailingDisk
    aside: Path
    told: int = 0
    wording: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        """What was acknowledged last."""
        done = self.session.acknowledged
        return done[-1].state if done else self.script.first

    @property
    def next_state(self) -> State:
        """What the change that is next leads to."""
        return (*self.script.states, self.state)[len(self.session.acknowledged)]

    def run(self, patient: bool) -> None:
        """Go to the end, trying again what failed; ``patient``: close and open in between."""
        while not self.session.ended:
            try:
                self.session.go()
            except CbirError as error:
                self.told += 1
                assert self.told < 3, f"it still fails after the disk is well: {error}"
                self.wording += odd_wording(str(error))
                self._after_failure(patient)
            except ReadOnly as refused:
                self.told += 1
                assert self.told < 3, f"it still fails after the disk is well: {refused}"
                self.wording += odd_wording(str(refused))
                assert agree(State.of(refused.library), self.state)
                refused.library.close()
                self.disk.heal()
            assert self._agrees(), "what is in memory is not what was acknowledged"
        states = [entry.state for entry in self.session.acknowledged]
        assert len(states) == len(self.script.states)
        same = all(
            agree(state, model) for state, model in zip(states, self.script.states, strict=True)
        )
        assert same, "something was done otherwise than without a fault"
        self._check_files((self.state,))
        assert leftovers(self.session.path.parent) == []

    def _agrees(self) -> bool:
        library = self.session.library
        return library is None or agree(State.of(library), self.state)

    def _after_failure(self, patient: bool) -> None:
        assert self._agrees(), "what is in memory is not what was acknowledged"
        folder = self.session.path.parent
        lasting = self.disk.fault is not None and self.disk.fault.lasting
        most = 1 + sum(attempt.kind == "remove" for attempt in self.disk.failed)
        assert len(leftovers(folder)) < most, "temporary files pile up"
        allowed = (self.state, self.next_state) if lasting else (self.state,)
        self._check_files(allowed)
        self.disk.heal()
        if patient and self.session.library is not None:
            self.session.library.close()
            self._check_files((self.state,))
            reopened = Session(self.session.path, (Step("open"),))
            reopened.run()
            self.session.library = reopened.library
            assert self._agrees(), "opened again it holds something else than it had told"

    def _check_files(self, allowed: tuple[State, ...]) -> None:
        """What another process would read of the files, in a copy of them."""
        path = self.session.path
        if not path.exists() and self.state == EMPTY:
            return
        shutil.rmtree(self.aside, ignore_errors=True)
        shutil.copytree(path.parent, self.aside)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "DISK", Quick())
            problems = verify(self.aside / NAME).problems
            if problems:
                raise AssertionError(f"damaged: {problems[0]}")
            with Library.open(self.aside / NAME, read_only=True) as library:
                found = State.of(library)
        if not any(agree(found, state) for state in allowed):
            raise AssertionError(f"{found} on disk, not {' or '.join(map(str, allowed))}")


def leftovers(folder: Path) -> list[str]:
    """Temporary files."""
    return [name for name in os.listdir(folder) if is_temporary(name)] if folder.exists() else []


def odd_wording(message: str) -> list[str]:
    """What is told to a user must be one line, ended, without Python's names for things."""
    odd = [part for part in ("\n", "Traceback", "Error(", "[Errno") if part in message]
    return [f"told {message!r}"] if odd or not message.endswith(".") else []


def try_all(script: Script, folder: Path, thorough: bool) -> None:
    """Every fault; what is wrong with some of them, all at once."""
    wrong: list[str] = []
    chosen = faults(script.attempts, thorough)
    for number, fault in enumerate(chosen):
        for patient in (False, True) if thorough else (number % 2 == 0,):
            path = fresh(folder / "data", script.before)
            with pytest.MonkeyPatch.context() as patch:
                disk = FailingDisk(fault)
                patch.setattr(files, "DISK", disk)
                trial = Trial(script, Session(path, script.steps), disk, folder / "aside")
                try:
                    trial.run(patient)
                    if trial.wording:
                        raise AssertionError(trial.wording[0])
                except (AssertionError, CbirError, OSError, ValueError, KeyError) as error:
                    failed = disk.failed[0] if disk.failed else script.attempts[fault.at]
                    where = trial.session.step.kind if not trial.session.ended else "the end"
                    wrong.append(
                        f"{fault} ({failed.kind} {failed.path.name}){', reopened' * patient}, "
                        f"at step {trial.session.at} ({where}): {error!r:.300}"
                    )
                finally:
                    disk.heal()
                    if trial.session.library is not None:
                        trial.session.library.close()
    print(f"{len(chosen)} faults, {len(wrong)} went wrong")
    assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n".join(wrong[:12])


def test_any_operation_may_fail(tmp_path: Path, torture: bool, complaints: Complaints) -> None:
    script = prepared(tmp_path / "data", WHOLE, None, EMPTY)
    try_all(script, tmp_path, torture)


def test_any_operation_may_fail_while_the_format_changes(
    tmp_path: Path, torture: bool, complaints: Complaints
) -> None:
    before = tmp_path / "before"
    first = old_library(before / NAME)
    script = prepared(tmp_path / "data", (Step("open"), *OLD[:4], Step("close")), before, first)
    try_all(script, tmp_path, torture)


def test_power_loss_after_a_fault(tmp_path: Path, torture: bool) -> None:
    """What could not be flushed may be lost; what is acknowledged afterwards may not."""
    script = prepared(tmp_path / "data", WHOLE, None, EMPTY)
    kinds = (*FLUSHES, "rename", "truncate", "open")
    every = [
        fault
        for at, attempt in enumerate(script.attempts)
        if attempt.kind in kinds and attempt.path.name.startswith((NAME, f".{NAME}", "data"))
        for fault in ways(at, attempt, errno.EIO)
    ]
    for fault in every if torture else Random(SEED).sample(every, 8):
        path = fresh(tmp_path / "data", None)
        disk = FailingDisk(fault)
        session = Session(path, WHOLE, partial(len, disk.log))
        since = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "DISK", disk)
            while not session.ended:
                try:
                    session.go()
                except (CbirError, ReadOnly) as error:
                    since = since or len(disk.log)
                    disk.heal()
                    if isinstance(error, ReadOnly):
                        error.library.close()
        run = Run(path.parent, {}, disk.log, session.acknowledged, EMPTY)
        try:
            check_all(run, tmp_path, 60 if torture else 12, False, since)
        except AssertionError as error:
            raise AssertionError(f"after {fault} ({disk.failed[:1]}): {error}") from error


def test_a_backup_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a drive knows no links the old files are copied: half a copy is of no use."""
    path = tmp_path / NAME
    before = old_library(path)

    def no_links(source: object, name: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    def full(source: object, copy: object) -> None:
        copy.write(b"half")  # type: ignore[attr-defined]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Library.open(path) as library:
        with monkeypatch.context() as patch:
            patch.setattr(os, "link", no_links)
            patch.setattr(shutil, "copyfileobj", full)
            for _ in range(3):
                with pytest.raises(LibraryUnwritable, match="No space left"):
                    library.fold()
                assert State.of(library) == before
        assert [name for name in os.listdir(tmp_path) if "format1" in name] == []
        assert library.fold()


def test_a_folder_that_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For root no permission binds: there the disk refuses."""
    folder = tmp_path / "data"
    path = folder / NAME
    filled(path, 3).close()
    if os.geteuid() == 0:
        kinds = ("make-folder", "create", "rename", "link", "remove")
        monkeypatch.setattr(
            files, "DISK", FailingDisk(Fault(0, errno.EACCES, lasting=True, kinds=kinds))
        )
    else:
        folder.chmod(0o500)
    try:
        with Library.open(path) as library:
            before = State.of(library)
            # The journal that is there can be written on.
            library.remove([2])
            assert [record.id for record in library] == [1, 3]
            before = State.of(library)
            with pytest.raises(LibraryUnwritable, match="Permission denied") as refused:
                library.fold()
            assert odd_wording(str(refused.value)) == []
            assert State.of(library) == before
        with pytest.raises(LibraryUnwritable, match="Permission denied") as refused:
            Library.open(folder / "new.npz")
        assert odd_wording(str(refused.value)) == []
    finally:
        folder.chmod(0o700)
    monkeypatch.setattr(files, "DISK", Quick())
    with Library.open(path) as library:
        assert State.of(library) == before
        assert library.fold()


def test_a_folder_that_is_gone(tmp_path: Path, complaints: Complaints) -> None:
    """Nothing is saved any more, so nothing may be said to be."""
    path = tmp_path / "data" / NAME
    library = filled(path, 3)
    before = State.of(library)
    shutil.rmtree(path.parent)
    with pytest.raises(LibraryUnwritable):
        library.fold()
    assert State.of(library) == before
    library.close()
    with Library.open(path) as again:
        assert len(again) == 0
        again.add([image_file(1)], {"classic": made(vectors_of(1))})
    assert verify(path).problems == ()


def test_a_change_in_a_folder_that_is_gone_is_not_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "data" / NAME
    with filled(path, 3) as library:
        shutil.rmtree(path.parent)
        with pytest.raises(LibraryUnwritable):
            library.remove([1])
        assert len(library) == 3


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A child may write no file beyond a size: the system itself refuses half of a write."""
    with Child("full_disk_child", str(tmp_path / NAME)) as child:
        said = [child.line() for _ in range(4)]
    assert said == ["add: refused", "fold: refused", "afterwards: done", "ok"]
    assert not journal_path(tmp_path / NAME).is_symlink()
    assert verify(tmp_path / NAME).problems == ()


class InterruptedDisk(WatchedDisk):
    """Ctrl-C comes right after the operation of that number, counted from 0."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def done(self, operation: Operation) -> None:
        self.left -= 1
        if self.left == -1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("then", ["change", "fold", "fold with changes", "close"])
@pytest.mark.parametrize("at", ["write", "flush", "swap"])
def test_an_interrupted_change_never_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, then: str
) -> None:
    """Ctrl-C between a journal's entry and its acknowledgement, then the library goes on."""
    path = tmp_path / NAME
    append = Store.append

    def interrupted(store: Store, change: Change, version: int) -> None:
        append(store, change, version)
        raise KeyboardInterrupt

    def add() -> None:
        if len(library) < 5:  # in an entry longer than the interrupted one
            library.add([image_file(60 + len(library))], {"classic": made(vectors_of(1))})

    filled(path, 3).close()
    with monkeypatch.context() as patch:
        # What comes before: opening the journal, cutting it and flushing that.
        patch.setattr(files, "DISK", InterruptedDisk({"write": 3, "flush": 4, "swap": 99}[at]))
        if at == "swap":
            patch.setattr(Store, "append", interrupted)
        with Library.open(path) as library:
            before = State.of(library)
            with pytest.raises(KeyboardInterrupt):
                library.remove([3])
            patch.undo()
            patch.setattr(files, "DISK", Quick())
            assert State.of(library) == before
            if then == "change":
                add()
            elif then.startswith("fold"):
                library.fold(add if then != "fold" else lambda: None)
            told = State.of(library)
            assert then in ("fold", "close") or len(library) > 3
    assert verify(path).problems == ()
    with Library.open(path) as library:
        found = State.of(library)
        # Whoever was interrupted was told nothing: it may be there as long as nothing came since.
        assert agree(found, told) or (then == "close" and len(library) == 2)


@pytest.mark.parametrize("lost", [0, 5])
def test_the_trial_sees_what_is_lost(tmp_path: Path, lost: int) -> None:
    script = prepared(tmp_path / "data", WHOLE[:6], None, EMPTY)
    session = Session(tmp_path / "data" / NAME, script.steps)
    shutil.rmtree(tmp_path / "data")
    session.run()
    trial = Trial(script, session, FailingDisk(), tmp_path / "aside")
    if lost:
        beside = journal_path(session.path)
        os.truncate(beside, beside.stat().st_size - lost)
        with pytest.raises(AssertionError, match="on disk, not"):
            trial.run(False)
    else:
        trial.run(False)
    assert session.library is not None
    session.library.close()
