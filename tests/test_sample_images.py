"""The sample pictures: enough of them, small, named by kind, and as their script draws them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "sample_images"
PICTURES = sorted(FOLDER.glob("*.jpg"))
KINDS = (
    "sunset",
    "mountain",
    "night_skyline",
    "forest",
    "flower",
    "fruit",
    "car",
    "sailing",
    "balloon",
    "planet",
    "texture",
    "face",
)


def of_kind(kind: str) -> list[Path]:
    return [path for path in PICTURES if path.name.startswith(kind)]


def rows(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), np.float32)


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return rows(image)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        import draw
    finally:
        sys.path.remove(str(FOLDER))
    return draw


@pytest.fixture(scope="module")
def render(script: ModuleType) -> Callable[[str], bytes]:
    return script.render


def test_there_are_enough_pictures_in_enough_kinds():
    assert len(PICTURES) >= 72
    assert len(KINDS) == 12
    assert all(len(of_kind(kind)) >= 6 for kind in KINDS)


def test_every_picture_has_a_kind_and_a_number_in_its_name():
    named = {path for kind in KINDS for path in of_kind(kind)}
    assert named == set(PICTURES)
    assert all(path.stem[-2:].isdigit() and path.stem.islower() for path in PICTURES)


def test_every_picture_is_a_small_rgb_jpeg():
    for path in PICTURES:
        assert path.stat().st_size <= 30_000, path.name
        with Image.open(path) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB"), path.name
            assert 320 <= min(image.size) <= max(image.size) <= 480, path.name
            image.load()


def test_no_picture_is_flat_and_no_two_are_alike():
    tiny = []
    for path in PICTURES:
        with Image.open(path) as image:
            image.draft("RGB", (96, 96))
            tiny.append(rows(image.resize((24, 24))).ravel())
        assert tiny[-1].std() > 12, path.name
    small = np.stack(tiny)
    for place, vector in enumerate(small[:-1]):
        assert np.abs(small[place + 1 :] - vector).mean(axis=1).min() > 10


def test_the_folder_holds_just_the_pictures_that_the_script_draws(script: ModuleType):
    assert {path.stem for path in PICTURES} == set(script.SCENES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_script_redraws_the_committed_picture(kind: str, render: Callable[[str], bytes]):
    path = of_kind(kind)[0]
    fresh, kept = decoded(render(path.stem)), decoded(path.read_bytes())
    assert fresh.shape == kept.shape
    assert np.abs(fresh - kept).mean() < 3.0


def test_drawing_twice_gives_the_same_bytes(render: Callable[[str], bytes]):
    assert render("texture_red_brick_01") == render("texture_red_brick_01")


def test_the_command_writes_the_pictures_asked_for(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        sys, "argv", ["draw.py", str(tmp_path / "new"), "--only", "face_woman_black"]
    )
    script.main()
    (written,) = (tmp_path / "new").iterdir()
    assert written.name == "face_woman_black_bob_03.jpg"
    assert decoded(written.read_bytes()).shape == (400, 400, 3)


def test_the_icon_is_square_and_transparent_and_drawn_by_its_script(script: ModuleType):
    from drawing.icon import draw_icon

    with Image.open(ROOT / "cbir" / "ui" / "icon.png") as image:
        assert (image.mode, image.size) == ("RGBA", (256, 256))
        kept = np.asarray(image, np.float32)
    assert kept[0, 0, 3] == 0
    assert kept[128, 128, 3] == 255
    assert np.abs(np.asarray(draw_icon(), np.float32) - kept).mean() < 2.0
