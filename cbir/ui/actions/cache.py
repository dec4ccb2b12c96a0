"""Clear cache: how much it holds, the question, and what came of it."""

from __future__ import annotations

from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import file_size


class ClearCache:
    """Removes the thumbnails kept on disk, after a question."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def ask(self) -> None:
        """Look how much there is, and ask."""
        self._context.jobs.watch(self._context.engine.cache_bytes(), self._confirm)

    def _confirm(self, size: int) -> None:
        if not size:
            self._context.say(_("The cache is empty."))
            return
        dialogs.confirm(
            self._context.root,
            _("Clear the cache of {size}?").format(size=file_size(size)),
            _(
                "It holds small copies of pictures, so that they are shown at once. They are made "
                "again as they are needed; your files and the library stay as they are."
            ),
            _("Clear cache"),
            self._clear,
        )

    def _clear(self) -> None:
        self._context.jobs.watch(
            self._context.engine.clear_cache(),
            lambda size: self._context.say(
                _("The cache was cleared: {size}.").format(size=file_size(size))
            ),
            title=_("Clearing the cache"),
            shown=True,
        )
