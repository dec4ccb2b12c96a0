"""What the subcommands' arguments have in common: global options, types, how one is declared."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cbir import __version__
from cbir.cli.output import Answer
from cbir.config import DEVICES, Settings, parse_recall
from cbir.errors import CbirError
from cbir.records import SPACES
from cbir.settings_file import PRECISIONS, is_name_pattern

if TYPE_CHECKING:
    Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

OpenWindow = Callable[[Settings, "str | None"], int]


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works with; ``open_window`` shows the window until it is closed.

    ``args.usage_error(sentence)`` ends the command with its usage and exit status 2.
    """

    settings: Settings
    args: argparse.Namespace
    open_window: OpenWindow


Run = Callable[[Context], Answer]


def add_global_options(parser: argparse.ArgumentParser) -> None:
    """The options that may stand before or after a subcommand.

    They have no default: a subcommand's parser would overwrite with it what stood before.
    """
    group = parser.add_argument_group("options of every command")
    leave = argparse.SUPPRESS
    group.add_argument(
        "--library",
        metavar="FILE",
        type=path,
        default=leave,
        help="the library file (otherwise library.npz in $CBIR_HOME or the user data folder)",
    )
    group.add_argument(
        "--models",
        metavar="DIR",
        type=path,
        default=leave,
        help="the folder of weights (otherwise $CBIR_MODELS, the settings file, or the usual "
        "caches)",
    )
    group.add_argument(
        "--device",
        choices=DEVICES,
        default=leave,
        help="where models run (otherwise as the settings file says, or auto)",
    )
    group.add_argument(
        "--precision",
        choices=PRECISIONS,
        default=leave,
        help="what models compute in (otherwise $CBIR_PRECISION, the settings file, or auto)",
    )
    group.add_argument(
        "-v", "--verbose", action="store_true", default=leave, help="say more, log to stderr"
    )
    group.add_argument("--version", action="version", version=f"cbir {__version__}")


def add_command(
    commands: Commands,
    name: str,
    run: Run,
    description: str,
    *,
    epilog: str | None = None,
    prints: bool = True,
) -> argparse.ArgumentParser:
    """Declare a subcommand; one that ``prints`` takes ``--json``."""
    parser = commands.add_parser(
        name, help=description, description=description, epilog=epilog, allow_abbrev=False
    )
    if prints:
        parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_global_options(parser)
    parser.set_defaults(run=run, usage_error=parser.error)
    return parser


def add_space_option(parser: argparse.ArgumentParser, text: str) -> None:
    """``--space``, which may be given several times: a list in ``spaces``, or None."""
    parser.add_argument(
        "--space",
        action="append",
        dest="spaces",
        metavar="NAME",
        type=str.lower,
        choices=SPACES,
        help=text,
    )


def add_recall_option(parser: argparse.ArgumentParser) -> None:
    """What LSH is to find; otherwise as the settings say."""
    parser.add_argument(
        "--recall",
        metavar="R",
        type=recall,
        default=argparse.SUPPRESS,
        help="the share of the true nearest that LSH is to find (otherwise $CBIR_RECALL, the "
        "settings file, or 0.95)",
    )


def add_walk_options(parser: argparse.ArgumentParser) -> None:
    """What is found below the paths, and in which order; otherwise as the settings file says."""
    leave = argparse.SUPPRESS
    parser.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        dest="excludes",
        type=name_pattern,
        default=leave,
        help="pass over files and folders of this name (* and ? stand for anything), beside hidden "
        "ones, @eaDir, .thumbnails and node_modules; may be repeated; never a PATH itself",
    )
    parser.add_argument(
        "--newest-first",
        action=argparse.BooleanOptionalAction,
        default=leave,
        help="folders that changed last come first (otherwise in order of their names)",
    )
    parser.add_argument(
        "--cross-file-systems",
        action=argparse.BooleanOptionalAction,
        default=leave,
        help="enter other drives and mounted folders below a PATH (otherwise they are passed over)",
    )


def name_pattern(text: str) -> str:
    """A pattern for names of files and folders."""
    if not is_name_pattern(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a pattern for a name, such as cache or *.bak; a path it cannot be"
        )
    return text


def path(text: str) -> str:
    """A path argument. An empty one is refused, since it would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("a path may not be empty")
    return text


def recall(text: str) -> float:
    """A share above 0 and below 1."""
    try:
        return parse_recall(text)
    except CbirError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and below 1") from error


def positive(text: str) -> int:
    """A whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
