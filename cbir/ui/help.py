"""The Help menu's dialogs, and what the user is told when something goes wrong."""

from __future__ import annotations

import logging
import tkinter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import ttkbootstrap as ttk

from cbir.config import Settings
from cbir.errors import CbirError
from cbir.language import _
from cbir.ui.about import show_about
from cbir.ui.help_pages import SHORTCUTS, pages
from cbir.ui.help_window import HelpWindow
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.sheet import Choice, Sheet
from cbir.ui.widgets.text import shown

__all__ = ["SHORTCUTS", "Help"]

_LOG_SHOWN = 100_000  # bytes at the end of the log
_log = logging.getLogger(__name__)


class Help:
    """Shows the help, the log and versions; and errors, one dialog at a time.

    ``quiet()`` true means that nothing is shown any more, as the window closes.
    """

    def __init__(self, root: ttk.App, settings: Settings, quiet: Callable[[], bool]) -> None:
        self._root = root
        self._settings = settings
        self._log_file = settings.log_file
        self._quiet = quiet
        self._window: HelpWindow | None = None
        self._error: Sheet | None = None

    def show(self, shortcuts: Sequence[tuple[str, str]], title: str = "") -> None:
        """The help, at the page with this ``title``; the one that is open already, if any."""
        if self._window is None or not self._window.winfo_exists():
            self._window = HelpWindow(self._root, pages(shortcuts))
        else:
            self._window.lift()
            self._window.focus_force()
        if title:
            self._window.go_to(title)

    def show_log(self) -> None:
        """The end of the log."""
        dialogs.show_lines(
            self._root,
            _("Log"),
            str(self._log_file),
            _end_of(self._log_file) or _("The log is empty."),
        )

    def show_about(self) -> None:
        """What this is, and the versions that matter when something is reported."""
        show_about(self._root, self._settings)

    def show_error(self, error: BaseException) -> None:
        """Tell of an error: its own sentence where it is meant for the user, else where the log is.

        While one is being told, the next ones only go to the log.
        """
        if self._quiet() or (self._error is not None and self._error.winfo_exists()):
            _log.info("not shown: %s", error)
            return
        if isinstance(error, CbirError):
            self._error = dialogs.tell(self._root, _("That did not work"), shown(str(error)))
            return
        self._error = dialogs.tell(
            self._root,
            _("Something unexpected went wrong"),
            _("The program goes on. What happened is in the log: {file}").format(
                file=shown(str(self._log_file))
            ),
            [Choice(_("Show the log"), self.show_log)],
            detail=shown(f"{type(error).__name__}: {error}"),
        )

    def report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """What Tk does with an exception in a callback: logged with its traceback, and told."""
        _log.error("unexpected error in the window", exc_info=(kind, error, trace))
        self.show_error(error)

    def report_tcl(self, message: str) -> None:
        """What Tk does with an error in its own language: logged and told."""
        _log.error("unexpected error in Tk: %s", message)
        self.show_error(tkinter.TclError(message))


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG_SHOWN))
            return file.read().decode("utf-8", "backslashreplace")
    except OSError as error:
        return _("The log cannot be read: {error}").format(error=error)
