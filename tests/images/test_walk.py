from __future__ import annotations

import errno
import os
import random
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.errors import CbirError
from cbir.images import walk
from cbir.images.files import FoundFile, stat_file
from cbir.images.walk import (
    Ignored,
    NotEntered,
    find_images,
    is_other_file,
    is_reached,
    look_again,
    natural_key,
)
from cbir.records import SkippedFile

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def _touch(folder: Path, *names: str, data: bytes = b"x") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _found(root: Path, *paths: object, **options) -> list[str]:
    """The candidates' paths below root, in the order they came."""
    found = find_images([str(path) for path in paths] or [str(root)], **options)
    return [os.path.relpath(f.path, root) for f in found if isinstance(f, FoundFile)]


def _skipped(*paths: object) -> dict[str, str]:
    found = find_images([str(path) for path in paths])
    return {Path(f.path).name: f.reason for f in found if isinstance(f, SkippedFile)}


def test_files_come_with_size_and_time_in_natural_order_folder_by_folder(root):
    _touch(root, "img10.jpg", "img2.jpg", "IMG3.jpg", "b10/x.jpg", "b9/x.jpg", "b9/c/y.jpg")
    assert _found(root) == [
        *("img2.jpg", "IMG3.jpg", "img10.jpg"),
        *("b9/x.jpg", "b9/c/y.jpg", "b10/x.jpg"),
    ]
    first = next(find_images([root]))
    assert first == stat_file(root / "img2.jpg")


def test_other_files_are_ignored_and_counted(root):
    _touch(root, "a.jpg", "b.txt", "c.mp4", "d.eps", "e", data=b"hello")
    found = list(find_images([root]))
    assert [Path(f.path).name for f in found if isinstance(f, Ignored)] == [
        *("b.txt", "c.mp4", "d.eps", "e")
    ]


def test_files_of_unknown_name_are_judged_by_their_first_bytes(root):
    _touch(root, "00001", "scan.xyz", "empty.xyz", data=PNG)
    _touch(root, "empty.xyz", data=b"")
    assert _found(root) == ["00001", "scan.xyz"]


def test_nothing_is_opened_whose_name_tells(root, monkeypatch):
    _touch(root, "a.jpg", "b.txt")
    monkeypatch.setattr(walk, "read_prefix", lambda *_args: pytest.fail("opened"))
    assert len(list(find_images([root]))) == 2


def test_a_named_file_is_a_candidate_whatever_its_name(root):
    _touch(root, "a.txt", ".hidden.jpg")
    assert _found(root, root / "a.txt", root / ".hidden.jpg") == ["a.txt", ".hidden.jpg"]


def test_a_file_named_twice_or_beside_its_folder_comes_once(root):
    _touch(root, "a.jpg", "b.jpg", "c/d.jpg")
    assert _found(root, root / "b.jpg", root / "c/../b.jpg", root, root / "c", root) == [
        *("b.jpg", "a.jpg", "c/d.jpg")
    ]


def test_excludes_apply_below_the_named_path_only(root):
    hidden = root / ".hidden" / "node_modules"
    _touch(hidden, "a.jpg", ".b.jpg", ".c/d.jpg", "@eaDir/e.jpg", "f/.thumbnails/g.jpg", "f/h.jpg")
    _touch(hidden, "node_modules/i.jpg")
    assert _found(hidden) == ["a.jpg", "f/h.jpg"]


def test_excludes_are_patterns_and_may_be_none(root):
    _touch(root, ".a.jpg", "b_small.jpg", "c.jpg", "old/d.jpg")
    assert _found(root, excludes=["*_small.*", "old"]) == [".a.jpg", "c.jpg"]
    assert len(_found(root, excludes=[])) == 4


def test_a_missing_path_is_said_before_anything_is_yielded(root):
    with pytest.raises(CbirError, match=r"nowhere: it does not exist\. Check the name\."):
        find_images([root, root / "nowhere"])
    with pytest.raises(CbirError, match="not a valid path"):
        find_images(["a\0b"])


def test_loops_of_links_end_and_each_folder_is_walked_once(root):
    _touch(root, "a/x.jpg", "z.jpg")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "b").symlink_to(root / "a")
    assert _found(root) == ["z.jpg", "a/x.jpg"]


def test_a_link_to_a_parent_of_the_named_path_ends_too(root):
    _touch(root.parent, "outside.jpg", "pictures/in.jpg")
    (root / "up").symlink_to(root.parent)
    assert _found(root) == ["in.jpg", "up/outside.jpg"]


def test_a_files_own_path_wins_over_links_to_it(root):
    _touch(root, "z.jpg", "sub/y.jpg")
    (root / "a.jpg").symlink_to(root / "z.jpg")
    (root / "b.jpg").symlink_to(root / "sub" / "y.jpg")
    assert _found(root) == ["z.jpg", "sub/y.jpg"]


def test_a_target_elsewhere_comes_once_under_its_first_link(root):
    elsewhere = root.parent / "elsewhere"
    _touch(elsewhere, "1.jpg", "deep/2.jpg", ".3.jpg")
    for name in ("b.jpg", "a.jpg"):
        (root / name).symlink_to(elsewhere / "1.jpg")
    assert _found(root) == ["a.jpg"]
    (root / "z").symlink_to(elsewhere)
    (root / "hidden.jpg").symlink_to(elsewhere / ".3.jpg")
    assert _found(root) == ["z/1.jpg", "z/deep/2.jpg", "hidden.jpg"]


def test_a_named_link_counts_and_its_target_still_comes_once(root):
    _touch(root, "a.jpg")
    link = root.parent / "link.txt"
    link.symlink_to(root / "a.jpg")
    assert _found(root, link, root) == ["a.jpg"]
    assert _found(root, link) == ["../link.txt"]


def test_two_hard_links_are_two_files(root):
    _touch(root, "a.jpg")
    os.link(root / "a.jpg", root / "b.jpg")
    assert _found(root) == ["a.jpg", "b.jpg"]


def test_broken_links_are_skipped_with_a_reason(root):
    (root / "gone.jpg").symlink_to(root / "nowhere")
    (root / "loop.jpg").symlink_to("loop.jpg")
    assert _skipped(root) == {
        "gone.jpg": "a link to nothing",
        "loop.jpg": "a link that leads to itself",
    }


def test_what_is_no_regular_file_is_skipped_and_never_opened(root, monkeypatch):
    os.mkfifo(root / "pipe.jpg")
    os.mkfifo(root / "pipe")
    (root / "dev.jpg").symlink_to("/dev/zero")
    monkeypatch.chdir(root)
    monkeypatch.setattr(os, "open", lambda *_args: pytest.fail("opened"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.jpg")
        assert _skipped(root) == {
            "pipe": "a FIFO, not a file",
            "pipe.jpg": "a FIFO, not a file",
            "sock.jpg": "a socket, not a file",
            "dev.jpg": "a device, not a file",
        }
    assert _skipped(root / "pipe") == {"pipe": "a FIFO, not a file"}


def test_unreadable_folders_and_files_are_skipped_and_the_rest_is_found(root, monkeypatch):
    _touch(root, "closed/a.jpg", "open/b.jpg", "secret", data=PNG)
    real_scandir, real_open = os.scandir, os.open

    def scandir(path):
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_scandir(path)

    def open_(path, *args):
        if Path(path).name == "secret":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_open(path, *args)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os, "open", open_)
    assert _skipped(root) == {"closed": "no permission", "secret": "no permission"}
    assert _found(root) == ["open/b.jpg"]


def test_folders_and_files_that_vanish_meanwhile_are_skipped(root):
    _touch(root, "1.jpg", "2/a.jpg", "3", "4.jpg", data=PNG)
    running = find_images([root])
    assert next(running).path.endswith("1.jpg")
    shutil.rmtree(root / "2")
    (root / "3").unlink()
    assert [(Path(f.path).name, getattr(f, "reason", "")) for f in running] == [
        *(("3", "vanished meanwhile"), ("4.jpg", ""), ("2", "vanished meanwhile"))
    ]


def test_odd_names_survive(root):
    names = [b"\xff\xfe.jpg", b"new\nline.jpg", b"..jpg", "ä ü.jpg".encode(), b"--.jpg"]
    for name in names:
        with open(os.path.join(os.fsencode(root), name), "wb"):
            pass
    found = {os.fsencode(Path(f.path).name) for f in find_images([root], excludes=())}
    assert found >= {*names} - {b"..jpg"}


@contextmanager
def _chain(root: Path, name: str, depth: int) -> Iterator[None]:
    """Folders in folders, with a picture in the last; too deep for others to tidy away."""
    before = Path.cwd()
    os.chdir(root)
    for _ in range(depth):
        os.mkdir(name)
        os.chdir(name)
    Path("a.jpg").touch()
    try:
        yield
    finally:
        os.remove("a.jpg")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir(name)
        os.chdir(before)


def test_deep_folders_do_not_exhaust_the_stack(root):
    with _chain(root, "d", 1200):
        assert len(_found(root)) == 1


def test_a_path_that_grew_too_long_is_skipped_with_its_reason(root):
    with _chain(root, "d" * 250, 20):
        assert set(_skipped(root).values()) == {"the path is too long"}


def _put_on_another_file_system(monkeypatch, *folders: Path) -> None:
    """Let these folders and all below them look as if another device were mounted there."""
    real = os.stat

    def stat(path, *args, **options):
        status = real(path, *args, **options)
        real_path = Path(os.path.realpath(path))
        if any(folder == real_path or folder in real_path.parents for folder in folders):
            fields, more = status.__reduce__()[1]
            return os.stat_result((*fields[:2], status.st_dev + 1, *fields[3:]), more)
        return status

    monkeypatch.setattr(os, "stat", stat)


def _not_entered(root: Path, *paths: object, **options) -> list[str]:
    found = find_images([str(path) for path in paths] or [str(root)], **options)
    return [os.path.relpath(f.path, root) for f in found if isinstance(f, NotEntered)]


def test_other_file_systems_are_entered_only_when_asked(root, monkeypatch):
    _touch(root, "a.jpg", "drive/b.jpg", "drive/deep/c.jpg", "z/d.jpg")
    _put_on_another_file_system(monkeypatch, root / "drive")
    assert _found(root) == ["a.jpg", "z/d.jpg"]
    assert _not_entered(root) == ["drive"]
    assert _found(root, cross_file_systems=True) == [
        *("a.jpg", "drive/b.jpg", "drive/deep/c.jpg", "z/d.jpg")
    ]
    assert _not_entered(root, cross_file_systems=True) == []


def test_a_named_path_is_entered_wherever_it_lies(root, monkeypatch):
    _touch(root, "a.jpg", "drive/b.jpg", "drive/home/c.jpg")
    _put_on_another_file_system(monkeypatch, root / "drive")
    assert _found(root, root / "drive") == ["drive/b.jpg", "drive/home/c.jpg"]
    assert _found(root, root, root / "drive") == ["a.jpg", "drive/b.jpg", "drive/home/c.jpg"]
    assert _found(root, root / "drive" / "b.jpg") == ["drive/b.jpg"]


def test_links_to_other_file_systems_are_followed_only_when_asked(root, monkeypatch):
    drive = root.parent / "drive"
    _touch(drive, "1.jpg", "deep/2.jpg")
    (root / "a.jpg").symlink_to(drive / "1.jpg")
    (root / "again.jpg").symlink_to(drive / "1.jpg")
    (root / "b").symlink_to(drive / "deep")
    _put_on_another_file_system(monkeypatch, drive)
    assert _found(root) == []
    assert _not_entered(root) == ["b", "a.jpg"]
    assert _found(root, cross_file_systems=True) == ["b/2.jpg", "a.jpg"]
    assert _found(root, root / "a.jpg") == ["a.jpg"]


def _again(root: Path, *names: str, roots: list[Path] | None = None) -> list[str]:
    """What is found at ``names`` below root when they are looked at again."""
    found = look_again([str(root / name) for name in names], list(map(str, roots or [root])))
    return [os.path.relpath(f.path, root) for f in found if isinstance(f, FoundFile)]


def test_changed_paths_are_found_as_a_walk_finds_them(root):
    _touch(root, "a.jpg", "b/1.jpg", "b/10.jpg", "b/2.jpg", "note.txt", "log", data=b"hello")
    _touch(root, ".hidden.jpg", "node_modules/x.jpg", "c/.d/y.jpg")
    assert _again(root, "b/10.jpg", "a.jpg", "b/2.jpg") == ["a.jpg", "b/10.jpg", "b/2.jpg"]
    assert _again(root, "b/2.jpg", "b", "b/1.jpg") == ["b/1.jpg", "b/2.jpg", "b/10.jpg"]
    assert _again(root, "note.txt", "log", ".hidden.jpg", "node_modules/x.jpg", "c/.d/y.jpg") == []
    assert _again(root, "gone.jpg", "gone/deep.jpg", "a.jpg/none.jpg") == []
    assert _again(root, "../outside.jpg", "a.jpg", roots=[root / "b"]) == []
    assert _again(root, "c/.d/y.jpg", roots=[root, root / "c" / ".d"]) == ["c/.d/y.jpg"]
    assert len(_again(root, ".")) == 4


def test_a_changed_link_is_followed_where_its_target_has_no_path_of_its_own(root):
    elsewhere = root.parent / "elsewhere"
    _touch(root, "a/1.jpg", "new/2.jpg")
    _touch(elsewhere, "x.jpg", "deep/y.jpg")
    (root / "new" / "inside").symlink_to(root / "a")
    (root / "new" / "inside.jpg").symlink_to(root / "a" / "1.jpg")
    (root / "new" / "outside").symlink_to(elsewhere / "deep")
    assert _again(root, "new") == ["new/2.jpg", "new/outside/y.jpg"]
    (root / "b.jpg").symlink_to(elsewhere / "x.jpg")
    (root / "z.jpg").symlink_to(elsewhere / "x.jpg")
    found = _again(root, "z.jpg")
    assert "b.jpg" in found and "z.jpg" not in found  # known by its first link, as in a whole walk


def test_a_changed_path_on_another_file_system_is_not_entered(root, monkeypatch):
    _touch(root, "drive/b.jpg", "a.jpg")
    _put_on_another_file_system(monkeypatch, root / "drive")
    assert _again(root, "drive", "drive/b.jpg", "a.jpg") == ["a.jpg"]
    assert _again(root, "drive/b.jpg") == []
    assert _again(root, "drive/b.jpg", roots=[root / "drive"]) == ["drive/b.jpg"]


def test_what_is_reached_from_a_folder(root):
    assert is_reached("/p", "/p", ["p"]) and is_reached("/p/a/b.jpg", "/p/", [".*"])
    assert is_reached("/a.jpg", "/", [".*"])
    assert not is_reached("/pp/a.jpg", "/p", []) and not is_reached("/q", "/p", [])
    assert not is_reached("/p/.a/b.jpg", "/p", [".*"])
    assert is_reached("/.h/p/b.jpg", "/.h/p", [".*"])


def test_other_files_are_known_by_name():
    assert is_other_file("/p/a.txt") and is_other_file("b.mp4")
    assert not is_other_file("/p/a.jpg") and not is_other_file("/p.txt/unknown")


def test_numbers_in_names_sort_by_value():
    names = ["a", "a1", "a2", "a10", "a10b2", "a10b10", "b"]
    mixed = random.Random(5).sample(names, len(names))
    assert sorted(mixed, key=natural_key) == names
    assert natural_key("IMG2.jpg") < natural_key("img10.jpg")


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(st.characters(codec=None)), max_size=8))
def test_any_names_can_be_sorted(names):
    ordered = sorted(names, key=natural_key)
    assert sorted(ordered) == sorted(names)
    backwards = names[::-1]
    assert sorted(backwards, key=natural_key) == ordered
