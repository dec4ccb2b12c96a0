"""Opening one picture safely: read once, check, decode, orient, flatten to RGB, reduce.

JPEG, PNG, WebP and GIF of everyday size are decoded here, everything else in a process of its own
(``sandbox``). Whatever is wrong with a file, the one error that leaves this module is
``UnreadableImage``. All functions may be called from several threads at once.
"""

from __future__ import annotations

import atexit
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images.budget import DECODING_BYTES, Budget
from cbir.images.decode import Bounds, Decoded, decode, taken_in
from cbir.images.extras import decode_file, describe_file
from cbir.images.files import FoundFile, OpenFile, absolute, digest_of, open_file
from cbir.images.formats import JPEG, MAGIC_BYTES, ORDINARY, is_ordinary
from cbir.images.jpeg import has_many_scans
from cbir.images.metadata import Metadata, read_metadata
from cbir.images.sandbox import Sandbox
from cbir.language import kept
from cbir.records import NOT_READ, ImageFile

DEFAULT_MAX_PIXELS = 200_000_000
"""Pictures of more pixels are refused before they are decoded."""

# What is decoded here at most: files of so many bytes, pictures that take so many (16 megapixels).
_MOST_READ = 16 << 20
_MOST_DECODED = 64 << 20
_HEADER_BYTES = 1 << 20

_budget = Budget(DECODING_BYTES)
_sandbox = Sandbox(_budget)
atexit.register(_sandbox.close)


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
    long_side: int = 0,
) -> Loaded:
    """Decode the picture at ``path``.

    A large picture is reduced by a whole factor, a JPEG while it is decoded, as long as its
    shorter side keeps at least ``short_side`` pixels and its longer one ``long_side``, and a strip
    further, to 16 megapixels; with neither (None and 0) it keeps its full size.

    Raises:
        UnreadableImage: the file is not a readable picture, has more than ``max_pixels``, or its
            decoder hung, crashed or took too much memory.
    """
    whole = absolute(path)
    bounds = Bounds(max_pixels, short_side=short_side or 0, long_side=long_side)
    with open_file(whole) as opened:
        data, decoded = _decode(opened, bounds)
        digest = opened.digest() if data is None else digest_of(data)
    found = opened.found
    size = (decoded.width, decoded.height)
    file = ImageFile(whole, found.size, found.mtime_ns, digest, *size, decoded.taken)
    return Loaded(decoded.image, file)


def read_taken(path: str | os.PathLike[str]) -> int:
    """``ImageFile.taken`` of a file, without decoding the picture; ``UNDATED`` also of damage.

    Its first megabyte does for most.

    Raises:
        UnreadableImage: as ``load_metadata``.
    """
    with open_file(absolute(path)) as opened:
        if is_ordinary(opened.prefix(MAGIC_BYTES)):
            taken = taken_in(io.BytesIO(opened.prefix(_HEADER_BYTES)), ORDINARY)
            if taken != NOT_READ:
                return taken
    return load_metadata(path).taken


def load_thumbnail(
    path: str | os.PathLike[str], size: int, *, max_pixels: int = DEFAULT_MAX_PIXELS
) -> Image.Image:
    """A ``thumbnail`` of the picture at ``path``, decoded no larger than is good for it.

    Raises:
        UnreadableImage: as ``load_image``.
    """
    with open_file(absolute(path)) as opened:
        _, decoded = _decode(opened, Bounds(max_pixels, long_side=2 * size))
    return thumbnail(decoded.image, size)


def load_metadata(path: str | os.PathLike[str]) -> Metadata:
    """What the file at ``path`` tells of itself, without decoding the picture.

    Raises:
        UnreadableImage: it cannot be opened, or what reads it hung or crashed.
    """
    with open_file(absolute(path)) as opened:
        if opened.found.size <= _MOST_READ and is_ordinary(opened.prefix(MAGIC_BYTES)):
            opened.stream.seek(0)
            with io.BufferedReader(opened.stream) as stream:
                return read_metadata(stream, ORDINARY)
    found = opened.found
    return _sandbox.describe(found) if _sandbox.possible else describe_file(found.path)


def thumbnail(image: Image.Image, size: int) -> Image.Image:
    """A copy that fits into ``size`` x ``size`` pixels, in the same proportions, never enlarged."""
    scale = size / max(image.size)
    if scale >= 1:
        return image.copy()
    fitted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # against Lanczos over every pixel, one grey level off on average in a third of the time
    return image.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=1.5)


def _decode(opened: OpenFile, bounds: Bounds) -> tuple[bytes | None, Decoded]:
    """The picture, and the file's bytes where they had to be read."""
    found = opened.found
    if not found.size:
        raise UnreadableImage(found.path, kept("empty file"))
    if found.size <= _MOST_READ and is_ordinary(opened.prefix(MAGIC_BYTES)):
        with suppress(_NotHere, MemoryError):
            return _decode_here(opened, bounds)
    return None, _decode_apart(found, bounds)


def _decode_here(opened: OpenFile, bounds: Bounds) -> tuple[bytes, Decoded]:
    data = opened.read()
    if data.startswith(JPEG) and has_many_scans(data):
        raise _NotHere
    stream = io.BytesIO(data)
    return data, decode(opened.found.path, stream, ORDINARY, bounds, _admit_small)


def _decode_apart(found: FoundFile, bounds: Bounds) -> Decoded:
    """The picture, decoded in another process, or here where none can be started."""
    try:
        if _sandbox.possible:
            return _sandbox.decode(found, bounds)
        return decode_file(found.path, bounds, _budget.hold)
    except MemoryError as error:
        words = kept("too little memory to decode it")
        raise UnreadableImage(found.path, words, lasting=False) from error


class _NotHere(Exception):
    """A picture takes more memory or time than those that are decoded in this process."""


@contextmanager
def _admit_small(needed: int) -> Iterator[None]:
    if needed > _MOST_DECODED:
        raise _NotHere
    with _budget.hold(needed):
        yield
