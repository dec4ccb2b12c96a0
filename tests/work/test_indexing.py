from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cbir.config import Settings
from cbir.errors import CbirError, UnreadableImage, VectorsIncompatible, WeightsDamaged
from cbir.images import Loaded, load_image
from cbir.library import Library
from cbir.settings_file import Preferences
from cbir.work.engine import Engine
from cbir.work.indexing import IndexReport
from cbir.work.loop import wait_for
from cbir.work.messages import LibraryChanged, Notice, Progress
from cbir.work.worker import JobCancelled, JobRun
from tests.conftest import COLOURS, draw
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver, close


def counts(report: IndexReport) -> dict[str, int]:
    return {
        name: value
        for name in ("added", "updated", "moved", "unchanged", "missing", "ignored")
        if (value := getattr(report, name))
    }


def index(drive: Driver, *paths: Path, spaces: tuple[str, ...] = ("classic",)) -> IndexReport:
    report = drive(drive.engine.index([str(path) for path in paths], spaces))
    assert isinstance(report, IndexReport)
    return report


def library(drive: Driver) -> Library:
    held = drive.engine._library.result()
    assert isinstance(held, Library)
    return held


def test_a_folder_is_indexed_with_vectors_and_progress(drive: Driver, pictures: Path) -> None:
    report = index(drive, pictures)
    assert counts(report) == {"added": 12}
    assert (report.total, report.spaces) == (12, {"classic": 12})
    assert report.images_per_second > 0
    assert library(drive).roots == (str(pictures),)
    progress = [event for event in drive.events if isinstance(event, Progress)]
    assert (progress[-1].done, progress[-1].total) == (12, 12)
    changes = [event for event in drive.events if isinstance(event, LibraryChanged)]
    assert changes[-1].records == 12


def test_a_refresh_opens_nothing_that_is_unchanged(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    first = index(drive, pictures)
    assert [Path(s.path).name for s in first.skipped] == ["broken.jpg"]

    def never(path: str, **options: Any) -> None:
        raise AssertionError(f"{path} was opened again")

    monkeypatch.setattr("cbir.work.engine.load_image", never)
    again = index(drive, pictures)
    assert counts(again) == {"unchanged": 12}
    assert again.skipped == first.skipped  # still told, with its reason, and not opened


def test_a_skipped_file_that_was_mended_is_indexed_and_forgotten(
    drive: Driver, pictures: Path
) -> None:
    bad = pictures / "broken.png"
    bad.write_bytes(b"not yet")
    assert len(index(drive, pictures).skipped) == 1
    draw(bad, (1, 2, 3))
    report = index(drive, pictures)
    assert counts(report) == {"added": 1, "unchanged": 12}
    assert report.skipped == () and library(drive).skipped == ()


def test_changed_touched_moved_and_deleted_files(drive: Driver, pictures: Path) -> None:
    index(drive, pictures)
    held = library(drive)
    moved = held.find(str(pictures / "red_0.png"))
    changed = held.find(str(pictures / "green_0.png"))
    assert moved is not None and changed is not None
    held.update([replace(moved, tags=("kept",), note="a note")])
    before = held.vector(changed.id, "classic")
    (pictures / "red_0.png").rename(pictures / "crimson.png")
    draw(pictures / "green_0.png", (250, 250, 250), (50, 50))
    os.utime(pictures / "blue_0.png", ns=(1, 1))
    (pictures / "black_0.png").unlink()

    report = index(drive, pictures)
    assert counts(report) == {"moved": 1, "updated": 1, "missing": 1, "unchanged": 9}
    now = held.get(moved.id)
    assert now.path == str(pictures / "crimson.png")
    assert (now.tags, now.note) == (("kept",), "a note")
    assert held.get(changed.id).file.width == 50
    assert (held.vector(changed.id, "classic") != before).any()
    gone = held.find(str(pictures / "black_0.png"))
    assert gone is not None and gone.missing
    assert len(held) == 12

    draw(pictures / "black_0.png", COLOURS["black"])  # it is back
    assert "missing" not in counts(index(drive, pictures))
    back = held.find(str(pictures / "black_0.png"))
    assert back is not None and not back.missing


def test_equal_files_are_two_records(drive: Driver, pictures: Path) -> None:
    twin = pictures / "twin.png"
    twin.write_bytes((pictures / "red_0.png").read_bytes())
    assert counts(index(drive, pictures)) == {"added": 13}
    record = library(drive).find(str(twin))
    assert record is not None
    assert len(library(drive).find_digest(record.file.digest)) == 2


def test_a_copy_of_a_file_on_an_unplugged_drive_is_a_new_record(
    drive: Driver, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(drive, pictures)
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / "red.png").write_bytes((pictures / "red_0.png").read_bytes())
    monkeypatch.setattr("cbir.work.roots.DRIVE_FOLDERS", (str(tmp_path),))
    pictures.rename(tmp_path / "elsewhere")  # the whole root is out of reach
    assert counts(index(drive, copies)) == {"added": 1}
    assert not any(record.missing for record in library(drive))


def test_a_renamed_folder_takes_its_records_along(
    drive: Driver, pictures: Path, tmp_path: Path
) -> None:
    index(drive, pictures)
    renamed = pictures.rename(tmp_path / "renamed")
    assert counts(index(drive, renamed)) == {"moved": 12}
    assert library(drive).roots == (str(renamed),)
    assert all(record.path.startswith(str(renamed)) for record in library(drive))


def test_an_empty_mount_point_and_a_closed_folder_mark_nothing_missing(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pictures / "inner").mkdir()
    (pictures / "red_0.png").rename(pictures / "inner" / "red_0.png")
    index(drive, pictures)
    lstat = os.lstat

    def closed(path: str, **options: object) -> os.stat_result:
        if "inner" in str(path):
            raise PermissionError(13, "Permission denied", path)
        return lstat(path, **options)  # type: ignore[arg-type]

    (pictures / "inner" / "red_0.png").unlink()
    monkeypatch.setattr("cbir.work.roots.os.lstat", closed)
    assert "missing" not in counts(index(drive, pictures))
    monkeypatch.undo()
    for path in sorted(pictures.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert "missing" not in counts(index(drive, pictures))


def test_a_refresh_with_nothing_to_do_opens_no_encoder(
    drive: Driver, pictures: Path, colour: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(drive, pictures, spaces=("clip",))
    drive.engine.models._open.clear()

    def never(*arguments: object) -> None:
        raise AssertionError("an encoder was opened for nothing")

    monkeypatch.setattr("cbir.work.models.registry.open_encoder", never)
    assert index(drive, pictures, spaces=("clip",)).unchanged == 12


def test_a_space_added_later_embeds_only_what_lacks_it(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    index(drive, pictures)
    report = index(drive, pictures, spaces=("classic", "clip"))
    assert report.spaces == {"classic": 12, "clip": 12}
    assert sum(colour.batches) == 12
    assert counts(report) == {"updated": 12}
    assert index(drive, pictures, spaces=("clip",)).unchanged == 12
    assert sum(colour.batches) == 12


def test_models_run_on_the_main_thread_in_calls_that_end_in_time(
    settings: Settings, pictures: Path, colour: ColourEncoder
) -> None:
    engine = Engine(settings, call_seconds=0.05)
    drive = Driver(engine)
    drive(engine.open())
    colour.seconds = 0.02  # a picture: two are within the time, three are not
    index(drive, pictures, spaces=("clip",))
    assert colour.threads == {threading.current_thread()}
    assert sum(colour.batches) == 12 and max(colour.batches) <= 2
    close(engine)


def test_what_an_encoder_has_to_say_is_told_once(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    colour.notice = "The CPU does it from here on."
    index(drive, pictures, spaces=("clip",))
    draw(pictures / "new.png", (5, 5, 5))
    index(drive, pictures, spaces=("clip",))
    told = [event for event in drive.events if isinstance(event, Notice)]
    assert told == [Notice("The CPU does it from here on.")]


def test_precision_is_chosen_on_the_main_thread_before_many_pictures(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    steps = []

    def choose(asked: str) -> Iterator[None]:
        for _ in range(3):
            steps.append((asked, threading.current_thread()))
            yield

    colour.choose_precision = choose  # type: ignore[method-assign]
    index(drive, pictures, spaces=("clip",))
    assert steps == [("auto", threading.current_thread())] * 3
    assert sum(colour.batches) == 12


def test_pictures_that_are_done_do_not_wait_for_a_slow_one(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.work.pipeline.COMMIT_SECONDS", 0.1)
    stored = threading.Event()
    last = str(max(pictures.iterdir()))
    waited = []

    def slow(path: str, **options: Any) -> Loaded:
        if path == last:
            waited.append(path)
            assert stored.wait(60), "nothing was stored while one picture was decoded"
        return load_image(path, **options)

    monkeypatch.setattr("cbir.work.engine.load_image", slow)
    held = library(drive)

    def look(event: object) -> None:
        if isinstance(event, LibraryChanged) and len(held) == 11:
            stored.set()

    job = drive.engine.index([str(pictures)], ["classic"])
    assert wait_for(job, drive.engine.outbox, look).added == 12
    assert waited == [last] and len(held) == 12


def test_other_weights_are_refused_before_any_work(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    index(drive, pictures, spaces=("clip",))
    colour.fingerprint = "colour-2"
    draw(pictures / "new.png", (5, 5, 5))
    with pytest.raises(VectorsIncompatible, match="other weights"):
        index(drive, pictures, spaces=("clip",))
    assert len(library(drive)) == 12


def test_cancelling_keeps_what_was_encoded(
    settings: Settings, pictures: Path, colour: ColourEncoder
) -> None:
    engine = Engine(settings)
    drive = Driver(engine)
    drive(engine.open())
    job = engine.index([str(pictures)], ["clip"])

    def cancel_after_the_first(event: object) -> None:
        if isinstance(event, Progress) and event.done >= 1:
            job.cancel()

    with pytest.raises(JobCancelled) as caught:
        wait_for(job, engine.outbox, cancel_after_the_first)
    report = caught.value.result
    assert report.total == report.added == len(library(drive))
    assert 1 <= report.total < 12
    finished = index(drive, pictures, spaces=("clip",))
    assert (finished.total, finished.added) == (12, 12 - report.total)
    close(engine)


def test_a_record_removed_while_it_is_encoded_stays_removed(
    drive: Driver, pictures: Path, colour: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(drive, pictures)
    held = library(drive)
    encode = colour.encode_prepared

    def remove_meanwhile(batch: object) -> object:
        held.remove([1])
        return encode(batch)

    first = next(iter(held))
    assert first.id == 1
    monkeypatch.setattr(colour, "encode_prepared", remove_meanwhile)
    report = index(drive, pictures, spaces=("clip",))
    assert report.total == 11
    assert held.find(first.path) is None


def test_tags_given_while_a_picture_is_encoded_stay(
    drive: Driver, pictures: Path, colour: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(drive, pictures, spaces=("clip",))
    held = library(drive)
    draw(pictures / "red_0.png", (1, 1, 1), (30, 30))
    encode = colour.encode_prepared
    record = held.find(str(pictures / "red_0.png"))
    assert record is not None

    def tag_meanwhile(batch: object) -> object:
        held.amend([record.id], lambda now: replace(now, tags=("meanwhile",)))
        return encode(batch)

    monkeypatch.setattr(colour, "encode_prepared", tag_meanwhile)
    assert counts(index(drive, pictures, spaces=("clip",)))["updated"] == 1
    now = held.get(record.id)
    assert (now.tags, now.file.width) == (("meanwhile",), 30)
    assert held.vector(record.id, "clip") is not None


def test_a_passing_failure_is_tried_again_though_the_file_did_not_change(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(path: str, **options: Any) -> Loaded:
        if path.endswith("red_0.png"):
            raise UnreadableImage(path, "no such file", lasting=False)
        return load_image(path, **options)

    monkeypatch.setattr("cbir.work.engine.load_image", unplugged)
    assert [s.reason for s in index(drive, pictures).skipped] == ["no such file"]
    held = library(drive)
    assert len(held.skipped) == 1
    with Library.open(held.path, read_only=True) as reopened:  # from the journal
        assert reopened.skipped == held.skipped
    held.fold()
    with Library.open(held.path, read_only=True) as reopened:  # from the snapshot
        assert reopened.skipped == held.skipped
    monkeypatch.undo()
    assert counts(index(drive, pictures)) == {"added": 1, "unchanged": 11}
    assert library(drive).skipped == ()


def test_pictures_that_were_too_large_are_indexed_once_the_limit_lets_them(
    drive: Driver, pictures: Path
) -> None:
    Image.new("RGB", (1600, 1000)).save(pictures / "large.png")
    Image.new("RGB", (3000, 1000)).save(pictures / "larger.png")
    opened = []
    for most in (1, 1, 2):
        drive.engine.prefer(Preferences(max_megapixels=most))
        report = index(drive, pictures)
        opened.append((report.added, [Path(s.path).name for s in report.skipped]))
    both = ["large.png", "larger.png"]
    assert opened == [(12, both), (0, both), (1, ["larger.png"])]
    assert [Path(s.path).name for s in library(drive).skipped] == ["larger.png"]


def test_skipped_files_that_are_gone_leave_the_list_and_a_refresh_writes_nothing(
    drive: Driver, pictures: Path
) -> None:
    for number in range(3):
        (pictures / f"bad_{number}.png").write_text("no picture")
    assert len(index(drive, pictures).skipped) == 3
    version = library(drive).version
    index(drive, pictures)
    assert library(drive).version == version
    (pictures / "bad_0.png").unlink()
    assert len(index(drive, pictures).skipped) == 2
    assert len(library(drive).skipped) == 2


def test_a_root_below_another_that_is_out_of_reach_marks_nothing_missing(
    drive: Driver, pictures: Path, tmp_path: Path
) -> None:
    inner = pictures / "drive"
    draw(inner / "one.png", (7, 7, 7))
    index(drive, pictures, inner)
    inner.rename(tmp_path / "unplugged")
    assert counts(index(drive, pictures)) == {"unchanged": 12}
    assert not any(record.missing for record in library(drive))


def test_two_copies_of_a_moved_file_are_one_moved_and_one_new(
    drive: Driver, pictures: Path
) -> None:
    index(drive, pictures)
    data = (pictures / "red_0.png").read_bytes()
    (pictures / "red_0.png").unlink()
    (pictures / "copy_a.png").write_bytes(data)
    (pictures / "copy_b.png").write_bytes(data)
    assert counts(index(drive, pictures)) == {"moved": 1, "added": 1, "unchanged": 11}


def test_a_file_named_beside_its_folder_and_a_far_date_are_fine(
    drive: Driver, pictures: Path
) -> None:
    os.utime(pictures / "red_0.png", (10_000_000_000, 10_000_000_000))  # the year 2286
    named = [pictures, pictures / "red_0.png", pictures / "red_1.png", pictures]
    assert counts(index(drive, *named)) == {"added": 12}
    assert counts(index(drive, pictures)) == {"unchanged": 12}


def test_damaged_weights_leave_a_space_out_unless_it_was_named(
    drive: Driver, pictures: Path, colour: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = drive.engine.models.get_for_many

    def damaged(run: JobRun, space: str) -> object:
        if space == "clip":
            raise WeightsDamaged("clip's weights are damaged.")
        return opened(run, space)

    monkeypatch.setattr(drive.engine.models, "get_for_many", damaged)
    report = drive(drive.engine.index([str(pictures)]))
    assert (report.added, report.spaces) == (12, {"classic": 12})
    assert report.left_out == {"clip": "clip's weights are damaged."}
    with pytest.raises(WeightsDamaged):
        drive(drive.engine.index([str(pictures)], ["clip"]))


def test_single_files_and_missing_paths(drive: Driver, pictures: Path) -> None:
    assert counts(index(drive, pictures / "red_0.png", pictures / "red_1.png")) == {"added": 2}
    assert library(drive).roots == ()
    with pytest.raises(CbirError, match="nowhere"):
        index(drive, pictures / "nowhere")
    assert len(library(drive)) == 2


def test_a_folder_without_pictures_is_done_at_once(drive: Driver, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("words")
    report = index(drive, tmp_path / "texts")
    assert counts(report) == {"ignored": 1}
    assert report.total == 0


def test_completing_a_space_brings_no_removed_record_back(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    index(drive, pictures)
    removed = library(drive).find(str(pictures / "red_0.png"))
    assert removed is not None
    library(drive).remove([removed.id])
    (pictures / "red_1.png").unlink()
    index(drive, pictures / "blue_0.png", spaces=("clip",))
    report = drive(drive.engine.complete(["clip"]))
    assert report.spaces == {"classic": 11, "clip": 10}  # all there but the one that is gone
    assert library(drive).find(str(pictures / "red_0.png")) is None
    assert [Path(skipped.path).name for skipped in report.skipped] == ["red_1.png"]
    assert sum(colour.batches) == 10


def test_a_path_given_to_another_record_meanwhile_does_not_end_the_run(
    drive: Driver,
    pictures: Path,
    tmp_path: Path,
    colour: ColourEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index(drive, pictures / "red_0.png", spaces=("clip",))
    record = library(drive).get(1)
    encode = colour.encode_prepared

    def locate_meanwhile(batch: object) -> object:
        file = replace(record.file, path=str(pictures / "blue_0.png"))
        library(drive).amend([1], lambda now: replace(now, file=file))
        return encode(batch)

    monkeypatch.setattr(colour, "encode_prepared", locate_meanwhile)
    report = index(drive, pictures, spaces=("clip",))
    assert report.added == 10  # all but the one indexed before and the one it now points to
    assert report.total == 11


def test_what_was_skipped_under_a_renamed_folder_is_listed_at_its_new_place_alone(
    drive: Driver, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "bad.png").write_text("no picture")
    index(drive, pictures)
    renamed = pictures.rename(tmp_path / "renamed")
    index(drive, renamed)
    assert [s.path for s in library(drive).skipped] == [str(renamed / "bad.png")]


def test_the_newest_folders_come_first_and_their_pictures_together(
    settings: Settings, tmp_path: Path
) -> None:
    for number, (folder, names) in enumerate(
        [("b", ("2.png", "10.png")), ("a", ("1.png",)), ("a/new", ("3.png",))]
    ):
        for name in names:
            draw(tmp_path / "p" / folder / name, (10, 10, 10))
        os.utime(tmp_path / "p" / folder, (1000 + number, 1000 + number))
    os.utime(tmp_path / "p" / "a", (500, 500))
    engine = Engine(replace(settings, newest_first=True))
    drive = Driver(engine)
    drive(engine.open())
    index(drive, tmp_path / "p")
    below = [os.path.relpath(record.path, tmp_path / "p") for record in library(drive)]
    assert below == ["a/new/3.png", "b/2.png", "b/10.png", "a/1.png"]
    close(engine)


def test_what_is_excluded_afterwards_stays_and_is_not_missing(
    settings: Settings, drive: Driver, pictures: Path
) -> None:
    draw(pictures / "cache" / "x.png", (1, 2, 3))
    index(drive, pictures)
    drive.engine.settings = replace(settings, excludes=("cache", "red_*"))
    draw(pictures / "cache" / "y.png", (1, 2, 3))
    report = index(drive, pictures)
    assert "added" not in counts(report) and "missing" not in counts(report)
    assert not any(record.missing for record in library(drive))


def test_records_on_a_file_system_that_is_not_entered_are_not_missing(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(pictures / "drive" / "x.png", (1, 2, 3))
    index(drive, pictures)
    monkeypatch.setattr(
        "cbir.images.walk._Walk._is_elsewhere",
        lambda self, status: os.path.samestat(status, os.stat(pictures / "drive")),
    )
    report = index(drive, pictures)
    assert report.not_entered == (str(pictures / "drive"),)
    assert counts(report) == {"unchanged": 12}
    assert not any(record.missing for record in library(drive))
