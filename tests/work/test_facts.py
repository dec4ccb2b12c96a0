"""What the window knows of a library at a glance."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cbir.library import Library
from cbir.records import Embeddings, ImageFile
from cbir.work.facts import (
    LibraryFacts,
    SpaceFacts,
    filter_choices,
    library_facts,
    record_facts,
    weights_offered,
)
from tests.library.helpers import image_file


def file(name: str) -> ImageFile:
    return ImageFile(f"/pictures/{name}", 1, 1, name, 4, 3)


def test_facts_tell_of_vectors_and_of_weights(tmp_path: Path) -> None:
    vectors = np.ones((1, 512), np.float32)
    with Library.open(tmp_path / "library.npz") as library:
        (first,) = library.add([file("a")], {"classic": Embeddings(vectors, "classic-1")})
        (second,) = library.add([file("b")])
        facts = library_facts(library, tmp_path)
        assert record_facts(library, library.get(first)).spaces == {
            "classic": True,
            "resnet18": False,
            "clip": False,
        }
        assert record_facts(library, library.get(second)).spaces["classic"] is False
    assert (facts.records, facts.missing, facts.read_only) == (2, 0, False)
    assert facts.space("classic") == SpaceFacts("classic", 1, True, "")
    clip = facts.space("clip")
    assert (clip.vectors, clip.available) == (0, False)
    assert "does not hold the weights" in clip.reason


def test_the_choices_of_a_filter_follow_the_library(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.npz") as library:
        library.add([image_file(1, "/p"), image_file(2, "/q")])
        assert filter_choices(library).folders == (("/p", 1), ("/q", 1))
        library.remove([1])
        assert filter_choices(library).folders == (("/q", 1),)


def test_pictures_are_compared_in_resnet18_where_they_can_be() -> None:
    both = (SpaceFacts("classic", 9), SpaceFacts("resnet18", 9), SpaceFacts("clip"))
    assert LibraryFacts(spaces=both).default_space == "resnet18"
    without = (both[0], SpaceFacts("resnet18", 9, available=False), both[2])
    assert LibraryFacts(spaces=without).default_space == "classic"
    assert LibraryFacts().default_space == "classic"


def test_weights_on_offer() -> None:
    assert {offer.name: offer.bytes > 40_000_000 for offer in weights_offered()} == {
        "resnet18": True,
        "clip": True,
    }


def test_equal_files_know_of_each_other(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.npz") as library:
        first, second, other = library.add(
            [image_file(1, digest="same"), image_file(2, digest="same"), image_file(3)]
        )
        assert record_facts(library, library.get(first)).copies == (library.get(second),)
        assert record_facts(library, library.get(second)).copies == (library.get(first),)
        assert record_facts(library, library.get(other)).copies == ()
