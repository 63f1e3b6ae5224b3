"""What is asked, the same of both servers: five turns about one procedure, each of which runs an action."""

from __future__ import annotations

import itertools
from typing import Any, Iterator

# Typed as citizens type: with marks, without, with a slip. After the first turn the procedure is not named any more.
DIALOGUES = (
    (
        "làm khai sinh cho con cần giấy tờ gì",
        "lệ phí bao nhiêu",
        "nộp ở đâu",
        "bao lâu thì xong",
        "làm online được không",
    ),
    (
        "đăng ký kết hôn cần những giấy tờ gì",
        "mất bao nhiêu tiền",
        "nộp hồ sơ ở đâu",
        "mấy ngày thì có",
        "nộp qua mạng được không",
    ),
    (
        "dang ky tam tru can giay to gi",
        "le phi bao nhieu",
        "nop o dau",
        "bao lau thi co",
        "lam online duoc khong",
    ),
    (
        "làm hộ chiếu cần giấy tờ gì",
        "lệ phí thế nào",
        "làm ở đâu",
        "bao lâu có",
        "nộp online được không",
    ),
    (
        "đổi bằng lái xe cần giấy tờ gì",
        "tốn bao nhiêu tiền",
        "nộp ở chỗ nào",
        "mất mấy ngày",
        "làm trên mạng được không",
    ),
    (
        "đăng ký khai tử gồm giấy tờ gì",
        "có mất phí không",
        "nộp ở đâu vậy",
        "mất bao lâu",
        "làm online được ko",
    ),
)
TURNS = len(DIALOGUES[0])
ANSWERS = {"procedure", "which_procedure", "which_procedure_first"}
FOLLOW_UP = "lệ phí bao nhiêu"


# Around a question these make one that was never asked before, for what is not answered from memory.
OPENINGS = (
    "dạ", "xin hỏi", "ad ơi", "bạn ơi", "cho tôi hỏi", "cho em hỏi", "chào anh", "cô ơi", "chú ơi", "alo",
    "dạ thưa",
)
MIDDLES = (
    "", "là", "thì", "ạ", "vậy", "giờ", "nay", "bữa nay", "nhờ chỉ giúp", "giùm em", "giúp tôi", "với nha",
    "nghen",
)
ENDINGS = (
    "ạ", "vậy", "nhé", "nha", "với", "hả", "vậy ạ", "thế", "nhỉ", "nghen", "ha", "hen", "á",
)
MOST_NEW = len(OPENINGS) * len(MIDDLES) * len(ENDINGS)


def dialogues(prefix: str, new_words: bool = False) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Senders never seen before, each with their questions, without end.

    With ``new_words`` no question is like another: MOST_NEW times as many as the dialogues have, then they repeat.
    """
    for number in itertools.count():
        questions = DIALOGUES[number % len(DIALOGUES)]
        if new_words:
            questions = tuple(_in_new_words(number // len(DIALOGUES), question) for question in questions)
        yield f"{prefix}-{number}", questions


def _in_new_words(number: int, question: str) -> str:
    rest, ending = divmod(number % MOST_NEW, len(ENDINGS))
    opening, middle = divmod(rest, len(MIDDLES))
    return " ".join(f"{OPENINGS[opening]} {MIDDLES[middle]} {question} {ENDINGS[ending]}".split())


def ran_our_action(answer: Any) -> bool:
    """Whether our answer is action_answer_procedure's: an answer, or a question back which procedure is meant."""
    return any((message.get("custom") or {}).get("utterance") in ANSWERS for message in answer)


def ran_their_action(answer: Any) -> bool:
    """Whether the opponent's answer is its action's (its other answers are greetings)."""
    return any(message.get("text", "").startswith("Đăng ký khai sinh") for message in answer)
