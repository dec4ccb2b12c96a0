"""What the window remembers from one time to the next: sizes and choices, in a small JSON file."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cbir.config import Settings, make_private_folder
from cbir.errors import CbirError
from cbir.records import METRICS, SPACES, Metric
from cbir.settings_file import ANY_SPACE, MOST_RESULTS, THEMES, THUMBNAIL_SIZES, Preferences
from cbir.ui.widgets.theme import ThemeChoice, ThemeName
from cbir.whole_file import replace_file
from cbir.work.mapping import COLOURS

RESULT_COUNTS = (20, 50, 100, 200)
FINEST = 4.0
"""Where the slider of similarity ends: nearer than all but one in 10^4 unrelated pictures."""

_LARGEST_FILE = 65_536
_GEOMETRY = re.compile(r"\d{3,5}x\d{3,5}([+-]-?\d{1,5}){2}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowState:
    """Sizes and choices.

    ``side`` is the right side's share of the width, ``map_share`` the map's share of that side's
    height. ``space`` "" means that the rules choose; ``geometry`` "" that Tk does; ``viewer`` ""
    that the large view lies over the window.
    ``map_colour``: by what the map's points are coloured, "" by nothing.
    ``keep_up_to_date``: folders are watched. ``similar``: where the slider of similarity stands.
    ``collapse``: near-identical hits lie under one tile. ``system_theme``: what the system's was
    the last time, to begin with. ``preferred``: what the user's preferences were then, by the names
    of the fields here.
    """

    geometry: str = ""
    zoomed: bool = False
    theme: ThemeChoice = "light"
    metric: Metric = "cosine"
    space: str = ""
    results: int = RESULT_COUNTS[0]
    thumbnail: int = 160
    side: float = 0.34
    map_share: float = 0.45
    viewer: str = ""
    map_colour: str = ""
    show_map: bool = True
    show_details: bool = True
    keep_up_to_date: bool = False
    collapse: bool = True
    similar: float = 0.0
    system_theme: ThemeName = "light"
    preferred: dict[str, Any] = field(default_factory=dict)

    @property
    def theme_shown(self) -> ThemeName:
        """The theme to show, as far as is known."""
        return self.system_theme if self.theme == "system" else self.theme


_VALID: dict[str, Callable[[Any], Any]] = {
    "geometry": lambda value: not value or _GEOMETRY.fullmatch(value),
    "viewer": lambda value: not value or _GEOMETRY.fullmatch(value),
    "theme": lambda value: value in THEMES,
    "system_theme": lambda value: value in ("light", "dark"),
    "metric": lambda value: value in METRICS,
    "space": lambda value: not value or value in SPACES,
    "results": lambda value: 1 <= value <= MOST_RESULTS,
    "thumbnail": lambda value: THUMBNAIL_SIZES[0] <= value <= THUMBNAIL_SIZES[1],
    "side": lambda value: 0.1 <= value <= 0.9,
    "map_colour": lambda value: value in COLOURS,
    "map_share": lambda value: 0.1 <= value <= 0.9,
    "similar": lambda value: 0 <= value <= FINEST,
}


def load_state(path: Path) -> WindowState:
    """The remembered state; what is missing, broken or out of range is as at the first start."""
    try:
        with path.open("rb") as file:
            known = json.loads(file.read(_LARGEST_FILE))
    except FileNotFoundError:
        return WindowState()
    except (OSError, ValueError, RecursionError) as error:
        _log.info("the window's state in %s is not used: %s", path, error)
        return WindowState()
    return _valid_state(known if isinstance(known, dict) else {})


def preferred_by(said: Settings | Preferences) -> dict[str, Any]:
    """What preferences mean for a window, by the names of ``WindowState``'s fields."""
    return {
        "theme": said.theme,
        "thumbnail": said.thumbnail,
        "space": "" if said.space == ANY_SPACE else said.space,
        "metric": said.metric,
        "results": said.k,
    }


def start_state(settings: Settings) -> WindowState:
    """The state to begin with: as remembered, but for preferences that were changed since.

    So the newer of the two counts: what was chosen in the window, or what settings.toml says.
    """
    state = load_state(settings.window_file)
    wanted = preferred_by(settings)
    usual = asdict(WindowState())
    changed = {
        name: value
        for name, value in wanted.items()
        if value != state.preferred.get(name, usual[name])
    }
    return replace(state, **changed, preferred=wanted)


def _valid_state(known: dict[str, Any]) -> WindowState:
    good: dict[str, Any] = {}
    default = WindowState()
    for one in fields(WindowState):
        value = known.get(one.name)
        check: Callable[[Any], Any] = _VALID.get(one.name, _anything)
        if type(value) is type(getattr(default, one.name)) and check(value):
            good[one.name] = value
    return replace(default, **good)


def _anything(_: Any) -> bool:
    return True


def save_state(path: Path, state: WindowState) -> None:
    """Write the state; a failure is logged, as no work is lost by it."""
    write_json(path, asdict(state))


def write_json(path: Path, content: dict[str, Any]) -> bool:
    """Write a small file, private, whole or not at all; a failure is logged, and told by False."""
    try:
        make_private_folder(path.parent)
        told = json.dumps(content, indent=1).encode("ascii")
        replace_file(path, lambda file: file.write(told))
    except (OSError, CbirError) as error:
        _log.warning("what the window remembers could not be saved in %s: %s", path, error)
        return False
    return True
