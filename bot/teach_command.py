"""``python -m bot teach``: questions and everyday names become a new version, which answers when it is not worse."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Optional, Sequence

from bot.evaluating import Evaluation, EvaluationFailed
from bot.library import open_catalogue
from bot.settings import Settings
from bot.storage import migrate
from bot.teaching import is_worse, refuse_unfit, shared_names, side_by_side
from nlu.taught import Taught, TaughtWrong, read_taught, tidied
from nlu.training import make_version, refuse_unknown_intents, train, up_to_date
from nlu.versions import Measured, Version, Versions

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "evaluation"
WRONG_USAGE = 2


def add_teach_command(commands: Any) -> None:
    """Add ``teach`` to the command line; its ``run(options, settings)`` gives the exit code."""
    parser = commands.add_parser(
        "teach",
        help="teach questions and everyday names; a new version answers when the evaluation is not worse",
        description="Teaches questions (what is asked) and everyday names (of which procedure), makes a new version of "
        "the model, measures it beside the present one and lets it answer when it is not worse.",
        epilog="Exit codes: 0 it answers from now on, 1 it was kept and does not answer, 2 it cannot be taught.",
    )
    for option, metavar, text in (
        ("--question", "TEXT", "a question as citizens type it"),
        ("--intent", "INTENT", "what it asks, such as ask_papers; one for each question, or one for all"),
        ("--name", "TEXT", "what people call a procedure"),
        ("--procedure", "CODE", "its code, such as 1.001193; one for each name, or one for all"),
        ("--forget", "TEXT", "a question or name that was taught before"),
    ):
        parser.add_argument(option, action="append", default=[], metavar=metavar, help=text)
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE.yml", help="questions: and names: of a file")
    parser.add_argument("--even-if-worse", action="store_true", help="let it answer whatever the evaluation says")
    parser.set_defaults(run=teach)


def teach(options: argparse.Namespace, settings: Settings, evaluation: Optional[Evaluation] = None) -> int:
    migrate(settings.database_url)
    versions = Versions(settings.models_folder)
    try:
        added = _given(options)
        refuse_unknown_intents(ROOT, added)
        catalogue = open_catalogue(settings.database_url, models=settings.models_folder)
        refuse_unfit(added, catalogue, QUESTIONS)
    except TaughtWrong as error:
        return _refuse(str(error), WRONG_USAGE)
    for name, procedure, other in shared_names(catalogue, added.names):
        _say(f"Lưu ý: “{name}” đang là tên của {other}, nay cũng chỉ {procedure} / Note: it is a name of {other} too")
    if up_to_date(ROOT, versions.folder) is None:
        _say("Đang huấn luyện mô hình hiện tại trước… / Training the present model first…")
        train(ROOT, versions.folder, wait=_wait)
    with versions.locked(_wait):
        before = versions.active()
        if before is None:
            raise AssertionError("a version was active a moment ago")
        try:
            taught = _without(before.taught, options.forget).plus(added)
        except TaughtWrong as error:
            return _refuse(str(error), WRONG_USAGE)
        if taught == before.taught:
            _say("Những điều này đã được dạy rồi / All of this was taught before")
            return 0
        _say("Đang làm phiên bản mới, chưa đến một phút… / Making a new version, less than a minute…")
        made = make_version(ROOT, versions, taught)
        code = _decide(versions, before, made, options.even_if_worse, evaluation or Evaluation())
        versions.forget_old()
    return code


def _given(options: argparse.Namespace) -> Taught:
    """Raises TaughtWrong."""
    taught = read_taught(options.file) if options.file else Taught()
    for text, intent in _pairs(options.question, options.intent, "--question", "--intent"):
        taught = taught.plus(Taught(questions={intent: (text,)}))
    for text, code in _pairs(options.name, options.procedure, "--name", "--procedure"):
        taught = taught.plus(Taught(names={code: (text,)}))
    if not taught and not options.forget:
        raise TaughtWrong("Chưa có gì để dạy / Nothing to teach: --question, --name, --from or --forget")
    return tidied(taught)


def _pairs(texts: Sequence[str], keys: Sequence[str], text: str, key: str) -> list[tuple[str, str]]:
    """One key for each text, in order, or one for all."""
    if len(keys) == 1 and texts:
        keys = [*keys] * len(texts)
    if len(keys) != len(texts):
        raise TaughtWrong(f"Mỗi {text} cần một {key} / Each {text} needs its {key}")
    return list(zip(texts, keys))


def _without(taught: Taught, texts: Sequence[str]) -> Taught:
    for text in texts:
        if text not in taught.texts:
            raise TaughtWrong(f"“{text}” chưa được dạy / This was not taught")
    return taught.minus(taught.only(texts))


def _decide(versions: Versions, before: Version, made: Version, even_if_worse: bool, evaluation: Evaluation) -> int:
    try:
        _say("Đang đo phiên bản mới, chừng một phút… / Measuring the new version, about a minute…")
        new = evaluation.measure(made)
        made.remember(new)
        old = evaluation.known(before, new)
        if old is None:
            _say("Đang đo phiên bản cũ để so sánh… / Measuring the present version beside it…")
            old = evaluation.measure(before)
            before.remember(old)
    except EvaluationFailed as error:
        _say(f"Chưa đo được / The evaluation failed: {error}")
        worse = True
    else:
        sys.stdout.write(side_by_side(old.figures, new.figures))
        worse = _is_worse(old, new)
    if worse and not even_if_worse:
        return _refuse(
            f"Phiên bản {made.name} được giữ, không dùng vì đo kém hơn hoặc chưa đo được; vẫn dùng {before.name}.\n"
            f"Version {made.name} is kept but does not answer, being worse or not measured; {before.name} goes on.\n"
            f"Vẫn muốn dùng / To use it all the same: python -m bot model activate {made.name}",
            1,
        )
    versions.activate(made)
    _say(
        f"Đang dùng phiên bản {made.name}; máy chủ đang chạy tự chuyển sau vài giây.\n"
        f"Version {made.name} is active; a running server takes it within seconds.\n"
        "Quay lại / Back: python -m bot model rollback"
    )
    return 0


def _is_worse(old: Measured, new: Measured) -> bool:
    return old.questions != new.questions or is_worse(old.figures, new.figures)


def _wait() -> None:
    _say("Đang chờ một lần huấn luyện khác… / Waiting for another training…")


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _refuse(sentence: str, code: int) -> int:
    _say(sentence)
    return code
