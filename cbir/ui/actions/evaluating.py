"""Evaluate on folders: opens the window, follows the job, shows examples in the grid."""

from __future__ import annotations

import os

from cbir.language import _
from cbir.ui.actions import desktop
from cbir.ui.actions.context import Context
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.results import Results
from cbir.ui.evaluation.choices import ChoiceEvents
from cbir.ui.evaluation.window import EvaluationEvents, EvaluationWindow
from cbir.ui.evaluation.words import way_of
from cbir.ui.grid.panel import Tile
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown, shown_name, shown_path
from cbir.work.evaluating import Confusion, EvaluationReport, EvaluationRequest, SpaceEvaluation
from cbir.work.evaluation_table import to_csv, to_text
from cbir.work.worker import Job

_QUERY, _WRONG = "●", "→"  # before the names of tiles


class Evaluating:
    """The evaluation window's doings; the last report and choices stay for the next time."""

    def __init__(self, context: Context, results: Results, indexing: Indexing) -> None:
        self._context = context
        self._results = results
        self._indexing = indexing
        self._request: EvaluationRequest | None = None
        self._report: EvaluationReport | None = None
        self._job: Job | None = None
        self._folder = ""
        self.window: EvaluationWindow | None = None

    def show(self) -> None:
        """Open the window, or bring it to the front."""
        if self._is_open():
            assert self.window is not None
            self.window.lift()
            self.window.focus_set()
            return
        events = EvaluationEvents(
            ChoiceEvents(self._ask_folder, self.evaluate),
            self.show_pair,
            self._copy,
            self._save,
        )
        self.window = EvaluationWindow(self._context.root, events, self._request)
        self.window.choices.show_facts(self._context.facts)
        self.window.choices.show_busy(self._job is not None)
        if self._report is not None:
            self.window.show(self._report)

    def _is_open(self) -> bool:
        return self.window is not None and bool(self.window.winfo_exists())

    def _ask_folder(self) -> str | None:
        assert self.window is not None
        title = _("A folder whose subfolders are classes")
        chosen = self._context.choosers.folder(self.window, title, self._folder)
        if chosen:
            self._folder = os.path.dirname(chosen)
        return chosen

    # -- the job ----------------------------------------------------------------------------------

    def evaluate(self, request: EvaluationRequest) -> None:
        """Evaluate on a worker; the status bar tells how far it is, and can cancel it."""
        self._request = request
        self._job = self._context.jobs.watch(
            self._context.engine.evaluate(request),
            self._evaluated,
            title=_("Evaluating"),
            failed=self._failed,
            cancelled=self._cancelled,
            shown=True,
        )
        self._show_busy()

    def _show_busy(self) -> None:
        if self._is_open():
            assert self.window is not None
            self.window.choices.show_busy(self._job is not None)

    def _evaluated(self, report: EvaluationReport) -> None:
        self._job, self._report = None, report
        self._context.say(_("The evaluation is done."), offer=(_("Show"), self.show))
        self._show_busy()
        if self._is_open():
            assert self.window is not None
            self.window.show(report)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._show_busy()
        self._context.show_error(error)

    def _cancelled(self, _result: object) -> None:
        self._job = None
        self._show_busy()
        self._context.say(_("The evaluation was cancelled."))

    # -- what came out ----------------------------------------------------------------------------

    def show_pair(self, result: SpaceEvaluation, pair: Confusion) -> None:
        """Show queries of one label, each before the wrong hits that it was given."""
        assert self._report is not None
        names = [shown(name) for name in self._report.classes]
        label, other = names[pair.label], names[pair.taken_for]
        pairs = result.records(pair)
        if not pairs:
            folder = self._report.folder
            self._context.say(
                _("These pictures are not in the library: index the folder to see them."),
                "warning",
                offer=(_("Index"), lambda: self._indexing.index([folder])),
            )
            return
        tiles: dict[int, Tile] = {}
        for query, _hit in pairs:
            if query.id not in tiles:
                tiles[query.id] = Tile(query, move=_QUERY, told=_("A query"))
                told = _("Among the nearest of {name}").format(name=shown_name(query.path))
                for hit in [hit for asked, hit in pairs if asked.id == query.id]:
                    tiles.setdefault(hit.id, Tile(hit, move=_WRONG, told=told))
        heading = _("“{label}” taken for “{other}”").format(label=label, other=other)
        note = _(
            "{way}: {query} a query, then {wrong} the wrong pictures among its nearest; each once."
        )
        marks = [(tile.move, tile.told) for tile in tiles.values()]
        self._results.show_only(list(tiles), heading, marks)
        back = (_("Evaluation"), self.show)
        self._context.say(note.format(way=way_of(result), query=_QUERY, wrong=_WRONG), offer=back)
        self._context.root.lift()

    def _copy(self) -> None:
        if self._report is not None and self.window is not None:
            dialogs.copy(self.window, to_text(self._report, "\t"))
            self._context.say(_("The evaluation was copied as a table."))

    def _save(self) -> None:
        if self._report is None or self.window is None:
            return
        title = _("Save the evaluation")
        to = self._context.choosers.new_file(self.window, title, "evaluation.csv", self._folder)
        if not to:
            return
        to = to if os.path.splitext(to)[1] else f"{to}.csv"
        self._context.jobs.watch(
            self._context.engine.save_file(to, to_csv(self._report)),
            lambda _result: self._context.say(
                _("Saved {path}.").format(path=shown_path(to)),
                offer=(_("Show"), lambda: self._context.attempt(lambda: desktop.reveal(to))),
            ),
        )
