"""The Models dialog: which weights are on this computer; to get the others, and to remove them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cbir.describe import describe_removal, format_bytes
from cbir.language import _
from cbir.records import SPACE_TITLES
from cbir.ui.actions.context import Context
from cbir.ui.model_card import CardEvents, ModelCard
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown_path
from cbir.ui.widgets.theme import SPACE_M, scaled
from cbir.work.facts import RemovedWeights, WeightsOffer, WeightsStatus, weights_offered
from cbir.work.messages import Progress
from cbir.work.pace import Rate
from cbir.work.worker import Job


class ModelsDialog:
    """Lists the weights; they are hashed on a worker, so their state comes a moment later.

    ``changed()`` is called after a download or a removal, as other spaces may be used then.
    """

    def __init__(self, context: Context, changed: Callable[[], None]) -> None:
        self._context = context
        self._changed = changed
        self._downloads: dict[str, Job] = {}
        self._progress: dict[str, tuple[Progress, Rate | None]] = {}
        self._states: dict[str, WeightsStatus] = {}
        self._sheet: Sheet | None = None
        self._cards: dict[str, ModelCard] = {}

    def show(self) -> None:
        """Open the dialog, or bring it to the front."""
        if self._is_open():
            assert self._sheet is not None
            self._sheet.lift()
            return
        sheet = self._sheet = Sheet(self._context.root, _("Models"))
        sheet.add_text(
            _(
                "The Classic space needs no weights. The others are downloaded once, checked, and "
                "then work without the internet."
            )
        )
        for offer in weights_offered():
            self._add(sheet, offer)
        sheet.add_buttons([Choice(_("Close"), nothing, primary=True)])
        sheet.present()
        self.refresh()

    def _is_open(self) -> bool:
        return self._sheet is not None and bool(self._sheet.winfo_exists())

    def _add(self, sheet: Sheet, offer: WeightsOffer) -> None:
        name = offer.name
        events = CardEvents(
            on_download=lambda: self.download(name),
            on_cancel=lambda: self._cancel(name),
            on_remove=lambda: self._ask_to_remove(name),
        )
        card = self._cards[name] = ModelCard(sheet.body, offer, events)
        card.pack(fill="x", pady=(0, scaled(sheet, SPACE_M)))
        if name in self._downloads:
            self._show_download(name)

    def refresh(self) -> None:
        """Ask for the state of the weights."""
        self._context.jobs.watch(self._context.engine.weights(), self._show_states)

    def _show_states(self, states: tuple[WeightsStatus, ...]) -> None:
        self._states = {status.name: status for status in states}
        for name, status in self._states.items():
            card = self._card(name)
            if card is not None and name not in self._downloads:
                card.show_status(status)

    def _card(self, name: str) -> ModelCard | None:
        return self._cards[name] if self._is_open() else None

    # -- downloading ------------------------------------------------------------------------------

    def download(self, name: str) -> None:
        """Download the weights of a space; the status bar shows it too, and can cancel it."""
        title = SPACE_TITLES[name]
        job = self._context.engine.download(name)
        self._downloads[name] = job
        self._progress.pop(name, None)
        self._show_download(name)
        self._context.jobs.watch(
            job,
            partial(
                self._ended, name, _("{title} was downloaded and verified.").format(title=title)
            ),
            title=_("Downloading {title}").format(title=title),
            failed=partial(self._failed, name),
            cancelled=partial(self._cancelled, name),
            progressed=partial(self._progressed, name),
            shown=True,
        )

    def _show_download(self, name: str) -> None:
        card = self._card(name)
        if card is None:
            return
        others = len(self._downloads) > 1 and name not in self._progress
        card.show_waiting(_("Waiting for the other download…") if others else _("Connecting…"))
        if name in self._progress:
            card.show_progress(*self._progress[name])

    def _progressed(self, name: str, progress: Progress, rate: Rate | None) -> None:
        self._progress[name] = (progress, rate)
        card = self._card(name)
        if card is not None and not self._downloads[name].cancelled:
            card.show_progress(progress, rate)

    def _cancel(self, name: str) -> None:
        if name in self._downloads:
            self._downloads[name].cancel()
            self._cards[name].show_waiting(_("Cancelling…"))

    def _ended(self, name: str, sentence: str, _result: object = None) -> None:
        del self._downloads[name]
        self._context.say(sentence)
        self._changed()
        card = self._card(name)
        if card is not None:
            card.show_looking()
            self.refresh()

    def _cancelled(self, name: str, sentence: str | None) -> None:
        self._ended(
            name,
            sentence
            or _("The download of {space} did not begin.").format(space=SPACE_TITLES[name]),
        )

    def _failed(self, name: str, error: BaseException) -> None:
        self._ended(
            name, _("The download of {space} did not work.").format(space=SPACE_TITLES[name])
        )
        self._context.show_error(error)

    # -- removing ---------------------------------------------------------------------------------

    def _ask_to_remove(self, name: str) -> None:
        status, title = self._states[name], SPACE_TITLES[name]
        size = format_bytes(status.bytes or status.partial_bytes)
        lines = [
            _("{size} are removed from this computer; they can be downloaded again.").format(
                size=size
            )
        ]
        if status.path:
            lines.append(shown_path(status.path))
        if self._context.engine.settings.models is None:
            lines.append(_("Other programs that use this folder lose them too."))
        lines.append(
            _(
                "Your pictures stay, and so do their vectors in the library. Where the model "
                "is in use now, it works until cbir is closed."
            )
        )
        dialogs.confirm(
            self._cards[name],
            _("Remove the weights of {title}?").format(title=title),
            "\n\n".join(lines),
            _("Remove"),
            partial(self._remove, name),
        )

    def _remove(self, name: str) -> None:
        self._context.jobs.watch(
            self._context.engine.remove_weights(name), self._removed, failed=self._not_removed
        )

    def _removed(self, removed: RemovedWeights) -> None:
        self._context.say(describe_removal(removed))
        self._look_again()

    def _not_removed(self, error: BaseException) -> None:
        self._look_again()
        self._context.show_error(error)

    def _look_again(self) -> None:
        self._changed()
        if self._is_open():
            self.refresh()
