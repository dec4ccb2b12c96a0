"""Pictures handed to other programs: as a PNG for the clipboard, and which programs open a file."""

from __future__ import annotations

import configparser
import io
import locale
import mimetypes
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from cbir.images import load_image

_LARGEST = 4096  # pixels of the longer side on the clipboard
_FAST = 1  # of zlib's levels: photographs hardly get smaller by more
_ENTRY = "Desktop Entry"


def png_of(path: str, max_pixels: int) -> bytes:
    """The picture as it is shown, as a PNG with nothing but pixels in it, 4096 a side at most.

    Raises UnreadableImage.
    """
    image = load_image(path, max_pixels=max_pixels, short_side=None, long_side=_LARGEST).image
    plain = Image.new("RGB", image.size)  # saving would keep what else the file had
    plain.paste(image)
    plain.thumbnail((_LARGEST, _LARGEST))
    file = io.BytesIO()
    plain.save(file, "PNG", compress_level=_FAST)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Program:
    """A program by its name, and its command line, in which ``%f`` or the like is the file."""

    name: str
    command: str

    def opening(self, path: str) -> list[str]:
        """The words of the command that opens ``path``. Raises ValueError for an open quote."""
        words = shlex.split(self.command)
        if not any(code in words for code in ("%f", "%F", "%u", "%U")):
            words.append("%f")
        known = {"%f": path, "%F": path, "%c": self.name}
        known["%u"] = known["%U"] = Path(path).as_uri()
        filled = (known.get(word, word.replace("%%", "%")) for word in words)
        return [word for word in filled if word not in ("%i", "%k")]


def programs_for(path: str) -> tuple[Program, ...]:
    """The installed programs that say that they open this kind of file, by name.

    As the desktops of Linux have them: https://specifications.freedesktop.org/desktop-entry-spec
    """
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    entries: dict[str, Mapping[str, str]] = {}  # by the name of the file: the user's own go first
    for file in _desktop_files():
        if file.name not in entries:
            entries[file.name] = _read(file)
    found = {_program(entry) for entry in entries.values() if _opens(entry, kind)}
    return tuple(sorted(found, key=lambda program: program.name.casefold()))


def _desktop_files() -> Iterator[Path]:
    own = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for folder in (own, *shared.split(":")):
        if os.path.isabs(folder):
            yield from sorted(Path(folder, "applications").rglob("*.desktop"))


def _read(file: Path) -> Mapping[str, str]:
    parser = configparser.RawConfigParser(delimiters="=", comment_prefixes="#", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read(file, encoding="utf-8")
        return dict(parser[_ENTRY])
    except (configparser.Error, KeyError, OSError, UnicodeDecodeError):
        return {}


def _opens(entry: Mapping[str, str], kind: str) -> bool:
    if entry.get("Hidden") == "true" or entry.get("Terminal") == "true" or not entry.get("Exec"):
        return False
    needed = entry.get("TryExec")
    return kind in entry.get("MimeType", "").split(";") and (
        not needed or shutil.which(needed) is not None
    )


def _program(entry: Mapping[str, str]) -> Program:
    language = (locale.getlocale()[0] or "").split(".")[0]
    names = (f"Name[{language}]", f"Name[{language.split('_')[0]}]", "Name", "Exec")
    return Program(next(entry[name] for name in names if name in entry), entry["Exec"])
