"""``search``: by a picture or by words."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from cbir.asking import Term
from cbir.cli.filters import add_filter_options, filter_of, folder_notes
from cbir.cli.options import Context, add_command, add_recall_option, path, positive
from cbir.cli.output import Answer, printable, table
from cbir.cli.session import session
from cbir.describe import describe, describe_lacking, format_score
from cbir.errors import InvalidQuery
from cbir.library import Library
from cbir.query_text import format_query, parse_query
from cbir.records import METRICS, SPACE_TITLES, SPACES, JsonObject
from cbir.work.searching import SearchOutcome, SearchRequest

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_EPILOG = (
    "Words are looked for in the clip space and compared with every vector; a picture goes through "
    "the LSH index, in resnet18 where there are vectors and weights of it, else in classic."
)


def add_commands(commands: Commands) -> None:
    """Declare ``search``."""
    parser = add_command(commands, "search", run, "find pictures, best first", epilog=_EPILOG)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument(
        "--image",
        metavar="FILE",
        type=path,
        action="append",
        help="find what looks like this; several: like all of them",
    )
    wanted.add_argument("--text", metavar="WORDS", help="find what these words say")
    wanted.add_argument(
        "--query",
        metavar="PARTS",
        help='words and pictures mixed, such as: beach.jpg + "at night" -"people" 0.5:"sea"',
    )
    parser.add_argument(
        "--space",
        metavar="NAME",
        type=str.lower,
        choices=SPACES,
        help="compare in this space (otherwise that of the settings file, or by the rules)",
    )
    parser.add_argument(
        "--metric",
        choices=METRICS,
        help="how to compare (otherwise as the settings file says, or by cosine)",
    )
    parser.add_argument(
        "--method", choices=("auto", "lsh", "exact"), default="auto", help="otherwise auto"
    )
    parser.add_argument(
        "-k",
        metavar="N",
        type=positive,
        help="how many hits (otherwise as many as the settings file says, or 20)",
    )
    add_recall_option(parser)
    add_filter_options(parser)


def run(context: Context) -> Answer:
    """Search once. Ends with wrong usage where words are wanted of what holds none."""
    args = context.args
    terms = _terms(args)
    words = any(term.text is not None for term in terms)
    if words and args.method == "lsh":
        args.usage_error("words are always compared exactly: leave --method lsh out")
    if words and args.space not in (None, "clip"):
        args.usage_error(f"the {args.space} space holds no words: search with --space clip")
    request = SearchRequest(
        terms,
        space=args.space,
        metric=args.metric or context.settings.metric,
        method=args.method,
        k=args.k or context.settings.k,
        filter=filter_of(args),
    )
    with session(context.settings) as opened:
        library = opened.open(needed=True)
        notes: tuple[str, ...] = ()
        if request.space is None and not words and context.settings.space:
            request, notes = _preferred(
                request, library, context.settings.space, opened.engine.models.available()
            )
        outcome: SearchOutcome = opened.wait(opened.engine.search(request), more=True)
        found = answer(outcome)
        wrong = () if outcome.result.hits else folder_notes(opened, request.filter)
        return replace(found, text="" if wrong else found.text, notes=(*notes, *wrong))


def _preferred(
    request: SearchRequest, library: Library, space: str, usable: Collection[str]
) -> tuple[SearchRequest, tuple[str, ...]]:
    """The request in the space of the settings file, or a note why that cannot be."""
    if space in library.spaces() and space in usable:
        return replace(request, space=space), ()
    if space in library.spaces():
        return request, (f"The weights of {space}, the space in the settings file, are not here.",)
    note = (
        f"The library holds no vectors of {space}, the space in the settings file: "
        "index with it first."
    )
    return request, (note,)


def _terms(args: argparse.Namespace) -> tuple[Term, ...]:
    """What is looked for; ends with wrong usage where that cannot be read."""
    if args.text is not None:
        if not args.text.strip():
            args.usage_error("--text holds no words: name some, such as 'a red car'")
        return (Term(text=args.text),)
    if args.image is not None:
        return tuple(Term(image=image) for image in args.image)
    try:
        return parse_query(args.query)
    except InvalidQuery as error:
        args.usage_error(str(error))
        raise


def answer(outcome: SearchOutcome) -> Answer:
    """A search's outcome as a document and as a table."""
    return Answer(_document(outcome), _text(outcome))


def _document(outcome: SearchOutcome) -> JsonObject:
    result = outcome.result
    document: JsonObject = {
        "query": _query(outcome),
        "space": result.space,
        "metric": result.metric,
        "method": result.method,
        "reason": result.reason,
        "total": result.total,
        "candidates": result.candidates,
        "seconds": result.seconds,
        "index_seconds": result.index_seconds,
        "lacking": outcome.lacking,
        "nothing": outcome.nothing,
        "hits": _hits(outcome),
    }
    for name in ("scanned", "recall", "exact_seconds"):
        value = getattr(result, name)
        if value is not None:
            document[name] = value
    return document


def _hits(outcome: SearchOutcome) -> list[JsonObject]:
    hits = [{"id": hit.id, "path": hit.path, "score": hit.score} for hit in outcome.result.hits]
    for hit, first in zip(hits, outcome.alike, strict=True):
        hit["alike"] = first
    for hit, percentile in zip(hits, outcome.percentiles, strict=False):  # may be none at all
        hit["percentile"] = percentile
    return hits


def _query(outcome: SearchOutcome) -> JsonObject:
    """What was looked for: a picture's path, words, or several terms and how they are written."""
    terms = outcome.request.terms
    if outcome.request.text is not None:
        return {"text": outcome.request.text}
    if outcome.path is not None and terms[0].box is None:
        return {"image": outcome.path}
    paths = dict(zip(terms, outcome.paths, strict=True))
    return {
        "query": format_query(terms, lambda term: paths[term] or ""),
        "terms": [_term(term, paths[term]) for term in terms],
    }


def _term(term: Term, image: str | None) -> JsonObject:
    kind = {"text": term.text} if image is None else {"image": image}
    box = term.box
    part = {"box": [box.left, box.top, box.right, box.bottom]} if box else {}
    return {**kind, **part, "weight": term.weight, "feedback": term.feedback}


def _text(outcome: SearchOutcome) -> str:
    result = outcome.result
    missing = {record.id for record in outcome.records if record.missing}
    rows = [
        (
            str(rank),
            format_score(result.metric, hit.score),
            printable(hit.path) + (" (missing)" if hit.id in missing else ""),
        )
        for rank, hit in enumerate(result.hits, start=1)
    ]
    found = table(("rank", "score", "path"), rows, "rrl") if rows else "Nothing was found.\n"
    if outcome.nothing:
        found += f"{outcome.nothing}\n"
    told = [SPACE_TITLES[result.space], result.metric, describe(result)]
    if outcome.lacking:
        told.append(describe_lacking(outcome.lacking, result.space))
    return f"{found}{' · '.join(told)}\n"
