"""Which libraries were open of late, in a small JSON file that all windows share."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from cbir.ui.state import write_json

_MOST = 10
_LARGEST_FILE = 1_000_000  # bytes
_log = logging.getLogger(__name__)


def recent_libraries(file: Path) -> tuple[str, ...]:
    """Their absolute paths, the latest first; what is broken in ``file`` is left out."""
    try:
        with file.open("rb") as opened:
            known = json.loads(opened.read(_LARGEST_FILE))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("the recent libraries in %s are not used: %s", file, error)
        return ()
    listed = known.get("libraries") if isinstance(known, dict) else None
    paths = listed if isinstance(listed, list) else []
    return tuple(path for path in paths if isinstance(path, str) and os.path.isabs(path))[:_MOST]


def remember(file: Path, library: str) -> None:
    """Put a library first, as another window may have left the others."""
    _write(file, (library, *_others(file, library)))


def forget(file: Path, library: str) -> None:
    """Take a library off the list."""
    _write(file, _others(file, library))


def _others(file: Path, library: str) -> tuple[str, ...]:
    return tuple(path for path in recent_libraries(file) if path != library)


def _write(file: Path, paths: tuple[str, ...]) -> None:
    write_json(file, {"libraries": paths[:_MOST]})
