"""Everything that asks Zalo, against the emulated platform: from the permission page to a broadcast."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from bot.alerts import Alerts
from bot.contacts import Contacts
from bot.follower_sync import Synced, sync_followers
from bot.grants import SqlGrantStore
from bot.storage import Database, migrate
from connectors.errors import Misconfigured, Refused, RefusedReason, TooFast, Unreachable
from connectors.messages import Address
from connectors.zalo.account import Account
from connectors.zalo.articles import Article, Articles, TextBlock
from connectors.zalo.client import ZaloClient
from connectors.zalo.followers import Followers
from connectors.zalo.grants import DEAD, Grants
from connectors.zalo.oauth import ZaloOAuth, challenge_of, new_verifier
from connectors.zalo.reactions import GrantDead
from connectors.zalo.settings import ZaloSettings
from connectors.zalo.templates import Templates
from connectors.zalo.uploads import Uploads
from emulators.zalo import Fault, ZaloEmulator

MORNING = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.timezone.utc)  # 09:00 in Vietnam
AN, BINH = "8123450000000000001", "8123450000000000002"
MESSAGE = {"recipient": {"user_id": AN}, "message": {"text": "Hồ sơ đã được tiếp nhận."}}


@dataclass
class Zalo:
    emulator: ZaloEmulator
    oauth: ZaloOAuth
    store: SqlGrantStore
    grants: Grants
    client: ZaloClient
    http: aiohttp.ClientSession
    alerts: Alerts

    async def say(self) -> str:
        return str((await self.client.post("/v3.0/oa/message/cs", MESSAGE))["message_id"])


@pytest.fixture
async def zalo(tmp_path: Path) -> AsyncIterator[Zalo]:
    """The emulated account with a follower, let in by its administrator on the permission page."""
    url = f"sqlite:///{tmp_path}/x.db"
    migrate(url)
    database = Database(url)
    emulator = ZaloEmulator(now=lambda: MORNING)
    emulator.switches.proof_needed = True
    identity = emulator.identity
    here = await emulator.start()
    async with aiohttp.ClientSession() as http:
        settings = ZaloSettings(
            identity.app_id,
            identity.oa_id,
            identity.app_secret,
            identity.oa_secret_key,
            here,
            here,
            here,
            use_proof=True,
        )
        oauth = ZaloOAuth(settings, http, emulator.now)
        store = SqlGrantStore(database, "a secret key of an installation", settings.oa_id, emulator.now)
        alerts = Alerts(database, to=(), enqueue=lambda connection, address, sentence: None)
        grants = Grants(oauth, store, alerts, emulator.now)
        zalo = Zalo(emulator, oauth, store, grants, ZaloClient(settings, grants, http), http, alerts)
        await let_in(zalo)
        emulator.follow(AN)
        yield zalo
    await emulator.stop()
    await database.close()


async def let_in(zalo: Zalo) -> None:
    verifier = new_verifier()
    page = zalo.oauth.authorisation_url("https://motcua.example/zalo", "a-state", challenge_of(verifier))
    async with zalo.http.post(URL(page, encoded=True), allow_redirects=False) as answer:
        back = URL(answer.headers["Location"]).query
    assert back["state"] == "a-state"
    await zalo.store.save(await zalo.oauth.exchange(back["code"], verifier, back["oa_id"]))


async def test_a_message_arrives(zalo: Zalo) -> None:
    message_id = await zalo.say()
    (sent,) = zalo.emulator.messages_to(AN)
    assert (sent.message_id, sent.text) == (message_id, "Hồ sơ đã được tiếp nhận.")
    assert zalo.client.calls_left == zalo.emulator.switches.calls_per_minute - 1


async def test_a_month_without_anybody_noticing(zalo: Zalo) -> None:
    for _ in range(30):
        zalo.emulator.advance(24 * 3600)
        await zalo.grants.access_token()
    assert (await Account(zalo.client).about()).id == zalo.emulator.identity.oa_id
    stored = await zalo.store.load()
    assert stored is not None
    assert stored.version == 31


async def test_a_token_that_died_early_is_renewed_on_both_hosts(zalo: Zalo) -> None:
    zalo.emulator.faults.switch_on(Fault.TOKEN_EXPIRED, times=1)
    await zalo.say()
    zalo.emulator.faults.switch_on(Fault.TOKEN_EXPIRED, times=1)
    await Templates(zalo.client).daily_quota()
    assert zalo.emulator.calls["/v4/oa/access_token"] == 3
    assert len(zalo.emulator.messages_to(AN)) == 1


async def test_a_permission_taken_back_is_told_and_given_again(zalo: Zalo) -> None:
    zalo.emulator.revoke()
    for _ in range(2):
        with pytest.raises(GrantDead):
            await zalo.say()
    assert await zalo.alerts.open() == [DEAD[0]]
    assert zalo.emulator.calls["/v4/oa/access_token"] == 2
    await let_in(zalo)
    await zalo.say()


async def test_a_lost_answer_may_have_been_sent(zalo: Zalo) -> None:
    zalo.emulator.faults.switch_on(Fault.LOST_ANSWER, times=1, path="/message/cs")
    with pytest.raises(Unreachable) as lost:
        await zalo.say()
    assert lost.value.maybe_sent
    assert len(zalo.emulator.messages_to(AN)) == 1


async def test_too_many_calls(zalo: Zalo) -> None:
    zalo.emulator.faults.switch_on(Fault.FLOOD, times=1)
    with pytest.raises(TooFast):
        await zalo.say()


async def test_who_wrote_too_long_ago_is_not_written_to(zalo: Zalo) -> None:
    zalo.emulator.advance(8 * 24 * 3600)
    with pytest.raises(Refused) as refused:
        await zalo.say()
    assert refused.value.why is RefusedReason.WINDOW_CLOSED


async def test_templates(zalo: Zalo) -> None:
    templates = Templates(zalo.client)
    facts = {"ma_ho_so": "H12.34.56", "ngay": "05/03/2026"}
    before = await templates.daily_quota()
    by_phone = await templates.send_to_phone("0912 000 345", "412346", facts, "hs-1")
    by_user = await templates.send_to_user(AN, "412346", facts)
    assert by_phone.message_id != by_user.message_id
    assert before.left is not None
    assert by_phone.left == before.left - 1


async def test_an_article_is_broadcast(zalo: Zalo) -> None:
    articles = Articles(zalo.client, zalo.emulator.now, sleep)
    article = Article("Cấp căn cước", "Công an", "Giờ làm việc mới", "https://cdn.example/c.jpg", (TextBlock("Từ …"),))
    id = await articles.wait_for(await articles.create(article))
    assert [(one.id, one.shown) for one in await articles.page()] == [(id, True)]
    assert (await articles.get(id)).title == "Cấp căn cước"
    zalo.emulator.follow(BINH)
    await articles.broadcast([id], {"gender": [2], "platform": [1, 2]})
    zalo.emulator.advance(3600)
    assert [sent.user_id for sent in zalo.emulator.ledger] == [BINH]
    zalo.emulator.advance(13 * 3600)  # 23:00
    with pytest.raises(Refused):
        await articles.broadcast([id])
    await articles.remove(id)
    assert await articles.page() == []


async def sleep(_: float) -> None:
    """Articles are ready after some polls, not after some time."""


async def test_uploads(zalo: Zalo) -> None:
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, "PNG")
    uploads = Uploads(zalo.client, zalo.emulator.now)
    assert [
        (await uploads.upload(name, body)).kind
        for name, body in (("a.png", content.getvalue()), ("a.pdf", b"%PDF-1.7"))
    ] == ["image", "file"]


async def test_followers_and_the_account(zalo: Zalo) -> None:
    for number in range(120):
        zalo.emulator.follow(f"82{number:017}")
    followers = Followers(zalo.client)
    found = [user_id async for user_id in followers.ids()]
    assert (len(found), AN in found) == (121, True)
    follower = await followers.detail(AN)
    assert (follower.name, follower.follows, follower.last_interaction) == ("Nguyễn Văn An", True, "02/03/2026")
    account = await Account(zalo.client).about()
    assert (account.verified, account.followers) == (True, 121)
    quota = await Account(zalo.client).quota(AN)
    assert quota.last_interaction_at == MORNING
    assert quota.promotions_left_today == 1


async def test_a_proof_that_is_demanded_and_not_given(zalo: Zalo) -> None:
    identity, here = zalo.emulator.identity, zalo.emulator.url
    without = ZaloSettings(identity.app_id, identity.oa_id, "", "", here, here, here)
    for read in (Account(client := ZaloClient(without, zalo.grants, zalo.http)).about, Templates(client).daily_quota):
        with pytest.raises(Misconfigured, match="proof"):
            await read()


async def test_who_follows_is_known_although_no_event_told(zalo: Zalo, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    people = [f"81234500000000{number:05}" for number in range(120)]
    for person in people:
        zalo.emulator.follow(person)
    known = Contacts(database)
    await known.follow(Address("zalo", "stranger"), True)
    synced = await sync_followers(database, Followers(zalo.client))
    assert synced == Synced(len({AN, *people}), gone=1)
    assert (await known.get(Address("zalo", people[60]))).follows
    assert not (await known.get(Address("zalo", "stranger"))).follows
    await database.close()
