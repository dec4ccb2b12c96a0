"""Any picture file, also those that need a package which may be missing: HEIC and camera raw."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images.decode import Admit, Bounds, Decoded, check_pixels, decode
from cbir.images.files import open_file
from cbir.images.formats import MAGIC_BYTES, SIGNED_BYTES, formats_for, is_heic, is_raw
from cbir.images.metadata import Metadata, read_metadata, read_raw_metadata
from cbir.images.pixels import to_srgb, upright
from cbir.images.taken import seconds_of
from cbir.language import kept
from cbir.records import UNDATED

if TYPE_CHECKING:
    import rawpy

_HEIC = "HEIF"  # what pillow-heif calls it
_ORIENTATIONS = {3: 3, 5: 8, 6: 6}  # LibRaw's names of the turns, as EXIF's


def decode_file(path: str, bounds: Bounds, admit: Admit) -> Decoded:
    """Decode the file at ``path``, of any kind that is known, in this process.

    Raises:
        UnreadableImage: it is no picture, damaged, too large, or needs a package that is missing.
        MemoryError: there is too little memory for it.
    """
    with open_file(path) as opened:
        prefix, suffix = opened.prefix(MAGIC_BYTES), opened.suffix(SIGNED_BYTES)
        opened.stream.seek(0)
        stream = io.BufferedReader(opened.stream)
        if is_raw(path, prefix):
            return _decode_raw(path, stream, bounds, admit)
        formats = formats_for(path, suffix)
        if is_heic(prefix):
            formats = _with_heic(formats)
        try:
            return decode(path, stream, formats, bounds, admit)
        except UnreadableImage as error:
            if is_heic(prefix) and _HEIC not in formats:
                raise _missing(
                    path, kept("HEIC needs the extra heic: pip install 'cbir[heic]'")
                ) from error
            raise


def describe_file(path: str) -> Metadata:
    """What the file at ``path``, of any kind that is known, tells of itself.

    Raises UnreadableImage where it cannot be opened.
    """
    with open_file(path) as opened:
        prefix, suffix = opened.prefix(MAGIC_BYTES), opened.suffix(SIGNED_BYTES)
        opened.stream.seek(0)
        formats = formats_for(path, suffix)
        with io.BufferedReader(opened.stream) as stream:
            if is_raw(path, prefix):
                return _with_date(read_raw_metadata(stream), stream)
            return read_metadata(stream, _with_heic(formats) if is_heic(prefix) else formats)


def _with_heic(formats: tuple[str, ...]) -> tuple[str, ...]:
    """``formats`` and HEIC, made known to Pillow, where the package for it is installed."""
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - it may be missing
    except ImportError:
        return formats
    register_heif_opener()
    return (*formats, _HEIC)


def _decode_raw(path: str, stream: BinaryIO, bounds: Bounds, admit: Admit) -> Decoded:
    """A camera raw file: its embedded preview where that is big enough, else the sensor's data.

    The preview is what the camera itself showed, and takes a tenth of the time; the sensor's data
    are developed to sRGB with the camera's white balance, at half size where that is enough.

    Raises:
        UnreadableImage: it is none that LibRaw knows, damaged, too large, or rawpy is missing.
        MemoryError: there is too little memory for it.
    """
    try:
        import rawpy  # noqa: PLC0415 - it may be missing
    except ImportError as error:
        raise _missing(
            path, kept("camera raw needs the extra raw: pip install 'cbir[raw]'")
        ) from error
    try:
        with rawpy.imread(stream) as raw:
            return _from_raw(path, raw, bounds, admit)
    except (rawpy.LibRawUnsufficientMemoryError, rawpy.LibRawTooBigError) as error:
        raise MemoryError from error
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnreadableImage(path, kept("an unsupported kind of picture")) from error
    except (rawpy.LibRawError, rawpy.NotSupportedError) as error:
        raise UnreadableImage(path, kept("damaged")) from error


def _from_raw(path: str, raw: rawpy.RawPy, bounds: Bounds, admit: Admit) -> Decoded:
    sizes = raw.sizes
    full = (sizes.width, sizes.height) if sizes.flip < 5 else (sizes.height, sizes.width)
    check_pixels(path, full, bounds)
    preview = _preview(path, raw, bounds, admit)
    if preview is not None:
        return Decoded(preview, *full, _taken(raw))
    with admit(full[0] * full[1] * 8):  # 2 bytes a sensor's pixel, and 4 to 6 a developed one
        half = bounds.factor(*full) > 1
        pixels = raw.postprocess(half_size=half, use_camera_wb=True)
        image = Image.fromarray(pixels)
        return Decoded(to_srgb(image, bounds.factor(*image.size)), *full, _taken(raw))


def _taken(raw: rawpy.RawPy) -> int:
    """``ImageFile.taken`` by LibRaw, which gives 1970 where the file tells no date."""
    other = getattr(raw, "other", None)  # older ones do not tell
    return UNDATED if other is None or other.timestamp.year <= 1970 else seconds_of(other.timestamp)


def _with_date(metadata: Metadata, stream: BinaryIO) -> Metadata:
    """With a date by LibRaw where EXIF tells none: not all camera raw files are TIFF containers."""
    if metadata.taken != UNDATED:
        return metadata
    try:
        import rawpy  # noqa: PLC0415 - it may be missing
    except ImportError:
        return metadata
    stream.seek(0)
    with suppress(rawpy.LibRawError, rawpy.NotSupportedError), rawpy.imread(stream) as raw:
        return replace(metadata, taken=_taken(raw))
    return metadata


def _preview(path: str, raw: rawpy.RawPy, bounds: Bounds, admit: Admit) -> Image.Image | None:
    """The embedded preview, upright and reduced; None where it is missing, small or broken."""
    import rawpy  # noqa: PLC0415 - it may be missing

    try:
        thumb = raw.extract_thumb()
        if isinstance(thumb.data, bytes):
            image = decode(path, io.BytesIO(thumb.data), ("JPEG",), bounds, admit).image
        else:
            turned = upright(Image.fromarray(thumb.data), _ORIENTATIONS.get(raw.sizes.flip, 1))
            image = to_srgb(turned, bounds.factor(*turned.size))
    except (rawpy.LibRawError, rawpy.NotSupportedError, UnreadableImage, ValueError, TypeError):
        return None
    least = bounds.short_side or bounds.long_side or max(raw.sizes.width, raw.sizes.height)
    side = min(image.size) if bounds.short_side else max(image.size)
    return image if side >= least else None


def _missing(path: str, words: str) -> UnreadableImage:
    return UnreadableImage(path, words, lasting=False)
