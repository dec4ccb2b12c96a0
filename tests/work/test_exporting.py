from __future__ import annotations

import base64
import csv
import errno
import html
import io
import json
import os
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cbir.errors import CbirError
from cbir.images import stat_file
from cbir.records import ImageFile, Record
from cbir.work.exporting import (
    Export,
    ExportKind,
    ExportReport,
    neutral,
    to_csv,
    to_html,
    to_json,
)
from cbir.work.worker import JobCancelled
from tests.work.conftest import Driver


def record_of(path: str, id_: int = 1, **more: Any) -> Record:
    return Record(id_, ImageFile(path, 10, 1_700_000_000_000_000_000, "ab", 40, 30), **more)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_table_has_a_row_for_each_hit() -> None:
    records = (
        record_of("/a/sea, blue.jpg", tags=("sea", "blue")),
        record_of("/b.jpg", 2, note="ü\nü"),
    )
    first, second = rows(to_csv(Export("csv", "", records, (0.93, -0.25))))
    assert (first["rank"], first["path"], first["score"]) == ("1", "/a/sea, blue.jpg", "0.93")
    assert (first["tags"], first["width"], first["bytes"]) == ("sea, blue", "40", "10")
    assert first["modified"].startswith("2023-11-1")
    assert (second["score"], second["note"]) == ("-0.25", "ü\nü")


def test_without_a_search_there_are_no_scores() -> None:
    (row,) = rows(to_csv(Export("csv", "", (record_of("/a.jpg"),))))
    assert row["score"] == ""
    assert (
        json.loads(to_json(Export("json", "", (record_of("/a.jpg"),))))["hits"][0]["score"] is None
    )


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_text_is_a_formula(begin: str) -> None:
    record = record_of("/a.jpg", tags=(f"{begin}x",), note=f'{begin}HYPERLINK("http://x")')
    (row,) = rows(to_csv(Export("csv", "", (record,))))
    assert row["note"] == f"'{record.note}"
    assert row["tags"] == f"'{begin}x"


@given(st.text())
def test_whatever_the_note_it_comes_back_but_for_the_apostrophe(note: str) -> None:
    (row,) = rows(to_csv(Export("csv", "", (record_of("/a.jpg", note=note),))))
    told = note.encode("utf-8", "backslashreplace").decode()
    assert row["note"].replace("\r\n", "\n") == neutral(told).replace("\r\n", "\n")
    assert not row["note"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_document_is_ascii_and_keeps_bytes_that_are_no_text() -> None:
    content = to_json(Export("json", "", (record_of("/a\udcff.jpg", tags=("x",)),), (0.5,), "sea"))
    document = json.loads(content.decode("ascii"))
    assert document["query"] == "sea"
    assert document["hits"][0] == {
        "rank": 1,
        "id": 1,
        "path": "/a\udcff.jpg",
        "score": 0.5,
        "width": 40,
        "height": 30,
        "bytes": 10,
        "modified": document["hits"][0]["modified"],
        "missing": False,
        "tags": ["x"],
        "note": "",
    }


class Page(HTMLParser):
    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


_names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@given(name=_names, note=st.text())
def test_nothing_in_a_name_or_note_becomes_part_of_the_page(name: str, note: str) -> None:
    plain = Page(to_html(Export("html", "", (record_of("/a.jpg", note="x"),)), [None]))
    wild = Page(
        to_html(Export("html", "", (record_of(f"/{name}", note=f"x{note}"),), query=name), [None])
    )
    assert wild.tags == plain.tags
    assert {key for key, _ in wild.attributes} == {key for key, _ in plain.attributes}


def test_a_script_in_a_name_is_shown_as_text() -> None:
    name = "<script>alert(1)</script>.jpg"
    content = to_html(Export("html", "", (record_of(f"/{name}"),), (0.5,)), [b"\xff\xd8"])
    assert b"<script" not in content
    assert html.escape(name).encode() in content
    assert b"data:image/jpeg;base64,/9g=" in content


@pytest.fixture
def exported(drive: Driver, tmp_path: Path) -> Callable[..., ExportReport]:
    def export(
        kind: ExportKind, records: list[Record], to: str = "out", **more: Any
    ) -> ExportReport:
        report = drive(
            drive.engine.export(Export(kind, str(tmp_path / to), tuple(records), **more))
        )
        assert isinstance(report, ExportReport)
        return report

    return export


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_page_has_small_pictures_and_nothing_of_the_camera(
    exported: Callable[..., ExportReport], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (900, 600), (200, 40, 40)).save(
        tmp_path / "a.jpg", exif=exif, comment=b"SECRETCOMMENT"
    )
    gone = record_of(str(tmp_path / "gone.jpg"), 2)
    report = exported("html", [record_of(str(tmp_path / "a.jpg")), gone], "out.html")
    assert report.exported == 2
    assert [path for path, _ in report.skipped] == [gone.path]
    content = (tmp_path / "out.html").read_bytes()
    (data,) = re.findall(rb"base64,([^\"]+)", content)
    picture = base64.b64decode(data)
    assert b"SECRET" not in picture
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (320, 213)
        assert not image.getexif()
    assert "no preview" in content.decode()


def test_files_are_copied_and_none_is_overwritten(
    exported: Callable[..., ExportReport], tmp_path: Path, pictures: Path
) -> None:
    red, blue = pictures / "red_0.png", pictures / "blue_0.png"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "red_0.png").write_text("mine")
    records = [record_of(str(red)), record_of(str(blue), 2), record_of(str(tmp_path / "no.png"), 3)]
    report = exported("copy", records)
    assert (report.exported, len(report.skipped)) == (2, 1)
    assert files(tmp_path / "out") == ["blue_0.png", "red_0 (2).png", "red_0.png"]
    assert (tmp_path / "out" / "red_0.png").read_text() == "mine"
    copied = tmp_path / "out" / "red_0 (2).png"
    assert copied.read_bytes() == red.read_bytes()
    assert stat_file(str(copied)).mtime_ns // 10**6 == stat_file(str(red)).mtime_ns // 10**6


def test_long_names_are_cut_where_a_rank_or_a_number_comes_to_them(
    exported: Callable[..., ExportReport], tmp_path: Path, pictures: Path
) -> None:
    long = pictures / ("ü" * 125 + ".jpg")
    (pictures / "red_0.png").rename(long)
    records = [record_of(str(long)), record_of(str(long), 2)]
    assert exported("copy", records, numbered=True).exported == 2
    assert exported("copy", records).exported == 2
    names = files(tmp_path / "out")
    assert len(names) == 4
    assert all(name.endswith(".jpg") for name in names)


def test_a_full_disk_is_no_fault_of_the_picture(
    exported: Callable[..., ExportReport],
    tmp_path: Path,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(source: str, _target: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), source)

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(CbirError, match="No space left"):
        exported("copy", [record_of(str(pictures / "red_0.png"))])
    assert files(tmp_path / "out") == []


def test_names_can_begin_with_ranks(
    exported: Callable[..., ExportReport], tmp_path: Path, pictures: Path
) -> None:
    records = [record_of(str(path), id_) for id_, path in enumerate(sorted(pictures.iterdir()))]
    exported("copy", records, numbered=True)
    names = files(tmp_path / "out")
    assert names[0] == "01 black_0.png"
    assert len(names) == 12


def test_a_link_is_the_same_file(
    exported: Callable[..., ExportReport], tmp_path: Path, pictures: Path
) -> None:
    exported("link", [record_of(str(pictures / "red_0.png"))])
    assert os.path.samefile(tmp_path / "out" / "red_0.png", pictures / "red_0.png")


def test_files_that_cannot_be_linked_are_not_copied_instead(
    exported: Callable[..., ExportReport],
    tmp_path: Path,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def other_drive(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", other_drive)
    with pytest.raises(CbirError, match="same drive, or copy the files"):
        exported("link", [record_of(str(pictures / "red_0.png"))])
    assert files(tmp_path / "out") == []


def test_a_place_that_cannot_be_written_is_told(
    exported: Callable[..., ExportReport], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for kind, to in (("csv", "nowhere/out.csv"), ("copy", "file/out")):
        with pytest.raises(CbirError, match=r"cannot be written .*choose another place"):
            exported(kind, [record_of("/a.jpg")], to)


def test_cancelling_keeps_what_was_copied(
    drive: Driver, tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tuple(record_of(str(path), 1) for path in sorted(pictures.iterdir()))
    copies: list[str] = []
    real = shutil.copy2

    def copy(source: str, target: Path) -> None:
        copies.append(source)
        if len(copies) == 3:
            job.cancel()
        real(source, target)

    monkeypatch.setattr(shutil, "copy2", copy)
    job = drive.engine.export(Export("copy", str(tmp_path / "out"), records))
    with pytest.raises(JobCancelled) as cancelled:
        drive(job)
    assert cancelled.value.result == ExportReport(str(tmp_path / "out"), 3)
    assert len(files(tmp_path / "out")) == 3
