"""The query bar: what is looked for and how it is compared. It holds the choices."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import ttkbootstrap as ttk

from cbir.asking import Box, Term
from cbir.language import _
from cbir.records import METRICS, Metric
from cbir.settings_file import THUMBNAIL_SIZES
from cbir.ui.query.field import QueryField, QueryFieldEvents
from cbir.ui.query.part import PartSheet
from cbir.ui.query.picture import QueryPicture
from cbir.ui.query.space import SpaceSelector
from cbir.ui.state import RESULT_COUNTS, WindowState
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled
from cbir.work.messages import ThumbnailReady

_METRIC_TITLES: dict[Metric, str] = {"cosine": _("Cosine"), "euclidean": _("Euclidean")}
_METRIC_HINTS = {
    "cosine": _("Cosine similarity: the angle between two vectors, 1 for the same picture"),
    "euclidean": _("Euclidean distance: the length of the difference, 0 for the same picture"),
}


@dataclass(frozen=True, slots=True)
class QueryBarEvents:
    """What the query bar asks for. ``on_space`` is told of every click, also of an unusable one.

    ``on_words`` and ``on_terms`` as of the ``QueryField``. ``request_thumbnail(path, size)`` leads
    to the loader.
    """

    on_words: Callable[[str, bool], None]
    on_terms: Callable[[tuple[Term, ...]], None]
    on_copy: Callable[[], None]
    on_edit: Callable[[], None]
    on_back: Callable[[], None]
    on_forward: Callable[[], None]
    on_open: Callable[[], None]
    on_clear: Callable[[], None]
    on_metric: Callable[[Metric], None]
    on_space: Callable[[str], None]
    on_results: Callable[[int], None]
    on_thumbnail: Callable[[int], None]
    on_compare: Callable[[], None]


_THUMBNAIL = 320  # pixels at 100 %: so that a part of it is still sharp


class QueryBar(ttk.Frame):
    """Two rows beside the query's own picture: words and buttons above, choices below."""

    def __init__(
        self,
        parent: tkinter.Misc,
        state: WindowState,
        events: QueryBarEvents,
        request_thumbnail: Callable[[str, int], None],
    ) -> None:
        large = scaled(parent, SPACE_L)
        super().__init__(parent, padding=(large, scaled(parent, 12), large, scaled(parent, 12)))
        self._events = events
        self._request_thumbnail = request_thumbnail
        self._paths: tuple[str, ...] = ()
        self._terms: tuple[Term, ...] = ()
        self.part_sheet: PartSheet | None = None
        self.metric = ttk.StringVar(self, state.metric)
        self.metric_buttons: dict[Metric, ttk.Radiobutton] = {}
        self.results = ttk.StringVar(self, str(state.results))
        self.thumbnail = ttk.DoubleVar(self, state.thumbnail)
        self.picture = QueryPicture(self, self.choose_part)
        self.picture.grid(row=0, column=0, rowspan=2, padx=(0, large))
        self.columnconfigure(1, weight=1)
        self.rowconfigure((0, 1), weight=1)
        self._build_words().grid(row=0, column=1, sticky="ew")
        self._build_choices().grid(row=1, column=1, sticky="ew")

    def _build_words(self) -> ttk.Frame:
        row = ttk.Frame(self)
        row.columnconfigure(2, weight=1)
        events = self._events
        self.back_button = self._icon(row, "chevron-left", events.on_back)
        self.forward_button = self._icon(row, "chevron-right", events.on_forward)
        field = QueryFieldEvents(
            on_words=events.on_words,
            on_terms=events.on_terms,
            on_part=self.choose_part,
            on_copy=events.on_copy,
            on_edit=events.on_edit,
        )
        self.field = QueryField(row, field)
        self.words, self.chips = self.field.words, self.field.chips
        self.add_button = self._icon(row, "plus-lg", self.field.add)
        self.search_button = ttk.Button(
            row, text=_("Search"), icon="search", bootstyle="primary", command=self.field.search
        )
        self.open_button = ttk.Button(
            row, text=_("Open image…"), icon="image", command=events.on_open
        )
        self.clear_button = self._icon(row, "x-lg", events.on_clear)
        self._tip(self.back_button, _("Back to the search before (Alt+Left)"))
        self._tip(self.forward_button, _("Forward again (Alt+Right)"))
        self._tip(self.add_button, _("Add these words to the query (Ctrl+Enter)"))
        self._tip(self.search_button, _("Search by what is in the box (Enter)"))
        self._tip(self.open_button, _("Search by pictures of yours (Ctrl+O)"))
        self._tip(self.clear_button, _("Clear the search and show the whole library (Esc)"))
        gap = scaled(self, SPACE_M)
        self.back_button.grid(row=0, column=0, sticky="ns")
        self.forward_button.grid(row=0, column=1, padx=(0, gap), sticky="ns")
        self.field.grid(row=0, column=2, sticky="nsew")
        self.add_button.grid(row=0, column=3, padx=(gap // 2, 0), sticky="ns")
        self.search_button.grid(row=0, column=4, padx=(gap // 2, 0), sticky="ns")
        self.open_button.grid(row=0, column=5, padx=(gap, 0), sticky="ns")
        self.clear_button.grid(row=0, column=6, padx=(gap // 2, 0), sticky="ns")
        self.show_history(back=False, forward=False)
        return row

    @staticmethod
    def _icon(row: ttk.Frame, icon: str, command: Callable[[], object]) -> ttk.Button:
        return ttk.Button(row, icon=icon, icon_only=True, bootstyle="ghost", command=command)

    # -- what is looked for -----------------------------------------------------------------------

    def show_history(self, *, back: bool, forward: bool) -> None:
        """Whether there is something to go back, or forward, to."""
        self.back_button.configure(state="normal" if back else "disabled")
        self.forward_button.configure(state="normal" if forward else "disabled")

    def show_query(
        self, terms: Sequence[Term], paths: Sequence[str], *, as_chips: bool = False
    ) -> None:
        """Show what is looked for; ``paths[i]`` is the picture of term i, "" for words."""
        self._terms, self._paths = tuple(terms), tuple(paths)
        self.field.show(terms, paths, as_chips=as_chips)
        first = next((at for at, path in enumerate(paths) if path), None)
        if first is None:
            self.picture.show_sign("chat-quote" if terms else "image")
        else:
            self.picture.expect(paths[first], terms[first].box)
        for path in dict.fromkeys(filter(None, paths)):
            self._request_thumbnail(path, self._thumbnail_size)

    @property
    def _thumbnail_size(self) -> int:
        return scaled(self, _THUMBNAIL)

    def thumbnail_ready(self, event: ThumbnailReady) -> None:
        """An answer of the loader; one that nobody here asked for is ignored."""
        if event.size == self._thumbnail_size:
            self.picture.show(event.path, event.image, event.reason)
            self.chips.thumbnail_ready(event.path, event.image)
        if self.part_sheet is not None and self.part_sheet.winfo_exists():
            self.part_sheet.thumbnail_ready(event.path, event.size, event.image, event.reason)

    def choose_part(self, at: int | None = None) -> None:
        """Let the user choose a part of term ``at``'s picture, None for the first picture."""
        if at is None:
            at = next((place for place, path in enumerate(self._paths) if path), None)
        if at is None or at >= len(self._paths):
            return
        if self.part_sheet is not None:
            self.part_sheet.destroy()
        term, path = self._terms[at], self._paths[at]

        def chosen(box: Box | None) -> None:
            if at < len(self._terms) and self._terms[at] == term:  # it may have gone meanwhile
                changed = replace(term, box=box)
                self._events.on_terms((*self._terms[:at], changed, *self._terms[at + 1 :]))

        self.part_sheet = PartSheet(self, path, term.box, chosen)
        self._request_thumbnail(path, self.part_sheet.wants)

    # -- how it is compared -----------------------------------------------------------------------

    def _build_choices(self) -> ttk.Frame:
        row = ttk.Frame(self)
        self._caption(row, _("Compare by"), first=True)
        for metric in METRICS:
            button = ttk.Radiobutton(
                row,
                text=_METRIC_TITLES[metric],
                value=metric,
                variable=self.metric,
                command=lambda chosen=metric: self._events.on_metric(chosen),
            )
            self.metric_buttons[metric] = button
            self._tip(button, _METRIC_HINTS[metric])
            button.pack(side="left", padx=(0, scaled(self, SPACE_M)))
        self._caption(row, "Space")
        self.spaces = SpaceSelector(row, self._events.on_space)
        self.spaces.pack(side="left")
        self.compare_button = ttk.Button(
            row,
            icon="layout-three-columns",
            icon_only=True,
            bootstyle="ghost",
            command=self._events.on_compare,
        )
        self._tip(self.compare_button, _("Two opinions: ResNet18 and CLIP side by side (Ctrl+D)"))
        self.compare_button.pack(side="left", padx=(scaled(self, SPACE_S), 0))
        self._build_sizes(row)
        return row

    def _build_sizes(self, row: ttk.Frame) -> None:
        self._caption(row, _("Results"))
        self.counts = ttk.Combobox(
            row,
            values=[str(count) for count in RESULT_COUNTS],
            textvariable=self.results,
            state="readonly",
            width=4,
        )
        self.counts.bind("<<ComboboxSelected>>", self._results_chosen)
        self._tip(self.counts, _("How many pictures a search shows"))
        self.counts.pack(side="left")
        self.slider = ttk.Scale(
            row,
            from_=THUMBNAIL_SIZES[0],
            to=THUMBNAIL_SIZES[1],
            variable=self.thumbnail,
            length=scaled(self, 120),
            command=self._slid,
        )
        self._tip(self.slider, _("Size of the thumbnails (Ctrl+plus, Ctrl+minus)"))
        large = ttk.Label(row, icon="grid", icon_size=14, style="Muted.TLabel")
        large.pack(side="right", padx=(scaled(self, SPACE_S), 0))
        self.slider.pack(side="right")
        small = ttk.Label(row, icon="grid-3x3-gap", icon_size=14, style="Muted.TLabel")
        small.pack(side="right", padx=(scaled(self, SPACE_L), scaled(self, SPACE_S)))

    def _caption(self, row: ttk.Frame, text: str, *, first: bool = False) -> None:
        before = 0 if first else scaled(self, SPACE_L)
        label = ttk.Label(row, text=text, style="Muted.TLabel")
        label.pack(side="left", padx=(before, scaled(self, SPACE_M)))

    @staticmethod
    def _tip(widget: tkinter.Misc, text: str) -> None:
        ttk.ToolTip(widget, text=text, delay=600)

    def _results_chosen(self, event: tkinter.Event[ttk.Combobox]) -> None:
        event.widget.selection_clear()
        self._events.on_results(int(self.results.get()))

    def _slid(self, value: str) -> None:
        self._events.on_thumbnail(round(float(value)))
