"""``settings.toml``: what the user wants every time. A wrong value is told, and never fatal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

from cbir.errors import CbirError
from cbir.language import _
from cbir.records import METRICS, RECALL, SPACES, Metric
from cbir.whole_file import replace_file

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16")
THEMES = ("light", "dark", "system")
ANY_SPACE = "auto"
THUMBNAIL_SIZES = (96, 320)
"""The smallest and the largest thumbnails, in pixels at 100 %."""
MOST_RESULTS = 1000
MAX_MEGAPIXELS = 200
"""Pictures of more million pixels are skipped, unless told."""

_MOST_MEGAPIXELS = 10_000  # more than any computer has the memory to decode
_MOST_THREADS = 256


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the file says, or would say by default.

    Of indexing: ``exclude``: patterns for names of files and folders that are passed over;
    ``max_megapixels``: the largest pictures that are decoded, in millions of pixels;
    ``newest_first``: folders by their time, not their name; ``cross_file_systems``: enter other
    drives below a folder. Of the window: ``theme``, one of ``THEMES``; ``thumbnail``: pixels at
    100 %. Of searching: ``space``, of ``SPACES`` or ``auto`` for what the rules choose; ``metric``;
    ``k``, how many hits; ``recall``, above 0 and below 1, the share of the true nearest that LSH is
    to find. Of computing: ``device``, one of ``DEVICES``; ``precision``, one of ``PRECISIONS``;
    ``threads``, 0 for as many as there are cores; ``models``, the folder of weights, "" for the
    usual caches. ``problems``: sentences for the user.
    """

    exclude: tuple[str, ...] = ()
    max_megapixels: int = MAX_MEGAPIXELS
    precision: str = "auto"
    newest_first: bool = False
    cross_file_systems: bool = False
    theme: str = "light"
    thumbnail: int = 160
    space: str = ANY_SPACE
    metric: Metric = "cosine"
    k: int = 20
    recall: float = RECALL
    device: str = "auto"
    threads: int = 0
    models: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key may hold: a test, and how it is told to the user."""

    holds: Callable[[Any], bool]
    meant: str
    taken: Callable[[Any], Any] = lambda value: value


def _one_of(names: tuple[str, ...]) -> _Kind:
    told = ", ".join(f'"{name}"' for name in names)
    return _Kind(lambda value: value in names, _("one of {choices}").format(choices=told))


def _whole(least: int, most: int) -> _Kind:
    return _Kind(
        lambda value: type(value) is int and least <= value <= most,
        _("a whole number from {least} to {most}").format(least=least, most=most),
    )


def _is_folder(value: object) -> bool:
    """Whether ``value`` can be a folder: "" for none, or a whole path that is not a file's."""
    if not isinstance(value, str) or "\0" in value:
        return False
    path = os.path.expanduser(value)
    return not value or (os.path.isabs(path) and not os.path.isfile(path))


_TRUTH = _Kind(lambda value: isinstance(value, bool), _("true or false"))
_KEYS = {
    "exclude": _Kind(
        lambda value: (
            isinstance(value, (list, tuple)) and all(is_name_pattern(name) for name in value)
        ),
        _('a list of names and patterns for names, such as ["*.bak", "cache"]'),
        tuple,
    ),
    "max_megapixels": _whole(1, _MOST_MEGAPIXELS),
    "precision": _one_of(PRECISIONS),
    "newest_first": _TRUTH,
    "cross_file_systems": _TRUTH,
    "theme": _one_of(THEMES),
    "thumbnail": _whole(*THUMBNAIL_SIZES),
    "space": _one_of((ANY_SPACE, *SPACES)),
    "metric": _one_of(METRICS),
    "k": _whole(1, MOST_RESULTS),
    "recall": _Kind(
        lambda value: isinstance(value, float) and 0 < value < 1,
        _("a number above 0 and below 1, such as 0.95"),
    ),
    "device": _one_of(DEVICES),
    "threads": _whole(0, _MOST_THREADS),
    "models": _Kind(_is_folder, _('the whole path of a folder, or "" for the usual places')),
}


def is_name_pattern(value: object) -> bool:
    """Whether ``value`` can be a pattern for a single name: text, not empty, no path."""
    return isinstance(value, str) and bool(value) and "/" not in value and os.sep not in value


def load_preferences(path: Path) -> Preferences:
    """What ``path`` says; what it leaves out, or says wrongly, is as it is without a file."""
    try:
        said = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return Preferences()
    except (OSError, ValueError, RecursionError) as error:
        return Preferences(problems=(_not_used(path, error),))
    return _checked(path, said)


def _not_used(path: Path, error: Exception) -> str:
    return _("The settings in {path} are not used: {reason}.").format(
        path=path, reason=_in_words(error)
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("it is not UTF-8 text")
    if isinstance(error, RecursionError):
        return _("it is nested too deeply")
    if isinstance(error, OSError):
        return _("the file cannot be read ({reason})").format(reason=error.strerror)
    return str(error).rstrip(".")


def _checked(path: Path, said: dict[str, Any]) -> Preferences:
    """The values that are right; a sentence for each that is not."""
    good: dict[str, Any] = {}
    problems: list[str] = []
    default = Preferences()
    for key, value in said.items():
        kind = _KEYS.get(key)
        if kind is None:
            problems.append(_unknown(path, key))
        elif kind.holds(value):
            good[key] = kind.taken(value)
        else:
            problems.append(
                _(
                    "In {path} the setting {key!r} should be {meant}: it is taken as {value}."
                ).format(path=path, key=key, meant=kind.meant, value=_shown(getattr(default, key)))
            )
    return Preferences(**good, problems=tuple(problems))


def wrong_with(key: str, value: object) -> str:
    """What is wrong with a value for one of the keys, in words; "" where nothing is."""
    kind = _KEYS[key]
    if kind.holds(value):
        return ""
    if key == "exclude" and isinstance(value, tuple):
        line = next(name for name in value if not is_name_pattern(name))
        return _("“{line}” cannot be passed over: a name holds no {sign}.").format(
            line=line, sign="/" if "/" in line else os.sep
        )
    return _("This should be {meant}.").format(meant=kind.meant)


def save_preferences(path: Path, wanted: Preferences) -> Preferences:
    """Write what differs from what ``path`` says now; comments and other keys stay as they are.

    What it says then is returned. Raises CbirError where a value is wrong, another folder of
    weights is not there, the file is no TOML, or it cannot be written: then nothing is changed.
    """
    names = [field.name for field in fields(Preferences) if field.name != "problems"]
    for name in names:
        if wrong := wrong_with(name, getattr(wanted, name)):
            raise CbirError(f"{name}: {wrong}")
    said, models = load_preferences(path), wanted.models
    if models not in ("", said.models) and not os.path.isdir(os.path.expanduser(models)):
        raise CbirError(
            _("There is no folder {path} for the weights: choose one that is there.").format(
                path=models
            )
        )
    try:
        _write(path, {name: getattr(wanted, name) for name in names}, said)
    except (OSError, ValueError, RecursionError) as error:
        raise CbirError(
            _("The settings cannot be saved in {path}: {reason}. Mend that first.").format(
                path=path, reason=_in_words(error)
            )
        ) from error
    return load_preferences(path)


def _write(path: Path, values: Mapping[str, Any], said: Preferences) -> None:
    """Set the values that differ from ``said``, or that stand in the file and are wrong there."""
    import tomlkit  # noqa: PLC0415 - only saving needs it, and every command reads the file

    path = Path(os.path.realpath(path))  # a link stays one
    there = path.exists()
    document = tomlkit.parse(path.read_bytes().decode("utf-8-sig") if there else "")
    plain = document.unwrap()
    for name, value in values.items():
        wrong = name in plain and not _KEYS[name].holds(plain[name])
        if wrong or value != getattr(said, name):
            document[name] = list(value) if isinstance(value, tuple) else value
    told = tomlkit.dumps(document).encode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if there else 0o600

    def write(file: BinaryIO) -> None:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())  # it may hold what the user wrote by hand

    replace_file(path, write, mode)


def _unknown(path: Path, key: str) -> str:
    near = get_close_matches(key, _KEYS, n=1)
    if near:
        return _(
            "In {path} there is a setting {key!r} that is not known: {near!r} may be meant."
        ).format(path=path, key=key, near=near[0])
    return _("In {path} there is a setting {key!r} that is not known; known are {keys}.").format(
        path=path, key=key, keys=", ".join(_KEYS)
    )


def _shown(value: object) -> str:
    """A default as one would write it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple) else repr(value).replace("'", '"')
