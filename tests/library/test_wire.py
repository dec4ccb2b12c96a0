from __future__ import annotations

import json
import os
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library.snapshot import Change, NewVectors
from cbir.library.wire import decode_change, encode_change, path_of, path_text
from cbir.records import Embeddings, ImageFile, Record, SkippedFile
from tests.library.helpers import image_file, made, vectors_of


def round_trip(change: Change) -> Change:
    return decode_change(b"".join(encode_change(change)))


def test_a_whole_change_survives() -> None:
    vectors = vectors_of(2)
    change = Change(
        drop=(3, 4),
        put=(Record(7, image_file(7), ("a",), "note", True), Record(8, image_file(8))),
        stale={"clip": (7,)},
        vectors={
            "classic": NewVectors(np.array([7, 8]), Embeddings(vectors, "w", "bfloat16")),
            "clip": NewVectors(np.array([8]), made(vectors[:1])),
        },
        roots=("/one", "/tw\udcffo"),
        unskip=("/gone",),
        skip=(SkippedFile("/bad", 0, -1, "empty"),),
    )
    again = round_trip(change)
    for name in ("drop", "put", "stale", "roots", "unskip", "skip"):
        assert getattr(again, name) == getattr(change, name)
    for space, new in change.vectors.items():
        assert again.vectors[space].ids.tolist() == new.ids.tolist()
        held = again.vectors[space].embeddings
        assert (held.fingerprint, held.precision) == (
            new.embeddings.fingerprint,
            new.embeddings.precision,
        )
        np.testing.assert_array_equal(held.vectors, new.embeddings.vectors)


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=()))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(TEXT, st.lists(TEXT), TEXT, st.integers(-(2**62), 2**62))
def test_any_text_survives(path: str, tags: list[str], note: str, mtime: int) -> None:
    record = Record(1, ImageFile(path, 0, mtime, "d", 1, 1), tuple(tags), note)
    assert round_trip(Change(put=(record,))).put == (record,)


def with_head(head: object, rest: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return struct.pack("<I", len(text)) + text + rest


EMPTY = {"drop": [], "put": [], "stale": {}, "vectors": [], "roots": None, "unskip": [], "skip": []}
FILE = ["/a", 1, 1, "d", 1, 1]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        with_head([]),
        with_head({}),
        with_head(EMPTY, b"more"),
        struct.pack("<I", 200_000) + b"[" * 200_000,
        *(
            with_head({**EMPTY, **wrong})
            for wrong in (
                {"drop": ["1"]},
                {"drop": [0]},
                {"drop": [True]},
                {"drop": 5},
                {"put": [[1, *FILE, [], ""]]},
                {"put": [[2**63, *FILE, [], "", False]]},
                {"put": [[1, "/a\0", 1, 1, "d", 1, 1, [], "", False]]},
                {"put": [[1, "/a", -1, 1, "d", 1, 1, [], "", False]]},
                {"put": [[1, *FILE, [3], "", False]]},
                {"stale": []},
                {"roots": "/root"},
                {"skip": [["/a", 1, 1]]},
                {"vectors": [["clip", "w", "float32", [1]]]},
                {"vectors": [["clip", "w", "float32", [10**9] * 3]]},
                {"vectors": [["clip"]]},
            )
        ),
    ],
)
def test_anything_else_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode_change(payload)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e20])
def test_vectors_that_are_none_are_refused(number: float) -> None:
    rows = np.full(512, number, np.float32).tobytes()
    head = {**EMPTY, "vectors": [["clip", "w", "float32", [1]]]}
    with pytest.raises(ValueError, match="finite"):
        decode_change(with_head(head, rows))


def test_paths_mean_the_same_under_any_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    ascii_only = {
        "fsencode": lambda path: path.encode("ascii", "surrogateescape"),
        "fsdecode": lambda content: content.decode("ascii", "surrogateescape"),
    }
    odd = "/日本/caf\udce9.png"
    written = path_text(odd)
    assert path_of(written) == odd
    for name, function in ascii_only.items():
        monkeypatch.setattr(os, name, function)
    poor = path_of(written)
    assert poor.encode("ascii", "surrogateescape") == odd.encode("utf-8", "surrogateescape")
    assert path_text(poor) == written
