"""Fitting the linear intent model with scikit-learn. Only imported for training: it costs a second and 100 MB."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Collection, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlu.components.families import is_held_back
from nlu.components.linear import LinearIntentModel
from nlu.components.ngrams import ngrams


@dataclass(frozen=True)
class Example:
    """``text`` is normalised. ``family`` is shared by an example and its copies, so that they are never torn apart."""

    text: str
    hints: tuple[str, ...]
    intent: str
    family: str


def fit(examples: Sequence[Example], regularisation: float, fewest: int) -> LinearIntentModel:
    """Two fits: one without a fifth of the families, to calibrate the confidences on that fifth, and one with all.

    Held-back examples of an intent that the rest does not know judge nothing; without any other, sharpness stays 1.
    ``regularisation`` is C of the support vector machine; features seen in fewer than ``fewest`` examples are left out,
    unless all are.
    """
    held_back = [example for example in examples if is_held_back(example.family)]
    rest = [example for example in examples if not is_held_back(example.family)]
    learnt = {example.intent for example in rest}
    judging = [example for example in held_back if example.intent in learnt]
    sharpness = 1.0
    if judging and len(learnt) > 1:
        sharpness = _calibrated(_fit_weights(rest, regularisation, fewest), judging)
    return replace(_fit_weights(examples, regularisation, fewest), sharpness=sharpness)


def _fit_weights(examples: Sequence[Example], regularisation: float, fewest: int) -> LinearIntentModel:
    found = [ngrams(example.text, example.hints) for example in examples]
    return fit_weights(found, [example.intent for example in examples], regularisation, fewest)


def fit_weights(
    found: Sequence[Collection[str]], labels: Sequence[str], regularisation: float, fewest: int
) -> LinearIntentModel:
    """A model of sets of features and the label of each; its sharpness is 1."""
    counts = Counter(feature for features in found for feature in features)
    names = sorted(feature for feature, count in counts.items() if count >= fewest) or sorted(counts)
    features = {name: index for index, name in enumerate(names)}
    rarity = np.array([np.log((1 + len(found)) / (1 + counts[name])) + 1 for name in names], dtype=np.float32)
    intents = tuple(sorted(set(labels)))

    rows = [sorted(features[name] for name in each if name in features) for each in found]
    lengths = [float(np.sqrt(np.square(rarity[row]).sum())) or 1.0 for row in rows]
    values = np.concatenate([rarity[row] / length for row, length in zip(rows, lengths, strict=False)])
    pointers = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    matrix = csr_matrix((values, np.concatenate(rows).astype(np.int32), pointers), (len(rows), len(names)))

    machine = LinearSVC(C=regularisation, random_state=0)
    machine.fit(matrix, labels)
    weights = _by_intent(machine.coef_) * rarity[:, None]
    return LinearIntentModel(
        intents, features, rarity, weights.astype(np.float32), _by_intent(machine.intercept_).astype(np.float32), 1.0
    )


def _by_intent(learnt: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Features x intents. scikit-learn gives one row instead of two when there are two classes."""
    rows = np.concatenate([-learnt, learnt]) if learnt.shape[0] == 1 else learnt
    return rows.T


def _calibrated(model: LinearIntentModel, held_back: Sequence[Example]) -> float:
    """The sharpness under which the held-back examples are likeliest (temperature scaling)."""
    scores = np.stack([model.scores(ngrams(example.text, example.hints)) for example in held_back]).astype(np.float64)
    truth = np.array([model.intents.index(example.intent) for example in held_back])

    def surprise(sharpness: float) -> float:
        scaled = sharpness * scores
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(truth)), truth]
        return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())

    return float(minimize_scalar(surprise, bounds=(0.1, 50.0), method="bounded").x)
