"""Releases: frozen, numbered, told in words, and refused while a conflict forbids them."""

import sqlalchemy as sa

from eventhub import outbox
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import SessionState
from eventhub.sessions.released import released_people
from tests import callers, make
from tests.callers import Client

RELEASES = "/api/v1/events/rakortek/releases"
SESSION = "/api/v1/events/rakortek/sessions/session-1"


async def test_the_first_release_publishes_the_event_and_its_sessions(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer")

    answer = await client.post(RELEASES, headers=headers, json={"note": "Rilis pertama"})

    assert answer.status == 201
    assert await answer.json() == {
        "release": 1,
        "note": "Rilis pertama",
        "published_at": "2021-02-25T01:30:00Z",
        "changes": [
            {
                "session": "session-1",
                "change": "new",
                "before": None,
                "after": {
                    "starts_at": "2021-02-25T02:00:00+00:00",
                    "ends_at": "2021-02-25T03:00:00+00:00",
                },
                "sentence": "Sidang 1 is new: Thu 25 Feb 2021, 09:00 WIB.",
            }
        ],
    }
    async with installation.database.reading() as tx:
        assert (await get_event(tx, "rakortek")).state == "published"
        assert (await actions.get_session(tx, 1, "session-1")).state is SessionState.PUBLISHED


async def test_a_draft_stays_unseen_until_its_release_and_raises_the_revision_then(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer")
    await client.post(RELEASES, headers=headers, json={})
    shown = await client.get(SESSION, headers=headers)
    moved = {"starts_at": "2021-02-25T08:00+07:00"}
    await client.patch(SESSION, headers=headers | {"If-Match": shown.headers["ETag"]}, json=moved)

    async with installation.database.reading() as tx:
        first = await actions.latest_release(tx, 1)
        assert first is not None
        frozen = await actions.find_released(tx, first.id, "session-1")
    second = await client.post(RELEASES, headers=headers, json={"notify": "none"})

    assert frozen is not None
    assert frozen.starts_at == make.at("09:00")
    assert [change["change"] for change in (await second.json())["changes"]] == ["moved"]
    assert (await (await client.get(SESSION, headers=headers)).json())["sequence"] == 1


async def test_a_deleted_session_is_gone_as_a_draft_and_cancelled_once_published(
    client: Client, installation: Installation
) -> None:
    draft = make.session(2, starts_at=make.at("10:00"), ends_at=make.at("11:00"))
    await make.stored(installation.database, make.event(), make.room(), make.session(), draft)
    headers = await callers.bearer(installation, "organizer") | {"If-Match": "*"}

    gone = await client.delete("/api/v1/events/rakortek/sessions/session-2", headers=headers)
    await client.post(RELEASES, headers=headers, json={})
    cancelled = await client.delete(SESSION, headers=headers)
    release = await (await client.post(RELEASES, headers=headers, json={})).json()
    again = await client.patch(SESSION, headers=headers, json={"title": "Lagi"})

    assert (gone.status, cancelled.status, again.status) == (204, 204, 409)
    assert [(change["session"], change["change"]) for change in release["changes"]] == [
        ("session-1", "cancelled")
    ]
    async with installation.database.reading() as tx:
        left = await actions.list_sessions(tx, 1, actions.Wanted())
    assert [(session.code, session.state) for session in left] == [
        ("session-1", SessionState.CANCELLED)
    ]


async def test_a_release_with_a_forbidding_conflict_is_refused_and_leaves_no_trace(
    client: Client, installation: Installation
) -> None:
    crowded = make.session(audience=(make.audience(delegation_id=1),))
    await make.stored(
        installation.database,
        make.event(),
        make.room(capacity=1),
        make.delegation(),
        make.participant(),
        make.participant(2),
        crowded,
    )
    headers = await callers.bearer(installation, "organizer")

    answer = await client.post(RELEASES, headers=headers, json={})

    assert answer.status == 409
    assert [conflict["kind"] for conflict in (await answer.json())["conflicts"]] == ["capacity"]
    async with installation.database.reading() as tx:
        assert await actions.latest_release(tx, 1) is None
        assert (await get_event(tx, "rakortek")).state == "draft"
        assert (await tx.execute(sa.select(outbox.outbox))).all() == []


async def test_a_release_asks_that_those_concerned_are_told(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer")

    await client.post(RELEASES, headers=headers, json={"notify": "draft"})

    async with installation.database.transaction() as tx:
        jobs = await outbox.claim(tx, ["programme.released"], installation.clock.now())
    assert [job.payload for job in jobs] == [
        {"release": 1, "release_id": 1, "previous_id": None, "notify": "draft"}
    ]


async def test_releases_are_listed_the_latest_first_and_shown_by_number(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    organizer = await callers.bearer(installation, "organizer")
    for note in ("satu", "dua"):
        await client.post(RELEASES, headers=organizer, json={"note": note})
    headers = await callers.bearer(installation, "viewer")

    listed = await (await client.get(RELEASES, headers=headers)).json()
    first = await (await client.get(f"{RELEASES}/1", headers=headers)).json()
    none = await client.get(f"{RELEASES}/9", headers=headers)

    assert [(item["release"], item["note"]) for item in listed["items"]] == [
        (2, "dua"),
        (1, "satu"),
    ]
    assert first == listed["items"][1]
    assert none.status == 404


async def test_a_release_invites_each_person_once_and_their_own_row_wins(
    client: Client, installation: Installation
) -> None:
    session = make.session(
        speakers=(2,),
        audience=(
            make.audience(Attendance.STREAM, delegation_id=1),
            make.audience(Attendance.MEETING, participant_id=1),
        ),
    )
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.delegation(),
        make.participant(1),
        make.participant(2),
        make.participant(3),
        session,
    )
    headers = await callers.bearer(installation, "organizer")
    await client.post(RELEASES, headers=headers, json={})

    async with installation.database.reading() as tx:
        rows = (await tx.execute(released_people(1))).all()

    assert sorted(tuple(row) for row in rows) == [
        (1, 1, "meeting"),
        (1, 2, "onsite"),
        (1, 3, "stream"),
    ]
