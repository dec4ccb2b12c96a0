"""Files to measure indexing on: a folder's pictures repeated, and pictures of given sizes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cbir.errors import CbirError
from cbir.images import FoundFile, find_images, load_image

CAMERA = (4000, 3000)
"""Width and height of a picture of 12 megapixels."""

PANORAMA = (20_000, 5_000)
"""Width and height of a picture of 100 megapixels."""

_UPSIDE = 6  # EXIF orientation: turned by a quarter, as a telephone writes upright pictures
_SIDE = 500


def pictures_in(folder: str) -> list[str]:
    """The pictures below ``folder``; raises CbirError where there is none."""
    found = [file.path for file in find_images([folder]) if isinstance(file, FoundFile)]
    if not found:
        raise CbirError(f"There are no pictures in {folder}: name a folder of photographs.")
    return found


def repeat(sources: Sequence[str], folder: Path, count: int) -> Path:
    """``folder`` with ``count`` files, the sources over and over, linked where that is possible."""
    folder.mkdir(parents=True)
    for number in range(count):
        source = Path(sources[number % len(sources)])
        target = folder / f"{number:06d}{source.suffix}"
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, target)
    return folder


def write_camera_picture(sources: Sequence[str], path: Path) -> Path:
    """A JPEG of 12 megapixels, quality 90, lying on its side: a mosaic of pictures with noise."""
    Image.fromarray(_mosaic(sources, CAMERA)).save(
        path, quality=90, subsampling="4:2:0", exif=_exif(_UPSIDE)
    )
    return path


def write_panoramas(sources: Sequence[str], folder: Path) -> Path:
    """Pictures of 100 megapixels in the formats that are hardest on memory."""
    folder.mkdir(parents=True)
    image = Image.fromarray(_mosaic(sources, PANORAMA))
    image.save(folder / "baseline.jpg", quality=85)
    image.save(folder / "progressive.jpg", quality=85, progressive=True)
    image.save(folder / "deep.tif")
    image.save(folder / "colour.png", compress_level=1)
    image.putalpha(200)
    image.save(folder / "transparent.png", compress_level=1)
    return folder


def _mosaic(
    sources: Sequence[str], size: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(height, width, 3) of tiles with photographs' detail, and a sensor's noise."""
    width, height = size
    random = np.random.default_rng(12)
    tiles = [_tile(source) for source in sources[:24]]
    pixels = np.empty((height, width, 3), np.uint8)
    number = 0
    for top in range(0, height, _SIDE):
        for left in range(0, width, _SIDE):
            part = pixels[top : top + _SIDE, left : left + _SIDE]
            tile = tiles[number % len(tiles)][: part.shape[0], : part.shape[1]]
            noise = random.integers(-3, 4, tile.shape, np.int16)
            part[:] = (tile + noise).clip(0, 255)
            number += 1
    return pixels


def _tile(source: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    image = load_image(source).image
    return np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)).astype(np.int16)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif
