"""What the grid asks of the window; what nobody takes does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class GridEvents:
    """Callbacks with record ids: one, or those selected in the tiles' order.

    ``on_select`` gets the selected ids whenever the user, or tiles that went, changed them.
    ``on_menu(id, x_root, y_root)`` comes after the tile was selected. ``on_stack`` names the tile
    whose near-identical pictures are to be shown, or not; ``on_feedback(ids, sign)`` asks for more
    (1) or less (-1) like these.
    """

    on_select: Callable[[tuple[int, ...]], None] = _nothing
    on_similar: Callable[[int], None] = _nothing
    on_open: Callable[[int], None] = _nothing
    on_menu: Callable[[int, int, int], None] = _nothing
    on_preview: Callable[[int], None] = _nothing
    on_stack: Callable[[int], None] = _nothing
    on_rename: Callable[[int], None] = _nothing
    on_delete: Callable[[tuple[int, ...]], None] = _nothing
    on_trash: Callable[[tuple[int, ...]], None] = _nothing
    on_copy_files: Callable[[tuple[int, ...]], None] = _nothing
    on_copy_path: Callable[[int], None] = _nothing
    on_feedback: Callable[[tuple[int, ...], int], None] = _nothing
