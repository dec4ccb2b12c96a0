"""The vectors of the neutral captions: made once for each weights, then read from the cache."""

from __future__ import annotations

import hashlib
import logging
import os
from functools import partial
from pathlib import Path

import numpy as np

from cbir.config import make_private_folder
from cbir.encoders.base import TextEncoder
from cbir.encoders.captions import NEUTRAL_CAPTIONS
from cbir.errors import CbirError
from cbir.records import DIMENSION, Float32Array
from cbir.whole_file import replace_file
from cbir.work.worker import JobRun

_LARGEST_FILE = 4_000_000  # bytes
_AT_ONCE = 8  # captions a Call, so that a window stays alive
_log = logging.getLogger(__name__)


class CaptionVectors:
    """Vectors of ``NEUTRAL_CAPTIONS``, float32 (n, 512); files of them lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Float32Array] = {}

    def of(self, run: JobRun, encoder: TextEncoder) -> Float32Array:
        """The captions' vectors by ``encoder``; called on a worker, which waits for its Calls."""
        known = self._known.get(encoder.fingerprint)
        if known is None:
            path = self._folder / f"{_name_of(encoder.fingerprint)}.npy"
            known = _read(path)
            if known is None:
                known = _encode(run, encoder)
                _write(path, known)
            self._known[encoder.fingerprint] = known
        return known


def _name_of(fingerprint: str) -> str:
    """One name for the weights and the captions: other captions have other vectors."""
    told = "\n".join([fingerprint, *NEUTRAL_CAPTIONS]).encode()
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def _encode(run: JobRun, encoder: TextEncoder) -> Float32Array:
    parts = []
    for start in range(0, len(NEUTRAL_CAPTIONS), _AT_ONCE):
        run.check()
        batch = NEUTRAL_CAPTIONS[start : start + _AT_ONCE]
        parts.append(run.call(partial(encoder.encode_texts, batch)))
    vectors: Float32Array = np.concatenate(parts)
    return vectors


def _read(path: Path) -> Float32Array | None:
    """What is in the file; None where there is none, or it does not hold such vectors."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > _LARGEST_FILE:
                return None
            vectors = np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # noqa: BLE001 - whatever is in the file, it is made again
        _log.debug("the captions' vectors in %s are not used: %s", path, error)
        return None
    good = vectors.shape == (len(NEUTRAL_CAPTIONS), DIMENSION) and vectors.dtype == np.float32
    return vectors if good and np.isfinite(vectors).all() else None


def _write(path: Path, vectors: Float32Array) -> None:
    """Keep them; where that cannot be they are made again the next time."""
    try:
        make_private_folder(path.parent)
        replace_file(path, lambda file: np.save(file, vectors))
    except (OSError, CbirError) as error:
        _log.warning("the captions' vectors could not be kept in %s: %s", path, error)
