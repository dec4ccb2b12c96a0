from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from cbir.images.pixels import is_blank, orientation_of, to_srgb, upright


def _colours(image: Image.Image) -> list[tuple[int, ...]]:
    return [image.getpixel((x, 0)) for x in range(image.width)]


def _swapped_profile() -> bytes:
    """An sRGB profile whose red and green primaries changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        swap = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
        data[at : at + 4] = swap.get(bytes(data[at : at + 4]), data[at : at + 4])
    return bytes(data).replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "RGBX"])
def test_opaque_modes_keep_black_and_white(mode):
    source = Image.new("RGB", (2, 1))
    source.putpixel((1, 0), (255, 255, 255))
    image = to_srgb(source.convert(mode))
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image).astype(int) - np.asarray(source)).max() <= 2


@pytest.mark.parametrize("mode", ["LA", "La", "RGBA", "RGBa", "PA"])
def test_transparent_parts_become_white_and_opaque_ones_stay(mode):
    source = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    source.putpixel((1, 0), (40, 40, 40, 255))
    middle = source.convert("LA") if mode in ("LA", "La") else source
    image = to_srgb(middle if middle.mode == mode else middle.convert(mode))
    assert _colours(image) == [(255, 255, 255), (40, 40, 40)]


def test_half_transparent_is_half_white():
    (colour,) = _colours(to_srgb(Image.new("RGBA", (1, 1), (200, 0, 0, 128))))
    assert colour == pytest.approx((227, 127, 127), abs=1)


@pytest.mark.parametrize("transparency", [0, b"\x00\xff"])
def test_palette_transparency_becomes_white(transparency):
    source = Image.new("P", (2, 1))
    source.putpalette([10, 20, 30, 90, 80, 70])
    source.putpixel((1, 0), 1)
    source.info["transparency"] = transparency
    assert _colours(to_srgb(source)) == [(255, 255, 255), (90, 80, 70)]


def test_a_transparent_colour_becomes_white():
    source = Image.new("RGB", (2, 1), (1, 2, 3))
    source.putpixel((1, 0), (9, 9, 9))
    source.info["transparency"] = (1, 2, 3)
    assert _colours(to_srgb(source)) == [(255, 255, 255), (9, 9, 9)]


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_16_bits_are_scaled_not_clipped(dtype):
    source = Image.fromarray(np.array([[0, 256, 32768, 65535]], dtype))
    assert [r for r, _, _ in _colours(to_srgb(source))] == [0, 1, 128, 255]


def test_12_bits_in_16_are_not_left_nearly_black():
    source = Image.fromarray(np.array([[0, 2048, 4095]], np.uint16))
    assert [r for r, _, _ in _colours(to_srgb(source))] == [0, 128, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[-10, 0, 10]], np.int32), [0, 128, 255]),
        (np.array([[0, 70000, 140000]], np.int32), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.array([[7, 7, 7]], np.int32), [7, 7, 7]),
        (np.array([[0.25, 0.5, 0.75]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, 1.0, 2.0]], np.float32), [0, 128, 255]),
        (np.array([[0x7FA00000, 0, 0x3F800000]], np.uint32).view(np.float32), [0, 0, 255]),
        (np.array([[-np.inf, 3.0, np.inf]], np.float32), [0, 255, 0]),
        (np.array([[-3e38, 0.0, 3e38]], np.float32), [0, 128, 255]),
        (np.array([[5.0, 5.0, 5.0]], np.float32), [0, 0, 0]),
    ],
)
def test_wide_values_span_black_to_white(values, expected):
    assert [r for r, _, _ in _colours(to_srgb(Image.fromarray(values)))] == expected


def test_an_icc_profile_is_applied():
    source = Image.new("RGB", (1, 1), (255, 0, 0))
    source.info["icc_profile"] = _swapped_profile()
    ((red, green, blue),) = _colours(to_srgb(source))
    assert green > 240
    assert max(red, blue) < 20


def test_an_srgb_profile_changes_nothing():
    source = Image.new("RGB", (1, 1), (12, 34, 56))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source.info["icc_profile"] = profile
    assert _colours(to_srgb(source)) == [(12, 34, 56)]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "P", "RGBA"])
def test_a_broken_or_unfit_profile_is_passed_over(mode):
    source = Image.new("RGB", (1, 1), (100, 100, 100)).convert(mode)
    plain = _colours(to_srgb(source))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"no profile", _swapped_profile()[:200], lab):
        source.info["icc_profile"] = profile
        assert _colours(to_srgb(source)) == plain


@pytest.mark.parametrize("orientation", range(9))
def test_all_orientations_are_turned_upright(orientation):
    # What each EXIF orientation means: the transformation that was applied to the upright picture.
    stored_as = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    rng = np.random.default_rng(1)
    shown = Image.fromarray(rng.integers(0, 256, (3, 5, 3), np.uint8))
    method = stored_as.get(orientation)
    stored = shown if method is None else shown.transpose(Image.Transpose(method))
    assert upright(stored, orientation).tobytes() == shown.tobytes()


@pytest.mark.parametrize("orientation", [-1, 9, 70000])
def test_unknown_orientations_count_as_upright(orientation):
    image = Image.new("RGB", (2, 1))
    assert upright(image, orientation) is image


def test_broken_exif_counts_as_upright():
    image = Image.new("RGB", (2, 1))
    assert orientation_of(image) == 1
    image.info["exif"] = b"Exif\0\0II*\0\x08\0\0\0\xff\xff broken"
    assert orientation_of(image) == 1
    image = Image.new("RGB", (2, 1))
    image.info["exif"] = b"Exif\0\0not a TIFF header"
    assert orientation_of(image) == 1


def test_an_orientation_that_is_not_a_number_counts_as_upright():
    entry = struct.pack("<HHI4s", 0x0112, 2, 2, b"6\0\0\0")  # tag 274, of type ASCII
    image = Image.new("RGB", (2, 1))
    image.info["exif"] = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    assert image.getexif()[0x0112] == "6"
    assert orientation_of(image) == 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "LAB", "I;16"])
@pytest.mark.parametrize("size", [(301, 1), (7, 300), (64, 129)])
def test_reducing_gives_the_mean_colour_of_each_block(mode, size):
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (size[1], size[0], 4), np.uint8)
    colours = Image.fromarray(pixels)
    grey = colours.convert("L")
    source = grey.convert("I").convert(mode) if mode == "I;16" else _as(colours, mode)
    small = to_srgb(source, 2)
    expected = to_srgb(source).reduce(2)
    assert (small.mode, small.size) == ("RGB", (-(-size[0] // 2), -(-size[1] // 2)))

    assert np.abs(np.asarray(small).astype(int) - np.asarray(expected)).max() <= 2


def _as(colours: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(colours.convert("RGB"), srgb, lab, outputMode="LAB")
    return colours.convert("RGB").convert(mode) if mode in ("CMYK", "1") else colours.convert(mode)


def test_a_transparent_colour_is_white_before_colours_are_mixed():
    source = Image.new("RGB", (2, 2), (1, 2, 3))
    source.putpixel((0, 0), (101, 101, 101))
    source.info["transparency"] = (1, 2, 3)
    ((shade, _, _),) = _colours(to_srgb(source, 2))
    assert shade == pytest.approx((101 + 3 * 255) / 4, abs=1)


def test_is_blank():
    image = Image.new("RGB", (4, 4), (1, 2, 3))
    assert is_blank(image)
    image.putpixel((3, 3), (1, 2, 4))
    assert not is_blank(image)
