from __future__ import annotations

import io

import pytest
from PIL import Image

from cbir.images.formats import (
    EXTENSIONS,
    FORMATS,
    MAGIC_BYTES,
    PLUGINS,
    formats_for,
    guess_by_name,
    looks_like_picture,
)

WRITABLE = (
    *("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "JPEG2000", "PPM"),
    *("ICO", "ICNS", "QOI", "PCX", "SGI"),
)
NO_MAGIC = ("DIB", "PCX")


@pytest.mark.parametrize("name", [name for name in WRITABLE if name not in NO_MAGIC])
def test_first_bytes_of_each_format_look_like_a_picture(name):
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(stream, name)
    assert looks_like_picture(stream.getvalue()[:MAGIC_BYTES])


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"B", b"BMW is a car maker", b"Pxxx", b"P", b"P9 x", b"Python 3", b"%!PS-Adobe-3.0"),
        *(b"RIFF\x00\x00\x00\x00AVI LIST", b"\x00\x00\x00\x18ftypmp42", b"#!/bin/sh", b"\x01\xda"),
        *(b"PK\x03\x04", b"\x7fELF", b"%PDF-1.7", b"\0" * 16, b"hello world this "),
    ],
)
def test_other_first_bytes_do_not(data):
    assert not looks_like_picture(data)


@pytest.mark.parametrize("magic", [b"MM\x00*", b"II+\x00", b"GIF87a", b"P6\n", b"8BPS\x00\x01"])
def test_variants_of_signatures_are_known(magic):
    assert looks_like_picture(magic + bytes(12))


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("a.jpg", "picture"),
        ("a.JPEG", "picture"),
        ("a.b.TIF", "picture"),
        ("a.mpo", "picture"),
        ("a.tga", "picture"),
        ("a.psd", "picture"),
        ("a.txt", "other"),
        ("a.mp4", "other"),
        ("a.tar.gz", "other"),
        ("a.eps", "other"),
        ("a.CR2", "picture"),
        ("a.dng", "picture"),
        ("a", "unknown"),
        (".jpg", "unknown"),
        ("a.bin", "unknown"),
        ("a.heic", "picture"),
        ("a.2024-05", "unknown"),
        ("a.\udcff\n", "unknown"),
    ],
)
def test_guess_by_name(name, guess):
    assert guess_by_name(name) == guess


def test_nothing_that_starts_a_program_is_ever_tried():
    assert not {"EPS", "WMF", "GRIB", "BUFR", "HDF5", "MPEG", "PDF"} & set(FORMATS)
    assert not {".eps", ".ps", ".wmf", ".emf", ".pdf"} & EXTENSIONS


def test_every_format_is_registered_by_our_own_plugins():
    assert set(FORMATS) <= set(Image.OPEN)
    assert all(plugin.__name__.startswith("PIL.") for plugin in PLUGINS)


def test_tga_is_tried_only_by_name_or_by_its_end():
    assert "TGA" in formats_for("/x/a.TGA", b"")
    assert "TGA" in formats_for("/x/a.jpg", b"\0TRUEVISION-XFILE.\0")
    assert "TGA" not in formats_for("/x/a.jpg", b"")
    assert "TGA" not in formats_for("/x/a", b"\0" * 18)
