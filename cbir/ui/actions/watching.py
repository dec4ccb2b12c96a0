"""Keeping folders up to date from the window: what changes in them is picked up by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ttkbootstrap as ttk

from cbir.describe import describe_changes, describe_indexing, describe_out_of_reach
from cbir.errors import CbirError
from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.work.indexing import IndexReport
from cbir.work.messages import FilesChanged
from cbir.work.watching import WatchReport

_CAUGHT_UP = _("Folders are kept up to date.")


class Watching:
    """Watches the library's folders while ``wanted``, the variable behind the menu's tick, is true.

    They are looked through once as it begins, since they may have changed before.
    ``ended(sentence)`` is called after each change of the library, with what is said of it.
    """

    def __init__(self, context: Context, ended: Callable[[str], None]) -> None:
        self._context = context
        self._ended = ended
        self._begun = self._watches = False
        self._roots: tuple[str, ...] = ()
        self._refused = ""
        self.wanted = ttk.BooleanVar(context.root, context.state.keep_up_to_date)

    def chosen(self) -> None:
        """The user ticked the menu's entry, or took the tick away."""
        wanted = self.wanted.get()
        if wanted and not self._context.may_change():
            self.wanted.set(False)
            return
        self._remember(wanted)
        if wanted:
            self._begin()
        else:
            self._end()
            self._context.say(_("Folders are no longer kept up to date; F5 looks through them."))

    def facts_changed(self) -> None:
        """More is known of the library: whether it can be changed, and which folders it has."""
        facts = self._context.facts
        if self.wanted.get() and not self._begun and not facts.read_only:
            self._begin()
        elif self._watches and facts.roots != self._roots:
            self._roots = facts.roots
            self._context.jobs.watch(self._context.engine.watch(), self._tell_refused)

    def files_changed(self, event: FilesChanged) -> None:
        """Files of the folders changed: index these."""
        if not self._begun:
            return  # they were watched until just now
        self._context.jobs.watch(
            self._context.engine.index_changed(event.paths),
            self._picked_up,
            title=_("Picking up changes"),
            failed=self._not_picked_up,
            cancelled=lambda _: self._context.engine.changes_done(),
            shown=True,
        )

    def _begin(self) -> None:
        self._begun = True
        self._refused = ""
        self._roots = self._context.facts.roots
        self._context.jobs.watch(
            self._context.engine.watch(),
            self._began,
            title=_("Watching the folders"),
            failed=self._not_begun,
            cancelled=lambda _: self._give_up(),
            shown=True,
        )

    def _end(self) -> None:
        self._begun = self._watches = False
        self._context.engine.unwatch()

    def _remember(self, wanted: bool) -> None:
        self._context.state = replace(self._context.state, keep_up_to_date=wanted)

    def _began(self, report: WatchReport) -> None:
        if not self._begun:  # the tick was taken away meanwhile
            self._context.engine.unwatch()
            return
        self._watches = True
        self._refused = " ".join(report.refused.values())
        self._context.jobs.watch(
            self._context.engine.refresh(),
            self._looked_through,
            title=_("Looking through the folders"),
            shown=True,
        )

    def _not_begun(self, error: BaseException) -> None:
        self._give_up()
        self._context.show_error(error)

    def _give_up(self) -> None:
        """Watch nothing, and show that."""
        self._end()
        self.wanted.set(False)
        self._remember(False)

    def _looked_through(self, report: IndexReport) -> None:
        """Say what was found, and that folders are kept up to date; or which cannot be."""
        found = describe_indexing(report) if report.total else ""
        gone = describe_out_of_reach(report.out_of_reach)
        sentence = " ".join(filter(None, (found, self._refused or _CAUGHT_UP, gone)))
        self._context.say(sentence, "warning" if self._refused else "")
        self._ended(sentence)

    def _tell_refused(self, report: WatchReport) -> None:
        """Say once which folders cannot be watched."""
        refused = " ".join(report.refused.values())
        if refused != self._refused:
            self._refused = refused
            self._context.say(refused, "warning")

    def _picked_up(self, report: IndexReport) -> None:
        self._context.engine.changes_done()
        sentence = describe_changes(report)
        if sentence:
            self._context.say(sentence)
            self._ended(sentence)

    def _not_picked_up(self, error: BaseException) -> None:
        self._context.engine.changes_done()
        if isinstance(error, CbirError):
            self._context.say(
                _("Changes were not picked up. {error}").format(error=error), "warning"
            )
        else:
            self._context.show_error(error)
