from __future__ import annotations

import numpy as np
import pytest

from cbir.bench.duplicates import measure_duplicates, planted, with_copies
from cbir.bench.synthetic import Mixture, like_classic
from cbir.encoders.mirror import mirrored_places
from cbir.library.alike import ALIKE
from cbir.library.duplicates import NEAR


def test_copies_are_planted_between_the_threshold_and_one() -> None:
    vectors = Mixture().vectors(2000)
    mixed = with_copies(vectors)
    originals, copies = planted(2000)
    assert len(copies) == len(set(originals.tolist())) == 100
    assert np.array_equal(mixed[:1900], vectors[:1900])
    cosines = np.sum(mixed[originals] * mixed[copies], axis=1) / (
        np.linalg.norm(mixed[originals], axis=1) * np.linalg.norm(mixed[copies], axis=1)
    )
    assert cosines.min() >= NEAR["clip"] - 1e-5
    assert cosines.max() <= 1 + 1e-5
    assert cosines.mean() == pytest.approx(0.985, abs=0.003)


def test_growth_is_measured() -> None:
    document = measure_duplicates(1000).document()
    assert (document["records"], document["planted"]) == (1000, 50)
    assert document["smaller"]["records"] == 100
    assert document["recall"] >= 0.98
    assert document["copies"] >= document["planted"] * document["recall"]
    assert 0.9 < document["precision"] <= 1
    assert document["work_exponent"] == pytest.approx(2, abs=0.1)  # few are all compared
    assert (document["space"], document["mirrored_recall"]) == ("clip", None)


def test_the_form_of_classic_has_mirrored_copies_and_finds_them() -> None:
    mirror = mirrored_places("classic")
    assert mirror is not None
    vectors = like_classic(2000, mirror)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.linalg.norm(units.mean(axis=0)) == pytest.approx(0.958, abs=0.005)
    assert np.median(np.sum(units * units[:, mirror], axis=1)) == pytest.approx(0.993, abs=0.001)
    mixed = with_copies(vectors, "classic")
    originals, copies = planted(2000)
    turned = mixed[copies[1::2]][:, mirror]
    cosines = np.sum(mixed[originals[1::2]] * turned, axis=1) / (
        np.linalg.norm(mixed[originals[1::2]], axis=1) * np.linalg.norm(turned, axis=1)
    )
    assert cosines.min() >= ALIKE["classic"] - 1e-5
    document = measure_duplicates(1000, "classic").document()
    assert document["space"] == "classic"
    assert document["recall"] >= 0.95 and document["mirrored_recall"] >= 0.95
