"""Who may write a library: the one process that holds the lock file beside it."""

from __future__ import annotations

import errno
from pathlib import Path

from filelock import FileLock, Timeout

from cbir.language import _
from cbir.library.files import PRIVATE_FILE

BUSY = _("another window or command is writing it (close that one first)")
_NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)
_CANNOT_LOCK = _(
    "its drive cannot keep two programs from writing it at once, as some network drives "
    "(keep the library on a local drive)"
)


class WriteLock:
    """An operating-system lock on ``<name>.lock``; a process that dies lets go of it."""

    def __init__(self, library: Path) -> None:
        path = library.with_name(f"{library.name}.lock")
        self._path = path
        self._lock = _file_lock(path)

    def take(self, patience: float = 0.0) -> str | None:
        """Take the lock, waiting at most ``patience`` seconds; why not, or None when it is held."""
        try:
            self._lock.acquire(timeout=patience)
        except Timeout:
            return BUSY
        except NotImplementedError:
            return _CANNOT_LOCK
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return _CANNOT_LOCK
            return _("its folder does not allow it ({reason})").format(
                reason=error.strerror or error
            )
        if self._is_kept():
            return None
        self._lock.release()
        return _CANNOT_LOCK

    def _is_kept(self) -> bool:
        """Whether the drive keeps others out: some network drives give the lock to everybody."""
        other = _file_lock(self._path)
        try:
            other.acquire(timeout=0)
        except Timeout:
            return True
        except OSError as error:
            return error.errno not in _NO_LOCKS
        other.release()
        return False

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        self._lock.release()


def _file_lock(path: Path) -> FileLock:
    # Any thread may close the library, so the lock may not belong to the thread that opened it. The
    # library's own stand-in for locks, a marker file, would outlive a process that is killed.
    return FileLock(path, mode=PRIVATE_FILE, thread_local=False, fallback_to_soft=False)
