"""Indexing that was begun and not ended, in a small file: a crash or a kill leaves it there."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from cbir.config import Settings, make_private_folder
from cbir.errors import CbirError
from cbir.records import SPACES
from cbir.whole_file import replace_file

_LARGEST_FILE = 1_000_000  # bytes
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """An indexing job: of ``paths``, absolute, or where there are none of all records.

    ``spaces`` None: in every space whose weights are there.
    """

    paths: tuple[str, ...]
    spaces: tuple[str, ...] | None = None


class Unfinished:
    """What was begun in one library and not ended; any thread may call it.

    ``stopping()`` tells that jobs end because the program does, not because the user wished it. A
    file that cannot be written is logged: no work is lost by it.
    """

    def __init__(self, settings: Settings, stopping: Callable[[], bool]) -> None:
        library = os.path.normcase(os.path.realpath(settings.library))
        name = hashlib.blake2b(os.fsencode(library), digest_size=12).hexdigest()
        self._file = settings.home / "unfinished" / f"{name}.json"
        self._stopping = stopping
        self._lock = threading.Lock()

    def read(self) -> tuple[Begun, ...]:
        """What is known to be unfinished; what is broken in the file is left out."""
        try:
            with self._file.open("rb") as file:
                known = json.loads(file.read(_LARGEST_FILE))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("what is unfinished in %s is not known: %s", self._file, error)
            return ()
        rows = known if isinstance(known, list) else []
        return tuple(begun for row in rows if (begun := _begun(row)) is not None)

    @contextmanager
    def noted(self, begun: Begun) -> Iterator[None]:
        """``begun`` is unfinished within; not afterwards, unless the program is stopping."""
        self._change(lambda known: [*(one for one in known if one != begun), begun])
        try:
            yield
        except BaseException:
            if not self._stopping():
                self.forget([begun])
            raise
        self.forget([begun])

    def forget(self, begun: Iterable[Begun]) -> None:
        """These are ended, or not wanted any more."""
        gone = set(begun)
        self._change(lambda known: [one for one in known if one not in gone])

    def _change(self, change: Callable[[tuple[Begun, ...]], list[Begun]]) -> None:
        with self._lock:
            kept = change(self.read())
            rows = [{"paths": one.paths, "spaces": one.spaces} for one in kept]
            try:
                if not rows:
                    with suppress(FileNotFoundError):
                        self._file.unlink()
                    return
                told = json.dumps(rows).encode("ascii")
                if len(told) > _LARGEST_FILE:  # it could not be read again: the others stay known
                    _log.warning("what was begun is too much to be kept in %s", self._file)
                    return
                make_private_folder(self._file.parent)
                replace_file(self._file, lambda file: file.write(told))
            except (OSError, CbirError) as error:
                _log.warning("what is unfinished cannot be kept in %s: %s", self._file, error)


def _begun(row: Any) -> Begun | None:
    if not isinstance(row, dict):
        return None
    paths, spaces = row.get("paths"), row.get("spaces")
    if not isinstance(paths, list) or not isinstance(spaces, (list, type(None))):
        return None
    if not all(isinstance(path, str) and os.path.isabs(path) for path in paths):
        return None
    if spaces is not None and not all(space in SPACES for space in spaces):
        return None
    return Begun(tuple(paths), None if spaces is None else tuple(spaces))
