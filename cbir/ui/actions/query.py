"""What the query bar, the menus and a drop ask for: words, a picture, or the library again."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cbir.asking import Term
from cbir.ui.actions.context import Context
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.results import Results
from cbir.work.searching import SearchRequest


class QueryActions:
    """Turns what the user looks for into searches."""

    def __init__(self, context: Context, results: Results, indexing: Indexing) -> None:
        self._context = context
        self._results = results
        self._indexing = indexing
        self._folder = ""

    def search_words(self, words: str) -> None:
        """Search by words."""
        query_bar = self._context.layout.query_bar
        if not words.strip():
            self._context.say("Type some words first, such as “a red sports car”.")
            query_bar.words.focus_entry()
            return
        self._results.search(SearchRequest((Term(text=words),)))

    def type_words(self) -> None:
        """Put the cursor where words are typed."""
        self._context.layout.query_bar.words.focus_entry()

    def open_image(self) -> None:
        """Let the user choose a picture, and search by it."""
        chosen = self._context.choosers.image(
            self._context.root, "Open an image to search by", self._folder
        )
        if chosen:
            self._folder = os.path.dirname(chosen)
            self.search_image(chosen)

    def search_image(self, path: str) -> None:
        """Search by a picture file."""
        self._results.search(SearchRequest((Term(image=path),)))

    def clear(self) -> None:
        """Back to the whole library."""
        self._context.say("The whole library is shown.")
        self._results.browse()

    def dropped(self, paths: Sequence[str]) -> None:
        """Files or folders were dropped on the window: folders are indexed, a picture searches."""
        folders = [path for path in paths if os.path.isdir(path)]
        if folders:
            self._indexing.index(folders)
        elif paths:
            self.search_image(paths[0])
