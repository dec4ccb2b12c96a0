"""Recent queries and saved searches, as they are kept in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.ui.searches import (
    MOST_RECENT,
    SavedSearch,
    Searches,
    change_searches,
    load_searches,
)

SEA = SavedSearch("Sea", '"sea" -"people"', "clip", "euclidean")


def test_they_survive(tmp_path: Path) -> None:
    file = tmp_path / "new" / "searches.json"
    assert load_searches(file) == Searches()
    change_searches(file, lambda kept: kept.with_recent("a").with_recent("b").with_saved(SEA))
    assert load_searches(file) == Searches(("b", "a"), (SEA,))


def test_the_newest_is_first_once_and_the_oldest_go() -> None:
    searches = Searches()
    for number in range(MOST_RECENT + 5):
        searches = searches.with_recent(f"query {number}")
    assert len(searches.recent) == MOST_RECENT
    again = searches.with_recent("query 20")
    assert again.recent[:2] == ("query 20", "query 54")
    assert len(again.recent) == MOST_RECENT


def test_a_name_is_used_once_and_names_are_in_order() -> None:
    searches = Searches().with_saved(SEA).with_saved(SavedSearch("beach", "b"))
    assert [one.name for one in searches.saved] == ["beach", "Sea"]
    searches = searches.with_saved(SavedSearch("Sea", "other"))
    assert [one.query for one in searches.saved] == ["b", "other"]
    assert searches.without("beach").saved == (SavedSearch("Sea", "other"),)


def test_what_another_window_saved_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "searches.json"
    change_searches(file, lambda kept: kept.with_saved(SEA))
    change_searches(file, lambda kept: kept.with_recent("mine"))
    assert load_searches(file).saved == (SEA,)


@pytest.mark.parametrize("text", ["", "{broken", "[1]", "null", "[" * 70_000])
def test_broken_files_count_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "searches.json"
    file.write_text(text)
    assert load_searches(file) == Searches()


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("cosine"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "query", "space", "metric"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["recent", "saved"]), wild))
def test_any_content_gives_usable_searches(
    tmp_path_factory: pytest.TempPathFactory, known: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("searches") / "searches.json"
    file.write_text(json.dumps(known))
    searches = load_searches(file)
    assert all(isinstance(query, str) and query.strip() for query in searches.recent)
    assert all(one.name and one.query and one.metric for one in searches.saved)
