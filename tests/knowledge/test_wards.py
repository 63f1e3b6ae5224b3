"""Where somebody lives is read from what they say, and never from a mere mention of a commune."""

from __future__ import annotations

import pytest

from knowledge.wards import find_ward
from nlu.vietnamese.folding import fold

KNOWN = ("Phường Long Xuyên, An Giang", "Phường Bình Đức, An Giang", "Xã Mỹ Đức, An Giang", "Xã Mỹ, An Giang")


@pytest.mark.parametrize(
    ("text", "ward", "province"),
    [
        ("tôi ở phường Long Xuyên", "Phường Long Xuyên", ""),
        ("toi o phuong long xuyen nhe", "Phường Long Xuyen", ""),
        ("nhận tin đất đai, tôi ở xã Mỹ Đức, tỉnh An Giang", "Xã Mỹ Đức", "an giang"),
        ("nhà em ở xã Mỹ Đức, An Giang nhé", "Xã Mỹ Đức", "an giang"),
        ("em mới về phường Tân Bảo có tin gì thì báo", "Phường Tân Bảo", ""),
        ("tôi ở phường 12 thì nhận tin nào", "Phường 12", ""),
        ("tôi ở đặc khu Phú Quốc.", "Đặc khu Phú Quốc", ""),
        ("tôi ở xã Mỹ Đức thì nhận tin gì", "Xã Mỹ Đức", ""),
    ],
)
def test_any_ward_counts_while_none_are_listed(text: str, ward: str, province: str) -> None:
    found = find_ward(text, (), fold)
    assert found is not None
    assert (found.name, found.key, found.province_key) == (ward, fold(ward), province)


@pytest.mark.parametrize(
    "text",
    [
        "cho tôi nhận tin của phường",
        "ở xã có gì mới thì báo",
        "khi nào ở phường có đợt làm căn cước",
        "nhận tin nhà ở xã hội",
        "tôi ở Hà Nội",
        "",
    ],
)
def test_a_mere_mention_is_no_residence(text: str) -> None:
    assert find_ward(text, (), fold) is None


@pytest.mark.parametrize(
    ("text", "ward"),
    [
        ("tôi ở phường long xuyên", "Phường Long Xuyên, An Giang"),
        ("xa my duc", "Xã Mỹ Đức, An Giang"),
        ("tôi ở phường Mỹ Bình", None),
        ("tôi ở Long Xuyên", None),
    ],
)
def test_of_those_that_are_listed_one_is_meant_or_none(text: str, ward: str | None) -> None:
    found = find_ward(text, KNOWN, fold)
    assert (found.name if found else None) == ward
    assert found is None or (found.key, found.province_key) == (fold(found.name.partition(",")[0]), "an giang")
