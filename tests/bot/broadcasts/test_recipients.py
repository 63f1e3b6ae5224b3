"""Who is meant by an audience, and who of them may be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.broadcasts import recipients
from bot.broadcasts.campaign import Audience
from bot.broadcasts.reasons import Reason
from bot.broadcasts.recipients import Recipient
from bot.broadcasts.tables import audience_files
from bot.storage import Database, migrate, open_engine
from bot.tables import dossier_states, watches
from bot.watches import OVER
from connectors.messages import Address
from tests.bot.broadcasts.town import NOW, Door, FileRow, Office, Person, settle

AN = Person("an", (Door("zalo", "8001", 5, follows=True), Door("telegram", "91001", 1)), topics=("dat_dai",))
BINH = Person("binh", (Door("telegram", "91002", 30, language="en"),), ward="Phường Long Xuyên", asked="1.001")
CHI = Person("chi", (Door("zalo", "8003", 500, follows=True),), ward="Xã Mỹ Đức", dossier="1.001")
DUNG = Person("dung", (Door("zalo", "8004", 2, follows=True),), topics=("cu_tru",), opted_out=True)
EM = Person("em", (Door("zalo", "8005", 2, follows=False),), topics=("dat_dai",))
GIANG = Person("giang", (Door("telegram", "91007", 2, refused="left"),))
HOA = Person("hoa", (Door("webchat", "v8"),), asked="1.001")
GROUP = Person("group", (Door("telegram", "-100200/91009", 2), Door("zalo", "anonymous:1:2", 1)))
TOWN = (AN, BINH, CHI, DUNG, EM, GIANG, HOA, GROUP)


async def read(database: Database, audience: Audience, most: int = 3) -> tuple[list[Recipient], dict[Reason, int]]:
    """All pages."""
    office, after, everybody, left_out = Office(database), "", [], dict[Reason, int]()
    while after is not None:
        page = await database.run(
            lambda connection, after=after: office.recipients.read(connection, audience, after, most, NOW)
        )
        everybody += page.recipients
        for reason, count in page.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + count
        after = page.after
    return everybody, left_out


async def ids(database: Database, audience: Audience) -> list[Any]:
    return [one.citizen_id for one in (await read(database, audience))[0]]


async def test_everybody_who_may_be_told_is_read_once_and_the_others_have_a_reason(database: Database) -> None:
    await settle(database, TOWN)
    for most in (1, 2, 3, 100):
        everybody, left_out = await read(database, Audience(), most)
        assert [one.citizen_id for one in everybody] == ["an", "binh", "chi"]
        assert left_out == {
            Reason.OPTED_OUT: 1, Reason.NOT_FOLLOWING: 1, Reason.LEFT: 1, Reason.NO_CHANNEL: 1
        }  # fmt: skip


async def test_the_address_used_last_comes_first_and_its_language_counts(database: Database) -> None:
    english = Door("telegram", "91010", 7, language="en")
    await settle(database, [Person("an", (Door("zalo", "8001", 9, follows=True), english))])
    ((one,), _) = await read(database, Audience())
    assert [candidate.address.id for candidate in one.addresses] == ["91010", "8001"]
    assert one.language == "en"


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience(topics=("dat_dai",)), ["an", "em"]),  # who chose a topic need not follow
        (Audience(topics=("dat_dai", "cu_tru")), ["an", "em"]),
        (Audience(wards=("phuong long xuyen", "Xã Mỹ Đức")), ["binh", "chi"]),
        (Audience(wards=("Phường Long Xuyên, An Giang", "Xã Mỹ Đức, tỉnh An Giang")), ["binh", "chi"]),
        (Audience(wards=("Phường Long Xuyên, Cần Thơ", "Xã Mỹ Đức, Cần Thơ")), []),
        (Audience(provinces=("An Giang",)), ["binh", "chi"]),
        (Audience(provinces=("Tỉnh An Giang",)), ["binh", "chi"]),
        (Audience(wards=("Xã Mỹ Đức",), provinces=("Cần Thơ",)), []),
        (Audience(channels=("telegram",)), ["an", "binh"]),
        (Audience(channels=("sms",)), []),
        (Audience(languages=("en",)), ["binh"]),
        (Audience(asked="1.001"), ["binh"]),
        (Audience(asked="1.001", open_dossier="1.001"), ["binh", "chi"]),
        (Audience(asked="1.001", days=0), []),
        (Audience(open_dossier="1.002"), []),
        (Audience(topics=("dat_dai",), wards=("Xã Mỹ Đức",)), []),
    ],
)
async def test_each_criterion_that_is_given_must_be_met(
    database: Database, audience: Audience, expected: list[str]
) -> None:
    await settle(database, TOWN)
    assert await ids(database, audience) == expected


@pytest.mark.parametrize("ended", [watches.update().values(told=OVER), dossier_states.update().values(is_open=False)])
async def test_a_dossier_that_is_over_means_nobody(database: Database, ended: Any) -> None:
    await settle(database, TOWN)
    await database.run(lambda connection: connection.execute(ended))
    assert await ids(database, Audience(open_dossier="1.001")) == []


async def test_followers_who_never_wrote_are_meant_when_nothing_personal_is_asked(database: Database) -> None:
    strangers = [Door("zalo", str(number), follows=number != 8106) for number in range(8101, 8107)]
    await settle(database, [AN], [*strangers, Door("zalo", "8107", follows=True, refused="no_such_person")])
    everybody, left_out = await read(database, Audience())
    assert [one.addresses[0].address.id for one in everybody[1:]] == ["8101", "8102", "8103", "8104", "8105"]
    assert left_out == {Reason.NO_ACCOUNT: 1}
    assert await ids(database, Audience(languages=("vi",), channels=("zalo",))) == ["an", None, None, None, None, None]
    for narrowed in (Audience(topics=("dat_dai",)), Audience(channels=("telegram",)), Audience(languages=("en",))):
        assert None not in await ids(database, narrowed)


FILE = (
    FileRow("telegram", "91001", {"ten": "An"}),
    FileRow(None, None),
    FileRow("zalo", "8001", {"ten": "An, lần nữa"}),
    FileRow("zalo", "8004"),
    FileRow("zalo", "8900", {"ten": "Người lạ"}),
    FileRow("zalo", "8900"),
    FileRow("phone", "84900000001", {"ten": "Số 1"}),
    FileRow("phone", "84900000002"),
    FileRow("telegram", "-100200/1"),
)


async def test_rows_of_a_file_are_people_once_known_or_not(database: Database) -> None:
    await settle(database, TOWN, rows=FILE, refused=["84900000002"])
    for most in (1, 2, 100):
        everybody, left_out = await read(database, Audience(file=1), most)
        assert [(one.citizen_id, one.addresses[0].address, dict(one.facts)) for one in everybody] == [
            ("an", Address("telegram", "91001"), {"ten": "An"}),
            (None, Address("zalo", "8900"), {"ten": "Người lạ"}),
            (None, Address("zalo", "phone:84900000001"), {"ten": "Số 1"}),
        ]
        assert left_out == {Reason.OPTED_OUT: 2}


async def test_other_criteria_narrow_a_file(database: Database) -> None:
    await settle(database, TOWN, rows=FILE)
    assert await ids(database, Audience(file=1, topics=("dat_dai",))) == ["an"]
    assert await ids(database, Audience(file=1, wards=("Xã Mỹ Đức",))) == [None, None, None]  # where nobody can know
    everybody, left_out = await read(database, Audience(file=1, channels=("telegram",)))
    assert [one.citizen_id for one in everybody] == ["an"]
    assert left_out == {Reason.NOT_CHOSEN: 3}


async def test_a_file_that_is_not_read_to_its_end_means_nobody(database: Database) -> None:
    await settle(database, TOWN, rows=FILE)
    await database.run(lambda connection: connection.execute(audience_files.update().values(state="reading")))
    assert await read(database, Audience(file=1)) == ([], {})


async def test_one_citizen_is_read_as_they_are_now(database: Database) -> None:
    await settle(database, TOWN, rows=FILE)
    office = Office(database)

    def one(audience: Audience, citizen: str) -> Any:
        return database.run(lambda connection: office.recipients.of_citizen(connection, audience, citizen, NOW))

    assert (await one(Audience(), "an")).citizen_id == "an"
    assert (await one(Audience(file=1), "an")).facts == {"ten": "An"}
    assert await one(Audience(file=1), "binh") is None
    assert await one(Audience(), "dung") is None
    assert await one(Audience(topics=("cu_tru",)), "an") is None


async def test_page_bounds_what_is_looked_at(database: Database) -> None:
    """An audience of few among many must not be looked for in one work."""
    people = [Person(f"c{number:03}", (Door("telegram", f"9200{number:03}", 1),)) for number in range(50)]
    await settle(database, [*people, Person("z", (Door("telegram", "93000", 1),), topics=("dat_dai",))])
    office = Office(database)
    page = await database.run(
        lambda connection: office.recipients.read(connection, Audience(topics=("dat_dai",)), "", 10, NOW)
    )
    assert page.recipients == ()
    assert page.after is not None


def test_addresses_of_a_file_are_looked_up_and_never_searched_for_row_by_row(tmp_path: Path) -> None:
    """A file of a million rows would otherwise take a million times as long."""
    url = f"sqlite:///{tmp_path}/x.db"
    migrate(url)
    engine = open_engine(url)
    for query, lookups in ((recipients._ROWS_PAGE, 2), (recipients._ROWS_OF_ADDRESS, 1)):
        statement = str(query.compile(engine))
        with engine.connect() as connection:
            values = (1,) * statement.count("?")
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        address = "ix_audience_rows_address (file=? AND channel=? AND person=?)"
        assert sum(address in step for step in plan) == lookups, plan
        assert not [step for step in plan if step.startswith("SCAN")]
    engine.dispose()
