"""Recent queries and saved searches, in a small JSON file beside the window's state."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

from cbir.asking import ANY, BY_SCORE, Filter, Order
from cbir.records import METRICS, SPACES, Metric
from cbir.ui.filters.keeping import (
    filter_from_json,
    filter_to_json,
    order_from_json,
    order_to_json,
)
from cbir.ui.state import write_json

MOST_RECENT = 50
_MOST_SAVED = 1000
_LONGEST = 20_000  # characters of one query
_LARGEST_FILE = 32 * 1024 * 1024  # bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query as ``cbir.query_text`` writes it, how it is compared, and what is shown of the hits.

    ``space`` "" leaves that as it is.
    """

    name: str
    query: str
    space: str = ""
    metric: Metric = "cosine"
    filter: Filter = ANY
    order: Order = BY_SCORE


@dataclass(frozen=True, slots=True)
class Searches:
    """Recent queries as text, the newest first, and saved searches by name."""

    recent: tuple[str, ...] = ()
    saved: tuple[SavedSearch, ...] = ()

    def with_recent(self, query: str) -> Searches:
        """With ``query`` as the newest; the oldest goes where there are more than fifty."""
        others = (known for known in self.recent if known != query)
        return replace(self, recent=(query, *others)[:MOST_RECENT])

    def with_saved(self, search: SavedSearch) -> Searches:
        """With a saved search, in place of one of that name, in the order of names."""
        others = self.without(search.name).saved
        by_name = sorted((*others, search), key=lambda one: (one.name.casefold(), one.name))
        return replace(self, saved=tuple(by_name))

    def without(self, name: str) -> Searches:
        """Without the saved search of that name."""
        return replace(self, saved=tuple(one for one in self.saved if one.name != name))


def load_searches(path: Path) -> Searches:
    """What is kept in ``path``; what is missing or broken there is left out."""
    try:
        with path.open("rb") as file:
            known = json.loads(file.read(_LARGEST_FILE))
    except FileNotFoundError:
        return Searches()
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("the searches in %s are not used: %s", path, error)
        return Searches()
    known = known if isinstance(known, dict) else {}
    recent = [query for query in _list(known, "recent") if _is_query(query)]
    saved = [_saved(one) for one in _list(known, "saved")[:_MOST_SAVED]]
    return Searches(tuple(recent[:MOST_RECENT]), tuple(one for one in saved if one is not None))


def change_searches(path: Path, change: Callable[[Searches], Searches]) -> Searches:
    """Change what is kept in ``path``, as another window may have left it; what is kept now."""
    searches = change(load_searches(path))
    write_json(path, {"recent": searches.recent, "saved": [_kept(one) for one in searches.saved]})
    return searches


def _kept(search: SavedSearch) -> dict[str, Any]:
    kept = asdict(search)
    kept["filter"] = filter_to_json(search.filter)
    kept["order"] = order_to_json(search.order)
    return kept


def _list(known: dict[str, Any], name: str) -> list[Any]:
    found = known.get(name)
    return found if isinstance(found, list) else []


def _is_query(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST


def _saved(known: Any) -> SavedSearch | None:
    if not isinstance(known, dict):
        return None
    name, query = known.get("name"), known.get("query")
    space, metric = known.get("space"), known.get("metric")
    if not (_is_query(name) and _is_query(query)):
        return None
    if (space and space not in SPACES) or metric not in METRICS:
        return None
    wanted = filter_from_json(known.get("filter", {}))
    if wanted is None:  # without its filter it would be another search
        return None
    order = order_from_json(known.get("order"))
    return SavedSearch(name, query, space or "", metric, wanted, order)
