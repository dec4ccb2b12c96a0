from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cbir.cli import models as commands
from cbir.encoders import weights
from cbir.encoders.part import part_of
from cbir.encoders.weights import WeightsStatus
from cbir.errors import DownloadFailed
from cbir.work import engine
from tests.cli.conftest import Cbir
from tests.encoders import loopback
from tests.encoders.loopback import Loopback

Cancelled = Callable[[], bool]

KEYS = {"name", "state", "verified", "path", "bytes", "partial_bytes", "size", "detail"}
CONTENT = {
    "config.json": b"{}" * 50,
    "tokenizer.json": b"{}" * 60,
    "model.safetensors": (4).to_bytes(8, "little") + b'{"a"' + bytes(900_000),
}


def test_list_of_missing_weights_says_how_to_get_them(cbir: Cbir) -> None:
    document = cbir("models", "list", "--json").document
    resnet, clip = document["models"]
    assert resnet.keys() >= KEYS
    assert (resnet["name"], resnet["state"], resnet["size"]) == ("resnet18", "missing", 46_830_571)
    assert (clip["path"], clip["bytes"], clip["verified"]) == (None, 0, False)
    text = cbir("models", "list").out
    assert "resnet18: missing\n" in text
    assert "cbir models download clip" in text


def test_list_of_a_named_folder(cbir: Cbir, tmp_path: Path) -> None:
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"PK\x03\x04")
    resnet, _ = cbir("models", "list", "--models", tmp_path, "--json").document["models"]
    assert resnet["path"] == str(tmp_path / "resnet18-f37072fd.pth")
    assert resnet["bytes"] == 4
    assert not resnet["verified"]
    assert str(tmp_path) in cbir("models", "list", "--models", tmp_path).out


def test_download_says_where_the_weights_are(
    cbir: Cbir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    status = WeightsStatus("clip", "verified", str(tmp_path), 12_000_000, "As published.")

    def download(name: str, models: Path | None, *_: object) -> Path:
        asked.append((name, models))
        return tmp_path

    monkeypatch.setattr(engine.weights, "download", download)
    monkeypatch.setattr(commands, "weights_status", lambda *_: status)
    document = cbir("models", "download", "clip", "--json").document
    assert (document["path"], document["verified"]) == (str(tmp_path), True)
    assert asked == [("clip", None)]
    assert "`cbir index FOLDER --space clip`" in cbir("models", "download", "clip").out
    text = cbir("models", "--models", tmp_path, "download", "clip").out
    assert "clip: verified, 12 MB\n" in text
    assert "--models" in text
    assert asked[-1] == ("clip", tmp_path)


def test_a_download_that_fails(cbir: Cbir, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(*_: object) -> Path:
        raise DownloadFailed("There is no network.")

    monkeypatch.setattr(weights, "download", download)
    complaint = cbir("models", "download", "resnet18", "--json").complaint
    assert complaint == "There is no network."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A server for CLIP's files, which are small ones."""
    with loopback.running(CONTENT) as server:
        loopback.publish(monkeypatch, server)
        yield server


def test_a_download_that_ended_early_is_told_and_gone_on_from(
    cbir: Cbir, tmp_path: Path, server: Loopback
) -> None:
    server.always["model.safetensors"] = loopback.status(404)
    begun = part_of(tmp_path / "clip-vit-base-patch32" / "model.safetensors")
    begun.parent.mkdir()
    begun.write_bytes(CONTENT["model.safetensors"][:400_000])
    complaint = cbir("models", "download", "clip", "--models", tmp_path).complaint
    assert complaint.endswith("0.4 of 0.9 MB are kept: starting again goes on from there.")
    _, clip = cbir("models", "list", "--models", tmp_path, "--json").document["models"]
    assert (clip["state"], clip["partial_bytes"], clip["size"]) == ("missing", 400_220, 900_232)
    assert "of a download that ended early" in cbir("models", "list", "--models", tmp_path).out
    server.forget()
    cbir("models", "download", "clip", "--models", tmp_path)
    assert server.ranges == ["bytes=400000-"]
    _, clip = cbir("models", "list", "--models", tmp_path, "--json").document["models"]
    assert clip["partial_bytes"] == 0
    assert (begun.parent / "model.safetensors").read_bytes() == CONTENT["model.safetensors"]


def test_an_interrupted_download_says_what_is_kept(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, models: Path | None, progress: object, cancelled: Cancelled) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        while not cancelled():
            time.sleep(0.001)
        raise DownloadFailed("The download of x was cancelled. 312.0 of 605.2 MB are kept.")

    monkeypatch.setattr(weights, "download", download)
    said = cbir("models", "download", "clip", "--json")
    assert said.status == 130
    assert said.document["state"] == "missing"
    assert said.err == "cbir: The download of x was cancelled. 312.0 of 605.2 MB are kept.\n"


def test_removing_says_what_was_freed(cbir: Cbir, tmp_path: Path, server: Loopback) -> None:
    cbir("models", "download", "clip", "--models", tmp_path)
    folder = tmp_path / "clip-vit-base-patch32"
    (folder / "mine.txt").write_text("mine")
    document = cbir("models", "remove", "clip", "--models", tmp_path, "--json").document
    assert (document["name"], document["folder"]) == ("clip", str(folder))
    assert sorted(document["removed"]) == sorted(CONTENT)
    assert document["bytes"] == sum(map(len, CONTENT.values()))
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    cbir("models", "download", "clip", "--models", tmp_path)
    text = cbir("models", "remove", "clip", "--models", tmp_path).out
    assert text.startswith("Removed the weights of CLIP: 3 files, 900 kB freed.\n")
    assert str(folder) in text


def test_there_must_be_something_to_remove(cbir: Cbir, tmp_path: Path) -> None:
    complaint = cbir("models", "remove", "resnet18", "--models", tmp_path, "--json").complaint
    assert complaint.startswith("There is nothing to remove: ")
    assert cbir("models", "remove", "classic").status == 2
