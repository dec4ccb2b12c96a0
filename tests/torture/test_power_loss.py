"""Power lost at any instant: whatever the drive then holds opens, with all that was acknowledged.

A library's operations on its files are recorded; for each instant the states that the drive may be
in are worked out (``drive``), laid out in a folder and opened. It must hold what was acknowledged
until then, or that and the change that was under way.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest

from cbir.errors import CbirError
from cbir.library import Library, files, layout, verify
from cbir.library.loading import journal_path
from tests.library.helpers import image_file
from tests.torture.disk import Operation, RecordingDisk
from tests.torture.drive import Contents, Drive, is_temporary
from tests.torture.script import (
    AGAIN,
    EMPTY,
    NEW,
    OLD,
    WHOLE,
    Acknowledged,
    Session,
    State,
    Step,
    agree,
    make_format_1,
)

SEED = 11
NAME = "lib.npz"


class Quick(files.Disk):
    """Flushes nothing: what is tried after the power loss need not outlive another one."""

    def flush(self, file: object) -> None:
        pass

    def flush_folder(self, folder: Path) -> None:
        pass


@dataclass(frozen=True)
class Run:
    """Operations on the files of ``folder``, which held ``before``, and what came of them."""

    folder: Path
    before: Contents
    log: list[Operation]
    acknowledged: list[Acknowledged]
    first: State

    def allowed(self, position: int) -> tuple[State, ...]:
        """The states that may be found when the power goes after so many operations."""
        done = [entry for entry in self.acknowledged if entry.done <= position]
        now = done[-1].state if done else self.first
        under_way = self.acknowledged[len(done) :][:1]
        return (now, *(entry.state for entry in under_way if entry.begun <= position))

    def describe(self, position: int) -> str:
        operations = [
            f"{'>' if at == position - 1 else ' '} {at} {operation.kind} {operation.path.name}"
            for at, operation in enumerate(self.log)
        ]
        return "\n".join(operations[max(0, position - 8) : position + 3])


def recorded(
    path: Path, steps: tuple[Step, ...], first: State, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Go through ``steps`` of the library at ``path`` and write down what is done to its files."""
    existing = tuple(sorted(path.parent.iterdir())) if path.parent.exists() else ()
    before = {file.name: file.read_bytes() for file in existing}
    with monkeypatch.context() as patch:
        disk = RecordingDisk(existing)
        patch.setattr(files, "DISK", disk)
        session = Session(path, steps, lambda: len(disk.log))
        session.run()
    return Run(path.parent, before, disk.log, session.acknowledged, first)


@dataclass(frozen=True)
class Case:
    """A state of the drive and how it may have come about: after so many operations."""

    contents: Contents
    position: int
    allowed: tuple[State, ...]

    def allows(self, found: State) -> bool:
        return any(agree(found, state) for state in self.allowed)


def cases(run: Run, thorough: bool) -> Iterator[Case]:
    """Every state of the drive that power loss may leave; each once for what is then allowed."""
    drive = Drive(run.folder)
    for at, (name, content) in enumerate(run.before.items(), 1):
        drive.names[name], drive.safe[at] = at, content
    seen: set[tuple[bytes, tuple[State, ...]]] = set()
    for position in range(len(run.log) + 1):
        if position:
            drive.apply(run.log[position - 1])
        allowed = run.allowed(position)
        for contents in drive.states(thorough):
            key = (fingerprint(contents), allowed)
            if key not in seen:
                seen.add(key)
                yield Case(contents, position, allowed)


def fingerprint(contents: Contents) -> bytes:
    """The same for states that are the same, but for what temporary files are called."""
    whole = hashlib.blake2b(digest_size=16)
    for name, content in sorted(contents.items()):
        kept = name.rpartition(".")[0].rpartition(".")[0] if is_temporary(name) else name
        whole.update(f"{kept}\0{len(content)}\0".encode() + content)
    return whole.digest()


def lay_out(contents: Contents, folder: Path) -> Path:
    """The files in an empty folder; the library's path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder / NAME


def check(case: Case, folder: Path) -> State:
    """Open what is left, read it, change it, open it again; the state that was found."""
    path = lay_out(case.contents, folder)
    if not path.exists() and not journal_path(path).exists():
        assert case.allowed[0] == EMPTY, "the library is gone"
    else:
        with np.load(path, allow_pickle=False) as arrays:
            assert all(isinstance(arrays[name], np.ndarray) for name in arrays.files)
        assert verify(path).problems == ()
        with Library.open(path, read_only=True) as library:
            found = State.of(library)
            assert case.allows(found), f"{found} read, not {' or '.join(map(str, case.allowed))}"
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == case.contents
    with Library.open(path) as library:
        assert not library.read_only, library.read_only_reason
        found = State.of(library)
        assert case.allows(found), f"{found} found, not {' or '.join(map(str, case.allowed))}"
        assert not [file.name for file in folder.iterdir() if is_temporary(file.name)]
        further(library, found)
        expected = State.of(library)
    report = verify(path)
    assert (report.problems, report.notes) == ((), ())
    with Library.open(path, read_only=True) as library:
        assert State.of(library) == expected
    return found


def further(library: Library, before: State) -> None:
    """A small change: less than what a crash may have left of a large one."""
    ids = library.add([image_file(500)])
    assert ids == [before.next_id]
    assert library.version == before.version + 1


def check_all(
    run: Run, tmp_path: Path, most: int, thorough: bool, since: int = 0
) -> list[tuple[Case, State]]:
    """Check all cases, or ``most`` drawn with a fixed seed; those checked and what was found.

    Only those of power lost after the operation ``since``.
    """
    every = [case for case in cases(run, thorough) if case.position >= since]
    checked = []
    drawn = every if thorough else Random(SEED).sample(every, min(most, len(every)))
    for case in drawn:
        try:
            checked.append((case, check(case, tmp_path / "after")))
        except (AssertionError, CbirError, OSError, ValueError) as error:
            sizes = {name: len(content) for name, content in case.contents.items()}
            raise AssertionError(
                f"power lost after operation {case.position}, {sizes} left: {error!r}\n"
                f"{run.describe(case.position)}"
            ) from error
    print(f"{len(drawn)} of {len(every)} states, {len(run.log)} operations")
    return checked


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "DISK", Quick())


def test_power_loss_at_any_instant(
    tmp_path: Path, torture: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(tmp_path / "data" / NAME, WHOLE, EMPTY, monkeypatch)
    for case, found in check_all(run, tmp_path, 300, torture):
        assert found in case.allowed, f"{found.undoable!r} is what can be undone"


def test_power_loss_again_after_power_loss(
    tmp_path: Path, torture: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the next writer does about what a power loss left is as safe as all else."""
    first = recorded(tmp_path / "data" / NAME, WHOLE, EMPTY, monkeypatch)
    left = [case for case in cases(first, thorough=True) if NAME in case.contents]
    for case in Random(SEED).sample(left, 120 if torture else 8):
        path = lay_out(case.contents, tmp_path / "again")
        with Library.open(path, read_only=True) as library:
            found = State.of(library)
        run = recorded(path, AGAIN, found, monkeypatch)
        check_all(run, tmp_path, 14, torture)


def old_library(path: Path) -> State:
    """A closed library of format 1, with a journal; what it holds."""
    session = Session(path, (*NEW, Step("close")))
    session.run()
    make_format_1(path)
    with Library.open(path, read_only=True) as library:
        assert library.format == 1
        found = State.of(library)
    assert found == session.acknowledged[-1].state
    return found


def test_power_loss_while_the_format_changes(
    tmp_path: Path, torture: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the copy of the old files is whole as soon as the new ones are in their place."""
    path = tmp_path / "data" / NAME
    before = old_library(path)
    path.with_name(f"{NAME}.lock").unlink()
    run = recorded(path, (Step("open"), *OLD), before, monkeypatch)
    states = (before, *(entry.state for entry in run.acknowledged))
    formats = set()
    for case, _ in check_all(run, tmp_path, 120, torture):
        again = lay_out(case.contents, tmp_path / "after")
        with Library.open(again, read_only=True) as library:
            formats.add(library.format)
            if library.format == 1:
                continue
        with Library.open(again.with_name(f"{NAME}.format1"), read_only=True) as library:
            assert library.format == 1
            # Changes made while the new file was written are in the old journal too.
            assert State.of(library) in states[:3]
            assert verify(library.path).problems == ()
    assert formats == {1, layout.FORMAT}


def test_a_new_folder_is_flushed_into_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else power loss may take the whole library: a folder is a name in the one above."""
    path = tmp_path / "one" / "two" / NAME
    run = recorded(path, (*WHOLE[:3], Step("close")), EMPTY, monkeypatch)
    flushed = {
        operation.path
        for operation in run.log[: run.acknowledged[0].done]
        if operation.kind == "fsync-folder"
    }
    assert flushed >= {path.parent, path.parent.parent, tmp_path}


def test_the_drive_loses_what_was_not_flushed() -> None:
    """The model of a drive must be merciless, or nothing is proved."""
    folder = Path("/d")
    draft, target = folder / ".x.1.tmp", folder / "x"
    drive = Drive(folder)
    log = [
        Operation("create", draft, 1),
        Operation("write", draft, 1, data=b"a" * 700),
        Operation("rename", target, 1, draft),
    ]
    for operation in log:
        drive.apply(operation)
    found = [state.get("x") for state in drive.states(thorough=False)]
    assert {None, b"", b"a", b"a" * 512, b"a" * 700, bytes(700)} <= set(found)
    drive.apply(Operation("fsync", target, 1))
    assert {state.get("x") for state in drive.states(thorough=True)} == {None, b"a" * 700}
    drive.apply(Operation("fsync-folder", folder))
    assert next(iter(drive.states(thorough=True))) == {"x": b"a" * 700}
    drive.apply(Operation("truncate", target, 1, offset=600))
    drive.apply(Operation("write", target, 1, offset=600, data=b"b" * 100))
    found = [state["x"] for state in drive.states(thorough=True)]
    assert b"a" * 600 + b"b" * 100 in found
    assert b"a" * 600 in found
    assert b"a" * 600 + b"b" * 12 + b"a" * 88 in found  # the truncation was lost


def test_a_lost_change_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = recorded(tmp_path / "data" / NAME, (*NEW, Step("close")), EMPTY, monkeypatch)
    case = next(
        case
        for case in cases(run, False)
        if len(case.allowed) == 1 and len(case.allowed[0].records) == 4
    )
    journal = case.contents[f"{NAME}.journal"]
    check(case, tmp_path / "after")
    for name, content in ((f"{NAME}.journal", journal[:-1]), (NAME, b"")):
        worse = Case({**case.contents, name: content}, case.position, case.allowed)
        with pytest.raises((AssertionError, CbirError, ValueError, EOFError)):
            check(worse, tmp_path / "after")
