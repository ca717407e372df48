"""Broadcasts, streams, playlists and pictures of a channel on YouTube, as plain values.

Importing this module takes 0.33 s and 41 MB, and an installation without a channel never needs it: `connection`
imports it when the first call is made. No call is made inside a transaction.
"""

import asyncio
import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from eventhub.settings import YouTubeSettings

from .model import Draft, RemoteBroadcast, RemoteStream, YouTubeTrouble
from .problems import PROBLEMS
from .quota import Purpose
from .wire import Account, Wire, viewers_of

# What Google's published table charges; refused calls are charged too.
READ_UNITS = 1
WRITE_UNITS = 50

_TIMEOUT_S = 20.0
_PAGE = 50
_BROADCAST = "id,snippet,contentDetails,status"
_STREAM = "id,snippet,cdn,contentDetails,status"


class Channel:
    """A connected channel. `account` is asked for the units of each call before it is sent.

    Every method raises YouTubeTrouble and is sent once: whoever calls decides what may be repeated.
    """

    def __init__(
        self, settings: YouTubeSettings, account: Account, timeout_s: float = _TIMEOUT_S
    ) -> None:
        self._account = account
        self._purpose = Purpose.SET_UP
        self._wire = Wire(settings, timeout_s)
        # Credentials are shared between calls so that one access token serves them all; a refresh must not race.
        self._turn = asyncio.Lock()

    def charged_to(self, purpose: Purpose) -> Self:
        """Return the same channel, its calls counted for another purpose."""
        other = copy.copy(self)
        other._purpose = purpose  # noqa: SLF001 -- a copy of this very class
        return other

    async def insert_broadcast(self, draft: Draft) -> RemoteBroadcast:
        """Make a broadcast; it has no stream yet."""
        body = {
            "snippet": _snippet(draft),
            "status": {"privacyStatus": draft.privacy, "selfDeclaredMadeForKids": False},
            "contentDetails": {
                "enableAutoStart": False,
                "enableAutoStop": False,
                "enableDvr": True,
                "recordFromStart": True,
                "enableEmbed": True,
                "monitorStream": {"enableMonitorStream": True, "broadcastStreamDelayMs": 0},
            },
        }
        return _broadcast(await self._write("liveBroadcasts", "insert", part=_BROADCAST, body=body))

    async def update_broadcast(
        self, youtube_id: str, draft: Draft, *, with_privacy: bool = False
    ) -> RemoteBroadcast:
        """Change title, description, times and perhaps privacy. An update replaces whole sections, so they are read."""
        found = await self._read("liveBroadcasts", part=_BROADCAST, id=youtube_id)
        if not found["items"]:
            raise YouTubeTrouble(PROBLEMS["liveBroadcastNotFound"])
        body = found["items"][0]
        body["snippet"] |= _snippet(draft)
        if with_privacy:
            body["status"]["privacyStatus"] = draft.privacy
        body = {name: body[name] for name in ("id", "snippet", "status", "contentDetails")}
        return _broadcast(await self._write("liveBroadcasts", "update", part=_BROADCAST, body=body))

    async def bind(self, youtube_id: str, stream_id: str) -> RemoteBroadcast:
        """Tie a broadcast to the stream that feeds it."""
        answer = await self._write(
            "liveBroadcasts", "bind", part=_BROADCAST, id=youtube_id, streamId=stream_id
        )
        return _broadcast(answer)

    async def transition(self, youtube_id: str, to: str) -> RemoteBroadcast:
        """Send a broadcast to `testing`, `live` or `complete`; it may only be on its way when this returns."""
        answer = await self._write(
            "liveBroadcasts", "transition", part=_BROADCAST, id=youtube_id, broadcastStatus=to
        )
        return _broadcast(answer)

    async def delete_broadcast(self, youtube_id: str) -> None:
        await self._write("liveBroadcasts", "delete", id=youtube_id)

    async def list_broadcasts(self) -> list[RemoteBroadcast]:
        """Return all broadcasts of the channel, in no promised order."""
        return [_broadcast(item) for item in await self._pages("liveBroadcasts", _BROADCAST)]

    async def find_broadcast(self, youtube_id: str) -> RemoteBroadcast | None:
        """Return one broadcast, or None when it was deleted."""
        return (await self.find_broadcasts([youtube_id])).get(youtube_id)

    async def find_broadcasts(self, youtube_ids: Sequence[str]) -> dict[str, RemoteBroadcast]:
        """Return those of the broadcasts that exist, by id, in one call for each 50."""
        found: dict[str, RemoteBroadcast] = {}
        for first in range(0, len(youtube_ids), _PAGE):
            ids = ",".join(youtube_ids[first : first + _PAGE])
            answer = await self._read("liveBroadcasts", part=_BROADCAST, id=ids, maxResults=_PAGE)
            found |= {item["id"]: _broadcast(item) for item in answer["items"]}
        return found

    async def insert_stream(self, title: str, description: str) -> RemoteStream:
        """Make a reusable RTMP stream."""
        body = {
            "snippet": {"title": title, "description": description},
            "cdn": {"ingestionType": "rtmp", "frameRate": "variable", "resolution": "variable"},
            "contentDetails": {"isReusable": True},
        }
        return _stream(await self._write("liveStreams", "insert", part=_STREAM, body=body))

    async def list_streams(self) -> list[RemoteStream]:
        """Return all reusable streams of the channel."""
        return [_stream(item) for item in await self._pages("liveStreams", _STREAM)]

    async def find_streams(self, stream_ids: Sequence[str]) -> dict[str, RemoteStream]:
        """Return those of the streams that exist, by id, in one call for each 50."""
        found: dict[str, RemoteStream] = {}
        for first in range(0, len(stream_ids), _PAGE):
            ids = ",".join(stream_ids[first : first + _PAGE])
            answer = await self._read(
                "liveStreams", part="id,snippet,status", id=ids, maxResults=_PAGE
            )
            found |= {item["id"]: _stream(item) for item in answer["items"]}
        return found

    async def find_viewers(self, youtube_ids: Sequence[str]) -> dict[str, int | None]:
        """Return the viewers of live videos, by id; None where YouTube does not tell, which is not nought."""
        found: dict[str, int | None] = {}
        for first in range(0, len(youtube_ids), _PAGE):
            ids = ",".join(youtube_ids[first : first + _PAGE])
            answer = await self._read(
                "videos", part="liveStreamingDetails,statistics", id=ids, maxResults=_PAGE
            )
            found |= {item["id"]: viewers_of(item) for item in answer["items"]}
        return found

    async def set_thumbnail(self, youtube_id: str, picture: bytes, media_type: str) -> None:
        """Set a broadcast's picture; may be repeated."""
        await self._call(
            WRITE_UNITS, "thumbnails", "set", {"videoId": youtube_id}, (picture, media_type)
        )

    async def list_playlists(self) -> dict[str, str]:
        """Return the descriptions of the channel's playlists, by id."""
        items = await self._pages("playlists", "id,snippet")
        return {item["id"]: item["snippet"].get("description", "") for item in items}

    async def insert_playlist(self, title: str, description: str, privacy: str) -> str:
        """Make a playlist and return its id."""
        body = {
            "snippet": {"title": title, "description": description},
            "status": {"privacyStatus": privacy},
        }
        answer = await self._write("playlists", "insert", part="id,snippet,status", body=body)
        return _id(answer)

    async def find_items(self, playlist_id: str, youtube_id: str) -> list[str]:
        """Return the ids of the items by which a playlist holds a video."""
        answer = await self._read(
            "playlistItems", part="id", playlistId=playlist_id, videoId=youtube_id
        )
        return [_id(item) for item in answer["items"]]

    async def insert_item(self, playlist_id: str, youtube_id: str) -> None:
        """Put a video into a playlist. A second insert makes a second item."""
        resource = {"kind": "youtube#video", "videoId": youtube_id}
        body = {"snippet": {"playlistId": playlist_id, "resourceId": resource}}
        await self._write("playlistItems", "insert", part="id,snippet", body=body)

    async def delete_item(self, item_id: str) -> None:
        """Take an item out of its playlist."""
        await self._write("playlistItems", "delete", id=item_id)

    async def find_channel(self) -> tuple[str, str]:
        """Return id and title of the channel itself; empty ones where the account has no channel."""
        answer = await self._read("channels", part="id,snippet", mine=True)
        for item in answer["items"]:
            return _id(item), str(item.get("snippet", {}).get("title", ""))
        return "", ""

    async def _pages(self, resource: str, part: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        page: str | None = None
        while True:
            answer = await self._read(
                resource, part=part, mine=True, maxResults=_PAGE, pageToken=page
            )
            items += answer["items"]
            page = answer.get("nextPageToken")
            if not page:
                return items

    async def _read(self, resource: str, **arguments: Any) -> dict[str, Any]:
        answer = await self._call(READ_UNITS, resource, "list", arguments)
        if not isinstance(answer.get("items", []), list):
            raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
        return {"items": [], **answer}

    async def _write(self, resource: str, method: str, **arguments: Any) -> dict[str, Any]:
        return await self._call(WRITE_UNITS, resource, method, arguments)

    async def _call(
        self,
        units: int,
        resource: str,
        method: str,
        arguments: dict[str, Any],
        picture: tuple[bytes, str] | None = None,
    ) -> dict[str, Any]:
        await self._account.spend(units, self._purpose)
        try:
            async with self._turn:
                answer = await asyncio.to_thread(
                    self._wire.send, resource, method, arguments, picture
                )
        except YouTubeTrouble as trouble:
            await self._account.failed(trouble.problem)
            raise
        if method == "delete":
            return {}
        # A 200 whose body is no JSON comes back as text.
        if not isinstance(answer, dict):
            raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
        return answer


def _snippet(draft: Draft) -> dict[str, str]:
    snippet = {
        "title": draft.title,
        "description": draft.description,
        "scheduledStartTime": _written(draft.starts_at),
    }
    if draft.ends_at is not None:
        snippet["scheduledEndTime"] = _written(draft.ends_at)
    return snippet


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _broadcast(item: dict[str, Any]) -> RemoteBroadcast:
    try:
        snippet = item["snippet"]
        return RemoteBroadcast(
            id=item["id"],
            title=snippet["title"],
            description=snippet.get("description", ""),
            scheduled_start=_moment(snippet.get("scheduledStartTime")),
            published_at=_moment(snippet.get("publishedAt")),
            life_cycle=item["status"]["lifeCycleStatus"],
            stream_id=item.get("contentDetails", {}).get("boundStreamId"),
            privacy=item["status"].get("privacyStatus", ""),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error


def _stream(item: dict[str, Any]) -> RemoteStream:
    try:
        ingestion = item.get("cdn", {}).get("ingestionInfo", {})
        health = item["status"].get("healthStatus", {})
        return RemoteStream(
            id=item["id"],
            title=item["snippet"]["title"],
            description=item["snippet"].get("description", ""),
            status=item["status"]["streamStatus"],
            address=ingestion.get("rtmpsIngestionAddress") or ingestion.get("ingestionAddress", ""),
            key=ingestion.get("streamName", ""),
            health=health.get("status", ""),
            issues=tuple(
                str(each.get("type", "")) for each in health.get("configurationIssues", [])
            ),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error


def _id(item: dict[str, Any]) -> str:
    if not isinstance(item.get("id"), str):
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
    return str(item["id"])
