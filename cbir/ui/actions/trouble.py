"""What the grid says when there is nothing to show, and the buttons that lead on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cbir.asking import ANY, Filter
from cbir.errors import (
    CbirError,
    LibraryDamaged,
    OtherFile,
    RecordNotFound,
    SpaceEmpty,
    SpaceUnavailable,
    UnreadableImage,
)
from cbir.language import _
from cbir.records import SPACE_TITLES
from cbir.ui.actions.context import Context
from cbir.ui.widgets.text import shown, shown_path

Action = tuple[str, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class WaysOut:
    """Where the buttons lead; ``indexing()`` tells whether pictures are on their way already.

    ``space_under_way()`` is the space whose vectors were asked for and are being made, or "".
    """

    index_folder: Callable[[], None]
    index_space: Callable[[str], None]
    models: Callable[[], None]
    help: Callable[[], None]
    takes_drops: Callable[[], bool]
    repair: Callable[[], None]
    open_library: Callable[[], None]
    open_image: Callable[[], None]
    indexing: Callable[[], bool]
    space_under_way: Callable[[], str]


class SearchTrouble:
    """Messages in place of results: each says what happened and what to do next."""

    def __init__(self, context: Context, ways: WaysOut) -> None:
        self._context = context
        self._ways = ways

    def empty_library(self) -> None:
        """There is nothing in the library."""
        if self._ways.indexing():
            text = _("They appear here as they are indexed.")
            self._context.layout.grid.show_message(_("Pictures are on their way"), text)
            return
        words = self._context.facts.space("clip").available
        drop = _(", or drop one here") if self._ways.takes_drops() else ""
        by_words = "" if words else _(" To search by words, get CLIP under Models… first.")
        self._context.layout.grid.show_message(
            _("Find pictures by what is in them"),
            _(
                "Index a folder of pictures{drop}. Then search by any picture, or by "
                "words.{by_words} Your files stay where they are."
            ).format(drop=drop, by_words=by_words),
            [
                (_("Index a folder…"), self._ways.index_folder),
                (_("Models…"), self._ways.models),
                (_("Help"), self._ways.help),
            ],
        )
        if not self._context.layout.status.message:  # what emptied it may be undone there
            self._context.say(_("This library is empty. Index a folder…"))

    def library_closed(self, error: BaseException) -> None:
        """The library file cannot be used."""
        damaged = isinstance(error, LibraryDamaged) and not isinstance(error, OtherFile)
        actions = [(_("Save what is whole"), self._ways.repair)] if damaged else []
        actions.append((_("Open library…"), self._ways.open_library))
        self._show(_("The library cannot be opened"), str(error), actions)

    def space_empty(self, space: str, go_back: Callable[[], None]) -> None:
        """The library holds no vectors of ``space``."""
        facts = self._context.facts.space(space)
        if not self._context.facts.records:
            self.empty_library()
            return
        if self._ways.space_under_way() == space:
            self.space_under_way(space, go_back)
            return
        title = SPACE_TITLES[space]
        back = (_("Back"), go_back)
        if facts.available:
            self._show(
                _("No {title} vectors in this library yet").format(title=title),
                _(
                    "Index with {title} first: every picture of the library is looked at once."
                ).format(title=title),
                [
                    (
                        _("Index with {title}").format(title=title),
                        lambda: self._ways.index_space(space),
                    ),
                    back,
                ],
            )
        else:
            self._show(
                _("No {title} vectors in this library yet").format(title=title),
                _(
                    "First get the weights of {title} under Models…, then index with {title}."
                ).format(title=title),
                [(_("Models…"), self._ways.models), back],
            )

    def space_under_way(self, space: str, go_back: Callable[[], None]) -> None:
        """The vectors of ``space`` are being computed, as was asked for."""
        self._context.layout.grid.show_message(
            _("Indexing with {space}…").format(space=SPACE_TITLES[space]),
            _("What you asked for is shown when that has ended."),
            [(_("Back"), go_back)],
        )

    def nothing_left(self, reason: str, wanted: Filter) -> None:
        """No picture is left to show: none passes the filter, or for ANY, is similar enough."""
        layout = self._context.layout
        if wanted != ANY:
            text = reason or _none_passes(wanted)
            action = (_("Clear the filter"), layout.filter_bar.clear)
        else:
            text = reason or _("No hit is as similar as the slider “How similar” asks for.")
            action = (_("Show all hits"), lambda: layout.heading.choose_similar(0.0))
        layout.grid.show_message(_("No pictures to show"), text, [action])

    def words_alone(self, go_back: Callable[[], None]) -> None:
        """There is no second opinion on words."""
        self._show(
            _("Only CLIP knows words"),
            _(
                "ResNet18 knows pictures only, so there is nothing to compare. "
                "Search by a picture for two opinions."
            ),
            [(_("Open image…"), self._ways.open_image), (_("Back"), go_back)],
        )

    def search_failed(
        self,
        error: BaseException,
        go_back: Callable[[], None],
        back_to: str = _("Back to the library"),
    ) -> None:
        """A search ended in an error."""
        back = (back_to, go_back)
        if not isinstance(error, CbirError):
            self._context.show_error(error)
            self._show(_("This search did not work"), _("An unexpected error came up."), [back])
        elif isinstance(error, SpaceEmpty):
            self.space_empty(error.space, go_back)
        elif isinstance(error, SpaceUnavailable):
            title = SPACE_TITLES[error.space]
            actions = [(_("Models…"), self._ways.models), back]
            self._show(_("{title} is not available here").format(title=title), str(error), actions)
        elif isinstance(error, (UnreadableImage, RecordNotFound)):
            actions = [(_("Open another image…"), self._ways.open_image), back]
            self._show(_("This picture cannot be searched by"), _in_short(error), actions)
        else:
            self._show(_("This search did not work"), str(error), [back])

    def _show(self, title: str, text: str, actions: Sequence[Action] = ()) -> None:
        self._context.layout.heading.say("")
        self._context.layout.grid.show_message(title, shown(text), actions)
        self._context.say(f"{title}: {text}")


def _none_passes(wanted: Filter) -> str:
    if wanted == Filter(folder=wanted.folder):
        told = _("The library has no picture below {folder}.")
        return told.format(folder=shown_path(wanted.folder))
    return _("No picture passes the filter.")


def _in_short(error: CbirError) -> str:
    """Its sentence, with the home folder as ``~`` in the path that it names."""
    path = error.path if isinstance(error, UnreadableImage) else ""
    return str(error).replace(path, shown_path(path)) if path else str(error)
