"""ResNet18 as a feature extractor: torchvision's network without its classifier.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016. The vector is the
512-d output of global average pooling, as in Babenko et al., "Neural Codes for Image Retrieval",
ECCV 2014. Weights: torchvision's ``ResNet18_Weights.IMAGENET1K_V1``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders.integrity import file_digest
from cbir.encoders.pixels import as_rgb, central_part, size_with_short_side
from cbir.encoders.torch_encoder import TorchEncoder, choose_device, fingerprint
from cbir.errors import WeightsDamaged

_RESIZE, _CROP = 256, 224
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_PREPARATION = "imagenet1k-v1, 1"


class ResNet18Encoder(TorchEncoder):
    """512 numbers, all ≥ 0, for a picture; knows no words."""

    name = "resnet18"

    def __init__(self, model: torch.nn.Module, device: torch.device, fingerprint: str) -> None:
        super().__init__(device, fingerprint, _MEAN, _STD)
        self._model = model

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """The published preprocessing up to the crop: uint8 (3, 224, 224); needs no torch.

        The shorter side becomes 256 (bilinear, antialiased, by Pillow as torchvision does it for
        PIL pictures), then the central square of 224 is taken:
        ``torchvision.models.ResNet18_Weights.IMAGENET1K_V1.transforms()``.
        """
        image = as_rgb(central_part(image))
        size = size_with_short_side(image.size, _RESIZE)
        left, top = (round((side - _CROP) / 2) for side in size)
        resized = image.resize(size, Image.Resampling.BILINEAR)
        square = resized.crop((left, top, left + _CROP, top + _CROP))
        return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))

    def _image_vectors(self, pixels: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self._model(pixels)
        return vectors


def load_libraries() -> None:
    """Imports torchvision's models, which takes seconds; torch came with this module."""
    import torchvision.models  # noqa: F401, PLC0415


def open_encoder(path: Path, device: str) -> ResNet18Encoder:
    """The encoder with the state dict in the ``.pth`` file ``path``, on ``device``.

    Raises WeightsDamaged where the file is not ResNet18's, CbirError without such a device.
    """
    from torchvision.models import resnet18  # noqa: PLC0415

    chosen = choose_device(device)
    model = resnet18(weights=None)
    try:
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        raise WeightsDamaged(
            f"{path} is not torchvision's ResNet18, or is damaged: remove it and get it again "
            "with `cbir models download resnet18`."
        ) from error
    model.fc = torch.nn.Identity()
    model.requires_grad_(False).eval().float().to(chosen)
    return ResNet18Encoder(model, chosen, fingerprint("resnet18", file_digest(path), _PREPARATION))
