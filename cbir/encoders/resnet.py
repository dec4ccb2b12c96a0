"""ResNet18 as a feature extractor: torchvision's network without its classifier.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016. The vector is the
512-d output of global average pooling, as in Babenko et al., "Neural Codes for Image Retrieval",
ECCV 2014. Weights: torchvision's ``ResNet18_Weights.IMAGENET1K_V1``.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cbir.encoders.integrity import file_digest
from cbir.encoders.pixels import as_rgb, central_part, size_with_short_side
from cbir.encoders.torch_encoder import TorchEncoder, choose_device, fingerprint
from cbir.errors import WeightsDamaged
from cbir.language import _

_RESIZE, _CROP = 256, 224
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_PREPARATION = "imagenet1k-v1, 1"


class ResNet18Encoder(TorchEncoder):
    """512 numbers, all ≥ 0, for a picture; knows no words."""

    name = "resnet18"

    def __init__(self, network: torch.nn.Module, device: torch.device, fingerprint: str) -> None:
        super().__init__(network, device, fingerprint, _MEAN, _STD)

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

    def _reduced(self, dtype: torch.dtype) -> torch.nn.Module:
        return copy.deepcopy(self._network).to(dtype)


def load_libraries() -> None:
    """Imports torchvision's models, which takes seconds; torch came with this module."""
    import torchvision.models  # noqa: F401, PLC0415


def open_encoder(path: Path, device: str) -> ResNet18Encoder:
    """The encoder with the state dict in the ``.pth`` file ``path``, on ``device``.

    Raises WeightsDamaged where the file is not ResNet18's, CbirError without such a device.
    """
    from torchvision.models import resnet18  # noqa: PLC0415

    chosen = choose_device(device)
    with torch.device("meta"):  # no random values that would be thrown away
        model = resnet18(weights=None)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict(state, assign=True)
    except Exception as error:
        raise WeightsDamaged(
            _(
                "{path} is not torchvision's ResNet18, or is damaged: remove it and get it "
                "again with `cbir models download resnet18`."
            ).format(path=path)
        ) from error
    model.fc = torch.nn.Identity()
    model.requires_grad_(False).eval().float()
    _fold_normalisations(model)
    if chosen.type != "mps":  # the layout that CPUs and CUDA convolve quickest in
        model.to(memory_format=torch.channels_last)
    mark = fingerprint("resnet18", file_digest(path), _PREPARATION)
    return ResNet18Encoder(model.to(chosen), chosen, mark)


def _fold_normalisations(model: torch.nn.Module) -> None:
    """Multiply each batch normalisation into the convolution before it: the same, in one pass."""
    model.conv1, model.bn1 = _folded(model.conv1, model.bn1)
    for block in (block for n in range(1, 5) for block in getattr(model, f"layer{n}")):
        block.conv1, block.bn1 = _folded(block.conv1, block.bn1)
        block.conv2, block.bn2 = _folded(block.conv2, block.bn2)
        if block.downsample is not None:
            block.downsample = torch.nn.Sequential(*_folded(*block.downsample))


def _folded(convolution: Any, normalisation: Any) -> tuple[torch.nn.Module, torch.nn.Module]:
    return fuse_conv_bn_eval(convolution, normalisation), torch.nn.Identity()
