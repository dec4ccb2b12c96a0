"""Opens the window in a language of brackets, and prints what is shown without them, as JSON.

Run in a process of its own, since the words of modules are translated as those are imported:
``python -m tests.ui.pseudo_language FOLDER_OF_PICTURES HOME``.
"""

from __future__ import annotations

import gc
import gettext
import json
import re
import sys
import time
import tkinter
from collections.abc import Callable, Iterator
from pathlib import Path
from tkinter import ttk
from typing import Any


class _Brackets(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"


def texts_of(widget: tkinter.Misc) -> Iterator[str]:
    """What a widget and all below it show."""
    yield from _own_texts(widget)
    if "text" in widget.configure():
        yield str(widget["text"])
    for child in widget.winfo_children():
        yield from texts_of(child)


def _own_texts(widget: tkinter.Misc) -> Iterator[str]:
    match widget:
        case tkinter.Tk() | tkinter.Toplevel():
            yield widget.title()
        case tkinter.Menu():
            last = widget.index("end")
            for entry in range(last + 1 if last is not None else 0):
                if widget.type(entry) != "separator":
                    yield widget.entrycget(entry, "label")
        case ttk.Treeview():
            for column in ("#0", *widget["columns"]):
                yield widget.heading(column, "text")
        case ttk.Combobox():
            yield from widget["values"]
            yield widget.get()
        case tkinter.Canvas():
            for item in widget.find_all():
                if widget.type(item) == "text":
                    yield widget.itemcget(item, "text")


def tooltips() -> Iterator[str]:
    """The texts of all tooltips that there are."""
    from ttkbootstrap import ToolTip

    for held in gc.get_objects():
        if isinstance(held, ToolTip):
            yield str(held.text)


_WORD = re.compile(r"[A-Za-z]{3,}")
_NAMES = re.compile(  # of files, keys, spaces, units and programs, which no language changes
    r"(\S*/\S*|\S*\.png|\b(cbir|CLIP|ResNet18|Classic|Ctrl|Shift|Alt|Del|Esc|Tab|Enter|Space|"
    r"Left|Right|png|PNG|JPEG|JSON|CSV|HTML|Python|Tk|torch\w*|transformers|numpy|matplotlib|"
    r"Pillow|ttkbootstrap|CPU|CUDA|MPS|bfloat16|float32|OpenAI|ImageNet|tkinterdnd2|watchdog|"
    r"pillow-heif|rawpy|Linux\S*|auto|\w+ \d[\w.+-]*)\b)"
)


def main() -> None:
    """Go through the window and its sheets."""
    gettext.translation = lambda *_args, **_more: _Brackets()  # type: ignore[assignment]
    from cbir.config import Settings
    from cbir.ui.widgets.theme import create_root
    from cbir.ui.window import Window
    from cbir.work.engine import Engine
    from cbir.work.models import WINDOW_CALL_SECONDS

    folder, home = sys.argv[1], Path(sys.argv[2])
    root = create_root("light")
    root.geometry("1280x800+0+0")
    settings = Settings(home, home / "library.npz", models=home / "models")
    window = Window(root, Engine(settings, call_seconds=WINDOW_CALL_SECONDS))

    def wait(condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "what was waited for did not happen"
            root.update()
            time.sleep(0.005)

    seen: set[str] = set()

    def look() -> None:
        wait(lambda: window.quiet)
        root.update()
        seen.update(texts_of(root))
        seen.update(tooltips())

    window.start(None)
    wait(lambda: window.context.facts.version >= 0)
    look()
    window.indexing.index([folder])
    wait(lambda: window.context.facts.records > 1)
    look()
    window.query.search_image(str(min(Path(folder).iterdir())))
    look()
    window.query.search_image(str(Path(folder) / "broken.png"))
    look()
    window.query.search_image(str(min(Path(folder).iterdir())))
    window.indexing.show_skipped()
    window.narrowing.toggle_filters()
    window.records.select_all()
    window.records.re_embed()
    look()
    for show in (
        window.models.show,
        window.help.show_about,
        window.export.show,
        window.duplicates.show,
        window.evaluating.show,
        window.statistics.show,
        window.preferences.show,
    ):
        show()
        look()
    window.close()
    left = {text for text in seen if _WORD.search(_NAMES.sub("", text)) and "⟦" not in text}
    print(json.dumps(sorted(left)))


if __name__ == "__main__":
    main()
