"""Indexing that was interrupted, by a crash or by closing: a quiet offer to go on with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cbir.language import _
from cbir.records import SPACE_TITLES
from cbir.ui.actions.context import Context
from cbir.ui.actions.indexing import Indexing
from cbir.ui.notice_bar import NoticeBar
from cbir.ui.widgets.text import shown_name, shown_path
from cbir.work.unfinished import Begun

_MOST_NAMED = 2


class Resuming:
    """Asks once what is unfinished, and offers to go on.

    While folders are ``kept_up_to_date()``, those that the library knows are looked through anyhow.
    """

    def __init__(
        self, context: Context, indexing: Indexing, kept_up_to_date: Callable[[], bool]
    ) -> None:
        self._context = context
        self._indexing = indexing
        self._kept_up_to_date = kept_up_to_date
        self._asked = False
        self.bar: NoticeBar | None = None

    def facts_changed(self, folder: str | None) -> None:
        """The library is known: look what is unfinished, the first time, unless it is read only.

        ``folder`` is about to be indexed anyhow.
        """
        if self._asked or self._context.facts.read_only:
            return
        self._asked = True
        self._context.jobs.watch(
            self._context.engine.unfinished(), lambda begun: self._offer(begun, folder)
        )

    def _offer(self, begun: Sequence[Begun], folder: str | None) -> None:
        under_way = {folder} if folder is not None else set()
        if self._kept_up_to_date():
            under_way.update(self._context.facts.roots)
        wanted = [one for one in begun if not one.paths or not under_way.issuperset(one.paths)]
        if not wanted:
            return
        self.bar = NoticeBar(
            self._context.root,
            _("Indexing was interrupted: {what}.").format(what="; ".join(map(_told, wanted))),
            [
                (_("Resume"), lambda: self._resume(wanted)),
                (_("Dismiss"), lambda: self._dismiss(wanted)),
            ],
        )
        self.bar.show(self._context.layout.panes)

    def _resume(self, begun: Sequence[Begun]) -> None:
        self._dismiss(begun)  # each is noted anew as it begins
        for one in begun:
            if one.paths:
                self._indexing.index(one.paths, one.spaces)
            for space in () if one.paths else one.spaces or ():
                self._indexing.complete(space)

    def _dismiss(self, begun: Sequence[Begun]) -> None:
        self._context.jobs.watch(self._context.engine.forget_unfinished(begun))


def _told(begun: Begun) -> str:
    spaces = ", ".join(SPACE_TITLES[space] for space in begun.spaces or ())
    if not begun.paths:
        return _("all pictures with {spaces}").format(spaces=spaces)
    paths = begun.paths
    named = shown_path(paths[0])
    if len(paths) > 1:
        named = ", ".join(map(shown_name, paths[:_MOST_NAMED]))
    if len(paths) > _MOST_NAMED:
        named = _("{names} and {count:,} more").format(names=named, count=len(paths) - _MOST_NAMED)
    return _("{folders} with {spaces}").format(folders=named, spaces=spaces) if spaces else named
