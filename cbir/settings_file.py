"""``settings.toml``: what the user wants every time. A wrong value is told, and never fatal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PRECISIONS = ("auto", "float32", "bfloat16")
MAX_MEGAPIXELS = 200
"""Pictures of more million pixels are skipped, unless told."""

_MOST_MEGAPIXELS = 10_000  # more than any computer has the memory to decode


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the file says, or would say by default.

    ``exclude``: patterns for names of files and folders that indexing passes over;
    ``max_megapixels``: the largest pictures that are decoded, in millions of pixels;
    ``precision``: one of ``PRECISIONS``; ``newest_first``: folders by their time, not their name;
    ``cross_file_systems``: enter other drives below a folder. ``problems``: sentences for the user.
    """

    exclude: tuple[str, ...] = ()
    max_megapixels: int = MAX_MEGAPIXELS
    precision: str = "auto"
    newest_first: bool = False
    cross_file_systems: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key may hold: a test, and how it is told to the user."""

    holds: Callable[[Any], bool]
    meant: str
    taken: Callable[[Any], Any] = lambda value: value


_TRUTH = _Kind(lambda value: isinstance(value, bool), "true or false")
_KEYS = {
    "exclude": _Kind(
        lambda value: isinstance(value, list) and all(is_name_pattern(name) for name in value),
        'a list of names and patterns for names, such as ["*.bak", "cache"]',
        tuple,
    ),
    "max_megapixels": _Kind(
        lambda value: type(value) is int and 1 <= value <= _MOST_MEGAPIXELS,
        f"a whole number from 1 to {_MOST_MEGAPIXELS}",
    ),
    "precision": _Kind(
        lambda value: value in PRECISIONS, "one of " + ", ".join(f'"{name}"' for name in PRECISIONS)
    ),
    "newest_first": _TRUTH,
    "cross_file_systems": _TRUTH,
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
        return Preferences(problems=(f"The settings in {path} are not used: {_in_words(error)}.",))
    return _checked(path, said)


def _in_words(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError):
        return f"the file cannot be read ({error.strerror})"
    return str(error).rstrip(".")


def _checked(path: Path, said: dict[str, Any]) -> Preferences:
    """The values that are right; a sentence for each that is not."""
    good: dict[str, Any] = {}
    problems: list[str] = []
    default = Preferences()
    for key, value in said.items():
        kind = _KEYS.get(key)
        if kind is None:
            problems.append(f"In {path} there is a setting {key!r} that is not known{_meant(key)}.")
        elif kind.holds(value):
            good[key] = kind.taken(value)
        else:
            problems.append(
                f"In {path} the setting {key!r} should be {kind.meant}: "
                f"it is taken as {_shown(getattr(default, key))}."
            )
    return Preferences(**good, problems=tuple(problems))


def _meant(key: str) -> str:
    near = get_close_matches(key, _KEYS, n=1)
    return f": {near[0]!r} may be meant" if near else f"; known are {', '.join(_KEYS)}"


def _shown(value: object) -> str:
    """A default as one would write it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple) else repr(value).replace("'", '"')
