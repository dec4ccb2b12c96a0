"""The main job's middle: decode, encode, commit, as fast as models and disk allow.

Pictures are decoded ahead on threads, in order and within a bounded window; the models take them in
portions; each portion is stored as soon as it is done, so that ending early, however, keeps it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cbir.encoders.base import Encoder
from cbir.errors import UnreadableImage
from cbir.images import FoundFile, Loaded
from cbir.library import Library
from cbir.records import Embeddings, Float32Array, SkippedFile
from cbir.work.batch_size import BatchSize
from cbir.work.messages import LibraryChanged
from cbir.work.plan import Claims, Target, place
from cbir.work.pool import DecodePool
from cbir.work.worker import JobRun

Encode = Callable[[Encoder, Sequence[NDArray[np.generic]]], Float32Array]

COMMIT_SECONDS = 1.0
"""A picture that is decoded waits no longer than about this until it is encoded and stored."""

MOST = 128
"""The most pictures that are encoded and stored at once."""

_PORTION_SECONDS = 0.8
_TRY_AGAIN = (-1, -1)  # no file has this size and time: it is opened again the next time


@dataclass(slots=True)
class Tally:
    """What was done so far; ``bad`` are the files that could not be read."""

    added: int = 0
    updated: int = 0
    moved: int = 0
    touched: int = 0
    opened: int = 0
    bad: list[SkippedFile] = field(default_factory=list)

    def count(self, target: Target) -> None:
        """One more picture was stored."""
        record = target.record
        if record is None:
            self.added += 1
        elif record.path != target.file.path:
            self.moved += 1
        elif target.spaces:
            self.updated += 1
        else:
            self.touched += 1


@dataclass(slots=True)
class _Item:
    """One decoded picture on its way into the library."""

    target: Target
    prepared: dict[str, NDArray[np.generic]]
    vectors: dict[str, Float32Array] = field(default_factory=dict)


class Pipeline:
    """Takes files to records with vectors of the ``encoders``; ``tally`` counts what came of them.

    ``load`` decodes a file; ``encode`` runs a model where it belongs; ``committed`` is told of each
    commit, ``seen`` of each decoded picture, on a decoding thread.
    """

    def __init__(
        self,
        run: JobRun,
        library: Library,
        encoders: Sequence[Encoder],
        load: Callable[[str], Loaded],
        encode: Encode,
        pool: DecodePool,
        committed: Callable[[Library], None],
        seen: Callable[[Loaded], None],
    ) -> None:
        self.tally = Tally()
        self._run = run
        self._library = library
        self._encoders = encoders
        self._load_image = load
        self._encode = encode
        self._pool = pool
        self._committed = committed
        self._seen = seen
        self._claims = Claims()
        self._decoded: list[_Item] = []
        self._portion = BatchSize(_PORTION_SECONDS, MOST)
        self._flushed = time.monotonic()
        self._remembered = 0

    def run(self, files: Sequence[FoundFile], skipped_before: int) -> None:
        """Index the files; raises JobCancelled where the job was asked to end."""
        loaded = self._pool.map_ahead(self._load, files, self._window)
        for number, (found, future) in enumerate(zip(files, loaded, strict=True), start=1):
            self._run.check()
            self._take(found, future)
            if self._is_due() or number == len(files):
                self._flush()
                skipped = skipped_before + len(self.tally.bad)
                self._run.progress(number, len(files), os.path.dirname(found.path), skipped)

    def _window(self) -> int:
        """How many files to decode ahead: the next portion, while the models have this one."""
        return 2 * self._pool.threads + 2 * self._portion.size

    def _is_due(self) -> bool:
        late = time.monotonic() - self._flushed > COMMIT_SECONDS
        return late or len(self._decoded) >= self._portion.size

    def _load(self, found: FoundFile) -> _Item:
        """On a decoding thread: open, decide where it belongs, prepare what is needed."""
        loaded = self._load_image(found.path)
        self._seen(loaded)
        names = [encoder.name for encoder in self._encoders]
        item = _Item(place(self._library, loaded.file, names, self._claims), {})
        for encoder in self._encoders:
            if encoder.name not in item.target.spaces:
                continue
            prepared = encoder.prepare(loaded.image)
            if encoder.on_main_thread:
                item.prepared[encoder.name] = prepared
            else:
                item.vectors[encoder.name] = encoder.encode_prepared([prepared])[0]
        return item

    def _take(self, found: FoundFile, future: Future[_Item]) -> None:
        """Wait for a picture; where it takes long, store meanwhile what is there."""
        try:
            item = self._run.wait(future, meanwhile=self._flush_if_late)
        except UnreadableImage as error:
            seen = (found.size, found.mtime_ns) if error.lasting else _TRY_AGAIN
            self.tally.bad.append(SkippedFile(found.path, *seen, error.reason))
        else:
            self._decoded.append(item)
        self.tally.opened += 1

    def _flush_if_late(self) -> None:
        if time.monotonic() - self._flushed > COMMIT_SECONDS:
            self._flush()

    def _flush(self) -> None:
        """Encode what is decoded and store it; it is on disk when this returns."""
        start = time.monotonic()
        self._run_models(self._decoded)
        if self._decoded:
            self._portion.took(len(self._decoded), time.monotonic() - start)
        self._commit(self._decoded)
        self._decoded = []
        self._flushed = time.monotonic()

    def _run_models(self, items: Sequence[_Item]) -> None:
        for encoder in self._encoders:
            part = [item for item in items if encoder.name in item.prepared]
            if not part:
                continue
            with self._pool.paused() if encoder.wants_all_cores else nullcontext():
                prepared = [item.prepared.pop(encoder.name) for item in part]
                for item, vector in zip(part, self._encode(encoder, prepared), strict=True):
                    item.vectors[encoder.name] = vector

    def _commit(self, batch: Sequence[_Item]) -> None:
        new = self.tally.bad[self._remembered :]
        if not batch and not new:
            return
        for items in _alike(self._still_free(batch)):
            self._store(items)
            for item in items:
                self.tally.count(item.target)
        if new:
            self._library.set_skipped(new)
            self._remembered += len(new)
        self._committed(self._library)
        self._run.post(LibraryChanged(self._library.version, len(self._library)))

    def _store(self, items: Sequence[_Item]) -> None:
        """Store items that are alike by one call of the library."""
        embeddings = {
            encoder.name: _embeddings(encoder, items)
            for encoder in self._encoders
            if encoder.name in items[0].target.spaces
        }
        if items[0].target.record is None:
            self._library.add([item.target.file for item in items], embeddings)
        else:
            self._continue([item.target for item in items], embeddings)

    def _still_free(self, batch: Iterable[_Item]) -> Iterator[_Item]:
        """All but pictures that the user gave to another record since they were decoded."""
        for item in batch:
            holder = self._library.find(item.target.file.path)
            mine = item.target.record
            if holder is None or (mine is not None and holder.id == mine.id):
                yield item

    def _continue(self, targets: Sequence[Target], embeddings: Mapping[str, Embeddings]) -> None:
        """Known records get their file as it is on disk; those removed meanwhile stay removed."""
        files = {target.record.id: target.file for target in targets if target.record is not None}
        self._library.amend(
            list(files),
            lambda record: replace(record, file=files[record.id], missing=False),
            embeddings,
        )


def _alike(batch: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Group items that are stored by one call: new or known, with vectors in the same spaces."""
    groups: dict[tuple[bool, tuple[str, ...]], list[_Item]] = {}
    for item in batch:
        key = (item.target.record is None, item.target.spaces)
        groups.setdefault(key, []).append(item)
    yield from groups.values()


def _embeddings(encoder: Encoder, items: Sequence[_Item]) -> Embeddings:
    vectors = np.stack([item.vectors[encoder.name] for item in items])
    return Embeddings(vectors, encoder.fingerprint, encoder.precision)
