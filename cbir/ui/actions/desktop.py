"""What the desktop does for us: open a picture in the system's viewer, show it in its folder."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from cbir.errors import CbirError


def open_file(path: str) -> None:
    """Open a file with the program that the system has for it; does not wait for that program.

    Raises CbirError where the file is gone or there is nothing to open it with.
    """
    if not os.path.exists(path):
        raise CbirError(f"{path} is not there any more: it was moved, renamed or deleted.")
    _launch(path)


def show_in_folder(path: str) -> None:
    """Show where a file lies; raises CbirError as ``open_file`` does."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise CbirError(f"The folder {folder} is not there any more.")
    if sys.platform == "win32":
        _start(["explorer", f"/select,{path}"])
    elif sys.platform == "darwin":
        _start(["open", "-R", path])
    else:
        _launch(folder)


def _launch(path: str) -> None:
    if sys.platform == "win32":
        os.startfile(path)
    else:
        _start(["open" if sys.platform == "darwin" else "xdg-open", path])


def _start(command: list[str]) -> None:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CbirError(
            f"The system has no `{command[0]}` to open it with ({error.strerror})."
        ) from error
    # waited for somewhere, so that it stays no zombie
    threading.Thread(target=process.wait, name="cbir-opener", daemon=True).start()
