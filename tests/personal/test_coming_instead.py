"""On their page people name who comes in their place, attend another way, and confirm what a mail's link offers."""

import asyncio
from uuid import uuid4

import pytest
import sqlalchemy as sa

from eventhub.db.engine import Database
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.invites import switching
from eventhub.invites.switching import SwitchRule
from eventhub.participants.tables import participants, rsvps, stand_ins, substitutes, switches
from eventhub.sessions.actions import latest_release
from eventhub.sessions.model import Format
from eventhub.sessions.released import released_people
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.personal.conftest import DIRECTOR, GOVERNOR, Addresses, publish
from tests.standins.clock import StillClock

pytestmark = pytest.mark.usefixtures("published")
WHO = {"name": "Sekretaris Daerah", "position": "Sekretaris", "email": "sekda@example.org"}


async def post(client: Client, path: str, **fields: str) -> tuple[int, str]:
    answer = await client.post(path, data=fields, allow_redirects=False)
    return answer.status, await answer.text()


async def rows(database: Database, *columns: sa.ColumnElement[object]) -> list[tuple[object, ...]]:
    async with database.reading() as tx:
        return sorted(tuple(row) for row in await tx.execute(sa.select(*columns)))


async def answers(database: Database) -> list[tuple[object, ...]]:
    return await rows(database, rsvps.c.participant_id, rsvps.c.session_code, rsvps.c.status)


async def substitute(database: Database) -> int:
    async with database.reading() as tx:
        id: int = (await tx.execute(sa.select(substitutes.c.participant_id))).scalar_one()
    return id


async def allow(database: Database, rule: SwitchRule) -> None:
    async with database.transaction() as tx:
        await switching.save_rule(tx, 1, None, rule)


async def test_somebody_comes_to_one_session_in_the_invited_persons_place(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)

    status, _ = await post(client, page + "instead", session="opening", **WHO)

    assert status == 303
    assert await answers(database) == [(GOVERNOR, "opening", "delegated")]
    theirs = await (await client.get(links.page(await substitute(database)))).text()
    assert "Sekretaris Daerah" in theirs
    assert "Mewakili Gubernur Papua" in theirs
    assert "Pembukaan" in theirs
    assert "Desk Kesehatan" not in theirs
    assert "Sekretaris Daerah" in await (await client.get(page)).text()


async def test_somebody_comes_to_everything(
    client: Client, links: Addresses, database: Database
) -> None:
    await post(client, links.page(GOVERNOR) + "instead", **WHO)

    assert await answers(database) == [
        (GOVERNOR, "desk-kesehatan", "delegated"),
        (GOVERNOR, "opening", "delegated"),
    ]
    theirs = await (await client.get(links.page(await substitute(database)))).text()
    assert "Desk Kesehatan" in theirs
    assert "Pembukaan" in theirs


async def test_who_comes_themselves_after_all_takes_their_seat_back(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)
    await post(client, page + "instead", session="opening", **WHO)

    await post(client, page + "answer", answer="opening:accepted")

    assert await answers(database) == [(GOVERNOR, "opening", "accepted")]
    assert await rows(database, substitutes.c.participant_id) == []
    assert await rows(database, stand_ins.c.session_id) == []


async def test_taken_back_altogether_the_answers_are_open_again(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)
    await post(client, page + "instead", **WHO)
    refused, _ = await post(client, page + "answer", answer="opening:accepted")

    await post(client, page + "instead", do="take_back")

    assert refused == 409
    assert await answers(database) == [
        (GOVERNOR, "desk-kesehatan", "needs_action"),
        (GOVERNOR, "opening", "needs_action"),
    ]
    assert await rows(database, participants.c.id) == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (WHO | {"name": ""}, 422),
        (WHO | {"email": ""}, 422),
        (WHO | {"email": "sekda"}, 422),
        (WHO | {"session": "nowhere"}, 404),
    ],
)
async def test_what_is_left_out_names_nobody(
    client: Client, links: Addresses, database: Database, fields: dict[str, str], status: int
) -> None:
    found, _ = await post(client, links.page(GOVERNOR) + "instead", **fields)

    assert found == status
    assert await answers(database) == []
    assert await rows(database, participants.c.id) == [(1,), (2,), (3,)]


async def test_a_mails_link_answers_nothing_until_it_is_confirmed(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)

    answer = await client.get(f"{page}answer?session=opening&answer=declined")

    shown = await answer.text()
    assert answer.status == 200
    assert "Konfirmasi: Tidak hadir" in shown
    assert "11.00–12.00 WIT" in shown
    assert 'aria-pressed="true"' not in shown
    assert await answers(database) == []


async def test_another_way_to_attend_is_refused_unless_allowed(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)
    assert 'name="attend"' not in await (await client.get(page)).text()

    status, _ = await post(client, page + "attend", attend="opening:onsite")

    assert (status, await rows(database, switches.c.session_id)) == (409, [])


async def test_who_comes_on_site_instead_has_a_ticket(
    client: Client, links: Addresses, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True))
    page = links.page(GOVERNOR)
    assert 'value="opening:onsite"' in await (await client.get(page)).text()

    status, _ = await post(client, page + "attend", attend="opening:onsite")

    assert status == 303
    assert await rows(database, switches.c.participant_id, switches.c.attendance) == [
        (GOVERNOR, Attendance.ONSITE)
    ]
    assert "Sasana Bhakti Praja" in await (await client.get(page)).text()
    assert (await client.get(page + "ticket")).status == 200


async def test_who_stays_away_from_everything_on_site_has_no_ticket_until_they_come_again(
    client: Client, links: Addresses, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True))
    page = links.page(DIRECTOR)
    seen: list[tuple[object, int]] = []
    text = await (await client.get(page + "ticket.svg")).text()

    for where in ("opening:meeting", "desk-kesehatan:meeting", "desk-kesehatan:onsite"):
        await post(client, page + "attend", attend=where)
        kept = await rows(database, participants.c.id, participants.c.attendance)
        [way] = [attendance for id, attendance in kept if id == DIRECTOR]
        seen.append((way, (await client.get(page + "ticket.svg")).status))

    assert seen == [
        (Attendance.ONSITE, 200),
        (Attendance.MEETING, 404),
        (Attendance.ONSITE, 200),
    ]
    assert await (await client.get(page + "ticket.svg")).text() == text
    assert await rows(database, switches.c.session_id, switches.c.attendance) == [
        (1, Attendance.MEETING),
        (2, Attendance.ONSITE),
    ]


async def test_gates_follow_who_attends_another_way(
    client: Client, links: Addresses, installation: Installation, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True))
    headers = await bearer(installation, Role.ORGANIZER)
    api = "/api/v1/events/rakortek"
    ticket = await (await client.get(f"{api}/participants/2/ticket", headers=headers)).json()
    gate = {"code": "gate", "kind": "gate", "room": None}
    await client.post(f"{api}/checkpoints", headers=headers, json=gate)

    async def scanned(minute: int) -> str | None:
        item = {
            "nonce": str(uuid4()), "secret": ticket["text"], "checkpoint": "gate",
            "type": "entry", "scanned_at": f"2021-02-25T08:{minute}:00+07:00",
            "health": {"temperature_c": 36.4, "mask": True}, "force": False,
            "force_reason": None, "offline": False, "decided": None,
        }  # fmt: skip
        answer = await client.post(f"{api}/passages", headers=headers, json={"passages": [item]})
        reason: str | None = (await answer.json())["results"][0]["reason"]
        return reason

    found = [await scanned(20)]
    for minute, where in enumerate(("opening:meeting", "desk-kesehatan:meeting", "opening:onsite")):
        await post(client, links.page(DIRECTOR) + "attend", attend=where)
        found.append(await scanned(21 + minute))

    assert found == [
        "declaration_missing",
        "declaration_missing",
        "not_onsite",
        "declaration_missing",
    ]


async def test_who_comes_on_site_once_still_speaks_from_afar_elsewhere(
    client: Client, links: Addresses, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.session(
            3, code="panel", format=Format.HYBRID, meeting_url="https://meet.example.org/panel",
            starts_at=make.at("15:00"), ends_at=make.at("16:00"), speakers=(GOVERNOR,),
        ),
    )  # fmt: skip
    await publish(installation, make.at("08:00", "2021-02-21"))
    await allow(database, SwitchRule(is_allowed=True))

    await post(client, links.page(GOVERNOR) + "attend", attend="opening:onsite")

    async with database.reading() as tx:
        release = await latest_release(tx, 1)
        assert release is not None
        people = await tx.execute(released_people(release.id, participant_id=GOVERNOR))
        assert sorted(tuple(row) for row in people) == [
            (1, GOVERNOR, Attendance.ONSITE),
            (2, GOVERNOR, Attendance.MEETING),
            (3, GOVERNOR, Attendance.MEETING),
        ]


async def test_of_two_who_want_the_last_seat_one_gets_it(
    client: Client, links: Addresses, database: Database
) -> None:
    await make.stored(
        database, make.participant(4, name="Wakil Gubernur", attendance=Attendance.MEETING)
    )
    await allow(database, SwitchRule(is_allowed=True, onsite_limit=2))

    answers = await asyncio.gather(
        *(post(client, links.page(who) + "attend", attend="opening:onsite") for who in (1, 4))
    )

    assert sorted(status for status, _ in answers) == [303, 409]
    assert len(await rows(database, switches.c.participant_id)) == 1


async def test_who_takes_a_seat_attends_as_its_holder_had_chosen(
    client: Client, links: Addresses, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True))
    page = links.page(DIRECTOR)
    await post(client, page + "attend", attend="opening:meeting")

    await post(client, page + "instead", session="opening", **WHO)

    who = await substitute(database)
    assert (who, 1, Attendance.MEETING) in await rows(
        database, switches.c.participant_id, switches.c.session_id, switches.c.attendance
    )
    refused, said = await post(client, page + "attend", attend="opening:onsite")
    assert (refused, "Sekretaris Daerah" in said) == (409, True)


async def test_who_delegated_everything_has_no_ticket_to_show(
    client: Client, links: Addresses
) -> None:
    page = links.page(DIRECTOR)
    await post(client, page + "instead", **WHO)

    shown = await (await client.get(page)).text()
    refused = await client.get(page + "ticket")
    await post(client, page + "instead", do="take_back")

    assert 'href="ticket"' not in shown
    assert "Sekretaris Daerah" in shown
    assert refused.status == 404
    assert (await client.get(page + "ticket")).status == 200


async def test_a_full_room_is_refused_with_a_sentence(
    client: Client, links: Addresses, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True, onsite_limit=1))

    status, said = await post(client, links.page(GOVERNOR) + "attend", attend="opening:onsite")

    assert (status, await rows(database, switches.c.session_id)) == (409, [])
    assert "1 tempat" in said


async def test_a_seat_that_was_declined_is_free_for_somebody_else(
    client: Client, links: Addresses, database: Database
) -> None:
    await allow(database, SwitchRule(is_allowed=True, onsite_limit=1))
    await post(client, links.page(DIRECTOR) + "answer", answer="opening:declined")

    status, _ = await post(client, links.page(GOVERNOR) + "attend", attend="opening:onsite")

    assert status == 303


async def test_an_organizer_names_who_comes(
    client: Client, installation: Installation, database: Database
) -> None:
    organizer = await bearer(installation, Role.ORGANIZER)
    path = "/api/v1/events/rakortek/participants/1/substitutes"

    made = await client.post(path, json=WHO | {"session": "opening"}, headers=organizer)
    listed = await client.get(path, headers=organizer)
    gone = await client.post(f"{path}/withdraw", headers=organizer)

    [item] = (await listed.json())["items"]
    assert (made.status, gone.status) == (201, 200)
    assert (item["name"], item["position"], item["sessions"]) == (
        "Sekretaris Daerah",
        "Sekretaris",
        ["opening"],
    )
    assert (await gone.json())["items"] == []
    assert await answers(database) == [(GOVERNOR, "opening", "needs_action")]


async def test_an_organizer_names_who_comes_on_a_page(
    client: Client, installation: Installation, database: Database
) -> None:
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    path = "/manage/rakortek/people/1/instead"
    shown = await (await client.get(path)).text()

    status, _ = await post(client, path, csrf=csrf, session="opening", **WHO)

    assert "Pembukaan" in shown
    assert status == 303
    assert await answers(database) == [(GOVERNOR, "opening", "delegated")]


async def test_who_comes_instead_is_offered_while_any_session_is_still_to_come(
    client: Client, links: Addresses, clock: StillClock
) -> None:
    page = links.page(GOVERNOR)

    before = await (await client.get(page)).text()
    empty = await (await client.get(f"{page}instead")).text()
    await post(client, page + "instead", session="opening", **WHO)
    named = await (await client.get(f"{page}instead?session=opening")).text()
    clock.moment = make.at("18:00")
    after = await (await client.get(page)).text()

    assert "Saya diwakili orang lain di semua sesi" in before
    assert "Tunjuk orang lain sebagai gantinya" not in empty
    assert "Tunjuk orang lain sebagai gantinya" in named
    assert 'href="instead"' not in after
