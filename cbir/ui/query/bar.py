"""The query bar: what is looked for and how it is compared. It holds the choices."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.records import METRICS, Metric
from cbir.ui.query.picture import QueryPicture
from cbir.ui.query.space import SpaceSelector
from cbir.ui.query.words import WordsEntry
from cbir.ui.state import RESULT_COUNTS, THUMBNAIL_SIZES, WindowState
from cbir.ui.widgets.theme import SPACE_L, SPACE_M, SPACE_S, scaled

_METRIC_HINTS = {
    "cosine": "Cosine similarity: the angle between two vectors, 1 for the same picture",
    "euclidean": "Euclidean distance: the length of the difference, 0 for the same picture",
}


@dataclass(frozen=True, slots=True)
class QueryBarEvents:
    """What the query bar asks for. ``on_space`` is told of every click, also of an unusable one."""

    on_words: Callable[[str], None]
    on_open: Callable[[], None]
    on_clear: Callable[[], None]
    on_metric: Callable[[Metric], None]
    on_space: Callable[[str], None]
    on_results: Callable[[int], None]
    on_thumbnail: Callable[[int], None]
    on_compare: Callable[[], None]


class QueryBar(ttk.Frame):
    """Two rows beside the query's own picture: words and buttons above, choices below."""

    def __init__(self, parent: tkinter.Misc, state: WindowState, events: QueryBarEvents) -> None:
        large = scaled(parent, SPACE_L)
        super().__init__(parent, padding=(large, scaled(parent, 12), large, scaled(parent, 12)))
        self._events = events
        self.metric = ttk.StringVar(self, state.metric)
        self.metric_buttons: dict[Metric, ttk.Radiobutton] = {}
        self.results = ttk.StringVar(self, str(state.results))
        self.thumbnail = ttk.DoubleVar(self, state.thumbnail)
        self.picture = QueryPicture(self)
        self.picture.grid(row=0, column=0, rowspan=2, padx=(0, large))
        self.columnconfigure(1, weight=1)
        self.rowconfigure((0, 1), weight=1)
        self._build_words().grid(row=0, column=1, sticky="ew")
        self._build_choices().grid(row=1, column=1, sticky="ew")

    def _build_words(self) -> ttk.Frame:
        row = ttk.Frame(self)
        row.columnconfigure(0, weight=1)
        self.words = WordsEntry(row, "Describe a picture…, e.g. a red sports car")
        self.words.entry.bind("<Return>", self._search)
        self.words.entry.bind("<KP_Enter>", self._search)
        self.search_button = ttk.Button(
            row, text="Search", icon="search", bootstyle="primary", command=self._search
        )
        self.open_button = ttk.Button(
            row, text="Open image…", icon="image", command=self._events.on_open
        )
        self.clear_button = ttk.Button(
            row, icon="x-lg", icon_only=True, bootstyle="ghost", command=self._events.on_clear
        )
        self._tip(self.search_button, "Search by these words (Enter)")
        self._tip(self.open_button, "Search by a picture of yours (Ctrl+O)")
        self._tip(self.clear_button, "Clear the search and show the whole library (Esc)")
        gap = scaled(self, SPACE_M)
        self.words.grid(row=0, column=0, sticky="nsew")
        self.search_button.grid(row=0, column=1, padx=(gap, 0), sticky="ns")
        self.open_button.grid(row=0, column=2, padx=(gap, 0), sticky="ns")
        self.clear_button.grid(row=0, column=3, padx=(gap // 2, 0), sticky="ns")
        return row

    def _build_choices(self) -> ttk.Frame:
        row = ttk.Frame(self)
        self._caption(row, "Compare by", first=True)
        for metric in METRICS:
            button = ttk.Radiobutton(
                row,
                text=metric.capitalize(),
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
        self._tip(self.compare_button, "Two opinions: ResNet18 and CLIP side by side (Ctrl+D)")
        self.compare_button.pack(side="left", padx=(scaled(self, SPACE_S), 0))
        self._build_sizes(row)
        return row

    def _build_sizes(self, row: ttk.Frame) -> None:
        self._caption(row, "Results")
        self.counts = ttk.Combobox(
            row,
            values=[str(count) for count in RESULT_COUNTS],
            textvariable=self.results,
            state="readonly",
            width=4,
        )
        self.counts.bind("<<ComboboxSelected>>", self._results_chosen)
        self._tip(self.counts, "How many pictures a search shows")
        self.counts.pack(side="left")
        self.slider = ttk.Scale(
            row,
            from_=THUMBNAIL_SIZES[0],
            to=THUMBNAIL_SIZES[1],
            variable=self.thumbnail,
            length=scaled(self, 120),
            command=self._slid,
        )
        self._tip(self.slider, "Size of the thumbnails (Ctrl+plus, Ctrl+minus)")
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

    def _search(self, _event: object = None) -> None:
        self._events.on_words(self.words.text)

    def _results_chosen(self, event: tkinter.Event[ttk.Combobox]) -> None:
        event.widget.selection_clear()
        self._events.on_results(int(self.results.get()))

    def _slid(self, value: str) -> None:
        self._events.on_thumbnail(round(float(value)))
