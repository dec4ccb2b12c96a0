"""Downloading published files: verified before they get their name, cancellable, nothing half done.

urllib does the proxies (``HTTPS_PROXY`` and its kin). ``HF_ENDPOINT`` names a mirror of Hugging
Face, ``HF_HUB_OFFLINE`` forbids its use, as huggingface_hub documents them.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from cbir.encoders.integrity import is_published
from cbir.encoders.published import HUB, WeightsFile
from cbir.errors import DownloadFailed

_BLOCK = 1 << 18
_SILENCE = 20.0  # seconds without a byte after which the connection counts as lost

Progress = Callable[[int, int], None]


def fetch_all(
    files: Sequence[WeightsFile], folder: Path, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    """Brings the files into ``folder``, in order; those there as published are left alone.

    ``progress(done, total)`` gets bytes over all files. Raises DownloadFailed.
    """
    total = sum(file.size for file in files)
    wanted = [file for file in files if not is_published(folder / file.name, file)]
    done = total - sum(file.size for file in wanted)
    progress(done, total)
    with _explained(folder):
        if wanted:
            _make_room(folder, total - done)
        for file in wanted:
            start = done

            def report(fetched: int, start: int = start) -> None:
                progress(start + fetched, total)

            _fetch(file, folder, report, cancelled)
            done += file.size


def _make_room(folder: Path, needed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadFailed(
            f"There is no room in {folder}: {needed / 1e6:,.0f} MB are needed and "
            f"{free / 1e6:,.0f} MB free. Make room, or name another folder with --models."
        )


def _fetch(
    file: WeightsFile, folder: Path, report: Callable[[int], None], cancelled: Callable[[], bool]
) -> None:
    """One file: into a temporary file beside its place, verified, then renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            _receive(file, target, report, cancelled)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(folder / file.name)
    finally:
        temporary.unlink(missing_ok=True)


def _receive(
    file: WeightsFile,
    target: BinaryIO,
    report: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Writes what the server sends; raises DownloadFailed unless it is exactly the file."""
    sha256, received = hashlib.sha256(), 0
    for block in _blocks(_address(file)):
        if cancelled():
            raise DownloadFailed(f"The download of {file.name} was cancelled; nothing was changed.")
        received += len(block)
        if received > file.size:
            raise _not_the_file(file, "it is too long")
        sha256.update(block)
        target.write(block)
        report(received)
    if received < file.size:
        raise DownloadFailed(
            f"The download of {file.name} broke off after {received:,} of {file.size:,} bytes: "
            "check the network connection and try again."
        )
    if sha256.hexdigest() != file.sha256:
        raise _not_the_file(file, "its SHA-256 is another")


def _blocks(url: str) -> Iterator[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "cbir"})
    with urllib.request.urlopen(request, timeout=_SILENCE) as response:
        while block := response.read(_BLOCK):
            yield block


def _address(file: WeightsFile) -> str:
    """The file's URL, at the mirror that ``HF_ENDPOINT`` names where it is Hugging Face's."""
    if not file.url.startswith(HUB):
        return file.url
    if any(_is_true(os.environ.get(name)) for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")):
        raise DownloadFailed(
            "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, which forbids downloads from Hugging "
            f"Face: unset it, or put {file.name} in place by hand."
        )
    mirror = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    if not mirror.startswith(("https://", "http://")):
        raise DownloadFailed(f"HF_ENDPOINT is {mirror!r}: it must begin with https:// or http://.")
    return mirror + file.url.removeprefix(HUB)


def _is_true(value: str | None) -> bool:
    return (value or "").upper() in ("1", "ON", "YES", "TRUE")


def _not_the_file(file: WeightsFile, why: str) -> DownloadFailed:
    return DownloadFailed(
        f"What the server sent for {file.name} is not the published file ({why}): it was thrown "
        "away. A proxy or a mirror may have changed it."
    )


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turns what networks and disks raise into DownloadFailed with a sentence of its own."""
    try:
        yield
    except urllib.error.HTTPError as error:
        raise DownloadFailed(
            f"The server answered {error.code} ({error.reason}) for {error.url}: try again later."
        ) from error
    except urllib.error.URLError as error:
        raise DownloadFailed(
            f"The server cannot be reached ({error.reason}): check the network connection and "
            "the proxy settings."
        ) from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise DownloadFailed(
            f"The connection was lost ({error or type(error).__name__}): check the network "
            "connection and try again."
        ) from error
    except OSError as error:
        raise DownloadFailed(_disk_sentence(error, folder)) from error


def _disk_sentence(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no room left in {folder}: make room, or name another with --models."
    return f"{folder} cannot be written ({error.strerror}): name another folder with --models."
