"""A root window without its content, so that another library's can be put into it."""

from __future__ import annotations

import ttkbootstrap as ttk

_FRAMEWORK = "_on_menu_map"  # ttkbootstrap's own, which it goes on calling


class BareRoot:
    """Remembers ``root`` as it is, before anything is put into it; ``restore`` makes it so again.

    Its title, size, place and theme stay as they are then.
    """

    def __init__(self, root: ttk.App) -> None:
        self._root = root
        self._children = set(root.children)
        self._commands = _commands_of(root)
        self._bindings = {event: self._script(event) for event in root.bind()}

    def _script(self, event: str) -> str:
        return str(self._root.tk.call("bind", str(self._root), event))

    def restore(self) -> None:
        """Take away every widget and every binding that came since."""
        root = self._root
        root.tk.call(str(root), "configure", "-menu", "")
        for name, child in list(root.children.items()):
            if name not in self._children:
                child.destroy()
        for event in root.bind():
            root.tk.call("bind", str(root), event, self._bindings.get(event, ""))
        for name in _commands_of(root) - self._commands:  # they hold what they would call
            if _FRAMEWORK not in name:
                root.deletecommand(name)


def _commands_of(root: ttk.App) -> set[str]:
    """The Tcl commands that Python made for bindings and menus of the root itself."""
    # tkinter keeps this list for itself, and nothing else tells them
    return set(getattr(root, "_tclCommands", None) or ())
