from __future__ import annotations

import pytest
import ttkbootstrap as ttk
from PIL import ImageColor

from cbir.ui.grid.art import (
    CardState,
    GridArt,
    Pen,
    broken_link,
    label,
    lens,
    mix,
    no_picture,
    rounded,
    sign,
)
from cbir.ui.widgets.theme import DARK, LIGHT


def test_colours_are_mixed_by_share() -> None:
    assert mix("#000000", "#ffffff", 0.0) == "#000000"
    assert mix("#000000", "#ffffff", 1.0) == "#ffffff"
    assert mix("#102030", "#304050", 0.5) == "#203040"


@pytest.mark.parametrize("size", [(100, 60), (61, 33), (8, 8), (1, 5)])
def test_a_rounded_rectangle_is_full_inside_and_clear_at_its_corners(size: tuple[int, int]) -> None:
    image = rounded(size, 8, "#3366cc", "#ffffff")
    assert (image.mode, image.size) == ("RGB", size)
    assert image.getpixel((size[0] // 2, size[1] // 2)) == (0x33, 0x66, 0xCC)
    if min(size) > 4:
        assert image.getpixel((0, 0)) == (255, 255, 255)
        assert image.getpixel((size[0] - 1, size[1] - 1)) == (255, 255, 255)
        assert image.getpixel((size[0] // 2, 0)) == (0x33, 0x66, 0xCC)


@pytest.mark.parametrize("pen", [lens, label, broken_link, no_picture])
@pytest.mark.parametrize("side", [24, 40, 81])
def test_signs_draw_something_in_their_colour_on_what_is_behind(pen: Pen, side: int) -> None:
    image = sign(pen, side, "#cc0000", "#00cc00")
    assert image.size == (side, side)
    colours = {colour for _, colour in image.getcolors(side * side) or ()}
    assert (0xCC, 0, 0) in colours
    assert image.getpixel((0, 0)) == (0, 0xCC, 0)


def _pixel(art: GridArt, root: ttk.App, state: CardState, x: int, y: int) -> tuple[int, ...]:
    return tuple(root.tk.call(art.card(state), "get", x, y))


def test_cards_show_their_state(root: ttk.App) -> None:
    for colours in (LIGHT, DARK):
        art = GridArt(colours, (120, 150), 1.0)
        middle, edge = (60, 70), (60, 0)
        plain, chosen = CardState(), CardState(selected=True)
        assert _pixel(art, root, plain, *middle) == ImageColor.getrgb(colours.surface)
        assert _pixel(art, root, chosen, *middle) == ImageColor.getrgb(colours.selection)
        assert _pixel(art, root, chosen, *edge) == ImageColor.getrgb(colours.accent)
        assert _pixel(art, root, CardState(focused=True), *edge) == ImageColor.getrgb(
            colours.accent
        )
        hovered = CardState(hovered=True)
        assert _pixel(art, root, hovered, *middle) != _pixel(art, root, plain, *middle)
        assert _pixel(art, root, hovered, 0, 0) == ImageColor.getrgb(colours.background)


def test_pictures_are_drawn_once_and_shared(root: ttk.App) -> None:
    art = GridArt(LIGHT, (120, 150), 2.0)
    assert art.card(CardState(selected=True)) == art.card(CardState(selected=True))
    assert art.tag(CardState()) != art.tag(CardState(selected=True))
    assert art.missing != art.unreadable
    assert art.lens(True) != art.lens(False)
    assert art.lens_side == 56
    assert int(root.tk.call("image", "width", art.lens(True))) == 56


def test_the_lens_button_is_round(root: ttk.App) -> None:
    art = GridArt(LIGHT, (120, 150), 1.0)
    name = art.lens(False)
    assert bool(root.tk.call(name, "transparency", "get", 0, 0))
    assert not bool(root.tk.call(name, "transparency", "get", 14, 3))
