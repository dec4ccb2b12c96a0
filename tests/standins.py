"""Stand-in weights for tests: the real classes and file layout, seeded random values.

What the vectors mean is nothing; how files are found, read, checked and run is real. Heavy imports
happen inside the functions, so that importing this module costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

RESNET18_FILE = "resnet18-f37072fd.pth"
CLIP_FOLDER = "clip-vit-base-patch32"

_START, _END = "<|startoftext|>", "<|endoftext|>"
_WORDS = ("a", "red", "blue", "sports", "car", "sea", "flower")
_PREPROCESSOR = {
    "crop_size": 224,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": 224,
}
_SPECIAL_TOKENS = {"bos_token": _START, "eos_token": _END, "pad_token": _END, "unk_token": _END}
_TOKENIZER_CONFIG = {
    **_SPECIAL_TOKENS,
    "add_prefix_space": False,
    "errors": "replace",
    "do_lower_case": True,
    "model_max_length": 77,
    "tokenizer_class": "CLIPTokenizer",
}


def make_models(folder: Path) -> Path:
    """Both stand-ins in ``folder``, as ``--models`` wants them; returns the folder."""
    make_resnet18(folder)
    make_clip(folder)
    return folder


def make_resnet18(folder: Path, seed: int = 0) -> Path:
    """Writes torchvision's ResNet18 (45 MB, 0.5 s); returns the ``.pth`` file."""
    import torch
    from torchvision.models import resnet18

    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        state = resnet18(weights=None).state_dict()
    path = folder / RESNET18_FILE
    torch.save(state, path)
    return path


def make_clip(
    folder: Path,
    seed: int = 0,
    projection: int = 512,
    width: int = 32,
    words: Sequence[str] = _WORDS,
) -> Path:
    """Writes a CLIP of two narrow layers (350 kB) with a tokenizer; returns the snapshot folder."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    clip = folder / CLIP_FOLDER
    clip.mkdir(parents=True, exist_ok=True)
    vocabulary = make_tokenizer(clip, words)
    sizes = {"hidden_size": width, "intermediate_size": 2 * width, "num_hidden_layers": 2}
    common = {**sizes, "num_attention_heads": 2, "projection_dim": projection}
    tokens = {"bos_token_id": vocabulary - 2, "eos_token_id": vocabulary - 1}
    config = CLIPConfig(
        text_config={**common, **tokens, "pad_token_id": 1, "vocab_size": vocabulary},
        vision_config={**common, "image_size": 224, "patch_size": 32},
        projection_dim=projection,
        initializer_factor=5.0,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        CLIPModel(config).save_pretrained(clip, safe_serialization=True)
    (clip / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=2))
    return clip


def make_tokenizer(clip: Path, words: Sequence[str] = _WORDS) -> int:
    """Writes CLIP's five tokenizer files with a vocabulary of bytes and a few words; its size."""
    merges = [merge for word in words for merge in _merges_of(word)]
    merges = list(dict.fromkeys(merges))
    letters = _byte_letters()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["".join(merge) for merge in merges] + [_START, _END]
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (clip / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (clip / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (clip / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG, indent=2))
    (clip / "special_tokens_map.json").write_text(json.dumps(_SPECIAL_TOKENS, indent=2))
    from transformers import CLIPTokenizerFast

    tokenizer = CLIPTokenizerFast.from_pretrained(clip, local_files_only=True)
    tokenizer.backend_tokenizer.save(str(clip / "tokenizer.json"))
    return len(tokens)


def _byte_letters() -> list[str]:
    """One printable letter a byte, as GPT-2's byte-level vocabulary has them."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in kept]
    return [chr(byte) for byte in kept] + [chr(256 + n) for n in range(len(others))]


def _merges_of(word: str) -> list[tuple[str, str]]:
    """The pairs that join a word's letters from its left end, the last of them to its end mark."""
    parts = [*word[:-1], word[-1] + "</w>"]
    pairs = []
    joined = parts[0]
    for part in parts[1:]:
        pairs.append((joined, part))
        joined += part
    return pairs
