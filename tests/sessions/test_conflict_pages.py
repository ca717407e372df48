"""How organizers meet conflicts: on the page of all, at a session, before a release, and through the API."""

from datetime import date
from typing import Any

from eventhub.events.model import Attendance
from eventhub.events.scheduling import Scheduling
from eventhub.installation import Installation
from eventhub.sessions.model import Format, Kind
from tests import callers, make
from tests.callers import Client

HERE = "/manage/rakortek/programme"


def on(day: str, start: str = "09:00", end: str = "10:00") -> dict[str, Any]:
    return {"starts_at": make.at(start, day), "ends_at": make.at(end, day)}


async def stored_weekend(installation: Installation, sessions: int) -> None:
    """Store sessions on the event's Saturday, each in a room of its own."""
    rooms = [make.room(n) for n in range(1, sessions + 1)]
    programme = [make.session(n, room_id=n, **on("2021-02-27")) for n in range(1, sessions + 1)]
    await make.stored(installation.database, make.event(), *rooms, *programme)


async def test_many_alike_stand_on_the_page_as_one_with_links(
    client: Client, installation: Installation
) -> None:
    await stored_weekend(installation, 9)
    await callers.signed_in(client, installation, "organizer")

    text = await (await client.get(f"{HERE}/conflicts?lang=en")).text()
    before_release = await (await client.get(f"{HERE}/publish?lang=en")).text()
    one = await (await client.get(f"{HERE}/sessions/session-1?lang=en")).text()

    sentence = "Sidang 1 lies on Sat 27 Feb 2021, at the weekend."
    assert f"{sentence} There are 8 more like this." in text
    assert f'<a href="{HERE}?day=2021-02-27">Sat 27 Feb 2021</a>' in text
    assert f'<a href="{HERE}/sessions/session-6">session-6</a> and 3 more' in text
    assert "session-7" not in text
    assert "1 warning; the release is possible all the same." in before_release
    assert f'<a href="{HERE}/sessions/session-1">session-1</a>' in before_release
    assert (
        f'{sentence}<br><small><a href="{HERE}?day=2021-02-27">Sat 27 Feb 2021</a></small>' in one
    )


async def test_few_stand_each_for_itself_and_in_the_readers_language(
    client: Client, installation: Installation
) -> None:
    await stored_weekend(installation, 3)
    await callers.signed_in(client, installation, "organizer")

    text = await (await client.get(f"{HERE}/conflicts?lang=id")).text()

    for n in (1, 2, 3):
        assert f"Sidang {n} jatuh pada Sab 27 Feb 2021, akhir pekan." in text


async def test_who_may_not_edit_people_gets_no_link_to_an_office(
    client: Client, installation: Installation
) -> None:
    called = (make.audience(Attendance.MEETING, delegation_id=1),)
    meeting = {
        "format": Format.ONLINE,
        "room_id": None,
        "meeting_url": "https://meet.example.org/a",
    }
    await make.stored(
        installation.database, make.event(), make.delegation(), make.participant(),
        make.session(1, audience=called, **meeting), make.session(2, audience=called, **meeting),
    )  # fmt: skip

    await callers.signed_in(client, installation, "viewer")
    viewers = await (await client.get(f"{HERE}/conflicts")).text()
    await callers.signed_in(client, installation, "organizer")
    organizers = await (await client.get(f"{HERE}/conflicts")).text()

    office = '<a href="/manage/rakortek/delegations/office-1">'
    assert office not in viewers
    assert office in organizers


async def test_the_event_decides_through_the_api_what_is_too_close_and_how_grave_that_is(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database, make.event(), make.room(1), make.room(2, building="Gedung H"),
        make.delegation(), make.participant(), make.session(1, speakers=(1,)),
        make.session(2, room_id=2, speakers=(1,), **on("2021-02-25", "10:30", "11:00")),
    )  # fmt: skip
    headers = await callers.bearer(installation, "organizer") | {"Accept-Language": "en"}
    event, session = "/api/v1/events/rakortek", "/api/v1/events/rakortek/sessions/session-2"
    place = {"starts_at": "2021-02-25T10:10:00+07:00", "ends_at": "2021-02-25T10:40:00+07:00"}

    async def found() -> list[tuple[str, str]]:
        answer = await client.post(f"{session}/check", headers=headers, json=place)
        conflicts = (await answer.json())["conflicts"]
        return [(each["kind"], each["severity"]) for each in conflicts]

    async def change(version: int, **fields: Any) -> int:
        answer = await client.patch(
            event, headers=headers | {"If-Match": f'"{version}"'}, json=fields
        )
        return answer.status

    usual = await found()
    assert await change(1, severities={"travel": "block"}) == 200
    refused = await client.patch(session, headers=headers | {"If-Match": '"1"'}, json=place)
    assert await change(2, scheduling={"travel_minutes": {"buildings": 10}}) == 200
    quicker = await found()

    assert usual == [("travel", "block_release")]
    assert refused.status == 409
    assert (await refused.json())["conflicts"][0]["explanation"] == (
        "Between Sidang 1 and Sidang 2 there are 10 minutes, and Kepala Bappeda Provinsi 1 would need 15."
    )
    assert quicker == []


async def test_hours_that_leave_many_sessions_outside_are_refused_in_few_words(
    client: Client, installation: Installation
) -> None:
    rooms = [make.room(n) for n in range(1, 7)]
    programme = [make.session(n, room_id=n) for n in range(1, 7)]
    await make.stored(installation.database, make.event(), *rooms, *programme)
    headers = await callers.bearer(installation, "organizer") | {"Accept-Language": "en"}
    hours = {"day_hours": {"start": "10:00", "end": "16:00"}}

    answer = await client.patch(
        "/api/v1/events/rakortek", headers=headers | {"If-Match": '"1"'}, json={"scheduling": hours}
    )
    refused = await answer.json()

    assert answer.status == 409
    assert [each["kind"] for each in refused["conflicts"]] == ["outside_days"]
    assert refused["conflicts"][0]["explanation"] == (
        "Sidang 1 lies outside the hours of Thu 25 Feb 2021, 10:00 WIB to 16:00 WIB. "
        "There are 5 more like this."
    )
    assert len(refused["conflicts"][0]["sessions"]) == 6


async def test_the_list_of_conflicts_names_each_session_by_itself(
    client: Client, installation: Installation
) -> None:
    event = make.event(scheduling=Scheduling(holidays=(date(2021, 2, 25),)))
    breaks = [
        make.session(n, room_id=None, kind=Kind.BREAK, **on("2021-02-25")) for n in range(1, 6)
    ]
    await make.stored(installation.database, event, *breaks)
    headers = await callers.bearer(installation, "viewer")

    answer = await client.get("/api/v1/events/rakortek/conflicts", headers=headers)

    items = (await answer.json())["items"]
    assert [(each["kind"], each["sessions"], each["count"]) for each in items] == [
        ("holiday", [f"session-{n}"], 1) for n in range(1, 6)
    ]
