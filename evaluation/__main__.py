"""``make eval``: how much the assistant understands of questions that nothing was trained or tuned on.

    .venv/bin/python -m evaluation [--misses] [--json FILE] [--save]

Every question is put to the assistant as it is served, the official exports imported when they lie in
``../shared/data``, and judged by its label. Exit codes: 0 measured, 1 no model or wrong questions, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Sequence

from evaluation.quiet import silence_libraries

silence_libraries()

from bot.library import open_catalogue
from evaluation.asking import Asked, ask_all, exports, prepare, with_house
from evaluation.development import development_figures
from evaluation.figures import figures_of, loss_without_marks, outcomes_by_tag, retrieval
from evaluation.model import version_to_measure
from evaluation.questions import CALIBRATION, QUESTIONS, Question, QuestionsInvalid, digest, read_questions, turns_of
from evaluation.report import Run, as_text, misses
from nlu.assistant import ModelUnusable
from nlu.training import TrainingFailed
from nlu.versions import Version, VersionUnusable
from nlu.vietnamese.folding import fold

ROOT = Path(__file__).parents[1]
LAST = Path(__file__).parent / "last.json"
RESULT = ROOT / "results/evaluation.json"


async def measure(version: Version, questions: Sequence[Question], with_exports: bool, show_misses: bool) -> Run:
    """One run over all questions, as typed and without marks."""
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(io.StringIO()):  # the importer's own report
            settings = await asyncio.to_thread(prepare, Path(folder), with_exports)  # the import runs a loop itself
        house = await with_house(settings, version.model)
        try:
            asked = _flat(await ask_all(house, questions))
            unmarked = _flat(await ask_all(house, questions, fold))
            catalogue = open_catalogue(settings.database_url, version.taught.names, version.folder.parent)
            with_code = [(turn.ask, turn.codes) for q in questions for turn in q.turns[:1] if turn.codes]
            figures = {
                **figures_of(asked),
                "loss_without_marks": loss_without_marks(asked, unmarked),
                **retrieval(catalogue, with_code),
                **(development_figures(catalogue) if with_exports else {}),
            }
            if show_misses:
                titles = {procedure.code: procedure.title.vi for procedure in catalogue}
                sys.stdout.write("\n".join(misses(asked, lambda code: titles.get(code, code))) + "\n\n")
            names = {fold(name) for procedure in catalogue for name in procedure.everyday_names.vi}
            return {
                "questions": digest(questions),
                "count": len(questions),
                "turns": len(asked),
                "names": sum(fold(turn.ask) in names for turn in turns_of(questions)),
                "model": version.name,
                "procedures": len(catalogue),
                "figures": {name: round(value, 4) for name, value in figures.items()},
                "tags": outcomes_by_tag(asked),
            }
        finally:
            await house.close()


def _flat(asked: Sequence[tuple[Question, list[Asked]]]) -> list[Asked]:
    return [one for _, turns in asked for one in turns]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__.partition("\n")[0])
    parser.add_argument("--calibration", action="store_true", help="ask the calibration questions instead")
    parser.add_argument("--shipped", action="store_true", help="only the shipped catalogue, without the exports")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="default: MODELS_FOLDER, or models")
    parser.add_argument("--version", metavar="NAME", help="of the models; default: made from the present sources")
    parser.add_argument("--misses", action="store_true", help="also list every message that was not right")
    parser.add_argument("--json", type=Path, default=RESULT, metavar="FILE", help="default: results/evaluation.json")
    parser.add_argument("--save", action="store_true", help="keep the result as evaluation/last.json, to be committed")
    options = parser.parse_args()
    try:
        version = version_to_measure(options.models, options.version)
        questions = read_questions(CALIBRATION if options.calibration else QUESTIONS)
        with_exports = bool(exports()) and not options.shipped
        run = asyncio.run(measure(version, questions, with_exports, options.misses))
    except (TrainingFailed, VersionUnusable, ModelUnusable, QuestionsInvalid) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    last: Any = json.loads(LAST.read_text(encoding="utf-8")) if LAST.is_file() else None
    sys.stdout.write(as_text(run, last) + "\n")
    _write(options.json, run)
    if options.save:
        _write(LAST, run)
    return 0


def _write(path: Path, run: Run) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
