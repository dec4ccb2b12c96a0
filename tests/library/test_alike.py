"""Which pictures are nearly the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library import Library, alike
from cbir.library.alike import first_alike
from cbir.records import DIMENSION, Float32Array
from tests.library.helpers import image_file, made, vectors_of


def at_angles(*degrees: float) -> Float32Array:
    """Vectors in one plane, at these angles."""
    vectors = np.zeros((len(degrees), DIMENSION), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vectors


def test_what_is_near_or_linked_belongs_together() -> None:
    vectors = at_angles(0, 90, 5, 10, 180, 92)
    near = float(np.cos(np.radians(6)))
    assert first_alike(vectors, ["", ""] * 3, near).tolist() == [0, 1, 0, 0, 4, 1]


def test_the_same_content_is_alike_whatever_the_vectors() -> None:
    vectors = np.zeros((4, DIMENSION), np.float32)
    assert first_alike(vectors, ["a", "b", "a", ""], 0.9).tolist() == [0, 1, 0, 3]
    assert first_alike(vectors, ["", "", "", ""], 0.9).tolist() == [0, 1, 2, 3]
    assert first_alike(vectors[:0], [], 0.9).tolist() == []


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 359), st.sampled_from("abcd") | st.just("")), max_size=25),
    st.integers(1, 60),
)
def test_groups_are_the_connected_components(pictures: list[tuple[int, str]], reach: int) -> None:
    """As following the links one by one finds them; each is told by its first."""
    angles = [2 * (angle // 2) for angle, _ in pictures]  # even: none lies on the odd threshold
    contents = [content for _, content in pictures]
    reach = 2 * reach + 1

    def linked(one: int, other: int) -> bool:
        apart = abs(angles[one] - angles[other])
        same = bool(contents[one]) and contents[one] == contents[other]
        return same or min(apart, 360 - apart) < reach

    expected = []
    for place in range(len(pictures)):
        group, waiting = {place}, [place]
        while waiting:
            here = waiting.pop()
            newer = {other for other in range(len(pictures)) if linked(here, other)} - group
            group |= newer
            waiting += newer
        expected.append(min(group))
    threshold = float(np.cos(np.radians(reach)))
    assert first_alike(at_angles(*angles), contents, threshold).tolist() == expected


def test_beyond_so_many_only_content_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MOST_COMPARED", 2)
    vectors = at_angles(0, 1, 2, 3)
    assert first_alike(vectors, ["", "b", "", "b"], 0.9).tolist() == [0, 0, 2, 0]


def test_a_library_tells_it_of_records(tmp_path: Path) -> None:
    one = vectors_of(1)
    vectors = np.concatenate([one, vectors_of(1, 2), one * 1.001, one])
    with Library.open(tmp_path / "lib.npz") as library:
        library.add([image_file(n) for n in range(4)], {"clip": made(vectors)})
        library.add([image_file(8, digest=image_file(1).digest)])
        assert library.first_alike([4, 2, 3, 1, 5], "clip") == [4, 2, 4, 4, 2]
        assert library.first_alike([5, 2], "resnet18") == [5, 5]  # no vectors there
        library.remove([1])
        assert library.first_alike([1, 3, 4], "clip") == [1, 3, 3]
        assert library.first_alike([], "clip") == []
