"""What goes wrong between here and a server, each with a sentence and whether to try again."""

from __future__ import annotations

import socket
import ssl
import urllib.error

from cbir.language import _

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED = _("a proxy or the mirror in HF_ENDPOINT may want a password or forbid it")
_ADVICE = {
    401: _REFUSED,
    403: _REFUSED,
    404: _("check HF_ENDPOINT if you have set it, as its mirror may not hold this file"),
    407: _("name the proxy with its user and password in HTTPS_PROXY"),
    429: _("too many have asked it; try again in some minutes"),
}
_CHECK = _("check the network connection and the proxy settings, or HF_ENDPOINT if you have set it")


class Trouble(Exception):
    """A request that brought no file; ``str`` is a sentence for the user.

    ``passing``: trying again soon may help, after ``wait`` seconds where the server asked for that.
    ``spoilt``: what was received cannot be gone on from.
    """

    def __init__(
        self, sentence: str, *, passing: bool = False, wait: float = 0.0, spoilt: bool = False
    ) -> None:
        super().__init__(sentence)
        self.passing = passing
        self.wait = wait
        self.spoilt = spoilt


class RangeRefused(Exception):
    """The server cannot go on in the middle of the file: ask it for the whole."""


def answered(error: urllib.error.HTTPError) -> Trouble:
    """The server answered, with a status that means no."""
    later = _("try again later") if error.code in _PASSING else _CHECK
    asked = str(error.headers.get("Retry-After", "")) if error.headers else ""
    return Trouble(
        _("The server answered {code} ({reason}) for {url}: {advice}.").format(
            code=error.code,
            reason=error.reason,
            url=error.url,
            advice=_ADVICE.get(error.code, later),
        ),
        passing=error.code in _PASSING,
        wait=float(asked) if asked.isdecimal() else 0.0,
    )


def unreachable(reason: object, host: str) -> Trouble:
    """No connection came about; ``reason`` is what urllib gives for it."""
    if isinstance(reason, socket.gaierror):
        return Trouble(
            _(
                "The server {host} cannot be found, as without an internet connection: {advice}."
            ).format(host=host, advice=_CHECK)
        )
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Trouble(
            _(
                "The server {host} cannot prove who it is ({reason}): a proxy may stand "
                "between, or this computer's clock be wrong. SSL_CERT_FILE can name the "
                "certificates to trust."
            ).format(host=host, reason=reason.verify_message)
        )
    # a proxy that refuses has no errno, and will refuse again
    passing = isinstance(reason, OSError) and (
        reason.errno is not None or isinstance(reason, TimeoutError)
    )
    return Trouble(
        _("The server {host} cannot be reached ({reason}): {advice}.").format(
            host=host, reason=reason, advice=_CHECK
        ),
        passing=passing,
    )


def lost(error: Exception, host: str, silence: float) -> Trouble:
    """A connection that was there has gone, or brought nothing for ``silence`` seconds."""
    if isinstance(error, TimeoutError):
        sentence = _(
            "The server {host} fell silent (nothing came for {seconds:g} s): check the network "
            "connection and try again."
        ).format(host=host, seconds=silence)
    else:
        sentence = _(
            "The connection to {host} was lost ({error}): check the network connection and try "
            "again."
        ).format(host=host, error=error or type(error).__name__)
    return Trouble(sentence, passing=True)


def not_the_file(name: str, why: str, *, spoilt: bool = False) -> Trouble:
    """The server sent something else; ``spoilt`` where some of it is in the part already."""
    return Trouble(
        _(
            "What the server sent for {name} is not the published file ({why}): it was thrown "
            "away. A proxy, a mirror or a log-in page of the network may have changed it or "
            "answered instead: try again without it."
        ).format(name=name, why=why),
        spoilt=spoilt,
    )
