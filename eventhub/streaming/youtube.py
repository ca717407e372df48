"""Broadcasts, streams, playlists and pictures of a channel on YouTube, as plain values.

Importing this module takes 0.33 s and 41 MB, and an installation without a channel never needs it: `connection`
imports it when the first call is made. No call is made inside a transaction.
"""

from collections.abc import Sequence

from .problems import PROBLEMS
from .remote import Draft, RemoteBroadcast, RemoteStream
from .trouble import YouTubeTrouble
from .wire import viewers_of
from .youtube_calls import PAGE
from .youtube_items import broadcast_of, id_of, snippet_of, stream_of
from .youtube_library import Library

_BROADCAST = "id,snippet,contentDetails,status"
_STREAM = "id,snippet,cdn,contentDetails,status"


class Channel(Library):
    """A connected channel with its broadcasts, streams, playlists and pictures."""

    async def insert_broadcast(self, draft: Draft) -> RemoteBroadcast:
        """Make a broadcast; it has no stream yet."""
        body = {
            "snippet": snippet_of(draft),
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
        return broadcast_of(
            await self._write("liveBroadcasts", "insert", part=_BROADCAST, body=body)
        )

    async def update_broadcast(
        self, youtube_id: str, draft: Draft, *, with_privacy: bool = False
    ) -> RemoteBroadcast:
        """Change title, description, times and perhaps privacy. An update replaces whole sections, so they are read."""
        found = await self._read("liveBroadcasts", part=_BROADCAST, id=youtube_id)
        if not found["items"]:
            raise YouTubeTrouble(PROBLEMS["liveBroadcastNotFound"])
        body = found["items"][0]
        body["snippet"] |= snippet_of(draft)
        if with_privacy:
            body["status"]["privacyStatus"] = draft.privacy
        body = {name: body[name] for name in ("id", "snippet", "status", "contentDetails")}
        return broadcast_of(
            await self._write("liveBroadcasts", "update", part=_BROADCAST, body=body)
        )

    async def bind(self, youtube_id: str, stream_id: str) -> RemoteBroadcast:
        """Tie a broadcast to the stream that feeds it."""
        answer = await self._write(
            "liveBroadcasts", "bind", part=_BROADCAST, id=youtube_id, streamId=stream_id
        )
        return broadcast_of(answer)

    async def transition(self, youtube_id: str, to: str) -> RemoteBroadcast:
        """Send a broadcast to `testing`, `live` or `complete`; it may only be on its way when this returns."""
        answer = await self._write(
            "liveBroadcasts", "transition", part=_BROADCAST, id=youtube_id, broadcastStatus=to
        )
        return broadcast_of(answer)

    async def delete_broadcast(self, youtube_id: str) -> None:
        await self._write("liveBroadcasts", "delete", id=youtube_id)

    async def list_broadcasts(self) -> list[RemoteBroadcast]:
        """Return all broadcasts of the channel, in no promised order."""
        return [broadcast_of(item) for item in await self._pages("liveBroadcasts", _BROADCAST)]

    async def find_broadcast(self, youtube_id: str) -> RemoteBroadcast | None:
        """Return one broadcast, or None when it was deleted."""
        return (await self.find_broadcasts([youtube_id])).get(youtube_id)

    async def find_broadcasts(self, youtube_ids: Sequence[str]) -> dict[str, RemoteBroadcast]:
        """Return those of the broadcasts that exist, by id, in one call for each 50."""
        found: dict[str, RemoteBroadcast] = {}
        for first in range(0, len(youtube_ids), PAGE):
            ids = ",".join(youtube_ids[first : first + PAGE])
            answer = await self._read("liveBroadcasts", part=_BROADCAST, id=ids, maxResults=PAGE)
            found |= {item["id"]: broadcast_of(item) for item in answer["items"]}
        return found

    async def insert_stream(self, title: str, description: str) -> RemoteStream:
        """Make a reusable RTMP stream."""
        body = {
            "snippet": {"title": title, "description": description},
            "cdn": {"ingestionType": "rtmp", "frameRate": "variable", "resolution": "variable"},
            "contentDetails": {"isReusable": True},
        }
        return stream_of(await self._write("liveStreams", "insert", part=_STREAM, body=body))

    async def list_streams(self) -> list[RemoteStream]:
        """Return all reusable streams of the channel."""
        return [stream_of(item) for item in await self._pages("liveStreams", _STREAM)]

    async def find_streams(self, stream_ids: Sequence[str]) -> dict[str, RemoteStream]:
        """Return those of the streams that exist, by id, in one call for each 50."""
        found: dict[str, RemoteStream] = {}
        for first in range(0, len(stream_ids), PAGE):
            ids = ",".join(stream_ids[first : first + PAGE])
            answer = await self._read(
                "liveStreams", part="id,snippet,status", id=ids, maxResults=PAGE
            )
            found |= {item["id"]: stream_of(item) for item in answer["items"]}
        return found

    async def find_viewers(self, youtube_ids: Sequence[str]) -> dict[str, int | None]:
        """Return the viewers of live videos, by id; None where YouTube does not tell, which is not nought."""
        found: dict[str, int | None] = {}
        for first in range(0, len(youtube_ids), PAGE):
            ids = ",".join(youtube_ids[first : first + PAGE])
            answer = await self._read(
                "videos", part="liveStreamingDetails,statistics", id=ids, maxResults=PAGE
            )
            found |= {item["id"]: viewers_of(item) for item in answer["items"]}
        return found

    async def find_channel(self) -> tuple[str, str]:
        """Return id and title of the channel itself; empty ones where the account has no channel."""
        answer = await self._read("channels", part="id,snippet", mine=True)
        for item in answer["items"]:
            return id_of(item), str(item.get("snippet", {}).get("title", ""))
        return "", ""
