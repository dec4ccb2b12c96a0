"""One request for one published file, or for the rest of it from a given byte on.

urllib does the proxies (``HTTPS_PROXY`` and its kin). ``HF_ENDPOINT`` names a mirror of Hugging
Face, ``HF_HUB_OFFLINE`` forbids its use, as huggingface_hub documents them.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus

from cbir.encoders.published import HUB, WeightsFile
from cbir.encoders.trouble import RangeRefused, Trouble, answered, lost, not_the_file, unreachable
from cbir.language import _

_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@contextlib.contextmanager
def transfer(
    file: WeightsFile, start: int, silence: float
) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Asks for ``file`` from byte ``start`` on: at which byte the answer begins, and its blocks.

    A server that knows no ranges begins at 0. No ETag is compared: which bytes are right is known
    beforehand, and the whole file's hash decides. ``silence`` is in seconds. Raises Trouble, also
    while blocks are read, and RangeRefused where only asking for the whole can help.
    """
    url = _address(file)
    host = urllib.parse.urlsplit(url).hostname or url
    # compressed, the bytes would be others, and those of a range could not be told
    headers = {"User-Agent": "cbir", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with _ask(urllib.request.Request(url, headers=headers), host, silence) as response:
        yield _beginning(file, response, start), _blocks(response, host, silence)


def _ask(request: urllib.request.Request, host: str, silence: float) -> http.client.HTTPResponse:
    try:
        # a new opener each time: it reads the proxy variables as it is made
        response: http.client.HTTPResponse = urllib.request.build_opener().open(
            request, timeout=silence
        )
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and request.has_header("Range"):
            raise RangeRefused from error
        raise answered(error) from error
    except urllib.error.URLError as error:
        raise unreachable(error.reason, host) from error
    except (http.client.HTTPException, OSError) as error:
        raise lost(error, host, silence) from error
    except ValueError as error:  # a name that no server can have
        raise unreachable(error, host) from error
    return response


def _beginning(file: WeightsFile, response: http.client.HTTPResponse, start: int) -> int:
    """The byte at which the answer begins; raises where it cannot be the published file."""
    if (response.headers.get("Content-Encoding") or "identity").lower() != "identity":
        raise not_the_file(file.name, _("it was sent compressed"))
    if response.headers.get_content_type() == "text/html":
        raise not_the_file(file.name, _("it is a web page"))
    if response.status == HTTPStatus.PARTIAL_CONTENT:
        told = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
        if not told or int(told[1]) != start or told[2] not in ("*", str(file.size)):
            raise RangeRefused
        return start
    length = response.headers.get("Content-Length") or str(file.size)
    if length != str(file.size):
        raise not_the_file(
            file.name,
            _("it has {length} bytes and not {size}").format(length=length, size=file.size),
        )
    return 0


def _blocks(response: http.client.HTTPResponse, host: str, silence: float) -> Iterator[bytes]:
    """What comes, as it comes: a block that is waited for whole would be lost with the line."""
    while True:
        try:
            block = response.read1(_BLOCK)
        except (http.client.HTTPException, OSError) as error:
            raise lost(error, host, silence) from error
        if not block:
            return
        yield block


def _address(file: WeightsFile) -> str:
    """The file's URL, at the mirror that ``HF_ENDPOINT`` names where it is Hugging Face's."""
    if not file.url.startswith(HUB):
        return file.url
    if any(_is_true(os.environ.get(name)) for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")):
        raise Trouble(
            _(
                "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, which forbids downloads from "
                "Hugging Face: unset it, or put {name} in place by hand."
            ).format(name=file.name)
        )
    mirror = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    if not _is_web_address(mirror):
        raise Trouble(
            _(
                "HF_ENDPOINT is {mirror!r}: it must begin with https:// or http:// and name a "
                "server."
            ).format(mirror=mirror)
        )
    return mirror + file.url.removeprefix(HUB)


def _is_web_address(text: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_true(value: str | None) -> bool:
    return (value or "").upper() in ("1", "ON", "YES", "TRUE")
