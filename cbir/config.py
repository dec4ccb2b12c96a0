"""Where things lie and how the program was asked to run: frozen settings, data folders, the log."""

from __future__ import annotations

import logging
import logging.handlers
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import platformdirs

from cbir.errors import CbirError
from cbir.language import _
from cbir.records import RECALL, Metric
from cbir.settings_file import (
    ANY_SPACE,
    DEVICES,
    MAX_MEGAPIXELS,
    PRECISIONS,
    Preferences,
    load_preferences,
)

__all__ = [
    "DEVICES",
    "PRECISIONS",
    "Settings",
    "load_settings",
    "make_private_folder",
    "parse_recall",
    "start_logging",
]

LIBRARY_NAME = "library.npz"
SETTINGS_NAME = "settings.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this run of the program was asked to behave.

    ``home`` holds the default library, the settings file, the window's state and the log; ``cache``
    what can be made again, None for a folder in ``home``;
    ``models`` is the folder of weights that the user named, or None for the usual caches;
    ``device`` one of ``DEVICES``; ``recall``, above 0 and below 1, the share of the true nearest
    that LSH is to find. Of indexing: ``excludes`` are patterns for names beside the built-in ones,
    ``max_megapixels`` the largest pictures decoded, in millions of pixels, ``precision`` one of
    ``PRECISIONS``, ``newest_first`` the order of folders, ``cross_file_systems`` whether other
    drives below a folder are entered. ``threads`` is how many threads decode and compute, 0 for as
    many as there are cores. ``space`` ("" where the rules choose), ``metric`` and ``k`` are how a
    search compares and how many hits it shows unless told; ``theme`` and ``thumbnail`` how a window
    looks at first. ``fixed`` names what options or the environment decided, against the file, and
    ``given_excludes`` are those of ``excludes`` that an option added.
    ``problems`` tells the user what the settings file has wrong.
    """

    home: Path
    library: Path
    models: Path | None = None
    device: str = "auto"
    verbose: bool = False
    recall: float = RECALL
    excludes: tuple[str, ...] = ()
    max_megapixels: int = MAX_MEGAPIXELS
    precision: str = "auto"
    newest_first: bool = False
    cross_file_systems: bool = False
    problems: tuple[str, ...] = ()
    cache: Path | None = None
    threads: int = 0
    space: str = ""
    metric: Metric = "cosine"
    k: int = 20
    theme: str = "light"
    thumbnail: int = 160
    fixed: frozenset[str] = frozenset()
    given_excludes: tuple[str, ...] = ()

    def preferring(self, wanted: Preferences) -> Settings:
        """These with what can change while the program runs as ``wanted``.

        What options or the environment decided stays.
        """
        free: dict[str, Any] = {
            "recall": wanted.recall,
            "max_megapixels": wanted.max_megapixels,
            "newest_first": wanted.newest_first,
            "cross_file_systems": wanted.cross_file_systems,
            "space": "" if wanted.space == ANY_SPACE else wanted.space,
            "metric": wanted.metric,
            "k": wanted.k,
            "theme": wanted.theme,
            "thumbnail": wanted.thumbnail,
        }
        return replace(
            self,
            excludes=tuple(dict.fromkeys([*wanted.exclude, *self.given_excludes])),
            **{name: value for name, value in free.items() if name not in self.fixed},
        )

    @property
    def settings_file(self) -> Path:
        """Where the user's preferences are."""
        return self.home / SETTINGS_NAME

    @property
    def captions_folder(self) -> Path:
        """Where the vectors of neutral captions are kept."""
        return (self.cache or self.home / "cache") / "captions"

    @property
    def pasted_folder(self) -> Path:
        """Where pictures from the clipboard are kept that were searched by."""
        return (self.cache or self.home / "cache") / "pasted"

    @property
    def thumbnails_folder(self) -> Path:
        """Where thumbnails are kept; folders of this name are not indexed."""
        return (self.cache or self.home / "cache") / ".thumbnails"

    @property
    def max_pixels(self) -> int:
        """Pictures of more pixels are not decoded."""
        return self.max_megapixels * 1_000_000

    @property
    def log_file(self) -> Path:
        """Where unexpected errors are written with their tracebacks."""
        return self.home / "cbir.log"

    @property
    def window_file(self) -> Path:
        """Where the window's sizes and choices are remembered."""
        return self.home / "window.json"

    @property
    def searches_file(self) -> Path:
        """Where recent queries and saved searches are remembered."""
        return self.home / "searches.json"

    @property
    def recent_file(self) -> Path:
        """Where it is remembered which libraries were open of late."""
        return self.home / "recent.json"


def load_settings(
    *,
    library: str | os.PathLike[str] | None = None,
    models: str | os.PathLike[str] | None = None,
    device: str | None = None,
    verbose: bool = False,
    recall: float | None = None,
    precision: str | None = None,
    excludes: Sequence[str] = (),
    newest_first: bool | None = None,
    cross_file_systems: bool | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from the command line's options, else the environment, else ``settings.toml``.

    ``CBIR_HOME`` replaces the user data folder, in which that file lies, and holds the cache too;
    ``CBIR_MODELS`` names the folder of weights, ``CBIR_RECALL`` the share of the true nearest that
    LSH is to find, ``CBIR_PRECISION`` what models compute in. ``excludes`` come beside those of the
    file. Raises CbirError where the models folder is a file, the device or precision is unknown or
    the recall is not between 0 and 1.
    """
    environ = os.environ if environ is None else environ
    home = _absolute(
        environ.get("CBIR_HOME") or platformdirs.user_data_dir("cbir", appauthor=False)
    )
    named = models if models is not None else environ.get("CBIR_MODELS")
    wanted = load_preferences(home / SETTINGS_NAME)
    given: dict[str, object] = {
        "models": named,
        "device": device,
        "recall": environ.get("CBIR_RECALL") if recall is None else recall,
        "precision": precision or environ.get("CBIR_PRECISION"),
        "newest_first": newest_first,
        "cross_file_systems": cross_file_systems,
    }
    fixed = frozenset(name for name, value in given.items() if value not in (None, ""))
    named = named or wanted.models
    return Settings(
        home=home,
        library=_absolute(library) if library else home / LIBRARY_NAME,
        models=_models_folder(named) if named else None,
        device=_device(device or wanted.device),
        verbose=verbose,
        recall=parse_recall(given["recall"] if "recall" in fixed else wanted.recall),
        precision=_precision(str(given["precision"] or wanted.precision)),
        newest_first=bool(newest_first),
        cross_file_systems=bool(cross_file_systems),
        problems=wanted.problems,
        cache=None if environ.get("CBIR_HOME") else _user_cache(),
        threads=wanted.threads,
        fixed=fixed,
        given_excludes=tuple(excludes),
    ).preferring(wanted)


def _user_cache() -> Path:
    return _absolute(platformdirs.user_cache_dir("cbir", appauthor=False))


def _device(device: str) -> str:
    if device not in DEVICES:
        raise CbirError(
            _("There is no device {device!r}: choose one of {choices}.").format(
                device=device, choices=", ".join(DEVICES)
            )
        )
    return device


def _precision(name: str) -> str:
    if name not in PRECISIONS:
        raise CbirError(
            _(
                "There is no precision {name!r} (CBIR_PRECISION or --precision): choose one "
                "of {choices}."
            ).format(name=name, choices=", ".join(PRECISIONS))
        )
    return name


def parse_recall(value: object) -> float:
    """A recall to aim at, above 0 and below 1; raises CbirError."""
    try:
        recall = float(str(value))
    except ValueError:
        recall = math.nan
    if not 0 < recall < 1:
        raise CbirError(
            _(
                "The recall {value} (CBIR_RECALL or --recall) is not between 0 and 1: name "
                "the share of the true nearest that a search is to find, such as 0.95."
            ).format(value=value)
        )
    return recall


def _absolute(path: str | os.PathLike[str]) -> Path:
    try:
        return Path(os.path.abspath(Path(path).expanduser()))
    except RuntimeError as error:
        raise CbirError(
            _("There is no home folder for {path}: name the whole path.").format(path=path)
        ) from error


def _models_folder(named: str | os.PathLike[str]) -> Path:
    folder = _absolute(named)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise CbirError(
            _("The models folder {folder} is a file: name a folder.").format(folder=folder)
        )
    return folder


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` and its parents, readable by their owner only.

    Raises CbirError where that is not possible.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CbirError(
            _(
                "The folder {folder} cannot be made ({strerror}): name another one with "
                "CBIR_HOME or --library."
            ).format(folder=folder, strerror=error.strerror)
        ) from error


def start_logging(settings: Settings) -> None:
    """Log to a file in the home folder (kept small), and to stderr where ``-v`` asked for it.

    Where the file cannot be written, errors go to stderr and the program goes on.
    """
    logger = logging.getLogger("cbir")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.setLevel(logging.DEBUG if settings.verbose else logging.INFO)
    logger.propagate = False
    logger.addHandler(_file_handler(settings))
    if settings.verbose:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Plain("%(levelname)s %(message)s"))
        logger.addHandler(handler)


class _Plain(logging.Formatter):
    """Escapes what a terminal would obey: file names may hold such sequences."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


class _PrivateLog(logging.handlers.RotatingFileHandler):
    """A log file readable by its owner only, made when there is something to write in it."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """A log that cannot be written must not stop the program, nor print tracebacks."""
        if record.levelno >= logging.ERROR:
            sys.stderr.write(f"cbir: {self.baseFilename} cannot be written.\n")


def _file_handler(settings: Settings) -> logging.Handler:
    handler = _PrivateLog(
        settings.log_file,
        maxBytes=1 << 20,
        backupCount=1,
        encoding="utf-8",
        delay=True,
        errors="backslashreplace",
    )
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    return handler
