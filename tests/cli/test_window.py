from __future__ import annotations

from pathlib import Path

import pytest

from cbir import __main__ as launcher
from cbir.config import Settings
from cbir.errors import CbirError
from tests.cli.conftest import Cbir


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, str | None]]:
    """Stands in for the window: what it was opened with."""
    calls: list[tuple[Settings, str | None]] = []

    def open_window(settings: Settings, folder: str | None) -> int:
        calls.append((settings, folder))
        return 0

    monkeypatch.setattr(launcher, "_open_window", open_window)
    return calls


def test_no_command_opens_the_window(
    cbir: Cbir, library: Path, opened: list[tuple[Settings, str | None]]
) -> None:
    assert cbir().status == 0
    [(settings, folder)] = opened
    assert (settings.library, folder) == (library, None)


def test_gui_takes_a_folder_to_index(
    cbir: Cbir, pictures: Path, opened: list[tuple[Settings, str | None]]
) -> None:
    assert cbir("gui").status == 0
    chosen = ("--device", "cpu", "--exclude", "raw", "--newest-first")
    assert cbir("gui", pictures, *chosen).status == 0
    assert [folder for _, folder in opened] == [None, str(pictures)]
    settings = opened[1][0]
    assert (settings.device, settings.excludes, settings.newest_first) == ("cpu", ("raw",), True)


def test_a_window_that_cannot_open_says_why(cbir: Cbir, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_display(settings: Settings, folder: str | None) -> int:
        raise CbirError("There is no display.")

    monkeypatch.setattr(launcher, "_open_window", no_display)
    assert cbir("gui").complaint == "There is no display."
