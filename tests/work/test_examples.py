"""Pictures that come from outside to be searched by."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageGrab

from cbir.errors import CbirError, InvalidQuery
from cbir.work.examples import MOST, clipboard_examples, example_pictures
from cbir.work.walking import DEFAULT_WALK


def picture(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), colour).save(path)
    return path


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(file, "PNG")
    return file.getvalue()


def test_files_and_what_folders_hold(tmp_path: Path) -> None:
    one, inner = picture(tmp_path / "one.png"), picture(tmp_path / "folder" / "deep" / "two.png")
    (tmp_path / "folder" / "note.txt").write_text("no picture")
    found = example_pictures([str(one), str(tmp_path / "folder")], DEFAULT_WALK)
    assert set(found.paths) == {str(one), str(inner)}
    assert not found.more


def test_no_more_than_one_query_takes(tmp_path: Path) -> None:
    for number in range(MOST + 2):
        picture(tmp_path / f"{number}.png")
    found = example_pictures([str(tmp_path)], DEFAULT_WALK)
    assert len(found.paths) == MOST
    assert found.more


def test_nothing_to_search_by_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidQuery, match="no picture"):
        example_pictures([str(tmp_path)], DEFAULT_WALK)
    with pytest.raises(CbirError):
        example_pictures([str(tmp_path / "gone.png")], DEFAULT_WALK)


def test_a_pasted_picture_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "pasted"
    (first,) = clipboard_examples(folder, png("red"))
    assert clipboard_examples(folder, png("red")) == (first,)
    assert clipboard_examples(folder, png("blue")) != (first,)
    assert len(os.listdir(folder)) == 2
    with Image.open(first) as image:
        assert image.size == (8, 6)


def test_the_oldest_pasted_pictures_go(tmp_path: Path) -> None:
    kept = [clipboard_examples(tmp_path, png(f"#0000{number:02x}"))[0] for number in range(52)]
    assert len(os.listdir(tmp_path)) == 50
    assert not os.path.exists(kept[0])
    assert os.path.exists(kept[-1])


def test_what_the_system_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: object = Image.new("RGB", (5, 4), "green")
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: held)
    (path,) = clipboard_examples(tmp_path, None)
    with Image.open(path) as image:
        assert image.getpixel((0, 0)) == (0, 128, 0)
    held = ["/a.png", "/b.png"]
    assert clipboard_examples(tmp_path, None) == ("/a.png", "/b.png")
    held = None
    with pytest.raises(InvalidQuery, match="no picture on the clipboard"):
        clipboard_examples(tmp_path, None)


def test_where_the_system_cannot_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_there() -> None:
        raise NotImplementedError("wl-paste or xclip is required")

    monkeypatch.setattr(ImageGrab, "grabclipboard", nothing_there)
    with pytest.raises(InvalidQuery, match="Install xclip or wl-clipboard"):
        clipboard_examples(tmp_path, None)
