"""Any picture that Pillow decodes, turned into upright 8-bit sRGB on white."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

WHITE = (255, 255, 255)

# Modes in which the mean of neighbouring values is the mean of their colours.
_AVERAGEABLE = frozenset({"L", "RGB", "CMYK", "YCbCr", "I", "F"})

# Pixels of a large picture that are converted at once, never all of them.
_BAND_PIXELS = 1 << 20

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow and its decoders are known to raise on damaged data.
DECODER_ERRORS = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError),
    *(AttributeError, AssertionError, RuntimeError, MemoryError, BufferError),
    *(struct.error, zlib.error),
)


def to_srgb(image: Image.Image, by: int = 1) -> Image.Image:
    """The picture in RGB: wide values scaled, transparent parts on white, its profile applied.

    With ``by`` above 1 it is reduced by that whole number, to the mean of each block of pixels,
    in bands: beside the picture itself, only the small one and a band of it are in memory. Takes
    every mode that Pillow's decoders produce. Raises what Pillow raises for a picture that cannot
    be converted (``DECODER_ERRORS``).
    """
    flat = _flattened(image) if by < 2 else _reduced(image, by)
    profile = image.info.get("icc_profile")
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


def _reduced(image: Image.Image, by: int) -> Image.Image:
    """The picture in mode L, RGB or CMYK, without transparency, and that much smaller.

    Averages of palette indices, of colour keys or of LAB's signed values would be wrong colours,
    and Pillow copies a picture with an alpha channel to average it: those are flattened first.
    """
    if image.mode in _AVERAGEABLE and "transparency" not in image.info:
        return _flattened(image.reduce(by))
    shades = _shades(image)
    return _stacked([_flatten(band, shades).reduce(by) for band in _bands(image, by)])


def _bands(image: Image.Image, by: int) -> Iterator[Image.Image]:
    """Parts of the picture from top to bottom, all but the last of a multiple of ``by`` rows."""
    width, height = image.size
    rows = by * max(1, _BAND_PIXELS // (by * width))
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(top + rows, height)))


def _stacked(bands: list[Image.Image]) -> Image.Image:
    """One picture of several of the same mode and width, from top to bottom."""
    if len(bands) == 1:
        return bands[0]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def _flattened(image: Image.Image) -> Image.Image:
    """The picture in mode L, RGB or CMYK, without transparency."""
    return _flatten(image, _shades(image))


def _flatten(image: Image.Image, shades: _Shades | None) -> Image.Image:
    """A part of a picture in mode L, RGB or CMYK, without transparency."""
    if shades is not None:
        return shades.narrowed(image)
    if image.has_transparency_data:
        if image.mode == "La":  # Pillow converts it to LA only
            image = image.convert("LA")
        rgba = image.convert("RGBA")
        ground = Image.new("RGB", image.size, WHITE)
        ground.paste(rgba, mask=rgba)
        return ground
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


@dataclass(frozen=True, slots=True)
class _Shades:
    """How a picture's 16-bit, 32-bit or floating-point greys become 8-bit ones.

    Whole numbers of 16 bits keep their full range (65535 is white), unless all of them fit in 12
    bits or fewer, as from cameras and scanners of that depth: then ``shift`` bits are dropped.
    Wider ones have no agreed white, so their own least and greatest values, ``low`` and ``high``,
    become black and white.
    """

    low: float
    high: float
    shift: int | None

    def narrowed(self, image: Image.Image) -> Image.Image:
        """The picture, or a part of it, in mode L."""
        values: NDArray[Any] = np.asarray(image)
        if self.shift is not None:
            return Image.fromarray((values >> self.shift).astype(np.uint8))
        real = _real(values)
        real -= self.low
        real *= 255.0 / (self.high - self.low) if self.high > self.low else 0.0
        return Image.fromarray(np.rint(real).astype(np.uint8))


def _shades(image: Image.Image) -> _Shades | None:
    """How the greys of a whole picture are narrowed; None where they have 8 bits already."""
    if not image.mode.startswith("I;16") and image.mode not in ("I", "F"):
        return None
    ends = [_ends(np.asarray(band)) for band in _bands(image, 1)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if image.mode != "F" and low >= 0 and high <= 0xFFFF:
        bits = 16 if high > 0xFFF else max(8, int(high).bit_length())
        return _Shades(low, high, bits - 8)
    return _Shades(low, high, None)


def _ends(values: NDArray[Any]) -> tuple[float, float]:
    """The least and the greatest finite number."""
    real = _real(values) if values.dtype.kind == "f" else values
    return float(real.min()), float(real.max())


def _real(values: NDArray[Any]) -> NDArray[np.float64]:
    """Finite numbers: what is none becomes 0."""
    with np.errstate(invalid="ignore"):  # signalling NaNs, which damaged files hold
        real = values.astype(np.float64)
    return np.nan_to_num(real, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB by its ICC profile; as it is where that is sRGB, damaged or of another
    kind of picture (a scanner's grey profile on a colour photograph)."""
    try:
        transform = _transform(profile, image.mode)
        return image if transform is None else transform.apply(image)
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return image


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """How pictures of a mode and profile become sRGB; None where they are.

    Kept, as all pictures of a camera share one profile, and made so that threads can share it: it
    remembers no colour from one call to the next.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
        return None
    target = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(source, target, mode, "RGB", flags=ImageCms.Flags.NOCACHE)
