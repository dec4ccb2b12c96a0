"""What the window remembers: whole files or none, nothing that could harm."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.config import Settings
from cbir.ui.state import WindowState, load_state, save_state, start_state

OTHER = WindowState(
    geometry="1400x900+10+-20",
    zoomed=True,
    theme="dark",
    metric="euclidean",
    space="clip",
    results=100,
    thumbnail=224,
    side=0.4,
    map_share=0.3,
    show_map=False,
    show_details=False,
)


def test_state_survives(tmp_path: Path) -> None:
    file = tmp_path / "new" / "window.json"
    assert load_state(file) == WindowState()
    save_state(file, OTHER)
    assert load_state(file) == OTHER
    assert [path.name for path in file.parent.iterdir()] == ["window.json"]


@pytest.mark.parametrize("text", ["", "{broken", "[1, 2]", "null", '"text"', "[" * 70_000])
def test_broken_files_count_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "window.json"
    file.write_text(text)
    assert load_state(file) == WindowState()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("geometry", "huge"),
        ("geometry", "1e9x5+0+0"),
        ("theme", "pink"),
        ("metric", "manhattan"),
        ("space", "sift"),
        ("results", 0),
        ("results", True),
        ("thumbnail", 9_999),
        ("side", 1.5),
        ("map_share", "half"),
        ("show_map", 1),
    ],
)
def test_what_is_out_of_range_is_as_at_the_first_start(
    tmp_path: Path, name: str, value: object
) -> None:
    file = tmp_path / "window.json"
    file.write_text(json.dumps({**asdict(OTHER), name: value, "unknown": 1}))
    assert load_state(file) == replace(OTHER, **{name: getattr(WindowState(), name)})


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([field.name for field in fields(WindowState)]), wild))
def test_any_content_gives_a_usable_state(
    tmp_path_factory: pytest.TempPathFactory, known: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("state") / "window.json"
    file.write_text(json.dumps(known))
    state = load_state(file)
    assert 1 <= state.results <= 1000
    assert 96 <= state.thumbnail <= 320
    assert 0.1 <= state.side <= 0.9


def test_a_failure_to_save_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    save_state(blocked / "window.json", OTHER)
    assert "could not be saved" in caplog.text


def test_the_newer_counts_of_what_was_chosen_and_what_is_preferred(tmp_path: Path) -> None:
    def settings(**said: Any) -> Settings:
        return Settings(tmp_path, tmp_path / "library.npz", **said)

    state = start_state(settings(theme="dark", k=50))  # the first start
    assert (state.theme, state.results, state.metric) == ("dark", 50, "cosine")
    save_state(tmp_path / "window.json", replace(state, theme="light", results=100))
    state = start_state(settings(theme="dark", k=50))  # the file is as before
    assert (state.theme, state.results) == ("light", 100)
    state = start_state(settings(theme="system", k=50, space="clip"))  # two keys were changed
    assert (state.theme, state.results, state.space) == ("system", 100, "clip")
    assert replace(state, system_theme="dark").theme_shown == "dark"


def test_a_state_from_before_preferences_is_kept(tmp_path: Path) -> None:
    known = asdict(OTHER)
    del known["preferred"]
    (tmp_path / "window.json").write_text(json.dumps(known))
    state = start_state(Settings(tmp_path, tmp_path / "library.npz"))
    assert (state.theme, state.results, state.thumbnail) == ("dark", 100, 224)
