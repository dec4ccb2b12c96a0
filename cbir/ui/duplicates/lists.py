"""The two lists: groups, and the pictures of one with a tick for those that are to go."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter import font as tkfont

from PIL import ImageTk

from cbir.language import _, counted
from cbir.records import DuplicateGroup, Record
from cbir.ui.duplicates.picks import Member, Picks, members
from cbir.ui.duplicates.rows import Rows
from cbir.ui.widgets.text import Fitter, file_size, shown, shown_name, telling_folders
from cbir.ui.widgets.theme import (
    BODY_FONT,
    CAPTION_FONT,
    HEADING_FONT,
    SMALL_FONT,
    SPACE_M,
    SPACE_S,
    palette,
    scaled,
)
from cbir.work.duplicates import bytes_of_copies

THUMBNAIL = 64  # pixels at 100 %
_BOX = 16  # of a tick
PictureOf = Callable[[Record], ImageTk.PhotoImage | None]


class _Pictured(Rows):
    """Rows with thumbnails; ``picture_of`` tells one, None while it is not there."""

    picture_of: PictureOf

    @property
    def _side(self) -> int:
        return scaled(self, THUMBNAIL)

    @property
    def _gap(self) -> int:
        return scaled(self, SPACE_M)

    def _picture(self, record: Record, left: int, top: int) -> None:
        picture, half = self.picture_of(record), self._side // 2
        place = left + half, top + self.height // 2
        if picture is not None:
            self.canvas.create_image(*place, image=str(picture), tags="row")
            return
        x, y = place
        self.canvas.create_rectangle(
            x - half, y - half, x + half, y + half,
            fill=palette(self).surface, outline="", tags="row",
        )  # fmt: skip

    def _line(self, text: str, x: int, y: int, font: str, colour: str) -> None:
        room = max(1, self.width - x - scaled(self, SPACE_S))
        fitted = Fitter(tkfont.nametofont(font, root=self).measure).middle(text, room)
        self.canvas.create_text(x, y, text=fitted, font=font, fill=colour, anchor="w", tags="row")


def _row_height(parent: tkinter.Misc) -> int:
    return scaled(parent, THUMBNAIL + 2 * SPACE_M)


class GroupList(_Pictured):
    """Groups: the best one and its first copy, how many there are, what could be freed."""

    def __init__(
        self,
        parent: tkinter.Misc,
        picture_of: PictureOf,
        on_select: Callable[[int], None],
        on_seen: Callable[[], None],
    ) -> None:
        super().__init__(parent, _row_height(parent), self._row, on_select, on_seen=on_seen)
        self.picture_of = picture_of
        self.groups: Sequence[DuplicateGroup] = ()
        self.configure(width=scaled(self, 280))

    def show_groups(self, groups: Sequence[DuplicateGroup], selected: int) -> None:
        """Other groups, with one selected."""
        self.groups = groups
        self.show(len(groups), selected)

    @property
    def seen(self) -> list[Record]:
        """The records whose pictures are in view."""
        groups = (self.groups[number] for number in self.in_view)
        return [record for group in groups for record in (group.best, group.copies[0].record)]

    def _row(self, number: int, top: int) -> None:
        group, colours, gap = self.groups[number], palette(self), self._gap
        left = gap
        for record in (group.best, group.copies[0].record):
            self._picture(record, left, top)
            left += self._side + gap
        middle, half = top + self.height // 2, scaled(self, 10)
        count = counted("{count:,} picture", "{count:,} pictures", 1 + len(group.copies))
        self._line(count, left, middle - half, HEADING_FONT, colours.text)
        freed = _("{size} in copies").format(size=file_size(bytes_of_copies(group)))
        self._line(freed, left, middle + half, SMALL_FONT, colours.muted)


class MemberList(_Pictured):
    """The pictures of one group, each with a tick where it is to go."""

    def __init__(
        self,
        parent: tkinter.Misc,
        picture_of: PictureOf,
        picks: Picks,
        on_select: Callable[[int], None],
        on_toggle: Callable[[], None],
        on_seen: Callable[[], None],
    ) -> None:
        super().__init__(
            parent, _row_height(parent), self._row, on_select, self._clicked_at, on_seen
        )
        self.picture_of = picture_of
        self._picks, self._on_toggle = picks, on_toggle
        self.members: tuple[Member, ...] = ()
        self._folders: list[str] = []
        self.configure(width=scaled(self, 320))

    def show_group(self, group: DuplicateGroup | None, selected: int) -> None:
        """The pictures of a group, with one selected; None: none."""
        self.members = () if group is None else members(group)
        self._folders = telling_folders([member.record.path for member in self.members])
        self.show(len(self.members), selected)

    @property
    def seen(self) -> list[Record]:
        """The records whose pictures are in view."""
        return [self.members[number].record for number in self.in_view]

    def toggle(self) -> None:
        """Tick the picture that is selected, or take its tick away."""
        if self.members:
            self._picks.toggle(self.members[self.selected])
            self.redraw()
            self._on_toggle()

    def _clicked_at(self, _number: int, x: int) -> None:
        if x < scaled(self, _BOX + 2 * SPACE_M):
            self.toggle()

    def _row(self, number: int, top: int) -> None:
        member, colours, gap = self.members[number], palette(self), self._gap
        goes = self._picks.goes(member)
        self._tick(gap, top + self.height // 2, goes=goes)
        left = gap + scaled(self, _BOX) + gap
        self._picture(member.record, left, top)
        left += self._side + gap
        best = member.level is None
        lines = [
            (shown_name(member.record.path), BODY_FONT, colours.muted if goes else colours.text),
            (_facts_of(member), SMALL_FONT, colours.muted),
            (
                relation(member),
                CAPTION_FONT if best else SMALL_FONT,
                colours.success if best else colours.muted,
            ),
        ]
        if folder := self._folders[number]:
            told = _("in {folder}").format(folder=shown(folder))
            lines.insert(1, (told, SMALL_FONT, colours.text))
        step = scaled(self, 19 if len(lines) == 3 else 17)
        middle = top + self.height // 2 - step * (len(lines) - 1) // 2
        for at, (text, font, colour) in enumerate(lines):
            self._line(text, left, middle + at * step, font, colour)

    def _tick(self, left: int, middle: int, *, goes: bool) -> None:
        colours, canvas, side = palette(self), self.canvas, scaled(self, _BOX)
        top = middle - side // 2
        canvas.create_rectangle(
            left, top, left + side, top + side, tags="row", width=scaled(self, 1),
            fill=colours.danger if goes else colours.background,
            outline=colours.danger if goes else colours.muted,
        )  # fmt: skip
        if goes:
            corners = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.28))
            points = [(left + side * x, top + side * y) for x, y in corners]
            canvas.create_line(points, fill=colours.background, width=scaled(self, 2), tags="row")


def _facts_of(member: Member) -> str:
    file = member.record.file
    size = _("file is missing") if member.record.missing else file_size(file.size)
    return f"{file.width:,} × {file.height:,} · {size}"


def relation(member: Member) -> str:
    """What a picture is beside the best of its group."""
    if member.level is None:
        return _("Best")
    words = {
        "identical": _("identical bytes"),
        "same": _("same picture"),
        "alike": _("mirrored") if member.mirrored else _("looks alike"),
    }
    similar = "" if member.similarity is None else f" · {member.similarity:.3f}"
    return words[member.level] + similar
