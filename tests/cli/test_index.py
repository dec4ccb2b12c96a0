from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cbir.cli.session import Session
from cbir.library import Library
from cbir.work.indexing import IndexReport
from cbir.work.worker import Job, JobCancelled
from tests.cli.conftest import Cbir
from tests.conftest import draw
from tests.fakes import ColourEncoder

KEYS = {
    "added",
    "updated",
    "moved",
    "unchanged",
    "missing",
    "ignored",
    "skipped",
    "total",
    "seconds",
    "images_per_second",
    "spaces",
}


def test_first_and_second_run(cbir: Cbir, pictures: Path) -> None:
    first = cbir("index", pictures, "--json")
    assert (first.status, first.err) == (0, "")
    assert first.document.keys() >= KEYS
    assert first.document["added"] == first.document["total"] == 12
    assert first.document["spaces"] == {"classic": 12}
    assert first.document["skipped"] == []
    again = cbir("index", pictures, "--json").document
    assert (again["added"], again["unchanged"], again["total"]) == (0, 12, 12)


def test_changed_moved_and_missing_files_are_counted(cbir: Cbir, indexed: Path) -> None:
    (indexed / "red_0.png").rename(indexed / "crimson.png")
    (indexed / "blue_0.png").unlink()
    draw(indexed / "green_0.png", (1, 2, 3), (40, 40))
    (indexed / "notes.txt").write_text("not a picture")
    document = cbir("index", indexed, "--json").document
    counts = {key: document[key] for key in ("added", "updated", "moved", "missing", "ignored")}
    assert counts == {"added": 0, "updated": 1, "moved": 1, "missing": 1, "ignored": 1}
    assert document["total"] == 12


def test_a_bad_picture_is_skipped_with_its_reason(cbir: Cbir, pictures: Path) -> None:
    for number in range(7):
        (pictures / f"bad_{number}.png").write_bytes(b"no picture %d" % number)
    document = cbir("index", pictures, "--json").document
    assert (document["added"], len(document["skipped"])) == (12, 7)
    assert all(skipped["reason"] for skipped in document["skipped"])
    said = cbir("index", pictures)
    assert "Skipped 7 files:" in said.out
    assert "bad_0.png: " in said.out
    assert "and 2 more (-v shows all)" in said.out
    assert "bad_6.png" not in said.out
    assert "bad_6.png" in cbir("index", pictures, "-v").out


def test_text_says_what_happened_and_which_spaces_were_left_out(
    cbir: Cbir, pictures: Path, library: Path
) -> None:
    said = cbir("index", pictures)
    assert said.out.startswith("Indexed 12 pictures in ")
    assert f"{library} holds 12 records.\nVectors: classic 12.\n" in said.out
    assert "Without resnet18: " in said.out
    assert "cbir models download clip" in said.out
    assert "Without" not in cbir("index", pictures, "--space", "classic").out


def test_a_folder_without_pictures_is_no_error(cbir: Cbir, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = cbir("index", tmp_path / "empty", "--json")
    assert said.status == 0
    assert said.document["total"] == 0
    assert said.err == f"cbir: No pictures were found in {tmp_path / 'empty'}.\n"


def test_a_path_that_does_not_exist(cbir: Cbir, pictures: Path, library: Path) -> None:
    assert "nowhere" in cbir("index", pictures, pictures / "nowhere", "--json").complaint
    assert not library.parent.exists()


def test_a_space_without_weights(cbir: Cbir, pictures: Path) -> None:
    complaint = cbir("index", pictures, "--space", "clip", "--json").complaint
    assert "cbir models download clip" in complaint


def test_several_spaces_and_paths(
    cbir: Cbir, pictures: Path, colour_clip: ColourEncoder, tmp_path: Path
) -> None:
    single = shutil.copy(pictures / "red_0.png", tmp_path / "single.png")
    document = cbir(
        "index", pictures, single, "--space", "classic", "--space", "clip", "--json"
    ).document
    assert document["spaces"] == {"classic": 13, "clip": 13}


def test_odd_names_come_back_whole_and_are_shown_escaped(cbir: Cbir, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    draw(folder / "plain.png", (9, 9, 9))
    for name in (b"latin\xe9.png", b"new\nline.png", b"\x1b[31m.png"):
        shutil.copy(folder / "plain.png", os.path.join(os.fsencode(folder), name))
    bad = os.path.join(os.fsencode(folder), b"bad\xff\n.png")
    Path(os.fsdecode(bad)).write_bytes(b"nothing")
    [skipped] = cbir("index", folder, "--json").document["skipped"]
    assert os.fsencode(skipped["path"]) == bad
    assert "bad\\udcff\\n.png" in cbir("index", folder).out
    names = {Path(r["path"]).name for r in cbir("list", "--json").document["records"]}
    assert names == {"latin\udce9.png", "new\nline.png", "\x1b[31m.png", "plain.png"}
    listing = cbir("list").out
    assert listing.count("\n") == 5
    assert "\x1b" not in listing


def test_a_library_that_another_process_writes(cbir: Cbir, indexed: Path, library: Path) -> None:
    with Library.open(library):
        assert cbir("index", indexed, "--json").complaint
        assert cbir("list", "--json").document["total"] == 12


def _interrupted(result: IndexReport | None) -> Callable[[Session, Job], Any]:
    wait = Session.wait

    def wait_until_ctrl_c(self: Session, job: Job, *, more: bool = False) -> Any:
        ended = wait(self, job)
        if job.title == "Index":
            raise JobCancelled(result)
        return ended

    return wait_until_ctrl_c


def test_ctrl_c_keeps_and_reports_what_was_done(
    cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = IndexReport(7, 0, 0, 2, 0, 0, (), 9, 1.5, 4.7, {"classic": 9})
    monkeypatch.setattr(Session, "wait", _interrupted(report))
    said = cbir("index", pictures, "--json")
    assert said.status == 130
    assert (said.document["added"], said.document["total"]) == (7, 9)
    assert "the 7 pictures indexed so far are kept" in said.err
    said = cbir("index", pictures)
    assert said.out.startswith("Indexed 9 pictures in 1.5 s: 7 new, 2 unchanged.")


def test_ctrl_c_before_anything_was_done(
    cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "wait", _interrupted(None))
    said = cbir("index", pictures, "--json")
    assert (said.status, said.out) == (130, "")


def test_excludes_and_the_order_are_chosen_in_the_terminal(cbir: Cbir, pictures: Path) -> None:
    draw(pictures / "cache" / "x.png", (9, 9, 9))
    draw(pictures / "new" / "y.png", (9, 9, 9))
    os.utime(pictures, (1000, 1000))
    said = cbir(
        "index", pictures, "--exclude", "cache", "--exclude", "red_*", "--newest-first", "--json"
    )
    assert (said.status, said.document["added"]) == (0, 11)
    assert cbir("list", "--json").document["records"][0]["path"] == str(pictures / "new" / "y.png")


def test_other_file_systems_that_were_not_entered_are_told(
    cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(pictures / "drive" / "x.png", (9, 9, 9))

    def elsewhere(walk: Any, status: os.stat_result) -> bool:
        return walk._devices is not None and os.path.samestat(status, os.stat(pictures / "drive"))

    monkeypatch.setattr("cbir.images.walk._Walk._is_elsewhere", elsewhere)
    said = cbir("index", pictures, "--json")
    assert (said.status, said.document["added"]) == (0, 12)
    assert said.document["not_entered"] == [str(pictures / "drive")]
    assert said.err.startswith(
        f"cbir: Not entered, as it is on another file system: {pictures / 'drive'}."
    )
    assert cbir("index", pictures, "--cross-file-systems", "--json").document["added"] == 1
