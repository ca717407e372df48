"""Many sessions at once: seen before it is done, done whole, and taken back while nothing else changed them."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.sessions import actions, bulk
from eventhub.sessions.model import AnySession, Kind, Session, SessionState, Unscheduled
from tests import callers, make
from tests.callers import Client

BULK = "/manage/rakortek/programme/bulk"


def test_only_the_sessions_meant_are_chosen() -> None:
    event = make.event()
    sessions = [
        make.session(1, track="Desk", kind=Kind.DESK),
        make.session(2, starts_at=make.at("13:00"), ends_at=make.at("14:00"), room_id=2),
        make.session(3, state=SessionState.CANCELLED),
        make.session(4, starts_at=make.at("09:00", "2021-02-26")),
        make.session(
            5, starts_at=make.at("01:00", "2021-02-26"), ends_at=make.at("02:00", "2021-02-26")
        ),
    ]

    def codes(**narrow: Any) -> list[int]:
        choice = bulk.Choice(date(2021, 2, 25), **narrow)
        return [each.id for each in bulk.chosen(sessions, choice, event)]

    assert codes() == [1, 2, 5]
    assert codes(since=time(13)) == [2, 5]
    assert codes(since=time(1)) == [5]
    assert codes(room_id=2) == [2]
    assert codes(track="Desk") == codes(kind="desk") == [1]


def test_another_day_keeps_what_the_clock_shows_though_clocks_change() -> None:
    # In Berlin the clock goes from 02:00 to 03:00 on 28 March 2021.
    event = make.event(starts_on=date(2021, 3, 27), time_zone="Europe/Berlin")
    session = make.session(
        starts_at=make.at("09:00", "2021-03-27", "+01:00"),
        ends_at=make.at("10:30", "2021-03-27", "+01:00"),
    )

    [edit] = bulk.shifted([session], event, minutes=15, days=1)

    moved = edit.after
    assert isinstance(moved, Session)
    assert moved.starts_at == make.at("09:15", "2021-03-28", "+02:00")
    assert moved.ends_at == make.at("10:45", "2021-03-28", "+02:00")
    assert moved.version == session.version + 1


@pytest.fixture
async def published(installation: Installation) -> Installation:
    """Publish two sessions of a track and one beside it; then draft one more of the track."""
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.room(2),
        make.session(1, title="Desk Papua", track="Desk"),
        make.session(
            2, title="Desk Bali", track="Desk", starts_at=make.at("10:00"), ends_at=make.at("11:00")
        ),
        make.session(3, title="Pleno", room_id=2),
    )
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        at = installation.clock.now()
        await actions.publish(tx, event, note="", notify="none", who="test", at=at)
        draft = make.session(
            0,
            code="draf",
            title="Desk Aceh",
            track="Desk",
            starts_at=make.at("09:00", "2021-02-26"),
            ends_at=make.at("10:00", "2021-02-26"),
        )
        await actions.add_session(tx, event, draft, at=at)
    return installation


async def everything(installation: Installation) -> dict[str, Session | Unscheduled]:
    async with installation.database.reading() as tx:
        scheduled = await actions.list_sessions(tx, 1, actions.Wanted())
        every: list[AnySession] = [*scheduled, *await actions.list_unscheduled(tx, 1)]
    return {session.code: session for session in every}


def plain(sessions: dict[str, Session | Unscheduled]) -> dict[str, Any]:
    """Return what sessions say, but for the version, which only ever rises, and the id, which is new when made anew."""
    return {
        code: {
            name: getattr(each, name)
            for name in each.__dataclass_fields__
            if name not in {"version", "id"}
        }
        for code, each in sessions.items()
    }


async def looked(client: Client, work: str, fields: dict[str, str]) -> tuple[str, str]:
    """Return what a work's page shows it would do, and the mark of that."""
    answer = await client.get(f"{BULK}/{work}", params={**fields, "look": "1", "lang": "en"})
    text = await answer.text()
    return text, text.split('name="seen" value="')[1].split('"')[0] if 'name="seen"' in text else ""


async def done(client: Client, csrf: str, work: str, fields: dict[str, str], mark: str) -> int:
    data = {**fields, "csrf": csrf, "seen": mark}
    return (await client.post(f"{BULK}/{work}", data=data, allow_redirects=False)).status


async def back(client: Client, csrf: str, batch: int = 1) -> tuple[int, str]:
    answer = await client.post(
        f"{BULK}/{batch}/take-back?lang=en", data={"csrf": csrf}, allow_redirects=False
    )
    return answer.status, await answer.text()


SHIFT = {"day": "2021-02-25", "minutes": "30", "room": "room-1"}


async def test_a_day_is_shifted_as_shown_and_taken_back(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)

    text, mark = await looked(client, "shift", SHIFT)
    unchanged = await everything(published)
    status = await done(client, csrf, "shift", SHIFT, mark)
    after = await everything(published)
    again, _ = await back(client, csrf)
    twice, refusal = await back(client, csrf)

    assert "Desk Papua moves from Thu 25 Feb 2021, 09:00 WIB to Thu 25 Feb 2021, 09:30 WIB." in text
    assert "It makes no new conflict." in text
    assert unchanged == before
    assert (status, again, twice) == (303, 303, 409)
    assert "This was taken back already." in refusal
    assert {code: each.starts_at for code, each in after.items() if isinstance(each, Session)} == {
        "session-1": make.at("09:30"),
        "session-2": make.at("10:30"),
        "session-3": make.at("09:00"),
        "draf": make.at("09:00", "2021-02-26"),
    }
    assert plain(await everything(published)) == plain(before)
    async with published.database.reading() as tx:
        rows = await tx.execute(
            sa.select(audit_log.c.action, audit_log.c.subject, audit_log.c.detail)
            .where(audit_log.c.action.in_(["programme.shifted", "programme.taken_back"]))
            .order_by(audit_log.c.id)
        )
        assert [tuple(row) for row in rows] == [
            ("programme.shifted", "2021-02-25 +30 min", {"sessions": 2}),
            ("programme.taken_back", "2021-02-25 +30 min", {"sessions": 2}),
        ]


async def test_what_would_stand_in_the_way_is_named_and_nothing_is_done(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)
    onto = {"day": "2021-02-25", "to": "2021-02-26"}

    text, mark = await looked(client, "copy", onto)
    status = await done(client, csrf, "copy", onto, mark or "guessed")
    outside, _ = await looked(client, "shift", {"day": "2021-02-25", "minutes": "-600"})

    assert "conflict forbids this" in text
    assert "Ruang 1 is taken by" in text
    assert mark == ""
    assert status in {409, 412}
    assert "is no day of the event" in outside
    assert await everything(published) == before


async def test_a_day_is_copied_as_drafts_with_codes_of_their_own_and_taken_back(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)
    onto = {"day": "2021-02-25", "to": "2021-02-27"}

    text, mark = await looked(client, "copy", onto)
    status = await done(client, csrf, "copy", onto, mark)
    after = await everything(published)

    assert "Pleno is new: Sat 27 Feb 2021, 09:00 WIB." in text
    assert status == 303
    made = {code: each for code, each in after.items() if code not in before}
    assert {code: (each.title, each.state, each.sequence) for code, each in made.items()} == {
        "session-1-2": ("Desk Papua", SessionState.DRAFT, 0),
        "session-2-2": ("Desk Bali", SessionState.DRAFT, 0),
        "session-3-2": ("Pleno", SessionState.DRAFT, 0),
    }
    assert (await back(client, csrf))[0] == 303
    assert await everything(published) == before


@pytest.mark.parametrize("drafts", ["tray", "out"])
async def test_a_track_is_cancelled_and_taken_back(
    client: Client, published: Installation, drafts: str
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)
    track = {"track": "Desk", "drafts": drafts}

    text, mark = await looked(client, "cancel", track)
    status = await done(client, csrf, "cancel", track, mark)
    after = await everything(published)

    assert "Desk Bali is cancelled; it was planned for Thu 25 Feb 2021, 10:00 WIB." in text
    assert ("1 session loses its time" if drafts == "tray" else "1 draft is taken out") in text
    assert status == 303
    assert {code: each.state for code, each in after.items() if code != "draf"} == {
        "session-1": SessionState.CANCELLED,
        "session-2": SessionState.CANCELLED,
        "session-3": SessionState.PUBLISHED,
    }
    assert ("draf" in after) == (drafts == "tray")
    assert drafts == "out" or isinstance(after["draf"], Unscheduled)
    assert (await back(client, csrf))[0] == 303
    assert plain(await everything(published)) == plain(before)


async def test_what_was_changed_since_is_not_overwritten(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    _, mark = await looked(client, "shift", SHIFT)
    async with published.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        session = await actions.get_session(tx, 1, "session-1")
        at = published.clock.now()
        await actions.change_session(tx, event, session, {"title": "Desk Papua Barat"}, at=at)
    late = await done(client, csrf, "shift", SHIFT, mark)
    _, mark = await looked(client, "shift", SHIFT)
    await done(client, csrf, "shift", SHIFT, mark)
    async with published.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "session-1")
        await actions.change_session(tx, event, session, {"title": "Desk Papua"}, at=at)
    before = await everything(published)

    status, text = await back(client, csrf)

    assert (late, status) == (412, 409)
    assert "1 of these sessions were changed since, first Desk Papua." in text
    assert await everything(published) == before


async def test_after_an_hour_it_stays(client: Client, published: Installation, clock: Any) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    _, mark = await looked(client, "shift", SHIFT)
    await done(client, csrf, "shift", SHIFT, mark)
    clock.moment += timedelta(hours=1, seconds=1)

    status, text = await back(client, csrf)

    assert status == 409
    assert "more than an hour ago" in text


async def test_wrong_fields_are_named(client: Client, published: Installation) -> None:
    await callers.signed_in(client, published, "organizer")

    still, _ = await looked(client, "shift", {"day": "2021-02-25"})
    nothing, _ = await looked(client, "shift", {"day": "heute", "minutes": "5000"})
    same, _ = await looked(client, "copy", {"day": "2021-02-25", "to": "2021-02-25"})
    empty, _ = await looked(client, "cancel", {"track": "Nichts"})

    assert "Say by how many minutes, or choose another day." in still
    assert 'id="day-error"' in nothing
    assert 'id="minutes-error"' in nothing
    assert "Choose another day than the one that is copied." in same
    assert "No session matches what you chose." in empty


@pytest.mark.parametrize("role", ["gate", "health", "streaming", "viewer"])
async def test_others_change_nothing(client: Client, published: Installation, role: str) -> None:
    csrf = await callers.signed_in(client, published, role)

    assert [
        (await client.get(BULK)).status,
        (await client.get(f"{BULK}/shift")).status,
        await done(client, csrf, "shift", SHIFT, "x"),
        (await back(client, csrf))[0],
    ] == [403] * 4
