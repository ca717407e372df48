"""The control room: rooms, checklists that two operators share, a second click, and who may do what."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from eventhub import app as composition
from eventhub.accounts import audit
from eventhub.installation import Installation
from eventhub.participants.model import Participant
from eventhub.sessions.model import Session
from eventhub.streaming import actions, control, last_acts, polling, store
from eventhub.streaming.model import Act, State
from eventhub.streaming.room_model import Deed
from eventhub.streaming.trouble import YouTubeTrouble
from tests import callers, make
from tests.callers import Client
from tests.live.listening import listening
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import join_path, no_pause, published, streamed

LIVE = "/manage/rakortek/live"
ONE = f"{LIVE}/sessions/session-1"
API = "/api/v1/events/rakortek/live"
LINK = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
NINE = make.at("09:00")
QUARTER_TO = NINE - timedelta(minutes=15)


one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def calling(connected: Installation) -> AsyncIterator[Client]:
    async with TestClient(TestServer(composition.build(connected))) as client:
        yield client


async def press(installation: Installation, *acts: Act) -> None:
    from eventhub.events import actions as events  # noqa: PLC0415 -- one look

    async with installation.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    for wish in acts:
        await control.act(installation, event, "session-1", wish, who="test", pause=no_pause)


async def state_of(installation: Installation) -> State | None:
    async with installation.database.reading() as tx:
        row = await store.find_broadcast(tx, 1)
    return row.state if row else None


@pytest.fixture
async def reader(installation: Installation) -> dict[str, str]:
    """Give the header of a token that may read."""
    return await callers.bearer(installation, "owner")


async def picture(client: Client, headers: dict[str, str], day: str = "") -> Any:
    answer = await client.get(API, headers=headers, params={"day": day} if day else {})
    assert answer.status == 200, await answer.text()
    return await answer.json()


def checks(turn: Mapping[str, Any]) -> dict[str, bool]:
    return {check["item"]: check["done"] for check in turn["checklist"]}


async def test_programs_read_the_rooms_of_a_day_as_operators_see_them(
    connected: Installation,
    youtube: YouTube,
    calling: Client,
    clock: StillClock,
    reader: dict[str, str],
) -> None:
    await published(
        connected,
        streamed(1),
        streamed(2, room_id=2, starts_at=make.at("10:00"), ends_at=make.at("11:00"), stream=False),
        streamed(3, starts_at=make.at("13:00"), ends_at=make.at("14:00"), audience=()),
        make.session(4, room_id=2, starts_at=make.at("15:00"), ends_at=make.at("16:00")),
    )
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    clock.moment = QUARTER_TO
    await polling.look_on(connected, no_pause)
    clock.moment = NINE + timedelta(minutes=2)

    told = await picture(calling, reader)

    first, second = told["rooms"]
    assert (first["code"], first["name"], second["code"]) == (
        "room:room-1",
        "Ruang 1",
        "room:room-2",
    )
    assert first["encoder"] == {
        "signal": "sending", "issues": [], "seen_at": "2021-02-25T01:45:00Z", "stale": True,
    }  # fmt: skip
    (now,) = first["now"]
    assert (now["session"], now["state"], now["late"]) == (
        "session-1",
        "ready",
        {"how": "not_on_air", "since": "2021-02-25T02:00:00Z", "into": ""},
    )
    assert (first["next"]["session"], first["later"], first["over"]) == ("session-3", [], [])
    assert (second["now"], second["next"]["session"], second["next"]["state"]) == (
        [],
        "session-2",
        None,
    )
    assert told["alarms"] == [{"kind": "not_on_air", "room": "room:room-1", "session": "session-1"}]
    assert (told["quota"]["mode"], told["channels"]) == ("normal", [])


async def test_the_checklist_answers_itself_from_encoder_broadcast_and_who_joined(
    connected: Installation,
    youtube: YouTube,
    calling: Client,
    clock: StillClock,
    reader: dict[str, str],
) -> None:
    await published(connected, streamed(1, speakers=(1,)))
    await press(connected, Act.CREATE)
    clock.moment = QUARTER_TO
    before = checks((await picture(calling, reader))["rooms"][0]["next"])

    youtube.sends(next(iter(youtube.streams)))
    await polling.look_on(connected, no_pause)
    reading = await callers.bearer(connected, "viewer")
    async with listening(calling, "/live/rakortek?kinds=broadcast", reading) as ear:
        await calling.post(join_path(connected.settings, 1), allow_redirects=False)
        heard = await ear.hear()
    after = (await picture(calling, reader))["rooms"][0]["next"]

    nothing = dict.fromkeys(
        ("encoder", "broadcast", "moderator", "meeting", "watch_page", "picture"), False
    )
    assert heard is not None
    assert heard.data == {"session": "session-1", "check": "moderator"}
    assert before == nothing | {"broadcast": True}
    assert checks(after) == nothing | {"encoder": True, "broadcast": True, "moderator": True}
    assert after["joined"] == 1


@pytest.mark.parametrize(
    ("email", "is_in"), [("streaming@example.org", True), ("tamu@example.org", False)]
)
async def test_an_operator_in_the_meeting_counts_as_a_moderator_and_a_guest_does_not(
    client: Client,
    installation: Installation,
    clock: StillClock,
    email: str,
    is_in: bool,
    reader: dict[str, str],
) -> None:
    await published(installation)
    guest = make.participant(9, email=email, delegation_id=1)
    await make.stored(installation.database, guest)
    await callers.signed_in(client, installation, "streaming")
    clock.moment = QUARTER_TO
    await _join(installation, guest)

    told = await picture(client, reader)

    assert checks(told["rooms"][0]["next"])["moderator"] is is_in


async def _join(installation: Installation, guest: Participant) -> None:
    from eventhub.streaming.tables import viewings  # noqa: PLC0415 -- one row

    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await tx.execute(
            viewings.insert().values(
                event_id=1, session_id=1, participant_id=guest.id, kind="meeting",
                started_at=at, last_beat_at=at,
            )
        )  # fmt: skip


async def test_a_tick_is_kept_with_its_operator_audited_and_told_to_the_others(
    client: Client, installation: Installation, clock: StillClock, reader: dict[str, str]
) -> None:
    await published(installation)
    clock.moment = QUARTER_TO
    csrf = await callers.signed_in(client, installation, "streaming")
    headers = await callers.bearer(installation, "viewer")
    form = {"csrf": csrf, "item": "picture", "done": "1", "back": "card"}

    async with listening(client, "/live/rakortek?kinds=broadcast", headers) as ear:
        card = await client.post(f"{ONE}/tick", data=form)
        heard = await ear.hear()
    ticked = (await picture(client, reader))["rooms"][0]["next"]
    page = await (await client.get(LIVE, headers={"Accept-Language": "en"})).text()
    await client.post(f"{ONE}/tick", data=form | {"done": ""})
    unticked = (await picture(client, reader))["rooms"][0]["next"]

    assert heard is not None
    assert heard.data == {"session": "session-1", "check": "picture"}
    assert card.status == 200
    assert "data-lane" in await card.text()
    assert ticked["checklist"][-1] == {
        "item": "picture",
        "done": True,
        "by": "user streaming@example.org",
        "at": "2021-02-25T01:45:00Z",
    }
    assert "streaming@example.org, 08:45" in page
    assert checks(unticked)["picture"] is False
    async with installation.database.reading() as tx:
        entries = await audit.list_entries(tx, 1, None, 10)
    assert [(e.action, e.detail) for e in entries if e.action.startswith("checklist")] == [
        ("checklist.unticked", {"item": "picture"}),
        ("checklist.ticked", {"item": "picture"}),
    ]


@one_engine
@pytest.mark.parametrize(
    ("session", "item", "status"),
    [
        ("session-1", "encoder", 404),
        ("session-1", "lights", 422),
        ("session-2", "watch_page", 404),
        ("session-3", "moderator", 404),
        ("session-9", "moderator", 404),
    ],
)
async def test_what_is_not_asked_of_a_session_cannot_be_ticked(
    client: Client,
    installation: Installation,
    session: str,
    item: str,
    status: int,
    reader: dict[str, str],
) -> None:
    await published(
        installation,
        streamed(1),
        streamed(2, starts_at=make.at("11:00"), ends_at=make.at("12:00"), stream=False),
        make.session(3, room_id=2),
    )
    csrf = await callers.signed_in(client, installation, "streaming")

    answer = await client.post(
        f"{LIVE}/sessions/{session}/tick", data={"csrf": csrf, "item": item, "done": "1"}
    )

    assert answer.status == status
    assert not any(
        check["by"]
        for room in (await picture(client, reader))["rooms"]
        for turn in [*room["now"], room["next"], *room["later"]]
        if turn
        for check in turn["checklist"]
    )


async def linked(installation: Installation, *sessions: Session) -> None:
    event = await published(installation, *sessions)
    async with installation.database.transaction() as tx:
        await actions.paste_link(
            tx, event, "session-1", link=LINK, who="test", at=installation.clock.now()
        )


@one_engine
async def test_without_script_the_second_click_is_on_a_page_that_says_what_happens(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await linked(installation)
    csrf = await callers.signed_in(client, installation, "streaming")
    clock.moment = NINE
    form = {"csrf": csrf, "act": "start", "back": "room"}
    english = {"Accept-Language": "en"}

    asked = await client.post(f"{ONE}/act", data=form, headers=english)
    before = await state_of(installation)
    started = await client.post(
        f"{ONE}/act", data=form | {"confirm": "1"}, headers=english, allow_redirects=False
    )

    assert (asked.status, before) == (200, State.READY)
    assert "Go live for everybody" in await asked.text()
    assert 'name="confirm" value="1"' in await asked.text()
    assert started.status == 303
    assert started.headers["Location"].startswith(f"{LIVE}?day=2021-02-25#room-")
    assert await state_of(installation) is State.LIVE


@one_engine
async def test_the_second_click_names_for_how_many_viewers_it_ends(
    connected: Installation, youtube: YouTube, calling: Client, clock: StillClock
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    await press(connected, Act.START)
    clock.moment = NINE + timedelta(minutes=5)
    youtube.viewers[next(iter(youtube.broadcasts))] = 312
    await polling.look_on(connected, no_pause)
    await callers.signed_in(calling, connected, "streaming")

    page = await (await calling.get(LIVE, headers={"Accept-Language": "en"})).text()

    assert 'data-sure="End for 312 viewers"' in page


@one_engine
async def test_what_youtube_refuses_stands_beside_the_room_with_what_to_do(
    connected: Installation,
    youtube: YouTube,
    calling: Client,
    clock: StillClock,
    reader: dict[str, str],
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    clock.moment = QUARTER_TO
    csrf = await callers.signed_in(calling, connected, "streaming")
    form = {"csrf": csrf, "act": "test", "confirm": "1", "back": "card"}

    card = await calling.post(f"{ONE}/act", data=form, headers={"Accept-Language": "en"})

    text = await card.text()
    assert card.status == 200
    assert "The encoder is not sending to this session&#39;s stream." in text
    assert "Start the encoder with the stream of this room" in text
    turn = (await picture(calling, reader))["rooms"][0]["next"]
    assert (turn["problem"]["code"], turn["last_act"]["act"], turn["last_act"]["by"]) == (
        "errorStreamInactive",
        "test",
        "user streaming@example.org",
    )


async def test_while_one_operator_starts_it_others_see_so_and_cannot_start_it_too(
    connected: Installation, youtube: YouTube, calling: Client, clock: StillClock
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    clock.moment = NINE
    csrf = await callers.signed_in(calling, connected, "streaming")
    seen: dict[str, Any] = {}

    async def look_meanwhile(seconds: float) -> None:
        if seen:
            return
        page = await calling.get(f"{LIVE}/rooms", headers={"Accept-Language": "en"})
        seen["page"] = await page.text()
        form = {"csrf": csrf, "act": "start", "confirm": "1"}
        second = await calling.post(f"{ONE}/act", data=form, headers={"Accept-Language": "en"})
        seen["second"] = (second.status, await second.text())

    youtube.looks_until_settled = 2
    from eventhub.events import actions as events  # noqa: PLC0415 -- one look

    async with connected.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    await control.act(
        connected, event, "session-1", Act.START, who="user a@example.org", pause=look_meanwhile
    )

    assert "Going on air" in seen["page"]
    assert 'id="act-session-1-start"' not in seen["page"]
    assert seen["second"][0] == 409
    assert "Somebody is just operating this broadcast." in seen["second"][1]
    assert await state_of(connected) is State.LIVE


async def test_what_was_cut_off_is_told_so_and_may_be_done_again(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    youtube.looks_until_settled = 50

    async def cut_off(seconds: float) -> None:
        raise asyncio.CancelledError

    from eventhub.events import actions as events  # noqa: PLC0415 -- one look

    async with connected.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    with pytest.raises(asyncio.CancelledError):
        await control.act(connected, event, "session-1", Act.TEST, who="test", pause=cut_off)

    async with connected.database.reading() as tx:
        deeds = await last_acts.list_deeds(tx, 1)
    assert deeds == {1: Deed(Act.TEST, "test", clock.moment, clock.moment, "interrupted")}
    youtube.looks_until_settled = 0
    await press(connected, Act.START)
    assert await state_of(connected) is State.LIVE


async def test_a_server_that_died_over_an_act_keeps_nobody_from_acting_for_long(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    from eventhub.streaming.tables import broadcast_acts  # noqa: PLC0415 -- one row

    async with connected.database.transaction() as tx:
        await tx.execute(broadcast_acts.update().values(begun_at=clock.moment, ended_at=None))

    with pytest.raises(YouTubeTrouble) as caught:
        await press(connected, Act.START)
    clock.moment += timedelta(minutes=3)
    await press(connected, Act.START)

    assert caught.value.problem.code == "under_way"
    assert await state_of(connected) is State.LIVE


@one_engine
async def test_a_broken_channel_is_told_above_all_rooms(
    connected: Installation, youtube: YouTube, calling: Client, reader: dict[str, str]
) -> None:
    await published(connected)
    youtube.token_error = "invalid_grant"
    with pytest.raises(YouTubeTrouble):
        await press(connected, Act.CREATE)
    await callers.signed_in(calling, connected, "viewer")

    page = await (await calling.get(LIVE, headers={"Accept-Language": "en"})).text()
    told = await picture(calling, reader)

    assert "The channel of the settings is disconnected." in page
    assert [each["problem"]["code"] for each in told["channels"]] == ["invalid_grant"]


async def test_what_is_still_on_air_since_yesterday_stands_in_todays_room(
    client: Client, installation: Installation, clock: StillClock, reader: dict[str, str]
) -> None:
    await linked(installation)
    headers = await callers.bearer(installation, "streaming")
    await client.post("/api/v1/events/rakortek/broadcasts/session-1/actions/start", headers=headers)
    clock.moment = NINE + timedelta(days=1)

    today = await picture(client, reader)
    other = await picture(client, reader, "2021-02-25")

    assert (today["day"], other["day"]) == ("2021-02-25", "2021-02-25")
    assert [turn["late"]["how"] for turn in other["rooms"][0]["now"]] == ["overruns"]


@one_engine
@pytest.mark.parametrize(
    ("role", "reads", "acts"),
    [
        ("owner", 200, 200),
        ("organizer", 200, 200),
        ("streaming", 200, 200),
        ("viewer", 200, 403),
        ("gate", 403, 403),
        ("health", 403, 403),
    ],
)
async def test_who_reads_the_control_room_and_who_acts_in_it(
    client: Client, installation: Installation, role: str, reads: int, acts: int
) -> None:
    await linked(installation)
    headers = await callers.bearer(installation, role)
    csrf = await callers.signed_in(client, installation, role)

    answers = [
        await client.get(LIVE),
        await client.get(f"{LIVE}/rooms"),
        await client.get(API, headers=headers),
    ]
    ticked = await client.post(f"{ONE}/tick", data={"csrf": csrf, "item": "moderator", "done": "1"})
    ended = await client.post(f"{ONE}/act", data={"csrf": csrf, "act": "start", "confirm": "1"})

    assert [answer.status for answer in answers] == [reads] * 3
    assert (ticked.status, ended.status) == (acts, acts)
    if reads == 200:
        assert ('name="act"' in await answers[0].text()) is (acts == 200)
    assert (await state_of(installation) is State.LIVE) is (acts == 200)


@one_engine
async def test_without_anything_to_operate_the_page_says_what_to_do(
    client: Client, installation: Installation, reader: dict[str, str]
) -> None:
    await make.stored(installation.database, make.event(), make.room())
    await callers.signed_in(client, installation, "viewer")

    page = await client.get(LIVE, headers={"Accept-Language": "en"})

    assert page.status == 200
    assert "No published session streams or meets yet." in await page.text()
    assert (await picture(client, reader))["rooms"] == []
