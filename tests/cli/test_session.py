from __future__ import annotations

import threading

import pytest

from cbir.cli.session import session
from cbir.config import Settings
from cbir.errors import CbirError, LibraryReadOnly
from cbir.library import Library
from cbir.work.worker import JobCancelled, JobRun


def test_reading_makes_no_file(settings: Settings) -> None:
    with session(settings) as opened:
        assert len(opened.open()) == 0
    assert not settings.library.parent.exists()


def test_writing_wants_the_library_for_itself(settings: Settings) -> None:
    settings.library.parent.mkdir()
    with (
        Library.open(settings.library),
        pytest.raises(LibraryReadOnly),
        session(settings, writes=True) as opened,
    ):
        opened.open()
    with session(settings, writes=True) as opened:
        assert not opened.open().read_only


def test_a_jobs_error_comes_out_and_the_library_is_let_go(settings: Settings) -> None:
    def fail(library: Library) -> None:
        raise CbirError("No.")

    with pytest.raises(CbirError, match=r"No\."), session(settings, writes=True) as opened:
        opened.open()
        opened.wait(opened.engine.ask("Fail", fail))
    with Library.open(settings.library) as library:
        assert not library.read_only


def test_ctrl_c_while_the_library_opens_ends_the_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session(settings) as opened:
        opening = opened.engine.open

        def interrupted() -> object:
            job = opening()
            job.cancel()
            return job

        monkeypatch.setattr(opened.engine, "open", interrupted)
        with pytest.raises(JobCancelled):
            opened.open()


def test_what_still_runs_is_waited_for_and_its_calls_are_not_run(settings: Settings) -> None:
    began, ended = threading.Event(), threading.Event()

    def task(run: JobRun) -> None:
        began.set()
        try:
            run.call(lambda: pytest.fail("a call was run after the command had ended"))
        finally:
            ended.set()

    with session(settings) as opened:
        opened.engine._housekeeper.submit("Fold", task)
        assert began.wait(60)
    assert ended.is_set()


def test_a_second_ctrl_c_waits_for_nothing(settings: Settings) -> None:
    release = threading.Event()
    with pytest.raises(KeyboardInterrupt), session(settings) as opened:
        opened.engine._housekeeper.submit("Fold", lambda _: release.wait(60))
        raise KeyboardInterrupt
    assert not opened.engine.idle
    release.set()


def test_a_fold_that_an_earlier_command_dropped_is_done_to_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A short command has not the time: else a large library would never be folded."""
    settings.library.parent.mkdir()
    with Library.open(settings.library) as library:
        for number in range(3000):
            library.add_root(f"/pictures/{number}")
            if library.needs_fold:
                break
    with session(settings, writes=True) as opened:
        opened.open()
    assert "Folding the journal" in capsys.readouterr().err
    with Library.open(settings.library) as library:
        assert not library.needs_fold
        assert len(library.roots) > 1
    with session(settings, writes=True) as opened:
        opened.open()
    assert capsys.readouterr().err == ""
