"""Delegations and participants through the API, on both engines."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.invites.tables import invitations
from eventhub.participants.tables import delegations, participants, rsvps
from eventhub.streaming.tables import viewings
from tests import make
from tests.callers import Client, bearer

BASE = "/api/v1/events/rakortek"
HOLDER: dict[str, Any] = {
    "name": "Kepala Bappeda Provinsi 1",
    "position": "Kepala",
    "delegation": "office-1",
    "email": "kepala-1@example.org",
    "phone": "",
    "language": "id",
    "attendance": "onsite",
    "in_place_of": None,
    "rsvp": {},
}


async def rows(database: Database, table: sa.Table) -> list[Any]:
    async with database.reading() as tx:
        return list(await tx.execute(sa.select(table).order_by(table.c.id)))


async def test_a_delegation_is_added_shown_changed_and_taken_out(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1, code="papua", name="Papua"))
    auth = await bearer(installation)

    added = await client.post(
        f"{BASE}/delegations",
        json={
            "name": "Bappeda Provinsi Papua",
            "kind": "agency",
            "parent": "papua",
            "time_zone": "Asia/Jayapura",
            "email": "bappeda@papua.example.org",
            "quota": 2,
            "attendance": "stream",
        },
        headers=auth,
    )
    shape = await added.json()
    where = f"{BASE}/delegations/{shape['code']}"
    changed = await client.patch(
        where,
        json={"quota": None, "parent": None, "time_zone": ""},
        headers=auth | {"If-Match": added.headers["ETag"]},
    )
    stale = await client.delete(where, headers=auth | {"If-Match": added.headers["ETag"]})
    removed = await client.delete(where, headers=auth | {"If-Match": changed.headers["ETag"]})
    gone = await client.get(where, headers=auth)

    assert (added.status, added.headers["Location"]) == (201, where)
    assert shape == {
        "code": "bappeda-provinsi-papua",
        "name": "Bappeda Provinsi Papua",
        "kind": "agency",
        "parent": "papua",
        "time_zone": "Asia/Jayapura",
        "email": "bappeda@papua.example.org",
        "quota": 2,
        "attendance": "stream",
    }
    assert await changed.json() == shape | {
        "quota": None,
        "parent": None,
        "time_zone": "Asia/Jakarta",
    }
    assert (stale.status, removed.status, gone.status) == (412, 204, 404)
    assert [row.code for row in await rows(database, delegations)] == ["papua"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": "A\u0007", "kind": "province"}, ["name"]),
        ({"name": "A" * 201}, ["name"]),
        ({"name": 3, "quota": "many", "nonsense": 1}, ["name", "quota", "nonsense"]),
        ({"name": "A", "parent": "nowhere"}, ["parent"]),
        ({"name": "A", "time_zone": "Mars/Olympus"}, ["time_zone"]),
        ({"name": "A", "quota": -1}, ["quota"]),
        ({"name": "A", "email": "no address"}, ["email"]),
        ({"name": "A", "code": "a b"}, ["code"]),
    ],
)
async def test_a_wrong_delegation_is_refused_field_by_field(
    client: Client,
    installation: Installation,
    database: Database,
    body: dict[str, Any],
    fields: list[str],
) -> None:
    await make.stored(database, make.event())

    answer = await client.post(f"{BASE}/delegations", json=body, headers=await bearer(installation))

    assert answer.status == 422
    errors = {error["field"].partition(".")[0] for error in (await answer.json())["errors"]}
    assert errors == set(fields)
    assert await rows(database, delegations) == []


async def test_a_delegation_cannot_stand_below_itself(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database, make.event(), make.delegation(1), make.delegation(2, parent="office-1")
    )

    answer = await client.patch(
        f"{BASE}/delegations/office-1",
        json={"parent": "office-2"},
        headers=await bearer(installation) | {"If-Match": "*"},
    )

    assert (answer.status, (await answer.json())["errors"][0]["field"]) == (422, "parent")
    assert [row.parent_id for row in await rows(database, delegations)] == [None, 1]


async def test_a_delegation_that_something_refers_to_stays(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.delegation(1),
        make.delegation(3),
        make.delegation(2, parent="office-3"),
        make.participant(1),
        make.session(1, audience=(make.audience(delegation_id=2),)),
    )
    auth = await bearer(installation) | {"If-Match": "*"}

    answers = [
        await client.delete(f"{BASE}/delegations/office-{id}", headers=auth) for id in (1, 2, 3)
    ]

    assert [answer.status for answer in answers] == [409, 409, 409]
    assert [(await answer.json())["detail"] for answer in answers] == [
        "Bappeda Provinsi 1 has participants. Move or remove those first.",
        "Bappeda Provinsi 2 is invited to sessions. Take it out of their audiences first.",
        "Bappeda Provinsi 3 has delegations below it. Move or remove those first.",
    ]
    assert len(await rows(database, delegations)) == 3


async def test_a_participant_is_added_with_what_event_and_delegation_set(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1, attendance="meeting"))
    auth = await bearer(installation)

    added = await client.post(
        f"{BASE}/participants",
        json={"name": "Gubernur", "delegation": "office-1", "in_place_of": ""},
        headers=auth,
    )
    shape = await added.json()
    shown = await client.get(added.headers["Location"], headers=auth)

    assert added.status == 201
    assert shape == {
        "id": shape["id"],
        "name": "Gubernur",
        "position": "",
        "delegation": "office-1",
        "email": "",
        "phone": "",
        "language": "id",
        "attendance": "meeting",
        "in_place_of": None,
        "rsvp": {},
    }
    assert await shown.json() == shape


async def test_a_patch_changes_the_given_fields_only(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1), make.participant(1))
    auth = await bearer(installation)
    where = f"{BASE}/participants/1"

    without = await client.patch(where, json={"phone": "+62 812 345"}, headers=auth)
    changed = await client.patch(
        where,
        json={"phone": "+62 812 345", "in_place_of": "Gubernur"},
        headers=auth | {"If-Match": '"1"'},
    )
    refused = await client.patch(
        where,
        json={"name": None, "language": None, "attendance": "by balloon", "delegation": "nowhere"},
        headers=auth | {"If-Match": '"2"'},
    )
    unknown = await client.patch(
        where, json={"delegation": "nowhere"}, headers=auth | {"If-Match": '"2"'}
    )

    assert without.status == 428
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert await changed.json() == HOLDER | {
        "id": 1,
        "phone": "+62 812 345",
        "in_place_of": "Gubernur",
    }
    assert [error["field"] for error in (await refused.json())["errors"]] == [
        "name",
        "language",
        "attendance",
    ]
    assert [error["field"] for error in (await unknown.json())["errors"]] == ["delegation"]
    (row,) = await rows(database, participants)
    assert (row.name, row.version) == ("Kepala Bappeda Provinsi 1", 2)


async def test_a_participant_beyond_the_quota_is_refused_and_nothing_is_written(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1, quota=1),
        make.delegation(2),
        make.participant(1),
        make.participant(2, delegation_id=2),
    )
    auth = await bearer(installation)

    added = await client.post(
        f"{BASE}/participants", json={"name": "A", "delegation": "office-1"}, headers=auth
    )
    moved = await client.patch(
        f"{BASE}/participants/2",
        json={"delegation": "office-1"},
        headers=auth | {"If-Match": "*"},
    )
    lowered = await client.patch(
        f"{BASE}/delegations/office-1", json={"quota": 0}, headers=auth | {"If-Match": "*"}
    )

    sentence = "Bappeda Provinsi 1 may name 1 participants and has named them."
    assert [answer.status for answer in (added, moved, lowered)] == [409, 409, 409]
    assert (await added.json())["conflicts"] == [
        {
            "kind": "quota",
            "severity": "block",
            "sessions": [],
            "subject": {"type": "delegation", "code": "office-1", "name": "Bappeda Provinsi 1"},
            "explanation": sentence,
        }
    ]
    assert [row.delegation_id for row in await rows(database, participants)] == [1, 2]
    assert [row.quota for row in await rows(database, delegations)] == [1, None]


async def test_lists_come_in_parts_and_are_searched_by_name_position_and_office(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1, name="Bappeda Provinsi Papua"),
        make.delegation(2, name="100% Dinas_Kesehatan"),
        make.participant(1, name="Drs. Kepala, M.Si."),
        make.participant(2, name="Sekretaris", position="Plt. Sekda", attendance="stream"),
        make.participant(3, name="Staf", position="", delegation_id=2),
    )
    auth = await bearer(installation)

    async def found(query: str) -> list[int]:
        answer = await client.get(f"{BASE}/participants?{query}", headers=auth)
        return [item["id"] for item in (await answer.json())["items"]]

    first = await (await client.get(f"{BASE}/participants?limit=2", headers=auth)).json()
    rest = await (
        await client.get(f"{BASE}/participants?limit=2&cursor={first['next']}", headers=auth)
    ).json()
    offices = await (await client.get(f"{BASE}/delegations?limit=1", headers=auth)).json()

    assert [item["id"] for item in first["items"]] == [1, 2]
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([3], None)
    assert [item["code"] for item in offices["items"]] == ["office-1"]
    assert await found("q=PAPUA") == [1, 2]
    assert await found("q=m.si") == [1]
    assert await found("q=sekda%20papua") == [2]
    assert await found("q=100%25") == [3]
    assert await found("q=_") == [3]
    assert await found("attendance=stream&delegation=office-1") == [2]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "cursor=zzz", "attendance=flying", "q=%00", "nonsense=1"]
)
async def test_a_wrong_question_is_refused(
    client: Client, installation: Installation, database: Database, query: str
) -> None:
    await make.stored(database, make.event())

    answer = await client.get(f"{BASE}/participants?{query}", headers=await bearer(installation))

    assert answer.status == 422
    assert [error["field"] for error in (await answer.json())["errors"]] == [
        query.partition("=")[0]
    ]


@pytest.mark.parametrize(
    "path",
    [
        "delegations/nowhere",
        "delegations/%00",
        "delegations/a%0Ab",
        "participants/999999999",
        "participants/99999999999999",
        "participants/x",
    ],
)
async def test_what_is_not_there_is_not_found(
    client: Client, installation: Installation, database: Database, path: str
) -> None:
    await make.stored(database, make.event())

    answer = await client.get(f"{BASE}/{path}", headers=await bearer(installation))

    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_contacts_are_shown_to_those_who_may_see_them(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1, email="office@example.org"),
        make.participant(1, phone="0812345"),
        make.event(2),
    )

    seen = {}
    for role in ("organizer", "gate", "health", "streaming", "viewer"):
        auth = await bearer(installation, role)
        person = await (await client.get(f"{BASE}/participants/1", headers=auth)).json()
        office = await (await client.get(f"{BASE}/delegations/office-1", headers=auth)).json()
        refused = await client.post(f"{BASE}/delegations", json={"name": "A"}, headers=auth)
        seen[role] = (person.get("phone"), person.get("email"), office.get("email"), refused.status)
    stranger = await client.get(
        f"{BASE}/participants/1", headers=await bearer(installation, "organizer", 2)
    )

    hidden = (None, None, None, 403)
    assert seen == {
        "organizer": ("0812345", "kepala-1@example.org", "office@example.org", 201),
        "gate": hidden,
        "health": hidden,
        "streaming": hidden,
        "viewer": hidden,
    }
    assert stranger.status == 404


async def test_a_participant_shows_their_answers_and_stays_while_in_the_programme(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.delegation(1),
        make.participant(1),
        make.participant(2),
        make.participant(3),
        make.session(1, speakers=(1,)),
        make.session(2, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    async with database.transaction() as tx:
        for id in (1, 2):
            await tx.execute(
                rsvps.insert().values(
                    participant_id=id,
                    session_code="session-1",
                    status="accepted",
                    answered_at=make.at("08:00"),
                )
            )
        await tx.execute(
            invitations.insert().values(
                event_id=1,
                participant_id=1,
                session_id=2,
                uid="2@example.org",
                sequence=0,
                method="REQUEST",
                attendance="onsite",
                told={},
            )
        )
        await tx.execute(
            viewings.insert().values(
                event_id=1,
                session_id=1,
                participant_id=3,
                kind="stream",
                started_at=make.at("09:00"),
                last_beat_at=make.at("09:00"),
            )
        )
    auth = await bearer(installation)

    shown = await (await client.get(f"{BASE}/participants/1", headers=auth)).json()
    answers = [
        await client.delete(f"{BASE}/participants/{id}", headers=auth | {"If-Match": '"1"'})
        for id in (1, 2, 3)
    ]

    assert shown["rsvp"] == {"session-1": "accepted", "session-2": "needs_action"}
    assert [answer.status for answer in answers] == [409, 204, 409]
    assert (await answers[0].json())["detail"] == (
        "Kepala Bappeda Provinsi 1 is in the programme or was recorded at the event, and stays."
    )
    assert [row.id for row in await rows(database, participants)] == [1, 3]


async def test_of_several_at_once_the_quota_admits_as_many_as_it_says(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1, quota=2))
    auth = await bearer(installation)

    answers = await asyncio.gather(
        *(
            client.post(
                f"{BASE}/participants",
                json={"name": f"Orang {i}", "delegation": "office-1"},
                headers=auth,
            )
            for i in range(6)
        )
    )

    assert sorted(answer.status for answer in answers) == [201, 201, 409, 409, 409, 409]
    assert len(await rows(database, participants)) == 2
