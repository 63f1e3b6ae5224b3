"""Entities learnt from annotated sentences: found with and without marks, never twice, and nothing where none are."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entities import FOUND_BY_RULE, RuleEntityExtractor
from nlu.components.learnt_entities import LearntEntityExtractor
from nlu.components.linear import ModelIncomplete
from nlu.components.practising import TypingPractice
from nlu.components.reading import VietnameseReader
from tests.nlu.house import House, annotated, placed

ROOT = Path(__file__).parents[2]
DISHES = ("phở bò", "bún chả", "bánh mì", "cơm tấm", "chè bưởi", "xôi gà")
FRAMES = ("cho tôi gọi [{}]", "đặt [{}] giao liền", "mua [{}] và [{}] nha", "thêm [{}] vào giỏ", "có bán [{}] không")


def orders() -> list[Message]:
    texts = [frame.format(dish, "trà đào") for frame in FRAMES for dish in DISHES]
    return [*(annotated(text, "order") for text in texts), Message({TEXT: "mấy giờ mở cửa", INTENT: "hours"})]


def trained(house: House, data: list[Message], **settings: Any) -> LearntEntityExtractor:
    ready = house.create(TypingPractice, "practice").process_training_data(TrainingData(data))
    for component in (VietnameseReader, RuleEntityExtractor):
        house.create(component, "any").process_training_data(ready)
    house.create(LearntEntityExtractor, "learnt", **settings).train(ready)
    loaded: LearntEntityExtractor = house.load(LearntEntityExtractor, "learnt")
    return loaded


def heard(house: House, extractor: LearntEntityExtractor, text: str) -> Message:
    message = Message({TEXT: text})
    for component in (house.create(VietnameseReader, "any"), extractor, house.create(RuleEntityExtractor, "any")):
        component.process([message])
    return message


def stored(house: House) -> list[str]:
    with house.storage.read_from(Resource("learnt")) as directory:
        return [file.name for file in directory.iterdir()]


@pytest.mark.parametrize(
    ("text", "dishes"),
    [
        ("cho tôi gọi phở bò", ["phở bò"]),
        ("CHO TOI GOI Pho Bo NHA", ["Pho Bo"]),
        ("dat com tam va banh mi", ["com tam", "banh mi"]),
        ("đặt phởbò giao liền", ["phởbò"]),  # two words typed as one are one entity
        ("mấy giờ mở cửa", []),
        ("👍👍", []),
        ("", []),
    ],
)
def test_finds_what_was_annotated_at_its_place(house: House, text: str, dishes: list[str]) -> None:
    message = heard(house, trained(house, orders()), text)
    assert placed(message) == [(dish, dish) for dish in dishes]
    assert all(e["extractor"] == "LearntEntityExtractor" and e["entity"] == "dish" for e in message.get(ENTITIES, []))


def test_model_outlives_the_bytes_it_was_read_from(house: House) -> None:
    extractor = trained(house, orders())
    gc.collect()
    clutter = [bytes(range(256)) * 400 for _ in range(200)]  # what would be written over freed memory
    assert placed(heard(house, extractor, "cho tôi gọi bún chả")) == [("bún chả", "bún chả")]
    assert len(clutter) == 200


def test_nothing_annotated_means_no_model(house: House) -> None:
    texts = ("lệ phí bao nhiêu", "phí mấy đồng")
    extractor = trained(house, [Message({TEXT: text, INTENT: "ask_fee"}) for text in texts])
    assert stored(house) == []
    found = heard(house, extractor, "lệ phí bao nhiêu").get(ENTITIES)
    assert {entity["extractor"] for entity in found} == {"RuleEntityExtractor"}


def test_what_rules_find_is_left_to_them(house: House) -> None:
    start = len("tra cứu ")
    code = {"entity": "dossier_code", "value": "H57.132-260804-0583", "start": start, "end": start + 19}
    trained(house, [Message({TEXT: "tra cứu H57.132-260804-0583", INTENT: "dossier_status", ENTITIES: [code]})])
    assert stored(house) == []


def test_what_both_find_is_said_once_with_the_rules_value(house: House) -> None:
    texts = ("học [tiếng Anh] ở đâu", "tôi nói [tiếng Anh]", "cần [tiếng Anh] nha", "có [tiếng Anh] không")
    data = [annotated(text, "ask") for text in texts]
    for message in data:
        message.get(ENTITIES)[0]["entity"] = "language"
    extractor = trained(house, data, left_to_rules=[])
    alone = Message({TEXT: "cần tiếng Anh nha"})
    for component in (house.create(VietnameseReader, "any"), extractor):
        component.process([alone])
    assert [e["value"] for e in alone.get(ENTITIES)] == ["tiếng Anh"]
    (entity,) = [e for e in heard(house, extractor, "cần tiếng Anh nha").get(ENTITIES) if e["entity"] == "language"]
    assert (entity["value"], entity["extractor"]) == ("en", "RuleEntityExtractor")


def test_what_a_person_annotated_stays_in_the_training_data(house: House) -> None:
    message = annotated("cần [tiếng Anh] nha", "ask")
    message.get(ENTITIES)[0]["entity"] = "language"
    data = TrainingData([message])
    for component in (VietnameseReader, RuleEntityExtractor):
        house.create(component, "any").process_training_data(data)
    assert [e.get("extractor") for e in message.get(ENTITIES)] == [None, "RuleEntityExtractor"]


def test_a_damaged_model_is_refused(house: House) -> None:
    with house.storage.write_to(Resource("learnt")) as directory:
        (directory / "entities.crfsuite").write_bytes(b"no model at all")
    with pytest.raises(ModelIncomplete, match=r"entities\.crfsuite"):
        house.load(LearntEntityExtractor, "learnt")


def test_our_own_entities_stay_found_by_rule() -> None:
    """An annotation in nlu/data would start the extractor, and actions would be given guesses for codes."""
    assert set(FOUND_BY_RULE) < set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["entities"])
    data = load_data(str(ROOT / "nlu" / "data" / "nlu"))
    assert data.intent_examples != []
    assert [message.get(TEXT) for message in data.entity_examples] == []
