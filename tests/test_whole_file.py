from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cbir.whole_file import claim, rename_to_new


def _no_links(*_given: object, **_more: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
def test_a_file_gets_a_new_name_and_replaces_none(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    old, new, taken = tmp_path / "old.png", tmp_path / "new.png", tmp_path / "taken.png"
    old.write_bytes(b"picture")
    taken.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        rename_to_new(str(old), str(taken))
    assert taken.read_bytes() == b"precious"
    rename_to_new(str(old), str(new))
    assert new.read_bytes() == b"picture"
    assert not old.exists()


@pytest.mark.parametrize("links", [True, False])
def test_a_link_itself_gets_the_name(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    (tmp_path / "real.png").write_bytes(b"picture")
    (tmp_path / "old.png").symlink_to("real.png")
    rename_to_new(str(tmp_path / "old.png"), str(tmp_path / "new.png"))
    assert os.readlink(tmp_path / "new.png") == "real.png"
    assert sorted(os.listdir(tmp_path)) == ["new.png", "real.png"]


def test_a_file_that_another_program_renamed_alike_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, link = tmp_path / "old.png", tmp_path / "new.png", os.link
    old.write_bytes(b"picture")

    def both(*given: str, follow_symlinks: bool) -> None:
        link(*given, follow_symlinks=follow_symlinks)
        old.unlink()  # as ``mv old.png new.png`` does at the same moment

    monkeypatch.setattr(os, "link", both)
    rename_to_new(str(old), str(new))
    assert new.read_bytes() == b"picture"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rename_to_new(str(tmp_path / "gone.png"), str(tmp_path / "new.png"))
    assert not list(tmp_path.iterdir())


def test_a_claimed_name_is_private_and_claimed_once(tmp_path: Path) -> None:
    claim(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        claim(tmp_path / "a")
