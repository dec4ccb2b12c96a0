"""Whether a weights file is the one it should be: hashes, and a glance at both ends."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

from cbir.encoders.published import WeightsFile

_HEADER_LIMIT = 1 << 24

_digests: dict[tuple[str, int, int], str] = {}


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal, remembered while size and mtime stay.

    CLIP's 605 MB take 0.3 to 2 s: keep the first call off the main thread. Raises OSError where the
    file cannot be read.
    """
    seen = path.stat()
    key = (os.fspath(path.absolute()), seen.st_size, seen.st_mtime_ns)
    if key not in _digests:
        _digests[key] = _hashed(path)
    return _digests[key]


def _hashed(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


def is_published(path: Path, file: WeightsFile) -> bool:
    """Whether ``path`` is exactly the published file, by its size and then by its SHA-256."""
    try:
        return path.stat().st_size == file.size and file_digest(path) == file.sha256
    except OSError:
        return False


def has_content(path: Path, file: WeightsFile) -> bool:
    """As ``is_published``, reading the file anew: for one that was written just now.

    Raises OSError where it cannot be read.
    """
    return path.stat().st_size == file.size and _hashed(path) == file.sha256


def looks_whole(path: Path) -> bool:
    """Whether a ``.pth`` or ``.safetensors`` file can be read and ends where it says it ends."""
    try:
        return _safetensors_whole(path) if path.suffix == ".safetensors" else _torch_whole(path)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return False


def _torch_whole(path: Path) -> bool:
    """torch's files are zip archives, whose directory is at the end; old ones are bare pickles."""
    with path.open("rb") as stream:
        start = stream.read(2)
    return zipfile.is_zipfile(path) if start == b"PK" else start == b"\x80\x02"


def _safetensors_whole(path: Path) -> bool:
    """A safetensors file: header length (8 bytes), header (JSON with offsets), data, no more."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= _HEADER_LIMIT:
            return False
        header = json.loads(stream.read(length))
    ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
    return bool(path.stat().st_size == 8 + length + max(ends))
