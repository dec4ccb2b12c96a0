"""What is chosen on the map: a grid of its own, in step with the grid; the map as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cbir.language import _
from cbir.records import Record
from cbir.ui.actions import desktop
from cbir.ui.actions.context import Context
from cbir.ui.actions.history import Only
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.heading import HeadingOffer
from cbir.ui.map.events import How
from cbir.ui.widgets.text import shown_name, shown_path

_CHOSEN = _("Chosen on the map")
_FORMATS = (".png", ".svg")


class MapSelection:
    """Leads what is done on the map to the grid, and the other way round."""

    def __init__(
        self,
        context: Context,
        results: Results,
        records: RecordActions,
        indexing: Indexing,
        show_map: Callable[[], None],
    ) -> None:
        self._context = context
        self._results = results
        self._records = records
        self._indexing = indexing
        self._show_map = show_map
        self._chosen: Only | None = None
        self._folder = ""
        results.offers_for = self._offers

    # -- shapes -----------------------------------------------------------------------------------

    def choose(self, ids: Sequence[int], how: How) -> None:
        """A shape was drawn around these: they are shown in the grid, or no longer."""
        chosen = self._chosen_in_view
        before = () if chosen is None or how == "new" else chosen.ids
        if how == "remove":
            gone = set(ids)
            wanted = tuple(id_ for id_ in before if id_ not in gone)
        else:
            wanted = tuple(dict.fromkeys((*before, *ids)))
        if not wanted:
            self._leave()
            if chosen is not None:
                self._results.close_only()
            self._context.say(_("None is left.") if before else _("There is no picture inside."))
            return
        self._results.show_only(wanted, _CHOSEN)
        self._chosen = self._results.only

    @property
    def _chosen_in_view(self) -> Only | None:
        """Those in the grid, where they were chosen here: now, or in a view gone back to."""
        only = self._results.only
        return only if only is not None and only.title == _CHOSEN else None

    def follow(self) -> None:
        """Other pictures are in view: outlines on the map are only for those chosen by them."""
        if self._chosen is not None and self._results.only != self._chosen:
            self._leave()

    def _leave(self) -> None:
        self._chosen = None
        self._context.layout.with_map(lambda panel: panel.tools.lasso.clear())

    def _offers(self, only: Only) -> list[HeadingOffer]:
        """What can be done with some of the library's pictures, above them."""
        return [
            HeadingOffer(
                _("Index only these"),
                _(
                    "Compute the vectors that these pictures lack, in every space whose weights "
                    "are here"
                ),
                partial(self._indexing.complete_only, only.ids),
            ),
            HeadingOffer(_("Tag all…"), _("Give all of these pictures a tag"), self._tag),
            HeadingOffer(
                _("Close"),
                _("Back to what was in view before (Alt+Left)"),
                self._results.close_only,
            ),
        ]

    def _tag(self) -> None:
        self._records.select_all()
        self._records.tag()

    # -- one by one -------------------------------------------------------------------------------

    def select(self, record_id: int, add: bool) -> None:
        """A point was clicked: select its tile; where the grid has none, show its details."""
        if add:
            chosen = set(self._records.selected) ^ {record_id}
            self._records.select_in_grid(sorted(chosen))
        else:
            self._records.select_on_map(record_id)
        record = self._records.record(record_id)
        if record is not None and record_id not in self._results.records:
            self._context.say(
                _("{name} is not among the pictures in view.").format(name=shown_name(record.path)),
                offer=(_("Show it"), lambda: self._records.go_to(record_id)),
            )

    def show_on_map(self) -> None:
        """Bring the selected picture's point to the middle of the map."""
        record = self._records.one(None)
        if record is None:
            return
        self._show_map()
        self._context.layout.with_map(lambda panel: self._told(panel.look_at(record.id), record))

    def _told(self, there: bool, record: Record) -> None:
        if not there:
            name = shown_name(record.path)
            self._context.say(_("{name} is not on this map.").format(name=name))

    # -- saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Ask where, and write the map as it is seen: PNG at twice its size, or SVG."""
        self._show_map()
        panel = self._context.layout.map
        if panel is None or panel.empty:
            self._context.say(_("There is no map yet."))
            return
        to = self._context.choosers.new_file(
            self._context.root,
            _("Save the map as a picture (.png or .svg)"),
            "map.png",
            self._folder,
        )
        if not to:
            return
        path = Path(to)
        if path.suffix.lower() not in _FORMATS:
            self._context.say(
                _("{name}: the map is saved as .png or .svg.").format(name=path.name), "warning"
            )
            return
        self._folder = str(path.parent)
        picture = panel.picture("svg" if path.suffix.lower() == ".svg" else "png")
        self._context.jobs.watch(
            self._context.engine.save_file(to, picture),
            lambda _done: self._saved(path),
            title=_("Saving the map"),
        )

    def _saved(self, path: Path) -> None:
        self._context.say(
            _("The map was saved as {path}.").format(path=shown_path(str(path))),
            offer=(
                _("Show"),
                lambda: self._context.attempt(lambda: desktop.reveal(str(path))),
            ),
        )
