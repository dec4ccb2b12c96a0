"""From a stream of bytes to one upright RGB picture, in whichever process this runs.

Whatever a decoder says of a picture leaves as ``UnreadableImage``, but for two things that are the
caller's to deal with: ``MemoryError``, and what its ``admit`` raises. All functions may be called
from several threads at once.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from PIL import Image, UnidentifiedImageError
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from cbir.errors import UnreadableImage
from cbir.images.files import why
from cbir.images.formats import ANIMATED, MAGIC_BYTES, looks_like_picture
from cbir.images.pixels import DECODER_ERRORS, is_blank, orientation_of, to_srgb, upright
from cbir.images.taken import taken_by_header, taken_of
from cbir.images.too_large import told_of_count, told_of_size
from cbir.language import kept
from cbir.records import NOT_READ, UNDATED

MAX_FRAMES = 20
"""How many frames of an animation are looked at for one that is not blank."""

MOST_KEPT = 16_000_000
"""More pixels than these are not kept of a picture that may be reduced, whatever its shape."""

# As measured, where decoders hold the picture in wider numbers, or twice.
_BYTES_A_PIXEL = {"JPEG2000": 19, "AVIF": 10, "HEIF": 8, "WEBP": 8}

_CODESTREAM, _CODING_STYLE = b"\xff\x4f\xff\x51", b"\xff\x52"
_HEADER_BYTES = 1 << 16


_PILLOW = r"PIL\."
_pillow_lock = threading.Lock()

Admit: TypeAlias = Callable[[int], AbstractContextManager[None]]
"""Waits until a picture may take so many bytes of memory; they are given back at its end."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pixels a picture may have at most, and how few it needs.

    It may be reduced while its shorter side keeps ``short_side`` pixels and its longer one
    ``long_side``; 0: that side does not matter, and with both 0 it is not reduced at all.
    """

    max_pixels: int
    short_side: int = 0
    long_side: int = 0

    def factor(self, width: int, height: int) -> int:
        """By what whole number a picture of that size is to be reduced; 1: not at all.

        A strip keeps its short side up to ``MOST_KEPT`` pixels in all, and no further.
        """
        if not self.short_side and not self.long_side:
            return 1
        sides = ((min(width, height), self.short_side), (max(width, height), self.long_side))
        by = max(1, min(has // needs for has, needs in sides if needs))
        while -(-width // by) * -(-height // by) > MOST_KEPT:
            by += 1
        return by


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright RGB picture, possibly reduced, and its full ``width`` and ``height`` as shown.

    ``taken`` is as in ``ImageFile``.
    """

    image: Image.Image
    width: int
    height: int
    taken: int = UNDATED


def decode(
    path: str, stream: BinaryIO, formats: tuple[str, ...], bounds: Bounds, admit: Admit
) -> Decoded:
    """Decode the picture in ``stream``, which can be read from its beginning; ``path`` names it.

    Raises:
        UnreadableImage: it is no picture in one of Pillow's ``formats``, damaged, or too large.
        MemoryError: there is too little memory for it.
    """
    silence_pillow()
    _let_pillow_open(bounds.max_pixels)
    try:
        with Image.open(stream, formats=formats) as source:
            return _render(path, source, bounds, admit)
    except MemoryError:
        raise
    except DECODER_ERRORS as error:
        raise _unreadable(path, error, stream) from error
    except Image.DecompressionBombError as error:
        raise UnreadableImage(path, _too_many(error, bounds.max_pixels)) from error


def taken_in(stream: BinaryIO, formats: tuple[str, ...]) -> int:
    """``ImageFile.taken`` of the picture in ``stream``, of which only the beginning is needed.

    ``NOT_READ`` where it is damaged, or in none of Pillow's ``formats``.
    """
    silence_pillow()
    try:
        with Image.open(stream, formats=formats) as source:
            return taken_by_header(source)
    except (*DECODER_ERRORS, Image.DecompressionBombError):
        return NOT_READ


def check_pixels(path: str, size: tuple[int, int], bounds: Bounds) -> None:
    """Raises UnreadableImage for a picture of more pixels than allowed."""
    width, height = size
    if width * height > bounds.max_pixels:
        raise UnreadableImage(path, told_of_size(width, height, bounds.max_pixels))


def _render(path: str, source: Image.Image, bounds: Bounds, admit: Admit) -> Decoded:
    """``decode`` for an opened picture."""
    check_pixels(path, source.size, bounds)
    size = source.size
    drafted = _draft(source, bounds)
    with admit(_memory_for(source, size, drafted)):
        source.load()
        if isinstance(source, Jpeg2KImageFile):
            source.reduce = 0  # else it hides the method of that name
        if drafted == 1:  # an icon's true size is known only now
            size = source.size
            check_pixels(path, size, bounds)
        orientation, taken = orientation_of(source), taken_of(source)
        image = upright(_first_frame(source, bounds), orientation)
        if image is source:  # it knows its file, which is closed by now
            image = source.copy()
    width, height = size if orientation < 5 or orientation > 8 else size[::-1]
    return Decoded(image, width, height, taken)


def _draft(source: Image.Image, bounds: Bounds) -> int:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 of its size, so that the factor is not exceeded.

    JPEG 2000 holds the picture at several sizes anyway, and takes four times the memory of others.
    Returns by what number it comes out smaller; 1 where it does not.
    """
    halvings = bounds.factor(*source.size).bit_length() - 1
    if isinstance(source, Jpeg2KImageFile):
        halvings = min(halvings, _halvings(source))
        source.reduce = halvings
        return 1 << halvings
    if halvings == 0 or source.format not in ("JPEG", "MPO"):
        return 1
    by = min(1 << halvings, 8)
    wanted = (max(1, source.width // by), max(1, source.height // by))
    return by if source.draft(None, wanted) is not None else 1


def _halvings(source: Jpeg2KImageFile) -> int:
    """How many times a JPEG 2000 picture can be halved while it is decoded, by its header."""
    assert source.fp is not None
    place = source.fp.tell()
    source.fp.seek(0)
    head = source.fp.read(_HEADER_BYTES)
    source.fp.seek(place)
    at = head.find(_CODING_STYLE, head.find(_CODESTREAM))
    return head[at + 9] if 0 <= at < len(head) - 9 else 0


def _memory_for(source: Image.Image, full: tuple[int, int], drafted: int) -> int:
    """About how many bytes decoding takes: Pillow's 4 a pixel, and what the decoder has beside.

    A progressive JPEG is held whole as coefficients of 2 bytes, also where it is reduced; its
    colours mostly at half the size.
    """
    pixels = source.width * source.height
    if isinstance(source, Jpeg2KImageFile):  # its size changes only when it is loaded
        pixels //= drafted * drafted
    needed = pixels * _BYTES_A_PIXEL.get(source.format or "", 4)
    if source.info.get("progressive"):
        needed += full[0] * full[1] * 3
    return needed


def _first_frame(source: Image.Image, bounds: Bounds) -> Image.Image:
    """The loaded picture in RGB; of an animation, the first of some frames that is not blank."""
    first = _as_rgb(source, bounds)
    if source.format not in ANIMATED or not is_blank(first):
        return first
    first = first.copy()  # what it is of becomes the next frame
    for number in range(1, MAX_FRAMES):
        try:
            source.seek(number)
            frame = _as_rgb(source, bounds)
            if not is_blank(frame):
                return frame
        except DECODER_ERRORS:  # past the end, or a later frame is damaged: the first one counts
            return first
    return first


def _as_rgb(source: Image.Image, bounds: Bounds) -> Image.Image:
    """The loaded picture in RGB, reduced."""
    return to_srgb(source, bounds.factor(*source.size))


def _unreadable(path: str, error: BaseException, stream: BinaryIO) -> UnreadableImage:
    """What a decoder's error means; the disk's errors say nothing of the picture."""
    if isinstance(error, OSError) and error.errno:
        return UnreadableImage(path, why(error), lasting=False)
    return UnreadableImage(path, _reason(error, stream))


def _reason(error: BaseException, stream: BinaryIO) -> str:
    """A short reason in plain words for a decoder's error."""
    text = str(error).lower()
    if isinstance(error, UnidentifiedImageError) and not looks_like_picture(_prefix(stream)):
        return kept("not an image")
    if isinstance(error, EOFError) or "truncated" in text or "not enough" in text:
        return kept("truncated")
    if isinstance(error, NotImplementedError) or "unsupported" in text:
        return kept("an unsupported kind of picture")
    return kept("damaged")


def _prefix(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(MAGIC_BYTES)


def _too_many(error: Image.DecompressionBombError, max_pixels: int) -> str:
    """The reason for a picture that Pillow itself refused; its message tells how many pixels."""
    told = re.search(r"[0-9]+(?= pixels)", str(error))
    return told_of_count(int(told[0]) if told else None, max_pixels)


def silence_pillow() -> None:
    """Keep Pillow's warnings about odd files off the terminal.

    ``catch_warnings`` swaps the filters of the whole process and so is not safe on threads; a
    filter for Pillow's modules alone is. It is put back if it went (leaving a ``catch_warnings``
    elsewhere drops it), and only then, because putting it in is a change that others may see.
    """
    with _pillow_lock:
        if not any(_is_ours(entry) for entry in warnings.filters):
            warnings.filterwarnings("ignore", module=_PILLOW)


def _is_ours(entry: tuple[object, ...]) -> bool:
    """Whether an entry of ``warnings.filters`` is the one of ``silence_pillow``."""
    return entry[0] == "ignore" and getattr(entry[3], "pattern", None) == _PILLOW


def _let_pillow_open(max_pixels: int) -> None:
    """Raise Pillow's own limit, if need be, to ours.

    Pillow refuses above twice ``Image.MAX_IMAGE_PIXELS``, also for pictures inside icons and
    frames that we do not see. The limit only ever grows, so threads cannot spoil it for one
    another; each call's own limit is checked besides.
    """
    with _pillow_lock:
        limit = Image.MAX_IMAGE_PIXELS
        if limit is not None and 2 * limit < max_pixels:
            Image.MAX_IMAGE_PIXELS = (max_pixels + 1) // 2
