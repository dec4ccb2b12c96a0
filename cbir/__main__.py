"""The launcher: ``cbir`` and ``python -m cbir``. No arguments open the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cbir.config import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with ``argv``, or the process's arguments; returns the exit status.

    0: done; 1: could not, with one line on stderr; 2: wrong usage; 130: interrupted.
    """
    try:
        from cbir.cli import main as cli  # noqa: PLC0415 - Ctrl-C while importing ends quietly too
    except KeyboardInterrupt:
        return 130
    return cli.main(argv, _open_window)


def _open_window(settings: Settings, folder: str | None) -> int:
    # Tk is wanted here alone: the other commands work where it is not installed
    from cbir.ui.run import run  # noqa: PLC0415

    return run(settings, folder)


if __name__ == "__main__":
    sys.exit(main())
