"""What commands print: a document or text on stdout, sentences on stderr, safe for a terminal."""

from __future__ import annotations

import errno
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TextIO

from cbir.errors import CbirError
from cbir.records import JsonObject

INTERRUPTED = 130
_READER_GONE = (errno.EPIPE, errno.EINVAL)  # EINVAL is how Windows says it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: ``document`` for ``--json``, else ``text``, and its exit status.

    ``notes`` are sentences for stderr in either case.
    """

    document: JsonObject = field(default_factory=dict)
    text: str = ""
    notes: tuple[str, ...] = ()
    status: int = 0


def printable(text: str) -> str:
    r"""``text`` with control characters, direction marks and lone surrogates escaped.

    A file name may hold newlines or a terminal's escape sequences: they show as ``\n``, ``\x1b``.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else _escaped(c) for c in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def to_json(document: JsonObject) -> str:
    r"""The document as ASCII with a newline; bytes that are not UTF-8 become ``\udcXX``."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def encodable(text: str, stream: TextIO) -> str:
    """``text`` with what the stream's encoding lacks escaped."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def write_stdout(text: str) -> None:
    """Write ``text`` at once; what the terminal's encoding lacks is escaped.

    A reader that has gone (``| head``) ends the output quietly. Raises CbirError where it cannot be
    written for another reason, such as a full disk.
    """
    stream = sys.stdout
    if stream is None:  # started without one
        return
    try:
        stream.write(encodable(text, stream))
        stream.flush()
    except OSError as error:
        _discard_rest()
        if error.errno not in _READER_GONE:
            raise CbirError(f"The output cannot be written: {error.strerror}.") from error


def _discard_rest() -> None:
    """Send what is still buffered nowhere: the interpreter flushes once more as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def complain(sentence: str) -> None:
    """One line ``cbir: sentence`` on stderr."""
    if sys.stderr is None:
        return
    with suppress(OSError):  # nobody reads it
        sys.stderr.write(encodable(f"cbir: {printable(sentence)}\n", sys.stderr))
        sys.stderr.flush()


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: str) -> str:
    """Aligned columns, a line each, ending in a newline.

    ``right`` holds one letter a column: ``r`` for right-aligned, ``l`` for left. The last column
    may be as long as it likes.
    """
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    text = []
    for line in lines:
        cells = [
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(line, widths, right, strict=True)
        ]
        text.append("  ".join(cells).rstrip() + "\n")
    return "".join(text)
