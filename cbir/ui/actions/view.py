"""The View menu: theme, which parts are shown, how large the thumbnails are."""

from __future__ import annotations

from dataclasses import replace

import ttkbootstrap as ttk

from cbir.ui.actions.commands import ViewChoices
from cbir.ui.actions.context import Context
from cbir.ui.grid.panel import SIZE_CHANGED
from cbir.ui.system_theme import SystemTheme
from cbir.ui.widgets.theme import ThemeChoice, ThemeName, apply_theme, theme_name

_THUMBNAIL_STEP = 32  # pixels at 100 %


class ViewActions:
    """Changes how the window looks, and remembers it. ``choices`` are the menu's variables."""

    def __init__(self, context: Context) -> None:
        self._context = context
        root, state = context.root, context.state
        self.choices = ViewChoices(
            ttk.StringVar(root, state.theme),
            ttk.BooleanVar(root, state.show_map),
            ttk.BooleanVar(root, state.show_details),
            ttk.BooleanVar(root, state.collapse),
        )

        self.system = SystemTheme(root, lambda: context.state.theme == "system", self._found)

    def follow_wheel(self) -> None:
        """Ctrl+wheel over the grid changes the size as well: keep the slider in step."""
        self._context.layout.grid.bind(SIZE_CHANGED, self._size_changed)

    def theme_chosen(self) -> None:
        """Use the theme that the menu says."""
        chosen = self.choices.theme.get()
        self.set_theme("dark" if chosen == "dark" else "light" if chosen == "light" else "system")

    def set_theme(self, theme: ThemeChoice) -> None:
        """Use a theme; that of the system is asked for, and comes a moment later."""
        self.choices.theme.set(theme)
        self._context.state = replace(self._context.state, theme=theme)
        self._show(self._context.state.theme_shown)
        self.system.look()

    def _found(self, theme: ThemeName) -> None:
        self._context.state = replace(self._context.state, system_theme=theme)
        self._show(theme)

    def _show(self, theme: ThemeName) -> None:
        if theme_name(self._context.root) != theme:
            apply_theme(self._context.root, theme)

    def parts_chosen(self) -> None:
        """Show the parts that the menu says."""
        show_map, show_details = self.choices.show_map.get(), self.choices.show_details.get()
        self._context.state = replace(
            self._context.state, show_map=show_map, show_details=show_details
        )
        self._context.layout.show_parts(show_map=show_map, show_details=show_details)

    def show_map(self) -> None:
        """Show the map, where it is hidden."""
        if not self.choices.show_map.get():
            self.choices.show_map.set(True)
            self.parts_chosen()

    def set_thumbnail(self, size: int) -> None:
        """Show thumbnails of another size, in pixels at 100 %."""
        self._context.layout.set_thumbnail(size)
        self._size_changed()

    def larger(self) -> None:
        """Show larger thumbnails."""
        self.set_thumbnail(self._context.layout.grid.thumbnail_size + _THUMBNAIL_STEP)

    def smaller(self) -> None:
        """Show smaller thumbnails."""
        self.set_thumbnail(self._context.layout.grid.thumbnail_size - _THUMBNAIL_STEP)

    def _size_changed(self, _event: object = None) -> None:
        layout = self._context.layout
        layout.query_bar.thumbnail.set(layout.grid.thumbnail_size)
        self._context.state = replace(self._context.state, thumbnail=layout.grid.thumbnail_size)
