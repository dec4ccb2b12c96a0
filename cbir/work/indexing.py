"""The indexing job: walk, index what is new, settle what is gone. It knows no model.

Nothing is done twice: an unchanged file (size and time) is not opened, a moved one is recognised by
its content's digest and keeps its id, tags and note, and a skipped one is retried when it changes.
Every batch is committed as it is done, so that ending early, however, keeps what was finished.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cbir.encoders.base import Encoder
from cbir.errors import VectorsIncompatible, WeightsDamaged
from cbir.images import DEFAULT_MAX_PIXELS, Found, Loaded, load_image
from cbir.language import _
from cbir.library import Library
from cbir.records import Record, SkippedFile
from cbir.work.dating import date_records
from cbir.work.messages import LibraryChanged
from cbir.work.pipeline import Encode, Pipeline, Tally
from cbir.work.plan import Plan, gone_records, make_plan, plan_lacking
from cbir.work.pool import DecodePool
from cbir.work.roots import abandoned_roots, is_under
from cbir.work.walking import DEFAULT_WALK, WalkOptions
from cbir.work.worker import JobCancelled, JobRun


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing job did. ``total`` counts the records afterwards, ``spaces`` their vectors.

    ``skipped`` lists every file that could not be indexed, those known from earlier runs included;
    ``left_out`` the spaces whose weights are damaged, with the reason; ``not_entered`` folders and
    links that lead to other file systems; ``out_of_reach``, of a refresh, folders of the library
    that are not there.
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
    out_of_reach: tuple[str, ...] = ()


@dataclass(slots=True)
class _Outcome:
    """What is known of a job so far; ``started`` is by ``time.perf_counter``."""

    plan: Plan
    started: float
    tally: Tally = field(default_factory=Tally)
    missing: int = 0

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that could not be indexed, those known from earlier runs first."""
        return (*self.plan.skipped, *self.tally.bad)


@dataclass(frozen=True, slots=True)
class Indexer:
    """What an indexing job works with; ``run`` reports, ``encode`` runs a model where it belongs.

    Encoders of the ``spaces`` are opened when there is something to encode, which takes seconds;
    with ``optional`` those whose weights turn out to be damaged are left out, and told.
    ``load`` decodes a picture and ``seen`` is told of it, on a decoding thread; ``committed`` is
    told of each commit; ``walk`` says how folders are walked. ``max_pixels`` is what ``load``
    decodes at most.
    """

    run: JobRun
    library: Library
    spaces: Sequence[str]
    open_encoder: Callable[[str], Encoder]
    encode: Encode
    pool: DecodePool
    load: Callable[[str], Loaded] = load_image
    seen: Callable[[Loaded], None] = lambda loaded: None
    committed: Callable[[Library], None] = lambda library: None
    optional: bool = False
    walk: WalkOptions = DEFAULT_WALK
    max_pixels: int = DEFAULT_MAX_PIXELS
    encoders: list[Encoder] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def index(self, paths: Sequence[str]) -> IndexReport:
        """Add or refresh folders and files.

        Raises CbirError where a path does not exist or the library cannot be written, and
        JobCancelled, with the report of what was done, where the job was asked to end.
        """
        started = time.perf_counter()
        paths = [os.path.abspath(path) for path in paths]
        self.run.progress(0, None, _("looking for pictures"))
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
        return make_plan(
            self.run,
            self.library,
            walked,
            self.spaces,
            newest_first=self.walk.newest_first,
            max_pixels=self.max_pixels,
        )

    def complete(self, ids: Sequence[int] | None = None) -> IndexReport:
        """Make the vectors that records lack in the ``spaces``; no folder is walked.

        Of these ``ids`` alone, where any are given. Raises what ``index`` raises.
        """
        started = time.perf_counter()
        return self._work(plan_lacking(self.library, self.spaces, ids), (), started)

    def _work(
        self, plan: Plan, paths: Sequence[str], started: float, roots: Sequence[str] = ()
    ) -> IndexReport:
        outcome = _Outcome(plan, started)
        try:
            if plan.todo:
                self.run.progress(0, len(plan.todo), _("loading the encoders"))
                self._open_encoders()
                self._check_fingerprints()
            self._remember(roots, plan)
            self._index_files(outcome)
            date_records(self.run, self.library, self.pool, plan.undated)
            self._settle_skipped(paths, outcome)
            outcome.missing = self._mark_missing(paths, plan)
        except JobCancelled:
            raise JobCancelled(self._report(outcome)) from None
        return self._report(outcome)

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
                    _(
                        "This library's {name} vectors were made with other weights ({held}) than "
                        "those here ({given}): use the same weights, index without that space, or "
                        "start another library with --library."
                    ).format(
                        name=encoder.name,
                        held=info.fingerprint,
                        given=encoder.fingerprint,
                    )
                )

    def _remember(self, paths: Sequence[str], plan: Plan) -> None:
        for path in paths:
            if os.path.isdir(path):
                self.library.add_root(path)
        self._mark(plan.back, missing=False)

    def _index_files(self, outcome: _Outcome) -> None:
        pipeline = Pipeline(
            self.run,
            self.library,
            self.encoders,
            self.load,
            self.encode,
            self.pool,
            self.committed,
            self.seen,
        )
        outcome.tally = pipeline.tally
        pipeline.run(outcome.plan.todo, len(outcome.plan.skipped))

    def _settle_skipped(self, paths: Sequence[str], outcome: _Outcome) -> None:
        """What this run could not read is listed; what it could, or is gone, is so no longer."""
        now = {skipped.path: skipped for skipped in outcome.skipped}
        known = {skipped.path: skipped for skipped in self.library.skipped}
        new = [skipped for path, skipped in now.items() if known.get(path) != skipped]
        walked = [path for path in known if any(is_under(path, root) for root in paths)]
        past = [path for path in walked if path not in now]
        if new or past:
            self.library.set_skipped(new, past)

    def _mark_missing(self, paths: Sequence[str], plan: Plan) -> int:
        """Mark records whose files are gone; how many."""
        gone = gone_records(self.library, paths, plan.seen)
        self._mark(gone, missing=True)
        for root in abandoned_roots(self.library):
            self.library.remove_root(root)
            listed = (skipped.path for skipped in self.library.skipped)
            self.library.set_skipped([], [path for path in listed if is_under(path, root)])
        self.run.post(LibraryChanged(self.library.version, len(self.library)))
        return len(gone)

    def _mark(self, records: Sequence[Record], *, missing: bool) -> None:
        if records:
            ids = [record.id for record in records]
            self.library.amend(ids, lambda record: replace(record, missing=missing))

    def _report(self, outcome: _Outcome) -> IndexReport:
        plan, tally = outcome.plan, outcome.tally
        seconds = time.perf_counter() - outcome.started
        return IndexReport(
            added=tally.added,
            updated=tally.updated,
            moved=tally.moved,
            unchanged=plan.unchanged + len(plan.back) + tally.touched,
            missing=outcome.missing,
            ignored=plan.ignored,
            skipped=outcome.skipped,
            total=len(self.library),
            seconds=seconds,
            images_per_second=tally.opened / seconds if seconds > 0 else 0.0,
            spaces={name: info.vectors for name, info in self.library.spaces().items()},
            left_out=dict(self.left_out),
            not_entered=tuple(plan.not_entered),
        )
