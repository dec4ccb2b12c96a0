"""A sheet with a picture of the query, on which the part to search by is chosen."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from PIL import Image

from cbir.asking import Box
from cbir.language import _
from cbir.ui.widgets.box_picker import BoxPicker
from cbir.ui.widgets.sheet import Choice, Sheet, nothing
from cbir.ui.widgets.text import shown, shown_name
from cbir.ui.widgets.theme import SPACE_M, scaled

_WIDTH, _HEIGHT = 640, 440  # pixels at 100 %


class PartSheet(Sheet):
    """Enter or the button tells ``on_part`` what is chosen: a box, or None for all of the picture.

    The picture comes later, through ``thumbnail_ready``, in the size ``wants``.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        path: str,
        box: Box | None,
        on_part: Callable[[Box | None], None],
    ) -> None:
        super().__init__(parent, _("Search by a part of {name}").format(name=shown_name(path)))
        self._path, self._on_part = path, on_part
        self.wants = scaled(self, _WIDTH)
        self.hint = self.add_text("")
        size = {"width": scaled(self, _WIDTH), "height": scaled(self, _HEIGHT)}
        self.picker = BoxPicker(self.body, lambda _: self._changed(), **size)
        self.picker.pack(pady=(0, scaled(self, SPACE_M)))
        self.picker.box = box
        choices = [
            Choice(_("Cancel"), nothing),
            Choice(_("Search by the whole picture"), lambda: self._on_part(None)),
            Choice(_("Search by this part"), lambda: self._on_part(self.picker.box), primary=True),
        ]
        self.buttons = self.add_buttons(choices)
        self._changed()
        self.present(self.picker)

    def thumbnail_ready(self, path: str, size: int, image: Image.Image | None, reason: str) -> None:
        """The picture has come, or cannot be shown; ignored where it is another."""
        if (path, size) != (self._path, self.wants):
            return
        self.picker.show(image)
        if image is None:
            self.hint.configure(
                text=_("This picture cannot be shown: {reason}").format(reason=shown(reason))
            )

    def _changed(self) -> None:
        """Only where there is a box, there is a part to search by."""
        chosen = self.picker.box is not None
        self.buttons[-1].configure(state="normal" if chosen else "disabled")
        self.hint.configure(
            text=_("Move the box, or drag its edges. A click beside it takes it away.")
            if chosen
            else _("Draw a box around what is to be looked for.")
        )
