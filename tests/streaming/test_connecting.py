"""A channel is connected in the browser, and what happens when its connection ends."""

from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from eventhub import app as composition
from eventhub import outbox
from eventhub.accounts import audit
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.streaming import alerting, channels, consent, encoder_store, store, sync
from eventhub.streaming.channels import DISCONNECTED
from eventhub.streaming.model import Connected, State
from eventhub.streaming.report import Report
from eventhub.streaming.tables import youtube_channels, youtube_consents
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed

PAGE = "/manage/rakortek/channels"


@pytest.fixture
async def calling(
    with_client: Installation, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """Call an application that has an OAuth client; the stand-in of Google speaks no https."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    port = int(with_client.settings.base_url.rpartition(":")[2])
    async with TestClient(TestServer(composition.build(with_client), port=port)) as client:
        yield client


async def begun(calling: Client, csrf: str) -> str:
    """Press the button, consent, and return the path by which Google leads back."""
    asked = await calling.post(f"{PAGE}/connect", data={"csrf": csrf}, allow_redirects=False)
    assert asked.status == 303
    consented = await calling.session.get(asked.headers["Location"], allow_redirects=False)
    back = urlsplit(consented.headers["Location"])
    return f"{back.path}?{back.query}"


async def connect(calling: Client, csrf: str) -> str:
    """Connect a channel and return where the browser ends up."""
    answer = await calling.get(await begun(calling, csrf), allow_redirects=False)
    return answer.headers["Location"]


async def own(installation: Installation) -> list[Connected]:
    async with installation.database.reading() as tx:
        return await channels.list_own(tx, 1)


async def run(installation: Installation) -> Report:
    async with installation.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    return await sync.sync(installation, event, no_pause)


async def test_an_organizer_connects_a_channel_and_its_broadcasts_are_made_on_it(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")

    ended = await connect(calling, csrf)

    (channel,) = await own(with_client)
    report = await run(with_client)
    shown = await (await calling.get(PAGE)).text()
    async with with_client.database.reading() as tx:
        (row,) = await store.list_broadcasts(tx, 1)
        entries = [each.action for each in await audit.list_entries(tx, 1, None, 10)]
    assert ended == PAGE
    assert (channel.youtube_id, channel.title) == ("UC-standin", "Kanal Panitia")
    assert channel.connected_by == "organizer@example.org"
    assert dict(report.outcomes) == {"created": 1}
    assert (row.channel_id, row.state) == (channel.id, State.READY)
    assert "channel.connected" in entries
    assert "Kanal Panitia" in shown
    assert not youtube.consents


async def test_the_token_is_kept_sealed_and_shown_nowhere(
    with_client: Installation, calling: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)

    (channel,) = await own(with_client)
    await run(with_client)

    token = channels.access_of(with_client.settings, channel).refresh_token
    assert token.startswith("refresh-")
    assert channel.sealed_token is not None
    assert token.encode() not in channel.sealed_token
    assert token not in repr(channel)
    assert token not in caplog.text
    assert token not in await (await calling.get(PAGE)).text()


async def test_consent_is_asked_for_with_state_and_pkce_and_offline(
    with_client: Installation, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")

    page = await calling.get(PAGE)
    asked = await calling.post(f"{PAGE}/connect", data={"csrf": csrf}, allow_redirects=False)

    query = {
        name: value[0]
        for name, value in parse_qs(urlsplit(asked.headers["Location"]).query).items()
    }
    youtube = urlsplit(with_client.settings.youtube.auth_url)
    assert (
        f"form-action 'self' {youtube.scheme}://{youtube.netloc}"
        in page.headers["Content-Security-Policy"]
    )
    assert query["redirect_uri"] == f"{with_client.settings.base_url}/manage/channels/connected"
    assert (query["code_challenge_method"], query["access_type"], query["response_type"]) == (
        "S256",
        "offline",
        "code",
    )
    assert query["scope"] == "https://www.googleapis.com/auth/youtube"
    assert len(query["state"]) >= 20
    async with with_client.database.reading() as tx:
        kept = (await tx.execute(sa.select(youtube_consents))).one()
    assert query["state"] not in repr(kept)


async def test_an_answer_is_good_for_who_asked_alone(
    with_client: Installation, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    mine = await begun(calling, csrf)

    await callers.signed_in(calling, with_client, "owner")
    stolen = await calling.get(mine, allow_redirects=False)
    calling.session.cookie_jar.clear()
    nobody = await calling.get(mine, allow_redirects=False)

    assert stolen.status == 404
    assert nobody.headers["Location"].startswith("/manage/sign-in")
    assert await own(with_client) == []


async def test_an_answer_is_good_for_ten_minutes(
    with_client: Installation, calling: Client, clock: StillClock
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    late = await begun(calling, csrf)
    clock.moment += consent.LASTS

    answer = await calling.get(late, allow_redirects=False)

    assert answer.status == 404
    assert await own(with_client) == []


async def test_an_answer_comes_through_once(with_client: Installation, calling: Client) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    back = await begun(calling, csrf)

    statuses = [(await calling.get(back, allow_redirects=False)).status for _ in range(2)]

    assert statuses == [303, 404]
    assert len(await own(with_client)) == 1


@pytest.mark.parametrize(
    ("refuses", "scope", "channel", "problem"),
    [
        (True, "", "UC-standin", "consentRefused"),
        (False, "openid", "UC-standin", "insufficientPermissions"),
        (False, "", "", "liveStreamingNotEnabled"),
    ],
)
async def test_what_went_wrong_at_google_is_told_and_nothing_is_kept(
    with_client: Installation,
    calling: Client,
    youtube: YouTube,
    refuses: bool,
    scope: str,
    channel: str,
    problem: str,
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    youtube.refuses_consent, youtube.granted_scope = refuses, scope
    youtube.channel = (channel, "Kanal")

    ended = await connect(calling, csrf)

    assert ended == f"{PAGE}?problem={problem}"
    assert await own(with_client) == []
    assert (await calling.get(ended)).status == 200


@pytest.mark.parametrize("role", ["streaming", "viewer"])
async def test_only_organizers_connect_and_disconnect(
    with_client: Installation, calling: Client, role: str
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, role)

    statuses = [
        (await calling.post(f"{PAGE}/{path}", data={"csrf": csrf})).status
        for path in ("connect", "1/disconnect", "how", "encoder")
    ]

    assert (await calling.get(PAGE)).status == 200
    assert statuses == [403] * 4


async def test_a_button_pressed_by_another_site_connects_nothing(
    with_client: Installation, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")

    answers = [
        await calling.post(f"{PAGE}/connect", data={"csrf": "x"}),
        await calling.post(
            f"{PAGE}/connect", data={"csrf": csrf}, headers={"Origin": "https://evil.example"}
        ),
    ]

    assert [answer.status for answer in answers] == [403, 403]


async def test_a_withdrawn_consent_is_mailed_once_and_shown_and_nothing_is_called_any_more(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    youtube.token_error = "invalid_grant"

    first = await run(with_client)
    asked = youtube.tokens_asked
    second = await run(with_client)
    async with with_client.database.transaction() as tx:
        jobs = await outbox.claim(tx, [DISCONNECTED], with_client.clock.now())
    for job in jobs:
        await alerting.tell_organizers(with_client, job)
    async with with_client.database.reading() as tx:
        (mailed, *_) = await audit.list_entries(tx, 1, None, 10)
    mails = list((with_client.settings.data / "mail").glob("*.eml"))
    page = await (await calling.get(f"{PAGE}?lang=en")).text()

    assert [problem.code for _, problem in first.problems + second.problems] == [
        "invalid_grant"
    ] * 2
    assert youtube.tokens_asked == asked
    assert (len(jobs), len(mails)) == (1, 1)
    assert (mailed.action, mailed.subject) == ("channel.mailed", "Kanal Panitia")
    assert mailed.detail == {"organizer@example.org": "kept"}
    mail = message_from_bytes(mails[0].read_bytes(), policy=policy.default)
    assert mail["To"] == "organizer@example.org"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"{with_client.settings.base_url}{PAGE}" in body.get_content()
    assert "Kanal Panitia is disconnected." in page
    youtube.token_error = None
    again = await calling.post(f"{PAGE}/1/again", data={"csrf": csrf}, allow_redirects=False)
    assert again.status == 303
    assert dict((await run(with_client)).outcomes) == {"created": 1}


async def test_connecting_again_ends_the_problem_and_keeps_the_channel(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    youtube.token_error = "invalid_grant"
    await run(with_client)
    youtube.token_error = None

    await connect(calling, csrf)

    (channel,) = await own(with_client)
    assert (channel.id, channel.problem_code) == (1, None)
    assert dict((await run(with_client)).outcomes) == {"created": 1}


async def test_a_disconnected_channels_token_is_erased_here_and_at_google(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    (channel,) = await own(with_client)
    token = channels.access_of(with_client.settings, channel).refresh_token

    answer = await calling.post(f"{PAGE}/1/disconnect?lang=en", data={"csrf": csrf})

    report = await run(with_client)
    async with with_client.database.reading() as tx:
        kept = (await tx.execute(sa.select(youtube_channels.c.sealed_token))).scalar()
    assert (await own(with_client), kept) == ([], None)
    assert youtube.revoked == [token]
    assert "consent=withdrawn" in str(answer.url)
    assert [problem.code for _, problem in report.problems] == ["not_connected"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("status", "told"),
    [(400, "is withdrawn at Google"), (503, "Google did not answer")],
)
async def test_what_google_did_not_take_is_told_and_the_channel_is_disconnected_all_the_same(
    with_client: Installation, youtube: YouTube, calling: Client, status: int, told: str
) -> None:
    await published(with_client)
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    youtube.revoke_status = status

    answer = await calling.post(
        f"{PAGE}/1/disconnect", data={"csrf": csrf}, headers={"Accept-Language": "en"}
    )

    assert told in await answer.text()
    assert await own(with_client) == []


async def test_a_consent_that_another_event_goes_by_stays_at_google(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    await published(with_client)
    await make.stored(with_client.database, make.event(2, slug="lain"))
    async with with_client.database.transaction() as tx:
        await channels.add(
            tx, 2, youtube_id="UC-standin", title="Kanal", sealed_token=b"x", who="x",
            at=with_client.clock.now(),
        )  # fmt: skip
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    (channel,) = await own(with_client)

    answer = await calling.post(f"{PAGE}/{channel.id}/disconnect", data={"csrf": csrf})

    assert "consent=kept" in str(answer.url)
    assert (youtube.revoked, await own(with_client)) == ([], [])


async def test_an_encoder_moves_to_another_channel_and_its_broadcast_with_it(
    with_client: Installation, youtube: YouTube, calling: Client
) -> None:
    later = {"starts_at": make.at("11:00"), "ends_at": make.at("12:00")}
    await published(with_client, streamed(1), streamed(2, room_id=2, **later))
    csrf = await callers.signed_in(calling, with_client, "organizer")
    await connect(calling, csrf)
    await run(with_client)
    youtube.channel = ("UC-second", "Kanal kedua")
    await connect(calling, csrf)

    await calling.post(
        f"{PAGE}/encoder", data={"csrf": csrf, "encoder": "room:room-2", "channel": "2"}
    )
    moving = await run(with_client)
    await run(with_client)

    async with with_client.database.reading() as tx:
        rows = await store.list_broadcasts(tx, 1)
        encoders = await encoder_store.list_encoders(tx, 1)
    assert [each[0] for each in moving.put_off] == ["session-2"]
    assert {row.session: row.channel_id for row in rows} == {"session-1": 1, "session-2": 2}
    assert {row.youtube_id for row in rows} == set(youtube.broadcasts)
    assert [(each.encoder, each.channel_id) for each in encoders] == [
        ("room:room-1", 1),
        ("room:room-2", 2),
    ]
    assert make.at("09:00") == rows[0].scheduled_start
