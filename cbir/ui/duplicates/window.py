"""The window of near-duplicates: levels above, groups, the pictures of one, and two compared."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ttkbootstrap as ttk

from cbir.language import _, counted
from cbir.records import DUPLICATE_LEVELS, DuplicateGroup, DuplicateLevel, Record
from cbir.ui.duplicates.comparison import Comparison
from cbir.ui.duplicates.foot import Foot, FootEvents
from cbir.ui.duplicates.lists import THUMBNAIL, GroupList, MemberList
from cbir.ui.duplicates.picks import Member, Picks
from cbir.ui.frame import place_over
from cbir.ui.grid.thumbnails import Thumbnails
from cbir.ui.thumbnail_desk import GridDesk
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, scaled
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.duplicates import BEST_RULE
from cbir.work.messages import ThumbnailReady

_SMALLEST = (1040, 560)  # pixels at 100 %
_RELEASE_MS = 40  # X11 tells a key that is held as released and pressed again
_BUTTONS = (ttk.Button, ttk.Checkbutton, ttk.Radiobutton)


@dataclass(frozen=True, slots=True)
class WindowEvents:
    """What the window asks for.

    ``on_pair(first, second)``: these two are compared now, load them. ``on_difference``: theirs
    is wanted; ``on_detail(side)``: one of them in full. ``on_unseen``: which pictures could not be
    compared. ``on_closed`` gets the geometry.
    """

    on_level: Callable[[DuplicateLevel], None]
    on_cancel: Callable[[], None]
    on_pair: Callable[[Member, Member], None]
    on_difference: Callable[[], None]
    on_detail: Callable[[int], None]
    on_unseen: Callable[[], None]
    on_grid: Callable[[], None]
    on_similar: Callable[[], None]
    on_remove: Callable[[], None]
    on_trash: Callable[[], None]
    on_undo: Callable[[], None]
    on_closed: Callable[[str], None]


class DuplicatesWindow(ttk.Toplevel):
    """Shows groups of duplicates, and compares the best of one with the picture selected in it."""

    def __init__(
        self, parent: ttk.App, geometry: str, desk: GridDesk, picks: Picks, events: WindowEvents
    ) -> None:
        super().__init__(title=_("Near-duplicates – cbir"), master=parent)
        self.withdraw()
        self._events, self.picks = events, picks
        self._thumbnails = Thumbnails(desk.request, desk.keep_only)
        self._release = ""
        self.groups: Sequence[DuplicateGroup] = ()
        self._make_head()
        self.foot = Foot(
            self,
            FootEvents(
                on_scope=self.show_picks,
                on_grid=events.on_grid,
                on_similar=events.on_similar,
                on_remove=events.on_remove,
                on_trash=events.on_trash,
            ),
        )
        self.foot.pack(side="bottom", fill="x")
        ttk.Separator(self).pack(side="bottom", fill="x")
        self._make_body()
        self._bind_keys()
        self.protocol("WM_DELETE_WINDOW", self.close)
        place_over(self, parent, geometry, _SMALLEST)

    def _make_head(self) -> None:
        large, middle = scaled(self, SPACE_L), scaled(self, SPACE_M)
        head = ttk.Frame(self, padding=(large, middle))
        head.pack(fill="x")
        self.level = ttk.StringVar(self, "same")
        levels = (
            (_("Identical bytes"), _("The same file twice, under whatever name")),
            (
                _("Same picture"),
                _("Also saved anew, resized, brightened, or with a small watermark"),
            ),
            (
                _("Look-alikes"),
                _("Also cropped, turned a little, mirrored, or another shot of the scene"),
            ),
        )
        self.levels: dict[DuplicateLevel, ttk.Radiobutton] = {}
        for level, (text, tip) in zip(DUPLICATE_LEVELS, levels, strict=True):
            button = ttk.Radiobutton(
                head,
                text=text,
                value=level,
                variable=self.level,
                bootstyle="primary outline toolbutton",
                command=partial(self._events.on_level, level),
            )
            button.pack(side="left")
            ToolTip(button, text=tip)
            self.levels[level] = button
        self.unseen = ttk.Button(
            head, bootstyle="primary-link", padding=0, command=self._events.on_unseen
        )
        self.cancel = ttk.Button(
            head, text=_("Cancel"), bootstyle="secondary-outline", command=self._events.on_cancel
        )
        self.summary = ttk.Label(head)
        self.summary.pack(side="left", padx=(large, 0))
        ToolTip(self.summary, text=BEST_RULE)
        ttk.Separator(self).pack(fill="x")

    def _make_body(self) -> None:
        self._body = ttk.Frame(self)
        self._body.pack(fill="both", expand=True)
        pad = scaled(self, SPACE_M)
        self.group_list = GroupList(
            self._body, self._picture, self._group_chosen, self._want_pictures
        )
        self.group_list.pack(side="left", fill="y", pady=pad)
        ttk.Separator(self._body, orient="vertical").pack(side="left", fill="y")
        self.member_list = MemberList(
            self._body,
            self._picture,
            self.picks,
            self._member_chosen,
            self.show_picks,
            self._want_pictures,
        )
        self.member_list.pack(side="left", fill="y", pady=pad)
        ttk.Separator(self._body, orient="vertical").pack(side="left", fill="y")
        self.comparison = Comparison(self._body, self._events.on_difference, self._events.on_detail)
        self.comparison.pack(side="left", fill="both", expand=True, pady=(pad, 0))
        self._message = ttk.Label(self._body, anchor="center", justify="center")

    def present(self) -> None:
        """Show it, in front and with the keys."""
        self.deiconify()
        self.lift()
        self.update_idletasks()
        self.group_list.canvas.focus_force()

    def close(self) -> None:
        """Close it, and tell where it was."""
        geometry = str(self.geometry())
        self.destroy()
        self._events.on_closed(geometry)

    # -- what is shown ----------------------------------------------------------------------------

    def show_groups(self, groups: Sequence[DuplicateGroup], summary: str, *, near: int = 0) -> None:
        """Groups that were found, with number ``near`` selected, or the last one."""
        self.groups = groups
        self.summary.configure(text=summary)
        self.say("")
        self.group_list.show_groups(groups, near)
        self._show_group()

    def say(self, sentence: str) -> None:
        """A sentence in the place of groups; "" takes it away."""
        if sentence:
            self._message.configure(text=sentence, wraplength=scaled(self, 560))
            self._message.place(relwidth=1, relheight=1)
            self._message.lift()
        else:
            self._message.place_forget()
        self.foot.allow(bool(self.groups) and not sentence)

    @property
    def message(self) -> str:
        """The sentence in the place of groups; "" where groups are shown."""
        return str(self._message.cget("text")) if self._message.winfo_manager() else ""

    def show_searching(self, words: str) -> None:
        """How far a search is; "" where there is none."""
        if words:
            self.summary.configure(text=words)
            self.cancel.pack(side="right")
        else:
            self.cancel.pack_forget()

    def show_unseen(self, count: int) -> None:
        """How many pictures could not be compared, as a way to see which."""
        if count:
            words = counted(
                "{count:,} picture could not be opened…",
                "{count:,} pictures could not be opened…",
                count,
            )
            self.unseen.configure(text=words)
            self.unseen.pack(side="right")
        else:
            self.unseen.pack_forget()

    def show_picks(self) -> None:
        """What is to go, of this group or of all."""
        self.foot.show_going(self.picks.going(self.chosen_groups))

    @property
    def chosen_groups(self) -> Sequence[DuplicateGroup]:
        """The groups that the buttons act on."""
        if self.foot.in_all.get():
            return self.groups
        group = self.chosen
        return () if group is None else (group,)

    @property
    def chosen(self) -> DuplicateGroup | None:
        """The group that is selected."""
        return self.groups[self.group_list.selected] if self.groups else None

    @property
    def selected(self) -> Record | None:
        """The picture that is selected in the group."""
        listed = self.member_list
        return listed.members[listed.selected].record if listed.members else None

    def _group_chosen(self, _number: int) -> None:
        self._show_group()

    def _show_group(self) -> None:
        self.member_list.show_group(self.chosen, 1)
        self.show_picks()
        self._compare()

    def _member_chosen(self, _number: int) -> None:
        self._compare()

    def _compare(self) -> None:
        """The best with the one selected, or where that is the best, with the next one."""
        listed = self.member_list
        if listed.members:
            second = listed.members[max(1, listed.selected)]
            # first, as the comparison may ask at once how the two differ
            self._events.on_pair(listed.members[0], second)
            self.comparison.show(listed.members[0].record, second.record)

    # -- thumbnails -------------------------------------------------------------------------------

    def _picture(self, record: Record) -> Any:
        return self._thumbnails.picture(record, scaled(self, THUMBNAIL))

    def _want_pictures(self) -> None:
        wanted = [*self.group_list.seen, *self.member_list.seen]
        self._thumbnails.want(wanted, scaled(self, THUMBNAIL))

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """A thumbnail came, for whomever."""
        if self._thumbnails.receive(event):
            self.group_list.redraw()
            self.member_list.redraw()

    # -- keys -------------------------------------------------------------------------------------

    def _bind_keys(self) -> None:
        events, compare = self._events, self.comparison
        keys: dict[str, Callable[[], object]] = {
            "<Escape>": self.close,
            "<Left>": lambda: self._step(-1),
            "<Right>": lambda: self._step(1),
            "<Control-Up>": lambda: self.group_list.choose(self.group_list.selected - 1),
            "<Control-Down>": lambda: self.group_list.choose(self.group_list.selected + 1),
            "<space>": self.member_list.toggle,
            "<Delete>": events.on_remove,
            "<Shift-Delete>": events.on_trash,
            "<Control-z>": events.on_undo,
            "<Control-Shift-F>": events.on_similar,
            "<Control-Shift-f>": events.on_similar,
            "<Key-0>": compare.fit,
            "<Key-1>": compare.actual,
            "<plus>": lambda: compare.zoom(1),
            "<minus>": lambda: compare.zoom(-1),
        }
        letters: dict[str, Callable[[], object]] = {
            "s": lambda: compare.choose("beside"),
            "d": lambda: compare.choose("difference"),
            "g": events.on_grid,
            "f": self._flip,
        }
        for letter, act in letters.items():
            keys[f"<Key-{letter}>"] = keys[f"<Key-{letter.upper()}>"] = act
            self.bind(f"<Control-Key-{letter}>", lambda _event: None)
        for key, act in keys.items():
            self.bind(key, partial(self._pressed, act))
        for letter in "fF":
            self.bind(f"<KeyRelease-{letter}>", lambda _event: self._unflip())

    def _pressed(self, act: Callable[[], object], event: tkinter.Event[Any]) -> str | None:
        """Buttons keep the keys that press them or lead from one to the next."""
        if isinstance(event.widget, _BUTTONS) and event.keysym in ("space", "Left", "Right"):
            return None
        act()
        return "break"

    def _step(self, step: int) -> None:
        self.member_list.choose(self.member_list.selected + step)

    def _flip(self) -> None:
        if self._release:
            self.after_cancel(self._release)
            self._release = ""
        if not self.comparison.flipped:
            self.comparison.flip(second=True)

    def _unflip(self) -> None:
        def released() -> None:
            self._release = ""
            if self.comparison.flipped:
                self.comparison.flip(second=False)

        if not self._release:
            self._release = self.after(_RELEASE_MS, released)

    def destroy(self) -> None:
        """End what is about to happen, and go."""
        if self._release:
            self.after_cancel(self._release)
            self._release = ""
        super().destroy()
