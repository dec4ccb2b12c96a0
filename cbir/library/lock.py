"""Who may write a library: the one process that holds the lock file beside it."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from cbir.library.files import PRIVATE_FILE


class WriteLock:
    """An operating-system lock on ``<name>.lock``; a process that dies lets go of it."""

    def __init__(self, library: Path) -> None:
        path = library.with_name(f"{library.name}.lock")
        # Any thread may close the library, so the lock may not belong to the thread that opened it.
        self._lock = FileLock(path, mode=PRIVATE_FILE, thread_local=False)

    def take(self, patience: float = 0.0) -> str | None:
        """Take the lock, waiting at most ``patience`` seconds; why not, or None when it is held."""
        try:
            self._lock.acquire(timeout=patience)
        except Timeout:
            return "another window or command is writing it (close that one first)"
        except NotImplementedError:
            return "its drive cannot lock files (a local drive can)"
        except OSError as error:
            return f"its folder does not allow it ({error.strerror or error})"
        return None

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        self._lock.release()
