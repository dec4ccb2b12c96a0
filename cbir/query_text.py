"""A query as text, for typing, copying and the terminal: ``beach.jpg + "at night" -"people"``.

Each part may have a sign, a weight and, where it is a picture, the part that is meant::

    "at night"                 words; \\" and \\\\ stand for a quote and a backslash in them
    -"people"                  away from words (− will do as well)
    2:"sea"  0.5:image:"a.jpg" counts twice, half as much
    image:"beach.jpg"          a picture; without quotes where its name has no blanks: beach.jpg
    image:"a.jpg"[0.1,0,0.5,1] its part from left 0.1, top 0 to right 0.5, bottom 1
    more:"b.jpg"  less:"c.jpg" feedback: more, or less, like this picture

Words without quotes are one part up to the next sign or quote, so ``a red car`` needs nothing.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator, Sequence

from cbir.asking import Box, Term
from cbir.errors import InvalidQuery
from cbir.language import _

_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_SIGN = re.compile(r"([+−-])\s*(?=\S)")
_PART = re.compile(
    rf"(?:(?P<weight>{_NUMBER}):)?(?:(?P<kind>image|more|less):)?(?P<quoted>{_QUOTED})"
    rf"(?:\[(?P<box>[^\]]*)\])?(?=\s|$)",
    re.DOTALL,
)
_BARE = re.compile(
    rf"(?:(?P<weight>{_NUMBER}):)?(?P<path>[^\s\"\[\]]+)(?:\[(?P<box>[^\]]*)\])?(?=\s|$)"
)
_WORD = re.compile(r"\S+")
_SIGNS = {"+": 1.0, "-": -1.0, "−": -1.0}


def parse_query(text: str) -> tuple[Term, ...]:
    """The parts of a query, in order; a word that ends as a picture's name does is a picture.

    Raises InvalidQuery, saying where, for a quote that does not end or a part that is none.
    """
    terms = tuple(_terms(text))
    if not terms:
        raise InvalidQuery(_("Nothing to search for: type some words, such as “a red car”."))
    return terms


def format_query(terms: Sequence[Term], path_of: Callable[[Term], str]) -> str:
    """The text that ``parse_query`` reads as ``terms``, records as their pictures."""
    return " ".join(_format(term, path_of) for term in terms)


def _terms(text: str) -> Iterator[Term]:
    """Cut the text into parts, from its left end; words gather until something else comes."""
    at, sign, words = _skip(text, 0), 0.0, list[str]()
    while at < len(text):
        signed = _SIGN.match(text, at)
        part = _PART.match(text, at) or _bare_picture(text, at)
        if (signed or part) and words:
            yield Term(text=" ".join(words), weight=sign or 1.0)
            sign, words = 0.0, []
        if signed:
            if sign:
                raise InvalidQuery(
                    _("Two signs follow each other at “{text}”.").format(text=text[at : at + 20])
                )
            sign, at = _SIGNS[signed[1]], signed.end()
        elif part:
            yield _read(part, sign or 1.0)
            sign, at = 0.0, _skip(text, part.end())
        else:
            word = _WORD.match(text, at)
            assert word is not None
            if word[0] in _SIGNS:  # the last: behind others something follows
                raise InvalidQuery(
                    _("Nothing comes after the sign “{sign}” at the end.").format(sign=word[0])
                )
            if '"' in word[0]:
                raise InvalidQuery(
                    _(
                        'The query cannot be read from “{text}” on: a quote (") must come before '
                        "and after words, with a blank beside it."
                    ).format(text=text[at : at + 20])
                )
            words.append(word[0])
            at = _skip(text, word.end())
    if words:
        yield Term(text=" ".join(words), weight=sign or 1.0)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _bare_picture(text: str, at: int) -> re.Match[str] | None:
    found = _BARE.match(text, at)
    kind = mimetypes.guess_type(found["path"])[0] if found else None
    return found if kind and kind.startswith("image/") else None


def _read(part: re.Match[str], sign: float) -> Term:
    found = part.groupdict()
    weight = sign * float(found["weight"] or 1)
    if not weight:
        raise InvalidQuery(
            _("“{part}” would count for nothing: leave it out.").format(part=part[0])
        )
    box = None if found["box"] is None else _read_box(found["box"])
    if "path" in found:
        return Term(image=found["path"], box=box, weight=weight)
    content, kind = re.sub(r"\\(.)", r"\1", found["quoted"][1:-1], flags=re.DOTALL), found["kind"]
    if kind is None:
        if box is not None:
            raise InvalidQuery(_("Words have no part to search by: “{part}”.").format(part=part[0]))
        return Term(text=content, weight=weight)
    if not content:
        raise InvalidQuery(_("Name the picture that is meant by “{part}”.").format(part=part[0]))
    if kind == "image":
        return Term(image=content, box=box, weight=weight)
    return Term(image=content, box=box, weight=-weight if kind == "less" else weight, feedback=True)


def _read_box(text: str) -> Box:
    try:
        left, top, right, bottom = (float(number) for number in text.split(","))
    except ValueError:
        left = top = right = bottom = 0.0
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidQuery(
            _(
                "“[{text}]” is no part of a picture: write [left,top,right,bottom], from 0 to 1."
            ).format(text=text)
        )
    return Box(left, top, right, bottom)


def _format(term: Term, path_of: Callable[[Term], str]) -> str:
    amount = abs(term.weight)
    weight = "" if amount == 1 else f"{amount:.0f}:" if amount == int(amount) else f"{amount!r}:"
    sign = "-" if term.weight < 0 else ""
    kind, content = "image:", term.text
    if term.text is not None:
        kind = ""
    else:
        content = path_of(term)
    if term.feedback:
        sign, kind = "", "less:" if term.weight < 0 else "more:"
    quoted = (content or "").replace("\\", "\\\\").replace('"', '\\"')
    box = term.box
    part = f"[{box.left!r},{box.top!r},{box.right!r},{box.bottom!r}]" if box else ""
    return f'{sign}{weight}{kind}"{quoted}"{part}'
