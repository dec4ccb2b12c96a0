"""``bench``: how quick and how true the program is on this computer, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.cli.bench import duplicates, gap, index, map, search, store, window
from cbir.cli.options import add_global_options

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_commands(commands: Commands) -> None:
    """Declare ``bench`` with all that it measures."""
    about = "measure speed and recall on this computer"
    group = commands.add_parser("bench", help=about, description=about, allow_abbrev=False)
    add_global_options(group)
    actions = group.add_subparsers(metavar="WHAT", title="what to measure", required=True)
    for measure in (search, gap, store, index, duplicates, window, map):
        measure.add_command_to(actions)
