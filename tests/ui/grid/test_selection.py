from __future__ import annotations

import pytest

from cbir.ui.grid.selection import Selection


@pytest.fixture
def selection() -> Selection:
    chosen = Selection()
    chosen.set_order([50, 40, 30, 20, 10], keep=False)
    return chosen


def test_a_plain_click_selects_one(selection: Selection) -> None:
    selection.only(1)
    selection.only(3)
    assert selection.ids == (20,)
    assert 20 in selection
    assert 40 not in selection
    assert selection.cursor == 3


def test_ctrl_click_puts_in_and_takes_out(selection: Selection) -> None:
    selection.only(3)
    selection.toggle(0)
    assert selection.ids == (50, 20)  # in the tiles' order
    selection.toggle(3)
    assert selection.ids == (50,)


def test_shift_click_selects_from_the_anchor_in_both_directions(selection: Selection) -> None:
    selection.only(2)
    selection.extend(4)
    assert selection.ids == (30, 20, 10)
    selection.extend(1)
    assert selection.ids == (40, 30)
    assert selection.cursor == 1


def test_shift_without_a_click_before_begins_here(selection: Selection) -> None:
    selection.extend(2)
    assert selection.ids == (30,)


def test_ctrl_shift_click_adds_a_range(selection: Selection) -> None:
    selection.only(0)
    selection.toggle(3)
    selection.extend(4, add=True)
    assert selection.ids == (50, 20, 10)


def test_select_by_id_leaves_out_what_has_no_tile(selection: Selection) -> None:
    selection.put([10, 99, 40])
    assert selection.ids == (40, 10)
    assert selection.cursor == 1
    selection.put([99])
    assert selection.ids == ()


def test_new_tiles_keep_what_is_still_there(selection: Selection) -> None:
    selection.put([40, 10])
    selection.set_order([10, 20, 60], keep=True)
    assert selection.ids == (10,)
    assert selection.cursor is None  # its tile, 40, is gone
    selection.only(0)
    selection.set_order([60, 20, 10], keep=True)
    assert selection.cursor == 2
    assert selection.position(20) == 1


def test_new_tiles_of_another_question_start_with_nothing(selection: Selection) -> None:
    selection.all()
    selection.set_order([50, 40], keep=False)
    assert selection.ids == ()
    assert selection.cursor is None


def test_the_version_grows_only_when_the_set_changes(selection: Selection) -> None:
    selection.only(1)
    version = selection.version
    selection.only(1)
    selection.set_order([50, 40, 30], keep=True)
    assert selection.version == version
    selection.clear()
    assert selection.version == version + 1
    assert selection.cursor == 1


def test_a_rubber_band_holds_positions_and_what_was_before(selection: Selection) -> None:
    selection.put_positions([3, 4], also=(50,))
    assert selection.ids == (50, 20, 10)
