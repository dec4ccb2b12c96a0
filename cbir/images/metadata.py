"""What a picture file tells of itself beside its pixels: camera, lens, exposure, place.

EXIF as in CIPA DC-008. Cameras, phones and careless programs write all sorts of things into it, so
every value is checked, cleaned and cut on its own: what makes no sense counts as not told.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from cbir.images.decode import silence_pillow
from cbir.images.pixels import DECODER_ERRORS
from cbir.images.taken import taken_in_exif
from cbir.records import UNDATED

_LONGEST = 80  # characters of a name
_BASE, _GPS = ExifTags.Base, ExifTags.GPS
_OPEN_ERRORS = (*DECODER_ERRORS, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file tells; "" or None where it tells nothing.

    ``format`` and ``mode`` are Pillow's names (``JPEG``, ``RGB``). ``seconds`` is how long the
    exposure was, ``f_number`` the aperture, ``iso`` the sensitivity, ``focal_length`` in
    millimetres, ``place`` latitude and longitude in degrees, north and east positive, ``taken`` is
    as in ``ImageFile``: ``UNDATED`` where it is not told.
    """

    format: str = ""
    mode: str = ""
    camera: str = ""
    lens: str = ""
    seconds: float | None = None
    f_number: float | None = None
    iso: float | None = None
    focal_length: float | None = None
    place: tuple[float, float] | None = None
    taken: int = UNDATED


def read_metadata(stream: BinaryIO, formats: tuple[str, ...]) -> Metadata:
    """What the picture in ``stream``, in one of Pillow's ``formats``, tells; nothing of no picture.

    Its header alone is read, no pixel decoded.
    """
    silence_pillow()
    try:
        with Image.open(stream, formats=formats) as image:
            return _of_image(image)
    except _OPEN_ERRORS:
        return Metadata()


def read_raw_metadata(stream: BinaryIO) -> Metadata:
    """What a camera raw file tells: most are TIFF containers; of others nothing is told."""
    exif = Image.Exif()
    known: dict[str, Any] = {"format": "Camera raw"}
    with suppress(*DECODER_ERRORS):
        exif.load_from_fp(stream)
        known |= _told_by(exif)
    return _checked(known)


def to_json(metadata: Metadata) -> str:
    """As text, for another process."""
    return json.dumps({name: getattr(metadata, name) for name in Metadata.__slots__})


def from_json(text: str) -> Metadata:
    """From what another process sent, which is checked as if it were a file's."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return Metadata()
    return _checked(values) if isinstance(values, dict) else Metadata()


def _of_image(image: Image.Image) -> Metadata:
    known: dict[str, Any] = {"format": image.format or "", "mode": image.mode}
    with suppress(*DECODER_ERRORS):  # a directory that leads nowhere: the picture may still be good
        known |= _told_by(_exif_of(image))
    return _checked(known)


def _told_by(exif: Image.Exif) -> dict[str, Any]:
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    return {
        "camera": _camera(_text(exif.get(_BASE.Make)), _text(exif.get(_BASE.Model))),
        "lens": inner.get(_BASE.LensModel),
        "seconds": inner.get(_BASE.ExposureTime),
        "f_number": inner.get(_BASE.FNumber),
        "iso": inner.get(_BASE.ISOSpeedRatings),
        "focal_length": inner.get(_BASE.FocalLength),
        "place": _place(exif.get_ifd(ExifTags.IFD.GPSInfo)),
        "taken": taken_in_exif(exif),
    }


def _exif_of(image: Image.Image) -> Image.Exif:
    """A TIFF's own directory, or what other formats carry; a PNG's ``getexif`` would decode it."""
    if image.format == "TIFF":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif") or b"")
    return exif


def _checked(values: Mapping[str, Any]) -> Metadata:
    return Metadata(
        format=_text(values.get("format")),
        mode=_text(values.get("mode")),
        camera=_text(values.get("camera")),
        lens=_text(values.get("lens")),
        seconds=_number(values.get("seconds"), 1e-7, 1e6),
        f_number=_number(values.get("f_number"), 0.1, 1000),
        iso=_number(values.get("iso"), 1, 1e8),
        focal_length=_number(values.get("focal_length"), 0.1, 1e5),
        place=_degrees(values.get("place")),
        taken=_time(values.get("taken")),
    )


def _text(value: object) -> str:
    """One line of printable text, cut; EXIF's names are ASCII by its rules and UTF-8 in truth."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return ""
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value.split("\0")[0])
    return " ".join(plain.split())[:_LONGEST].rstrip()


def _number(value: object, least: float, most: float) -> float | None:
    """A number between ``least`` and ``most``, or the first of several; None for anything else."""
    if isinstance(value, (tuple, list)):
        value = value[0] if value else None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) and least <= number <= most else None


def _time(value: object) -> int:
    return value if isinstance(value, int) and UNDATED < value < 2**63 else UNDATED


def _camera(make: str, model: str) -> str:
    """Maker and model in one; most models begin with their maker's name already."""
    first = make.casefold().partition(" ")[0]
    return model if first and model.casefold().startswith(first) else f"{make} {model}".strip()


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, where both are told."""
    latitude = _angle(gps.get(_GPS.GPSLatitude), gps.get(_GPS.GPSLatitudeRef), "S")
    longitude = _angle(gps.get(_GPS.GPSLongitude), gps.get(_GPS.GPSLongitudeRef), "W")
    return None if latitude is None or longitude is None else (latitude, longitude)


def _angle(value: object, direction: object, negative: str) -> float | None:
    """Degrees, minutes and seconds as degrees."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    told = [_number(part, 0, 360) for part in value]
    parts = [part for part in told if part is not None]
    if len(parts) < 3:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -degrees if _text(direction).upper() == negative else degrees


def _degrees(value: object) -> tuple[float, float] | None:
    """A place on earth; 0, 0 is what a phone writes that has not found itself yet."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return None
    latitude, longitude = _number(value[0], -90, 90), _number(value[1], -180, 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None
    return latitude, longitude
