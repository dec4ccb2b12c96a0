"""Who may write: the one that holds a lock which others are kept out by."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.errors import LibraryReadOnly, LibraryUnwritable
from cbir.library import Library
from cbir.library.lock import WriteLock
from tests.library.helpers import filled, image_file

NO_LOCKS = "cannot keep two programs from writing it at once"


def failing(code: int) -> Callable[..., None]:
    def flock(fd: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    return flock


def test_one_at_a_time(tmp_path: Path) -> None:
    first, second = WriteLock(tmp_path / "lib.npz"), WriteLock(tmp_path / "lib.npz")
    assert first.take() is None
    assert "another window or command" in str(second.take())
    assert "another window or command" in str(second.take(0.01))
    second.release()
    assert "another window or command" in str(second.take())
    first.release()
    assert second.take() is None
    second.release()
    assert stat.S_IMODE((tmp_path / "lib.npz.lock").stat().st_mode) == 0o600


def test_a_lock_that_keeps_nobody_out_means_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", lambda fd, operation: None)
        with Library.open(path) as library:
            assert NO_LOCKS in library.read_only_reason
            assert len(library) == 2
            with pytest.raises(LibraryReadOnly, match="local drive"):
                library.add([image_file(9)])
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    with Library.open(path) as library:
        assert not library.read_only


@pytest.mark.parametrize(
    "code", [errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK], ids=os.strerror
)
def test_a_drive_without_locks_means_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", failing(code))
        with Library.open(path) as library:
            assert NO_LOCKS in library.read_only_reason
            assert len(library) == 2
        with pytest.raises(LibraryUnwritable, match=NO_LOCKS):
            Library.open(tmp_path / "new.npz")
    assert not (tmp_path / "new.npz").exists()
    with Library.open(path) as library:
        library.add([image_file(9)])


def test_another_error_of_the_lock_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    monkeypatch.setattr(fcntl, "flock", failing(errno.EIO))
    with Library.open(path) as library:
        assert "Input/output error" in library.read_only_reason


def test_only_the_second_of_two_locks_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that gives the lock once and then says that it has none keeps nobody out."""
    flock, calls = fcntl.flock, []

    def once(fd: int, operation: int) -> None:
        calls.append(operation)
        if operation & fcntl.LOCK_EX and sum(1 for op in calls if op & fcntl.LOCK_EX) > 1:
            raise OSError(errno.ENOLCK, "No locks available")
        flock(fd, operation)

    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    monkeypatch.setattr(fcntl, "flock", once)
    with Library.open(path) as library:
        assert NO_LOCKS in library.read_only_reason


CHILD = """
import sys
from cbir.library import Library
library = Library.open(sys.argv[1], patience=float(sys.argv[2]))
print(library.read_only, flush=True)
sys.stdin.read()
"""


def child(path: Path, patience: float = 0) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CHILD, str(path), str(patience)]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_lets_go_of_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    filled(path, 2).close()
    with child(path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "False\n"
        with Library.open(path) as library:
            assert library.read_only
        other.kill()
        other.wait()
    with Library.open(path) as library:
        assert not library.read_only


def test_the_one_that_waits_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    library = filled(path, 2)
    with child(path, 60) as other:
        library.close()
        assert other.stdout is not None
        assert other.stdout.readline() == "False\n"
        other.kill()
        other.wait()


def test_children_do_not_inherit_it(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    library = filled(path, 2)
    command = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=False
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        library.close()
        with Library.open(path) as again:
            assert not again.read_only
        other.kill()
        other.wait()
