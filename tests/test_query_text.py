from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.asking import Box, Term
from cbir.errors import InvalidQuery
from cbir.query_text import format_query, parse_query


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a red car", [Term(text="a red car")]),
        ("  a  red\ncar ", [Term(text="a red car")]),
        ('"at night"', [Term(text="at night")]),
        ('-"people"', [Term(text="people", weight=-1)]),
        ('− "people"', [Term(text="people", weight=-1)]),
        ('2:"sea"', [Term(text="sea", weight=2)]),
        ('-0.5:"sea"', [Term(text="sea", weight=-0.5)]),
        ("beach.jpg", [Term(image="beach.jpg")]),
        ("0.5:beach.jpg", [Term(image="beach.jpg", weight=0.5)]),
        (
            '+ beach.jpg + "at night" − "people"',
            [Term(image="beach.jpg"), Term(text="at night"), Term(text="people", weight=-1)],
        ),
        (
            "a red car - people + sea",
            [Term(text="a red car"), Term(text="people", weight=-1), Term(text="sea")],
        ),
        ("black-and-white c++ 16:9", [Term(text="black-and-white c++ 16:9")]),
        ('image:"my beach.jpg"', [Term(image="my beach.jpg")]),
        ('image:"a.jpg"[0.1,0,0.5,1]', [Term(image="a.jpg", box=Box(0.1, 0, 0.5, 1))]),
        ("a.jpg[0.1,0,0.5,1]", [Term(image="a.jpg", box=Box(0.1, 0, 0.5, 1))]),
        (
            'more:"b.jpg" less:"c.jpg"',
            [
                Term(image="b.jpg", feedback=True),
                Term(image="c.jpg", weight=-1, feedback=True),
            ],
        ),
        (r'"say \"hi\" \\o/"', [Term(text=r'say "hi" \o/')]),
    ],
)
def test_how_a_query_is_read(text: str, terms: list[Term]) -> None:
    assert list(parse_query(text)) == terms


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "Nothing to search for"),
        ("   ", "Nothing to search for"),
        ('"sea', 'from “"sea” on'),
        ('sea" ', 'from “sea" ” on'),
        ('"sea"side', 'from “"sea"side” on'),
        ('+ - "sea"', "Two signs"),
        ('"red" + ', "Nothing comes after the sign “+”"),
        ("sea −", "Nothing comes after the sign “−”"),
        ("-", "Nothing comes after the sign “-”"),
        ('image:"a.jpg"[1,2]', "“[1,2]” is no part"),
        ('image:"a.jpg"[0.5,0,0.1,1]', "is no part"),
        ('image:""', "Name the picture"),
        ('"sky" + 0:"sea"', '“0:"sea"” would count for nothing'),
        ('"sea"[0,0,1,1]', "Words have no part"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, where: str) -> None:
    with pytest.raises(InvalidQuery) as told:
        parse_query(text)
    assert where in str(told.value)


weights = st.floats(0.001, 1000).map(lambda weight: round(weight, 4))
shares = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)
boxes = st.builds(lambda x, y: Box(x[0], y[0], x[1], y[1]), shares, shares)
signed = st.builds(lambda weight, sign: weight * sign, weights, st.sampled_from([1.0, -1.0]))
words = st.text(st.characters(exclude_categories=()), min_size=1)
terms = st.one_of(
    st.builds(Term, text=words, weight=signed),
    st.builds(Term, image=words, weight=signed, box=st.none() | boxes, feedback=st.booleans()),
)


@given(st.lists(terms, min_size=1, max_size=6))
def test_what_is_written_is_read_as_it_was(query: list[Term]) -> None:
    text = format_query(query, lambda term: term.image or "")
    assert list(parse_query(text)) == query


@given(st.text())
def test_any_text_is_a_query_or_told_to_be_none(text: str) -> None:
    try:
        assert parse_query(text)
    except InvalidQuery as error:
        assert str(error).endswith((".", "’", "”."))


def test_a_record_is_written_as_its_picture() -> None:
    assert (
        format_query([Term(record=7, weight=-2)], lambda term: "/a b.jpg") == '-2:image:"/a b.jpg"'
    )
