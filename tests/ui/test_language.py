"""Every word of the window goes through the catalogue, so that a translation can reach it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_the_window_shows_no_word_that_cannot_be_translated(
    pictures: Path, tmp_path: Path, xvfb: object
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.pseudo_language", str(pictures), str(home)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
