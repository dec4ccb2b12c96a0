"""From arguments to an exit status: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from cbir.cli import (
    bench,
    demo,
    duplicates,
    evaluate,
    index,
    library,
    models,
    records,
    search,
    watch,
    window,
)
from cbir.cli.options import Context, OpenWindow, add_global_options
from cbir.cli.output import INTERRUPTED, complain, to_json, write_stdout
from cbir.config import Settings, load_settings, start_logging
from cbir.errors import CbirError
from cbir.work.worker import JobCancelled

_OPTIONS = (
    "library",
    "models",
    "device",
    "precision",
    "verbose",
    "recall",
    "excludes",
    "newest_first",
    "cross_file_systems",
)
_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None, open_window: OpenWindow) -> int:
    """Run one command; returns the exit status and raises nothing.

    ``argv`` None takes the process's arguments. ``open_window`` shows the window.
    """
    try:
        return _main(argv, open_window)
    except (KeyboardInterrupt, JobCancelled):
        complain("Interrupted: what was finished before is kept.")
        return INTERRUPTED
    except CbirError as error:
        complain(str(error))
        return 1


def _main(argv: Sequence[str] | None, open_window: OpenWindow) -> int:
    try:
        args = build_parser().parse_args(_with_signs(sys.argv[1:] if argv is None else argv))
    except SystemExit as ending:
        write_stdout("")  # a reader of --help that has gone is noticed here, not later
        return int(ending.code or 0)
    settings = _settings(args)
    start_logging(settings)
    for problem in settings.problems:
        complain(problem)
    return _guarded(Context(settings, args, open_window))


def _with_signs(argv: Sequence[str]) -> list[str]:
    """The arguments, a query joined to its option: it may begin with a minus."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--query":
            joined[-1] = f"--query={word}"
        else:
            joined.append(word)
    return joined


def _settings(args: argparse.Namespace) -> Settings:
    """Settings from the options that were given."""
    given = {name: getattr(args, name) for name in _OPTIONS if hasattr(args, name)}
    return load_settings(**given)


def _guarded(context: Context) -> int:
    """Run the command; a fault in the program is logged whole and told in one line."""
    try:
        return _run(context)
    except (CbirError, JobCancelled):
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can log it
        _log.exception("unexpected error in the command line")
        log = context.settings.log_file
        complain(f"unexpected error: {_in_words(error)}; details in {log}")
        return 1


def _run(context: Context) -> int:
    try:
        answer = context.args.run(context)
    except SystemExit as ending:  # usage that only the command itself could judge
        return int(ending.code or 0)
    write_stdout(to_json(answer.document) if _wants_json(context.args) else answer.text)
    for note in answer.notes:
        complain(note)
    return int(answer.status)


def _wants_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; without a subcommand it opens the window."""
    parser = argparse.ArgumentParser(
        prog="cbir",
        description="Find pictures by what is in them. Without a command the window opens.",
        allow_abbrev=False,
    )
    add_global_options(parser)
    parser.set_defaults(run=window.run, folder=None)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for group in (
        window,
        index,
        watch,
        search,
        records,
        duplicates,
        library,
        models,
        evaluate,
        bench,
        demo,
    ):
        group.add_commands(commands)
    return parser
