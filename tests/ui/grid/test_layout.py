from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.ui.grid.layout import GridLayout, Metrics, Step

METRICS = Metrics(picture=160, padding=8, caption=40, gap=8, margin=8)

layouts = st.builds(
    GridLayout,
    metrics=st.builds(
        Metrics,
        picture=st.integers(20, 640),
        padding=st.integers(1, 16),
        caption=st.integers(1, 80),
        gap=st.integers(1, 16),
        margin=st.integers(0, 32),
    ),
    width=st.integers(1, 4000),
    height=st.integers(1, 2500),
    count=st.integers(1, 100_000),
)


def layout(count: int = 100, width: int = 1000, height: int = 700) -> GridLayout:
    return GridLayout(METRICS, width, height, count)


def test_cards_fill_the_width_evenly() -> None:
    grid = layout()
    assert grid.columns == 5
    assert grid.card_width >= METRICS.narrowest_card
    right_edges = [grid.box(index)[2] for index in range(5)]
    assert 1000 - METRICS.margin - right_edges[-1] < grid.columns
    gaps = [grid.box(n + 1)[0] - grid.box(n)[2] for n in range(4)]
    assert max(gaps) - min(gaps) <= 1
    assert min(gaps) >= METRICS.gap


def test_a_narrow_grid_still_has_one_column() -> None:
    grid = layout(width=50)
    assert grid.columns == 1
    assert grid.rows == 100


def test_an_empty_grid_has_no_height_and_no_cards() -> None:
    grid = layout(count=0)
    assert grid.content_height == 0
    assert list(grid.visible(0)) == []
    assert grid.index_at(20, 20) is None
    assert grid.indexes_in((0, 0, 5000, 5000)) == []


@given(layouts, st.data())
def test_the_point_inside_a_card_finds_that_card(grid: GridLayout, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, grid.count - 1))
    left, top, right, bottom = grid.box(index)
    x = data.draw(st.integers(left, right - 1))
    y = data.draw(st.integers(top, bottom - 1))
    assert grid.index_at(x, y) == index
    assert grid.index_at(left - 1, y) != index
    assert grid.index_at(x, bottom) != index


@given(layouts, st.floats(-1e6, 1e9))
def test_visible_are_exactly_the_cards_that_show(grid: GridLayout, wished: float) -> None:
    offset = grid.clamp(wished)
    assert 0 <= offset <= grid.furthest
    seen = grid.visible(offset)
    touched = grid.indexes_in((0, offset, grid.width + 10_000, offset + grid.height))
    assert list(seen) == touched
    around = grid.visible(offset, 1)
    assert set(seen) <= set(around)
    if seen:
        assert len(around) <= len(seen) + 2 * grid.columns


@given(layouts, st.floats(0, 1e7), st.data())
def test_scrolling_to_a_card_shows_it(grid: GridLayout, wished: float, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, grid.count - 1))
    before = grid.clamp(wished)
    offset = grid.offset_to_see(index, before)
    _, top, _, bottom = grid.box(index)
    assert offset <= top
    if grid.height >= bottom - top + 2 * grid.metrics.margin:
        assert bottom <= offset + grid.height
        assert grid.offset_to_see(index, offset) == offset


def test_a_box_touches_what_lies_under_it_and_nothing_in_the_gaps() -> None:
    grid = layout()
    left, top, right, bottom = grid.box(6)
    assert grid.indexes_in((left + 5, top + 5, right - 5, bottom - 5)) == [6]
    assert grid.indexes_in((right, top, right + 2, bottom)) == []
    assert grid.indexes_in((0, 0, right, bottom)) == [0, 1, 5, 6]
    assert grid.indexes_in((-50, -50, 9999, 1)) == []


@pytest.mark.parametrize(
    ("step", "start", "end"),
    [
        ("left", 7, 6),
        ("left", 0, 0),
        ("right", 4, 5),
        ("right", 12, 12),
        ("up", 7, 2),
        ("up", 2, 2),
        ("down", 2, 7),
        ("down", 9, 12),  # the last row is short
        ("down", 12, 12),
        ("home", 12, 0),
        ("end", 0, 12),
        ("page_up", 12, 2),
        ("page_down", 1, 11),
    ],
)
def test_keys_lead_to_neighbours_and_stop_at_the_edges(step: Step, start: int, end: int) -> None:
    assert layout(count=13, height=450).step(start, step) == end


@given(layouts, st.data())
def test_no_key_leads_out_of_the_grid(grid: GridLayout, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, grid.count - 1))
    steps: tuple[Step, ...] = ("left", "right", "up", "down", "home", "end", "page_up", "page_down")
    for step in steps:
        assert 0 <= grid.step(index, step) < grid.count
