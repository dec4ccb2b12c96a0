"""The indexing job: walk, decode, encode, add. It reads top to bottom and knows no model.

Nothing is done twice: an unchanged file (size and time) is not opened, a moved one is recognised by
its content's digest and keeps its id, tags and note, and a skipped one is retried when it changes.
Every batch is committed as it is done, so that ending early, however, keeps what was finished.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cbir.encoders.base import Encoder
from cbir.errors import UnreadableImage, VectorsIncompatible, WeightsDamaged
from cbir.images import Found, FoundFile, load_image
from cbir.library import Library
from cbir.records import Embeddings, Float32Array, Record, SkippedFile
from cbir.work.messages import LibraryChanged
from cbir.work.plan import Claims, Plan, Target, gone_records, make_plan, place, plan_lacking
from cbir.work.pool import DecodePool
from cbir.work.roots import abandoned_roots, is_under
from cbir.work.walking import DEFAULT_WALK, WalkOptions
from cbir.work.worker import JobCancelled, JobRun

Encode = Callable[[Encoder, Sequence[NDArray[np.generic]]], Float32Array]

BATCH = 32
_TRY_AGAIN = (-1, -1)  # no file has this size and time: it is opened again the next time
COMMIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing job did. ``total`` counts the records afterwards, ``spaces`` their vectors.

    ``skipped`` lists every file that could not be indexed, those known from earlier runs included;
    ``left_out`` the spaces whose weights are damaged, with the reason; ``not_entered`` folders and
    links that lead to other file systems.
    """

    added: int
    updated: int
    moved: int
    unchanged: int
    missing: int
    ignored: int
    skipped: tuple[SkippedFile, ...]
    total: int
    seconds: float
    images_per_second: float
    spaces: Mapping[str, int]
    left_out: Mapping[str, str] = field(default_factory=dict)
    not_entered: tuple[str, ...] = ()


@dataclass(slots=True)
class _Item:
    """One opened picture on its way into the library."""

    target: Target
    prepared: dict[str, NDArray[np.generic]]
    vectors: dict[str, Float32Array] = field(default_factory=dict)


@dataclass(slots=True)
class _Tally:
    added: int = 0
    updated: int = 0
    moved: int = 0
    touched: int = 0
    opened: int = 0
    missing: int = 0
    bad: list[SkippedFile] = field(default_factory=list)
    remembered: int = 0


@dataclass(frozen=True, slots=True)
class Indexer:
    """What an indexing job works with; ``run`` reports, ``encode`` runs a model where it belongs.

    Encoders of the ``spaces`` are opened when there is something to encode, which takes seconds;
    with ``optional`` those whose weights turn out to be damaged are left out, and told.
    ``micro_batch`` pictures go through a model at once; ``committed`` is told of each commit;
    ``walk`` says how folders are walked.
    """

    run: JobRun
    library: Library
    spaces: Sequence[str]
    open_encoder: Callable[[str], Encoder]
    encode: Encode
    pool: DecodePool
    micro_batch: int = BATCH
    committed: Callable[[Library], None] = lambda library: None
    optional: bool = False
    walk: WalkOptions = DEFAULT_WALK
    encoders: list[Encoder] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def index(self, paths: Sequence[str]) -> IndexReport:
        """Add or refresh folders and files.

        Raises CbirError where a path does not exist or the library cannot be written, and
        JobCancelled, with the report of what was done, where the job was asked to end.
        """
        started = time.perf_counter()
        paths = [os.path.abspath(path) for path in paths]
        self.run.progress(0, None, "looking for pictures")
        plan = self._plan(self.walk.find(paths))
        return self._work(plan, paths, started, roots=paths)

    def look_again(self, paths: Sequence[str]) -> IndexReport:
        """Look at what changed below the library's folders; ``paths`` may be gone by now.

        Raises what ``index`` raises, but for paths that do not exist.
        """
        started = time.perf_counter()
        plan = self._plan(self.walk.look_again(paths, self.library.roots))
        return self._work(plan, paths, started)

    def _plan(self, walked: Iterable[Found]) -> Plan:
        newest_first = self.walk.newest_first
        return make_plan(self.run, self.library, walked, self.spaces, newest_first=newest_first)

    def complete(self) -> IndexReport:
        """Make the vectors that records lack in the ``spaces``; no folder is walked.

        Raises what ``index`` raises.
        """
        started = time.perf_counter()
        return self._work(plan_lacking(self.library, self.spaces), (), started)

    def _work(
        self, plan: Plan, paths: Sequence[str], started: float, roots: Sequence[str] = ()
    ) -> IndexReport:
        tally = _Tally()
        try:
            if plan.todo:
                self.run.progress(0, len(plan.todo), "loading the encoders")
                self._open_encoders()
                self._check_fingerprints()
            self._remember(roots, plan)
            self._index_files(plan, tally)
            self._settle_skipped(paths, plan, tally)
            self._mark_missing(paths, plan, tally)
        except JobCancelled:
            raise JobCancelled(self._report(plan, tally, started)) from None
        return self._report(plan, tally, started)

    def _open_encoders(self) -> None:
        for space in self.spaces:
            try:
                self.encoders.append(self.open_encoder(space))
            except WeightsDamaged as error:
                if not self.optional:
                    raise
                self.left_out[space] = str(error)

    def _check_fingerprints(self) -> None:
        """Refuse before any work what the library would refuse after it."""
        held = self.library.spaces()
        for encoder in self.encoders:
            info = held.get(encoder.name)
            if info is not None and info.fingerprint != encoder.fingerprint:
                raise VectorsIncompatible(
                    f"This library's {encoder.name} vectors were made with other weights "
                    f"({info.fingerprint}) than those here ({encoder.fingerprint}): use the same "
                    "weights, index without that space, or start another library with --library."
                )

    def _remember(self, paths: Sequence[str], plan: Plan) -> None:
        for path in paths:
            if os.path.isdir(path):
                self.library.add_root(path)
        self._mark(plan.back, missing=False)

    def _index_files(self, plan: Plan, tally: _Tally) -> None:
        """Index the plan's files; what was encoded is kept also where the job is cancelled."""
        encoded: list[_Item] = []
        try:
            self._encode_files(plan, tally, encoded)
        except JobCancelled:
            self._commit(encoded, tally)
            raise

    def _encode_files(self, plan: Plan, tally: _Tally, encoded: list[_Item]) -> None:
        """Encode pictures as they are decoded, and commit them every ``BATCH`` or two seconds."""
        total = len(plan.todo)
        load = partial(self._load, Claims())
        fresh: list[_Item] = []
        committed = time.monotonic()
        window = 2 * (self.pool.threads + self.micro_batch)
        loaded = self.pool.map_ahead(load, plan.todo, window)
        for number, (found, future) in enumerate(zip(plan.todo, loaded, strict=True), start=1):
            self.run.check()
            self._take(found, future, fresh, tally)
            if len(fresh) < self.micro_batch and number < total:
                continue
            self._encode(fresh)
            encoded += fresh
            fresh.clear()
            due = time.monotonic() - committed > COMMIT_SECONDS
            if len(encoded) >= BATCH or due or number == total:
                self._commit(encoded, tally)
                encoded.clear()
                committed = time.monotonic()
            skipped = len(plan.skipped) + len(tally.bad)
            self.run.progress(number, total, os.path.dirname(found.path), skipped)

    def _settle_skipped(self, paths: Sequence[str], plan: Plan, tally: _Tally) -> None:
        """What this run could not read is listed; what it could, or is gone, is so no longer."""
        now = {skipped.path: skipped for skipped in [*plan.skipped, *tally.bad]}
        known = {skipped.path: skipped for skipped in self.library.skipped}
        new = [skipped for path, skipped in now.items() if known.get(path) != skipped]
        walked = [path for path in known if any(is_under(path, root) for root in paths)]
        past = [path for path in walked if path not in now]
        if new or past:
            self.library.set_skipped(new, past)

    def _load(self, claims: Claims, found: FoundFile) -> _Item:
        """On a decoding thread: open, decide where it belongs, prepare what is needed."""
        loaded = load_image(found.path)
        target = place(self.library, loaded.file, [e.name for e in self.encoders], claims)
        item = _Item(target, {})
        for encoder in self.encoders:
            if encoder.name not in target.spaces:
                continue
            prepared = encoder.prepare(loaded.image)
            if encoder.on_main_thread:
                item.prepared[encoder.name] = prepared
            else:
                item.vectors[encoder.name] = encoder.encode_prepared([prepared])[0]
        return item

    def _take(
        self, found: FoundFile, future: Future[_Item], batch: list[_Item], tally: _Tally
    ) -> None:
        try:
            batch.append(self.run.wait(future))
        except UnreadableImage as error:
            seen = (found.size, found.mtime_ns) if error.lasting else _TRY_AGAIN
            tally.bad.append(SkippedFile(found.path, *seen, error.reason))
        tally.opened += 1

    def _commit(self, batch: Sequence[_Item], tally: _Tally) -> None:
        """Store one batch; it is on disk when this returns."""
        for items in _alike(self._still_free(batch)):
            embeddings = {
                encoder.name: _embeddings(encoder, items)
                for encoder in self.encoders
                if encoder.name in items[0].target.spaces
            }
            if items[0].target.record is None:
                self.library.add([item.target.file for item in items], embeddings)
            else:
                self._continue([item.target for item in items], embeddings)
            for item in items:
                _count(item.target, tally)
        if len(tally.bad) > tally.remembered:
            self.library.set_skipped(tally.bad[tally.remembered :])
            tally.remembered = len(tally.bad)
        self.committed(self.library)
        self.run.post(LibraryChanged(self.library.version, len(self.library)))

    def _still_free(self, batch: Iterable[_Item]) -> Iterator[_Item]:
        """All but pictures that the user gave to another record since they were decoded."""
        for item in batch:
            holder = self.library.find(item.target.file.path)
            mine = item.target.record
            if holder is None or (mine is not None and holder.id == mine.id):
                yield item

    def _continue(self, targets: Sequence[Target], embeddings: Mapping[str, Embeddings]) -> None:
        """Known records get their file as it is on disk; those removed meanwhile stay removed."""
        files = {target.record.id: target.file for target in targets if target.record is not None}
        self.library.amend(
            list(files),
            lambda record: replace(record, file=files[record.id], missing=False),
            embeddings,
        )

    def _encode(self, items: Sequence[_Item]) -> None:
        """Run the models over one micro-batch."""
        for encoder in self.encoders:
            part = [item for item in items if encoder.name in item.prepared]
            if part:
                prepared = [item.prepared.pop(encoder.name) for item in part]
                for item, vector in zip(part, self.encode(encoder, prepared), strict=True):
                    item.vectors[encoder.name] = vector

    def _mark_missing(self, paths: Sequence[str], plan: Plan, tally: _Tally) -> None:
        gone = gone_records(self.library, paths, plan.seen)
        self._mark(gone, missing=True)
        tally.missing = len(gone)
        for root in abandoned_roots(self.library):
            self.library.remove_root(root)
            listed = (skipped.path for skipped in self.library.skipped)
            self.library.set_skipped([], [path for path in listed if is_under(path, root)])
        self.run.post(LibraryChanged(self.library.version, len(self.library)))

    def _mark(self, records: Sequence[Record], *, missing: bool) -> None:
        if records:
            ids = [record.id for record in records]
            self.library.amend(ids, lambda record: replace(record, missing=missing))

    def _report(self, plan: Plan, tally: _Tally, started: float) -> IndexReport:
        seconds = time.perf_counter() - started
        return IndexReport(
            added=tally.added,
            updated=tally.updated,
            moved=tally.moved,
            unchanged=plan.unchanged + len(plan.back) + tally.touched,
            missing=tally.missing,
            ignored=plan.ignored,
            skipped=tuple(plan.skipped + tally.bad),
            total=len(self.library),
            seconds=seconds,
            images_per_second=tally.opened / seconds if seconds > 0 else 0.0,
            spaces={name: info.vectors for name, info in self.library.spaces().items()},
            left_out=dict(self.left_out),
            not_entered=tuple(plan.not_entered),
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


def _count(target: Target, tally: _Tally) -> None:
    record = target.record
    if record is None:
        tally.added += 1
    elif record.path != target.file.path:
        tally.moved += 1
    elif target.spaces:
        tally.updated += 1
    else:
        tally.touched += 1
