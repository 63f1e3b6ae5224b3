"""What recipients read: placeholders, the agency's name, choices, and what is refused before anybody approves it."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.choices import Payload
from bot.broadcasts.campaign import Audience, Content
from bot.broadcasts.differences import differences
from bot.broadcasts.notice import LONGEST_VALUE, Unfilled, fill, house_facts, preview, reply_of, text_of
from bot.broadcasts.problems import Problem, problems
from bot.broadcasts.readiness import Readiness
from bot.broadcasts.tables import audience_files
from bot.house_rules import Rules, Template
from bot.storage import Database
from bot.wording.channels import channel_texts
from bot.wording.speaker import speaker
from bot.wording.talk import Agency
from connectors import telegram_drawing
from connectors.channel import Limits
from connectors.messages import Picture
from connectors.zalo.drawing import TEXT_CHARACTERS, draw_reply
from tests.bot.broadcasts.office_of_campaigns import MONDAY

AGENCY = Agency(
    name={"vi": "UBND phường Long Xuyên", "en": "Long Xuyên Ward People's Committee"},
    hotline="0900 000 123",
    hours={"vi": "giờ hành chính", "en": "office hours"},
)
HOUSE = {language: house_facts(AGENCY, Rules(), language) for language in ("vi", "en")}
LIMITS = {"zalo": Limits(TEXT_CHARACTERS, 5, 100, TEXT_CHARACTERS), "telegram": telegram_drawing.LIMITS}
TEMPLATE = Template(id="352011", title="Mời nhận kết quả", names=("ho_ten", "ngay"))
CONTENT = Content(title="Miễn lệ phí hộ tịch", body={"vi": "Từ 01/12/2026 không thu lệ phí khai sinh."})
TEXTS = {language: channel_texts(speaker(language).gettext) for language in ("vi", "en")}


def changed(**fields: Any) -> Content:
    return msgspec.structs.replace(CONTENT, **fields)


def found(content: Content, columns: tuple[str, ...] = ()) -> list[Problem]:
    return problems(content, columns, LIMITS, [TEMPLATE], HOUSE)


def told(content: Content, columns: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(one.field, speaker("vi")(one.sentence, **one.facts)) for one in found(content, columns)]


def test_a_notice_says_what_by_whom_and_how_to_have_no_more() -> None:
    content = changed(
        link="https://example.gov.vn/ho-tich", link_title={"vi": "Nghị quyết"}, procedure="1.001193", see_procedure=True
    )
    reply = reply_of(content, "vi", HOUSE["vi"])
    assert reply.text == (
        "Miễn lệ phí hộ tịch\n\n"
        "Từ 01/12/2026 không thu lệ phí khai sinh.\n\n"
        "Nghị quyết: https://example.gov.vn/ho-tich\n\n"
        "UBND phường Long Xuyên"
    )
    assert [choice.title for choice in reply.choices] == ["Xem thủ tục", "Ngừng nhận tin"]
    assert [Payload.parse(choice.payload) for choice in reply.choices] == [
        Payload("find_procedure", procedure="1.001193"),
        Payload("unsubscribe"),
    ]


def test_the_agency_signs_only_once() -> None:
    content = changed(body={"vi": "{co_quan} kính mời ông/bà; gọi {duong_day_nong}."})
    assert text_of(content, "vi", HOUSE["vi"]) == (
        "Miễn lệ phí hộ tịch\n\nUBND phường Long Xuyên kính mời ông/bà; gọi 0900 000 123."
    )


def test_the_hotline_of_the_rules_goes_before_the_settings() -> None:
    assert house_facts(AGENCY, Rules(hotline="0900 000 456"), "vi")["duong_day_nong"] == "0900 000 456"


def test_an_english_text_stands_for_itself_and_a_missing_one_is_vietnamese() -> None:
    both = changed(body={**CONTENT.body, "en": "No fee for birth registration."}, link="https://example.gov.vn")
    english = reply_of(both, "en", HOUSE["en"])
    assert english.text.startswith("No fee for birth registration.\n\n")
    assert english.text.endswith("https://example.gov.vn\n\nLong Xuyên Ward People's Committee")
    assert english.language == "en"
    assert text_of(CONTENT, "en", HOUSE["vi"]) == text_of(CONTENT, "vi", HOUSE["vi"])


@pytest.mark.parametrize("value", ["", " \n", "\x00", "x" * (LONGEST_VALUE + 1), None])
def test_nobody_is_sent_a_gap(value: str | None) -> None:
    facts = {"ngay": "24/11"} if value is None else {"ngay": "24/11", "ho_ten": value}
    with pytest.raises(Unfilled) as unfilled:
        fill("Mời {ho_ten} đến ngày {ngay}.", facts)
    assert unfilled.value.names == ("ho_ten",)


@given(st.text(min_size=1, max_size=LONGEST_VALUE // 2))
def test_a_value_is_never_read_as_a_placeholder(value: str) -> None:
    facts = {"ho_ten": f"{{ngay}} {value}", "ngay": "24/11"}
    filled = fill("[{ho_ten}] [{ngay}]", facts)
    assert filled.startswith("[{ngay}")
    assert filled.endswith("[24/11]")
    assert "\n" not in filled


def test_a_value_is_one_line() -> None:
    assert fill("{ho_ten}", {"ho_ten": " Nguyễn\n\tVăn\x07 An "}) == "Nguyễn Văn An"


def test_a_good_content_has_no_problem() -> None:
    content = changed(
        body={"vi": "Mời {ho_ten} đến {co_quan}."},
        link="https://example.gov.vn/a?b=c",
        template=TEMPLATE.id,
        template_facts={"ho_ten": "{ho_ten}", "ngay": "24/11/2026"},
        audience=Audience(file=3),
    )
    assert told(content, ("ho_ten",)) == []


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"title": " "}, "title", "Chưa có tiêu đề"),
        ({"title": "a" * 151}, "title", "150"),
        ({"title": "Mời {ho_ten}"}, "title", "ngoặc nhọn"),
        ({"body": {"en": "Only English."}}, "body_vi", "Chưa có nội dung"),
        ({"body": {"vi": "Mời {ho_ten}."}}, "body_vi", "{ho_ten}"),
        ({"body": {"vi": "Mời\nông {ho_ten."}}, "body_vi", "Dòng 2, ký tự 5: dấu { đứng lẻ"),
        ({"body": {"vi": "{{co_quan}}"}}, "body_vi", "Dòng 1, ký tự 11: dấu } đứng lẻ"),
        ({"body": {"vi": "Chào.", "en": "Hi {ten}."}}, "body_en", "{ten}"),
        ({"link_title": {"vi": "Xem {x}"}, "link": "https://example.gov.vn"}, "link_title_vi", "{x}"),
        ({"link_title": {"vi": "Xem"}}, "link", "chưa có địa chỉ"),
        ({"see_procedure": True}, "procedure", "mã thủ tục"),
        ({"template": "9"}, "template", "Cài đặt"),
        ({"template": TEMPLATE.id, "template_facts": {"ngay": "24/11"}}, "fact_ho_ten", "ho_ten"),
        ({"article": True, "picture": 4, "audience": Audience(topics=("dat_dai",))}, "article", "không chọn lọc"),
        ({"article": True}, "picture", "ảnh bìa"),
    ],
)
def test_what_keeps_a_content_from_being_sent(fields: dict[str, Any], field: str, words: str) -> None:
    assert any(name == field and words in sentence for name, sentence in told(changed(**fields)))


def test_a_house_without_a_hotline_cannot_name_it() -> None:
    house = {language: {**facts, "duong_day_nong": ""} for language, facts in HOUSE.items()}
    content = changed(body={"vi": "Gọi {duong_day_nong}."}, audience=Audience(languages=("vi",)))
    (problem,) = problems(content, (), LIMITS, [], house)
    assert (problem.field, problem.facts["name"]) == ("body_vi", "{duong_day_nong}")


@pytest.mark.parametrize(
    ("link", "is_good"),
    [
        ("https://example.gov.vn", True),
        ("https://example.gov.vn:8443/a%20b?c=d#e", True),
        ("http://127.0.0.1:8080/a", True),
        ("http://example.gov.vn", False),
        ("http://127.0.0.1.example.com", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://example.gov.vn@evil.example", False),
        ("https://example.gov.vn/a b", False),
        ("https://example.gov.vn/{ho_ten}", False),
        ("https://example.gov.vn:port/", False),
        ("https://[1/", False),
        ("https://example.gov.vn/" + "a" * 500, False),
    ],
)
def test_only_a_safe_link_goes_out(link: str, is_good: bool) -> None:
    assert ("link" not in [problem.field for problem in found(changed(link=link))]) is is_good


def test_an_article_is_for_everybody_on_zalo() -> None:
    for audience in (Audience(), Audience(channels=("zalo",), days=30)):
        assert told(changed(article=True, picture=4, audience=audience)) == []
    for audience in (Audience(channels=("telegram",)), Audience(file=1), Audience(languages=("vi",))):
        assert "article" in dict(told(changed(article=True, picture=4, audience=audience)))


def test_values_that_are_not_known_yet_are_counted_at_their_longest() -> None:
    body = "{ho_ten}" + "a" * 860
    with_picture = changed(body={"vi": body}, picture=4)
    assert told(with_picture, ("ho_ten",)) == []
    (problem,) = found(changed(body={"vi": body + "a" * 80}, picture=4), ("ho_ten",))
    assert (problem.field, problem.facts["channel"], problem.facts["limit"]) == ("body_vi", "Telegram", 1024)
    only_zalo = Audience(channels=("zalo", "phone"), file=3)
    assert told(changed(body={"vi": body + "a" * 80}, picture=4, audience=only_zalo), ("ho_ten",)) == []


@given(
    st.text(st.sampled_from("ab é\u1ec7\U0001f4dc.\n"), min_size=1, max_size=60),
    st.integers(min_value=1, max_value=140),
    st.booleans(),
    st.sampled_from(["vi", "en"]),
)
def test_a_preview_cuts_where_the_channel_begins_a_second_message(
    piece: str, times: int, has_picture: bool, language: str
) -> None:
    content = changed(body={"vi": piece * times, "en": piece * times}, picture=int(has_picture))
    picture = Picture(1, "anh.jpg", "image/jpeg") if has_picture else None
    reply = dataclasses.replace(reply_of(content, language, HOUSE[language]), picture=picture)
    shown = {one.channel: one for one in preview(content, HOUSE[language], LIMITS, language)}
    parts = {
        "zalo": draw_reply(reply, "b1", None, TEXTS, False),
        "telegram": telegram_drawing.draw(reply, "b1", None, TEXTS),
    }
    for channel, drawn in parts.items():
        fits = shown[channel].characters <= shown[channel].limit
        assert fits is (len(drawn) == 1)
        assert fits is not bool(shown[channel].overflow)


def test_a_preview_shows_what_is_cut_and_what_is_not_filled() -> None:
    content = changed(body={"vi": "Mời {ho_ten}. " + "Câu. " * 500})
    zalo, telegram = preview(content, HOUSE["vi"], LIMITS, "vi")
    assert "Mời {ho_ten}." in zalo.text
    assert len(zalo.text) <= zalo.limit < zalo.characters
    assert zalo.overflow.endswith("UBND phường Long Xuyên\n\nTrả lời bằng số để chọn:\n1. Ngừng nhận tin")
    assert telegram.overflow == ""
    assert telegram.text.endswith("UBND phường Long Xuyên")


def test_differences_since_the_last_approval() -> None:
    after = changed(
        body={"vi": "Từ 01/01/2027 không thu lệ phí khai sinh."},
        see_procedure=True,
        audience=Audience(wards=("Phường Long Xuyên, An Giang", "Phường Bình Đức, An Giang")),
    )
    assert [(one.label, one.before, one.after) for one in differences(CONTENT, after)] == [
        ("Nội dung tiếng Việt", CONTENT.body["vi"], after.body["vi"]),
        ("Nút “Xem thủ tục”", "", "✓"),
        ("Xã, phường", "", "Phường Long Xuyên, An Giang\nPhường Bình Đức, An Giang"),
    ]
    assert differences(after, after) == []


async def test_readiness_looks_into_the_file(database: Database) -> None:
    ready = Readiness(LIMITS, AGENCY, lambda: Rules(templates=(TEMPLATE,)), "")
    counts = {"bytes": 1, "rows_read": 1, "good": 1, "bad": 0, "progress": 100, "created_at": MONDAY}
    row = {"id": 3, "name": "ds.csv", "official_id": 1, "state": "reading", "columns": '["ho_ten"]', **counts}
    await database.run(lambda c: c.execute(audience_files.insert(), row))
    content = changed(body={"vi": "Mời {ho_ten}."}, audience=Audience(file=3))
    assert [problem.field for problem in await database.run(lambda c: ready(c, content))] == ["file"]
    await database.run(lambda c: c.execute(audience_files.update().values(state="ready")))
    assert await database.run(lambda c: ready(c, content)) == []
    nobody = msgspec.structs.replace(content, audience=Audience(file=4))
    assert [problem.field for problem in await database.run(lambda c: ready(c, nobody))] == ["file"]


@pytest.mark.parametrize(("origin", "fields"), [("", ["article"]), ("https://motcua.example.vn", [])])
async def test_an_article_needs_an_address_that_everybody_reaches(
    database: Database, origin: str, fields: list[str]
) -> None:
    ready = Readiness(LIMITS, AGENCY, Rules, origin)
    article = changed(article=True, picture=1, audience=Audience())
    assert [problem.field for problem in await database.run(lambda c: ready(c, article))] == fields
