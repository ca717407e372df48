"""Broadcasts on YouTube. The only module that imports googleapiclient, google-auth and httplib2.

The client blocks and its transport belongs to one thread (httplib2 is not thread-safe), so each call runs in a
thread with a transport of its own, takes and returns plain values, and is never made inside a transaction.

Importing this module takes 0.33 s and 41 MB, and an installation without a channel never needs it: `connection`
imports it when the first call is made.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from http.client import BadStatusLine, HTTPException, HTTPResponse
from typing import Any

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import Error, HttpError

from eventhub.settings import YouTubeSettings

from .model import Draft, RemoteBroadcast, RemoteStream, YouTubeTrouble
from .problems import PROBLEMS, problem_of

# What Google's published table charges; refused calls are charged too.
READ_UNITS = 1
WRITE_UNITS = 50

_TIMEOUT_S = 20.0
_PAGE = 50
_BROADCAST = "id,snippet,contentDetails,status"
_STREAM = "id,snippet,cdn,contentDetails,status"

Spend = Callable[[int], Awaitable[None]]


class Channel:
    """The connected channel. `spend` is awaited with the units of each call before it is sent.

    Every method raises YouTubeTrouble and is sent once: whoever calls decides what may be repeated.
    """

    def __init__(
        self, settings: YouTubeSettings, spend: Spend, timeout_s: float = _TIMEOUT_S
    ) -> None:
        self._discovery_url = settings.discovery_url
        self._spend = spend
        self._timeout_s = timeout_s
        self._credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=settings.refresh_token,
            token_uri=settings.token_url,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
        )
        # Credentials are shared between calls so that one access token serves them all; a refresh must not race.
        self._turn = asyncio.Lock()

    async def insert_broadcast(self, draft: Draft) -> RemoteBroadcast:
        """Make an unlisted broadcast; it has no stream yet."""
        body = {
            "snippet": _snippet(draft),
            "status": {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": False},
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

    async def update_broadcast(self, youtube_id: str, draft: Draft) -> RemoteBroadcast:
        """Change title, description and times. An update replaces whole sections, so they are read first."""
        found = await self._read("liveBroadcasts", part=_BROADCAST, id=youtube_id)
        if not found["items"]:
            raise YouTubeTrouble(PROBLEMS["liveBroadcastNotFound"])
        body = found["items"][0]
        body["snippet"] |= _snippet(draft)
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
        self, units: int, resource: str, method: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        await self._spend(units)
        async with self._turn:
            answer = await asyncio.to_thread(self._send, resource, method, arguments)
        if method == "delete":
            return {}
        # A 200 whose body is no JSON comes back as text.
        if not isinstance(answer, dict):
            raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
        return answer

    def _send(self, resource: str, method: str, arguments: dict[str, Any]) -> Any:
        # A transport that has seen a broken answer may hold a dead connection: each call has a new one.
        http = _SendingOnce(timeout=self._timeout_s)
        try:
            service = _service(self._discovery_url, self._timeout_s)
            request = getattr(getattr(service, resource)(), method)(**arguments)
            return request.execute(http=AuthorizedHttp(self._credentials, http=http), num_retries=0)
        except HttpError as error:
            raise YouTubeTrouble(problem_of(error.resp.status, _reason(error.content))) from error
        except RefreshError as error:
            raise YouTubeTrouble(problem_of(400, _refresh_reason(error))) from error
        except (
            Error,
            GoogleAuthError,
            OSError,
            HTTPException,
            httplib2.HttpLib2Error,
            ValueError,
        ) as error:
            raise YouTubeTrouble(PROBLEMS["noAnswer"]) from error
        finally:
            http.close()


class _SendingOnce(httplib2.Http):  # type: ignore[misc]
    """A transport that never repeats a request.

    httplib2 sends again by itself when a connection closes without an answer, whatever its settings say, which
    would make a second broadcast of one insert. Such an end is passed to it as an OSError, which it raises.
    """

    def request(self, uri: str, *arguments: Any, connection_type: Any = None, **named: Any) -> Any:
        kind = connection_type or (
            _SecureConnection if uri.startswith("https:") else _PlainConnection
        )
        return super().request(uri, *arguments, connection_type=kind, **named)


class _PlainConnection(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    def getresponse(self) -> HTTPResponse:
        return _answer(super().getresponse)


class _SecureConnection(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    def getresponse(self) -> HTTPResponse:
        return _answer(super().getresponse)


def _answer(read: Callable[[], HTTPResponse]) -> HTTPResponse:
    try:
        return read()
    except BadStatusLine as error:
        raise OSError("the connection was closed without an answer") from error


@lru_cache(maxsize=4)
def _service(discovery_url: str, timeout_s: float) -> Any:
    where: dict[str, Any] = {"static_discovery": True}
    if discovery_url:
        where = {"static_discovery": False, "discoveryServiceUrl": discovery_url}
    http = httplib2.Http(timeout=timeout_s)
    try:
        return build("youtube", "v3", http=http, cache_discovery=False, **where)
    finally:
        http.close()


def _reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["errors"][0]["reason"])
    except (ValueError, LookupError, TypeError):
        return ""


def _refresh_reason(error: Exception) -> str:
    details = error.args[1] if len(error.args) > 1 else None
    return str(details.get("error", "authError")) if isinstance(details, dict) else "authError"


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
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error


def _stream(item: dict[str, Any]) -> RemoteStream:
    try:
        ingestion = item.get("cdn", {}).get("ingestionInfo", {})
        return RemoteStream(
            id=item["id"],
            title=item["snippet"]["title"],
            description=item["snippet"].get("description", ""),
            status=item["status"]["streamStatus"],
            address=ingestion.get("rtmpsIngestionAddress") or ingestion.get("ingestionAddress", ""),
            key=ingestion.get("streamName", ""),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["unreadableAnswer"]) from error
