"""Going back and forward between views."""

from __future__ import annotations

import pytest

from cbir.asking import Order, Term
from cbir.ui.actions.history import History, View
from cbir.work.searching import SearchRequest


def view(words: str, k: int = 20) -> View:
    return View(SearchRequest((Term(text=words),), k=k), "", "cosine")


LIBRARY = View(None, "", "cosine")


@pytest.fixture
def history() -> History:
    made = History(LIBRARY, lambda: None)
    for words in ("a", "b"):
        made.visit(view(words))
    return made


def test_back_and_forward(history: History) -> None:
    assert (history.can_go_back, history.can_go_forward) == (True, False)
    assert history.go(1) is None
    assert history.go(-1) == view("a")
    assert history.go(-1) == LIBRARY
    assert history.go(-1) is None
    assert (history.can_go_back, history.can_go_forward) == (False, True)
    assert history.go(1) == view("a")


def test_another_visit_forgets_what_lay_ahead(history: History) -> None:
    history.go(-1)
    history.visit(view("c"))
    assert not history.can_go_forward
    assert history.go(-1) == view("a")


def test_the_same_again_is_no_visit_and_neither_are_more_results(history: History) -> None:
    history.visit(view("b"))
    history.visit(view("b", k=100))
    assert history.go(-1) == view("a")
    assert history.go(1) == view("b", k=100)


def test_what_was_selected_comes_back(history: History) -> None:
    history.leave(Order("name"), (3, 4), 250)
    history.visit(view("c"))
    found = history.go(-1)
    assert found is not None
    assert (found.order, found.selection, found.offset) == (Order("name"), (3, 4), 250)


def test_a_search_given_up_is_left(history: History) -> None:
    history.return_to(view("a"))
    assert history.can_go_forward
    assert history.go(-1) == LIBRARY


def test_clearing_leaves_what_is_in_view(history: History) -> None:
    history.go(-1)
    history.clear()
    assert (history.can_go_back, history.can_go_forward) == (False, False)
    history.visit(view("c"))
    assert history.go(-1) == view("a")


def test_it_is_bounded() -> None:
    history = History(LIBRARY, lambda: None)
    for number in range(500):
        history.visit(view(str(number)))
    steps = 0
    while history.go(-1):
        steps += 1
    assert steps == 199
