"""Any picture that Pillow decodes, turned into upright 8-bit sRGB on white."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

WHITE = (255, 255, 255)

# Modes in which the mean of neighbouring values is the mean of their colours.
_AVERAGEABLE = frozenset({"L", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F"})

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Factor = Callable[[int, int], int]
"""By what whole number a picture of (width, height) may be reduced; 1 or less: not at all."""

# What Pillow and its decoders are known to raise on damaged data.
DECODER_ERRORS = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError),
    *(AttributeError, AssertionError, RuntimeError, MemoryError, BufferError),
    *(struct.error, zlib.error),
)


def reduced(image: Image.Image, factor: Factor) -> Image.Image:
    """The picture made smaller by averaging blocks, or itself where that is not wanted or wrong.

    Averages of palette indices, of colour keys or of LAB's signed values would be wrong colours;
    such pictures come back as they are and can be reduced once they are RGB.
    """
    by = factor(*image.size)
    if by < 2 or image.mode not in _AVERAGEABLE or "transparency" in image.info:
        return image
    return _reduced_in_bands(image, by) if image.mode == "RGBA" else image.reduce(by)


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in RGB: wide values scaled, transparent parts on white, its profile applied.

    Takes every mode that Pillow's decoders produce. Raises what Pillow raises for a picture that
    cannot be converted (``DECODER_ERRORS``).
    """
    profile = image.info.get("icc_profile")
    flat = _flatten(image)
    if profile:
        flat = _through_profile(flat, profile)
    return flat if flat.mode == "RGB" else flat.convert("RGB")


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture turned as its EXIF orientation (0 to 8; others count as 1) says."""
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def orientation_of(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation of a loaded picture; 1, upright, where it cannot be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:  # broken metadata is no reason to refuse a good picture
        return 1
    return value if isinstance(value, int) else 1


def is_blank(image: Image.Image) -> bool:
    """Whether an RGB picture is one single colour."""
    extrema: Any = image.getextrema()
    return all(low == high for low, high in extrema)


def _reduced_in_bands(image: Image.Image, by: int) -> Image.Image:
    """``Image.reduce`` without the copy of the whole picture that it makes for an alpha channel."""
    width, height = image.size
    small = Image.new(image.mode, (-(-width // by), -(-height // by)))
    rows = by * 64
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        small.paste(band.reduce(by), (0, top // by))
    return small


def _flatten(image: Image.Image) -> Image.Image:
    """The picture in mode L, RGB or CMYK, without transparency."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _narrow(image)
    if image.has_transparency_data:
        if image.mode == "La":  # Pillow converts it to LA only
            image = image.convert("LA")
        rgba = image.convert("RGBA")
        ground = Image.new("RGB", image.size, WHITE)
        ground.paste(rgba, mask=rgba)
        return ground
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _narrow(image: Image.Image) -> Image.Image:
    """Mode L from 16-bit, 32-bit and floating-point greys.

    Whole numbers of 16 bits keep their full range (65535 is white), unless all of them fit in 12
    bits or fewer, as from cameras and scanners of that depth. Wider ones have no agreed white, so
    their own least and greatest values become black and white.
    """
    values: NDArray[Any] = np.asarray(image)
    if values.dtype.kind in "iu" and int(values.min()) >= 0 and int(values.max()) <= 0xFFFF:
        highest = int(values.max())
        bits = 16 if highest > 0xFFF else max(8, highest.bit_length())
        return Image.fromarray((values >> (bits - 8)).astype(np.uint8))
    with np.errstate(invalid="ignore"):  # signalling NaNs, which damaged files hold
        real = values.astype(np.float64)
    real = np.nan_to_num(real, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(real.min()), float(real.max())
    real -= low
    real *= 255.0 / (high - low) if high > low else 0.0
    return Image.fromarray(np.rint(real).astype(np.uint8))


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB by its ICC profile; as it is where that is sRGB, damaged or of another
    kind of picture (a scanner's grey profile on a colour photograph)."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        target = ImageCms.createProfile("sRGB")
        through = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return image
    return image if through is None else through
