"""CLIP ViT-B/32, pictures and words in one space, through transformers.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021.
The vector is the projected one (512-d), as ``CLIPModel.get_image_features`` gives it.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders.integrity import file_digest
from cbir.encoders.pixels import as_rgb, central_part, size_with_short_side
from cbir.encoders.published import CLIP_MODEL_FILE
from cbir.encoders.torch_encoder import TorchEncoder, choose_device, fingerprint
from cbir.errors import WeightsDamaged
from cbir.language import _, counted
from cbir.records import DIMENSION, Float32Array

_SIDE = 224
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
_PREPARATION = "clip torchvision bicubic uint8, 1"
_MAX_TOKENS = 77
_QUICK_GELU = 1.702
_ARCHITECTURE = ("hidden_act", "num_attention_heads", "layer_norm_eps")


class ClipEncoder(TorchEncoder):
    """512 numbers for a picture or for words; the two compare across (with a modality gap)."""

    name = "clip"
    supports_text = True

    def __init__(self, model: Any, tokenizer: Any, device: torch.device, fingerprint: str) -> None:
        pictures = _Pictures(model.vision_model, model.visual_projection)
        super().__init__(pictures, device, fingerprint, _MEAN, _STD)
        self._model = model
        self._tokenizer = tokenizer

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """The published preprocessing up to the crop: uint8 (3, 224, 224).

        transformers has two implementations, whose vectors differ by up to 3e-4 relative: Pillow's
        resizing and torchvision's on uint8 tensors. This is the second one, which
        ``CLIPProcessor.from_pretrained`` has given its users since transformers 5. It runs on the
        CPU and on any thread.
        """
        from torchvision.transforms.v2 import functional  # noqa: PLC0415

        image = as_rgb(central_part(image))
        width, height = size_with_short_side(image.size, _SIDE)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        with torch.inference_mode():
            resized = functional.resize(
                pixels, [height, width], functional.InterpolationMode.BICUBIC, antialias=True
            )
        left, top = (width - _SIDE) // 2, (height - _SIDE) // 2
        square = resized[:, top : top + _SIDE, left : left + _SIDE]
        return np.ascontiguousarray(square.numpy())

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """Vectors (n, 512) float32 for words; what is past 77 tokens is cut."""
        if not texts:
            return np.empty((0, DIMENSION), np.float32)
        # the tokenizer takes no lone surrogates, which stand for bytes that are not UTF-8
        texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        encoded = self._tokenizer(texts, truncation=True, max_length=_MAX_TOKENS)["input_ids"]
        # CLIP's text side is causal and reads its first end mark: padding behind it has no effect
        longest = max(map(len, encoded))
        end = self._tokenizer.eos_token_id
        padded = [ids + [end] * (longest - len(ids)) for ids in encoded]
        ids = torch.tensor(padded, device=self._device)
        with torch.inference_mode():
            vectors = _projected(self._model.get_text_features(input_ids=ids))
        return self._checked(vectors.to("cpu", torch.float32).numpy())

    def _reduced(self, dtype: torch.dtype) -> torch.nn.Module:
        quick: Any = copy.deepcopy(self._network)
        for layer in quick.vision.encoder.layers:
            _quicken_activation(layer.mlp)
        network: torch.nn.Module = quick.to(dtype)
        return network

    def _adopt(self, network: torch.nn.Module, dtype: torch.dtype) -> None:
        super()._adopt(network, dtype)
        self._model.vision_model = None  # 350 MB; words go through the text model alone

    def _move_to_cpu(self) -> None:
        super()._move_to_cpu()
        self._model.to(self._device)


class _Pictures(torch.nn.Module):
    """CLIP's half that looks at pictures: what ``CLIPModel.get_image_features`` computes."""

    def __init__(self, vision: Any, projection: torch.nn.Module) -> None:
        super().__init__()
        self.vision = vision
        self.projection = projection

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 512) for normalised pixels (n, 3, 224, 224)."""
        vectors: torch.Tensor = self.projection(self.vision(pixel_values=pixels).pooler_output)
        return vectors


def _quicken_activation(mlp: Any) -> None:
    """CLIP's activation x·σ(1.702 x) as SiLU, one pass in place, its factor moved into the layers.

    silu(1.702 x) / 1.702 is the same number.
    """
    if type(mlp.activation_fn).__name__ == "QuickGELUActivation":
        mlp.fc1.weight.mul_(_QUICK_GELU)
        mlp.fc1.bias.mul_(_QUICK_GELU)
        mlp.fc2.weight.div_(_QUICK_GELU)
        mlp.activation_fn = torch.nn.SiLU(inplace=True)


def load_libraries() -> None:
    """Imports transformers' CLIP and torchvision's transforms, which takes seconds."""
    # read when huggingface_hub is imported: nothing about this computer is sent anywhere
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import torchvision.transforms.v2  # noqa: F401, PLC0415
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizerFast  # noqa: F401, PLC0415


def open_encoder(folder: Path, device: str) -> ClipEncoder:
    """The encoder in a snapshot folder (``model.safetensors`` only, never a pickle), on ``device``.

    Raises WeightsDamaged where the folder does not hold a CLIP with 512-d vectors and 224-pixel
    pictures, CbirError where there is no such device. Nothing touches the network.
    """
    load_libraries()
    chosen = choose_device(device)
    try:
        with _quiet():
            model = _load_model(folder)
            tokenizer = _load_tokenizer(folder, model.config.text_config.vocab_size)
    except WeightsDamaged:
        raise
    except Exception as error:
        raise _damaged(folder, _("it cannot be loaded")) from error
    weights = file_digest(folder / CLIP_MODEL_FILE)
    mark = fingerprint("clip", weights, _architecture(model.config), _PREPARATION)
    model.requires_grad_(False).eval().float().to(chosen)
    return ClipEncoder(model, tokenizer, chosen, mark)


def _load_model(folder: Path) -> Any:
    from transformers import CLIPConfig, CLIPModel  # noqa: PLC0415

    config = CLIPConfig.from_pretrained(folder, local_files_only=True)
    sizes = (config.projection_dim, config.vision_config.image_size)
    if sizes != (DIMENSION, _SIDE):
        raise _damaged(
            folder,
            _("it has {dimension}-d vectors of {side}-pixel pictures").format(
                dimension=sizes[0], side=sizes[1]
            ),
        )
    model, info = CLIPModel.from_pretrained(
        folder,
        config=config,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
    )
    # older files carry the position numbers, which are no weights
    strange = [key for key in info["unexpected_keys"] if not key.endswith(".position_ids")]
    wrong = [*info["missing_keys"], *info["mismatched_keys"], *strange]
    if wrong:
        raise _damaged(
            folder,
            counted(
                "{count:,} of its weights is missing, strange or misshapen",
                "{count:,} of its weights are missing, strange or misshapen",
                len(wrong),
            ),
        )
    return model


def _load_tokenizer(folder: Path, vocabulary: int) -> Any:
    from transformers import CLIPTokenizerFast  # noqa: PLC0415

    tokenizer = CLIPTokenizerFast.from_pretrained(folder, local_files_only=True)
    if len(tokenizer) != vocabulary:
        raise _damaged(
            folder,
            _("{words} words in the tokenizer, {known} in the model").format(
                words=len(tokenizer), known=vocabulary
            ),
        )
    return tokenizer


def _projected(features: Any) -> torch.Tensor:
    """transformers 5 wraps the projected vectors in an output object; 4 gives the tensor."""
    vectors: torch.Tensor = getattr(features, "pooler_output", features)
    return vectors


def _architecture(config: Any) -> str:
    """What decides the vectors and is seen neither in the weights' values nor in their shapes."""
    parts = [
        [getattr(side, key) for key in _ARCHITECTURE]
        for side in (config.text_config, config.vision_config)
    ]
    return json.dumps(parts)


def _damaged(folder: Path, what: str) -> WeightsDamaged:
    return WeightsDamaged(
        _(
            "{folder} is not CLIP ViT-B/32, or is damaged ({what}): remove it and get it "
            "again with `cbir models download clip`."
        ).format(folder=folder, what=what)
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers without progress bars and reports; its settings are put back afterwards."""
    from transformers.utils import logging  # noqa: PLC0415

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
