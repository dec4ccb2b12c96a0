"""The two pictures that are compared: what is loaded for them, and their difference."""

from __future__ import annotations

from functools import partial

from cbir.errors import UnreadableImage
from cbir.images import Loaded, Metadata
from cbir.language import _, retold
from cbir.records import Record
from cbir.ui.actions.context import Context
from cbir.ui.duplicates.comparison import Comparison
from cbir.ui.duplicates.picks import Member
from cbir.ui.widgets.text import shown
from cbir.work.worker import Job

_LONG_SIDE = 1600
_MOST_PIXELS = 64_000_000  # of a picture held in full: 256 MB
_DIFFERENCE = 2


class Pair:
    """Loads A and B for a comparison, on workers; what is no longer shown is not waited for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._jobs: list[Job] = []
        self._shown: tuple[Member, Member] | None = None
        self._view: Comparison | None = None

    def show(self, view: Comparison, first: Member, second: Member) -> None:
        """Load these two."""
        self.drop()
        self._view, self._shown = view, (first, second)
        for side, member in enumerate(self._shown):
            self._load(side, member.record, _LONG_SIDE)
            self._ask_format(side, member.record)

    def drop(self) -> None:
        """Nothing is compared any more."""
        jobs, self._jobs, self._shown = self._jobs, [], None
        for job in jobs:
            self._context.jobs.drop(job)

    def load_in_full(self, side: int) -> None:
        """A (0) or B (1) is looked at closely."""
        if self._shown is not None:
            record = self._shown[side].record
            if record.file.width * record.file.height <= _MOST_PIXELS:
                self._load(side, record, 0)

    def compare(self) -> None:
        """Ask what differs between the two."""
        if self._shown is None or self._view is None:
            return
        first, second = self._shown
        job = self._context.engine.difference(
            first.record.path, second.record.path, mirrored=second.mirrored
        )
        self._jobs.append(
            self._context.jobs.watch(
                job, self._view.show_difference, failed=partial(self._failed, _DIFFERENCE)
            )
        )

    def _load(self, side: int, record: Record, long_side: int) -> None:
        def loaded(picture: Loaded) -> None:
            if self._view is not None:
                self._view.add_image(side, picture.image)

        job = self._context.engine.picture(record.path, long_side)
        failed = partial(self._failed, side)
        self._jobs.append(self._context.jobs.watch(job, loaded, failed=failed))

    def _ask_format(self, side: int, record: Record) -> None:
        def known(metadata: Metadata) -> None:
            if self._view is not None:
                self._view.table.show_format(side, metadata)

        job = self._context.engine.metadata(record.path)
        self._jobs.append(self._context.jobs.watch(job, known, failed=lambda _error: None))

    def _failed(self, side: int, error: BaseException) -> None:
        if self._view is None or not isinstance(error, UnreadableImage):
            self._context.show_error(error)
        elif side == _DIFFERENCE or not self._view.canvases[side].loaded:
            told = _("This picture cannot be shown: {reason}.")
            self._view.say(side, told.format(reason=shown(retold(error.reason))))
