"""Operators create, test, start, end and delete broadcasts; without a channel they paste links."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from eventhub import app as composition
from eventhub.accounts import audit
from eventhub.installation import Installation
from eventhub.streaming import control, polling, store
from eventhub.streaming.model import Act, Broadcast, State
from eventhub.streaming.trouble import YouTubeTrouble
from tests import callers, make
from tests.callers import Client
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed

ONE = "/api/v1/events/rakortek/broadcasts/session-1"
LINK = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


async def press(installation: Installation, *acts: Act) -> State:
    from eventhub.events import actions as events  # noqa: PLC0415 -- one look

    async with installation.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    for wish in acts:
        shown = await control.act(
            installation, event, "session-1", wish, who="test", pause=no_pause
        )
    return shown.state


async def recorded(installation: Installation) -> Broadcast | None:
    async with installation.database.reading() as tx:
        return await store.find_broadcast(tx, 1)


async def test_a_whole_broadcast_is_created_tested_started_and_ended(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)

    created = await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    states = [await press(connected, act) for act in (Act.TEST, Act.START, Act.END)]

    (remote,) = youtube.broadcasts.values()
    assert (created, states) == (State.READY, [State.TESTING, State.LIVE, State.COMPLETE])
    assert remote["status"]["lifeCycleStatus"] == "complete"


async def test_starting_tests_by_itself_first(connected: Installation, youtube: YouTube) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))

    assert await press(connected, Act.START) is State.LIVE


async def test_pressing_twice_is_pressing_once(connected: Installation, youtube: YouTube) -> None:
    await published(connected)
    await press(connected, Act.CREATE, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))

    assert await press(connected, Act.START, Act.START) is State.LIVE
    assert len(youtube.broadcasts) == 1
    assert youtube.calls["liveBroadcasts.transition"] == 2


@pytest.mark.parametrize("fault", ["500", "503_after", "drop_after", "429"])
async def test_a_fault_at_a_transition_is_repeated(
    connected: Installation, youtube: YouTube, fault: str
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    youtube.faults["liveBroadcasts.transition"] = [fault]

    assert await press(connected, Act.START) is State.LIVE


async def test_a_silent_encoder_is_told_and_the_broadcast_stays_ready(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)

    with pytest.raises(YouTubeTrouble) as caught:
        await press(connected, Act.START)

    row = await recorded(connected)
    assert row is not None
    assert caught.value.problem.code == "errorStreamInactive"
    assert (row.state, row.problem_code) == (State.READY, "errorStreamInactive")


async def test_a_broadcast_still_starting_is_not_told_as_started(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    youtube.looks_until_settled = 100

    state = await press(connected, Act.TEST)

    row = await recorded(connected)
    assert row is not None
    assert (state, row.problem_code) == (State.READY, "still_starting")
    youtube.looks_until_settled = 0
    await polling.look_on(connected)
    row = await recorded(connected)
    assert row is not None
    assert (row.state, row.problem_code) == (State.TESTING, None)


async def test_a_deleted_broadcast_stays_deleted_until_it_is_created_again(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    await press(connected, Act.CREATE)

    await press(connected, Act.DELETE)

    from eventhub.streaming import sync  # noqa: PLC0415 -- one look

    await sync.sync(connected, event, no_pause)
    assert youtube.broadcasts == {}
    assert await press(connected, Act.CREATE) is State.READY
    assert len(youtube.broadcasts) == 1


async def test_what_studio_did_is_seen_while_the_session_is_on(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    (remote,) = youtube.broadcasts.values()
    remote["status"]["lifeCycleStatus"] = "live"

    await polling.look_on(connected)

    row = await recorded(connected)
    assert row is not None
    assert row.state is State.LIVE


@pytest.fixture
async def calling(connected: Installation) -> Any:
    async with TestClient(TestServer(composition.build(connected))) as client:
        yield client


async def test_the_api_operates_a_broadcast_in_the_contracts_shape(
    connected: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(connected)
    headers = await callers.bearer(connected, "streaming")

    answer = await calling.post(f"{ONE}/actions/create", headers=headers)

    (remote,) = youtube.broadcasts
    (stream,) = youtube.streams
    assert (answer.status, await answer.json()) == (
        200,
        {
            "session": "session-1",
            "provider": "youtube",
            "state": "ready",
            "youtube_id": remote,
            "stream_id": stream,
            "watch_url": f"https://www.youtube.com/watch?v={remote}",
            "scheduled_start": "2021-02-25T02:00:00Z",
            "viewers": {"now": 0, "peak": 0, "at": "2021-02-25T01:30:00Z"},
            "problem": None,
        },
    )


async def test_the_api_answers_409_with_the_problem(
    connected: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(connected)
    headers = await callers.bearer(connected, "streaming")
    await calling.post(f"{ONE}/actions/create", headers=headers)

    answer = await calling.post(f"{ONE}/actions/test", headers=headers)

    body = await answer.json()
    assert (answer.status, answer.content_type) == (409, "application/problem+json")
    assert body["problem"] == {
        "code": "errorStreamInactive",
        "explanation": "The encoder is not sending to this session's stream.",
        "action": "Start the encoder with the stream of this room and press again when it sends.",
    }
    shown = await (await calling.get(ONE, headers=headers)).json()
    assert (shown["state"], shown["problem"]) == ("ready", body["problem"])


async def test_without_a_channel_a_session_is_wanted_and_takes_a_link(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    headers = await callers.bearer(installation, "streaming")

    before = await (await client.get(ONE, headers=headers)).json()
    refused = await client.post(f"{ONE}/actions/create", headers=headers)
    answer = await client.put(ONE, headers=headers, json={"provider": "link", "watch_url": LINK})

    linked = await answer.json()
    assert (before["state"], before["provider"], before["watch_url"]) == (
        "wanted",
        "youtube",
        None,
    )
    assert (refused.status, (await refused.json())["problem"]["code"]) == (409, "not_connected")
    assert (answer.status, linked["provider"], linked["state"], linked["watch_url"]) == (
        200,
        "link",
        "ready",
        LINK,
    )
    assert answer.headers["ETag"] == '"2"'
    async with installation.database.reading() as tx:
        entries = await audit.list_entries(tx, 1, None, 10)
    assert ("broadcast.linked", {"link": LINK}) in [(e.action, e.detail) for e in entries]


async def test_a_link_is_started_and_ended_by_hand_and_taken_away(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    headers = await callers.bearer(installation, "organizer")
    await client.put(ONE, headers=headers, json={"provider": "link", "watch_url": LINK})

    answers = [
        await client.post(f"{ONE}/actions/{act}", headers=headers)
        for act in ("test", "start", "end", "delete")
    ]

    told = [(answer.status, (await answer.json()).get("state")) for answer in answers]
    assert told == [(409, None), (200, "live"), (200, "complete"), (200, "wanted")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"provider": "youtube", "watch_url": LINK}, "provider"),
        ({"provider": "link", "watch_url": "javascript:alert(1)"}, "watch_url"),
        ({"provider": "link", "watch_url": ""}, "watch_url"),
        ({"provider": "link"}, "watch_url"),
        ({"provider": "link", "watch_url": LINK, "key": "x"}, "key"),
    ],
)
async def test_a_wrong_link_names_its_field_and_changes_nothing(
    client: Client, installation: Installation, body: dict[str, str], field: str
) -> None:
    await published(installation)
    headers = await callers.bearer(installation, "streaming")

    answer = await client.put(ONE, headers=headers, json=body)

    assert (answer.status, [e["field"] for e in (await answer.json())["errors"]]) == (422, [field])
    assert await recorded(installation) is None


async def test_a_broadcast_of_ours_is_not_replaced_by_a_link(
    connected: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(connected)
    headers = await callers.bearer(connected, "streaming")
    await calling.post(f"{ONE}/actions/create", headers=headers)
    before = await recorded(connected)

    answer = await calling.put(ONE, headers=headers, json={"provider": "link", "watch_url": LINK})

    assert answer.status == 409
    assert await recorded(connected) == before


@pytest.mark.parametrize(
    ("role", "read", "act"),
    [
        ("owner", 200, 200),
        ("organizer", 200, 200),
        ("streaming", 200, 200),
        ("viewer", 200, 403),
        ("gate", 403, 403),
        ("health", 403, 403),
    ],
)
async def test_who_may_read_and_act(
    client: Client, installation: Installation, role: str, read: int, act: int
) -> None:
    await published(installation)
    headers = await callers.bearer(installation, role)

    told = await client.get(ONE, headers=headers)
    linked = await client.put(ONE, headers=headers, json={"provider": "link", "watch_url": LINK})

    assert (told.status, linked.status) == (read, act)


async def test_the_list_holds_streamed_sessions_in_pages_by_their_start(
    client: Client, installation: Installation
) -> None:
    await published(
        installation,
        streamed(1, starts_at=make.at("15:00"), ends_at=make.at("16:00")),
        streamed(2),
        make.session(3, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    headers = await callers.bearer(installation, "viewer")
    path = "/api/v1/events/rakortek/broadcasts"

    first = await (await client.get(f"{path}?limit=1", headers=headers)).json()
    rest = await (await client.get(f"{path}?cursor={first['next']}", headers=headers)).json()

    assert [each["session"] for each in first["items"]] == ["session-2"]
    assert ([each["session"] for each in rest["items"]], rest["next"]) == (["session-1"], None)


@pytest.mark.parametrize("path", ["session-9", "session-3", "session-1/actions/explode"])
async def test_what_is_not_there_is_not_found(
    client: Client, installation: Installation, path: str
) -> None:
    await published(
        installation,
        streamed(1),
        make.session(3, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    headers = await callers.bearer(installation, "owner")
    address = f"/api/v1/events/rakortek/broadcasts/{path}"

    answer = await (client.post if "actions" in path else client.get)(address, headers=headers)

    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_the_stream_key_is_shown_on_a_click_that_is_audited(
    connected: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(connected)
    await press(connected, Act.CREATE)
    csrf = await callers.signed_in(calling, connected, "streaming")
    path = "/manage/rakortek/live/sessions/session-1"
    (stream,) = youtube.streams.values()
    key = stream["cdn"]["ingestionInfo"]["streamName"]

    before = await (await calling.get(path)).text()
    clicked = await calling.post(f"{path}/key", data={"csrf": csrf})

    async with connected.database.reading() as tx:
        actions = [entry.action for entry in await audit.list_entries(tx, 1, None, 10)]
    assert key not in before
    assert key in await clicked.text()
    assert clicked.headers["Cache-Control"] == "no-store"
    assert actions.count("broadcast.key_shown") == 1
