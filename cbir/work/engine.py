"""The program without its face: settings, workers, models and the library, behind plain requests.

The window and the command line both hold one Engine. Every request returns a Job at once; what
comes of it arrives in ``outbox``, which the main thread drains (``work.loop``).
"""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TypeVar

from threadpoolctl import threadpool_limits

from cbir.asking import ANY, BY_ADDED, Filter, Order
from cbir.config import Settings, make_private_folder
from cbir.encoders import removal, weights
from cbir.errors import DownloadFailed, LibraryDamaged, OtherFile
from cbir.images import Loaded, Metadata, ThumbnailCache, load_image, load_metadata
from cbir.library import Library, UserCommand, repair, verify
from cbir.library.filtering import matching
from cbir.records import DuplicateLevel, Int64Array, Metric, Query, Record
from cbir.settings_file import Preferences, load_preferences, save_preferences
from cbir.work import comparing, editing, filing, mapping, relocating, searching, statistics
from cbir.work.captions import CaptionVectors
from cbir.work.differing import Difference, difference
from cbir.work.duplicates import DuplicateFinder
from cbir.work.evaluating import EvaluationReport, EvaluationRequest, Evaluator
from cbir.work.explaining import Explanation, explain
from cbir.work.exporting import Export, export, save_file
from cbir.work.handing import png_of, programs_for
from cbir.work.indexing import Indexer, IndexReport
from cbir.work.judging import Judge
from cbir.work.listing import Listing
from cbir.work.mapping import ColourBy
from cbir.work.messages import FilesChanged
from cbir.work.models import TERMINAL_CALL_SECONDS, Models
from cbir.work.ordering import ordered
from cbir.work.pool import DecodePool
from cbir.work.query_vectors import SHORT_SIDE, QueryVectors
from cbir.work.roots import missing_records, reachable_roots, roots_out_of_reach
from cbir.work.searching import SearchRequest
from cbir.work.thumbnails import ThumbnailLoader
from cbir.work.unfinished import Begun, Unfinished
from cbir.work.walking import WalkOptions
from cbir.work.watching import FolderWatcher, WatchReport
from cbir.work.worker import Job, JobCancelled, JobRun, Outbox, Worker

R = TypeVar("R")

_ROUNDS = 3
_MOST_THREADS = 8


class Engine:
    """Owns the workers and, through them, the locked library. For the main thread to call.

    A Call runs a model for about ``call_seconds``: shortly in a window, which must stay alive.
    ``models`` are those of another engine, loaded already, which ends before this one begins.
    ``patience`` is how many seconds to wait for another writer of the library to end. One that
    ``tends`` makes and renews LSH indexes by itself, in the background.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        read_only: bool = False,
        call_seconds: float = TERMINAL_CALL_SECONDS,
        models: Models | None = None,
        patience: float = 0.0,
        tends: bool = True,
    ) -> None:
        self.settings = settings
        self.outbox: Outbox = queue.Queue()
        self.models = models or Models(
            settings.models, settings.device, settings.precision, call_seconds, settings.threads
        )
        if settings.threads:
            threadpool_limits(settings.threads)
        self._cache = ThumbnailCache(settings.thumbnails_folder)
        self.thumbnails = ThumbnailLoader(self.outbox, self._cache, max_pixels=settings.max_pixels)
        self._pool = DecodePool(settings.threads or _decode_threads())
        self._indexer = Worker("indexer", self.outbox)
        self._searcher = Worker("searcher", self.outbox)
        self._housekeeper = Worker("housekeeper", self.outbox)
        self._downloader = Worker("downloader", self.outbox)
        self._viewer = Worker("viewer", self.outbox)
        # Looks at the file of each record: on a slow drive for long, so nothing else waits for it.
        self._looker = Worker("looker", self.outbox)
        captions = CaptionVectors(settings.captions_folder)
        vectors = QueryVectors(self.models, captions, self._load)
        self._search = searching.Searcher(vectors, settings.recall, Judge(vectors.of_captions))
        self._library: Future[Library] = Future()
        self._read_only = read_only
        self._patience = patience
        self._tends = tends
        self._watcher: FolderWatcher | None = None
        self._stopping = False
        self._unfinished = Unfinished(settings, lambda: self._stopping)

    def preferences(self) -> Job:
        """What the settings file says now; ``Preferences``."""
        path = self.settings.settings_file
        return self._viewer.submit("Look", lambda _: load_preferences(path))

    def save_preferences(self, wanted: Preferences) -> Job:
        """Write the settings file; the ``Preferences`` that it holds then. Fails with CbirError."""
        path = self.settings.settings_file
        return self._viewer.submit("Save", lambda _: save_preferences(path, wanted), keep=True)

    def prefer(self, wanted: Preferences) -> None:
        """Go by these from the next job on, as far as that can be without starting anew.

        What options or the environment decided stays.
        """
        self.settings = self.settings.preferring(wanted)
        self._search.recall = self.settings.recall
        self.thumbnails.max_pixels = self.settings.max_pixels

    def _load(self, path: str, *, short_side: int = SHORT_SIDE) -> Loaded:
        return load_image(path, max_pixels=self.settings.max_pixels, short_side=short_side)

    @property
    def _workers(self) -> tuple[Worker, ...]:
        return (
            self._indexer,
            self._searcher,
            self._housekeeper,
            self._downloader,
            self._viewer,
            self._looker,
        )

    def open(self) -> Job:
        """Open the library; the result is the Library, for reading its facts only.

        Every other request waits for this one. Fails with LibraryDamaged, LibraryTooNew or
        CbirError; then each later request fails in the same words.
        """
        return self._searcher.submit("Open the library", self._open_library)

    def _open_library(self, run: JobRun) -> Library:
        self._library.set_running_or_notify_cancel()
        try:
            if not self._read_only:
                make_private_folder(self.settings.library.parent)
            library = Library.open(
                self.settings.library, read_only=self._read_only, patience=self._patience
            )
        except BaseException as error:
            self._library.set_exception(error)
            raise
        self._library.set_result(library)
        self._tend_if_due(library)
        return library

    def _submit(
        self,
        worker: Worker,
        title: str,
        function: Callable[[JobRun, Library], R],
        *,
        keep: bool = False,
    ) -> Job:
        """Queue a job that needs the library."""
        return worker.submit(title, lambda run: function(run, run.wait(self._library)), keep=keep)

    def index(self, paths: Sequence[str], spaces: Sequence[str] | None = None) -> Job:
        """Add or refresh folders and files; ``IndexReport``.

        ``spaces`` None means every space whose weights are on this computer.
        """
        return self._submit(
            self._indexer, "Index", lambda run, library: self._index(run, library, paths, spaces)
        )

    def _index(
        self, run: JobRun, library: Library, paths: Sequence[str], spaces: Sequence[str] | None
    ) -> IndexReport:
        paths = [os.path.abspath(path) for path in paths]
        if self._watcher is not None:  # first, so that nothing is missed between
            self._watcher.follow(path for path in paths if os.path.isdir(path))
        if not paths:
            return self._make_indexer(run, library, spaces).index(paths)
        with self._unfinished.noted(Begun(tuple(paths), tuple(spaces) if spaces else None)):
            return self._make_indexer(run, library, spaces).index(paths)

    def watch(self, folders: Sequence[str] | None = None) -> Job:
        """Tell of changes below folders from now on, by ``FilesChanged``; ``WatchReport``.

        ``folders`` None means those that the library remembers; folders indexed later are watched
        too. Fails with CbirError where watchdog is not installed.
        """

        def task(run: JobRun, library: Library) -> WatchReport:
            watcher = self._watcher
            if watcher is None:
                walk = WalkOptions.of(self.settings)
                own = str(self.settings.library)
                self._watcher = watcher = FolderWatcher(self._tell_changed, walk, own)
            report = watcher.follow(library.roots if folders is None else folders)
            if run.job.cancelled:  # it may have been too early for ``unwatch``
                self.unwatch()
            run.check()
            return report

        return self._submit(self._indexer, "Watch folders", task)

    def _tell_changed(self, paths: Sequence[str]) -> None:
        self.outbox.put(FilesChanged(tuple(paths)))

    def index_changed(self, paths: Sequence[str]) -> Job:
        """Look again at what ``FilesChanged`` told of; ``IndexReport``."""

        def task(run: JobRun, library: Library) -> IndexReport:
            return self._make_indexer(run, library, None).look_again(paths)

        return self._submit(self._indexer, "Index what changed", task)

    def changes_done(self) -> None:
        """What ``FilesChanged`` told of was looked at, or never will be: it may tell of more."""
        watcher = self._watcher
        if watcher is not None:
            watcher.ready()

    def unwatch(self) -> None:
        """Tell of no more changes. Never waits."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    def complete(self, spaces: Sequence[str] | None, ids: Sequence[int] | None = None) -> Job:
        """Make the vectors that records lack in ``spaces``, walking no folder; ``IndexReport``.

        ``spaces`` None means all whose weights are here, ``ids`` None all records.
        """

        def task(run: JobRun, library: Library) -> IndexReport:
            indexer = self._make_indexer(run, library, spaces)
            if ids is not None:
                return indexer.complete(ids)
            with self._unfinished.noted(Begun((), tuple(indexer.spaces))):
                return indexer.complete()

        return self._submit(self._indexer, "Complete", task)

    def unfinished(self) -> Job:
        """What was being indexed when the program last ended; ``tuple[Begun, ...]``.

        To be asked before anything is indexed: that is unfinished, too, until it has ended.
        """
        return self._viewer.submit("Look for what is unfinished", lambda _: self._unfinished.read())

    def forget_unfinished(self, begun: Sequence[Begun]) -> Job:
        """It is not wanted any more; None."""
        return self._viewer.submit("Forget", lambda _: self._unfinished.forget(begun))

    def retry(self, paths: Sequence[str]) -> Job:
        """Open skipped files again, though they did not change; ``IndexReport``.

        Those that are not there any more are no longer listed.
        """

        def task(run: JobRun, library: Library) -> IndexReport:
            there = [path for path in paths if os.path.lexists(path)]
            asked = set(paths)
            listed = [skipped for skipped in library.skipped if skipped.path in asked]
            library.set_skipped((), paths)
            try:
                return self._index(run, library, there, None)
            except BaseException:  # what was not come to is still to be tried
                known = {skipped.path for skipped in library.skipped}
                left = [one for one in listed if one.path not in known]
                library.set_skipped([one for one in left if library.find(one.path) is None])
                raise

        return self._submit(self._indexer, "Try skipped files again", task)

    def _make_indexer(self, run: JobRun, library: Library, spaces: Sequence[str] | None) -> Indexer:
        chosen = tuple(dict.fromkeys(spaces or self.models.available()))
        for space in chosen:
            self.models.require(space)
        return Indexer(
            run,
            library,
            chosen,
            partial(self.models.get_for_many, run),
            partial(self.models.encode, run),
            self._pool,
            load=self._load,
            seen=self.thumbnails.offer,
            committed=self._tend_if_due,
            optional=spaces is None,
            walk=WalkOptions.of(self.settings),
            max_pixels=self.settings.max_pixels,
        )

    def _tend_if_due(self, library: Library) -> None:
        """Called on a worker: look after the library on the housekeeper, one job at a time."""
        due = library.needs_fold or (self._tends and library.needs_tending)
        if due and self._housekeeper.idle:
            self._tend(indexes=self._tends)

    def tend(self) -> Job:
        """Make and renew LSH indexes and fold the journal, where that is due; None."""
        return self._tend(indexes=True)

    def fold(self) -> Job:
        """Fold the journal, where that is due; None."""
        return self._tend(indexes=False)

    def _tend(self, *, indexes: bool) -> Job:
        return self._submit(
            self._housekeeper,
            "Look after the library",
            lambda run, library: _look_after(run, library, indexes),
        )

    def _submit_change(
        self,
        worker: Worker,
        title: str,
        function: Callable[[JobRun, Library], R],
        *,
        keep: bool = True,
    ) -> Job:
        """Queue a user's own change of the library, and look after it where that is due."""

        def task(run: JobRun, library: Library) -> R:
            result = function(run, library)
            self._tend_if_due(library)
            return result

        return self._submit(worker, title, task, keep=keep)

    def refresh(self, spaces: Sequence[str] | None = None) -> Job:
        """Index every root of the library again; ``IndexReport``.

        Roots out of reach are left, and told.
        """

        def task(run: JobRun, library: Library) -> IndexReport:
            report = self._index(run, library, reachable_roots(library), spaces)
            return replace(report, out_of_reach=roots_out_of_reach(library))

        return self._submit(self._indexer, "Refresh", task)

    def edit(self, record_id: int, change: editing.Edit, command: UserCommand | None = None) -> Job:
        """Tags, note, a moved file, new vectors of one record; the changed ``Record``.

        Edits of one ``command`` (``editing.command_for``) are undone together.
        """
        worker = self._indexer if change.re_embed else self._searcher
        return self._submit_change(
            worker,
            "Change a record",
            lambda run, library: editing.edit(
                run, library, self.models, record_id, change, command, self._load
            ),
            keep=not change.re_embed,
        )

    def tag(self, ids: Iterable[int], tags: Sequence[str]) -> Job:
        """Give tags to many records in one change; the changed records, a list."""
        wanted = list(ids)
        return self._submit_change(
            self._searcher,
            "Tag",
            lambda run, library: editing.tag(run, library, wanted, tags),
        )

    def remove(self, ids: Iterable[int]) -> Job:
        """Remove records and their thumbnails in the cache, never files; how many."""
        wanted = list(ids)
        return self._submit_change(
            self._searcher,
            "Remove from the library",
            lambda run, library: editing.remove(run, library, wanted, self._cache.remove),
        )

    def rename(self, record_id: int, name: str) -> Job:
        """Give a picture's file another name, and its record with it; the changed ``Record``."""

        def task(run: JobRun, library: Library) -> Record:
            return filing.rename(run, library, record_id, name, self._cache.remove)

        return self._submit_change(self._searcher, "Rename", task)

    def lost_folders(self) -> Job:
        """The folders whose pictures' files are not there; ``tuple[LostFolder, ...]``."""
        return self._submit(self._looker, "Look for missing folders", relocating.lost_folders)

    def folders_of(self, records: Sequence[Record]) -> Job:
        """The folders of records that are known to be missing; ``tuple[LostFolder, ...]``."""
        paths = [record.path for record in records]
        return self._submit(
            self._looker,
            "Look for missing folders",
            lambda _, library: relocating.folders_of(paths, library.roots),
        )

    def missing_records(self) -> Job:
        """The records whose files are gone at this moment, a list."""
        return self._submit(self._looker, "Look for missing files", missing_records)

    def preview_move(self, old: str, new: str) -> Job:
        """What ``move_folder`` would do; a ``Move``."""
        return self._submit(
            self._looker,
            "Look into a folder",
            lambda run, library: relocating.preview_move(run, library, old, new),
        )

    def move_folder(self, old: str, new: str) -> Job:
        """Point the records of a folder's missing pictures to where it is now; a ``Move``."""
        return self._submit_change(
            self._looker,
            "Locate a folder",
            lambda run, library: relocating.move_folder(run, library, old, new),
            keep=False,
        )

    def trash(self, ids: Iterable[int]) -> Job:
        """Move files to the system's trash, and remove their records; ``TrashReport``."""
        wanted = list(ids)

        def task(run: JobRun, library: Library) -> filing.TrashReport:
            return filing.trash(run, library, wanted, self._cache.remove)

        return self._submit_change(self._searcher, "Move to the trash", task)

    def undo(self) -> Job:
        """Take the user's last command back; ``Undone``. Fails with NothingToUndo.

        A file that it renamed gets its name back.
        """
        return self._submit_change(self._searcher, "Undo", filing.undo)

    def search(self, request: SearchRequest) -> Job:
        """Search; ``SearchOutcome``."""

        def task(run: JobRun, library: Library) -> searching.SearchOutcome:
            outcome = self._search.search(run, library, request)
            self._tend_if_due(library)  # the index that it could have used may be missing
            return outcome

        return self._submit(self._searcher, "Search", task)

    def compare(
        self, request: SearchRequest, spaces: Sequence[str] = comparing.SPACES_COMPARED
    ) -> Job:
        """The same query in several spaces, and one ranking of them; ``Comparison``."""
        return self._submit(
            self._searcher,
            "Compare",
            lambda run, library: comparing.compare(run, self._search, library, request, spaces),
        )

    def project(self, space: str, metric: Metric) -> Job:
        """The map of a space; ``MapOutcome``."""
        return self._submit(
            self._housekeeper,
            "Draw the map",
            lambda _, library: searching.project(library, space, metric),
        )

    def map_colours(self, by: ColourBy, space: str, metric: Metric, ids: Int64Array) -> Job:
        """What the map's points are coloured by; ``MapColours``."""
        return self._submit(
            self._housekeeper,
            "Colour the map",
            lambda _, library: mapping.colours(library, by, space, metric, ids),
        )

    def map_query(
        self, outcome: searching.SearchOutcome, ids: Int64Array, least_percentile: float = 0.0
    ) -> Job:
        """Where a search's query is on the map, and how near all pictures are to it; ``MapQuery``.

        ``least_percentile``, 0 to 100: how similar pictures are to be.
        """

        def task(run: JobRun, library: Library) -> mapping.MapQuery:
            vectors = self._search.vectors
            return mapping.query_on_map(run, library, vectors, outcome, ids, least_percentile)

        return self._submit(self._searcher, "Find the query on the map", task)

    def map_passing(self, wanted: Filter, ids: Int64Array) -> Job:
        """Which of the map's pictures a filter lets by: a mask (n,), or None for all."""
        return self._submit(
            self._housekeeper,
            "Filter the map",
            lambda _, library: mapping.passing(library, wanted, ids),
        )

    def find_duplicates(self, level: DuplicateLevel, space: str | None = None) -> Job:
        """Groups of records that are duplicates at ``level`` or a tighter one; ``Duplicates``.

        ``space`` None means the one that most pictures have vectors in. Nothing is changed.
        """
        return self._submit(
            self._housekeeper,
            "Find near-duplicates",
            lambda run, library: DuplicateFinder(run, self._pool, self._load).find(
                library, level, space
            ),
        )

    def export(self, wanted: Export) -> Job:
        """Take records elsewhere as a table, a page, copies …; ``ExportReport``.

        Cancelled while files are copied, its result is the report of those that were.
        """
        pixels = self.settings.max_pixels
        return self._housekeeper.submit("Export", lambda run: export(run, wanted, pixels))

    def browse(
        self, wanted: Filter = ANY, order: Order = BY_ADDED, only: Sequence[int] | None = None
    ) -> Job:
        """The records that pass a filter, in an order; a ``Listing``.

        With ``only``, those of these ids that are there still, in their order unless another one
        than ``BY_ADDED`` is asked for.
        """

        def task(_: JobRun, library: Library) -> Listing:
            table = library.table.prepare()
            ids = (table.ids if wanted == ANY else matching(table, wanted)).tolist()
            if only is not None:
                there = set(ids)
                ids = [id_ for id_ in only if id_ in there]
            if order == BY_ADDED:
                return Listing(table, ids)
            return Listing(table, [one.id for one in ordered(Listing(table, ids), order)])

        return self._submit(self._searcher, "List", task)

    def ask(self, title: str, question: Callable[[Library], R]) -> Job:
        """Anything else that only reads the library, and no slow disk; the question's answer."""
        return self._submit(self._searcher, title, lambda _, library: question(library))

    def statistics(self) -> Job:
        """The library in numbers; ``LibraryStatistics``. No index is made for it."""
        recall = self.settings.recall
        return self._submit(
            self._viewer,
            "Count",
            lambda _, library: statistics.library_statistics(library, recall),
        )

    def measure_recall(self, space: str, metric: Metric) -> Job:
        """Search by a hundred pictures, by LSH and exactly, and compare; ``RecallMeasure``."""
        recall = self.settings.recall
        return self._submit(
            self._housekeeper,
            "Measure recall",
            lambda run, library: statistics.recall_of(run, library, space, metric, recall),
        )

    def metadata(self, path: str) -> Job:
        """What a picture file tells of itself (EXIF); ``Metadata``. No pixel is decoded."""

        def task(_: JobRun) -> Metadata:
            return load_metadata(path)

        return self._viewer.submit("Read metadata", task)

    def picture(self, path: str, long_side: int = 0) -> Job:
        """A picture for looking at it; ``Loaded``.

        Its longer side has at least ``long_side`` pixels, where it has so many, and 16 megapixels
        at most; 0: it is decoded in full, whatever memory that takes.
        """

        def task(_: JobRun) -> Loaded:
            most = self.settings.max_pixels
            return load_image(path, max_pixels=most, short_side=None, long_side=long_side)

        return self._viewer.submit("Load a picture", task)

    def difference(self, first: str, second: str, *, mirrored: bool = False) -> Job:
        """How two pictures differ, the second scaled to the first's size; ``Difference``."""
        load = partial(load_image, max_pixels=self.settings.max_pixels, short_side=None)

        def task(run: JobRun) -> Difference:
            return difference(run, load, first, second, mirrored=mirrored)

        return self._viewer.submit("Compare two pictures", task)

    def png(self, path: str) -> Job:
        """A picture as others can paste it, a PNG file's content; bytes."""
        most = self.settings.max_pixels
        return self._viewer.submit("Copy a picture", lambda _: png_of(path, most))

    def programs(self, path: str) -> Job:
        """The programs that can open a file, on Linux; ``tuple[Program, ...]``."""
        return self._viewer.submit("Look for programs", lambda _: programs_for(path))

    def explain(self, record_id: int, query: Query) -> Job:
        """Which parts of a picture make it an answer to ``query``; ``Explanation``."""

        def task(run: JobRun, library: Library) -> Explanation:
            return explain(run, library, self.models, self._load, record_id, query)

        return self._submit(self._viewer, "Explain a hit", task)

    def save_copy(self, path: str) -> Job:
        """Write the library as it is now to ``path``, a new library; None. All else goes on."""
        return self._submit(
            self._housekeeper,
            "Save a copy",
            lambda run, library: library.save_copy(path, pause=run.check),
        )

    def do(self, title: str, action: Callable[[], R]) -> Job:
        """Anything short that needs a worker and no library; the action's result."""
        return self._viewer.submit(title, lambda _: action())

    def check_library(self, path: str) -> Job:
        """Look whether another library can be opened, also one that is damaged; None.

        Fails with OtherFile, LibraryTooNew, or CbirError where it cannot be read.
        """
        return self._viewer.submit("Look at a library", lambda _: _check_library(path))

    def verify(self) -> Job:
        """Check the library file; ``VerifyReport``."""
        path = self.settings.library
        return self._housekeeper.submit("Verify", lambda _: verify(path))

    def repair(self, to: str | None = None) -> Job:
        """Save what is whole of a damaged library into a new file; ``RepairReport``."""
        path = self.settings.library
        return self._housekeeper.submit("Repair", lambda _: repair(path, to))

    def evaluate(self, request: EvaluationRequest) -> Job:
        """Leave-one-out retrieval quality on labelled pictures; ``EvaluationReport``.

        Only a request for tags, or for what the library has, waits for the library.
        """

        recall = self.settings.recall

        def task(run: JobRun) -> EvaluationReport:
            wants = request.from_library or request.labels == "tags"
            library = run.wait(self._library) if wants else None
            with_all = Evaluator(run, self.models, self._pool, library, self._load, recall)
            return with_all.evaluate(request)

        return self._indexer.submit("Evaluate", task)

    def save_file(self, path: str, content: bytes) -> Job:
        """Write a file that the user named, whole or not at all; None. Fails with CbirError."""
        return self._viewer.submit("Save a file", lambda _: save_file(path, content))

    def cache_bytes(self) -> Job:
        """How many bytes the thumbnails in the cache take; an int."""
        return self._housekeeper.submit("Look at the cache", lambda _: self._cache.bytes_used)

    def clear_cache(self) -> Job:
        """Remove all thumbnails from the cache, never files; how many bytes they took."""
        return self._housekeeper.submit("Clear the cache", lambda _: self._cache.clear())

    def weights(self) -> Job:
        """Which weights are on this computer; ``tuple[WeightsStatus, ...]``. Files are hashed."""
        models = self.settings.models
        return self._housekeeper.submit(
            "Look at the weights",
            lambda _: tuple(weights.weights_status(name, models) for name in weights.WEIGHTS),
        )

    def download(self, name: str) -> Job:
        """Download the weights of a space, verified; the path where they lie.

        What was there goes on from where it ended. Cancelled, its result is a sentence of what is
        kept.
        """

        def task(run: JobRun) -> str:
            def progress(done: int, total: int) -> None:
                run.progress(done, total, name, unit="bytes")

            try:
                folder = weights.download(
                    name, self.settings.models, progress, lambda: run.job.cancelled
                )
            except DownloadFailed as error:
                if run.job.cancelled:  # it did not fail then
                    raise JobCancelled(str(error)) from error
                raise
            return str(folder)

        return self._downloader.submit(f"Download {name}", task)

    def remove_weights(self, name: str) -> Job:
        """Remove the weights of a space and what is there of a download; ``RemovedWeights``.

        An encoder that is loaded stays so until the program ends.
        """
        models = self.settings.models
        return self._housekeeper.submit(
            f"Remove {name}", lambda _: removal.remove_weights(name, models)
        )

    def stop(self) -> None:
        """Cancel every job but the user's own changes, and end the threads. Never waits."""
        self._stopping = True
        self.thumbnails.stop()
        self.unwatch()
        for worker in self._workers:
            worker.stop()

    @property
    def idle(self) -> bool:
        """Whether every job has ended, so that closing loses nothing."""
        return all(worker.idle for worker in self._workers)

    @property
    def keeping(self) -> bool:
        """Whether a user's own change is still to be written."""
        return any(worker.keeping for worker in self._workers)

    def close(self) -> None:
        """Let go of the library, after ``stop``; a job that still runs ends with the process."""
        self._pool.stop()
        if self._library.done() and self._library.exception() is None:
            self._library.result().close()


def _decode_threads() -> int:
    """One a core, within reason."""
    return min(_MOST_THREADS, max(2, os.cpu_count() or 2))


def _check_library(path: str) -> None:
    try:
        Library.open(path, read_only=True).close()
    except OtherFile:
        raise
    except LibraryDamaged:
        return  # told, and what is whole of it saved, where it is open


def _look_after(run: JobRun, library: Library, indexes: bool) -> None:
    try:
        for _ in range(_ROUNDS):  # what became due while something was made
            if not indexes or not library.needs_tending:
                break
            library.tend()
            run.check()
    finally:
        if library.needs_fold and not run.job.cancelled:
            library.fold(pause=run.check)
