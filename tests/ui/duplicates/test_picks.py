from __future__ import annotations

from dataclasses import replace

import pytest

from cbir.records import DuplicateLevel
from cbir.ui.duplicates.picks import Picks, members, without
from tests.ui.duplicates.copies import made_up


@pytest.mark.parametrize(
    ("level", "goes"), [("identical", [2, 3]), ("same", [2, 3]), ("alike", [])]
)
def test_copies_go_unless_they_merely_look_alike(level: DuplicateLevel, goes: list[int]) -> None:
    found = made_up(1, level=level)
    assert [record.id for record in Picks().going(found.groups)] == goes


def test_what_the_user_says_counts_and_an_emptied_group_is_told() -> None:
    groups = made_up(2).groups
    best, copy, _ = members(groups[0])
    picks = Picks()
    picks.toggle(copy)
    assert [record.id for record in picks.going(groups)] == [3, 5, 6]
    picks.toggle(copy)
    assert picks.emptied(groups) == 0
    picks.toggle(best)
    assert picks.emptied(groups) == 1


def test_a_record_without_its_file_is_ticked_only_by_the_user() -> None:
    group = made_up(1).groups[0]
    first, *others = group.copies
    lost = replace(first, record=replace(first.record, missing=True))
    group = replace(group, copies=(lost, *others))
    picks = Picks()
    assert [record.id for record in picks.going([group])] == [3]
    picks.toggle(members(group)[1])
    assert [record.id for record in picks.going([group])] == [2, 3]
    picks.forget([2])  # it has gone, and came back
    assert [record.id for record in picks.going([group])] == [3]


def test_what_has_gone_is_taken_out() -> None:
    found = made_up(2)
    left = without(found, [2])
    assert left is not None
    assert [len(group.copies) for group in left.groups] == [1, 2]
    left = without(found, [2, 3])
    assert left is not None
    assert [group.best.id for group in left.groups] == [4]
    assert (left.total, left.copies) == (4, 2)


def test_a_group_that_lost_its_best_must_be_found_anew() -> None:
    found = made_up(2)
    assert without(found, [1]) is None
    left = without(found, [1, 2])  # of the one that is left there is no copy
    assert left is not None
    assert [group.best.id for group in left.groups] == [4]
