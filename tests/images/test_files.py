from __future__ import annotations

import errno
import hashlib
import io
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from cbir.errors import UnreadableImage
from cbir.images import files
from cbir.images.files import (
    FoundFile,
    absolute,
    digest_of,
    open_file,
    read_prefix,
    stat_file,
    why,
)


def read_file(path: str, **options: int) -> tuple[bytes, FoundFile]:
    with open_file(path, **options) as opened:
        data = opened.read()
        assert opened.digest() == digest_of(data)
        return data, opened.found


def _reason(call, *args) -> str:
    with pytest.raises(UnreadableImage) as caught:
        call(*args)
    return caught.value.reason


def test_absolute_folds_dots_and_keeps_links(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert absolute("link/../x.jpg") == str(tmp_path / "x.jpg")
    assert absolute(Path("link")) == str(tmp_path / "link")
    assert absolute("~") == str(tmp_path / "~")


def test_stat_file_tells_size_and_time_without_opening(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    found = stat_file(path)
    assert found == FoundFile(str(path), 5, path.stat().st_mtime_ns)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.jpg", "no such file"),
        ("folder", "a folder, not a file"),
        ("pipe", "a FIFO, not a file"),
        ("sock", "a socket, not a file"),
        ("file/below.jpg", "no such file"),
        ("loop", "a link that leads to itself"),
        ("x" * 300, "the path is too long"),
        ("nul\0.jpg", "not a valid path"),
    ],
)
def test_anything_but_a_regular_file_is_refused_with_its_reason(
    tmp_path, monkeypatch, name, reason
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock")
        for call in (stat_file, read_file):
            assert _reason(call, name) == reason
        assert _reason(read_prefix, name, 4) == reason


def test_a_device_is_refused():
    assert _reason(read_file, "/dev/zero") == "a device, not a file"


def test_a_fifo_put_in_place_after_the_look_does_not_hang(tmp_path, monkeypatch):
    pipe = tmp_path / "a.jpg"
    os.mkfifo(pipe)
    monkeypatch.setattr(files, "stat_file", lambda path: FoundFile(path, 1, 1))
    assert _reason(read_file, str(pipe)) == "a FIFO, not a file"


def test_an_open_file_gives_bytes_with_their_size_and_time(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"hello")
    data, found = read_file(str(path))
    assert data == b"hello"
    assert found == stat_file(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"hello")
    real = os.fdopen

    def grow(descriptor, *args, **kwargs):
        with path.open("ab") as stream:
            stream.write(b" world")
        return real(descriptor, *args, **kwargs)

    monkeypatch.setattr(os, "fdopen", grow)
    assert _reason(read_file, str(path)) == "changed while it was read"


def test_a_file_over_the_limit_is_not_read(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    with pytest.raises(UnreadableImage, match="5 bytes are more than the limit of 4"):
        read_file(str(path), max_bytes=4)


def test_errors_while_reading_and_opening_become_reasons(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"12345")

    def refuse(*_args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "read", refuse)
    assert _reason(read_prefix, str(path), 4) == "no permission"
    monkeypatch.setattr(os, "open", refuse)
    assert _reason(read_file, str(path)) == "no permission"


@pytest.mark.parametrize("size", [0, 1, (1 << 20) + 1])
def test_digest_of_a_file_is_that_of_its_bytes(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)
    expected = hashlib.blake2b(b"x" * size, digest_size=16).hexdigest()
    assert digest_of(path.read_bytes()) == expected
    assert len(expected) == 32


def test_why_uses_the_systems_words_where_it_has_none_of_its_own():
    assert why(OSError(errno.ENXIO, "No such device or address")) == "no such device or address"
    assert why(OSError("odd")) == "the system could not read it"


def test_read_prefix_of_a_short_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12")
    assert read_prefix(str(path), 16) == b"12"


def test_a_block_that_the_disk_cannot_read_is_that_files_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(100))

    class BadDisk(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with open_file(str(path)) as opened:
        bad = replace(opened, stream=BadDisk(str(path)))
        for reading in (lambda: bad.prefix(16), lambda: bad.suffix(16), bad.read, bad.digest):
            with pytest.raises(UnreadableImage, match="the disk could not read it") as caught:
                reading()
            assert not caught.value.lasting
        bad.stream.close()
        assert (opened.prefix(3), opened.suffix(1)) == (b"\xff\xd8\xff", b"\0")
