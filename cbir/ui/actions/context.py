"""What every part of the window works with: the engine, the jobs, the layout, what is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import ttkbootstrap as ttk

from cbir.errors import CbirError
from cbir.language import _
from cbir.ui.jobs import JobBook
from cbir.ui.layout import Layout
from cbir.ui.state import WindowState
from cbir.ui.status_bar import Offer, Tone
from cbir.ui.widgets import choosers
from cbir.work.engine import Engine
from cbir.work.facts import LibraryFacts


@dataclass(slots=True)
class Choosers:
    """How files and folders are chosen: dialogs, which a test replaces."""

    image: Callable[..., str | None] = choosers.choose_image
    images: Callable[..., tuple[str, ...]] = choosers.choose_images
    folder: Callable[..., str | None] = choosers.choose_folder
    new_file: Callable[..., str | None] = choosers.choose_new_file
    library: Callable[..., str | None] = choosers.choose_library


@dataclass(slots=True)
class Context:
    """Shared by the window's parts. ``facts`` is the newest that is known of the library.

    ``layout`` is set once it is built: its events lead to parts that are given this context.
    """

    root: ttk.App
    engine: Engine
    jobs: JobBook
    state: WindowState
    show_error: Callable[[BaseException], None]
    facts: LibraryFacts = field(default_factory=LibraryFacts)
    choosers: Choosers = field(default_factory=Choosers)
    layout: Layout = field(init=False)

    def say(self, message: str, tone: Tone = "", offer: Offer | None = None) -> None:
        """Say what happened, in the status bar, and ``offer`` to do something about it."""
        self.layout.status.say(message, tone, offer)

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something that may not work; the reason is said then."""
        try:
            action()
        except CbirError as error:
            self.say(str(error), "warning")

    def may_change(self) -> bool:
        """Whether the library can be changed; where not, the reason is said."""
        if self.facts.read_only:
            reason = self.facts.read_only_reason or _("The library can only be read.")
            self.say(reason, "warning")
            return False
        return True
