"""Stand-in weights for the README's pictures: small, made in seconds, fitted to sample_images/.

``python docs/standin_weights.py DEST`` writes a ResNet18 of random values and a narrow CLIP in the
published files' layout. Both of the CLIP's networks keep random layers; only its two projections
are computed (ridge regression), so that a sample picture and the words of its file's name come to
lie near each other, on either side of a modality gap. So the pictures show what the program does
with words, though it was never told more than those names; the published weights know far more.
"""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torchvision.models import ResNet18_Weights, resnet18
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import standins

SAMPLES = Path(__file__).resolve().parent.parent / "sample_images"
SYNONYMS = {
    "face": "people person portrait",
    "woman": "people",
    "man": "people",
    "girl": "people child",
    "skyline": "city buildings",
    "sailing": "boat sea water",
    "sea": "water ocean",
    "beach": "sea",
    "lake": "water",
    "river": "water",
    "texture": "pattern surface",
    "planet": "space",
    "forest": "trees",
    "taxi": "car",
    "flowers": "flower garden",
    "balloons": "balloon",
    "sunset": "evening sky",
    "moonlight": "night moon",
}
FILLERS = [
    "a",
    "an",
    "the",
    "of",
    "in",
    "on",
    "at",
    "with",
    "and",
    "photo",
    "picture",
    "by",
    "my",
    "some",
    "very",
    "one",
    "two",
]
WIDTH = 512
CAPTIONS = 6000
GAP = 1.6  # of the two sides' offsets, beside words of length 1: about 75 degrees apart
RIDGE = 1e-3

Floats = NDArray[np.float32]


def words_of(sample: Path) -> list[str]:
    """What a sample shows: the words of its name, and what they imply."""
    named = [word for word in sample.stem.split("_") if not word.isdigit()]
    return list(dict.fromkeys([*named, *chain(*(SYNONYMS.get(w, "").split() for w in named))]))


def fit(features: Floats, targets: Floats) -> Floats:
    """The matrix W for which ``features @ W.T`` comes nearest to ``targets`` (ridge regression)."""
    scale = RIDGE * float(np.mean(features**2)) * len(features)
    if len(features) < features.shape[1]:
        gram = features @ features.T + scale * np.eye(len(features), dtype=np.float32)
        return np.asarray(targets.T @ np.linalg.solve(gram, features), np.float32)
    gram = features.T @ features + scale * np.eye(features.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(gram, features.T @ targets).T, np.float32)


def fit_projections(clip: Path) -> None:
    """Compute both projections of the CLIP in ``clip`` from the sample pictures and their words."""
    random = np.random.default_rng(0)
    samples = sorted(SAMPLES.glob("*.jpg"))
    named = [words_of(sample) for sample in samples]
    vocabulary = sorted(set(chain(*named)))
    meaning = {word: random.normal(size=WIDTH) / np.sqrt(WIDTH) for word in vocabulary}
    sides = random.normal(size=(2, WIDTH)) / np.sqrt(WIDTH) * GAP

    def mean_of(words: list[str]) -> Floats:
        known = [meaning[word] for word in words if word in meaning] or [np.zeros(WIDTH)]
        return np.asarray(np.sum(known, axis=0) / np.sqrt(len(known)), np.float32)

    model = CLIPModel.from_pretrained(clip, local_files_only=True).eval()
    seen = picture_features(model, clip, samples)
    pictures = fit(seen, np.array([mean_of(words) for words in named]) + sides[0])
    captions = make_captions(vocabulary, random)
    read = text_features(model, clip, [" ".join(words) for words in captions])
    texts = fit(read, np.array([mean_of(words) for words in captions]) + sides[1])
    weights = load_file(clip / "model.safetensors")
    weights["visual_projection.weight"] = torch.from_numpy(pictures.copy())
    weights["text_projection.weight"] = torch.from_numpy(texts.copy())
    save_file(weights, clip / "model.safetensors", metadata={"format": "pt"})


def make_captions(vocabulary: list[str], random: np.random.Generator) -> list[list[str]]:
    """Short captions of one to five known words among fillers."""
    captions = []
    for _ in range(CAPTIONS):
        words = list(random.choice(vocabulary, random.integers(0, 5), replace=False))
        fillers = list(random.choice(FILLERS, random.integers(0, 4)))
        captions.append([str(word) for word in random.permutation(words + fillers)] or ["a"])
    return captions


@torch.inference_mode()
def picture_features(model: CLIPModel, clip: Path, samples: list[Path]) -> Floats:
    """What the picture network makes of the samples before its projection, (n, WIDTH)."""
    processor = CLIPImageProcessor.from_pretrained(clip, local_files_only=True)
    opened = [Image.open(sample).convert("RGB") for sample in samples]
    pixels = processor(opened, return_tensors="pt")["pixel_values"]
    features = model.vision_model(pixel_values=pixels).pooler_output
    return np.asarray(features.numpy(), np.float32)


@torch.inference_mode()
def text_features(model: CLIPModel, clip: Path, captions: list[str]) -> Floats:
    """What the text network makes of captions before its projection, (n, WIDTH)."""
    tokenizer = CLIPTokenizerFast.from_pretrained(clip, local_files_only=True)
    parts = []
    for start in range(0, len(captions), 500):
        batch = tokenizer(captions[start : start + 500], padding=True, return_tensors="pt")
        parts.append(model.text_model(**batch).pooler_output.numpy())
    return np.asarray(np.concatenate(parts), np.float32)


def settle_resnet18(path: Path) -> None:
    """Give the random ResNet18 the samples' statistics, without which all pictures look alike."""
    model = resnet18(weights=None)
    model.load_state_dict(torch.load(path, weights_only=True))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain mean of what it sees
    model.train()
    prepare = ResNet18_Weights.IMAGENET1K_V1.transforms()
    with torch.inference_mode():
        samples = [Image.open(sample).convert("RGB") for sample in sorted(SAMPLES.glob("*.jpg"))]
        model(torch.stack([prepare(sample) for sample in samples]))
    torch.save(model.state_dict(), path)


def make(folder: Path) -> None:
    """Write both networks' weights into ``folder``, as ``--models`` wants them."""
    settle_resnet18(standins.make_resnet18(folder))
    vocabulary = sorted({*chain(*map(words_of, SAMPLES.glob("*.jpg"))), *FILLERS})
    clip = standins.make_clip(folder, width=WIDTH, words=vocabulary)
    fit_projections(clip)


def main() -> None:
    """Make them where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)


if __name__ == "__main__":
    main()
