"""The Models dialog: what is here, what can be had, and a download from start to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.encoders import weights
from cbir.errors import DownloadFailed
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts

Download = Callable[..., Path]


def open_dialog(window: Window, wait_until: WaitUntil) -> list[str]:
    window.models.show()
    settle(window, wait_until)
    return texts(sheets(window)[0])


def test_what_is_not_here_can_be_downloaded(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, folder: Path, progress: Callable[..., None], _: object) -> Path:
        progress(1_000_000, 46_000_000)
        return folder

    monkeypatch.setattr(weights, "download", download)
    window = open_window()
    told = open_dialog(window, wait_until)
    assert sum(text == "Not on this computer" for text in told) == 2
    assert any("47 MB" in text for text in told)
    press(sheets(window)[0], "Download")
    wait_until(lambda: "downloaded and verified" in window.layout.status.message)
    assert window.layout.status.message == "ResNet18 was downloaded and verified."


def test_a_download_that_fails_says_why(
    open_window: OpenWindow, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(*_: object) -> Path:
        raise DownloadFailed("There is no connection to the internet: try again later.")

    monkeypatch.setattr(weights, "download", download)
    window = open_window()
    open_dialog(window, wait_until)
    window.models.download("clip")
    wait_until(lambda: len(sheets(window)) == 2)
    assert any("no connection" in text for text in texts(sheets(window)[1]))
    assert window.layout.status.message == "The download of CLIP did not work."


def test_weights_of_ones_own_are_shown_as_not_verified(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "resnet18-f37072fd.pth").write_bytes(b"PK\x03\x04 not really")
    window = open_window()
    told = open_dialog(window, wait_until)
    assert "Damaged" in told or "Ready, not verified" in told


def test_closed_while_it_looks_is_no_error(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    window.models.show()
    press(sheets(window)[0], "Close")
    settle(window, wait_until)
    assert not sheets(window)
