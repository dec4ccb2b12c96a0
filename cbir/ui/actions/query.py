"""What the query bar, the menus, a drop and a paste ask for: words, pictures, both, or neither."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cbir.asking import Term
from cbir.errors import CbirError, InvalidQuery
from cbir.language import _
from cbir.query_text import parse_query
from cbir.records import Record
from cbir.ui.actions.context import Context
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.past import PastSearches
from cbir.ui.actions.results import Results
from cbir.ui.clipboard import Pasted, read_clipboard
from cbir.ui.drop import Place
from cbir.ui.searches import SavedSearch
from cbir.ui.widgets import dialogs
from cbir.work.examples import MOST, Examples, clipboard_examples, example_pictures
from cbir.work.searching import SearchRequest
from cbir.work.walking import WalkOptions


class QueryActions:
    """Turns what the user looks for into searches. ``past`` are those of before."""

    def __init__(self, context: Context, results: Results, indexing: Indexing) -> None:
        self._context = context
        self._results = results
        self._indexing = indexing
        self._folder = ""
        self.past = PastSearches(context, results, self.run_saved)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is looked for now; nothing while the library is browsed."""
        request = self._results.request
        return () if request is None else request.terms

    # -- words and terms --------------------------------------------------------------------------

    def search_words(self, text: str, add: bool = False) -> None:
        """Search by the chips and what was typed; with ``add``, by the search in view and that."""
        query_bar = self._context.layout.query_bar
        typed = self._read(text)
        if typed is None:
            return
        before = self.terms if add else query_bar.chips.terms
        if add and typed == before:  # the words in view are to be a chip, to which more comes
            typed = ()
        if not before and not typed:
            self._context.say(_("Type some words first, such as “a red sports car”."))
            query_bar.words.focus_entry()
            return
        self._search((*before, *typed), as_chips=add)

    def _read(self, text: str) -> tuple[Term, ...] | None:
        """The terms that were typed; None, and the reason is said, where they cannot be read."""
        if not text.strip():
            return ()
        try:
            return tuple(map(self._located, parse_query(text)))
        except InvalidQuery as error:
            self._context.say(str(error), "warning")
            return None

    def _located(self, term: Term) -> Term:
        """A picture that is named without its folder is one in view, where there is one."""
        if term.image is None or os.path.dirname(term.image):
            return term if term.image is None else replace(term, image=_whole(term.image))
        named = (record for record in self._in_view() if _is_named(record, term.image or ""))
        record = next(named, None)
        if record is None:
            return replace(term, image=_whole(term.image))
        return replace(term, image=record.path)

    def _in_view(self) -> Iterable[Record]:
        yield from self._results.records.values()
        yield from self._results.on_map.values()

    def _search(
        self, terms: Sequence[Term], *, as_chips: bool = False, keep: Sequence[int] = ()
    ) -> None:
        self._results.search(SearchRequest(tuple(terms)), as_chips=as_chips, keep=keep)

    def set_terms(self, terms: tuple[Term, ...]) -> None:
        """Search by these terms; none of them is the whole library."""
        if terms:
            self._search(terms)
        else:
            self.clear()

    def type_words(self) -> None:
        """Put the cursor where words are typed."""
        self._context.layout.query_bar.words.focus_entry()

    def clear(self) -> None:
        """Back to the whole library."""
        self._results.browse()
        self._context.say(_("The whole library is shown."))

    # -- pictures ---------------------------------------------------------------------------------

    def open_image(self) -> None:
        """Let the user choose pictures, and search by them."""
        self._choose(_("Open images to search by"), add=False)

    def add_image(self) -> None:
        """Let the user choose pictures, and add them to the query."""
        self._choose(_("Add images to the query"), add=True)

    def _choose(self, title: str, *, add: bool) -> None:
        chosen = self._context.choosers.images(self._context.root, title, self._folder)
        if chosen:
            self._folder = os.path.dirname(chosen[0])
            self.search_images(chosen, add=add)

    def search_image(self, path: str) -> None:
        """Search by a picture file."""
        self.search_images([path])

    def search_images(self, paths: Sequence[str], *, add: bool = False) -> None:
        """Search by picture files; with ``add``, beside what is looked for already."""
        terms = tuple(Term(image=path) for path in paths)
        self._search((*self.terms, *terms) if add else terms)

    def dropped(self, paths: Sequence[str], place: Place) -> None:
        """Files or folders were dropped on the window: to search by, or to be indexed."""
        if place == "index":
            if paths and self._context.may_change():
                self._indexing.index(list(paths))
            return
        walk = WalkOptions.of(self._context.engine.settings)

        def found(examples: Examples) -> None:
            self.search_images(examples.paths, add=place == "add")
            if examples.more:
                told = _("Only the first {MOST} pictures are searched by.").format(MOST=MOST)
                dialogs.tell(self._context.root, _("Many pictures"), told)

        self._context.jobs.watch(
            self._context.engine.ask(_("Look"), lambda _: example_pictures(paths, walk)),
            found,
            failed=self._not_read,
        )

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, CbirError):
            self._context.say(str(error), "warning")
        else:
            self._context.show_error(error)

    # -- the clipboard ----------------------------------------------------------------------------

    def paste(self) -> None:
        """Search by a picture or files on the clipboard; text goes where words are typed."""
        pasted = read_clipboard(self._context.root)
        if pasted.text:
            words = self._context.layout.query_bar.words
            words.entry.focus_set()
            words.entry.insert("insert", " ".join(pasted.text.split()))
        else:
            self._search_pasted(pasted)

    def paste_picture(self) -> bool:
        """Search by what is on the clipboard, unless that is text (False)."""
        pasted = read_clipboard(self._context.root)
        if pasted.files or pasted.picture:
            self._search_pasted(pasted)
            return True
        return False

    def _search_pasted(self, pasted: Pasted) -> None:
        if pasted.files:
            self.dropped(pasted.files, "search")
            return
        folder = self._context.engine.settings.pasted_folder
        if not pasted.picture:
            self._context.say(_("There is nothing on the clipboard to search by."))
            return
        self._context.jobs.watch(
            self._context.engine.ask(_("Paste"), lambda _: clipboard_examples(folder, pasted.png)),
            self.search_images,
            failed=self._not_read,
        )

    # -- more like this, less like this -----------------------------------------------------------

    def feedback(self, ids: Sequence[int], sign: int) -> None:
        """More (1) or less (−1) like these records is wanted, as a key on them said."""
        if sign > 0:
            self.more_like(ids)
        else:
            self.less_like(ids)

    def more_like(self, ids: Sequence[int]) -> None:
        """More like these records is wanted: the search in view runs again with that."""
        self._judge(ids, 1.0)

    def less_like(self, ids: Sequence[int]) -> None:
        """Less like these records is wanted."""
        if not self.terms:
            self._context.say(_("Search for something first, then say what is less like it."))
            return
        self._judge(ids, -1.0)

    def _judge(self, ids: Sequence[int], weight: float) -> None:
        """Each is judged once: a new judgement takes the place of one before."""
        if not ids:
            self._context.say(_("Select a picture first."))
            return
        said = [Term(record=id_, weight=weight, feedback=True) for id_ in ids]
        if set(said) <= set(self.terms):
            self._context.say(_("That was said already."))
            return
        before = [term for term in self.terms if not (term.feedback and term.record in ids)]
        self._search((*before, *said), keep=ids)

    def undo_feedback(self) -> None:
        """Take the last “more” or “less like this” back."""
        judged = [at for at, term in enumerate(self.terms) if term.feedback]
        if not judged:
            self._context.say(_("Nothing in this search was marked as more or less like it."))
            return
        self.set_terms(self.terms[: judged[-1]] + self.terms[judged[-1] + 1 :])

    # -- text and history -------------------------------------------------------------------------

    def back(self) -> None:
        """Show again what was in view before."""
        self._results.back()

    def forward(self) -> None:
        """Show again what was in view before going back."""
        self._results.forward()

    def copy_text(self) -> None:
        """Copy the query in view as text."""
        text = self.past.text()
        if text:
            self._context.root.clipboard_clear()
            self._context.root.clipboard_append(text)
            self._context.say(_("The query was copied as text."))

    def edit_text(self) -> None:
        """Show the query in view as text, to be changed and searched by with Enter."""
        text = self.past.text()
        if text:
            self._context.layout.query_bar.field.edit(text)

    def run_saved(self, search: SavedSearch) -> None:
        """Search again as it was saved."""
        terms = self._read(search.query)
        if terms:
            self._results.compare_by(search.space, search.metric)
            self._results.show_as(search.filter, search.order)
            self._search(terms)


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _is_named(record: Record, name: str) -> bool:
    return record.path.endswith(name) and os.path.basename(record.path) == name
