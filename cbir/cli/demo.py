"""``demo``: samples in a library of their own, in the window or, without a display, right here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cbir.asking import Term
from cbir.cli import search
from cbir.cli.index import check_paths, index_paths
from cbir.cli.options import Context, add_command, path
from cbir.cli.output import Answer, complain, printable
from cbir.cli.session import session
from cbir.config import Settings
from cbir.errors import CbirError
from cbir.library import Library
from cbir.work.editing import records_at
from cbir.work.searching import SearchRequest

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_HITS = 6


def add_commands(commands: Commands) -> None:
    """Declare ``demo``."""
    parser = add_command(
        commands,
        "demo",
        run,
        "try the program out on a folder of samples, in a library of its own",
        epilog="Opens the window; without a display it indexes, searches and prints here instead.",
    )
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        type=path,
        default="sample_images",
        help="the pictures to try it on (otherwise sample_images)",
    )
    parser.add_argument(
        "--image",
        metavar="FILE",
        type=path,
        help="what to search by in the terminal (otherwise the folder's first picture)",
    )


def run(context: Context) -> Answer:
    """Show the demonstration; without ``--library`` it has its own beside the user's."""
    settings = context.settings
    if not hasattr(context.args, "library"):
        settings = replace(settings, library=settings.home / "demo.npz")
    obstacle = window_obstacle()
    if not obstacle:
        return Answer(status=context.open_window(settings, context.args.folder))
    complain(f"{obstacle} The demonstration goes on in this terminal.")
    return _in_terminal(settings, context.args.folder, context.args.image)


def window_obstacle() -> str:
    """Why no window can be opened here, as a sentence; empty where one can."""
    try:
        import tkinter  # noqa: PLC0415 - it may not be installed
    except ImportError:
        return "Python lacks tkinter (on Debian and Ubuntu: apt install python3-tk)."
    try:
        root = tkinter.Tk()
    except tkinter.TclError:
        return "There is no display to open a window on."
    root.destroy()
    return ""


def _in_terminal(settings: Settings, folder: str, image: str | None) -> Answer:
    """Index the folder and search by ``image``, or by the folder's first picture."""

    def chosen(library: Library) -> str:
        return image or min(record.path for record in records_at(library, [folder]))

    check_paths([folder])
    with session(settings, writes=True) as opened:
        opened.open()
        indexed = index_paths(opened, [folder], None)
        if indexed.status:
            return indexed
        if indexed.notes and not indexed.document["total"]:
            raise CbirError(indexed.notes[0])
        query = opened.wait(opened.engine.ask("Choose a picture", chosen))
        outcome = opened.wait(opened.engine.search(SearchRequest((Term(image=query),), k=_HITS)))
    found = search.answer(outcome)
    return Answer(
        {"index": indexed.document, "search": found.document},
        f"{indexed.text}\nPictures like {printable(query)}:\n{found.text}",
    )
