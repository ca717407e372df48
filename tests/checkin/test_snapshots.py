"""What scanners are given to decide by: sealed, only what changed, and the same from every server process."""

import base64
import json
from datetime import timedelta
from typing import Any

from eventhub.accounts.tables import audit_log
from eventhub.checkin import actions, clearance, numbered, people, sealing, snapshots
from eventhub.checkin.model import Declaration, Proof
from eventhub.checkin.tables import passages
from eventhub.events.model import AcceptedProof, Attendance, Protocol
from eventhub.installation import Installation
from eventhub.participants.tables import participants
from eventhub.web.access import Principal, Role
from tests import make
from tests.callers import Client
from tests.checkin import gate
from tests.checkin.gate import SECRETS, Hall
from tests.checkin.test_scanners import enrolled, opened
from tests.standins.clock import StillClock

DESK = Principal("device", 9, "Meja", Role.GATE, 1, may_search=True)
STRICT = Protocol(
    declaration_required=True,
    proof_required=True,
    proof_accepts=(AcceptedProof("antigen", valid_hours=24),),
)


async def taken(hall: Hall, keep: snapshots.Keep, minute: float = 0) -> snapshots.Snapshot:
    """Take a snapshot so many minutes after nine; however long the one before took, it has rested enough."""
    at = hall.now + timedelta(minutes=minute)
    for kept in keep.values():
        kept.rests_until = 0.0
    return await snapshots.snapshot(hall.database, keep, hall.event, secrets=SECRETS, at=at)


def ids(*texts: str) -> list[str]:
    return sorted(sealing.lock_of(text).id for text in texts)


async def test_only_what_changed_since_is_given(database: Any) -> None:
    hall = await gate.built(database)
    keep: snapshots.Keep = {}
    first = await taken(hall, keep)
    version = first.version
    await taken(hall, keep, 5)
    await hall.scan(2, minute=6)
    since = hall.now + timedelta(minutes=5)

    second = await taken(hall, keep, 7)

    whole, changed = second.document(), second.document(since)
    assert (whole["since"], changed["since"]) == (None, since.isoformat())
    assert sorted(whole["tickets"]) == ids(*hall.texts.values())
    assert sorted(changed["tickets"]) == ids(hall.texts[2])
    assert opened(changed, hall.texts[2])["inside"] is True
    assert second.version != version


async def test_an_old_or_foreign_snapshot_is_answered_with_all(database: Any) -> None:
    hall = await gate.built(database)
    snapshot = await taken(hall, {}, 5)

    document = snapshot.document(hall.now)

    assert (document["since"], len(document["tickets"])) == (None, 3)


async def test_a_replaced_ticket_is_listed_as_revoked_and_a_removed_one_as_gone(
    database: Any,
) -> None:
    hall = await gate.built(database)
    keep: snapshots.Keep = {}
    await taken(hall, keep)
    async with hall.database.transaction() as tx:
        at = hall.now + timedelta(minutes=6)
        ticket = await actions.reissue_ticket(
            tx, hall.event, 1, who="organizer", secrets=SECRETS, at=at
        )
        await tx.execute(participants.delete().where(participants.c.id == 3))

    document = (await taken(hall, keep, 7)).document(hall.now + timedelta(minutes=5))

    assert document["revoked"] == ids(hall.texts[1])
    assert document["gone"] == ids(hall.texts[3])
    assert sorted(document["tickets"]) == ids(ticket.text)


async def test_every_server_process_seals_alike(database: Any) -> None:
    hall = await gate.built(database)
    await hall.scan(1)

    one, other = await taken(hall, {}), await taken(hall, {})

    assert (one.version, one.document()) == (other.version, other.document())


async def test_who_may_enter_which_session_is_told_without_names(database: Any) -> None:
    hall = await gate.built(
        database,
        things=(
            make.session(1, audience=(make.audience(delegation_id=1),)),
            make.session(2, audience=(make.audience(participant_id=2),), starts_at=make.at("11:00"),
                         ends_at=make.at("12:00")),
            make.session(3, starts_at=make.at("13:00"), ends_at=make.at("14:00"), speakers=(3,),
                         audience=(make.audience(delegation_id=2),)),
            make.session(4, room_id=None, audience=(make.audience(delegation_id=1),)),
        ),
    )  # fmt: skip

    document = (await taken(hall, {})).document()

    assert [(one["code"], one["room"]) for one in document["sessions"]] == [
        ("session-1", "room-1"),
        ("session-2", "room-1"),
        ("session-3", "room-1"),
    ]
    invited = {
        person: document["audiences"][opened(document, text)["audience"]]
        for person, text in hall.texts.items()
    }
    assert invited == {
        1: ["session-1"],
        2: ["session-1", "session-2"],
        3: ["session-1", "session-3"],
    }
    assert "Kepala" not in json.dumps(document)


async def test_clearance_tells_whether_and_until_when_and_not_what(database: Any) -> None:
    hall = await gate.built(database, protocol=STRICT)
    await hall.declare(1)
    await hall.declare(2, symptoms=True)
    await hall.prove(1, hours_ago=2)
    await hall.prove(2, hours_ago=30)

    document = (await taken(hall, {})).document()

    told = {person: opened(document, text) for person, text in hall.texts.items()}
    day = hall.event.day_of(hall.now).isoformat()
    assert {person: (one["declared"], one["proof"]) for person, one in told.items()} == {
        1: ({day: True}, {"until": "2021-02-26T00:00:00+00:00", "then": "proof_expired"}),
        2: ({day: False}, {"until": "2021-02-24T20:00:00+00:00", "then": "proof_expired"}),
        3: ({}, {"until": None, "then": "proof_missing"}),
    }


def test_a_proof_that_never_ends_holds_always_and_a_positive_test_ends_it() -> None:
    at = make.at("09:00")
    protocol = Protocol(
        proof_required=True,
        proof_accepts=(AcceptedProof("vaccine", min_doses=2), AcceptedProof("pcr", valid_hours=72)),
    )
    hours = timedelta(hours=1)
    positive = Proof("pcr", at - 2 * hours, negative=False)
    negative = Proof("pcr", at - 3 * hours, negative=True)

    assert (
        clearance.proof(protocol, [Proof("vaccine", at - hours, doses=2)], at)["until"] == "always"
    )
    assert clearance.proof(protocol, [negative], at)["until"] == "2021-02-27T23:00:00+00:00"
    assert clearance.proof(protocol, [negative, positive], at) == {
        "until": None,
        "then": "proof_missing",
    }


def test_declarations_are_told_by_day_only_where_they_are_asked_for() -> None:
    at = make.at("09:00")
    person = clearance.Person("Kepala", "", "Bappeda", Attendance.ONSITE)
    day = clearance.Standing(at.date())
    declared = [Declaration(at.date(), False, False, True)]

    plain = clearance.holder(person, day, Protocol(), audience="", declarations=declared, at=at)

    assert "declared" not in plain
    assert "proof" not in plain


async def test_a_phone_that_has_the_newest_is_told_of_when_it_is(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall)
    first = await client.get("/scan/snapshot")
    clock.moment += timedelta(minutes=3)

    again = await client.get(
        f"/scan/snapshot?since={(await first.json())['made_at']}".replace("+", "%2B"),
        headers={"If-None-Match": first.headers["ETag"]},
    )
    odd = await client.get("/scan/snapshot?since=yesterday")

    assert (again.status, again.headers["Eventhub-Made-At"]) == (304, clock.now().isoformat())
    assert (odd.status, len((await odd.json())["tickets"])) == (200, 3)


async def test_a_phone_may_name_a_ticket_by_its_number(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall)
    items = [hall.item(1), hall.item(2), hall.item(3)]
    number = await number_of(hall, 1)
    for item, named in zip(items, (number, "AAAA", number[:-4] + "zzzz"), strict=True):
        del item["secret"]
        item["ticket"] = named

    answer = await client.post("/scan/passages", json={"passages": items})

    results = (await answer.json())["results"]
    assert [(r["status"], r["reason"]) for r in results] == [
        ("ok", None),
        ("refused", "malformed"),
        ("refused", "unknown"),
    ]
    assert set(await hall.rows(passages, "participant_id")) == {(1,), (None,)}


async def number_of(hall: Hall, person: int) -> str:
    raw = base64.b32decode(hall.texts[person] + "=" * (-len(hall.texts[person]) % 8))
    return base64.urlsafe_b64encode(raw[:12]).decode()


async def test_who_is_found_by_name_is_noted_and_only_where_the_phone_may(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall)
    item = hall.item(1, ticket=await number_of(hall, 1), by_name=True)
    del item["secret"]

    refused = await client.post("/scan/passages", json={"passages": [item]})
    async with hall.database.transaction() as tx:
        items = await numbered.with_texts(tx, hall.event, [item], who=DESK, secrets=SECRETS)
        results = await actions.record_passages(
            tx, hall.event, items, who=DESK, secrets=SECRETS, at=hall.now
        )
        await numbered.audit_found(tx, hall.event, [item], results, who=DESK, at=hall.now)

    assert [r["reason"] for r in (await refused.json())["results"]] == ["malformed"]
    assert [result.status for result in results] == ["ok"]
    assert await audited(hall, "passage.by_name") == [("device Meja", "participant 1")]


async def audited(hall: Hall, action: str) -> list[tuple[str, str]]:
    rows = await hall.rows(audit_log, "actor", "action", "subject")
    return [(who, subject) for who, told, subject in rows if told == action]


async def test_people_are_found_by_name_position_or_office_and_get_a_ticket(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(
        installation.database,
        things=(make.participant(8), make.participant(9, attendance=Attendance.STREAM)),
    )
    await enrolled(client, hall, may_search=True)

    found = (await (await client.get("/scan/people?q=provinsi")).json())["items"]
    short = (await (await client.get("/scan/people?q=pr")).json())["items"]

    assert [one["name"][-1] for one in found] == ["1", "2", "3", "8", "9"]
    assert [bool(one["ticket"]) for one in found] == [True, True, True, True, False]
    assert short == []
    assert set(found[0]) == {"name", "position", "office", "ticket"}
    async with hall.database.reading() as tx:
        assert len(await people.search_attendees(tx, 1, "provinsi 8", 5)) == 1
