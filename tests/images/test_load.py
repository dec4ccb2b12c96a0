from __future__ import annotations

import io
import os
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cbir.errors import UnreadableImage
from cbir.images import (
    Loaded,
    decode,
    find_images,
    load_image,
    load_thumbnail,
    stat_file,
    thumbnail,
)
from cbir.images.files import digest_of
from cbir.images.too_large import fits_now, told_of_count, told_of_size

QUIET = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LOSSLESS = ("PNG", "GIF", "TIFF", "BMP", "PPM", "ICO", "TGA", "QOI", "PCX", "SGI", "ICNS")
LOSSY = ("JPEG", "WEBP", "AVIF", "JPEG2000")


def _picture(width: int = 32, height: int = 32) -> Image.Image:
    """Two flat colours, red left and blue right: the same in any format, with a left and right."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 30, 200), (width // 2, 0, width, height))
    return picture


def _bytes(picture: Image.Image, name: str, **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, name, **options)
    return stream.getvalue()


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    sum_ = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + sum_


def _png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG file that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _png_chunk(b"IHDR", header) + _png_chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunks + _png_chunk(b"IEND", b"")


def _icon_claiming(width: int, height: int) -> bytes:
    """A small icon with such a PNG inside; the limit must reach into the container."""
    png = _png_claiming(width, height)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + png


def _reason(path: str, **options) -> str:
    with pytest.raises(UnreadableImage) as caught:
        load_image(path, **options)
    assert caught.value.path == path
    return caught.value.reason


@pytest.mark.parametrize("name", [*LOSSLESS, *LOSSY])
def test_every_format_loads(tmp_path, name):
    suffix = ".tga" if name == "TGA" else ".any"
    path = _write(tmp_path / f"a{suffix}", _bytes(_picture(), name))
    loaded = load_image(path, short_side=None)
    assert loaded.image.mode == "RGB"
    assert (loaded.file.width, loaded.file.height) == loaded.image.size
    red = np.asarray(loaded.image)[:, : loaded.image.width // 4].reshape(-1, 3).mean(axis=0)
    tolerance = 12 if name in LOSSY else 0
    assert red == pytest.approx((200, 30, 30), abs=tolerance)


def test_what_is_known_of_the_file(tmp_path):
    data = _bytes(_picture(40, 20), "PNG")
    path = _write(tmp_path / "a.png", data)
    file = load_image(path).file
    assert file.path == path
    assert (file.size, file.mtime_ns) == (len(data), stat_file(path).mtime_ns)
    assert file.digest == digest_of(data)
    assert (file.width, file.height) == (40, 20)


def test_relative_paths_and_path_objects_become_absolute_text(tmp_path, monkeypatch):
    _write(tmp_path / "a.png", _bytes(_picture(), "PNG"))
    monkeypatch.chdir(tmp_path)
    assert load_image(Path("a.png")).file.path == str(tmp_path / "a.png")


def test_names_that_are_not_utf8_load(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff\n.png")
    with open(path, "wb") as stream:
        stream.write(_bytes(_picture(), "PNG"))
    assert load_image(os.fsdecode(path)).file.path.endswith("\udcff\n.png")


def test_a_signed_tga_needs_no_name(tmp_path):
    data = _bytes(_picture(), "TGA")
    assert data.endswith(b"TRUEVISION-XFILE.\0")
    assert load_image(_write(tmp_path / "a.jpg", data)).image.size == (32, 32)


@pytest.mark.parametrize("name", ["DDS", "XBM"])
def test_pictures_of_programs_and_games_load(tmp_path, name):
    picture = _picture(64, 32).convert("1" if name == "XBM" else "RGBA")
    path = _write(tmp_path / f"a.{name}", _bytes(picture, name))
    assert [type(found).__name__ for found in find_images([tmp_path])] == ["FoundFile"]
    assert load_image(path).image.size == (64, 32)


def test_the_content_counts_not_the_name(tmp_path):
    assert load_image(_write(tmp_path / "a.jpg", _bytes(_picture(), "PNG"))).image.size == (32, 32)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"hello, this is a text", "not an image"),
        (bytes(1000), "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"GIF89a\0\0\0\0\0\0\0", "damaged"),
        (_bytes(_picture(), "JPEG")[:-80], "truncated"),
        (_bytes(_picture(), "BMP")[:-80], "truncated"),
        (_bytes(_picture(), "PNG")[:60], "truncated"),
        (_png_claiming(0, 5), "damaged"),
        (_png_claiming(300, 300), "truncated"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path, data, reason):
    assert _reason(_write(tmp_path / "a.jpg", data)) == reason


def test_files_that_are_not_there_say_so(tmp_path):
    assert _reason(str(tmp_path / "a.jpg")) == "no such file"
    assert _reason(str(tmp_path)) == "a folder, not a file"
    with pytest.raises(UnreadableImage, match="no such file"):
        load_thumbnail(tmp_path / "a.jpg", 64)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotImplementedError(), "an unsupported kind of picture"),
        (OSError("Unsupported BMP pixel depth"), "an unsupported kind of picture"),
        (EOFError(), "truncated"),
        (struct.error("unpack"), "damaged"),
        (zlib.error("Error -3"), "damaged"),
        (ZeroDivisionError(), "damaged"),
        (KeyError("mode"), "damaged"),
        (RecursionError(), "damaged"),
        (Image.DecompressionBombError(), "more pixels than the limit of 200,000,000"),
    ],
)
def test_whatever_a_decoder_raises_is_a_reason(tmp_path, monkeypatch, error, reason):
    def fail(*_args, **_options):
        raise error

    path = _write(tmp_path / "a.png", _bytes(_picture(), "PNG"))
    monkeypatch.setattr(Image, "open", fail)
    assert _reason(path) == reason


def test_too_many_pixels_are_refused_before_decoding(tmp_path, monkeypatch):
    path = _write(tmp_path / "a.png", _png_claiming(12_345, 16_789))
    assert _reason(path) == "207,260,205 pixels are more than the limit of 200,000,000"
    expected = "12,345 x 16,789 pixels are more than the limit of 199,999,999"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert _reason(path, max_pixels=199_999_999) == expected
    small = _write(tmp_path / "b.png", _bytes(_picture(20, 10), "PNG"))
    assert _reason(small, max_pixels=199) == "20 x 10 pixels are more than the limit of 199"
    assert load_image(small, max_pixels=200).image.size == (20, 10)


@pytest.mark.parametrize("data", [_png_claiming(60_000, 60_000), _icon_claiming(60_000, 60_000)])
def test_bombs_are_refused_inside_containers_too(tmp_path, data):
    expected = "3,600,000,000 pixels are more than the limit of 200,000,000"
    assert expected == _reason(_write(tmp_path / "a", data))


@pytest.mark.parametrize(
    "reason", [told_of_size(60_000, 50_000, 1), told_of_count(3_000_000_000, 200_000_000)]
)
def test_a_picture_that_was_too_large_fits_as_soon_as_its_pixels_do(reason):
    assert not fits_now(reason, 2_999_999_999)
    assert fits_now(reason, 3_000_000_000)
    for other in (told_of_count(None, 1), "5 bytes are more than the limit of 4", "damaged"):
        assert not fits_now(other, 3_000_000_000)


@pytest.mark.parametrize(
    "count", ["", ",", ",,1", "1,,2", "5 x ", "9" * 5000, "1,234" * 2000, "\u0665"]
)
def test_a_reason_that_no_picture_gave_fits_never(count):
    """A library that was damaged or tampered with may hold any."""
    assert not fits_now(f"{count} pixels are more than the limit of 5", 10**30)
    assert not fits_now(f"5 pixels are more than the limit of {count}", 10**30)


def test_an_icon_whose_picture_is_larger_than_it_says_is_measured_again(tmp_path):
    png = _bytes(_picture(90, 90), "PNG")
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    path = _write(tmp_path / "a.ico", struct.pack("<HHH", 0, 1, 1) + entry + png)
    assert load_image(path).file.width == 90
    assert "90 x 90" in _reason(path, max_pixels=1000)


def test_pillows_own_limit_only_ever_grows(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    path = _write(tmp_path / "a.png", _bytes(_picture(), "PNG"))
    assert load_image(path, max_pixels=1025).image.size == (32, 32)
    assert Image.MAX_IMAGE_PIXELS == 513
    load_image(path, max_pixels=1024)
    assert Image.MAX_IMAGE_PIXELS == 513
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    load_image(path)
    assert Image.MAX_IMAGE_PIXELS is None


@pytest.mark.parametrize("name", ["PNG", "TIFF", "WEBP"])
def test_all_nine_orientations_load_alike(tmp_path, name):
    stored_as = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    rng = np.random.default_rng(3)
    shown = Image.fromarray(rng.integers(0, 256, (8, 12, 3), np.uint8))
    for orientation in range(9):
        method = stored_as.get(orientation)
        stored = shown if method is None else shown.transpose(Image.Transpose(method))
        exif = Image.Exif()
        exif[0x0112] = orientation
        options = {"lossless": True, "exact": True} if name == "WEBP" else {}
        path = _write(tmp_path / "a", _bytes(stored, name, exif=exif, **options))
        loaded = load_image(path)
        assert (loaded.file.width, loaded.file.height) == (12, 8), orientation
        assert loaded.image.tobytes() == shown.tobytes(), orientation
        assert load_thumbnail(path, 6).size == (6, 4)


def test_a_jpeg_turned_by_exif_tells_its_full_size_as_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = _write(tmp_path / "a.jpg", _bytes(_picture(1200, 600), "JPEG", exif=exif))
    loaded = load_image(path, short_side=300)
    assert loaded.image.size == (300, 600)
    assert (loaded.file.width, loaded.file.height) == (600, 1200)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "JPEG2000"])
@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [
        ((1600, 1200), 512, (800, 600)),
        ((1600, 1200), 600, (800, 600)),
        ((1600, 1200), 601, (1600, 1200)),
        ((400, 300), 512, (400, 300)),
        ((4000, 320), 20, (250, 20)),
        ((1600, 1200), None, (1600, 1200)),
    ],
)
def test_large_pictures_are_reduced_to_no_less_than_the_short_side(
    tmp_path, name, size, short_side, expected
):
    path = _write(tmp_path / "a", _bytes(_picture(*size), name))
    loaded = load_image(path, short_side=short_side)
    assert loaded.image.size == expected
    assert (loaded.file.width, loaded.file.height) == size


@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [
        ((20_000, 5_000), 512, 9),
        ((100_000, 512), 512, 2),  # a strip is kept within 16 megapixels
        ((64_000_000, 1), 512, 4),
        ((512, 31_250), 512, 1),
        ((100_000, 512), 0, 1),
    ],
)
def test_even_a_long_strip_is_kept_small(size, short_side, expected):
    bounds = decode.Bounds(200_000_000, short_side=short_side)
    assert bounds.factor(*size) == expected


@pytest.mark.parametrize("sizes", [1, 2, 6])
def test_a_jpeg_2000_is_halved_only_as_often_as_it_can_be(tmp_path, sizes):
    data = _bytes(_picture(1600, 1200), "JPEG2000", num_resolutions=sizes)
    loaded = load_image(_write(tmp_path / "a", data), short_side=300)
    assert loaded.image.size == (400, 300)
    assert (loaded.file.width, loaded.file.height) == (1600, 1200)
    assert loaded.image.getpixel((20, 20)) == pytest.approx((200, 30, 30), abs=12)


@pytest.mark.parametrize("mode", ["P", "1", "LA", "RGBA", "CMYK", "I;16"])
def test_reduced_pictures_of_any_mode_look_as_they_should(tmp_path, mode):
    source = ImageOps.grayscale(_picture(200, 100)) if mode == "I;16" else _picture(200, 100)
    data = _bytes(source.convert(mode), "TIFF")
    full = load_image(_write(tmp_path / "a", data), short_side=None).image
    small = load_image(_write(tmp_path / "a", data), short_side=25).image
    assert (full.size, small.size) == ((200, 100), (50, 25))
    expected = np.asarray(full.resize((50, 25), Image.Resampling.BOX)).astype(int)
    assert np.abs(np.asarray(small) - expected).max() <= 2


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_that_is_not_blank_counts(tmp_path, name):
    blank = Image.new("RGB", (32, 32))
    options = {"save_all": True, "append_images": [_picture(), blank], "duration": 50}
    path = _write(tmp_path / "a", _bytes(blank, name, **options))
    assert any(low != high for low, high in load_image(path).image.getextrema())


def test_a_picture_of_blank_frames_only_is_its_first(tmp_path, monkeypatch):
    frames = [Image.new("RGB", (8, 8), (i, 0, 0)) for i in range(1, 6)]
    options = {"save_all": True, "append_images": [*frames, _picture(8, 8)]}
    path = _write(tmp_path / "a", _bytes(Image.new("RGB", (8, 8)), "PNG", **options))
    monkeypatch.setattr(decode, "MAX_FRAMES", 4)
    assert load_image(path).image.getpixel((0, 0)) == (0, 0, 0)
    monkeypatch.undo()
    assert load_image(path).image.getpixel((0, 0)) == (200, 30, 30)


def test_a_damaged_later_frame_leaves_the_first(tmp_path):
    options = {"save_all": True, "append_images": [_picture()]}
    data = _bytes(Image.new("RGB", (32, 32)), "GIF", **options)
    loaded = load_image(_write(tmp_path / "a.gif", data[:-40]))
    assert loaded.image.getpixel((0, 0)) == (0, 0, 0)


def test_the_second_page_of_a_document_is_not_an_animation(tmp_path):
    options = {"save_all": True, "append_images": [_picture()]}
    path = _write(tmp_path / "a.tif", _bytes(Image.new("RGB", (8, 8)), "TIFF", **options))
    assert load_image(path).image.getextrema() == ((0, 0),) * 3


def test_a_loaded_picture_outlives_its_file(tmp_path):
    for name in LOSSLESS:
        path = tmp_path / "a.tga"
        loaded = load_image(_write(path, _bytes(_picture(), name)))
        path.unlink()
        assert loaded.image.copy().getpixel((0, 0)) == (200, 30, 30)
        assert type(loaded.image) is Image.Image


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        ((400, 200), 100, (100, 50)),
        ((200, 400), 100, (50, 100)),
        ((1000, 1), 100, (100, 1)),
        ((90, 80), 100, (90, 80)),
        ((100, 100), 100, (100, 100)),
        ((3, 2), 1, (1, 1)),
    ],
)
def test_thumbnails_fit_and_are_never_enlarged(tmp_path, size, limit, expected):
    picture = _picture(*size)
    small = thumbnail(picture, limit)
    assert small.size == expected
    assert small is not picture
    assert picture.size == size
    path = _write(tmp_path / "a.jpg", _bytes(picture, "JPEG"))
    assert load_thumbnail(path, limit).size == expected


def test_a_fast_thumbnail_looks_like_a_careful_one(tmp_path):
    rng = np.random.default_rng(4)
    rough = Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8))
    path = _write(tmp_path / "a.jpg", _bytes(rough.resize((1600, 1200)), "JPEG", quality=95))
    careful = thumbnail(load_image(path, short_side=None).image, 160)
    fast = load_thumbnail(path, 160)
    difference = np.asarray(fast).astype(int) - np.asarray(careful)
    assert np.abs(difference).mean() < 1.5


def test_thumbnails_keep_the_limit(tmp_path):
    path = _write(tmp_path / "a.png", _png_claiming(50_000, 5_000))
    with pytest.raises(UnreadableImage, match="250,000,000 pixels are more"):
        load_thumbnail(path, 64)


def test_pillows_warnings_do_not_escape_and_other_filters_stay(tmp_path):
    picture = Image.new("P", (2, 1))
    exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0" + bytes(range(50))
    paths = [
        _write(tmp_path / "a.jpg", _bytes(_picture(), "JPEG", exif=exif)),
        _write(tmp_path / "b.png", _bytes(picture, "PNG", transparency=b"\0\1")),
    ]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for path in paths * 2:
            assert isinstance(load_image(path), Loaded)
        ours = [entry for entry in warnings.filters if decode._is_ours(entry)]
        warnings.warn("someone else's", UserWarning, stacklevel=1)
    assert [str(entry.message) for entry in seen] == ["someone else's"]
    assert len(ours) == 1


def test_many_threads_load_at_once(tmp_path):
    paths = []
    for index, name in enumerate((*LOSSLESS, *LOSSY)):
        suffix = ".tga" if name == "TGA" else ""
        data = _bytes(_picture(256, 192), name)
        paths.append(_write(tmp_path / f"{index}{suffix}", data))
        paths.append(_write(tmp_path / f"{index}cut{suffix}", data[: len(data) // 2]))
    start = threading.Barrier(8)

    def load_all(_number: int) -> list[str]:
        start.wait()
        return [_outcome(path) for path in paths]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(load_all, range(8)))
    assert results == [[_outcome(path) for path in paths]] * 8


def _outcome(path: str) -> str:
    try:
        return digest_of(load_image(path, short_side=64).image.tobytes())
    except UnreadableImage as error:
        return error.reason


@QUIET
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["jpg", "tga", "gif", "tif", ""]))
def test_noise_never_raises_anything_else(tmp_path, data, suffix):
    _outcome(_write(tmp_path / f"a.{suffix}", data))


@QUIET
@given(
    name=st.sampled_from([*LOSSLESS, *LOSSY]),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
)
def test_damage_never_raises_anything_else(tmp_path, name, cut, changes):
    data = bytearray(_bytes(_picture(), name))
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    kept = data[: len(data) - int(cut * len(data) / 2)]
    _outcome(_write(tmp_path / ("a.tga" if name == "TGA" else "a"), bytes(kept)))


@QUIET
@given(width=st.integers(1, 90), height=st.integers(1, 90), short_side=st.integers(1, 64))
def test_sizes_hold_for_any_picture(tmp_path, width, height, short_side):
    for name in ("JPEG", "PNG"):
        path = _write(tmp_path / "a", _bytes(_picture(width, height), name))
        loaded = load_image(path, short_side=short_side)
        assert (loaded.file.width, loaded.file.height) == (width, height)
        assert min(loaded.image.size) >= min(short_side, width, height)
        assert max(load_thumbnail(path, short_side).size) <= short_side
