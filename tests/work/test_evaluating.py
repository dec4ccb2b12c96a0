from __future__ import annotations

from pathlib import Path

import pytest

from cbir.errors import CbirError
from tests.conftest import draw
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver


def make_classes(folder: Path) -> Path:
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        for number in range(4):
            draw(folder / name / f"{number}.png", colour)
    return folder


def test_colours_are_told_apart_until_they_are_taken_away(
    drive: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    folder = make_classes(tmp_path / "classes")
    (folder / "red" / "bad.png").write_text("no picture")
    draw(folder / "beside.png", (1, 1, 1))
    report = drive(drive.engine.evaluate(str(folder), ["clip"]))
    assert (report.images, report.classes) == (8, ("blue", "red"))
    assert [Path(skipped.path).name for skipped in report.skipped] == ["bad.png"]
    assert [(space, e.metric) for space, e in report.results] == [
        ("clip", "cosine"),
        ("clip", "euclidean"),
    ]
    assert all(e.nearest == e.mean_average_precision == 1 for _, e in report.results)
    grey = drive(drive.engine.evaluate(str(folder), ["clip"], ["cosine"], grey=True))
    assert grey.grey and len(grey.results) == 1


def test_a_folder_without_classes_is_refused(drive: Driver, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="two subfolders"):
        drive(drive.engine.evaluate(str(pictures), ["classic"]))
    for name in ("a", "b"):
        draw(tmp_path / "single" / name / "one.png", (9, 9, 9))
    with pytest.raises(CbirError, match="two subfolders"):
        drive(drive.engine.evaluate(str(tmp_path / "single"), ["classic"]))
    for name in ("a", "b"):
        (tmp_path / "bad" / name).mkdir(parents=True)
        for number in range(2):
            (tmp_path / "bad" / name / f"{number}.png").write_text("no")
    with pytest.raises(CbirError, match="nothing to evaluate"):
        drive(drive.engine.evaluate(str(tmp_path / "bad"), ["classic"]))
