"""Searches of before: the query as text, recent queries in the box, and saved searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cbir.asking import Term
from cbir.errors import InvalidQuery
from cbir.language import _
from cbir.query_text import format_query, parse_query
from cbir.ui.actions.context import Context
from cbir.ui.actions.outcome import title_of_terms
from cbir.ui.actions.results import Results
from cbir.ui.actions.saved import NameSheet, SavedEvents, SavedSheet, renamed
from cbir.ui.query.field import plain_words
from cbir.ui.searches import SavedSearch, Searches, change_searches, load_searches
from cbir.work.searching import SearchRequest


class PastSearches:
    """Keeps queries as text, in a small file. ``run`` searches again by a saved one."""

    def __init__(
        self, context: Context, results: Results, run: Callable[[SavedSearch], None]
    ) -> None:
        self._context = context
        self._results = results
        self._run = run
        self._file = context.engine.settings.searches_file
        self.searches = load_searches(self._file)

    def text(self) -> str:
        """The query in view as text; where there is none, or it cannot be written, that is said."""
        request = self._results.request
        text = "" if request is None else self._text_of(request.terms)
        if not text:
            none = _("There is no query: the whole library is shown.")
            self._context.say(_("This query cannot be written as text.") if request else none)
        return text

    def _text_of(self, terms: Sequence[Term]) -> str:
        paths = {term: self._results.path_of(term) for term in terms if term.text is None}
        text = format_query(terms, lambda term: paths[term])
        # a name that is not UTF-8 cannot be shown or typed, nor a record that is not known
        return text if all(paths.values()) and text.isprintable() else ""

    def asked(self, request: SearchRequest) -> None:
        """Something is searched for: it heads the recent queries, as text."""
        words = request.terms[0].text if len(request.terms) == 1 else None
        text = self._text_of(request.terms)
        if words is not None and self._means(words, request.terms):
            text = " ".join(words.split())  # as it was typed, without quotes
        if text:
            self.searches = self.searches.with_recent(text)
            self.show_recent()

    @staticmethod
    def _means(words: str, terms: tuple[Term, ...]) -> bool:
        try:
            return parse_query(words) == terms
        except InvalidQuery:
            return False

    def show_recent(self) -> None:
        """List the recent queries in the box."""
        recent = self.searches.recent
        self._context.layout.query_bar.words.show_recent(recent, list(map(_title, recent)))

    def save(self) -> None:
        """Write the recent queries, as the window closes."""
        recent = self.searches.recent
        change_searches(self._file, lambda kept: replace(kept, recent=recent))

    def clear(self) -> None:
        """Forget the recent queries and what was in view before; saved searches stay."""
        self.searches = change_searches(self._file, lambda kept: replace(kept, recent=()))
        self._results.history.clear()
        self.show_recent()
        self._context.say(_("The history of searches was cleared."))

    def save_search(self) -> None:
        """Ask for a name, and keep the search in view by it."""
        text = self.text()
        request = self._results.request
        if not text or request is None:
            return
        space = "" if request.modality == "text" else request.space or ""

        def named(name: str) -> None:
            search = SavedSearch(
                name, text, space, request.metric, request.filter, self._results.order
            )
            self._keep(self.searches.with_saved(search))
            self._context.say(_("The search was saved as “{name}”.").format(name=name))

        NameSheet(self._context, _("Save this search"), text.strip('"'), named)

    def show_saved(self) -> None:
        """List the saved searches."""
        events = SavedEvents(
            searches=lambda: self.searches,
            run=self._run,
            rename=lambda search, name: self._keep(renamed(self.searches, search, name)),
            remove=lambda search: self._keep(self.searches.without(search.name)),
        )
        SavedSheet(self._context, events)

    def _keep(self, searches: Searches) -> None:
        self.searches = change_searches(
            self._file, lambda kept: replace(kept, saved=searches.saved)
        )


def _title(query: str) -> str:
    """A query as the heading of its results tells it, without the folders of pictures."""
    try:
        terms = parse_query(query)
    except InvalidQuery:  # kept by another version of the program
        return query
    if plain_words(terms) is not None:
        return query
    return title_of_terms(terms, [term.image for term in terms])
