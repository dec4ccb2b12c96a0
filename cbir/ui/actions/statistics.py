"""Tools → Statistics…: counted on a worker, and recall measured anew where that is asked for."""

from __future__ import annotations

from cbir.language import _
from cbir.records import Metric
from cbir.ui.actions.context import Context
from cbir.ui.actions.results import Results
from cbir.ui.statistics.window import StatisticsSheet
from cbir.work.statistics import LibraryStatistics, RecallMeasure


class StatisticsActions:
    """Opens the window of statistics, and brings it what it shows."""

    def __init__(self, context: Context, results: Results) -> None:
        self._context = context
        self._results = results
        self.sheet: StatisticsSheet | None = None

    def show(self) -> None:
        """Open the window, or bring it to the front; it is counted anew."""
        if self._is_open():
            assert self.sheet is not None
            self.sheet.lift()
            self.sheet.focus_set()
        else:
            library = str(self._context.engine.settings.library)
            first = (self._results.space, self._context.state.metric)
            self.sheet = StatisticsSheet(self._context.root, library, first, self._measure)
        self._count()

    def _is_open(self) -> bool:
        return self.sheet is not None and bool(self.sheet.winfo_exists())

    def _count(self) -> None:
        self._context.jobs.watch(
            self._context.engine.statistics(),
            self._counted,
            title=_("Counting"),
            failed=self._not_counted,
            cancelled=lambda _result: self._close(_("Counting was cancelled.")),
            shown=True,
        )

    def _not_counted(self, error: BaseException) -> None:
        self._close("")
        self._context.show_error(error)

    def _close(self, sentence: str) -> None:
        """Without numbers there is nothing to see."""
        self._context.say(sentence)
        if self.sheet is not None and self._is_open() and not self.sheet.counted:
            self.sheet.destroy()

    def _counted(self, found: LibraryStatistics) -> None:
        if self.sheet is not None and self._is_open():
            self.sheet.show(found)

    def _measure(self, space: str, metric: Metric) -> None:
        self._context.jobs.watch(
            self._context.engine.measure_recall(space, metric),
            self._measured,
            title=_("Measuring recall"),
            failed=self._failed,
            cancelled=lambda _result: self._again(),
            shown=True,
        )

    def _measured(self, measured: RecallMeasure) -> None:
        if self.sheet is not None and self._is_open():
            self.sheet.show_measured(measured)
            self._count()  # an index may have been made for it

    def _failed(self, error: BaseException) -> None:
        self._again()
        self._context.show_error(error)

    def _again(self) -> None:
        if self.sheet is not None and self._is_open():
            self.sheet.not_measured()
