"""What a process may take, and how it is started: where operating systems differ.

Linux keeps all limits here. macOS accepts a limit of memory and does not enforce it; Windows knows
none of this module's kind. There, the program's own watch over the time has to do.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    import fcntl

START_OPTIONS: dict[str, Any] = (
    # no console window, and no Ctrl-C meant for the program
    {"creationflags": 0x08000000 | 0x00000200}
    if sys.platform == "win32"
    else {"start_new_session": True}
)
"""What ``subprocess.Popen`` needs so that a helper stays out of the user's terminal."""


def enlarge_pipe(descriptor: int, count: int) -> None:
    """Let a pipe hold ``count`` bytes, where the system has that (Linux) and allows it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, count)


def limit_memory(count: int) -> None:
    """Let this process take ``count`` bytes more of memory than it has at this call, if it can be.

    Beyond them, allocations fail. May be called again with another number.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + count
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def limit_time(seconds: float) -> None:
    """End this process in so many seconds whatever it does; 0 takes that back, if it can be."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def volunteer_to_die() -> None:
    """Where memory runs out, let Linux end this process before any other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
