"""Themes, fonts and scaling of a real root."""

from __future__ import annotations

import re
from dataclasses import astuple

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets import theme
from tests.ui.conftest import WaitUntil


def test_the_palette_follows_the_theme_and_agrees_with_it(root: ttk.App) -> None:
    for name, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply_theme(root, name)  # type: ignore[arg-type]
        assert theme.theme_name(root) == name
        assert theme.palette(root) is colours
        styled = root.style.colors
        assert (colours.background, colours.text) == (styled.bg, styled.fg)
        assert colours.accent == styled.primary
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in astuple(colours))


def test_widgets_hear_of_a_change(root: ttk.App, wait_until: WaitUntil) -> None:
    label = ttk.Label(root, style="Muted.TLabel")
    label.pack()
    root.update()
    heard: list[str] = []
    label.bind("<<ThemeChanged>>", lambda _event: heard.append(theme.theme_name(label)))
    theme.apply_theme(root, "dark")
    wait_until(lambda: "dark" in heard)
    assert str(root.style.lookup("Muted.TLabel", "foreground")) == theme.DARK.muted


def test_fonts_are_made_once(root: ttk.App) -> None:
    names = (theme.BODY_FONT, theme.SMALL_FONT, theme.CAPTION_FONT, theme.TITLE_FONT)
    sizes = [int(root.tk.call("font", "actual", name, "-size")) for name in names]
    assert sizes[1] < sizes[0] < sizes[3]
    theme.create_fonts(root)
    assert sizes == [int(root.tk.call("font", "actual", name, "-size")) for name in names]


def test_pixels_follow_the_screens_scaling(root: ttk.App) -> None:
    sizes = (4, 8, 16, 1280)
    assert tuple(theme.scaled(root, size) for size in sizes) == sizes
    usual = root.tk.call("tk", "scaling")
    root.tk.call("tk", "scaling", 2 * 96 / 72)
    try:
        assert theme.scaled(root, 16) == 32
    finally:
        root.tk.call("tk", "scaling", usual)  # it outlives the root, in this process


def luminance(colour: str) -> float:
    """As WCAG 2 defines it: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_can_be_read(colours: theme.Palette) -> None:
    grounds = (colours.background, colours.surface, colours.selection)
    pairs = {
        (text, ground): contrast(getattr(colours, text), ground)
        for text in ("text", "muted", "warning", "danger", "success")
        for ground in grounds
        if text in ("text", "muted") or ground != colours.selection
    }
    pairs["on_accent", colours.accent] = contrast(colours.on_accent, colours.accent)
    pairs["tip", colours.tip] = contrast(theme.TIP_TEXT, colours.tip)
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 4.5} == {}
    for ground in grounds[:2]:  # what is no text: rings and marks
        assert contrast(colours.accent, ground) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_buttons_can_be_read(root: ttk.App, name: theme.ThemeName) -> None:
    theme.apply_theme(root, name)
    low = {}
    for kind in (
        "primary",
        "danger",
        "neutral",
        "link",
        "primary-link",
        "danger-outline",
        "secondary-outline",
    ):
        button = ttk.Button(root, bootstyle=kind)
        style = str(button.cget("style"))
        text = str(root.style.lookup(style, "foreground"))
        ground = str(root.style.lookup(style, "background"))
        ratio = contrast(text, ground)
        if ratio < 4.5:
            low[style] = (text, ground, round(ratio, 2))
    assert low == {}


def test_chosen_rows_have_the_colour_of_what_is_chosen(root: ttk.App) -> None:
    table = ttk.Treeview(root)
    theme.show_chosen_rows(table)
    table.pack()
    for name in ("dark", "light"):
        theme.apply_theme(root, name)  # type: ignore[arg-type]
        root.update()
        chosen = str(root.style.lookup("Treeview", "background", ["selected"]))
        assert chosen == theme.palette(root).selection
