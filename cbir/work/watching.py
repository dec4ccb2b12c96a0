"""Keeping folders up to date: the system tells of changes, and they are handed on in batches.

watchdog is an extra, and imported when watching begins.
"""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cbir.errors import CbirError
from cbir.images import is_other_file
from cbir.language import _
from cbir.work.batching import Batches
from cbir.work.roots import is_under
from cbir.work.walking import WalkOptions

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

_EVENTS = (
    "DirCreatedEvent",
    "DirDeletedEvent",
    "DirMovedEvent",
    "FileCreatedEvent",
    "FileDeletedEvent",
    "FileMovedEvent",
    "FileModifiedEvent",
    "FileClosedEvent",
    "FileAttribEvent",  # newer versions tell times and rights apart from content
)
"""Those that are about content; that a file was opened or read is not asked for."""

_LIMITS = {
    errno.ENOSPC: ("fs.inotify.max_user_watches", 1_048_576),
    errno.EMFILE: ("fs.inotify.max_user_instances", 1024),
}
"""Limits of the system that are reached, and what is plenty."""


@dataclass(frozen=True, slots=True)
class WatchReport:
    """Which ``folders`` are watched; ``refused`` are those that are not, with a sentence each."""

    folders: tuple[str, ...]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Watched:
    """A folder that is watched, and which folder that was."""

    identity: tuple[int, int]
    handler: _Handler
    watch: ObservedWatch


class FolderWatcher:
    """Watches folders and all below them; for one thread at a time, but for ``ready`` and ``stop``.

    ``changed`` gets the paths of what came, went or became another, on a thread of the watcher's
    own: those that an indexing of the folders would not look at are left out, and so are paths
    that begin with ``own``, the library's. After each batch ``ready`` must be called.
    Raises CbirError where watchdog is not installed.
    """

    def __init__(
        self,
        changed: Callable[[Sequence[str]], None],
        walk: WalkOptions,
        own: str,
        make_observer: Callable[[], BaseObserver] | None = None,
    ) -> None:
        self._make_observer = make_observer or _find_observer()
        self._observer: BaseObserver | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._filter = _event_classes()
        self._walk = walk
        self._own = own
        self._asked: tuple[str, ...] = ()
        self._watched: dict[str, _Watched] = {}
        self._refused: dict[str, str] = {}
        self._batches = Batches(changed, ended=self._end)

    def follow(self, folders: Iterable[str]) -> WatchReport:
        """Watch these folders from now on too, and anew those that were replaced meanwhile.

        Takes a while for each thousand folders below them. One that is not there is passed over.
        """
        self._forget_lost()
        self._asked = tuple(dict.fromkeys([*self._asked, *folders]))
        for folder in _outermost(self._asked):
            if folder not in self._watched and folder not in self._refused:
                self._watch(folder)
        return WatchReport(tuple(self._watched), dict(self._refused))

    def ready(self) -> None:
        """The last batch was dealt with: the next may come. Any thread may call it."""
        self._batches.ready()

    def stop(self) -> None:
        """Watch no longer. Any thread may call it; it never waits."""
        self._batches.stop()

    def _watch(self, folder: str) -> None:
        try:
            identity = _identity(folder)
            real = os.path.realpath(folder)
            handler = _Handler(self._heard, real, folder)
            watch = self._schedule(handler, real)
        except OSError as error:
            if error.errno in _LIMITS:
                self._refused[folder] = _limit_reached(folder, *_LIMITS[error.errno])
            elif os.path.isdir(folder):
                self._refused[folder] = _cannot_be_watched(folder, error)
            return
        self._watched[folder] = _Watched(identity, handler, watch)

    def _schedule(self, handler: Any, real: str) -> ObservedWatch:
        """Watch a folder; raises OSError, also where not all below it can be watched."""
        observer = self._started()
        watch = observer.schedule(handler, real, recursive=True, event_filter=self._filter)
        try:
            # Newer versions pass over folders for which the system has no watch left: there is one
            # more only where there was one for each of them.
            probe = os.path.realpath(tempfile.gettempdir())
            observer.unschedule(observer.schedule(handler, probe, event_filter=self._filter))
        except OSError:
            observer.unschedule(watch)
            raise
        return watch

    def _started(self) -> BaseObserver:
        """The observer, made when there is something to watch; raises OSError at a limit."""
        with self._lock:
            if self._observer is None:
                observer = self._make_observer()
                if not self._ended:
                    observer.start()
                self._observer = observer
            return self._observer

    def _end(self) -> None:
        """On the batches' thread: it waits for the observer's threads, as nobody else may."""
        with self._lock:
            self._ended = True
            if self._observer is not None:
                self._observer.stop()

    def _forget_lost(self) -> None:
        """Folders that are gone, or others than before at the same path, are not watched now."""
        for folder, watched in list(self._watched.items()):
            try:
                same = _identity(folder) == watched.identity and not watched.handler.gone
            except OSError:
                same = False
            if not same:
                del self._watched[folder]
                self._unschedule(watched.watch)

    def _unschedule(self, watch: ObservedWatch) -> None:
        """Watch no longer, unless another path of the same folder still does."""
        if any(other.watch == watch for other in self._watched.values()):
            return
        with suppress(KeyError):  # the observer gave it up by itself
            self._started().unschedule(watch)

    def _heard(self, paths: Iterable[tuple[str, bool]]) -> None:
        """On the observer's thread: what changed, and whether it is a folder."""
        wanted = [path for path, is_folder in paths if self._is_wanted(path, is_folder)]
        if wanted:
            self._batches.add(wanted)

    def _is_wanted(self, path: str, is_folder: bool) -> bool:
        if path.startswith(self._own) or (not is_folder and is_other_file(path)):
            return False
        return any(self._walk.reaches(path, folder) for folder in self._asked)


class _Handler:
    """What the observer calls; tells paths as they are below ``folder``, not below ``real``.

    ``gone``: the folder itself was deleted. The next one of its path may get its number, too.
    """

    def __init__(
        self, heard: Callable[[Iterable[tuple[str, bool]]], None], real: str, folder: str
    ) -> None:
        self._heard = heard
        self._real = real
        self._folder = folder
        self.gone = False

    def dispatch(self, event: FileSystemEvent) -> None:
        """One event; it may tell of two paths."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if event.event_type == "deleted" and paths == [self._real]:
            self.gone = True
        self._heard([(self._named(path), event.is_directory) for path in paths])

    def _named(self, path: str) -> str:
        inside = is_under(path, self._real)
        return self._folder + path[len(self._real) :] if inside else path


def _identity(folder: str) -> tuple[int, int]:
    """The device and the number of a folder; raises OSError."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _find_observer() -> Callable[[], BaseObserver]:
    """What makes an observer; raises CbirError where watchdog is not installed."""
    try:
        from watchdog.observers import Observer  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise CbirError(
            _("Folders can be watched where watchdog is installed: pip install 'cbir[watch]'")
        ) from error
    # It would write to stderr of what does no harm, such as a folder that it watches already.
    logging.getLogger("watchdog").addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
    return Observer


def _event_classes() -> list[type[FileSystemEvent]]:
    from watchdog import events  # noqa: PLC0415 - an extra

    return [getattr(events, name) for name in _EVENTS if hasattr(events, name)]


def _outermost(folders: Sequence[str]) -> list[str]:
    """The folders that lie below no other."""
    return [f for f in folders if not any(f != other and is_under(f, other) for other in folders)]


def _limit_reached(folder: str, limit: str, plenty: int) -> str:
    return _(
        "{folder} cannot be kept up to date as it changes, since the system's limit "
        "of watches is reached: raise it (sudo sysctl {limit}={plenty}). Until then "
        "the folder is looked through at each start."
    ).format(folder=folder, limit=limit, plenty=plenty)


def _cannot_be_watched(folder: str, error: OSError) -> str:
    return _(
        "{folder} cannot be kept up to date as it changes ({strerror}): it is looked "
        "through at each start."
    ).format(folder=folder, strerror=error.strerror)
