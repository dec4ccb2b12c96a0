"""The child that is killed: changes a library without end and says what is done.

``python -m tests.torture.crash_child PATH``; the model to go on from comes as a pickle on standard
input (our own, from the test that started us). Says: opening, opened, begin STEP KIND,
done STEP VERSION JOURNAL-BYTES (without end while something folds), fold-begin, fold-end.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading

from cbir.library import Library
from tests.torture.children import say
from tests.torture.model import Model, perform

NEVER = 1 << 60


def main(path: str) -> None:
    model: Model = pickle.load(sys.stdin.buffer)
    library = _opened(path)
    folding: threading.Thread | None = None
    while True:
        operation = model.plan()
        if operation.kind in ("fold", "fold-beside", "reopen") and folding is not None:
            folding.join()
            folding = None
        say(f"begin {model.step} {operation.kind}")
        if operation.kind == "reopen":
            library.close()
            library = _opened(path)
        elif operation.kind == "fold":
            _fold(library)
        elif operation.kind == "fold-beside":
            folding = threading.Thread(target=_fold, args=(library,))
            folding.start()
        else:
            ids = perform(library, operation)
            before = model.next_id
            if operation.kind == "add" and ids != list(range(before, before + len(ids))):
                raise AssertionError(f"step {model.step}: add gave {ids}, not {before} and so on")
        quiet = folding is None or not folding.is_alive()
        say(f"done {model.step} {library.version} {library.journal_bytes if quiet else NEVER}")
        model.apply(operation)


def _opened(path: str) -> Library:
    say("opening")
    library = Library.open(path)
    if library.read_only:
        raise AssertionError(library.read_only_reason)
    say("opened")
    return library


def _fold(library: Library) -> None:
    say("fold-begin")
    library.fold()
    say("fold-end")


def _end(error: threading.ExceptHookArgs) -> None:
    """An error beside the changes ends them as well."""
    threading.__excepthook__(error)
    os._exit(1)


if __name__ == "__main__":
    threading.excepthook = _end
    if hasattr(signal, "alarm"):
        signal.alarm(60)  # nobody is left behind when the parent goes
    main(sys.argv[1])
