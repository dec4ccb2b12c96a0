from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cbir.library import journal
from cbir.library.journal import JournalHead, JournalWriter

HEAD = JournalHead(bytes(range(16)), 3)


def start(path: Path) -> JournalWriter:
    journal.create_journal(path, HEAD)
    return JournalWriter(path, journal.HEAD_BYTES)


def entries(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        assert journal.read_head(file) == HEAD
        return [entry.payload for entry in journal.read_entries(file)]


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    assert entries(path) == []
    writer.append(1, [b"one", b"", b"two"])
    writer.append(2, [b"x" * 100_000])
    writer.close()
    assert entries(path) == [b"onetwo", b"x" * 100_000]
    assert path.stat().st_size == writer.end
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_torn_entry_is_passed_over_at_every_byte_and_then_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    kept = writer.end
    writer.append(2, [b"second"])
    writer.close()
    whole = path.read_bytes()
    for length in range(kept, len(whole)):
        path.write_bytes(whole[:length])
        assert entries(path) == [b"first"]
    again = JournalWriter(path, kept)
    again.append(1, [b"third"])
    again.close()
    assert entries(path) == [b"first", b"third"]


def test_a_changed_byte_before_a_whole_entry_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    end = writer.end
    writer.append(2, [b"second"])
    writer.close()
    whole = path.read_bytes()
    for at in range(journal.HEAD_BYTES, end):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(ValueError, match=f"byte {journal.HEAD_BYTES}"):
            entries(path)


def test_a_changed_byte_in_the_head_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    start(path).close()
    whole = path.read_bytes()
    for at in range(journal.HEAD_BYTES):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with path.open("rb") as file, pytest.raises(ValueError, match="head"):
            journal.read_head(file)


def test_a_failed_flush_takes_the_entry_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])

    def broken(fd: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "flush_to_disk", broken)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output"):
                writer.append(2, [b"lost"])
    assert entries(path) == [b"first"]
    writer.append(2, [b"second"])
    writer.close()
    assert entries(path) == [b"first", b"second"]


def test_a_number_written_again_replaces_the_entry_that_was_not_acknowledged(
    tmp_path: Path,
) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    writer.append(2, [b"interrupted before it was acknowledged"])
    writer.append(2, [b"second"])
    writer.append(3, [b"third"])
    writer.close()
    assert entries(path) == [b"first", b"second", b"third"]
