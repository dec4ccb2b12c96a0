"""The thumbnail grid: tiles by the hundred thousand, selection, keyboard, and empty states."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from collections.abc import Callable, Iterable, Sequence

import ttkbootstrap as ttk

from cbir.ui.grid.art import CardState
from cbir.ui.grid.events import GridEvents
from cbir.ui.grid.hover import GridHover
from cbir.ui.grid.input import Action, GridInput
from cbir.ui.grid.layout import Box, Step
from cbir.ui.grid.message import GridMessage
from cbir.ui.grid.selection import Selection
from cbir.ui.grid.thumbnails import Thumbnails
from cbir.ui.grid.tiles import RecordTiles, Tile, ids_of
from cbir.ui.grid.view import GridView
from cbir.ui.widgets.theme import palette
from cbir.work.messages import ThumbnailReady

__all__ = [
    "LARGEST",
    "MESSAGE_SHOWN",
    "SIZE_CHANGED",
    "SMALLEST",
    "Grid",
    "GridEvents",
    "RecordTiles",
    "Tile",
]

SMALLEST, LARGEST = 96, 320  # thumbnail sizes in pixels at 100 %
SIZE_CHANGED = "<<ThumbnailSize>>"  # generated on the grid when the wheel changed the size
MESSAGE_SHOWN = "<<MessageShown>>"  # generated on the grid when words took the place of tiles
_SIZE_STEP = 32


class Grid(tkinter.ttk.Frame):
    """Tiles in rows that fill the width; only those in view exist on the canvas.

    ``request_thumbnail(path, size)`` and ``keep_thumbnails({(path, size)})`` lead to the loader,
    whose answers come back through ``thumbnail_ready``. What the user does arrives in ``events``;
    ``select`` calls none of them.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        *,
        request_thumbnail: Callable[[str, int], None],
        keep_thumbnails: Callable[[set[tuple[str, int]]], None],
        events: GridEvents,
    ) -> None:
        super().__init__(parent)
        self._events = events
        self._of_cursor: dict[Action, Callable[[int], None]] = {
            "open": events.on_open,
            "preview": events.on_preview,
            "rename": events.on_rename,
            "copy_path": events.on_copy_path,
            "stack": events.on_stack,
        }
        self._of_selection: dict[Action, Callable[[tuple[int, ...]], None]] = {
            "delete": events.on_delete,
            "trash": events.on_trash,
            "copy_files": events.on_copy_files,
            "more": lambda ids: events.on_feedback(ids, 1),
            "less": lambda ids: events.on_feedback(ids, -1),
        }
        self._selection = Selection()
        self._told = 0
        self._band_base: tuple[int, ...] | None = None
        self._message: GridMessage | None = None
        self._size = 160
        self._has_focus = False
        self._make_widgets()
        self._thumbnails = Thumbnails(request_thumbnail, keep_thumbnails)
        self._view = GridView(
            self._canvas, self._scrollbar, self._thumbnails, self._state_of, self._drawn
        )
        self._hover = GridHover(self._canvas, self._view, self._restate)
        self._input = GridInput(self._canvas, self)

    def _make_widgets(self) -> None:
        self._canvas = ttk.Canvas(
            self, autostyle=False, highlightthickness=0, borderwidth=0, takefocus=True
        )
        self._canvas.configure(background=palette(self).background)
        self._scrollbar = ttk.Scrollbar(self, orient="vertical")
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(1, minsize=self._scrollbar.winfo_reqwidth())
        self._rubber = self._canvas.create_rectangle(0, 0, 0, 0, state="hidden")
        self._canvas.bind("<Configure>", lambda _: self._resized())
        self._canvas.bind("<FocusIn>", lambda _: self._focused(True))
        self._canvas.bind("<FocusOut>", lambda _: self._focused(False))
        self._canvas.bind("<<ThemeChanged>>", lambda _: self._view.recolour())
        self._canvas.bind("<Destroy>", lambda _: self._view.stop(), add="+")

    # -- what the window asks ---------------------------------------------------------------------

    def show(self, tiles: Sequence[Tile], *, keep_position: bool = False) -> None:
        """Show these tiles; ``keep_position`` keeps the scroll offset and the selection."""
        self._end_message()
        if not keep_position:
            self._thumbnails.forget_failures()
        self._selection.set_order(ids_of(tiles), keep=keep_position)
        self._view.set_tiles(tiles, self._view.offset if keep_position else 0)
        self._tell()

    def show_message(
        self, title: str, text: str, actions: Sequence[tuple[str, Callable[[], None]]] = ()
    ) -> None:
        """Show no tiles but a sentence, and buttons for what can be done."""
        self.show(())
        self._message = GridMessage(self, title, text, actions)
        self._message.place(relx=0.5, rely=0.45, anchor="center")
        self._message.wrap(self.winfo_width())
        self.event_generate(MESSAGE_SHOWN)

    def focus_tiles(self) -> None:
        """Keys go to the tiles from now on."""
        self._canvas.focus_set()

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader; one that nobody here asked for is ignored."""
        self._view.thumbnail_ready(event)

    def select(self, ids: Iterable[int], *, see: bool = True) -> None:
        """Select these records; ``see`` scrolls to the first. No event tells of it."""
        self._selection.put(ids)
        self._told = self._selection.version
        if see and self._selection.ids and self._selection.cursor is not None:
            self._view.see(self._selection.cursor)
        self._view.update_states()

    @property
    def tiles(self) -> Sequence[Tile]:
        """What is shown, as it was given."""
        return self._view.tiles

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected record ids, in the tiles' order."""
        return self._selection.ids

    @property
    def thumbnail_size(self) -> int:
        """Side of a picture's square in pixels at 100 %, 96 to 320."""
        return self._size

    @thumbnail_size.setter
    def thumbnail_size(self, size: int) -> None:
        size = min(max(size, SMALLEST), LARGEST)
        if size != self._size:
            self._size = size
            self._view.set_size(size)

    # -- what the input asks (grid_input.Target) --------------------------------------------------

    @property
    def offset(self) -> int:
        """The content's y at the top of the canvas."""
        return self._view.offset

    def point(self, x: int, y: int) -> None:
        """The pointer is here."""
        self._hover.point((x, y))

    def leave(self) -> None:
        """The pointer went away."""
        self._hover.point(None)

    def press(self, x: int, y: int, *, toggle: bool, extend: bool) -> bool:
        """A button went down; False where it was "find similar" or a tile's count."""
        self._hover.tip.hover("")
        index = self._index_at(x, y)
        if index is not None and self._hover.on_lens(x, y):
            self._events.on_similar(self._id(index))
            return False
        if index is not None and self._hover.on_count(x, y):
            self._events.on_stack(self._id(index))
            return False
        if index is None:
            if not (toggle or extend):
                self._selection.clear()
        elif extend:
            self._selection.extend(index, add=toggle)
        elif toggle:
            self._selection.toggle(index)
        else:
            self._selection.only(index)
        self._changed()
        return True

    def open_at(self, x: int, y: int) -> None:
        """A double click."""
        index = self._index_at(x, y)
        if index is not None and not self._hover.on_button(x, y):
            self._events.on_open(self._id(index))

    def menu_at(self, x: int, y: int, x_root: int, y_root: int) -> None:
        """A right click: selects the tile where it was not selected."""
        self._hover.tip.hover("")
        index = self._index_at(x, y)
        if index is None:
            return
        if self._id(index) not in self._selection:
            self._selection.only(index)
            self._changed()
        self._events.on_menu(self._id(index), x_root, y_root)

    def menu_at_cursor(self) -> None:
        """The menu key: as a right click on the middle of the cursor's tile."""
        cursor = self._selection.cursor
        if cursor is None:
            return
        self._view.see(cursor)
        left, top, right, bottom = self._view.layout.box(cursor)
        x, y = (left + right) // 2, (top + bottom) // 2 - self.offset
        canvas = self._canvas
        self.menu_at(x, y, canvas.winfo_rootx() + x, canvas.winfo_rooty() + y)

    def band(self, box: Box | None, *, add: bool) -> None:
        """A rubber band covers ``box`` of the content; None when it was let go."""
        if box is None:
            self._band_base = None
            self._canvas.itemconfigure(self._rubber, state="hidden")
            return
        if self._band_base is None:
            self._band_base = self._selection.ids if add else ()
        left, top, right, bottom = box
        self._canvas.coords(self._rubber, left, top - self.offset, right, bottom - self.offset)
        outline = self._view.art.colours.accent
        self._canvas.itemconfigure(self._rubber, outline=outline, state="normal")
        self._canvas.tag_raise(self._rubber)
        self._selection.put_positions(self._view.layout.indexes_in(box), self._band_base)
        self._changed()

    def step(self, step: Step, *, extend: bool, keep: bool) -> None:
        """A key moves the cursor and selects; with Shift it selects on the way.

        ``keep`` (Ctrl) moves the cursor alone, and with Shift adds to what is selected. Where
        nothing is selected, the first key selects where the cursor is.
        """
        if not self._view.tiles:
            return
        cursor = self._selection.cursor
        if cursor is None:
            cursor = self._view.layout.visible(self.offset).start
        begins = self._selection.empty and not keep and step not in ("home", "end")
        index = cursor if begins else self._view.layout.step(cursor, step)
        if extend:
            self._selection.extend(index, add=keep)
        elif keep:
            self._selection.move(index)
        else:
            self._selection.only(index)
        self._view.see(index)
        self._changed()

    def act(self, action: Action) -> None:
        """Do what a key says, where there is something to do it with."""
        cursor, ids = self._selection.cursor, self.selection
        if action == "select_all":
            self._selection.all()
            self._changed()
        elif action == "toggle" and cursor is not None:
            self._selection.toggle(cursor)
            self._changed()
        elif action in self._of_cursor and cursor is not None:
            self._of_cursor[action](self._id(cursor))
        elif action in self._of_selection and ids:
            self._of_selection[action](ids)

    def scroll_by(self, pixels: float) -> None:
        """Scroll down by so many pixels, up where negative."""
        self._hover.tip.hover("")
        self._view.scroll_to(self.offset + pixels)

    def zoom(self, steps: int) -> None:
        """Larger or smaller thumbnails; says so with ``<<ThumbnailSize>>``."""
        before = self._size
        self.thumbnail_size = (self._size // _SIZE_STEP + steps) * _SIZE_STEP
        if self._size != before:
            self.event_generate(SIZE_CHANGED)

    # -- inside -----------------------------------------------------------------------------------

    def _id(self, index: int) -> int:
        return self._view.tiles[index].record.id

    def _index_at(self, x: int, y: int) -> int | None:
        return self._view.layout.index_at(x, y + self.offset)

    def _state_of(self, index: int) -> CardState:
        focused = self._has_focus and index == self._selection.cursor
        return CardState(self._id(index) in self._selection, index == self._hover.index, focused)

    def _restate(self, index: int) -> None:
        cell = self._view.cells.get(index)
        if cell is not None:
            cell.set_state(self._state_of(index))

    def _drawn(self) -> None:
        self._hover.refresh()

    def _changed(self) -> None:
        """The user changed the selection, or only the cursor."""
        self._view.update_states()
        self._tell()

    def _tell(self) -> None:
        if self._told != self._selection.version:
            self._told = self._selection.version
            self._events.on_select(self._selection.ids)

    def _resized(self) -> None:
        self._view.resized()
        if self._message is not None:
            self._message.wrap(self.winfo_width())

    def _focused(self, here: bool) -> None:
        """Where Tab leads here, show where the keys will begin."""
        self._has_focus = here
        if here and self._selection.cursor is None and self._view.tiles:
            self._selection.cursor = self._view.layout.visible(self.offset).start
        self._view.update_states()

    def _end_message(self) -> None:
        if self._message is not None:
            self._message.destroy()
            self._message = None
