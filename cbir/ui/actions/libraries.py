"""Several libraries: a new one, another one, one of late, and a copy of this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from cbir.config import Settings
from cbir.errors import CbirError
from cbir.language import _
from cbir.ui.actions.context import Context
from cbir.ui.instance import summon
from cbir.ui.menus import Command, Entry
from cbir.ui.recent import forget, recent_libraries, remember
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown, shown_name, shown_path

_ENDING = ".npz"
Whereabouts = Literal["here", "gone", "elsewhere"]


class Libraries:
    """Opens other libraries in this window; ``switch`` is told which, once nothing is in the way.

    A library that another window has open is shown by that one.
    """

    def __init__(self, context: Context, switch: Callable[[Path], None]) -> None:
        self._context = context
        self._switch = switch

    @property
    def _settings(self) -> Settings:
        return self._context.engine.settings

    @property
    def _folder(self) -> str:
        return str(self._settings.library.parent)

    def opened(self) -> None:
        """The library of this window is open: it heads those of late."""
        remember(self._settings.recent_file, str(self._settings.library))

    def new(self) -> None:
        """Let the user name a new library, and open it."""
        path = self._ask_new(_("New library"), _("Pictures") + _ENDING)
        if path:
            self._look(path, self._make)

    def open(self) -> None:
        """Let the user choose a library, and open it."""
        path = self._context.choosers.library(self._context.root, _("Open library"), self._folder)
        if path:
            self._look(os.path.abspath(path), self._open)

    def save_copy(self) -> None:
        """Write all of this library into a new file, while it stays open."""
        stem = self._settings.library.stem
        path = self._ask_new(_("Save a copy of the library"), f"{stem}-copy{_ENDING}")
        if not path:
            return
        self._context.jobs.watch(
            self._context.engine.save_copy(path),
            lambda _done: self._context.say(
                _("A copy of the library was saved as {path}.").format(path=shown_path(path))
            ),
            title=_("Saving a copy of the library"),
            cancelled=lambda _done: self._context.say(_("No copy was saved.")),
            shown=True,
        )

    def _ask_new(self, title: str, name: str) -> str:
        """The path of a library to be, "" where none was chosen."""
        chosen = self._context.choosers.new_file(self._context.root, title, name, self._folder)
        path = os.path.abspath(chosen) if chosen else ""
        return path if not path or path.endswith(_ENDING) else path + _ENDING

    def recent(self) -> Sequence[Entry]:
        """The menu of libraries that were open of late, but for the one that is open."""
        own = str(self._settings.library)
        paths = [path for path in recent_libraries(self._settings.recent_file) if path != own]
        return [
            Command(shown_path(path), partial(self._look, path, self._open_recent))
            for path in paths
        ]

    # -- what is in the way ------------------------------------------------------------------------

    def _look(self, path: str, then: Callable[[str, Whereabouts], None]) -> None:
        """Look on a worker where a library is: files may be slow, and so may another window."""
        if os.path.realpath(path) == os.path.realpath(self._settings.library):
            self._context.say(_("This library is open already."))
            return
        settings = replace(self._settings, library=Path(path))
        self._context.jobs.watch(
            self._context.engine.do(_("Look for a library"), lambda: _whereabouts(settings)),
            partial(then, path),
        )

    def _make(self, path: str, found: Whereabouts) -> None:
        if found == "gone":
            self._go(path)
        else:
            dialogs.tell(
                self._context.root,
                _("New library"),
                _(
                    "There is a file {path} already. Choose another name, or open it by "
                    "Library → Open library…"
                ).format(path=shown_path(path)),
            )

    def _open(self, path: str, found: Whereabouts) -> None:
        if found == "elsewhere":
            self._context.say(
                _("{name} is open in another window, which was brought to the front.").format(
                    name=shown_name(path)
                )
            )
        elif found == "here":
            self._context.jobs.watch(
                self._context.engine.check_library(path),
                lambda _none: self._go(path),
                failed=self._tell_unusable,
            )
        else:
            self._tell_gone(path)

    def _tell_unusable(self, error: BaseException) -> None:
        if isinstance(error, CbirError):
            dialogs.tell(self._context.root, _("Open library"), shown(str(error)))
        else:
            self._context.show_error(error)

    def _tell_gone(self, path: str) -> None:
        dialogs.tell(
            self._context.root,
            _("Open library"),
            _("There is no file {path}.").format(path=shown_path(path)),
        )

    def _open_recent(self, path: str, found: Whereabouts) -> None:
        if found != "gone":
            self._open(path, found)
            return
        dialogs.confirm(
            self._context.root,
            _("The library is not there"),
            _(
                "There is no file {path}: it was moved or removed, or its drive is not "
                "connected. Take it off this list? No file is touched."
            ).format(path=shown_path(path)),
            _("Take off the list"),
            lambda: forget(self._settings.recent_file, path),
        )

    def _go(self, path: str) -> None:
        """Open a library, after a question where that ends jobs under way."""
        jobs = [entry.title for entry in self._context.jobs.shown]
        if not jobs:
            self._switch(Path(path))
            return
        dialogs.confirm(
            self._context.root,
            _("Open another library?"),
            _(
                "{title} is under way and is ended by that. What is done so far is kept; the "
                "rest is offered when this library is opened again."
            ).format(title=jobs[0]),
            _("Open {name}").format(name=shown_name(path)),
            lambda: self._switch(Path(path)),
        )


def _whereabouts(settings: Settings) -> Whereabouts:
    """Whether there is such a library; one that another window has open comes to the front."""
    try:
        os.lstat(settings.library)
    except (FileNotFoundError, NotADirectoryError):
        return "gone"
    except OSError:  # a folder that does not let us look: opening the file tells of it
        return "here"
    return "elsewhere" if summon(settings) else "here"
