"""The graph components inside Rasa's own machinery: trained, stored, loaded, asked."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.engine.storage.resource import Resource
from rasa.model_training import train_nlu
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, INTENT, RESPONSE, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entities import RuleEntityExtractor
from nlu.components.intents import LinearIntentClassifier
from nlu.components.linear import ModelIncomplete
from nlu.components.places import in_copy
from nlu.components.practising import COPY_OF, TypingPractice
from nlu.components.reading import NORMALISED, VietnameseReader
from nlu.components.telling import StoryPractice
from tests.nlu.house import House, annotated, placed

SENTENCES = {
    "ask_fee": ["lệ phí bao nhiêu", "hết bao nhiêu tiền", "có tốn tiền không", "đóng phí mấy đồng", "phí làm hộ chiếu"],
    "ask_papers": ["cần giấy tờ gì", "hồ sơ gồm những gì", "mang theo giấy gì", "chuẩn bị giấy tờ nào", "nộp giấy gì"],
    "greet": ["xin chào", "chào bạn", "chào cán bộ", "hello", "alo"],
}


def training_data() -> TrainingData:
    return TrainingData([Message({TEXT: t, INTENT: intent}) for intent, texts in SENTENCES.items() for t in texts])


def test_from_training_to_an_answer(house: House) -> None:
    practised = house.create(TypingPractice, "practice").process_training_data(training_data())
    reader, extractor = house.create(VietnameseReader, "reader"), house.create(RuleEntityExtractor, "rules")
    ready = extractor.process_training_data(reader.process_training_data(practised))
    house.create(LinearIntentClassifier, "intents").train(ready)
    classifier = house.load(LinearIntentClassifier, "intents")

    message = Message({TEXT: "Le phi het bnhiu tiền, Ở MÔ?"})
    for component in (house.create(TypingPractice, "practice"), reader, extractor, classifier):
        component.process([message])

    result = message.as_dict(only_output_properties=True)
    assert result["intent"]["name"] == "ask_fee"
    assert result["intent_ranking"][0] == result["intent"]
    assert [guess["name"] for guess in result["intent_ranking"]][1:] != []
    assert {(e["entity"], e["value"], result["text"][e["start"] : e["end"]]) for e in result[ENTITIES]} == {
        ("facet", "fee", "Le phi"),
        ("facet", "place", "Ở MÔ"),
    }
    assert all(entity["extractor"] == "RuleEntityExtractor" for entity in result[ENTITIES])
    assert result["language"] == "vi"
    assert "normalised" not in result


def test_practice_adds_copies_that_keep_their_intent(house: House) -> None:
    practised = house.create(TypingPractice, "practice", copies=4).process_training_data(training_data())
    copies = [message for message in practised.intent_examples if message.get(COPY_OF)]
    assert len(copies) >= 2 * len(training_data().intent_examples)
    assert "le phi bao nhieu" in {message.get(TEXT) for message in copies}
    assert all(message.get(COPY_OF) in SENTENCES[message.get(INTENT)] for message in copies)


def test_tokens_are_those_typed(house: House) -> None:
    message = Message({TEXT: "Cần giấytờ j?"})
    house.create(VietnameseReader, "reader").process([message])
    tokens = message.get(TEXT_TOKENS)
    assert [(token.text, token.start, token.end) for token in tokens] == [
        ("Cần", 0, 3),
        ("giấytờ", 4, 10),
        ("giấytờ", 4, 10),
        ("j", 11, 12),
    ]


def test_a_copy_keeps_the_entities_of_its_model_or_is_not_made(house: House) -> None:
    """Without one of them, an extractor behind would learn that these words are none."""
    texts = ["gọi tô [phở bò], thêm ([bánh mì]) và [trà đào].", "[bún bò huế] giao liền giúp nha", "mua [xôi] khúc"]
    data = TrainingData([annotated(text, "order") for text in texts] * 3)
    practised = house.create(TypingPractice, "practice", copies=4).process_training_data(data)
    copies = [message for message in practised.training_examples if message.get(COPY_OF)]
    assert len(copies) >= 6
    count = {annotated(text, "order").get(TEXT): text.count("[") for text in texts}
    for copy in copies:
        assert len(placed(copy)) == count[copy.get(COPY_OF)]
        assert all(value == words for value, words in placed(copy))
    unmarked = next(copy for copy in copies if copy.get(TEXT) == "goi to pho bo, them (banh mi) va tra dao.")
    assert [value for value, _ in placed(unmarked)] == ["pho bo", "banh mi", "tra dao"]


def test_a_value_that_is_not_the_words_stays(house: House) -> None:
    data = TrainingData([annotated("cho [ba] tô", "order", value="3")])
    practised = house.create(TypingPractice, "practice", copies=2).process_training_data(data)
    assert {message.get(COPY_OF) for message in practised.training_examples} == {None, "cho ba tô"}
    assert {placed(message)[0] for message in practised.training_examples} == {("3", "ba")}


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        ("mua tra dda da", "tra dda"),  # a slip in an entity's word
        ("mau trà đào đá", "trà đào"),
        ("mua trà đào", None),  # a word less: whose?
        ("mua tràđào đá", None),
    ],
)
def test_places_in_a_copy(copy: str, found: str | None) -> None:
    entities = [{"entity": "dish", "value": "trà đào", "start": 4, "end": 11, "role": "drink"}]
    placed_there = in_copy("mua trà đào đá", entities, copy)
    if found is None:
        assert placed_there is None
    else:
        start = copy.index(found)
        end = start + len(found)
        assert placed_there == [{"entity": "dish", "value": found, "start": start, "end": end, "role": "drink"}]


def test_part_of_a_word_is_found_only_among_the_same_letters() -> None:
    entities = [{"entity": "card", "value": "visa", "start": 4, "end": 8}]
    assert in_copy("thẻ visa-debit", entities, "the visa-debit") == entities
    assert in_copy("thẻ visa-debit", entities, "thẻ visa-debut") is None


def test_joined_sentences_keep_the_entities_of_both(house: House) -> None:
    data = TrainingData(
        [annotated(text, "tell") for text in ("nhà tôi [gần chợ] đông khách.", "con tôi thích ăn [kem.]")]
        + [annotated(text, "ask") for text in ("[phở] mấy giờ có", "còn [bún bò]?", "giá bao nhiêu")]
    )
    practice = house.create(StoryPractice, "stories", joined=200, story="tell", questions=["ask"])
    made = [message for message in practice.process_training_data(data).training_examples if message.get(COPY_OF)]
    questions = {"phở mấy giờ có": ["phở"], "còn bún bò?": ["bún bò"], "giá bao nhiêu": []}
    assert {message.get(COPY_OF) for message in made} > {"phở mấy giờ có", "còn bún bò?"}
    for message in made:
        assert message.get(INTENT) == "ask"
        told = ["gần chợ"] if "nhà tôi" in message.get(TEXT) else ["kem"]
        found = placed(message)
        assert sorted(value for value, _ in found) == sorted([*told, *questions[message.get(COPY_OF)]])
        assert all(value == words for value, words in found)


@pytest.mark.parametrize("text", ["", "...", "👍👍"])
def test_a_message_without_words_is_one_token_as_with_rasas_tokenizers(house: House, text: str) -> None:
    message = Message({TEXT: text})
    house.create(VietnameseReader, "reader").process([message])
    assert [(token.text, token.start, token.end) for token in message.get(TEXT_TOKENS)] == [(text, 0, len(text))]


def test_answers_and_names_of_intents_are_read_for_rasas_own_components(house: House) -> None:
    answer = Message({INTENT: "ask_fee", RESPONSE: "Lệ phí 25.000 đồng"})
    house.create(VietnameseReader, "reader").process_training_data(TrainingData([answer]))
    assert [token.text for token in answer.get(TOKENS_NAMES[RESPONSE])] == ["Lệ", "phí", "25", "000", "đồng"]
    assert [token.text for token in answer.get(TOKENS_NAMES[INTENT])] == ["ask_fee"]
    assert answer.get(NORMALISED) is None


def test_messages_of_the_dialogue_side_pass(house: House) -> None:
    message = Message({INTENT: "greet"})
    for component in (VietnameseReader, RuleEntityExtractor):
        house.create(component, "any").process([message])
    assert message.get(TEXT_TOKENS) is None


def test_an_untrained_classifier_says_so(house: House) -> None:
    with pytest.raises(RuntimeError, match="neither trained nor loaded"):
        house.create(LinearIntentClassifier, "intents").process([Message({TEXT: "chào"})])


def test_a_damaged_model_is_refused(house: House) -> None:
    with house.storage.write_to(Resource("intents")) as directory:
        (directory / "names.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelIncomplete):
        house.load(LinearIntentClassifier, "intents")


PIPELINE_OF_RASA = """
recipe: default.v1
assistant_id: tried
language: vi
pipeline:
  - name: nlu.components.reading.VietnameseReader
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CRFEntityExtractor
  - name: LogisticRegressionClassifier
"""
EXAMPLES = """
version: "3.1"
nlu:
  - {intent: order, examples: "- gọi tô [phở](dish)\\n- cho tôi gọi [phở](dish)\\n- gọi [bún bò](dish)"}
  - {intent: greet, examples: "- xin chào\\n- chào bạn nha\\n- hello"}
"""


async def test_rasas_own_components_stand_behind_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    for name, text in (("config.yml", PIPELINE_OF_RASA), ("nlu.yml", EXAMPLES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Rasa's components warn of in small data is theirs
        model = train_nlu(str(tmp_path / "config.yml"), str(tmp_path / "nlu.yml"), str(tmp_path))
        agent = Agent.load(model)
        asked, wordless = [await agent.parse_message(text) for text in ("gọi phở", "👍")]
    assert asked["intent"]["name"] == "order"
    assert [(e["entity"], e["value"], e["start"]) for e in asked["entities"]] == [("dish", "phở", 4)]
    assert wordless["entities"] == []
