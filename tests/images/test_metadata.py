from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from cbir.errors import UnreadableImage
from cbir.images import Metadata, load_metadata
from cbir.images.formats import ORDINARY
from cbir.images.metadata import from_json, read_metadata, to_json
from tests.images.camera_files import dng


def exif(
    base: dict[int, Any] | None = None,
    inner: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
) -> Image.Exif:
    made = Image.Exif()
    made.update(base or {})
    made.get_ifd(IFD.Exif).update(inner or {})
    made.get_ifd(IFD.GPSInfo).update(gps or {})
    return made


FULL = exif(
    {Base.Make: "Canon", Base.Model: "Canon EOS R6"},
    {
        Base.LensModel: "RF24-105mm F4 L IS USM",
        Base.ExposureTime: TiffImagePlugin.IFDRational(1, 250),
        Base.FNumber: TiffImagePlugin.IFDRational(4, 1),
        Base.ISOSpeedRatings: 200,
        Base.FocalLength: TiffImagePlugin.IFDRational(50, 1),
    },
    {
        GPS.GPSLatitudeRef: "S",
        GPS.GPSLatitude: (33.0, 51.0, 36.0),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: (151.0, 12.0, 36.0),
    },
)


def save(path: Path, **options: Any) -> str:
    Image.new("RGB", (24, 16), (200, 30, 30)).save(path, **options)
    return str(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png", "a.tif", "a.avif"])
def test_all_that_a_camera_tells_is_read_from_every_kind_of_file(tmp_path: Path, name: str) -> None:
    metadata = load_metadata(save(tmp_path / name, exif=FULL.tobytes()))
    assert metadata.camera == "Canon EOS R6"
    assert metadata.lens == "RF24-105mm F4 L IS USM"
    assert metadata.seconds == pytest.approx(1 / 250)
    assert (metadata.f_number, metadata.iso, metadata.focal_length) == (4, 200, 50)
    assert metadata.place == pytest.approx((-33.86, 151.21))
    assert metadata.mode == "RGB"
    assert metadata.format in ("JPEG", "WEBP", "PNG", "TIFF", "AVIF")


def test_a_phone_s_picture_tells_all_that(tmp_path: Path) -> None:
    pillow_heif.from_pillow(Image.new("RGB", (64, 48))).save(
        tmp_path / "a.heic", exif=FULL.tobytes()
    )
    told = load_metadata(tmp_path / "a.heic")
    assert (told.format, told.camera, told.iso) == ("HEIF", "Canon EOS R6", 200)
    assert told.place == pytest.approx((-33.86, 151.21))


def test_a_camera_raw_file_tells_its_camera(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng(np.full((32, 32), 20000, np.uint16)))
    assert load_metadata(path).camera == "Maker Camera"


def test_a_picture_without_any_tells_its_format_alone(tmp_path: Path) -> None:
    told = load_metadata(save(tmp_path / "a.png"))
    assert told == Metadata(format="PNG", mode="RGB")


def test_what_is_no_picture_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert load_metadata(tmp_path / "a.jpg") == Metadata()
    with pytest.raises(UnreadableImage):
        load_metadata(tmp_path / "nowhere.jpg")
    with pytest.raises(UnreadableImage):
        load_metadata(tmp_path)


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON CORPORATION", "NIKON D750", "NIKON D750"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("", "Scanner", "Scanner"),
        ("Maker", "", "Maker"),
        ("Café \0rubbish", "One\n two\x07", "Café One two"),
    ],
)
def test_maker_and_model_make_one_clean_name(
    tmp_path: Path, make: str, model: str, camera: str
) -> None:
    base = {Base.Make: make.encode(), Base.Model: model}
    assert load_metadata(save(tmp_path / "a.jpg", exif=exif(base))).camera == camera


def test_long_names_are_cut(tmp_path: Path) -> None:
    base = {Base.Model: "x" * 5000}
    assert len(load_metadata(save(tmp_path / "a.jpg", exif=exif(base))).camera) == 80


def test_numbers_without_sense_are_not_told(tmp_path: Path) -> None:
    rational = TiffImagePlugin.IFDRational
    inner = {
        Base.ExposureTime: rational(0, 0),
        Base.FNumber: rational(0, 1),
        Base.ISOSpeedRatings: (0, 0),
        Base.FocalLength: "fifty",
    }
    gps = {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)}
    told = load_metadata(save(tmp_path / "a.jpg", exif=exif(inner=inner, gps=gps)))
    assert (told.seconds, told.f_number, told.iso, told.focal_length) == (None,) * 4
    assert told.place is None


def _jpeg(block: bytes) -> bytes:
    """A JPEG whose EXIF is ``block``."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG")
    segment = b"Exif\0\0" + block
    data = stream.getvalue()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


ENTRY = st.tuples(
    st.sampled_from([*Base, IFD.Exif, IFD.GPSInfo, *range(1, 8)]).map(int),
    st.integers(0, 14),
    st.integers(0, 2**32 - 1) | st.integers(0, 40),
    st.integers(0, 2**32 - 1) | st.integers(0, 200),
)


@given(st.lists(ENTRY, max_size=12), st.binary(max_size=150))
def test_wild_directories_raise_nothing(
    entries: list[tuple[int, int, int, int]], rest: bytes
) -> None:
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    block = b"II*\0" + struct.pack("<IH", 8, len(entries)) + rows + bytes(4) + rest
    told = read_metadata(io.BytesIO(_jpeg(block)), ORDINARY)
    assert all(c.isprintable() for text in (told.camera, told.lens) for c in text)


@given(st.binary(max_size=300))
def test_wild_blocks_raise_nothing(block: bytes) -> None:
    read_metadata(io.BytesIO(_jpeg(block)), ORDINARY)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(Metadata.__slots__), VALUE))
def test_what_another_process_sends_is_checked_and_comes_back_the_same(
    values: dict[str, Any],
) -> None:
    import json

    told = from_json(json.dumps(values))
    assert from_json(to_json(told)) == told


def test_what_another_process_sends_may_be_nonsense() -> None:
    for text in ("", "[]", "{", "null", "[" * 100_000):
        assert from_json(text) == Metadata()
