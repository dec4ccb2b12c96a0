"""When a picture was taken: by whole decoding, by the file's beginning, and wild input."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cbir.errors import UnreadableImage
from cbir.images import load_image, read_taken
from cbir.images.taken import parsed, seconds_of
from cbir.records import NOT_READ, UNDATED, ImageFile
from tests.images.camera_files import ASCII, dng

NOON = datetime.datetime(2019, 7, 4, 12, 0, 5)
TEXT = "2019:07:04 12:00:05"


def exif_of(**dates: str) -> Image.Exif:
    exif = Image.Exif()
    for name, text in dates.items():
        ifd = exif if name == "DateTime" else exif.get_ifd(ExifTags.IFD.Exif)
        ifd[ExifTags.Base[name]] = text
    return exif


def saved(path: Path, **dates: str) -> str:
    Image.new("RGB", (40, 30), (200, 30, 30)).save(path, exif=exif_of(**dates).tobytes())
    return str(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif"])
def test_the_date_is_read_with_the_picture(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, DateTimeOriginal=TEXT)
    assert load_image(path).file.taken_at == NOON
    assert read_taken(path) == seconds_of(NOON)


def test_a_phone_s_picture_tells_it(tmp_path: Path) -> None:
    exif = exif_of(DateTimeOriginal=TEXT).tobytes()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48))).save(tmp_path / "a.heic", exif=exif)
    assert read_taken(tmp_path / "a.heic") == seconds_of(NOON)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, None),
        ({"DateTime": TEXT}, NOON),
        ({"DateTime": "2021:01:01 00:00:00", "DateTimeDigitized": TEXT}, NOON),
        ({"DateTimeDigitized": "2021:01:01 00:00:00", "DateTimeOriginal": TEXT}, NOON),
        ({"DateTimeOriginal": "0000:00:00 00:00:00", "DateTime": TEXT}, NOON),
        ({"DateTimeOriginal": "    :  :     :  :  "}, None),
    ],
)
def test_the_first_of_three_that_is_a_date_counts(
    tmp_path: Path, dates: dict[str, str], expected: datetime.datetime | None
) -> None:
    path = saved(tmp_path / "a.jpg", **dates)
    file = load_image(path).file
    assert file.taken_at == expected
    assert (file.taken == UNDATED) is (expected is None)
    assert read_taken(path) == file.taken


def test_camera_raw_files_tell_it_too(tmp_path: Path) -> None:
    pixels = np.full((64, 96), 3000, np.uint16)
    dated, bare = tmp_path / "a.dng", tmp_path / "b.dng"
    dated.write_bytes(dng(pixels, more={306: (ASCII, TEXT.encode() + b"\0")}))
    bare.write_bytes(dng(pixels))
    assert load_image(dated).file.taken_at == NOON
    assert load_image(bare).file.taken == UNDATED
    assert (read_taken(dated), read_taken(bare)) == (seconds_of(NOON), UNDATED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT + "\0", NOON),
        ("2019-07-04T12:00:05+02:00", NOON),
        ("2019/07/04  12:00:05", NOON),
        ("2019:07:04 12:00", NOON.replace(second=0)),
        ("2019:02:30 12:00:00", None),
        ("2019:07:04 25:00:00", None),
        ("٢٠١٩:07:04 12:00:05", None),
        ("", None),
    ],
)
def test_dates_as_careless_programs_write_them(
    text: str, expected: datetime.datetime | None
) -> None:
    assert parsed(text) == expected


@settings(derandomize=True, deadline=None)
@given(st.text() | st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d.*", fullmatch=True))
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = parsed(text)
    if date is not None:
        file = ImageFile("/a", 0, 0, "", 1, 1, seconds_of(date))
        assert file.taken_at == date


@settings(derandomize=True, deadline=None)
@given(st.integers(NOT_READ, 2**63 - 1))
def test_any_number_is_a_time_or_none(taken: int) -> None:
    moment = ImageFile("/a", 0, 0, "", 1, 1, taken).taken_at
    assert moment is None or seconds_of(moment) == taken


def test_broken_metadata_spoils_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (40, 30)).save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert load_image(path).file.taken == UNDATED
    assert read_taken(path) == UNDATED


def test_files_that_are_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff nothing more")
    assert read_taken(path) == UNDATED
    with pytest.raises(UnreadableImage):
        read_taken(tmp_path / "missing.jpg")
