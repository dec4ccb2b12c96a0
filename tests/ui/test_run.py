"""The program itself, in a process of its own: opened, ended by a signal, with its work kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cbir.config import Settings
from cbir.errors import CbirError
from cbir.library import Library
from cbir.ui.run import run


def wait_for_records(path: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists():
            with Library.open(path, read_only=True) as library:
                if len(library) >= count:
                    return
        time.sleep(0.05)
    raise AssertionError("the pictures were not indexed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_and_keeps_everything(
    tmp_path: Path, pictures: Path, number: signal.Signals
) -> None:
    home = tmp_path / "home"
    environment = {**os.environ, "CBIR_HOME": str(home), "CBIR_MODELS": str(tmp_path / "models")}
    process = subprocess.Popen(
        [sys.executable, "-m", "cbir", "gui", str(pictures)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_records(home / "library.npz", 12)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert complaint == ""
    assert json.loads((home / "window.json").read_text())["theme"] == "light"
    with Library.open(home / "library.npz") as library:
        assert not library.read_only
        assert len(library) == 12


def test_without_a_display_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(CbirError, match="no display here; use the terminal"):
        run(Settings(tmp_path, tmp_path / "library.npz"))
    assert not (tmp_path / "library.npz").exists()
