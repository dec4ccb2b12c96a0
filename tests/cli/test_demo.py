from __future__ import annotations

import builtins
import tkinter
from pathlib import Path
from typing import Any

import pytest

from cbir import __main__ as launcher
from cbir.cli import demo
from cbir.config import Settings, load_settings
from tests.cli.conftest import Cbir


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise tkinter.TclError("no display name and no $DISPLAY environment variable")

    monkeypatch.setattr(tkinter, "Tk", refuse)


def test_without_a_display_it_indexes_searches_and_prints(
    cbir: Cbir, pictures: Path, library: Path, no_display: None
) -> None:
    said = cbir("demo", pictures)
    assert said.status == 0
    assert said.err.startswith("cbir: There is no display")
    assert said.err.count("\n") == 1
    assert "12 new" in said.out
    assert f"Pictures like {pictures / 'black_0.png'}:" in said.out
    assert "black_1.png" in said.out
    assert "compared" in said.out
    assert library.exists()
    chosen = cbir("demo", pictures, "--image", pictures / "red_1.png")
    assert f"Pictures like {pictures / 'red_1.png'}:" in chosen.out
    document = cbir("demo", pictures, "--json").document
    assert document["index"]["unchanged"] == 12
    assert document["search"]["hits"][0]["path"] == str(pictures / "black_0.png")


def test_its_own_library_is_not_the_users(cbir: Cbir, pictures: Path, no_display: None) -> None:
    assert cbir("demo", pictures, library=None).status == 0
    settings = load_settings()
    assert settings.library.with_name("demo.npz").exists()
    assert not settings.library.exists()


def test_a_folder_without_pictures_has_nothing_to_show(
    cbir: Cbir, tmp_path: Path, no_display: None
) -> None:
    (tmp_path / "empty").mkdir()
    said = cbir("demo", tmp_path / "empty")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[1].startswith("cbir: No pictures were found")


def test_a_folder_that_does_not_exist_leaves_no_library(
    cbir: Cbir, tmp_path: Path, library: Path, no_display: None
) -> None:
    said = cbir("demo", tmp_path / "nowhere")
    assert (said.status, said.out) == (1, "")
    assert "nowhere: it does not exist" in said.err
    assert not library.parent.exists()


def test_with_a_display_it_opens_the_window(
    cbir: Cbir, pictures: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def open_window(settings: Settings, folder: str | None) -> int:
        opened.append((settings.library, folder))
        return 0

    monkeypatch.setattr(demo, "window_obstacle", lambda: "")
    monkeypatch.setattr(launcher, "_open_window", open_window)
    assert cbir("demo", pictures).status == 0
    assert cbir("demo").status == 0
    assert opened == [(library, str(pictures)), (library, "sample_images")]


def test_a_display_is_no_obstacle() -> None:
    assert demo.window_obstacle() == ""


def test_a_python_without_tkinter_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "tkinter":
            raise ImportError(name)
        return there(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "python3-tk" in demo.window_obstacle()
