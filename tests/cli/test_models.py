from __future__ import annotations

from pathlib import Path

import pytest

from cbir.cli import models as commands
from cbir.encoders import weights
from cbir.encoders.weights import WeightsStatus
from cbir.errors import DownloadFailed
from cbir.work import engine
from tests.cli.conftest import Cbir

KEYS = {"name", "state", "verified", "path", "bytes", "size", "detail"}


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
