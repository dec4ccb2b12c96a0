"""``gui``, and no command at all: the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command, add_walk_options, path
from cbir.cli.output import Answer

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_commands(commands: Commands) -> None:
    """Declare ``gui``."""
    parser = add_command(commands, "gui", run, "open the window", prints=False)
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=path, help="a folder to index at once"
    )
    add_walk_options(parser)


def run(context: Context) -> Answer:
    """Open the window, and stay until it is closed."""
    return Answer(status=context.open_window(context.settings, context.args.folder))
