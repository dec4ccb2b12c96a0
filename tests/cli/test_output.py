from __future__ import annotations

import io
import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.cli.output import complain, printable, table, to_json, write_stdout
from cbir.errors import CbirError

ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates included


@given(ANY_TEXT)
def test_printable_text_cannot_steer_a_terminal_or_break_a_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable() or all(c.isprintable() or c.isspace() for c in shown)
    assert not set("\n\r\t\x1b\x7f\x85\u2028\u202e") & set(shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("café 日本.jpg", "café 日本.jpg"),
        ("a\nb", "a\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("bad\udcff", "bad\\udcff"),
        ("narrow\u202fspace", "narrow\u202fspace"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
    ],
)
def test_printable_keeps_what_is_harmless(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_json_is_ascii_and_brings_any_name_back(name: str) -> None:
    text = to_json({"path": name})
    assert text.isascii()
    assert json.loads(text) == {"path": name}


def test_json_shows_bytes_that_are_not_utf8_as_lone_surrogates() -> None:
    assert "\\udcff" in to_json({"path": "a\udcff"})


def test_what_the_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", newline="\n"))
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    write_stdout("96×72 é\n")
    complain("no “é”")
    assert raw.getvalue() == b"96\\xd772 \\xe9\ncbir: no \\u201c\\xe9\\u201d\n"


def test_a_program_without_streams_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    write_stdout("lost")
    complain("lost as well")


class _FullDisk(io.StringIO):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._file = open(os.devnull, "w")  # noqa: SIM115 - closed below
        self._number = number

    def flush(self) -> None:
        raise OSError(self._number, "No space left on device")

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


def test_output_that_cannot_be_written_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = _FullDisk(28)
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(CbirError, match="No space left on device"):
        write_stdout("much")
    stream.close()


def test_a_reader_that_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _FullDisk(32)
    monkeypatch.setattr(sys, "stdout", stream)
    write_stdout("much")
    stream.close()


def test_complaints_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("a file\nwith \x1b[2J")
    assert capsys.readouterr().err == "cbir: a file\\nwith \\x1b[2J\n"


def test_table_aligns_its_columns() -> None:
    text = table(("rank", "path"), [("1", "/a"), ("10", "/long name")], "rl")
    assert text == "rank  path\n   1  /a\n  10  /long name\n"
    assert table(("a", "b"), [], "ll") == "a  b\n"
