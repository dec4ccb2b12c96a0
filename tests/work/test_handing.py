"""What other programs get: a picture for the clipboard, a file to open."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from cbir.errors import UnreadableImage
from cbir.work.handing import Program, png_of, programs_for


def test_a_picture_for_the_clipboard_is_as_shown_and_tells_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Some camera"
    Image.new("RGB", (40, 20), (200, 30, 30)).save(path, exif=exif, comment=b"secret")
    with Image.open(io.BytesIO(png_of(str(path), 10**6))) as png:
        assert (png.format, png.size) == ("PNG", (20, 40))
        assert not png.getexif()
        assert not png.info


def test_a_huge_picture_is_reduced(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (9000, 90)).save(path)
    with Image.open(io.BytesIO(png_of(str(path), 10**7))) as png:
        assert png.size == (4096, 41)


def test_what_is_no_picture_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no")
    with pytest.raises(UnreadableImage):
        png_of(str(tmp_path / "a.png"), 10**6)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("gimp %U", ["gimp", "file:///p/a%20b.jpg"]),
        ("view --fullscreen %f", ["view", "--fullscreen", "/p/a b.jpg"]),
        ("plain", ["plain", "/p/a b.jpg"]),
        ('"my viewer" %i --title %c %F', ["my viewer", "--title", "Viewer", "/p/a b.jpg"]),
        ("x %% %f", ["x", "%", "/p/a b.jpg"]),
    ],
)
def test_the_command_that_opens_a_file(command: str, words: list[str]) -> None:
    assert Program("Viewer", command).opening("/p/a b.jpg") == words


def test_a_command_with_an_open_quote_is_told() -> None:
    with pytest.raises(ValueError, match="quot"):
        Program("x", 'view "').opening("/a")


def write_entry(folder: Path, name: str, **entry: str) -> None:
    lines = "".join(f"{key}={value}\n" for key, value in entry.items())
    file = folder / "applications" / f"{name}.desktop"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[Desktop Entry]\nType=Application\n{lines}", encoding="utf-8")


def test_programs_that_say_that_they_open_such_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    monkeypatch.setenv("XDG_DATA_DIRS", str(shared))
    jpeg = "image/png;image/jpeg;"
    write_entry(shared, "zoom", Name="Zoom", Exec="zoom %f", MimeType=jpeg)
    write_entry(shared, "gone", Name="Gone", Exec="gone", MimeType=jpeg, TryExec="/no/such")
    write_entry(shared, "music", Name="Music", Exec="music", MimeType="audio/mpeg;")
    write_entry(shared, "text", Name="In a terminal", Exec="t", MimeType=jpeg, Terminal="true")
    write_entry(shared, "edit", Name="Edit", Exec="old", MimeType=jpeg)
    write_entry(own, "edit", Name="An editor", Exec="new %u", MimeType=jpeg)
    write_entry(own, "music", Name="Music", Exec="music", MimeType=jpeg, Hidden="true")
    (own / "applications" / "broken.desktop").write_bytes(b"\xff\xfe no entry")
    assert programs_for("/p/a.jpg") == (Program("An editor", "new %u"), Program("Zoom", "zoom %f"))
    assert programs_for("/p/a.qoi") == ()
