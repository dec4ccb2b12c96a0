from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cbir.errors import CbirError
from cbir.settings_file import Preferences
from cbir.work.editing import Edit
from cbir.work.evaluating import EvaluationRequest
from cbir.work.evaluation_table import to_csv
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
    report = drive(
        drive.engine.evaluate(EvaluationRequest(str(folder), ("clip",), methods=("exact",)))
    )
    assert (report.images, report.classes) == (8, ("blue", "red"))
    assert [Path(skipped.path).name for skipped in report.skipped] == ["bad.png"]
    assert [(result.space, result.figures.metric) for result in report.results] == [
        ("clip", "cosine"),
        ("clip", "euclidean"),
    ]
    figures = [result.figures for result in report.results]
    assert all(one.nearest == one.mean_average_precision == 1 for one in figures)
    wanted = EvaluationRequest(str(folder), ("clip",), ("cosine",), grey=True)
    grey = drive(drive.engine.evaluate(wanted))
    assert grey.grey and [result.figures.method for result in grey.results] == ["exact", "lsh"]
    assert grey.results[0].figures.confusions  # all the same without their colour


def test_a_folder_without_classes_is_refused(drive: Driver, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="two subfolders"):
        drive(drive.engine.evaluate(EvaluationRequest(str(pictures), ("classic",))))
    for name in ("a", "b"):
        draw(tmp_path / "single" / name / "one.png", (9, 9, 9))
    with pytest.raises(CbirError, match="two subfolders"):
        drive(drive.engine.evaluate(EvaluationRequest(str(tmp_path / "single"), ("classic",))))
    for name in ("a", "b"):
        (tmp_path / "bad" / name).mkdir(parents=True)
        for number in range(2):
            (tmp_path / "bad" / name / f"{number}.png").write_text("no")
    with pytest.raises(CbirError, match="nothing to evaluate"):
        drive(drive.engine.evaluate(EvaluationRequest(str(tmp_path / "bad"), ("classic",))))


def test_an_empty_library_and_one_on_several_drives_are_told(
    drive: Driver, tmp_path: Path, colour: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = EvaluationRequest("", ("clip",), from_library=True)
    for labels in ("folders", "tags"):
        with pytest.raises(CbirError, match=r"^This library is empty"):
            drive(drive.engine.evaluate(replace(wanted, labels=labels)))
    drive(drive.engine.index([str(make_classes(tmp_path / "classes"))], ["clip"]))

    def on_drives(paths: object) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("os.path.commonpath", on_drives)
    with pytest.raises(CbirError, match=r"lie on several drives.*choose one"):
        drive(drive.engine.evaluate(wanted))
    with pytest.raises(CbirError, match=r"^Too few pictures of the library have tags: at least"):
        drive(drive.engine.evaluate(replace(wanted, labels="tags")))


def test_the_library_s_own_vectors_are_used_and_what_it_lacks_is_made(
    drive: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    folder = make_classes(tmp_path / "classes")
    drive(drive.engine.index([str(folder)], ["clip"]))
    colour.batches.clear()
    wanted = EvaluationRequest("", ("clip",), from_library=True, k=3)
    report = drive(drive.engine.evaluate(wanted))
    assert (report.folder, report.images) == (str(folder), 8)
    assert colour.batches == []  # nothing was embedded again
    assert [result.figures.precision for result in report.results] == [1.0] * 4
    classic = EvaluationRequest(str(folder), ("classic",), from_library=True)
    assert drive(drive.engine.evaluate(classic)).images == 8
    outside = make_classes(tmp_path / "outside")
    report = drive(drive.engine.evaluate(EvaluationRequest(str(outside), ("clip",), k=3)))
    assert colour.batches and all(picture.record is None for picture in report.results[0].pictures)


def test_tags_are_labels_and_examples_are_the_library_s_records(
    drive: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    folder = make_classes(tmp_path / "classes")
    drive(drive.engine.index([str(folder)], ["clip"]))
    wanted = EvaluationRequest(str(folder), ("clip",), labels="tags", from_library=True, k=2)
    with pytest.raises(CbirError, match=r"Too few pictures .* have tags"):
        drive(drive.engine.evaluate(wanted))
    records = drive(drive.engine.ask("Look", list))
    for number, record in enumerate(records):  # tags that have nothing to do with colours
        tag = "=odd" if number % 2 else "even"
        drive(drive.engine.edit(record.id, Edit(add_tags=(tag,))))
    report = drive(drive.engine.evaluate(wanted))
    assert report.classes == ("=odd", "even")
    result = report.results[0]
    pair = result.figures.confusions[0]
    assert result.records(pair) and len(result.records(pair)) == len(result.examples(pair))
    table = to_csv(report).decode("utf-8-sig").splitlines()
    assert table[0].startswith("space,metric,method,k,precision,map")
    assert table[0].endswith(",compared,target")
    assert table[1].startswith("clip,cosine,exact,2,") and table[1].endswith(",")
    assert table[2].startswith("clip,cosine,lsh,2,") and table[2].endswith(",0.95")
    assert any(",'=odd,even," in line for line in table)  # no formula for a spreadsheet


def test_lsh_aims_at_what_the_settings_say(
    drive: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    folder = make_classes(tmp_path / "classes")
    drive(drive.engine.index([str(folder)], ["clip"]))
    drive.engine.prefer(Preferences(recall=0.8))
    wanted = EvaluationRequest(str(folder), ("clip",), ("cosine",), from_library=True)
    assert drive(drive.engine.evaluate(wanted)).recall == 0.8
    measured = drive(drive.engine.measure_recall("clip", "cosine"))
    assert measured.at(0.8).target == 0.8
    drive.engine.prefer(Preferences(recall=0.97))
    measured = drive(drive.engine.measure_recall("clip", "cosine"))
    assert measured.at(0.97).target == 0.97
