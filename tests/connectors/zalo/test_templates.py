"""Templates by user id and by phone number."""

from __future__ import annotations

import pytest

from connectors.errors import Refused, RefusedReason
from connectors.zalo.client import ZaloClient
from connectors.zalo.templates import DailyQuota, SentTemplate, Templates, international
from tests.connectors.zalo.scripted_zalo import ScriptedZalo

FACTS = {"ho_ten": "Trần Thị B", "ma_ho_so": "H12.34.56"}


async def test_by_user_id(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"message_id": "m1", "quota": {"quota_type": "sub_quota", "remain": "7"}})
    assert await Templates(client).send_to_user("8123", "412345", FACTS) == SentTemplate("m1", 7)
    assert zalo.asked[0].path == "/api/v3.0/oa/message/template"
    assert zalo.asked[0].json == {"user_id": "8123", "template_id": "412345", "template_data": FACTS}


async def test_by_phone_number(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"msg_id": "m2", "quota": {"dailyQuota": "500", "remainingQuota": "499"}})
    sent = await Templates(client).send_to_phone("0912 000 123", "412345", FACTS, "hs-1")
    assert sent == SentTemplate("m2", 499)
    assert zalo.asked[0].path == "/business/message/template"
    assert zalo.asked[0].json == {
        "phone": "84912000123",
        "template_id": "412345",
        "template_data": FACTS,
        "tracking_id": "hs-1",
    }


@pytest.mark.parametrize("tracking_id", ["", "x" * 49])
async def test_a_wrong_tracking_id_is_not_sent(zalo: ScriptedZalo, client: ZaloClient, tracking_id: str) -> None:
    with pytest.raises(Refused) as refused:
        await Templates(client).send_to_phone("0912000123", "412345", FACTS, tracking_id)
    assert refused.value.why is RefusedReason.WRONG_MESSAGE
    assert zalo.asked == []


async def test_a_number_without_an_account(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.failure(-118)
    with pytest.raises(Refused) as refused:
        await Templates(client).send_to_phone("0912000123", "412345", FACTS, "hs-1")
    assert refused.value.why is RefusedReason.NO_SUCH_PERSON


async def test_the_daily_quota(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"dailyQuota": "500", "remainingQuota": 12})
    assert await Templates(client).daily_quota() == DailyQuota(500, 12)
    zalo.success([])
    assert await Templates(client).daily_quota() == DailyQuota(None, None)


@pytest.mark.parametrize(
    "written", ["0912000123", "+84912000123", "84912000123", "912000123", "0912.000.123", "(+84) 912-000 123"]
)
def test_numbers_are_written_in_one_way(written: str) -> None:
    assert international(written) == "84912000123"


@pytest.mark.parametrize(
    "written", ["", "091200012", "09120001234", "02431234567", "0112000123", "+12025550123", "o912000123", "٠912000123"]
)
def test_what_is_no_mobile_number_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        international(written)
    assert refused.value.why is RefusedReason.NO_SUCH_PERSON
    assert not written or written not in str(refused.value)
