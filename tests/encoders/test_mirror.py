from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from cbir.encoders.classic import ClassicEncoder
from cbir.encoders.mirror import mirrored_places

SAMPLES = Path(__file__).resolve().parents[2] / "sample_images"


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.jpg"))[::16], ids=lambda path: path.stem)
def test_the_vector_of_the_mirror_image_is_the_same_in_another_order(sample: Path) -> None:
    places = mirrored_places("classic")
    assert places is not None
    with Image.open(sample) as image:
        picture = image.convert("RGB").resize((128, 96))  # as small as it is looked at
    plain, mirrored = ClassicEncoder().encode_images([picture, ImageOps.mirror(picture)])
    np.testing.assert_allclose(plain[places], mirrored, atol=2e-4)
    assert abs(plain - mirrored).max() > 0.02
    np.testing.assert_array_equal(plain[places][places], plain)


def test_networks_have_no_such_order() -> None:
    assert mirrored_places("resnet18") is None
    assert mirrored_places("clip") is None
