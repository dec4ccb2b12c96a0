"""Records of a library that an earlier program made learn when their pictures were taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from cbir.library import Library
from cbir.records import NOT_READ, UNDATED, Record
from cbir.work.messages import LibraryChanged
from tests.images.test_taken import NOON, TEXT, exif_of
from tests.work.conftest import Driver


def undated(record: Record) -> Record:
    return replace(record, file=replace(record.file, taken=NOT_READ))


@pytest.fixture
def library(drive: Driver, tmp_path: Path) -> Library:
    """Of two pictures, one of them dated, as an earlier program left it."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, exif in (("dated.jpg", exif_of(DateTimeOriginal=TEXT)), ("plain.jpg", Image.Exif())):
        Image.new("RGB", (40, 30), (200, 30, 30)).save(folder / name, exif=exif.tobytes())
    drive(drive.engine.index([str(folder)], ["classic"]))
    library: Library = drive(drive.engine.ask("Take", lambda library: library))
    library.amend([1, 2], undated)
    return library


def test_a_refresh_reads_the_dates_of_unchanged_files_once(drive: Driver, library: Library) -> None:
    report = drive(drive.engine.refresh(["classic"]))
    assert (report.unchanged, report.updated) == (2, 0)
    assert library.get(1).file.taken_at == NOON
    assert library.get(2).file.taken == UNDATED
    assert [event for event in drive.events if isinstance(event, LibraryChanged)]
    version = library.version
    drive(drive.engine.refresh(["classic"]))
    assert library.version == version


def test_a_file_that_is_damaged_meanwhile_keeps_its_record(drive: Driver, library: Library) -> None:
    path = Path(library.get(1).path)
    seen = path.stat()
    path.write_bytes(b"\xff\xd8\xff" + bytes(seen.st_size - 3))
    known = replace(library.get(1).file, mtime_ns=path.stat().st_mtime_ns)
    library.amend([1], lambda record: replace(record, file=known))
    assert drive(drive.engine.refresh(["classic"])).unchanged == 2
    assert library.get(1).file.taken == UNDATED


def test_pictures_that_are_decoded_apart_are_dated_too(drive: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name, exif in (("dated.tif", exif_of(DateTimeOriginal=TEXT)), ("plain.tif", Image.Exif())):
        Image.new("RGB", (40, 30), (200, 30, 30)).save(folder / name, exif=exif.tobytes())
    drive(drive.engine.index([str(folder)], ["classic"]))
    library: Library = drive(drive.engine.ask("Take", lambda library: library))
    library.amend([1, 2], undated)
    drive(drive.engine.refresh(["classic"]))
    assert library.get(1).file.taken_at == NOON
    assert library.get(2).file.taken == UNDATED
