"""Preferences: opens the dialog on what the file says, saves it, and goes by it at once."""

from __future__ import annotations

from dataclasses import replace

from cbir.errors import CbirError
from cbir.language import _
from cbir.settings_file import Preferences
from cbir.ui.actions.context import Context
from cbir.ui.actions.results import Results
from cbir.ui.actions.view import ViewActions
from cbir.ui.preferences.dialog import PreferencesDialog, PreferencesEvents
from cbir.ui.state import preferred_by

_AT_START = ("device", "precision", "threads", "models")


class PreferencesActions:
    """The Preferences dialog, and what comes of it."""

    def __init__(self, context: Context, view: ViewActions, results: Results) -> None:
        self._context = context
        self._view = view
        self._results = results
        self._said = Preferences()
        self._asking = False
        self.dialog: PreferencesDialog | None = None

    def show(self) -> None:
        """Read the file on a worker and open the dialog, or bring it to the front."""
        if self._is_open():
            assert self.dialog is not None
            self.dialog.lift()
        elif not self._asking:
            self._asking = True
            self._context.jobs.watch(
                self._context.engine.preferences(),
                self._open,
                failed=self._not_read,
                cancelled=lambda _result: self._give_up(),
            )

    def _give_up(self) -> None:
        self._asking = False

    def _not_read(self, error: BaseException) -> None:
        self._give_up()
        self._context.show_error(error)

    def _is_open(self) -> bool:
        return self.dialog is not None and bool(self.dialog.winfo_exists())

    def _open(self, said: Preferences) -> None:
        self._asking, self._said = False, said
        events = PreferencesEvents(self._ask_folder, self.save)
        settings = self._context.engine.settings
        self.dialog = PreferencesDialog(
            self._context.root, said, settings.fixed, settings.given_excludes, events
        )

    def _ask_folder(self) -> str | None:
        assert self.dialog is not None
        return self._context.choosers.folder(self.dialog, _("The folder of weights"))

    def save(self, wanted: Preferences) -> None:
        """Write the file on a worker, then go by it."""
        self._context.jobs.watch(
            self._context.engine.save_preferences(wanted), self._saved, failed=self._failed
        )

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, CbirError) and self._is_open():
            assert self.dialog is not None
            self.dialog.show_failure(str(error))
        else:
            self._context.show_error(error)

    def _saved(self, now: Preferences) -> None:
        before, self._said = self._said, now
        if self._is_open():
            assert self.dialog is not None
            self.dialog.destroy()
        self._context.engine.prefer(now)
        self._look_so(before, now)
        self._search_so(before, now)
        self._context.state = replace(self._context.state, preferred=preferred_by(now))
        later = any(getattr(before, name) != getattr(now, name) for name in _AT_START)
        told = _("The preferences were saved.")
        if later:
            told += " " + _("What concerns computing and weights counts from the next start.")
        self._context.say(told)

    def _look_so(self, before: Preferences, now: Preferences) -> None:
        if now.theme != before.theme:
            self._view.set_theme(preferred_by(now)["theme"])
        if now.thumbnail != before.thumbnail:
            self._view.set_thumbnail(now.thumbnail)

    def _search_so(self, before: Preferences, now: Preferences) -> None:
        """What was changed counts in this window; the search in view runs again."""
        was, wanted = preferred_by(before), preferred_by(now)
        changed = {
            name: wanted[name]
            for name in ("space", "metric", "results")
            if wanted[name] != was[name]
        }
        if changed:
            self._context.state = replace(self._context.state, **changed)
            bar = self._context.layout.query_bar
            bar.metric.set(self._context.state.metric)
            bar.results.set(str(self._context.state.results))
            self._results.run_again()
