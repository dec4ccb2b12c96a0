"""Which pictures of groups of duplicates are to go: plain data, no window."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from cbir.records import DuplicateGroup, DuplicateLevel, Record
from cbir.work.duplicates import Duplicates

_SURE: tuple[DuplicateLevel, ...] = ("identical", "same")


@dataclass(frozen=True, slots=True)
class Member:
    """A picture of a group. ``level`` tells how it is related to the best, None for the best."""

    record: Record
    level: DuplicateLevel | None = None
    similarity: float | None = None
    mirrored: bool = False


def members(group: DuplicateGroup) -> tuple[Member, ...]:
    """All pictures of a group, the best first."""
    copies = (
        Member(copy.record, copy.level, copy.similarity, copy.mirrored) for copy in group.copies
    )
    return (Member(group.best), *copies)


class Picks:
    """The ticks: what the user said, and else copies but not look-alikes, and never the best.

    A record whose file is missing has no tick of its own accord: nothing of it takes up room.
    """

    def __init__(self) -> None:
        self._said: dict[int, bool] = {}

    def goes(self, member: Member) -> bool:
        """Whether a picture is to go."""
        copy = member.level in _SURE and not member.record.missing
        return self._said.get(member.record.id, copy)

    def toggle(self, member: Member) -> None:
        """Tick a picture, or take its tick away."""
        self._said[member.record.id] = not self.goes(member)

    def forget(self, ids: Iterable[int]) -> None:
        """What was said of pictures that have gone does not count where they come back."""
        for id_ in ids:
            self._said.pop(id_, None)

    def going(self, groups: Iterable[DuplicateGroup]) -> list[Record]:
        """What is to go of some groups."""
        return [member.record for group in groups for member in members(group) if self.goes(member)]

    def emptied(self, groups: Iterable[DuplicateGroup]) -> int:
        """Of how many groups nothing would be left whose file is there."""
        return sum(self._empties(members(group)) for group in groups)

    def _empties(self, group: Sequence[Member]) -> bool:
        stays = any(not self.goes(one) and not one.record.missing for one in group)
        return not stays and any(self.goes(one) for one in group)


def without(found: Duplicates, ids: Collection[int]) -> Duplicates | None:
    """What was found when records have gone; None where a group lost its best, but not all.

    Then which of the others belong together is not known.
    """
    gone, left = set(ids), []
    for group in found.groups:
        copies = tuple(copy for copy in group.copies if copy.record.id not in gone)
        if group.best.id not in gone:
            left.append(replace(group, copies=copies))
        elif len(copies) > 1:
            return None
    return replace(
        found,
        groups=tuple(group for group in left if group.copies),
        total=found.total - len(gone),
    )
