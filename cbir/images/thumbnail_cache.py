"""Thumbnails kept on disk: one small JPEG a picture, in a folder that only its owner can read.

Plain files need no lock and no recovery: each is written beside its place and moved there whole, so
several processes may share the folder, and one that is torn or was tampered with counts as none. A
file is found by its picture's path and says in its comment which state of the picture it shows.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from cbir.config import make_private_folder
from cbir.errors import CbirError
from cbir.images.files import FoundFile
from cbir.language import _
from cbir.whole_file import replace_file

MOST_BYTES = 500_000_000
"""What a cache holds at most, roughly: about 30,000 thumbnails of 320 pixels."""

LEVELS = (320, 640)
"""Longer sides, in pixels, in which thumbnails are kept: for screens at 100 % and at 200 %."""

_QUALITY = 88
_MAGIC = b"cbir-thumbnail"
_FULL = 0.9  # of the most is left where the oldest were thrown out
_log = logging.getLogger(__name__)


def level_for(size: int) -> int | None:
    """The level that serves a thumbnail of ``size`` pixels; None where it is larger than all."""
    return next((level for level in LEVELS if level >= size), None)


def highest_level(size: int) -> int | None:
    """The largest level that a picture whose longer side has ``size`` pixels fills, if any."""
    return max((level for level in LEVELS if level <= size), default=None)


class ThumbnailCache:
    """Thumbnails in ``folder``, of ``most_bytes`` together; the longest unused go first.

    Every method may be called from any thread. What goes wrong with the disk is logged once and
    costs thumbnails, nothing else.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most = most_bytes
        self._room = 0  # bytes that may be written until the folder must be looked at
        self._writing = threading.Lock()
        self._failed = False

    def get(self, path: str, size: int, found: FoundFile | None) -> Image.Image | None:
        """The thumbnail of ``path``, RGB, good for ``size`` x ``size`` pixels; None for none.

        ``found`` is the picture file as it is now: a thumbnail of another state of it is not
        returned. None, where the file cannot be reached: the last one there is, of any size.
        """
        place = self._place(path)
        try:
            with place.open("rb") as file, _opened(file) as image:
                if found is not None and not _serves(image, size, found):
                    return None
                image.draft("RGB", (size, size))
                decoded: Image.Image = image.convert("RGB")
            with suppress(OSError):  # a cache that can only be read
                os.utime(place)  # it was used
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever is in the file, it is no thumbnail
            _log.debug("the thumbnail %s is not used: %s", place, error)
            return None
        return decoded

    def holds(self, found: FoundFile, level: int) -> bool:
        """Whether there is a thumbnail of this state of a picture, good for ``level`` pixels."""
        try:
            with self._place(found.path).open("rb") as file, _opened(file) as image:
                return _serves(image, level, found)
        except Exception:  # noqa: BLE001 - as above
            return False

    def put(self, found: FoundFile, image: Image.Image, level: int) -> None:
        """Keep an RGB thumbnail that fits ``level`` x ``level`` pixels, instead of another."""
        if self._failed:
            return
        comment = b" ".join((_MAGIC, b"%d %d %d" % (level, found.size, found.mtime_ns)))
        try:
            with self._writing:
                written = self._write(self._place(found.path), image, comment)
                self._room -= written
                if self._room < 0:
                    self._make_room()
        except (OSError, CbirError) as error:
            self._failed = True
            _log.warning("thumbnails are not kept in %s: %s", self.folder, error)

    def _write(self, place: Path, image: Image.Image, comment: bytes) -> int:
        for folder in (self.folder, place.parent):
            make_private_folder(folder)
        replace_file(
            place, lambda file: image.save(file, "JPEG", quality=_QUALITY, comment=comment)
        )
        return place.stat().st_size

    def remove(self, paths: Iterable[str]) -> None:
        """Let go of the thumbnails of these pictures."""
        for path in paths:
            with suppress(OSError):
                self._place(path).unlink()

    def clear(self) -> int:
        """Let go of all; how many bytes they took. Raises CbirError where that cannot be."""
        with self._writing:
            taken = self.bytes_used
            try:
                shutil.rmtree(self.folder)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                raise CbirError(
                    _("The thumbnails in {folder} cannot be removed ({strerror}).").format(
                        folder=self.folder, strerror=error.strerror
                    )
                ) from error
            self._room, self._failed = 0, False
        return taken

    @property
    def bytes_used(self) -> int:
        """Bytes of all thumbnails: looks at each file."""
        return sum(size for _, size, _ in self._files())

    def _place(self, path: str) -> Path:
        name = hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self.folder / name[:2] / f"{name[2:]}.jpg"

    def _files(self) -> list[tuple[float, int, str]]:
        """When each was used last, its bytes, its place; torn remains of a crash are among them."""
        found = []
        for folder in _entries(self.folder):
            for entry in _entries(folder.path):
                with suppress(OSError):  # another process removed it
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime, status.st_size, entry.path))
        return found

    def _make_room(self) -> None:
        """Throw out the longest unused where there is too much; say when to look again."""
        files = self._files()
        used = sum(size for _, size, _ in files)
        if used > self._most:
            for _, size, place in sorted(files):
                with suppress(OSError):
                    os.unlink(place)
                used -= size
                if used <= self._most * _FULL:
                    break
        # other processes write too: look again after a tenth at the latest
        self._room = min(self._most - used, self._most // 10)


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _opened(file: BinaryIO) -> Image.Image:
    """The thumbnail in ``file``, not decoded yet; raises what Pillow does for what is none."""
    image = Image.open(file, formats=["JPEG"])
    if not image.info.get("comment", b"").startswith(_MAGIC) or max(image.size) > LEVELS[-1]:
        raise ValueError("not a thumbnail of this program")
    return image


def _serves(image: Image.Image, size: int, found: FoundFile) -> bool:
    """Whether it shows this state of a picture, and is large enough."""
    level, *state = (int(number) for number in image.info["comment"].split()[1:])
    return level >= size and state == [found.size, found.mtime_ns]
