from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cbir.library import files


def test_replacing_puts_a_private_file_in_place(tmp_path: Path) -> None:
    target = tmp_path / "lib.npz"
    target.write_bytes(b"old")
    with files.replacing(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == files.PRIVATE_FILE
    assert os.listdir(tmp_path) == ["lib.npz"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "lib.npz"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="half way"), files.replacing(target) as file:
        file.write(b"half")
        raise RuntimeError("half way")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["lib.npz"]


def test_a_failing_flush_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "lib.npz"
    target.write_bytes(b"old")

    class FullDisk(files.Disk):
        def flush(self, file: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "DISK", FullDisk())
    with pytest.raises(OSError, match="No space"), files.replacing(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["lib.npz"]


def test_leftovers_of_this_file_only_are_removed(tmp_path: Path) -> None:
    for name in (".lib.npz.abc.tmp", ".other.npz.abc.tmp", "lib.npz", "lib.npz.tmp"):
        (tmp_path / name).write_bytes(b"")
    files.remove_leftovers(tmp_path / "lib.npz")
    assert sorted(os.listdir(tmp_path)) == [".other.npz.abc.tmp", "lib.npz", "lib.npz.tmp"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    target = tmp_path / "lib.npz"
    target.symlink_to(victim)
    with files.replacing(target) as file:
        file.write(b"new")
    assert victim.read_bytes() == b"precious"
    assert not target.is_symlink()


def test_folders_are_private(tmp_path: Path) -> None:
    files.DISK.make_folder(tmp_path / "data")
    files.DISK.make_folder(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == files.PRIVATE_FOLDER
    files.DISK.flush_folder(tmp_path / "data")


def test_leftovers_of_libraries_with_longer_names_stay(tmp_path: Path) -> None:
    """Another process may be writing them."""
    names = (".lib.npz.abcd_123.tmp", ".lib.npz.journal.abcd_123.tmp", ".lib.abcd_123.tmp")
    for name in names:
        (tmp_path / name).write_bytes(b"")
    files.remove_leftovers(tmp_path / "lib")
    assert sorted(os.listdir(tmp_path)) == sorted(names[:2])
    files.remove_leftovers(tmp_path / "lib.npz")
    assert os.listdir(tmp_path) == [names[1]]
