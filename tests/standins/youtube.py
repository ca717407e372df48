"""A stand-in of the YouTube Live Streaming API on loopback, spoken to by the real client.

It serves the discovery document that the client's package carries, with its addresses replaced, a token
endpoint, and liveBroadcasts, liveStreams and videos with their life cycle, required fields, errors, quota and
faults. Faults are given per call: `youtube.faults["liveBroadcasts.insert"] = ["503", "drop_after"]`.
"""

import asyncio
import json
import secrets
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib import resources
from typing import Any

from aiohttp import web

from .youtube_library import Library, Refused

START = datetime(2021, 2, 1, tzinfo=UTC)
COSTS = {"list": 1}
DAILY_UNITS = 10_000
TRANSITIONS = {
    ("ready", "testing"): "testStarting",
    ("testing", "live"): "liveStarting",
    ("testing", "complete"): "complete",
    ("live", "complete"): "complete",
}
SETTLED = {"testStarting": "testing", "liveStarting": "live"}


class YouTube(Library):
    """The channel's broadcasts and streams; what a test reads and sets."""

    def __init__(self) -> None:
        super().__init__()
        self.base_url = ""
        self.streams: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []
        self.viewers: dict[str, int] = {}
        self.units = 0
        self.units_by_day: Counter[date] = Counter()
        self.day: Callable[[], date] = START.date
        self.daily_units = DAILY_UNITS
        self.token_error: str | None = None
        self.tokens_given = 0
        self.tokens_asked = 0
        self.revoked: list[str] = []
        self.revoke_status = 200
        self.looks_until_settled = 1
        self.page_size_limit = 50
        self.on_effect: Callable[[], None] = lambda: None
        # The fault of a call for which `faults` has none, by its name; `log` already counts it.
        self.chance: Callable[[str], str] = lambda name: ""
        self._looks: Counter[str] = Counter()

    @property
    def discovery_url(self) -> str:
        return f"{self.base_url}/discovery/v1/apis/youtube/v3/rest"

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/token"

    def sends(self, stream_id: str, status: str = "active") -> None:
        """Let an encoder start (or stop) sending to a stream."""
        self.streams[stream_id]["status"]["streamStatus"] = status

    def add(
        self, title: str, *, description: str = "", life_cycle: str = "ready"
    ) -> dict[str, Any]:
        """Put a broadcast on the channel as somebody in YouTube Studio would."""
        body = {
            "snippet": {
                "title": title,
                "description": description,
                "scheduledStartTime": _written(START),
            },
            "status": {"privacyStatus": "unlisted"},
        }
        broadcast = _new_broadcast(body, len(self.broadcasts))
        broadcast["status"]["lifeCycleStatus"] = life_cycle
        self.broadcasts[broadcast["id"]] = broadcast
        return broadcast

    # What each method does

    def insert_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        snippet, status = body.get("snippet", {}), body.get("status", {})
        _check_title(snippet.get("title", ""), 100)
        _check_description(snippet.get("description", ""))
        if not snippet.get("scheduledStartTime"):
            raise Refused(400, "scheduledStartTimeRequired")
        start = datetime.fromisoformat(snippet["scheduledStartTime"])
        if start.tzinfo is None:
            raise Refused(400, "invalidScheduledStartTime")
        if not status.get("privacyStatus"):
            raise Refused(400, "privacyStatusRequired")
        broadcast = _new_broadcast(body, len(self.broadcasts))
        self.broadcasts[broadcast["id"]] = broadcast
        return broadcast

    def update_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(body.get("id", ""))
        parts = query["part"].split(",")
        if "snippet" in parts:
            _check_title(body["snippet"].get("title", ""), 100)
            _check_description(body["snippet"].get("description", ""))
            if not body["snippet"].get("scheduledStartTime"):
                raise Refused(400, "scheduledStartTimeRequired")
        if "status" in parts and not body["status"].get("privacyStatus"):
            raise Refused(400, "privacyStatusRequired")
        if "contentDetails" in parts and set(body["contentDetails"].get("monitorStream", {})) < {
            "enableMonitorStream",
            "broadcastStreamDelayMs",
        }:
            raise Refused(400, "required")
        # Each named section is replaced whole: what is left out goes back to its default.
        if "snippet" in parts:
            kept = {
                name: broadcast["snippet"][name]
                for name in ("publishedAt", "channelId", "liveChatId")
            }
            broadcast["snippet"] = {"description": "", **body["snippet"], **kept}
        if "status" in parts:
            broadcast["status"]["privacyStatus"] = body["status"]["privacyStatus"]
        return broadcast

    def bind_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(query["id"])
        if query.get("streamId") not in self.streams:
            raise Refused(404, "liveStreamNotFound")
        if broadcast["status"]["lifeCycleStatus"] not in {"created", "ready"}:
            raise Refused(403, "liveBroadcastBindingNotAllowed")
        broadcast["contentDetails"]["boundStreamId"] = query["streamId"]
        broadcast["status"]["lifeCycleStatus"] = "ready"
        return broadcast

    def transition_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        broadcast = self._broadcast(query["id"])
        now, to = broadcast["status"]["lifeCycleStatus"], query["broadcastStatus"]
        if SETTLED.get(now, now) == to:
            raise Refused(403, "redundantTransition")
        if (now, to) not in TRANSITIONS:
            raise Refused(403, "invalidTransition")
        stream = self.streams.get(broadcast["contentDetails"].get("boundStreamId", ""))
        if to != "complete" and (stream is None or stream["status"]["streamStatus"] != "active"):
            raise Refused(403, "errorStreamInactive")
        broadcast["status"]["lifeCycleStatus"] = TRANSITIONS[now, to]
        self._looks[broadcast["id"]] = 0
        return broadcast

    def delete_broadcast(self, query: dict[str, str], body: dict[str, Any]) -> None:
        broadcast = self._broadcast(query["id"])
        if broadcast["status"]["lifeCycleStatus"] in {
            "testing",
            "live",
            "testStarting",
            "liveStarting",
        }:
            raise Refused(403, "liveBroadcastDeletionNotAllowed")
        del self.broadcasts[broadcast["id"]]
        for held in self.items.values():
            held[:] = [each for each in held if each[1] != broadcast["id"]]

    def list_broadcasts(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if len({"id", "mine", "broadcastStatus"} & set(query)) != 1:
            raise Refused(400, "incompatibleParameters")
        found = list(self.broadcasts.values())
        if "id" in query:
            wanted = query["id"].split(",")
            found = [each for each in found if each["id"] in wanted]
        for each in found:
            self._settle(each)
        return self._page(found, query)

    def insert_stream(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        _check_title(body.get("snippet", {}).get("title", ""), 128)
        if not {"ingestionType", "frameRate", "resolution"} <= set(body.get("cdn", {})):
            raise Refused(400, "required")
        stream = {
            "id": f"stream{len(self.streams)}-{secrets.token_hex(4)}",
            "snippet": {"description": "", **body["snippet"], "publishedAt": _written(START)},
            "cdn": {
                **body["cdn"],
                "ingestionInfo": {
                    "streamName": f"secret-{secrets.token_hex(8)}",
                    "ingestionAddress": "rtmp://a.rtmp.example.org/live2",
                    "rtmpsIngestionAddress": "rtmps://a.rtmps.example.org/live2",
                },
            },
            "contentDetails": {
                "isReusable": body.get("contentDetails", {}).get("isReusable", True)
            },
            "status": {"streamStatus": "ready", "healthStatus": {"status": "noData"}},
        }
        self.streams[str(stream["id"])] = stream
        return stream

    def list_streams(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if len({"id", "mine"} & set(query)) != 1:
            raise Refused(400, "incompatibleParameters")
        found = [each for each in self.streams.values() if each["contentDetails"]["isReusable"]]
        if "id" in query:
            found = [each for each in self.streams.values() if each["id"] in query["id"].split(",")]
        return self._page(found, query)

    def delete_stream(self, query: dict[str, str], body: dict[str, Any]) -> None:
        if any(
            each["contentDetails"].get("boundStreamId") == query["id"]
            for each in self.broadcasts.values()
        ):
            raise Refused(403, "liveStreamDeletionNotAllowed")
        if self.streams.pop(query["id"], None) is None:
            raise Refused(404, "liveStreamNotFound")

    def list_videos(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        wanted = query.get("id", "").split(",")
        found = [
            {
                "id": each["id"],
                "statistics": {"viewCount": "12"},
                "liveStreamingDetails": self._streaming(each["id"]),
            }
            for each in self.broadcasts.values()
            if each["id"] in wanted
        ]
        return self._page(found, query)

    def _streaming(self, youtube_id: str) -> dict[str, str]:
        told = self.viewers.get(youtube_id)
        return {} if told is None else {"concurrentViewers": str(told)}

    def _broadcast(self, youtube_id: str) -> dict[str, Any]:
        if youtube_id not in self.broadcasts:
            raise Refused(404, "liveBroadcastNotFound")
        return self.broadcasts[youtube_id]

    def _settle(self, broadcast: dict[str, Any]) -> None:
        self._looks[broadcast["id"]] += 1
        now = broadcast["status"]["lifeCycleStatus"]
        if now in SETTLED and self._looks[broadcast["id"]] > self.looks_until_settled:
            broadcast["status"]["lifeCycleStatus"] = SETTLED[now]

    def _page(self, found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        size = min(int(query.get("maxResults", "5")), self.page_size_limit)
        first = int(query.get("pageToken") or 0)
        answer: dict[str, Any] = {"items": found[first : first + size]}
        if first + size < len(found):
            answer["nextPageToken"] = str(first + size)
        return answer

    # HTTP around it

    async def answer_call(self, request: web.Request, name: str) -> web.StreamResponse:
        """Count the call, act out its fault, do it, act out what comes after."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer token-")
        if not token.isdigit() or not 0 < int(token) <= self.tokens_given:
            return _refused(Refused(401, "authError"))
        self.calls[name] += 1
        self.log.append(name)
        cost = COSTS.get(name.partition(".")[2], 50)
        self.units += cost
        self.units_by_day[self.day()] += cost
        fault = self.faults[name].pop(0) if self.faults[name] else self.chance(name)
        instead = _instead(request, fault)
        if instead is not None:
            return instead
        answer = await self._do(request, name)
        self.on_effect()
        if fault == "503_after":
            return web.Response(status=503, text="")
        if fault == "drop_after":
            return _dropped(request)
        if fault == "hang":
            await asyncio.sleep(30)
        return answer

    async def _do(self, request: web.Request, name: str) -> web.StreamResponse:
        resource, method = name.split(".")
        noun = resource.removeprefix("live").lower().removesuffix("s")
        does = getattr(self, f"{method}_{noun}{'s' if method == 'list' else ''}")
        content = await request.read()
        try:
            if self.units_by_day[self.day()] > self.daily_units:
                raise Refused(403, "quotaExceeded")
            body = content if method == "set" else json.loads(content) if content else {}
            answer = does(dict(request.query), body)
        except Refused as refused:
            return _refused(refused)
        return web.Response(status=204) if answer is None else web.json_response(answer)

    async def answer_token(self, request: web.Request) -> web.Response:
        self.tokens_asked += 1
        form = await request.post()
        given: dict[str, Any] = {}
        if form.get("grant_type") == "authorization_code":
            asked = self.consents.pop(str(form["code"]), None)
            challenge = sha256(str(form.get("code_verifier", "")).encode()).digest()
            if (
                asked is None
                or urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
                or form["redirect_uri"] != asked["redirect_uri"]
            ):
                return web.json_response({"error": "invalid_grant"}, status=400)
            given = {
                "refresh_token": f"refresh-{secrets.token_hex(8)}",
                "scope": self.granted_scope or asked["scope"],
            }
        if self.token_error:
            return web.json_response({"error": self.token_error}, status=400)
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        return web.json_response(
            {"access_token": token, "expires_in": 3600, "token_type": "Bearer", **given}
        )

    async def answer_revoke(self, request: web.Request) -> web.Response:
        if self.revoke_status == 200:
            self.revoked.append(str((await request.post())["token"]))
        return web.json_response({}, status=self.revoke_status)

    async def answer_discovery(self, request: web.Request) -> web.Response:
        package = (
            resources.files("googleapiclient") / "discovery_cache" / "documents" / "youtube.v3.json"
        )
        document = json.loads(package.read_text("utf-8"))
        document |= {
            "rootUrl": f"{self.base_url}/",
            "servicePath": "",
            "baseUrl": f"{self.base_url}/",
        }
        document["mtlsRootUrl"] = document["rootUrl"]
        return web.json_response(document)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_get("/consent", self.answer_consent)
        app.router.add_get("/discovery/v1/apis/youtube/v3/rest", self.answer_discovery)
        app.router.add_post("/token", self.answer_token)
        app.router.add_post("/revoke", self.answer_revoke)
        app.router.add_post("/upload/youtube/v3/thumbnails/set", _handler(self, "thumbnails.set"))
        for verb, path, name in ROUTES:
            app.router.add_route(verb, f"/youtube/v3/{path}", _handler(self, name))
        return app


ROUTES = [
    ("POST", "liveBroadcasts", "liveBroadcasts.insert"),
    ("PUT", "liveBroadcasts", "liveBroadcasts.update"),
    ("GET", "liveBroadcasts", "liveBroadcasts.list"),
    ("DELETE", "liveBroadcasts", "liveBroadcasts.delete"),
    ("POST", "liveBroadcasts/bind", "liveBroadcasts.bind"),
    ("POST", "liveBroadcasts/transition", "liveBroadcasts.transition"),
    ("POST", "liveStreams", "liveStreams.insert"),
    ("GET", "liveStreams", "liveStreams.list"),
    ("DELETE", "liveStreams", "liveStreams.delete"),
    ("GET", "videos", "videos.list"),
    ("GET", "channels", "channels.list"),
    ("GET", "playlists", "playlists.list"),
    ("POST", "playlists", "playlists.insert"),
    ("GET", "playlistItems", "playlistItems.list"),
    ("POST", "playlistItems", "playlistItems.insert"),
    ("DELETE", "playlistItems", "playlistItems.delete"),
]


def _instead(request: web.Request, fault: str) -> web.StreamResponse | None:
    """Return what is answered instead of doing anything; a fault that is no other word is a reason."""
    if fault in {"", "hang", "drop_after", "503_after"}:
        return None
    if fault in {"500", "503"}:
        return web.Response(
            status=int(fault), text="<html>Backend Error</html>", content_type="text/html"
        )
    if fault == "drop_before":
        return _dropped(request)
    return _refused(Refused(429, "rateLimitExceeded") if fault == "429" else Refused(403, fault))


def _handler(youtube: YouTube, name: str) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await youtube.answer_call(request, name)

    return handle


def _new_broadcast(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": f"yt{number:03}{secrets.token_hex(3)}",
        "snippet": {
            "description": "",
            **body["snippet"],
            "publishedAt": _written(START + timedelta(seconds=number)),
            "channelId": "UC-standin",
            "liveChatId": "chat",
        },
        "contentDetails": {
            "monitorStream": {"enableMonitorStream": True, "broadcastStreamDelayMs": 0},
            **body.get("contentDetails", {}),
        },
        "status": {
            **body["status"],
            "lifeCycleStatus": "created",
            "recordingStatus": "notRecording",
        },
    }


def _check_title(title: str, longest: int) -> None:
    if not title:
        raise Refused(400, "titleRequired")
    if len(title) > longest or set("<>") & set(title):
        raise Refused(400, "invalidTitle")


def _check_description(description: str) -> None:
    if len(description.encode()) > 5000 or set("<>") & set(description):
        raise Refused(400, "invalidDescription")


def _refused(refused: Refused) -> web.Response:
    problem = {
        "message": refused.message,
        "domain": "youtube.liveBroadcast",
        "reason": refused.reason,
    }
    error = {"code": refused.status, "message": refused.message, "errors": [problem]}
    return web.json_response({"error": error}, status=refused.status)


def _dropped(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
