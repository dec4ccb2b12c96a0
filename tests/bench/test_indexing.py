from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cbir.bench import indexing, pictures
from cbir.bench.indexing import measure_indexing
from cbir.bench.pictures import pictures_in, repeat, write_camera_picture
from cbir.config import load_settings
from cbir.errors import CbirError
from cbir.images import load_image
from tests.encoders.conftest import make_picture
from tests.standins import make_models


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(3):
        make_picture((90, 60), number).save(folder / f"{number}.jpg")
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything made for the measurement is small here."""
    monkeypatch.setattr(indexing, "MANY", 30)
    monkeypatch.setattr(indexing, "_WARM_UP", 3)
    monkeypatch.setattr(indexing, "_CAMERA_TIMES", 2)
    monkeypatch.setattr(pictures, "CAMERA", (400, 300))
    monkeypatch.setattr(pictures, "PANORAMA", (800, 200))


def test_every_figure_is_measured_with_both_networks_and_the_window(
    photographs: Path, tmp_path: Path
) -> None:
    settings = load_settings(
        models=make_models(tmp_path / "models"), environ={"CBIR_HOME": str(tmp_path)}
    )
    said: list[str] = []
    bench = measure_indexing(settings, str(photographs), 7, 1, window=True, say=said.append)
    assert list(bench.speeds) == ["classic", "resnet18", "clip", "resnet18+clip"]
    both = bench.speeds["resnet18+clip"]
    parts = {"decode", "prepare resnet18", "model resnet18", "prepare clip", "model clip"}
    assert set(both.core_ms) == parts
    assert both.limit == pytest.approx(1000 * bench.cores / sum(both.core_ms.values()))
    assert both.share == pytest.approx(both.images_per_second / both.limit)
    assert set(bench.ratios) == {"clip_to_plain_loop", "clip_to_onnxruntime", "window_to_terminal"}
    assert bench.window is not None and set(bench.window.stages) == {
        *("opening", "loading", "indexing")
    }
    assert bench.start is not None and bench.start.records == 30
    assert bench.start.usable_seconds > 0
    assert bench.memory is not None and bench.memory.pictures == 5
    assert bench.camera_ms > 0 and bench.refresh_seconds > 0
    assert not bench.notes and said
    assert bench.document()["speeds"]["clip"]["precision"].keys() == {"clip"}


def test_without_weights_only_classic_is_measured_and_that_is_said(
    photographs: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "models"
    empty.mkdir()
    settings = load_settings(models=empty, environ={"CBIR_HOME": str(tmp_path)})
    bench = measure_indexing(
        settings, str(photographs), 5, 1, window=False, say=lambda sentence: None
    )
    assert list(bench.speeds) == ["classic"]
    assert bench.ratios == {} and bench.window is None
    assert len(bench.notes) == 1


def test_a_folder_without_pictures_or_with_bad_ones_is_told(tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="There are no pictures"):
        pictures_in(str(tmp_path))
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff and no more")
    settings = load_settings(environ={"CBIR_HOME": str(tmp_path / "home")})
    with pytest.raises(CbirError, match=r"cannot be (used|read)"):
        measure_indexing(settings, str(tmp_path), 2, 1, window=False, say=lambda sentence: None)


def test_pictures_are_repeated_and_the_camera_lies_on_its_side(
    photographs: Path, tmp_path: Path
) -> None:
    sources = pictures_in(str(photographs))
    folder = repeat(sources, tmp_path / "many", 8)
    assert len(list(folder.iterdir())) == 8
    camera = write_camera_picture(sources, tmp_path / "camera.jpg")
    with Image.open(camera) as image:
        assert image.size == (400, 300)
    upright = load_image(camera).file
    assert (upright.width, upright.height) == (300, 400)
