"""When a picture was taken, as its file tells: EXIF's dates, in the camera's own clock.

DateTimeOriginal says when the shutter opened, DateTimeDigitized when a scanner read it, and
DateTime when the file was last written (CIPA DC-008, 4.6.5): the first that is a date counts.
"""

from __future__ import annotations

import datetime
import re

from PIL import ExifTags, Image

from cbir.images.pixels import DECODER_ERRORS
from cbir.records import UNDATED

_EXIF, _BASE = ExifTags.IFD.Exif, ExifTags.Base
_DAY = r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})"
_DATE = re.compile(rf"\s*{_DAY}[T\s]+(\d{{1,2}}):(\d{{1,2}})(?::(\d{{1,2}}))?", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1)


def taken_of(image: Image.Image) -> int:
    """``ImageFile.taken`` of a picture that is loaded: ``UNDATED`` where it tells no date."""
    try:
        return taken_in_exif(image.getexif())
    except DECODER_ERRORS:  # broken metadata is no reason to refuse a good picture
        return UNDATED


def seconds_of(moment: datetime.datetime) -> int:
    """A moment without a time zone as ``ImageFile.taken`` counts it."""
    return (moment - _EPOCH) // datetime.timedelta(seconds=1)


def taken_by_header(image: Image.Image) -> int:
    """``taken_of`` a picture that is not loaded, nor will be: a PNG may tell it behind its pixels,
    which is then not found.
    """
    exif = Image.Exif()  # ``getexif`` would decode a PNG
    exif.load(image.info.get("exif") or b"")
    return taken_in_exif(exif)


def taken_in_exif(exif: Image.Exif) -> int:
    """``ImageFile.taken`` by EXIF; raises one of ``DECODER_ERRORS`` where that is broken."""
    inner = exif.get_ifd(_EXIF)
    told = (
        inner.get(_BASE.DateTimeOriginal),
        inner.get(_BASE.DateTimeDigitized),
        exif.get(_BASE.DateTime),
    )
    dates = (parsed(value) for value in told if isinstance(value, str))
    return next((seconds_of(date) for date in dates if date is not None), UNDATED)


def parsed(text: str) -> datetime.datetime | None:
    """A date as EXIF has it, ``2019:07:04 12:30:05``, or as careless programs write it; or None."""
    found = _DATE.match(text)
    if found is None:
        return None
    try:
        return datetime.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:  # no such day: cameras whose clock is not set write zeros
        return None
