"""``watch``: index folders, then keep them up to date until Ctrl-C."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command, add_walk_options, path
from cbir.cli.output import INTERRUPTED, Answer, complain, printable, write_stdout
from cbir.cli.session import Session, session
from cbir.describe import (
    describe_changes,
    describe_indexing,
    describe_not_entered,
    describe_out_of_reach,
    plural,
)
from cbir.errors import CbirError
from cbir.records import JsonObject
from cbir.work.indexing import IndexReport
from cbir.work.roots import reachable_roots, roots_out_of_reach
from cbir.work.watching import WatchReport
from cbir.work.worker import Job, JobCancelled

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_COUNTED = ("added", "updated", "moved", "missing")


def add_commands(commands: Commands) -> None:
    """Declare ``watch``."""
    parser = add_command(
        commands,
        "watch",
        run,
        "index folders, then pick up what changes in them, until Ctrl-C",
        epilog="Needs watchdog: pip install 'cbir[watch]'. With --json the totals are printed at "
        "the end, and what is picked up is told on stderr.",
    )
    parser.add_argument(
        "paths",
        metavar="FOLDER",
        nargs="*",
        type=path,
        help="a folder (otherwise all that were indexed)",
    )
    add_walk_options(parser)


def run(context: Context) -> Answer:
    """Watch until Ctrl-C.

    Raises CbirError where there is no folder to watch, watchdog is not installed, or the system
    has no watches left for any of the folders.
    """
    say = complain if context.args.json else _print_line
    named = _named_folders(context.args.paths)
    with session(context.settings, writes=True) as opened:
        opened.open(needed=not named)
        folders = named or _known_folders(opened)
        watched: WatchReport = opened.wait(opened.engine.watch(folders), more=True)
        keeper = _Keeper(opened, say)
        try:
            keeper.begin(folders, watched)
            while True:
                keeper.pick_up(opened.next_change())
        except (KeyboardInterrupt, JobCancelled) as ending:
            if isinstance(ending, JobCancelled):
                keeper.count(ending.result)
    return keeper.answer(watched)


def _named_folders(paths: Sequence[str]) -> list[str]:
    """The folders named, absolute; looked at before a library is made for a wrong name."""
    for folder in paths:
        if not os.path.isdir(folder):
            raise CbirError(f"{folder} is not a folder that is there: name folders to watch.")
    return [os.path.abspath(folder) for folder in paths]


def _known_folders(opened: Session) -> list[str]:
    """The folders of the library that are there; tells of those that are not."""
    engine = opened.engine
    known: list[str] = opened.wait(engine.ask("Look", reachable_roots), more=True)
    lacking = describe_out_of_reach(opened.wait(engine.ask("Look", roots_out_of_reach), more=True))
    if not known:
        none = "There is no folder to watch yet: `cbir watch FOLDER` indexes one."
        raise CbirError(lacking or none)
    if lacking:
        complain(lacking)
    return known


class _Keeper:
    """Indexes what changed, says so in a line each, and adds it up."""

    def __init__(self, opened: Session, say: Callable[[str], None]) -> None:
        self._opened = opened
        self._say = say
        self._started = time.monotonic()
        self._batches = 0
        self._counts: Counter[str] = Counter()
        self._total = 0

    def begin(self, folders: Sequence[str], watched: WatchReport) -> None:
        """Look through the folders once, and tell what is watched."""
        report = self._index(self._opened.engine.index(folders))
        refused = list(watched.refused.values())
        if not watched.folders:
            raise CbirError(" ".join(refused) or "The folders are gone: there is none to watch.")
        for sentence in filter(None, [*refused, describe_not_entered(report.not_entered)]):
            complain(sentence)
        self._say(describe_indexing(report))
        self._opened.wait(self._opened.engine.tend(), more=True)
        self._say(f"Watching {', '.join(watched.folders)}: Ctrl-C ends it.")

    def pick_up(self, paths: Sequence[str]) -> None:
        """Index what changed."""
        engine = self._opened.engine
        try:
            report = self._index(engine.index_changed(paths))
        finally:
            engine.changes_done()
        self._batches += 1
        sentence = describe_changes(report)
        if sentence:
            self._say(sentence)
            self._opened.wait(engine.tend(), more=True)

    def _index(self, job: Job) -> IndexReport:
        """The job's report, counted; raises JobCancelled also where Ctrl-C came too late for it."""
        report: IndexReport = self._opened.wait(job)
        self.count(report)
        if job.cancelled:
            raise JobCancelled
        return report

    def count(self, report: IndexReport | None) -> None:
        """Add up what a job did, also one that was interrupted."""
        if report is not None:
            self._counts.update({name: getattr(report, name) for name in _COUNTED})
            self._total = report.total

    def answer(self, watched: WatchReport) -> Answer:
        """What was done in all."""
        done = ", ".join(f"{self._counts[name]:,} {name}" for name in _COUNTED)
        document: JsonObject = {
            "folders": list(watched.folders),
            "refused": dict(watched.refused),
            "batches": self._batches,
            **{name: self._counts[name] for name in _COUNTED},
            "total": self._total,
            "seconds": time.monotonic() - self._started,
        }
        text = f"In all {done}; the library holds {plural(self._total, 'record')}.\n"
        return Answer(document, text, status=INTERRUPTED)


def _print_line(sentence: str) -> None:
    write_stdout(f"{time.strftime('%H:%M:%S')}  {printable(sentence)}\n")
