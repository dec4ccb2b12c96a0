"""How the program and its decoding processes talk: fixed headers, checked lengths, raw bytes.

The program sends a ``Request``. The process answers with a ``Reply`` of kind ``ADMIT`` once it
knows how much memory the picture takes, waits for ``GO``, and sends a ``Reply`` of another kind.
Nothing that arrives is ever executed, and lengths are checked before memory is taken.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import IO

from cbir.images.decode import Bounds
from cbir.records import UNDATED

READY = b"cbir decodes\n"
"""What a decoding process says first."""

GO = b"G"
"""What it waits for between ``ADMIT`` and decoding."""

MEMORY_A_SECOND = 16_000_000
"""Large pictures get a second more for every so many bytes that they take: 4 megapixels."""

ADMIT, DONE, FAILED, NO_MEMORY, TOLD = range(5)
"""Kinds of replies: memory is wanted; a picture; a reason why there is none; memory ran out; what
the file tells of itself."""

_ASK = b"R"
_TELL = b"T"
_REQUEST = struct.Struct("!QQQQdI")
_REPLY = struct.Struct("!B?QQQQQqI")
_MOST_PATH = 1 << 20
_MOST_WORDS = 1 << 12


class ProtocolError(Exception):
    """What arrived is not what the other side could have sent, or it is gone."""


@dataclass(frozen=True, slots=True)
class Request:
    """One file to decode, with at most ``memory`` more bytes than the process has, and at most
    ``seconds`` until it is known what it is. ``tell``: what the file tells is wanted, no pixel."""

    path: str
    bounds: Bounds
    memory: int
    seconds: float
    tell: bool = False

    def seconds_for(self, memory: int) -> float:
        """How long decoding a picture that takes so many bytes may last."""
        return self.seconds + min(memory, self.memory) / MEMORY_A_SECOND


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; which fields mean something depends on its ``kind``.

    ``ADMIT``: ``memory`` bytes are wanted. ``DONE``: ``pixels`` are RGB rows of ``size``, of a
    picture that is ``full`` in full (width, height), and was ``taken`` as ``ImageFile`` tells it.
    ``FAILED``: ``words`` and ``lasting`` are those of ``UnreadableImage``. ``TOLD``: ``words``
    are ``metadata.to_json``.
    """

    kind: int
    memory: int = 0
    size: tuple[int, int] = (0, 0)
    full: tuple[int, int] = (0, 0)
    taken: int = UNDATED
    pixels: bytes | bytearray = b""
    words: str = ""
    lasting: bool = True


def send_request(stream: IO[bytes], request: Request) -> None:
    """Write a request; raises OSError where nobody reads it."""
    path = os.fsencode(request.path)
    bounds = request.bounds
    numbers = (bounds.max_pixels, bounds.short_side, bounds.long_side, request.memory)
    kind = _TELL if request.tell else _ASK
    stream.write(kind + _REQUEST.pack(*numbers, request.seconds, len(path)) + path)
    stream.flush()


def read_request(stream: IO[bytes]) -> Request | None:
    """The next request, or None for a ``GO``.

    Raises:
        ProtocolError: the stream ended, or holds what the program does not send.
    """
    kind = bytes(_exactly(stream, 1))
    if kind == GO:
        return None
    *numbers, memory, seconds, length = _REQUEST.unpack(_exactly(stream, _REQUEST.size))
    if kind not in (_ASK, _TELL) or length > _MOST_PATH:
        raise ProtocolError("The decoding process was sent nonsense.")
    path = os.fsdecode(bytes(_exactly(stream, length)))
    return Request(path, Bounds(*numbers), memory, seconds, kind == _TELL)


def send_reply(stream: IO[bytes], reply: Reply) -> None:
    """Write a reply; raises OSError where nobody reads it."""
    words = reply.words.encode("utf-8", "replace")[:_MOST_WORDS]
    numbers = (reply.memory, *reply.size, *reply.full, reply.taken, len(words))
    stream.write(_REPLY.pack(reply.kind, reply.lasting, *numbers) + words)
    stream.write(reply.pixels)
    stream.flush()


def read_reply(stream: IO[bytes], max_pixels: int) -> Reply:
    """The next reply, of no picture with more than ``max_pixels``.

    Raises:
        ProtocolError: the stream ended, or holds what no decoding process sends.
    """
    kind, lasting, memory, *sides, taken, count = _REPLY.unpack(_exactly(stream, _REPLY.size))
    size, full = (sides[0], sides[1]), (sides[2], sides[3])
    sensible = kind in (ADMIT, DONE, FAILED, NO_MEMORY, TOLD) and count <= _MOST_WORDS
    if not sensible or (kind == DONE and not _fits(size, full, max_pixels)):
        raise ProtocolError("The decoding process sent nonsense.")
    words = _exactly(stream, count).decode("utf-8", "replace")
    pixels = _exactly(stream, 3 * size[0] * size[1]) if kind == DONE else b""
    return Reply(kind, memory, size, full, taken, pixels, words, lasting)


def _fits(size: tuple[int, int], full: tuple[int, int], max_pixels: int) -> bool:
    """Whether a picture of ``size`` may come from one of ``full`` size within the limit."""
    small, large = size[0] * size[1], full[0] * full[1]
    return 0 < small <= large <= max_pixels


def _exactly(stream: IO[bytes], count: int) -> bytearray:
    """So many bytes; raises ProtocolError where the stream ends before."""
    data = bytearray(count)
    view = memoryview(data)
    while view:
        got = stream.readinto(view)  # type: ignore[attr-defined]
        if not got:
            raise ProtocolError("The decoding process is gone.")
        view = view[got:]
    return data
