"""Normalising in its order, the way back to what was typed, keystrokes, shorthand and language."""

from __future__ import annotations

import random
import unicodedata

import pytest

from nlu.vietnamese.folding import fold
from nlu.vietnamese.language import Languages
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.normalising import Normaliser
from nlu.vietnamese.slips import Slips
from nlu.vietnamese.syllables import Syllables
from nlu.vietnamese.telex import Keystrokes, telex_keys

NORMALISER = Normaliser.shipped()
KEYSTROKES = Keystrokes(Syllables.by_rule())
LANGUAGES = Languages.shipped()


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Đăng Ký TẠM TRÚ", "đăng ký tạm trú"),
        (unicodedata.normalize("NFD", "Đăng ký hộ khẩu"), "đăng ký hộ khẩu"),
        ("căn\u00a0cước\u200b công\u200bdân", "căn cước công dân"),
        ("cаn cuос", "can cuoc"),  # Cyrillic а, о, с
        ("ðăng ký", "đăng ký"),
        ("hộ chíêu của bà nôị", "hộ chiếu của bà nội"),  # a tone on the wrong vowel
        ("hoà giải, thuỷ, khoẻ, quý", "hòa giải, thủy, khỏe, quý"),
        ("giúppp em vớiiii", "giúp em với"),
        ("cần j vậy", "cần gì vậy"),
        ("lm gks ntn, bnhiu tiền, dc ko", "làm giấy khai sinh như thế nào, bao nhiêu tiền, được không"),
        ("làm răng để đăng kí khai sanh, nộp ở mô", "làm sao để đăng ký khai sinh, nộp ở đâu"),
        ("lam rang, nop o mo", "làm sao, nop ở đâu"),
        ("thur tucj ddawng kys", "thủ tục đăng ký"),
        ("tam5 tru1 o73 dau", "tạm trú ở dau"),
        ("i is of as", "i is of as"),
        ("khai tuwr cho bố", "khai tử cho bố"),
        ("what does this cost", "what does this cost"),
        ("xin form online", "xin form online"),
        ("đổi bằngf lái", "đổi bằng lái"),
        ("chuứng thực quy điịnh giâyys đaất", "chứng thực quy định giấy đất"),
        ("cầngì", "cần gì"),
        ("bao nhiêu tiền vậy, hết nhiêu tiền", "bao nhiêu tiền vậy, hết bao nhiêu tiền"),
        ("mã CT01, H57.132-260804-0583", "mã ct01, h57.132-260804-0583"),
        ("1.001193", "1.001193"),
        ("10000000 đồng", "10000000 đồng"),
        ("so hong", "so hong"),
        ("", ""),
        ("   ?!  ", "   ?!  "),
    ],
)
def test_normalise(typed: str, normal: str) -> None:
    normalised = NORMALISER.normalise(typed)
    assert normalised.text == normal
    assert len(normalised.offsets) == len(normal)


@pytest.mark.parametrize(
    ("typed", "normal_part", "typed_part"),
    [
        ("Cho em hỏi lệ phí ntn ạ", "lệ phí", "lệ phí"),
        ("Cho em hỏi lệ phí ntn ạ", "như thế nào", "ntn"),
        ("Cho em hỏi lệ phí ntn ạ", "thế", "ntn"),
        (unicodedata.normalize("NFD", "Nộp ở đâu vậy"), "đâu", unicodedata.normalize("NFD", "đâu")),
        ("làm răng,  nộp ở mô", "đâu", "ở mô"),
        ("GIẤYTỜ gì", "giấy tờ", "GIẤYTỜ"),
        ("thur tucj gì", "tục", "tucj"),
    ],
)
def test_the_way_back(typed: str, normal_part: str, typed_part: str) -> None:
    normalised = NORMALISER.normalise(typed)
    start = normalised.text.index(normal_part)
    begin, end = normalised.original_span(start, start + len(normal_part))
    assert typed[begin:end] == typed_part


def test_offsets_of_any_text_stay_inside_and_in_order() -> None:
    chance = random.Random(5)
    pieces = [
        "ntn",
        "hoà",
        "\u200b",
        " ",
        "đ\u0303",
        "ko",
        "thur",
        "tucj",
        "😀",
        "İ",
        "giaytogi",
        "?",
        "\u00a0",
        "H57.1",
        "aaa",
    ]
    for _ in range(500):
        typed = "".join(chance.choice(pieces) for _ in range(chance.randrange(12)))
        normalised = NORMALISER.normalise(typed)
        assert len(normalised.offsets) == len(normalised.text)
        assert all(0 <= start < end <= len(typed) for start, end in normalised.offsets)
        starts = [start for start, _ in normalised.offsets]
        assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("keys", "word"),
    [("thur", "thủ"), ("ddawng", "đăng"), ("dduowcj", "được"), ("duocwj", "dược"), ("nguowif", "người"),
     ("giaays", "giấy"), ("ky1", "ký"), ("d9uoc75", "được"), ("ho62", "hồ"), ("tw", "tư"), ("hoso", None),
     ("passport", None), ("ct01", None), ("h57", None), ("dang", None), ("k", None)],
)  # fmt: skip
def test_keystrokes(keys: str, word: str | None) -> None:
    assert KEYSTROKES.decode(keys) == word


def test_telex_comes_back_as_it_went() -> None:
    for word in [
        "thủ",
        "tục",
        "đăng",
        "ký",
        "được",
        "người",
        "giấy",
        "nghiệp",
        "khuyết",
        "trước",
        "sổ",
        "đỏ",
        "hưởng",
        "lệ",
        "phí",
    ]:
        keys = telex_keys(word)
        assert KEYSTROKES.decode(keys) == word, keys


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("làm hộ chiếu cần giấy tờ gì", "vi"),
        ("lam ho chieu can giay to gi", "vi"),
        ("le phi", "vi"),
        ("giấy", "vi"),
        ("làm passport", "vi"),
        ("làm passport online", None),
        ("what papers do I need for a passport", "en"),
        ("how much", "en"),
        ("where is my file", "en"),
        ("how to register ho khau", None),
        ("English please", "en"),
        ("passport", None),
        ("hello", None),
        ("ok", None),
        ("to", None),
        ("H57.132-260804-0583", None),
        ("1.001193", None),
        ("", None),
        ("👍", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert LANGUAGES.language_of(text) == language


def test_rows_of_the_lexicon_mean_something_else_or_guard_a_longer_phrase() -> None:
    """A row that stays as typed keeps a shorter row from being replaced inside it ("bao nhiêu tiền")."""
    lexicon = Lexicon.shipped()
    assert len(lexicon.replacements) > 300
    guards = [typed for typed, meant in lexicon.replacements.items() if typed == meant]
    assert [guard for guard in guards if guard[1:] not in lexicon.replacements] == []
    assert all(" ".join(key) == " ".join(key).lower() for key in lexicon.replacements)


def test_slips_are_the_same_for_the_same_seed_and_differ_from_the_sentence() -> None:
    sentence = "Đăng ký tạm trú cần giấy tờ gì và nộp ở đâu"
    first, second = (Slips(Lexicon.shipped(), seed=1).copies(sentence, 8) for _ in range(2))
    assert first == second
    assert fold(sentence) in first
    assert sentence not in first
    assert len(first) == len(set(first)) >= 6
