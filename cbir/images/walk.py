"""Finding pictures under folders: natural order, no loops, nothing opened that need not be."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from cbir.errors import CbirError, UnreadableImage
from cbir.images.files import FoundFile, absolute, mtime_of, read_prefix, trouble_with, why
from cbir.images.formats import MAGIC_BYTES, Guess, guess_by_name, looks_like_picture
from cbir.language import _, kept, retold
from cbir.records import SkippedFile

DEFAULT_EXCLUDES: tuple[str, ...] = (".*", "@eaDir", ".thumbnails", "node_modules")
"""Names of files and folders that are passed over: hidden ones, and thumbnails of NAS boxes."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is not a picture; worth counting, nothing more."""

    path: str


@dataclass(frozen=True, slots=True)
class NotEntered:
    """A folder, or a link, that leads to another file system than those of the paths named."""

    path: str


Found: TypeAlias = FoundFile | SkippedFile | Ignored | NotEntered
_Identity: TypeAlias = tuple[int, int]

_NUMBERS = re.compile("([0-9]+)")


def find_images(
    paths: Iterable[str | os.PathLike[str]],
    *,
    excludes: Sequence[str] = DEFAULT_EXCLUDES,
    cross_file_systems: bool = False,
) -> Iterator[Found]:
    """Every file under ``paths`` (folders or files), as a candidate, skipped or ignored.

    Within a folder, files come before its subfolders, both in natural order (``img2`` before
    ``img10``). Links come last, each target once and not at all where it was met under its own
    name. ``excludes`` are shell patterns for names (``fnmatch``); they apply below the paths named,
    never to these or their parents; what they match is passed over without a word. A file that is
    named itself is always a candidate. Below the paths, a folder on another file system than those
    of the folders named comes as ``NotEntered``, and so does a link that leads to one, unless told
    to ``cross_file_systems``.

    Raises:
        CbirError: at the call, if one of ``paths`` does not exist or may not be looked at.
    """
    named = [absolute(path) for path in paths]
    statuses = [stat_named(path) for path in named]
    devices = {status.st_dev for status in statuses if stat.S_ISDIR(status.st_mode)}
    walk = _Walk(excludes, None if cross_file_systems else devices)
    return walk.run(list(zip(named, statuses, strict=True)))


def look_again(
    paths: Iterable[str],
    roots: Sequence[str],
    *,
    excludes: Sequence[str] = DEFAULT_EXCLUDES,
    cross_file_systems: bool = False,
) -> Iterator[Found]:
    """What lies at absolute ``paths`` now, found as a walk of the ``roots`` would find it.

    Files of no root, excluded ones and those that are gone give nothing. Where a link is among
    them its whole root is walked, since only that shows which link its target is known by.
    """
    statuses = [status for status in map(_status_or_none, roots) if status is not None]
    devices = {status.st_dev for status in statuses}
    walk = _Walk(excludes, None if cross_file_systems else devices, roots)
    holders = [(p, r) for p in paths for r in roots if is_reached(p, r, excludes)]
    return walk.run_again({root if os.path.islink(path) else path for path, root in holders})


def is_reached(path: str, folder: str, excludes: Sequence[str]) -> bool:
    """Whether ``path`` is ``folder`` or lies below it, and no name on the way is excluded."""
    base = folder.rstrip(os.sep)
    if path == folder:
        return True
    names = path[len(base) + 1 :].split(os.sep)
    excluded = _pattern(tuple(excludes))
    return path.startswith(base + os.sep) and not any(excluded.match(name) for name in names)


@lru_cache(maxsize=16)
def _pattern(excludes: tuple[str, ...]) -> re.Pattern[str]:
    """What the names match that any of the shell patterns matches."""
    return re.compile("|".join(map(fnmatch.translate, excludes)) or r"(?!)")


def is_other_file(path: str) -> bool:
    """Whether a file's name tells that it is no picture that can be indexed."""
    return _guess(os.path.basename(path)) == "other"


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """A sort key by which ``img2`` comes before ``img10``, whatever the case."""
    parts = _NUMBERS.split(name.casefold())
    return tuple(int(p) if i % 2 else p for i, p in enumerate(parts)), name


def stat_named(path: str) -> os.stat_result:
    """The status of an absolute path that the user named.

    Raises CbirError where it does not exist or may not be looked at.
    """
    try:
        return Path(path).stat()
    except (OSError, ValueError) as error:
        gone = isinstance(error, FileNotFoundError)
        raise CbirError(
            _("Cannot look for pictures in {path}: {reason}. Check the name.").format(
                path=path, reason=_("it does not exist") if gone else retold(why(error))
            )
        ) from error


class _Walk:
    """One run over some folders: what was visited, and the links put off to its end.

    ``devices`` are the file systems that may be entered, None for all. What lies below one of the
    ``known`` folders counts as met under its own path, without a visit.
    """

    def __init__(
        self, excludes: Sequence[str], devices: set[int] | None, known: Sequence[str] = ()
    ) -> None:
        self._excludes = tuple(excludes)
        self._excluded = _pattern(self._excludes)
        self._known = tuple(map(os.path.realpath, known))
        self._devices = devices
        self._folders: set[_Identity] = set()
        self._named: set[str] = set()
        self._targets: set[_Identity] = set()
        self._folder_links: deque[str] = deque()
        self._file_links: list[str] = []

    def run(self, named: list[tuple[str, os.stat_result]]) -> Iterator[Found]:
        """All that the named paths hold.

        Links come after everything else, those to folders first, so that a file is known by its
        own path wherever it has one here.
        """
        self._named.update(path for path, status in named if not stat.S_ISDIR(status.st_mode))
        for path, status in dict(named).items():
            if stat.S_ISDIR(status.st_mode):
                yield from self._folder(path)
            else:
                yield from self._named_file(path, status)
        yield from self._links()

    def run_again(self, paths: Iterable[str]) -> Iterator[Found]:
        """What is at the paths now, none of which is a link, in natural order."""
        above = ""
        for path in sorted(paths, key=lambda path: path.split(os.sep)):
            if above and path.startswith(above.rstrip(os.sep) + os.sep):
                continue  # its folder is walked, or gone
            above = path
            folder = _status_or_none(os.path.dirname(path))
            if folder is None:
                continue
            if os.path.isdir(path):
                yield from self._folder(path)
            elif not self._is_elsewhere(folder):
                yield from self._file(path)
        yield from self._links()

    @staticmethod
    def _file(path: str) -> Iterator[Found]:
        with suppress(FileNotFoundError, NotADirectoryError):
            yield _candidate(path, os.lstat(path))

    def _links(self) -> Iterator[Found]:
        while self._folder_links:
            path = self._folder_links.popleft()
            if not self._is_known(os.path.realpath(path)):
                yield from self._folder(path)
        for path in self._file_links:
            yield from self._link(path)

    def _is_known(self, real: str) -> bool:
        return any(is_reached(real, folder, self._excludes) for folder in self._known)

    def _named_file(self, path: str, status: os.stat_result) -> Iterator[Found]:
        """A file that the user named: a candidate whatever it is called."""
        if Path(path).is_symlink():
            self._file_links.append(path)
            return
        self._targets.add(_identity(status))
        yield _regular(path, status)

    def _folder(self, root: str) -> Iterator[Found]:
        """All in a folder and below it."""
        pending = [root]
        while pending:
            folder = pending.pop()
            try:
                status = os.stat(folder)
                if self._is_elsewhere(status):
                    yield NotEntered(folder)
                    continue
                entries = self._list(folder, _identity(status))
            except OSError as error:
                yield SkippedFile(folder, 0, 0, _vanished(error))
                continue
            subfolders = [entry.path for entry in entries if _is_folder(entry)]
            yield from self._files(entry for entry in entries if not _is_folder(entry))
            pending += reversed(subfolders)

    def _is_elsewhere(self, folder: os.stat_result) -> bool:
        """Whether a folder lies on a file system that may not be entered."""
        return self._devices is not None and folder.st_dev not in self._devices

    def _list(self, folder: str, identity: _Identity) -> list[os.DirEntry[str]]:
        """A folder's entries in natural order, without excluded ones; none at a second visit."""
        if identity in self._folders:
            return []
        self._folders.add(identity)
        with os.scandir(folder) as listing:
            kept = [entry for entry in listing if not self._excluded.match(entry.name)]
        return sorted(kept, key=lambda entry: natural_key(entry.name))

    def _files(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[Found]:
        """The entries of one folder that are not folders themselves."""
        for entry in entries:
            if entry.path in self._named:
                continue
            if not entry.is_symlink():
                yield _entry(entry)
            elif _leads_to_folder(entry):
                self._folder_links.append(entry.path)
            else:
                self._file_links.append(entry.path)

    def _link(self, path: str) -> Iterator[Found]:
        """The file that a link leads to, unless it was met before or may not be looked for."""
        try:
            status = os.stat(path)
        except OSError as error:
            yield SkippedFile(path, 0, 0, _broken(error))
            return
        target = os.path.realpath(path)
        folder = _status_or_none(os.path.dirname(target))
        if _identity(status) in self._targets or self._was_met(target, folder):
            return
        self._targets.add(_identity(status))
        if path in self._named or not stat.S_ISREG(status.st_mode):
            yield _regular(path, status)
        elif folder is not None and self._is_elsewhere(folder):
            yield NotEntered(path)  # judged by its folder: files of overlays have devices apart
        else:
            yield _candidate(path, status)

    def _was_met(self, target: str, folder: os.stat_result | None) -> bool:
        """Whether a link's target was met in this run, in its own folder.

        It was if that folder was gone through and the target's name is not excluded.
        """
        gone_through = folder is not None and _identity(folder) in self._folders
        met = gone_through and not self._excluded.match(os.path.basename(target))
        return met or self._is_known(target)


def _status_or_none(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _identity(status: os.stat_result) -> _Identity:
    """What tells one file or folder from all others, by whatever path it is reached."""
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder itself, not a link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    """Whether a link leads to a folder; one that leads nowhere does not."""
    try:
        return link.is_dir()
    except OSError:
        return False


def _entry(entry: os.DirEntry[str]) -> Found:
    """What a directory entry that is neither folder nor link is to us."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return SkippedFile(entry.path, 0, 0, _vanished(error))
    return _candidate(entry.path, status)


def _candidate(path: str, status: os.stat_result) -> Found:
    """A candidate if its name, or else its first bytes, look like a picture's."""
    found = _regular(path, status)
    if isinstance(found, SkippedFile):
        return found
    guess = _guess(os.path.basename(path))
    if guess == "unknown":
        try:
            seems = looks_like_picture(read_prefix(path, MAGIC_BYTES))
        except UnreadableImage as error:
            return SkippedFile(path, status.st_size, mtime_of(status), error.reason)
        guess = "picture" if seems else "other"
    return found if guess == "picture" else Ignored(path)


def _guess(name: str) -> Guess:
    """``guess_by_name``, asked once for each extension: a folder has thousands of the same."""
    stem, _, extension = name.rpartition(".")
    return _guess_by_extension(extension) if stem else guess_by_name(name)


@lru_cache(maxsize=1024)
def _guess_by_extension(extension: str) -> Guess:
    return guess_by_name(f"x.{extension}")


def _regular(path: str, status: os.stat_result) -> FoundFile | SkippedFile:
    """A regular file as a candidate; FIFOs, sockets and devices as skipped, never opened."""
    trouble = trouble_with(status.st_mode)
    if trouble:
        return SkippedFile(path, 0, mtime_of(status), trouble)
    return FoundFile(path, status.st_size, mtime_of(status))


def _vanished(error: OSError) -> str:
    """The reason for something that was listed and then could not be looked at."""
    return kept("vanished meanwhile") if isinstance(error, FileNotFoundError) else why(error)


def _broken(error: OSError) -> str:
    """The reason for a link that leads nowhere."""
    return kept("a link to nothing") if isinstance(error, FileNotFoundError) else why(error)
