from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps

from cbir.errors import SpaceEmpty
from cbir.work.duplicates import Duplicates
from cbir.work.messages import Cancelled, Progress
from cbir.work.worker import JobCancelled
from tests.conftest import draw
from tests.work.conftest import Driver


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Two scenes; of the first a copy, a smaller, a brighter and a broken-off one."""
    folder = tmp_path / "copies"
    folder.mkdir()
    scene = Image.linear_gradient("L").resize((200, 160)).convert("RGB")
    scene.paste((200, 40, 40), (30, 40, 90, 120))
    scene.paste((30, 60, 190), (120, 20, 180, 70))
    scene.save(folder / "scene.png")
    (folder / "twin.png").write_bytes((folder / "scene.png").read_bytes())
    scene.resize((160, 128)).save(folder / "small.jpg", quality=90)
    ImageEnhance.Brightness(scene).enhance(1.05).save(folder / "bright.png")
    draw(folder / "other.png", (40, 180, 60))
    return folder


def names(found: Duplicates) -> list[dict[str, str]]:
    return [
        {Path(group.best.path).name: "best"}
        | {Path(copy.record.path).name: copy.level for copy in group.copies}
        for group in found.groups
    ]


def test_levels_and_progress(drive: Driver, copies: Path) -> None:
    drive(drive.engine.index([str(copies)], ["classic"]))
    found = drive(drive.engine.find_duplicates("identical"))
    assert names(found) == [{"scene.png": "best", "twin.png": "identical"}]
    assert (found.space, found.total, found.copies, found.unseen) == (None, 5, 1, ())
    job = drive.engine.find_duplicates("same")
    found = drive(job)
    [group] = names(found)
    assert group["small.jpg"] == "same"
    assert sorted(group) == ["bright.png", "scene.png", "small.jpg", "twin.png"]
    assert found.space == "classic"
    assert found.bytes == sum(copy.record.file.size for copy in found.groups[0].copies)
    told = [event for event in drive.events if isinstance(event, Progress)]
    assert {event.note for event in told if event.job_id == job.id} == {
        "comparing",
        "looking at what is near",
    }


def test_what_cannot_be_opened_goes_by_its_vector(drive: Driver, copies: Path) -> None:
    drive(drive.engine.index([str(copies)], ["classic"]))
    for name in ("small.jpg", "twin.png"):
        (copies / name).unlink()
    drive(drive.engine.refresh(["classic"]))
    found = drive(drive.engine.find_duplicates("alike"))
    [(path, reason)] = found.unseen  # of the twin's content another file is there
    assert (Path(path).name, reason) == ("small.jpg", "no such file")
    [group] = found.groups
    assert not group.best.missing
    members = {copy.record.path: copy.record for copy in group.copies}
    assert members[str(copies / "twin.png")].missing
    assert members[str(copies / "small.jpg")].missing
    assert found.bytes == sum(record.file.size for record in members.values() if not record.missing)


def test_an_empty_library_and_one_without_vectors(drive: Driver, copies: Path) -> None:
    assert drive(drive.engine.find_duplicates("alike")).groups == ()
    drive(drive.engine.index([str(copies)], ["classic"]))
    with pytest.raises(SpaceEmpty):
        drive(drive.engine.find_duplicates("same", "clip"))


def test_it_can_be_cancelled(drive: Driver, copies: Path) -> None:
    drive(drive.engine.index([str(copies)], ["classic"]))
    job = drive.engine.find_duplicates("same")
    job.cancel()
    with pytest.raises(JobCancelled):
        drive(job)
    assert isinstance(drive.events[-1], Cancelled)


def test_mirrored_copies_look_alike_and_are_told(drive: Driver, copies: Path) -> None:
    with Image.open(copies / "scene.png") as scene:
        ImageOps.mirror(scene).save(copies / "mirrored.png")
    drive(drive.engine.index([str(copies)], ["classic"]))
    for level, expected in (("same", set()), ("alike", {"mirrored.png"})):
        found = drive(drive.engine.find_duplicates(level))
        told = {
            Path(c.record.path).name for group in found.groups for c in group.copies if c.mirrored
        }
        assert told == expected
