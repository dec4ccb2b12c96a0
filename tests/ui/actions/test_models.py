"""The Models dialog: what is here, what can be had, and a download from start to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cbir.encoders import weights
from cbir.errors import DownloadFailed
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from tests.encoders import loopback
from tests.encoders.loopback import Loopback
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts

Download = Callable[..., Path]

HEADER = b'{"a":{"data_offsets":[0,4000000]}}'
CONTENT = {
    "config.json": b"{}" * 50,
    "tokenizer.json": b"{}" * 60,
    "model.safetensors": len(HEADER).to_bytes(8, "little") + HEADER + bytes(4_000_000),
}


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


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A server for CLIP's files, which are small ones."""
    with loopback.running(CONTENT) as server:
        loopback.publish(monkeypatch, server)
        yield server


def buttons(window: Window, name: str) -> list[str]:
    """The buttons that a card shows now."""
    card = window.models._cards[name]
    window.root.update()
    every = (card.download, card.cancel, card.remove)
    return [str(button.cget("text")) for button in every if button.winfo_ismapped()]


def test_what_a_card_says(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    told = open_dialog(window, wait_until)
    assert "CLIP ViT-B/32 (OpenAI)" in told
    assert "Finds pictures by words, and pictures of similar meaning." in told
    assert "609 MB to download · licence MIT" in told
    assert buttons(window, "clip") == ["Download"]


def test_a_download_is_followed_cancelled_and_resumed_in_the_dialog(
    open_window: OpenWindow, wait_until: WaitUntil, server: Loopback, tmp_path: Path
) -> None:
    release = threading.Event()

    def half_way(handler: loopback.Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:2_000_000])
        release.wait(30)
        handler.wfile.write(content[2_000_000:])

    server.misbehave("model.safetensors", half_way)
    window = open_window()
    open_dialog(window, wait_until)
    card = window.models._cards["clip"]
    card.download.invoke()
    wait_until(lambda: str(card.progress.cget("text")).startswith("2 of 4 MB"))
    assert buttons(window, "clip") == ["Cancel"]
    # The title and the status line follow within a tenth of a second, not at once.
    # Of the half that was sent, what fills no whole block may not be told of yet.
    halves = ("48 % · ", "49 % · ", "50 % · ", "51 % · ")
    wait_until(lambda: window.root.title().startswith(halves))
    wait_until(lambda: window.layout.status.job.title.startswith("Downloading CLIP  2 of 4 MB"))
    press(sheets(window)[0], "Close")
    open_dialog_again(window)  # it still tells of the download
    assert buttons(window, "clip") == ["Cancel"]
    card = window.models._cards["clip"]
    card.cancel.invoke()
    assert card.progress.cget("text") == "Cancelling…"
    release.set()
    settle(window, wait_until)
    message = window.layout.status.message
    assert message.startswith("The download of model.safetensors was cancelled. 2.0 of 4.0 MB")
    assert card.state_label.cget("text") == "Only a part is on this computer"
    assert buttons(window, "clip") == ["Resume (2 of 4 MB)", "Remove…"]
    server.forget()
    card.download.invoke()
    wait_until(lambda: "downloaded and verified" in window.layout.status.message)
    settle(window, wait_until)
    assert server.ranges == ["bytes=2000000-"]
    assert card.state_label.cget("text") == "Ready, verified"
    assert buttons(window, "clip") == ["Remove…"]
    assert window.context.facts.space("clip").available


def open_dialog_again(window: Window) -> None:
    window.models.show()
    window.root.update()


def test_weights_are_removed_once_that_is_confirmed(
    open_window: OpenWindow, wait_until: WaitUntil, server: Loopback, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "clip-vit-base-patch32"
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    window = open_window()
    open_dialog(window, wait_until)
    card = window.models._cards["clip"]
    assert buttons(window, "clip") == ["Remove…"]
    card.remove.invoke()
    asked = next(child for child in card.winfo_children() if isinstance(child, Sheet))
    assert any("it works until cbir is closed" in text for text in texts(asked))
    press(asked, "Cancel")
    assert folder.exists()
    card.remove.invoke()
    asked = next(child for child in card.winfo_children() if isinstance(child, Sheet))
    press(asked, "Remove")
    settle(window, wait_until)
    assert not folder.exists()
    assert window.layout.status.message == "Removed the weights of CLIP: 3 files, 4 MB freed."
    assert buttons(window, "clip") == ["Download"]
    assert not window.context.facts.space("clip").available


def test_weights_that_cannot_be_removed_say_why(
    open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    window = open_window()
    open_dialog(window, wait_until)
    window.models._remove("clip")  # as another program was quicker
    wait_until(lambda: len(sheets(window)) == 2)
    assert any("There is nothing to remove" in text for text in texts(sheets(window)[1]))


def test_closed_while_it_looks_is_no_error(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    window.models.show()
    press(sheets(window)[0], "Close")
    settle(window, wait_until)
    assert not sheets(window)
