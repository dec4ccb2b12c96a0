"""Opens the window and stays until it is closed."""

from __future__ import annotations

import gc
import sys
import tkinter
from types import TracebackType

from cbir.config import Settings
from cbir.errors import CbirError
from cbir.language import _
from cbir.ui.closing import signals_close
from cbir.ui.instance import summon
from cbir.ui.state import start_state
from cbir.ui.widgets.theme import create_root
from cbir.ui.window import Window
from cbir.work.engine import Engine
from cbir.work.models import WINDOW_CALL_SECONDS

SWITCH_INTERVAL = 0.0005  # seconds; a busy worker in pure Python then leaves the window its turn


def create_window(settings: Settings) -> Window:
    """The program's window, not shown yet.

    Raises CbirError where there is no display to open it on.
    """
    try:
        root = create_root(start_state(settings).theme_shown)
    except tkinter.TclError as error:
        raise CbirError(
            _("cannot open a window: there is no display here; use the terminal: `cbir --help`")
        ) from error
    sys.setswitchinterval(SWITCH_INTERVAL)
    window = Window(root, Engine(settings, call_seconds=WINDOW_CALL_SECONDS))

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        window.help.report(kind, error, trace)  # that of the library which is open then

    def report_tcl(message: str) -> None:
        window.help.report_tcl(message)

    root.report_callback_exception = report
    root.tk.createcommand("bgerror", report_tcl)
    return window


def run(settings: Settings, folder: str | None = None) -> int:
    """Open the window and stay until it is closed; the exit status. ``folder`` is indexed at once.

    Where a window has this library open already, that one comes to the front, and does it.
    Raises CbirError where there is no display to open it on.
    """
    if summon(settings, folder):
        sys.stderr.write(
            _(
                "cbir: this library is open already; its window was brought to the front, "
                "with the options that it was opened with\n"
            )
        )
        return 0
    gc.freeze()  # modules stay to the end: collecting need not look at them
    window = create_window(settings)

    def wish() -> None:
        window.close_wanted = True

    with signals_close(wish):
        window.start(folder)
        window.root.mainloop()
    return 0
