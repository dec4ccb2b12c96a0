from __future__ import annotations

import stat
import struct
import zlib
from pathlib import Path
from typing import IO

import pytest

from cbir.library import files, journal
from cbir.library.journal import JournalHead, JournalWriter

HEAD = JournalHead(bytes(range(16)), 3)
SEAL_AT = 40
FORMER = JournalHead(bytes(range(16)), 3, format=1)


def start(path: Path) -> JournalWriter:
    journal.create_journal(path, HEAD)
    return JournalWriter(path, journal.HEAD_BYTES, HEAD)


def entries(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        head = journal.read_head(file)
        assert (head.library, head.generation, head.format) == (HEAD.library, 3, journal.FORMAT)
        assert file.tell() == head.bytes
        return [entry.payload for entry in journal.read_entries(file, head.sealed)]


def sealed(path: Path) -> int:
    with path.open("rb") as file:
        return journal.read_head(file).sealed


def crashed(writer: JournalWriter, path: Path) -> bytes:
    """What is there when the program is killed: nothing seals the journal."""
    content = path.read_bytes()
    writer.release()
    return content


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    assert entries(path) == []
    assert writer.is_empty
    writer.append(1, [b"one", b"", b"two"])
    writer.append(2, [b"x" * 100_000])
    assert not writer.is_empty
    writer.close()
    assert entries(path) == [b"onetwo", b"x" * 100_000]
    assert path.stat().st_size == writer.end
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_journal_can_be_begun_with_entries(tmp_path: Path) -> None:
    path, other = tmp_path / "j", tmp_path / "other"
    writer = start(path)
    writer.append(1, [b"first"])
    since = writer.entry_bytes
    writer.append(2, [b"second"])
    writer.append(3, [b"third"])
    carried = writer.entries(since)
    assert writer.entries(writer.entry_bytes) == b""
    journal.create_journal(other, HEAD, carried)
    assert entries(other) == [b"second", b"third"]
    again = JournalWriter(other, journal.HEAD_BYTES + len(carried), HEAD)
    assert not again.is_empty
    again.append(4, [b"fourth"])
    again.close()
    assert entries(other) == [b"second", b"third", b"fourth"]
    writer.close()


def test_reading_more_than_there_is_fails(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(OSError, match="shorter"):
        writer.entries()
    writer.release()


def test_a_torn_entry_is_passed_over_at_every_byte_and_then_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    kept = writer.end
    writer.append(2, [b"second"])
    whole = crashed(writer, path)
    for length in range(kept, len(whole)):
        path.write_bytes(whole[:length])
        assert entries(path) == [b"first"]
    again = JournalWriter(path, kept, HEAD)
    again.append(1, [b"third"])
    again.close()
    assert entries(path) == [b"first", b"third"]


def test_a_changed_byte_before_a_whole_entry_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    end = writer.end
    writer.append(2, [b"second"])
    unsealed = crashed(writer, path)
    JournalWriter(path, writer.end, HEAD).close()
    for whole in (unsealed, path.read_bytes()):
        for at in range(journal.HEAD_BYTES, end):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
            with pytest.raises(ValueError, match=f"byte {journal.HEAD_BYTES}"):
                entries(path)


def test_a_changed_byte_in_the_head_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    start(path).close()
    whole = path.read_bytes()
    for at in range(SEAL_AT):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with path.open("rb") as file, pytest.raises(ValueError, match="head"):
            journal.read_head(file)
    for length in range(journal.HEAD_BYTES):
        path.write_bytes(whole[:length])
        with path.open("rb") as file, pytest.raises(ValueError, match="head"):
            journal.read_head(file)


def test_a_cleanly_closed_journal_is_sealed_up_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    assert sealed(path) == journal.HEAD_BYTES
    writer.append(1, [b"first"])
    assert sealed(path) == journal.HEAD_BYTES
    writer.close()
    assert sealed(path) == writer.end == path.stat().st_size
    again = JournalWriter(path, writer.end, JournalHead(HEAD.library, 3, 2, writer.end))
    again.append(2, [b"second"])
    assert sealed(path) == writer.end
    again.close()
    assert sealed(path) == again.end


def test_whatever_is_cut_off_a_sealed_journal_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    writer.append(2, [b"second"])
    writer.close()
    whole = path.read_bytes()
    for length in range(journal.HEAD_BYTES, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="byte"):
            entries(path)


def test_whatever_is_changed_in_a_sealed_journal_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    writer.append(2, [b"second"])
    writer.close()
    whole = path.read_bytes()
    for at in range(journal.HEAD_BYTES, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ValueError, match="byte"):
            entries(path)


def test_a_crash_behind_the_seal_leaves_a_torn_tail_that_the_seal_allows(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    writer.close()
    again = JournalWriter(path, writer.end, JournalHead(HEAD.library, 3, 2, writer.end))
    again.append(2, [b"second"])
    whole = crashed(again, path)
    for length in range(writer.end, len(whole)):
        path.write_bytes(whole[:length])
        assert entries(path) == [b"first"]
        assert sealed(path) == writer.end
    path.write_bytes(whole)
    assert entries(path) == [b"first", b"second"]


def test_a_torn_seal_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    unsealed = crashed(writer, path)
    JournalWriter(path, writer.end, HEAD).close()
    whole = path.read_bytes()
    assert len(whole) == len(unsealed)
    for at in range(SEAL_AT, journal.HEAD_BYTES):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert sealed(path) == 0
        assert entries(path) == [b"first"]
        # A write that stopped anywhere in the seal: the former one, the new one, or none.
        path.write_bytes(whole[:at] + unsealed[at:])
        assert sealed(path) in (0, journal.HEAD_BYTES, len(whole))
        assert entries(path) == [b"first"]


def test_closing_cuts_a_torn_tail_off_before_it_seals(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    path.write_bytes(crashed(writer, path) + b"torn")
    JournalWriter(path, writer.end, HEAD).close()
    assert sealed(path) == writer.end == path.stat().st_size


def test_a_seal_that_cannot_be_written_is_logged_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    monkeypatch.setattr(files, "DISK", BrokenDisk())
    writer.close()
    assert "could not be sealed" in caplog.text
    assert entries(path) == [b"first"]


def test_a_journal_of_the_first_format_has_no_seal(tmp_path: Path) -> None:
    path = tmp_path / "j"
    packed = struct.pack("<8sI16sQ", b"cbirjrnl", 1, HEAD.library, 3)
    path.write_bytes(packed + struct.pack("<I", zlib.crc32(packed)))
    writer = JournalWriter(path, FORMER.bytes, FORMER)
    assert writer.is_empty
    writer.append(1, [b"first"])
    writer.close()
    whole = path.read_bytes()
    with path.open("rb") as file:
        head = journal.read_head(file)
        assert head == FORMER
        assert file.tell() == head.bytes == SEAL_AT
        assert [entry.payload for entry in journal.read_entries(file)] == [b"first"]
    assert whole[: len(packed)] == packed


class BrokenDisk(files.Disk):
    def flush(self, file: IO[bytes]) -> None:
        raise OSError(5, "Input/output error")


def test_a_failed_flush_takes_the_entry_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    with monkeypatch.context() as patch:
        patch.setattr(files, "DISK", BrokenDisk())
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


def test_a_released_file_is_opened_again_when_it_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    writer.release()
    writer.append(2, [b"second"])
    writer.release()
    assert entries(path) == [b"first", b"second"]
    writer.close()
    assert sealed(path) == writer.end


@pytest.mark.parametrize("at", [0, 1, 26])
def test_the_next_whole_entry_is_found_behind_damage(tmp_path: Path, at: int) -> None:
    path = tmp_path / "j"
    writer = start(path)
    writer.append(1, [b"first"])
    first = writer.end
    writer.append(2, [b"second" + b"\xc1\xb1En"])
    whole = bytearray(crashed(writer, path))
    whole[journal.HEAD_BYTES + at] ^= 1
    path.write_bytes(whole)
    with path.open("rb") as file:
        found = journal.next_entry(file, journal.HEAD_BYTES, len(whole))
        assert found is not None
        assert (found.number, found.payload[:6]) == (2, b"second")
        assert journal.next_entry(file, first, len(whole)) == found
        assert journal.next_entry(file, first, len(whole) - 1) is None
        assert journal.next_entry(file, first + 1, len(whole)) is None
        assert journal.next_entry(file, len(whole) + 1, len(whole)) is None
