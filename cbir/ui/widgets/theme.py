"""How the window looks: the spacing grid, colours, fonts and named styles, for one root window.

Colours and widgets are those of ttkbootstrap's ``bootstrap-light`` theme, and of ``bootstrap-dark``
with brighter accents, on which black text can be read. The few colours that a theme lacks (the
selected tile, the map's star) are chosen beside them.
"""

from __future__ import annotations

import tkinter
from dataclasses import dataclass
from typing import Literal

import ttkbootstrap as ttk
from ttkbootstrap.themes.builtin import BOOTSTRAP

ThemeName = Literal["light", "dark"]
ThemeChoice = Literal["light", "dark", "system"]

SPACE_S, SPACE_M, SPACE_L = 4, 8, 16  # pixels at 100 %

BODY_FONT = "CbirBody"
SMALL_FONT = "CbirSmall"
CAPTION_FONT = "CbirCaption"
HEADING_FONT = "CbirHeading"
TITLE_FONT = "CbirTitle"

TIP_TEXT = "#f8f9fa"

_THEMES: dict[str, str] = {"light": "bootstrap-light", "dark": "cbir-dark"}
_DARK_ACCENTS = {"primary": "#5a9cfe", "danger": "#e97e88", "success": "#2b9162"}
_USUAL_DPI = 96  # what 100 % means on Windows and X11
_POINTS_PER_INCH = 72
_ROUGH = 0.01


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme, each ``#rrggbb``.

    ``surface`` lies on ``background`` (cards, panels); ``selection`` is the tint of what is chosen,
    ``accent`` its ring and the primary action, ``on_accent`` the text on it; ``star`` marks the
    query on the map and ``hit`` its results. Tooltips are dark in both themes: ``tip`` and its
    border.
    """

    background: str
    surface: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    selection: str
    warning: str
    danger: str
    success: str
    star: str
    hit: str
    tip: str
    tip_border: str


LIGHT = Palette(
    background="#ffffff",
    surface="#f3f4f6",
    text="#212529",
    muted="#5c6166",
    border="#d6d6d6",
    accent="#0a58ca",
    on_accent="#ffffff",
    selection="#dbe8fb",
    warning="#8a6100",
    danger="#b02a37",
    success="#146c43",
    star="#f5a800",
    hit="#e8590c",
    tip="#2b3035",
    tip_border="#2b3035",
)
DARK = Palette(
    background="#212529",
    surface="#2b3035",
    text="#f8f9fa",
    muted="#b1b8bf",
    border="#45484b",
    accent="#7bb0fe",
    on_accent="#000000",
    selection="#24426b",
    warning="#ffcd39",
    danger="#ed98a0",
    success="#75b798",
    star="#ffd43b",
    hit="#ff922b",
    tip="#3d4349",
    tip_border="#565d64",
)


def create_root(theme: ThemeName = "light") -> ttk.App:
    """The program's root window, hidden, themed, at this screen's scaling, with the fonts made.

    Raises tkinter.TclError where there is no display.
    """
    scaling = _screen_scaling()
    ttk.Theme.from_existing(BOOTSTRAP, name="cbir", light=None, **_DARK_ACCENTS).register()
    root = ttk.App(
        title="cbir", theme=_THEMES[theme], scaling=scaling, iconphoto=None, className="Cbir"
    )
    root.withdraw()
    create_fonts(root)
    root.style.on_theme_change(lambda _style: _configure_styles(root))
    return root


def _screen_scaling() -> float | None:
    """Tk's scaling (pixels a point) on X11; None elsewhere, where Tk finds it by itself.

    On X11 fonts follow ``Xft.dpi`` while ``tk scaling`` does not, so the option database is asked,
    by a window of the class that the option belongs to. Quarter steps keep icons sharp.
    """
    probe = tkinter.Tk(className="Xft")
    try:
        probe.withdraw()
        if probe.tk.call("tk", "windowingsystem") != "x11":
            return None
        dpi = _number(
            str(probe.tk.call("option", "get", ".", "dpi", "Dpi"))
        ) or probe.winfo_fpixels("1i")
    finally:
        probe.destroy()
    factor = max(1.0, round(dpi / _USUAL_DPI * 4) / 4)
    return factor * _USUAL_DPI / _POINTS_PER_INCH


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def create_fonts(root: tkinter.Misc) -> None:
    """Make the named fonts from the system's own; once a root, more calls change nothing."""
    family, size = _system_font(root)
    fonts = {
        BODY_FONT: (size, "normal"),
        SMALL_FONT: (size - 1, "normal"),
        CAPTION_FONT: (size - 1, "bold"),
        HEADING_FONT: (size, "bold"),
        TITLE_FONT: (size + 4, "bold"),
    }
    known = root.tk.splitlist(root.tk.call("font", "names"))
    for name, (points, weight) in fonts.items():
        if name not in known:
            options = ("-family", family, "-size", points, "-weight", weight)
            root.tk.call("font", "create", name, *options)


def _system_font(root: tkinter.Misc) -> tuple[str, int]:
    """Family and size, in points, of the system's font for windows."""
    family = str(root.tk.call("font", "actual", "TkDefaultFont", "-family"))
    size = int(root.tk.call("font", "actual", "TkDefaultFont", "-size"))
    if size < 0:  # a size in pixels
        size = round(-size * _POINTS_PER_INCH / _USUAL_DPI)
    return family, max(size, 9)


def scaled(widget: tkinter.Misc, pixels: int) -> int:
    """``pixels`` at 100 % as pixels at this screen's scaling."""
    factor = float(widget.tk.call("tk", "scaling")) * _POINTS_PER_INCH / _USUAL_DPI
    quarter = round(4 * factor) / 4  # Tk keeps its scaling in whole millimetres of the screen
    return round(pixels * (quarter if abs(factor - quarter) < _ROUGH else factor))


def theme_name(widget: tkinter.Misc) -> ThemeName:
    """The theme in use now."""
    name = str(widget.tk.call("ttk::style", "theme", "use"))
    return "dark" if name == _THEMES["dark"] else "light"


def palette(widget: tkinter.Misc) -> Palette:
    """The colours of the theme in use now."""
    return DARK if theme_name(widget) == "dark" else LIGHT


def apply_theme(root: ttk.App, name: ThemeName) -> None:
    """Switch the theme; every widget gets ``<<ThemeChanged>>`` and reads ``palette`` anew."""
    root.theme_use(_THEMES[name])


def show_chosen_rows(table: ttk.Treeview) -> None:
    """Show a table's chosen rows in the theme's colour for that; its own is a grey.

    The table's style is made, and made anew, as it is used and as the theme changes.
    """

    def colour(_event: object = None) -> None:
        colours = palette(table)
        style = str(table.cget("style")) or "Treeview"
        for option, chosen in (("background", colours.selection), ("foreground", colours.text)):
            table.tk.call("ttk::style", "map", style, f"-{option}", ("selected", chosen))

    colour()
    table.bind("<<ThemeChanged>>", colour, add="+")


def _configure_tooltips(root: ttk.App) -> None:
    """ttkbootstrap's are pale yellow in every theme."""
    colours = palette(root)
    root.style.configure(
        "tooltip.TLabel",
        font=SMALL_FONT,
        background=colours.tip,
        foreground=TIP_TEXT,
        bordercolor=colours.tip_border,
        darkcolor=colours.tip,
        lightcolor=colours.tip,
        relief="solid",
    )


def _configure_styles(root: ttk.App) -> None:
    """The named styles: ``Caption``, ``Muted``, ``Heading`` and ``Title`` labels, ``Surface``."""
    colours = palette(root)
    ttk_style = root.style
    # some of ttkbootstrap's layouts draw a focus ring for which their style names no colour
    root.tk.call("ttk::style", "configure", ".", "-focuscolor", colours.accent)
    ttk_style.configure("Caption.TLabel", font=CAPTION_FONT, foreground=colours.muted)
    ttk_style.configure("Muted.TLabel", font=SMALL_FONT, foreground=colours.muted)
    ttk_style.configure("Title.TLabel", font=TITLE_FONT, foreground=colours.text)
    ttk_style.configure("Heading.TLabel", font=HEADING_FONT, foreground=colours.text)
    ttk_style.configure("Warning.TLabel", font=SMALL_FONT, foreground=colours.warning)
    ttk_style.configure("Surface.TFrame", background=colours.surface)
    ttk_style.configure("Surface.TLabel", background=colours.surface, foreground=colours.text)
    ttk_style.configure(
        "SurfaceHeading.TLabel",
        background=colours.surface,
        foreground=colours.text,
        font=HEADING_FONT,
    )
    ttk_style.configure(
        "SurfaceMuted.TLabel",
        background=colours.surface,
        foreground=colours.muted,
        font=SMALL_FONT,
    )
    for name, colour in (("Success", colours.success), ("Warning", colours.warning)):
        ttk_style.configure(
            f"Surface{name}.TLabel",
            background=colours.surface,
            foreground=colour,
            font=SMALL_FONT,
        )
    _configure_tooltips(root)
