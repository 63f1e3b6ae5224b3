"""Hears which procedure a question is about: a linear model of what people asked before, kept beside the models."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Collection, Mapping, Sequence

import numpy as np

from nlu.components.linear import LinearIntentModel, ModelIncomplete

FOLDER = ".procedures"  # under the models' folder; a name that no version has
KEPT = 3
ROOT = Path(__file__).parents[1]
MADE_FROM = (
    "nlu/vietnamese/**/*.*",
    "knowledge/questions.py",
    "knowledge/search.py",
    "knowledge/data/question_frames.txt",
    "knowledge/data/concepts.yml",
)
REGULARISATION, FEWEST = 6.0, 2  # C of the support vector machine; texts that a term must occur in

WORD = "w"  # begins the terms that are single words

Terms = Collection[str]


class ProcedureEar:
    """Given a question's terms, says for each procedure how much it sounds like it: -1 not at all, 1 and more surely.

    Nothing for terms that nobody used before.
    """

    def __init__(self, model: LinearIntentModel) -> None:
        self._model = model
        self._rarest = float(model.rarity.max())

    def __call__(self, terms: Terms) -> Mapping[str, float]:
        model = self._model
        known = [model.features[term] for term in terms if term in model.features]
        if not known:
            return {}
        # A word that nobody used before makes the question longer, and all that was heard weaker.
        heard = float(np.square(model.rarity[known]).sum())
        new = sum(term.startswith(WORD) and term not in model.features for term in terms)
        share = math.sqrt(heard / (heard + new * self._rarest**2))
        scores = (model.scores(terms) - model.bias) * share + model.bias
        return dict(zip(model.intents, scores.tolist()))


def kept_ear(
    models: Path, asked: Mapping[str, Sequence[str]], terms_of: Callable[[str], Terms], words: Sequence[str]
) -> ProcedureEar:
    """The ear for these texts by procedure code, fitted now (seconds) when none is kept for just these.

    ``terms_of`` gives the terms of a text. What it does is told by the files that it is made from, which are digested,
    and by ``words``: the names whose words it takes for known.
    """
    folder = models / FOLDER / _digest(asked, words)
    try:
        return ProcedureEar(LinearIntentModel.load(folder))
    except ModelIncomplete:
        model = _fitted({code: [terms_of(text) for text in asked[code]] for code in sorted(asked)})
        _keep(model, folder)
        return ProcedureEar(model)


def _digest(asked: Mapping[str, Sequence[str]], words: Sequence[str]) -> str:
    digest = hashlib.sha256(json.dumps([REGULARISATION, FEWEST, asked, words], sort_keys=True).encode())
    for path in sorted(path for pattern in MADE_FROM for path in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _fitted(asked: Mapping[str, Sequence[Terms]]) -> LinearIntentModel:
    # Here and not above: listening needs no scikit-learn.
    from nlu.components.fitting import fit_weights

    pairs = [(terms, code) for code, said in asked.items() for terms in said if terms]
    return fit_weights([terms for terms, _ in pairs], [code for _, code in pairs], REGULARISATION, FEWEST)


def _keep(model: LinearIntentModel, folder: Path) -> None:
    """Written aside and renamed, so that nobody reads half of it; the oldest are dropped."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent))
    model.save(aside)
    try:
        os.replace(aside, folder)
    except OSError:  # another process was faster with the same
        shutil.rmtree(aside)
    kept = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
