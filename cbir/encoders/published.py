"""The published weights that the encoders are made for: pinned addresses, sizes and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cbir.language import _

CLIP_REPOSITORY = "openai/clip-vit-base-patch32"
# the main branch has no safetensors file
CLIP_REVISION = "b33cedfd0df4e43b8238760678fcc89e1a0d38b3"
CLIP_MODEL_FILE = "model.safetensors"
RESNET18_FILE = "resnet18-f37072fd.pth"
HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One published file: ``size`` in bytes, ``sha256`` in hexadecimal."""

    name: str
    url: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One encoder's weights, for showing and for downloading."""

    name: str
    title: str
    purpose: str
    license: str
    files: tuple[WeightsFile, ...]

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(file.size for file in self.files)


def _clip_file(name: str, size: int, sha256: str) -> WeightsFile:
    return WeightsFile(
        name, f"{HUB}/{CLIP_REPOSITORY}/resolve/{CLIP_REVISION}/{name}", size, sha256
    )


_RESNET18 = Weights(
    name="resnet18",
    title="ResNet18 (torchvision, ImageNet-1k)",
    purpose=_("finds pictures that show similar things"),
    license="BSD 3-Clause",
    files=(
        WeightsFile(
            RESNET18_FILE,
            f"https://download.pytorch.org/models/{RESNET18_FILE}",
            46_830_571,
            "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
        ),
    ),
)
_CLIP_FILES = (
    ("config.json", 4_186, "b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770"),
    (
        "preprocessor_config.json",
        316,
        "910e70b3956ac9879ebc90b22fb3bc8a75b6a0677814500101a4c072bd7857bd",
    ),
    (
        "tokenizer_config.json",
        592,
        "34b7336e4bee12e0a9730eaf5189f582ef3c3eea5027f65730e5717256755aad",
    ),
    (
        "special_tokens_map.json",
        389,
        "f8c0d6c39aee3f8431078ef6646567b0aba7f2246e9c54b8b99d55c22b707cbf",
    ),
    ("vocab.json", 862_328, "5047b556ce86ccaf6aa22b3ffccfc52d391ea4accdab9c2f2407da5b742d4363"),
    ("merges.txt", 524_657, "f526393189112391ce6f9795d4695f704121ce452c3aad1f5335cc41337eba85"),
    (
        "tokenizer.json",
        2_224_041,
        "b556ac8c99757ffb677208af34bc8c6721572114111a6e0aaf5fa69ff0b8d842",
    ),
    # the model comes last: an interrupted download never looks complete
    (
        CLIP_MODEL_FILE,
        605_157_884,
        "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d",
    ),
)
_CLIP = Weights(
    name="clip",
    title="CLIP ViT-B/32 (OpenAI)",
    purpose=_("finds pictures by words, and pictures of similar meaning"),
    license="MIT",
    files=tuple(_clip_file(*file) for file in _CLIP_FILES),
)

WEIGHTS: Mapping[str, Weights] = MappingProxyType({"resnet18": _RESNET18, "clip": _CLIP})
