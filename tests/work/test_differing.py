from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from cbir.errors import UnreadableImage
from cbir.work.differing import AMPLIFIED, Difference
from tests.work.conftest import Driver


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    image = Image.new("RGB", (120, 80), (100, 100, 100))
    image.paste((140, 100, 60), (0, 0, 40, 80))
    image.save(tmp_path / "scene.png")
    return tmp_path


def test_equal_pictures_are_black_and_others_show_where(drive: Driver, scene: Path) -> None:
    with Image.open(scene / "scene.png") as image:
        image.resize((60, 40), Image.Resampling.NEAREST).save(scene / "half.png")
        image.paste((110, 100, 100), (60, 0, 120, 80))
        image.save(scene / "other.png")
        ImageOps.mirror(image).save(scene / "mirrored.png")

    def compare(first: str, second: str, *, mirrored: bool = False) -> Difference:
        paths = str(scene / first), str(scene / second)
        found = drive(drive.engine.difference(*paths, mirrored=mirrored))
        assert isinstance(found, Difference)
        return found

    half = compare("scene.png", "half.png")
    assert half.image.size == (120, 80)
    assert half.share < 0.05  # the edge, smoothed
    other = compare("scene.png", "other.png")
    assert other.image.getpixel((100, 40)) == (10 * AMPLIFIED, 0, 0)
    assert other.image.getpixel((20, 40)) == (0, 0, 0)
    assert other.share == pytest.approx(0.5)
    assert other.mean == pytest.approx(10 / 6)
    assert compare("other.png", "mirrored.png").share > 0.3
    assert compare("other.png", "mirrored.png", mirrored=True).mean == 0


def test_what_cannot_be_opened_is_told(drive: Driver, scene: Path) -> None:
    with pytest.raises(UnreadableImage):
        drive(drive.engine.difference(str(scene / "scene.png"), str(scene / "gone.png")))
