from __future__ import annotations

import io
import sys

import pytest

from cbir.cli.progress import ProgressLine, stderr_progress
from cbir.work.messages import LibraryChanged, Notice, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make(*, live: bool) -> tuple[ProgressLine, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return ProgressLine(stream, live=live, clock=clock), stream, clock


def shown(stream: io.StringIO) -> str:
    """What the terminal's line shows now."""
    return stream.getvalue().rpartition("\r")[2].rstrip()


def test_a_terminal_sees_count_speed_time_left_and_skipped() -> None:
    line, stream, clock = make(live=True)
    line.on_event(Progress(1, 0, 1000))
    clock.now += 4
    line.on_event(Progress(1, 1, 1000))
    clock.now += 4
    line.on_event(Progress(1, 201, 1000, "/photos", skipped=3))
    assert shown(stream).startswith("201 of 1,000 images · 50.0 images/s · 16 s left · 3 skipped")


def test_the_line_is_taken_away_without_escape_sequences() -> None:
    line, stream, clock = make(live=True)
    line.clear()
    assert stream.getvalue() == ""
    line.on_event(Progress(1, 0, None, "looking for pictures"))
    assert shown(stream) == "looking for pictures"
    clock.now += 1
    line.on_event(Progress(1, 0, 9))
    assert shown(stream) == "0 of 9 images"
    line.clear()
    assert stream.getvalue().endswith(" " * len("0 of 9 images") + "\r")
    assert "\x1b" not in stream.getvalue()
    line.clear()


def test_a_flood_of_events_is_thinned_out() -> None:
    line, stream, clock = make(live=True)
    for done in range(1000):
        clock.now += 0.001
        line.on_event(Progress(1, done, 1000))
    assert stream.getvalue().count("\r") <= 11


def test_elsewhere_short_jobs_are_silent_and_long_ones_sparse() -> None:
    line, stream, clock = make(live=False)
    for done in range(35):
        line.on_event(Progress(1, done, 35))
        clock.now += 1
    line.clear()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[0] == "cbir: 10 of 35 images · 1.0 images/s · 25 s left"


def test_the_speed_starts_anew_with_a_new_count() -> None:
    line, stream, clock = make(live=True)
    line.on_event(Progress(1, 0, 10, "classic"))
    clock.now += 100
    line.on_event(Progress(1, 10, 10, "classic"))
    clock.now += 1
    line.on_event(Progress(1, 0, 10, "clip"))
    clock.now += 1
    line.on_event(Progress(1, 1, 10, "clip"))
    clock.now += 1
    line.on_event(Progress(1, 6, 10, "clip"))
    assert shown(stream) == "6 of 10 images · 5.0 images/s · clip"


def test_downloads_are_counted_in_bytes() -> None:
    line, stream, clock = make(live=True)
    line.on_event(Progress(1, 0, 600_000_000, unit="bytes"))
    for done in (2_000_000, 8_000_000):
        clock.now += 3
        line.on_event(Progress(1, done, 600_000_000, unit="bytes"))
    assert shown(stream) == "8 of 600 MB · 2.0 MB/s · 5 min left"
    clock.now += 99
    line.on_event(Progress(1, 8_000_001, 600_000_000, unit="bytes"))
    assert shown(stream) == "8 of 600 MB · 0 bytes/s · over a day left"


def test_names_in_the_line_cannot_steer_the_terminal() -> None:
    line, stream, _ = make(live=True)
    line.on_event(Progress(1, 0, None, "/a\n\x1b[2J"))
    assert shown(stream) == "/a\\n\\x1b[2J"


def test_other_events_say_nothing() -> None:
    line, stream, _ = make(live=True)
    line.on_event(LibraryChanged(1, 2))
    assert stream.getvalue() == ""


class _Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_stderr_does_not_end_the_job() -> None:
    clock = Clock()
    line = ProgressLine(_Gone(), live=True, clock=clock)
    for done in range(3):
        clock.now += 1
        line.on_event(Progress(1, done, 3))
    line.clear()
    ProgressLine(None, live=True).on_event(Progress(1, 1, 2))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "verbose", "lives"),
    [("xterm", False, True), ("dumb", False, False), ("xterm", True, False)],
)
def test_only_a_real_terminal_without_log_lines_is_rewritten(
    monkeypatch: pytest.MonkeyPatch, terminal: str, verbose: bool, lives: bool
) -> None:
    stream = _Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", terminal)
    stderr_progress(verbose).on_event(Progress(1, 1, 2))
    assert bool(stream.getvalue()) == lives


def test_a_program_without_stderr_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    stderr_progress(False).on_event(Progress(1, 1, 2))


def test_a_notice_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    line, stream, _ = make(live=True)
    line.on_event(Progress(1, 2, 10))
    line.on_event(Notice("The CPU does it from here on."))
    assert shown(stream) == ""
    assert capsys.readouterr().err == "cbir: The CPU does it from here on.\n"
