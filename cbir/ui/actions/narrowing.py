"""Which pictures are shown, and in which order: the filter bar and the line above the grid."""

from __future__ import annotations

from dataclasses import replace

from cbir.asking import Filter, Order
from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.ui.actions.results import Results
from cbir.work.facts import Choices, filter_choices
from cbir.work.worker import Job


class Narrowing:
    """Leads what is chosen there to the results, and what the library holds to the filter bar."""

    def __init__(self, context: Context, results: Results) -> None:
        self._context = context
        self._results = results
        self._job: Job | None = None
        self._version = -1

    def toggle_filters(self) -> None:
        """Show the filter bar, with the keyboard in it, or hide it; a filter goes on either way."""
        layout = self._context.layout
        if layout.show_filters(not layout.filters_shown):
            self._ask_choices()
            layout.filter_bar.focus_first()

    def choose_filter(self, wanted: Filter) -> None:
        """Show only what passes the filter."""
        self._results.set_filter(wanted)

    def clear_filter(self) -> None:
        """Let every picture through again."""
        self._context.layout.filter_bar.clear()

    def choose_order(self, order: Order) -> None:
        """Show the pictures in another order."""
        self._results.set_order(order)

    def choose_similar(self, position: float) -> None:
        """Hide hits that are less similar than the slider says."""
        self._context.state = replace(self._context.state, similar=position)
        self._results.show_fewer()

    def facts_changed(self) -> None:
        """The library was changed: there may be other folders, formats and tags to choose from."""
        if self._context.layout.filters_shown:
            self._ask_choices()

    def _ask_choices(self) -> None:
        context = self._context
        if self._version == context.facts.version:
            return
        context.jobs.drop(self._job)
        version = context.facts.version

        def known(choices: Choices) -> None:
            self._version = version
            context.layout.filter_bar.show_choices(choices)

        self._job = context.jobs.watch(
            context.engine.ask(_("List what there is to filter by"), filter_choices), known
        )
