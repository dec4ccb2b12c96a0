"""Pictures to search by that come from outside: files and folders dropped, a picture pasted."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image, ImageGrab

from cbir.config import make_private_folder
from cbir.errors import InvalidQuery
from cbir.images import FoundFile
from cbir.language import _
from cbir.whole_file import replace_file
from cbir.work.walking import WalkOptions

MOST = 24
"""As many pictures as one query takes from what was dropped."""
_PASTED_KEPT = 50
_NOTHING = _("There is no picture on the clipboard: copy a picture, or a picture file, first.")
_UNREADABLE = _(
    "The picture on the clipboard cannot be read here. Install xclip or wl-clipboard, or save the "
    "picture as a file and open that."
)


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures to search by; ``more``: there were others, which are left out."""

    paths: tuple[str, ...]
    more: bool = False


def example_pictures(paths: Sequence[str], walk: WalkOptions) -> Examples:
    """The first pictures among files and folders, those in folders included.

    Raises InvalidQuery where there is none, CbirError where a path does not exist.
    """
    files = (one.path for one in walk.find(paths) if isinstance(one, FoundFile))
    pictures = tuple(islice(files, MOST + 1))
    if not pictures:
        raise InvalidQuery(_("There is no picture in what you dropped."))
    return Examples(pictures[:MOST], len(pictures) > MOST)


def clipboard_examples(folder: Path, png: bytes | None) -> tuple[str, ...]:
    """What the system's clipboard holds, as picture files; a picture is kept in ``folder``.

    ``png`` is the picture, where the window has read it already. Raises InvalidQuery where the
    clipboard holds no picture, or one that cannot be read.
    """
    if png is not None:
        return (_keep(folder, png),)
    try:
        held = ImageGrab.grabclipboard()
    except NotImplementedError as error:  # Linux, with neither xclip nor wl-paste
        raise InvalidQuery(_UNREADABLE) from error
    except OSError as error:  # text, or a list of files
        raise InvalidQuery(_NOTHING) from error
    if isinstance(held, Image.Image):
        with tempfile.SpooledTemporaryFile() as file:
            held.save(file, "PNG", compress_level=1)
            file.seek(0)
            return (_keep(folder, file.read()),)
    if held:
        return tuple(held)
    raise InvalidQuery(_NOTHING)


def _keep(folder: Path, png: bytes) -> str:
    """Keep a pasted picture in a file named by its content; the oldest beyond fifty go."""
    make_private_folder(folder)
    path = folder / f"pasted-{hashlib.blake2b(png, digest_size=8).hexdigest()}.png"
    if not path.exists():
        replace_file(path, lambda file: file.write(png))
    path.touch()
    kept = sorted(folder.glob("pasted-*.png"), key=lambda one: one.stat().st_mtime_ns)
    for old in kept[:-_PASTED_KEPT]:
        old.unlink(missing_ok=True)
    return str(path)
