from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images import FoundFile, find_images, load_image, load_thumbnail
from tests.images.camera_files import dng

RED, BLUE = (200, 30, 30), (30, 30, 200)


def _picture(width: int, height: int) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=95)
    return stream.getvalue()


def _sensor(width: int, height: int) -> NDArray[np.uint16]:
    """What a sensor sees of a red left and a blue right half."""
    values = np.full((height, width), 3000, np.uint16)
    values[0::2, 0 : width // 2 : 2] = 40000
    values[1::2, width // 2 + 1 :: 2] = 40000
    return values


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def _is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 150 and max(colour[1:]) < 90


def _heic(path: Path, picture: Image.Image, **options: object) -> str:
    pillow_heif.from_pillow(picture).save(path, quality=90, **options)
    return str(path)


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding in this process, in which neither package can be imported."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for name in ("pillow_heif", "rawpy"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("name", ["a.heic", "a.HIF", "a.jpg", "a"])
def test_heic_loads_by_its_content(tmp_path: Path, name: str) -> None:
    path = _heic(tmp_path / name, _picture(1200, 800))
    assert [type(found) for found in find_images([tmp_path])] == [FoundFile]
    loaded = load_image(path, short_side=400)
    assert (loaded.file.width, loaded.file.height) == (1200, 800)
    assert loaded.image.size == (600, 400)
    assert _is_red(loaded.image.getpixel((20, 20)))
    assert load_thumbnail(path, 60).size == (60, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_upright_whatever_way_the_phone_was_held(tmp_path: Path, orientation: int) -> None:
    stored_as = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    picture = _picture(64, 32)
    if orientation in stored_as:
        picture = picture.transpose(Image.Transpose(stored_as[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    loaded = load_image(_heic(tmp_path / "a.heic", picture, exif=exif.tobytes()))
    assert (loaded.file.width, loaded.file.height) == loaded.image.size == (64, 32)
    assert _is_red(loaded.image.getpixel((4, 16)))
    assert not _is_red(loaded.image.getpixel((60, 16)))


def test_damaged_and_too_large_heic_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    _heic(path, _picture(300, 200))
    with pytest.raises(UnreadableImage, match="300 x 200 pixels are more"):
        load_image(path, max_pixels=59_999)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableImage) as caught:
        load_image(path)
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (1300, 1100), (0, 0)), (3, (1300, 1100), (-1, 0)), (6, (1100, 1300), (0, 0))],
)
@pytest.mark.parametrize("preview", [b"", _jpeg(_picture(300, 200))])
def test_a_raw_file_is_developed_where_its_preview_is_small(
    tmp_path: Path, orientation: int, size: tuple[int, int], red: tuple[int, int], preview: bytes
) -> None:
    data = dng(_sensor(1300, 1100), orientation=orientation, preview=preview)
    loaded = load_image(_write(tmp_path / "a.DNG", data))
    assert (loaded.file.width, loaded.file.height) == size
    assert loaded.image.size == (size[0] // 2, size[1] // 2)
    corner = tuple(side % count for side, count in zip(red, loaded.image.size, strict=True))
    assert _is_red(loaded.image.getpixel(corner))


@pytest.mark.parametrize(("orientation", "shown"), [(1, (1200, 800)), (8, (800, 1200))])
def test_a_preview_that_is_big_enough_stands_for_the_raw_file(
    tmp_path: Path, orientation: int, shown: tuple[int, int]
) -> None:
    data = dng(_sensor(2600, 2200), orientation=orientation, preview=_jpeg(_picture(1200, 800)))
    loaded = load_image(_write(tmp_path / "a.dng", data))
    assert loaded.image.size == shown
    full = (2600, 2200) if orientation == 1 else (2200, 2600)
    assert (loaded.file.width, loaded.file.height) == full
    below = (5, loaded.image.height - 5)
    assert _is_red(loaded.image.getpixel(below))
    assert max(load_thumbnail(tmp_path / "a.dng", 64).size) == 64


def test_an_ordinary_picture_with_a_raw_files_name_is_what_it_is(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.nef", _jpeg(_picture(30, 20)))
    assert load_image(path).image.size == (30, 20)


@pytest.mark.parametrize("data", [b"no raw file", dng(_sensor(64, 64))[:300]])
def test_what_is_no_raw_file_says_so(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableImage) as caught:
        load_image(_write(tmp_path / "a.cr2", data))
    assert caught.value.reason in ("an unsupported kind of picture", "damaged")


def test_a_raw_file_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.dng", dng(_sensor(640, 480)))
    with pytest.raises(UnreadableImage, match="640 x 480 pixels are more than the limit of 1,000"):
        load_image(path, max_pixels=1000)


@pytest.mark.usefixtures("without_extras")
def test_without_the_packages_the_reason_names_the_extra(tmp_path: Path) -> None:
    files = {
        "HEIC needs the extra heic: pip install 'cbir[heic]'": _heic(
            tmp_path / "a.heic", _picture(64, 64)
        ),
        "camera raw needs the extra raw: pip install 'cbir[raw]'": _write(
            tmp_path / "a.dng", dng(_sensor(64, 64))
        ),
    }
    for reason, path in files.items():
        with pytest.raises(UnreadableImage) as caught:
            load_image(path)
        assert caught.value.reason == reason
        assert not caught.value.lasting  # once it is installed, the same file can be read
