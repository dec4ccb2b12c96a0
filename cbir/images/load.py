"""Opening one picture safely: read once, check, decode, orient, flatten to RGB.

Whatever is wrong with a file, the one error that leaves this module is ``UnreadableImage``. All
functions may be called from several threads at once.
"""

from __future__ import annotations

import io
import os
import re
import threading
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from cbir.errors import UnreadableImage
from cbir.images.files import absolute, digest_of, read_file
from cbir.images.formats import ANIMATED, MAGIC_BYTES, formats_for, looks_like_picture
from cbir.images.pixels import (
    DECODER_ERRORS,
    Factor,
    is_blank,
    orientation_of,
    reduced,
    to_srgb,
    upright,
)
from cbir.records import ImageFile

DEFAULT_MAX_PIXELS = 200_000_000
"""Pictures of more pixels are refused before they are decoded."""

MAX_FRAMES = 20
"""How many frames of an animation are looked at for one that is not blank."""

_PILLOW = r"PIL\."
_pillow_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Loaded:
    """One decoded picture.

    ``image`` is 8-bit sRGB, upright, transparent parts on white, possibly reduced; ``file`` tells
    of the whole file and the full-size picture.
    """

    image: Image.Image
    file: ImageFile


def load_image(
    path: str | os.PathLike[str],
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    short_side: int | None = 512,
) -> Loaded:
    """Decode the picture at ``path``.

    A large picture is reduced by a whole factor, a JPEG while it is decoded, as long as its
    shorter side keeps at least ``short_side`` pixels; None keeps the full size.

    Raises:
        UnreadableImage: the file is not a readable picture, or has more than ``max_pixels``.
    """
    whole = absolute(path)
    data, found = read_file(whole)
    factor: Factor = (lambda _w, _h: 1) if short_side is None else _by_short_side(short_side)
    image, width, height = _decode(whole, data, max_pixels, factor)
    file = ImageFile(whole, found.size, found.mtime_ns, digest_of(data), width, height)
    return Loaded(image, file)


def load_thumbnail(
    path: str | os.PathLike[str], size: int, *, max_pixels: int = DEFAULT_MAX_PIXELS
) -> Image.Image:
    """A ``thumbnail`` of the picture at ``path``, decoded no larger than is good for it.

    Raises:
        UnreadableImage: the file is not a readable picture, or has more than ``max_pixels``.
    """
    whole = absolute(path)
    data, _ = read_file(whole)
    image, _, _ = _decode(whole, data, max_pixels, lambda w, h: max(w, h) // (2 * size))
    return thumbnail(image, size)


def thumbnail(image: Image.Image, size: int) -> Image.Image:
    """A copy that fits into ``size`` x ``size`` pixels, in the same proportions, never enlarged."""
    scale = size / max(image.size)
    if scale >= 1:
        return image.copy()
    fitted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(fitted, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _by_short_side(least: int) -> Factor:
    """The factor that leaves the shorter side at ``least`` pixels or more."""
    return lambda width, height: min(width, height) // least


def _decode(
    path: str, data: bytes, max_pixels: int, factor: Factor
) -> tuple[Image.Image, int, int]:
    """An upright RGB picture, and the width and height that it has in full, as shown.

    The one place where decoders' errors become ``UnreadableImage``.
    """
    if not data:
        raise UnreadableImage(path, "empty file")
    _silence_pillow()
    _let_pillow_open(max_pixels)
    try:
        with Image.open(io.BytesIO(data), formats=formats_for(path)) as source:
            return _render(path, source, max_pixels, factor)
    except DECODER_ERRORS as error:
        lasting = not isinstance(error, MemoryError)
        raise UnreadableImage(path, _reason(error, data), lasting=lasting) from error
    except Image.DecompressionBombError as error:
        raise UnreadableImage(path, _too_many(error, max_pixels)) from error


def _render(
    path: str, source: Image.Image, max_pixels: int, factor: Factor
) -> tuple[Image.Image, int, int]:
    """``_decode`` for an opened picture."""
    _check_pixels(path, source.size, max_pixels)
    size = source.size
    drafted = _draft(source, factor)
    source.load()
    if not drafted:  # an icon's true size is known only now
        size = source.size
        _check_pixels(path, size, max_pixels)
    orientation = orientation_of(source)
    image = upright(_first_frame(source, factor), orientation)
    width, height = size if orientation < 5 or orientation > 8 else size[::-1]
    return image, width, height


def _draft(source: Image.Image, factor: Factor) -> bool:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 of its size, so that ``factor`` is not exceeded."""
    by = 1 << (max(1, factor(*source.size)).bit_length() - 1)
    if by == 1 or source.format not in ("JPEG", "MPO"):
        return False
    by = min(by, 8)
    wanted = (max(1, source.width // by), max(1, source.height // by))
    return source.draft(None, wanted) is not None


def _first_frame(source: Image.Image, factor: Factor) -> Image.Image:
    """The loaded picture in RGB; of an animation, the first of some frames that is not blank."""
    first = _as_rgb(source, factor)
    if source.format not in ANIMATED or not is_blank(first):
        return first
    for number in range(1, MAX_FRAMES):
        try:
            source.seek(number)
            frame = _as_rgb(source, factor)
        except DECODER_ERRORS:  # past the end, or a later frame is damaged: the first one counts
            return first
        if not is_blank(frame):
            return frame
    return first


def _as_rgb(source: Image.Image, factor: Factor) -> Image.Image:
    """The loaded picture in RGB, reduced as early as its mode allows, to save memory."""
    smaller = reduced(source, factor)
    image = reduced(to_srgb(smaller), factor)
    return image.copy() if image is source else image


def _check_pixels(path: str, size: tuple[int, int], max_pixels: int) -> None:
    """Refuse a picture of more than ``max_pixels``."""
    width, height = size
    if width * height > max_pixels:
        words = f"{width:,} x {height:,} pixels are more than the limit of {max_pixels:,}"
        raise UnreadableImage(path, words)


def _too_many(error: Image.DecompressionBombError, max_pixels: int) -> str:
    """The reason for a picture that Pillow itself refused; its message tells how many pixels."""
    told = re.search(r"[0-9]+(?= pixels)", str(error))
    count = f"{int(told[0]):,} pixels are more than" if told else "more pixels than"
    return f"{count} the limit of {max_pixels:,}"


def _reason(error: BaseException, data: bytes) -> str:
    """A short reason in plain words for a decoder's error."""
    text = str(error).lower()
    if isinstance(error, MemoryError):
        return "too little memory to decode it"
    if isinstance(error, UnidentifiedImageError) and not looks_like_picture(data[:MAGIC_BYTES]):
        return "not an image"
    if isinstance(error, EOFError) or "truncated" in text or "not enough" in text:
        return "truncated"
    if isinstance(error, NotImplementedError) or "unsupported" in text:
        return "an unsupported kind of picture"
    return "damaged"


def _silence_pillow() -> None:
    """Keep Pillow's warnings about odd files off the terminal.

    ``catch_warnings`` swaps the filters of the whole process and so is not safe on threads; a
    filter for Pillow's modules alone is. It is put back if it went (leaving a ``catch_warnings``
    elsewhere drops it), and only then, because putting it in is a change that others may see.
    """
    with _pillow_lock:
        if not any(_is_ours(entry) for entry in warnings.filters):
            warnings.filterwarnings("ignore", module=_PILLOW)


def _is_ours(entry: tuple[object, ...]) -> bool:
    """Whether an entry of ``warnings.filters`` is the one of ``_silence_pillow``."""
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
