"""What the desktop does for us: open a picture in some program, show it in its folder."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from cbir.errors import CbirError
from cbir.language import _
from cbir.work.handing import Program

HAS_CHOOSER = sys.platform == "win32"
"""Whether the system has a dialog of its own that asks for a program."""


def open_file(path: str) -> None:
    """Open a file with the program that the system has for it; does not wait for that program.

    Raises CbirError where the file is gone or there is nothing to open it with.
    """
    _check(path)
    _launch(path)


def choose_program(path: str) -> None:
    """Let the system ask for a program that opens a file, where it ``HAS_CHOOSER``.

    Raises CbirError as ``open_file`` does.
    """
    _check(path)
    _start(["rundll32", "shell32.dll,OpenAs_RunDLL", path])


def open_with(command: str, path: str) -> None:
    """Open a file with a program, by its command line, or by its name on macOS.

    Raises CbirError as ``open_file`` does, and where the command line is none.
    """
    _check(path)
    if sys.platform == "darwin":
        _start(["open", "-a", command.strip(), path])
        return
    try:
        words = Program(command, command).opening(path)
    except ValueError as error:
        raise CbirError(
            _("{command} is no command line ({error}).").format(command=command, error=error)
        ) from error
    _start(words)


def _check(path: str) -> None:
    if not os.path.exists(path):
        raise CbirError(
            _("{path} is not there any more: it was moved, renamed or deleted.").format(path=path)
        )


def reveal(path: str) -> None:
    """Show what a folder holds, or where a file lies; raises CbirError as ``open_file`` does."""
    if os.path.isdir(path):
        _launch(path)
    else:
        show_in_folder(path)


def show_in_folder(path: str) -> None:
    """Show where a file lies; raises CbirError as ``open_file`` does."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise CbirError(_("The folder {folder} is not there any more.").format(folder=folder))
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
            _("The system has no `{command}` to open it with ({strerror}).").format(
                command=command[0], strerror=error.strerror
            )
        ) from error
    # waited for somewhere, so that it stays no zombie
    threading.Thread(target=process.wait, name="cbir-opener", daemon=True).start()
