"""A linear intent model that answers with plain numpy: a row of weights per feature, one column per intent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Collection, Mapping

import numpy as np
import numpy.typing as npt

from nlu.components.ngrams import ngrams, tells_content

Floats = npt.NDArray[np.float32]

_WEIGHTS = "weights.npz"
_NAMES = "names.json"


class ModelIncomplete(ValueError):
    """The stored model lacks a part: train again."""


@dataclass(frozen=True)
class Guess:
    intent: str
    confidence: float


@dataclass(frozen=True, eq=False)
class LinearIntentModel:
    """``weights``: features x intents, already multiplied with each feature's rarity (``rarity``, features).

    ``sharpness`` turns scores into calibrated confidences: softmax(sharpness * score).
    """

    intents: tuple[str, ...]
    features: Mapping[str, int]
    rarity: Floats
    weights: Floats
    bias: Floats
    sharpness: float

    def rank(self, text: str, hints: Collection[str], count: int) -> list[Guess]:
        """The ``count`` likeliest intents of a normalised ``text``, best first; confidences of all intents sum to 1.

        A text without any known word or part of one gives equal confidences, so that it falls below every threshold.
        """
        scores = self.sharpness * self.scores(ngrams(text, hints))
        confidences = np.exp(scores - scores.max())
        confidences /= confidences.sum()
        found = confidences.tolist()
        # Sorted in Python: numpy hands the interpreter to another thread meanwhile, and getting it back takes longer.
        best = sorted(range(len(found)), key=lambda i: (-found[i], i))[:count]
        return [Guess(self.intents[i], found[i]) for i in best]

    def scores(self, found: Collection[str]) -> Floats:
        known = [self.features[feature] for feature in found if feature in self.features]
        if not any(tells_content(feature) and feature in self.features for feature in found):
            return np.zeros(len(self.intents), dtype=np.float32)
        # Sorted, because the order of a set changes between runs and float sums change with it.
        rows = np.array(sorted(known))
        length = float(np.sqrt(np.square(self.rarity[rows]).sum()))
        scores: Floats = self.weights[rows].sum(axis=0) / length + self.bias
        return scores

    def save(self, directory: Path) -> None:
        np.savez(directory / _WEIGHTS, rarity=self.rarity, weights=self.weights, bias=self.bias)
        names = {"intents": self.intents, "features": list(self.features), "sharpness": self.sharpness}
        (directory / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> LinearIntentModel:
        """Raises ModelIncomplete when a file is absent or the files do not belong together."""
        try:
            names = json.loads((directory / _NAMES).read_text(encoding="utf-8"))
            with np.load(directory / _WEIGHTS, allow_pickle=False) as arrays:
                rarity, weights, bias = (arrays[name] for name in ("rarity", "weights", "bias"))
        except (FileNotFoundError, KeyError, json.JSONDecodeError) as error:
            raise ModelIncomplete(f"{directory}: {error}") from error
        if weights.shape != (len(names["features"]), len(names["intents"])):
            raise ModelIncomplete(f"{directory}: weights of shape {weights.shape} do not fit the names")
        features = {name: index for index, name in enumerate(names["features"])}
        return cls(tuple(names["intents"]), features, rarity, weights, bias, names["sharpness"])
