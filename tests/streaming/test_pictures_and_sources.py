"""A session's picture on YouTube, who finds the broadcast there, and where else the session can be followed."""

import io
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from eventhub import app as composition
from eventhub.accounts import audit
from eventhub.errors import Invalid
from eventhub.installation import Installation
from eventhub.streaming import other_sources, pictures, settings_store, store, sync
from eventhub.streaming.model import Source, SourceKind, SourceUse, StreamingSettings
from eventhub.streaming.pictures import LARGEST_BYTES, Card
from eventhub.streaming.sources import kind_of
from tests import callers
from tests.callers import Client
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published

ONE = "/manage/rakortek/live/sessions/session-1"


def photo(width: int = 1600, height: int = 1200, form: str = "PNG") -> bytes:
    """Make a picture of noise, which packs worst."""
    noise = random.Random(7).randbytes(width * height * 3)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    Image.frombytes("RGB", (width, height), noise).save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_any_picture_becomes_a_small_jpeg_of_the_right_size_without_its_camera(form: str) -> None:
    fitted = pictures.fitted(photo(form=form))

    with Image.open(io.BytesIO(fitted)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (1280, 720))
        assert not shown.getexif()
    assert len(fitted) < LARGEST_BYTES


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n cut short", photo(320, 200), photo()[:5000]]
)
def test_what_is_no_picture_or_too_small_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        pictures.fitted(content)


@pytest.mark.parametrize("title", ["Pembukaan", "Pembahasan usulan program dan kegiatan " * 5])
def test_a_card_is_drawn_with_any_title(title: str) -> None:
    drawn = pictures.drawn(Card("Rakortekrenbang 2021", title[:200], 'Ruang "A" #1 · $x$'))

    with Image.open(io.BytesIO(drawn)) as shown:
        assert (shown.format, shown.size) == ("PNG", (1280, 720))
        assert len(shown.convert("RGB").getcolors(100_000) or ()) > 10
    assert len(drawn) < 200_000


@pytest.fixture
async def calling(connected: Installation) -> AsyncIterator[Client]:
    port = int(connected.settings.base_url.rpartition(":")[2])
    async with TestClient(TestServer(composition.build(connected), port=port)) as client:
        yield client


async def test_a_given_picture_takes_the_cards_place_on_youtube_and_can_be_taken_out(
    connected: Installation, youtube: YouTube, calling: Client
) -> None:
    event = await published(connected)
    csrf = await callers.signed_in(calling, connected, "streaming")
    await sync.sync(connected, event, no_pause)
    (youtube_id,) = youtube.broadcasts
    card = youtube.pictures[youtube_id]
    form = FormData({"csrf": csrf})
    form.add_field("picture", io.BytesIO(photo()), filename="foto.png", content_type="image/png")

    given = await calling.post(f"{ONE}/picture", data=form, allow_redirects=False)
    await sync.sync(connected, event, no_pause)
    set_now = youtube.pictures[youtube_id]
    shown = await (await calling.get(f"{ONE}/picture")).read()
    await sync.sync(connected, event, no_pause)
    await calling.post(f"{ONE}/picture", data={"csrf": csrf, "drawn": "1"})
    await sync.sync(connected, event, no_pause)

    assert given.status == 303
    assert card.startswith(b"\x89PNG")
    assert set_now == shown
    assert set_now.startswith(b"\xff\xd8")
    assert youtube.pictures[youtube_id] == card
    assert youtube.calls["thumbnails.set"] == 3


async def test_a_file_that_is_no_picture_is_told_at_its_field(
    connected: Installation, calling: Client
) -> None:
    await published(connected)
    csrf = await callers.signed_in(calling, connected, "streaming")
    form = FormData({"csrf": csrf})
    form.add_field("picture", b"%PDF-1.7", filename="x.png", content_type="image/png")

    answer = await calling.post(f"{ONE}/picture?lang=en", data=form)

    assert answer.status == 422
    assert "This is not a JPEG or PNG picture." in await answer.text()


async def test_who_may_find_it_is_written_when_it_is_changed_here_and_left_to_studio_otherwise(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    await sync.sync(connected, event, no_pause)
    (remote,) = youtube.broadcasts.values()
    remote["status"]["privacyStatus"] = "public"
    await sync.sync(connected, event, no_pause)
    kept = next(iter(youtube.broadcasts.values()))["status"]["privacyStatus"]
    async with connected.database.transaction() as tx:
        await settings_store.save_settings(tx, event.id, StreamingSettings(privacy="private"))

    await sync.sync(connected, event, no_pause)
    await sync.sync(connected, event, no_pause)

    (remote,) = youtube.broadcasts.values()
    assert (kept, remote["status"]["privacyStatus"]) == ("public", "private")
    assert youtube.calls["liveBroadcasts.update"] == 1


async def test_a_playlist_deleted_in_studio_is_made_again(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    await sync.sync(connected, event, no_pause)
    youtube.playlists.clear()
    youtube.items.clear()
    async with connected.database.transaction() as tx:
        row = (await store.list_broadcasts(tx, 1))[0]

        await store.save_broadcast(tx, replace(row, playlist_id=None), connected.clock.now())

    await sync.sync(connected, event, no_pause)

    ((playlist, items),) = youtube.items.items()
    assert list(youtube.playlists) == [playlist]
    assert [video for _, video in items] == list(youtube.broadcasts)


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://youtu.be/dQw4w9WgXcQ", "youtube"),
        ("https://us02web.zoom.us/j/123456?pwd=x", "zoom"),
        ("https://meet.google.com/abc-defg-hij", "meet"),
        ("https://meet.jit.si/Rakortek", "jitsi"),
        ("https://jitsi.example.org/Rakortek", "jitsi"),
        ("https://bigbluebutton.example.org/rooms/abc", "bigbluebutton"),
        ("https://conference.example.org/bigbluebutton/api/join?x=1", "bigbluebutton"),
        ("https://cdn.example.org/live/index.m3u8?token=1", "hls"),
        ("https://example.org/zoom.us", "page"),
        ("https://notzoom.us.example.org/", "page"),
    ],
)
def test_a_link_tells_by_its_address_what_it_leads_to(link: str, kind: str) -> None:
    assert kind_of(link) == kind


async def sources(installation: Installation) -> list[tuple[SourceUse, str, SourceKind, str]]:
    async with installation.database.reading() as tx:
        found: list[Source] = await other_sources.list_sources(tx, 1)
    return [(each.use, each.language, each.kind, each.url) for each in found]


async def test_a_session_has_backups_and_one_source_a_language(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    csrf = await callers.signed_in(client, installation, "streaming")
    given = [
        {"use": "language", "language": "en", "url": "https://meet.jit.si/en"},
        {"use": "language", "language": "en", "url": "https://us02web.zoom.us/j/1"},
        {"use": "backup", "url": "https://cdn.example.org/a.m3u8"},
        {"use": "backup", "url": "https://own.example.org/room", "kind": "jitsi"},
    ]

    for each in given:
        answer = await client.post(f"{ONE}/sources", data={"csrf": csrf, **each})
        assert answer.status == 200

    assert await sources(installation) == [
        (SourceUse.BACKUP, "", SourceKind.HLS, "https://cdn.example.org/a.m3u8"),
        (SourceUse.BACKUP, "", SourceKind.JITSI, "https://own.example.org/room"),
        (SourceUse.LANGUAGE, "en", SourceKind.ZOOM, "https://us02web.zoom.us/j/1"),
    ]
    async with installation.database.reading() as tx:
        first = (await other_sources.list_sources(tx, 1))[0]
        entries = [each.action for each in await audit.list_entries(tx, 1, None, 10)]
    assert entries.count("source.added") == 4
    await client.post(f"{ONE}/sources/{first.id}/remove", data={"csrf": csrf})
    assert len(await sources(installation)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"use": "language", "url": "https://meet.jit.si/x"},
        {"use": "backup", "url": "javascript:alert(1)"},
        {"use": "other", "url": "https://meet.jit.si/x"},
        {"use": "backup", "url": ""},
        {"use": "backup", "url": "https://meet.jit.si/x", "kind": "gopher"},
    ],
)
async def test_a_wrong_source_is_told_and_not_kept(
    client: Client, installation: Installation, wrong: dict[str, str]
) -> None:
    await published(installation)
    csrf = await callers.signed_in(client, installation, "streaming")

    answer = await client.post(f"{ONE}/sources", data={"csrf": csrf, **wrong})

    assert (answer.status, await sources(installation)) == (422, [])
    assert wrong["url"] in await answer.text()


async def test_viewers_of_the_pages_change_nothing(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    csrf = await callers.signed_in(client, installation, "viewer")
    new = {"csrf": csrf, "use": "backup", "url": "https://meet.jit.si/x"}

    answers = [
        await client.post(f"{ONE}/sources", data=new),
        await client.post(f"{ONE}/sources/1/remove", data={"csrf": csrf}),
        await client.post(f"{ONE}/picture", data={"csrf": csrf, "drawn": "1"}),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert (await client.get(f"{ONE}/sources")).status == 200
