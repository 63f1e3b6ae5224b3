"""Compares intent classifiers on the training data (folds) and on the held-out sentences of tests/nlu.

    PYTHONPATH=. python benchmarks/intents.py [--sentences FILE] [--folds 5]

Every sentence is asked three times: as written, without marks, and with typing slips. Copies of a sentence stay in
the fold of their sentence. "Rasa's own" is CountVectorsFeaturizer (words, and char_wb 1-4) with
LogisticRegressionClassifier as Rasa 3.6 configures them, on the text as typed: without and with our training copies.
"""

from __future__ import annotations

import argparse
import timeit
import zlib
from pathlib import Path
from typing import Callable, Sequence

import numpy as np
import yaml
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlu.asked import sentences
from nlu.components.entities import EntityRules, hint
from nlu.components.fitting import Example, fit
from nlu.components.ngrams import ngrams
from nlu.vietnamese.folding import fold
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.normalising import Normaliser
from nlu.vietnamese.slips import Slips

ROOT = Path(__file__).parents[1]
Labelled = Sequence[tuple[str, str]]
Answer = Callable[[Sequence[str]], list[str]]

LEXICON = Lexicon.shipped()
NORMALISER = Normaliser.shipped()
RULES = EntityRules.shipped()


def read(text: str) -> tuple[str, tuple[str, ...]]:
    normalised = NORMALISER.normalise(text)
    return normalised.text, tuple(hint(span.entity, span.value) for span in RULES.find(normalised))


def training_data() -> Labelled:
    return [(sentence.text, sentence.intent) for sentence in sentences()]


def with_copies(data: Labelled, copies: int) -> list[tuple[str, str, str]]:
    slips = Slips(LEXICON, seed=42)
    return [(t, intent, text) for text, intent in data for t in [text, *slips.copies(text, copies)]]


def ours(data: Labelled, copies: int = 4, regularisation: float = 1.0) -> Answer:
    made = [Example(*read(t), i, family) for t, i, family in with_copies(data, copies)]
    model = fit(made, regularisation, 2)
    return lambda texts: [model.rank(*read(t), 1)[0].intent for t in texts]


def logistic(data: Labelled) -> Answer:
    made = with_copies(data, 4)
    vectors = TfidfVectorizer(analyzer=lambda t: ngrams(*read(t)), min_df=2)
    machine = LogisticRegression(C=10, solver="liblinear").fit(
        vectors.fit_transform([m[0] for m in made]), [m[1] for m in made]
    )
    return lambda texts: list(machine.predict(vectors.transform(texts)))


def rasas_own(data: Labelled, copies: int) -> Answer:
    made = with_copies(data, copies)
    words = CountVectorizer(token_pattern=r"(?u)\b\w\w*\b")
    letters = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    texts = [m[0] for m in made]
    matrix = hstack([words.fit_transform(texts), letters.fit_transform(texts)]).tocsr()
    machine = LogisticRegression(class_weight="balanced", max_iter=100).fit(matrix, [m[1] for m in made])
    return lambda asked: list(machine.predict(hstack([words.transform(asked), letters.transform(asked)]).tocsr()))


CLASSIFIERS: dict[str, Callable[[Labelled], Answer]] = {
    "linear SVM, our features (chosen)": ours,
    "linear SVM, our features, no copies": lambda data: ours(data, copies=0),
    "logistic regression, our features": logistic,
    "Rasa's own, no copies": lambda data: rasas_own(data, 0),
    "Rasa's own, our copies": lambda data: rasas_own(data, 4),
}


def scores(answer: Answer, data: Labelled) -> list[float]:
    slips = Slips(LEXICON, seed=7)
    truth = np.array([intent for _, intent in data])
    ways: list[Callable[[str], str]] = [str, fold, slips.mistype]
    return [float(np.mean(np.array(answer([way(text) for text, _ in data])) == truth)) for way in ways]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=Path, default=ROOT / "tests/nlu/held_out.yml")
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    held_out = [(str(t), i) for i, ts in yaml.safe_load(given.sentences.read_text()).items() for t in ts]
    data = training_data()
    print(f"{len(data)} training sentences, {len(held_out)} held out; accuracy in %: as written / no marks / slips")
    for name, make in CLASSIFIERS.items():
        whole = scores(make(data), held_out)
        folds = []
        for k in range(given.folds):
            inside = [d for d in data if zlib.crc32(d[0].encode()) // 7 % given.folds == k]
            folds.append(scores(make([d for d in data if zlib.crc32(d[0].encode()) // 7 % given.folds != k]), inside))
        columns = [" / ".join(f"{100 * s:.1f}" for s in row) for row in (np.mean(folds, axis=0), whole)]
        print(f"{name:40} {given.folds} folds {columns[0]}   held out {columns[1]}", flush=True)
    answer = ours(data)
    seconds = timeit.timeit(lambda: answer([held_out[0][0]]), number=1000) / 1000
    print(f"normalising and ranking one message: {1000 * seconds:.3f} ms")


if __name__ == "__main__":
    main()
