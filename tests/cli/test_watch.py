from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cbir.cli.session import Session
from cbir.work.watching import WatchReport
from tests.cli.conftest import Cbir
from tests.conftest import draw

Steps = Iterator[tuple[str, ...]]


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Steps], None]:
    """``changes(steps)``: what is told to have changed, step by step, and then Ctrl-C."""

    def play(steps: Steps) -> None:
        def next_change(_session: Session) -> tuple[str, ...]:
            for paths in steps:
                return paths
            raise KeyboardInterrupt

        monkeypatch.setattr(Session, "next_change", next_change)

    return play


def test_what_changes_is_told_line_by_line_and_in_all(
    cbir: Cbir, pictures: Path, changes: Callable[[Steps], None]
) -> None:
    def steps() -> Steps:
        yield (str(draw(pictures / "new.png", (1, 2, 3))),)
        yield (str(pictures / "gone.txt"),)  # nothing of note
        (pictures / "red_0.png").rename(pictures / "crimson.png")
        (pictures / "blue_0.png").unlink()
        yield tuple(str(pictures / name) for name in ("red_0.png", "crimson.png", "blue_0.png"))

    changes(steps())
    said = cbir("watch", pictures)
    assert said.status == 130
    lines = [line.split("  ", 1)[-1] for line in said.out.splitlines()]
    assert lines[0].startswith("Indexed 12 pictures in ")
    assert lines[1] == f"Watching {pictures}: Ctrl-C ends it."
    assert lines[2:4] == ["Picked up: 1 new.", "Picked up: 1 moved, 1 missing."]
    assert lines[4] == (
        "In all 13 added, 0 updated, 1 moved, 1 missing; the library holds 13 records."
    )
    assert cbir("list", "--json").document["total"] == 13


def test_without_a_name_every_folder_of_the_library_is_watched(
    cbir: Cbir, indexed: Path, changes: Callable[[Steps], None]
) -> None:
    changes(iter([(str(draw(indexed / "new.png", (1, 2, 3))),)]))
    said = cbir("watch", "--json")
    assert said.status == 130
    document = said.document
    assert document["folders"] == [str(indexed)] and document["refused"] == {}
    assert (document["added"], document["batches"], document["total"]) == (1, 1, 13)
    assert f"cbir: Watching {indexed}: Ctrl-C ends it.\n" in said.err


def test_a_folder_of_the_library_that_is_not_there_is_told(
    cbir: Cbir, indexed: Path, changes: Callable[[Steps], None]
) -> None:
    other = draw(indexed.parent / "other" / "1.png", (3, 2, 1)).parent
    cbir("index", other, "--space", "classic")
    other.rename(indexed.parent / "elsewhere")
    changes(iter(()))
    said = cbir("watch", "--json")
    assert said.document["folders"] == [str(indexed)]
    assert f"cbir: 1 folder is not there: {other}.\n" in said.err
    indexed.rename(indexed.parent / "away")
    complaint = cbir("watch").complaint
    assert complaint == f"2 folders are not there: {indexed}, {other}."


def test_there_must_be_a_folder(cbir: Cbir, pictures: Path) -> None:
    cbir("index", pictures / "red_0.png", "--space", "classic")
    assert "`cbir watch FOLDER` indexes one" in cbir("watch").complaint
    assert "is not a folder" in cbir("watch", pictures / "red_0.png").complaint
    assert "is not a folder" in cbir("watch", pictures / "nowhere").complaint


def test_no_library_is_made_for_a_wrong_name(cbir: Cbir, pictures: Path, library: Path) -> None:
    assert "is not a folder" in cbir("watch", pictures / "nowhere").complaint
    assert not library.parent.exists()


def test_where_nothing_can_be_watched_the_folder_is_indexed_and_the_reason_told(
    cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = WatchReport((), {str(pictures): "The system's limit of watches is reached."})
    monkeypatch.setattr("cbir.work.engine.FolderWatcher.follow", lambda *_: refused)
    assert cbir("watch", pictures).complaint == "The system's limit of watches is reached."
    assert cbir("list", "--json").document["total"] == 12


def test_without_watchdog_the_extra_is_named(
    cbir: Cbir, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    assert cbir("watch", pictures).complaint.endswith("pip install 'cbir[watch]'")


def test_a_new_file_is_picked_up_and_ctrl_c_ends_it(pictures: Path, library: Path) -> None:
    command = [sys.executable, "-m", "cbir", "--library", str(library), "watch", "--json"]
    with subprocess.Popen(
        [*command, str(pictures)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        end = threading.Timer(120, process.kill)
        end.start()
        assert process.stderr is not None and process.stdout is not None
        for line in process.stderr:
            if "Watching" in line:
                draw(pictures / "new.png", (1, 2, 3))
            if "Picked up: 1 new." in line:
                process.send_signal(signal.SIGINT)
                break
        document = json.loads(process.stdout.read())
        assert process.stderr.read() == ""
        assert process.wait() == 130
        end.cancel()
    assert (document["added"], document["total"]) == (13, 13)
