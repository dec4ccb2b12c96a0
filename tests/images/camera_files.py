"""Camera raw files as a camera writes them, in small: DNG, which is a TIFF of sensor values."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8}
Tags = dict[int, tuple[int, object]]
BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10


def dng(
    pixels: NDArray[np.uint16],
    *,
    orientation: int = 1,
    preview: bytes = b"",
    more: Tags | None = None,
) -> bytes:
    """A DNG of sensor values (height, width) under red, green, green and blue filters.

    ``preview`` is a JPEG of any size; without one there is only the sensor's data. ``more`` are
    further tags.
    """
    height, width = pixels.shape
    sensor = {
        254: (LONG, [0]), 256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [16]),
        259: (SHORT, [1]), 262: (SHORT, [32803]), 277: (SHORT, [1]), 278: (LONG, [height]),
        279: (LONG, [pixels.nbytes]), 284: (SHORT, [1]), 33421: (SHORT, [2, 2]),
        33422: (BYTE, bytes([0, 1, 1, 2])), 50717: (LONG, [65535]),
    }  # fmt: skip
    camera = {
        271: (ASCII, b"Maker\0"), 272: (ASCII, b"Camera\0"), 274: (SHORT, [orientation]),
        50706: (BYTE, bytes([1, 4, 0, 0])), 50708: (ASCII, b"Maker Camera\0"),
        50721: (SRATIONAL, [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]),
        50728: (RATIONAL, [1, 1, 1, 1, 1, 1]), 50778: (SHORT, [21]), **(more or {}),
    }  # fmt: skip
    if not preview:
        return _tiff([({**sensor, **camera}, pixels.tobytes())])
    size = Image.open(io.BytesIO(preview)).size
    shown = {
        254: (LONG, [1]), 256: (LONG, [size[0]]), 257: (LONG, [size[1]]), 258: (SHORT, [8, 8, 8]),
        259: (SHORT, [7]), 262: (SHORT, [6]), 277: (SHORT, [3]), 278: (LONG, [size[1]]),
        279: (LONG, [len(preview)]),
    }  # fmt: skip
    return _tiff([({**shown, **camera}, preview), (sensor, pixels.tobytes())])


def _tiff(pages: list[tuple[Tags, bytes]]) -> bytes:
    """A little-endian TIFF; a second page is a sub-picture of the first."""
    data = bytearray(b"II*\0\0\0\0\0")
    places: list[int] = []
    for tags, body in reversed(pages):
        strip = len(data)
        data += body + bytes(-len(body) % 4)
        extra = {330: (LONG, places)} if places else {}
        places = [_directory(data, {**tags, **extra, 273: (LONG, [strip])})]
    data[4:8] = struct.pack("<I", places[0])
    return bytes(data)


def _directory(data: bytearray, tags: Tags) -> int:
    """Append a directory and what its entries point to; returns its place."""
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = _packed(kind, values)
        count = len(packed) // _SIZES[kind]
        if len(packed) > 4:
            place = len(data)
            data += packed + bytes(-len(packed) % 4)
            packed = struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
    place = len(data)
    data += struct.pack("<H", len(tags)) + entries + bytes(4)
    return place


def _packed(kind: int, values: object) -> bytes:
    if isinstance(values, bytes):
        return values
    assert isinstance(values, list)
    code = {SHORT: "H", LONG: "I", RATIONAL: "I", SRATIONAL: "i"}[kind]
    return struct.pack(f"<{len(values)}{code}", *values)
