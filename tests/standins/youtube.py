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
from datetime import date
from hashlib import sha256
from importlib import resources
from typing import Any

from aiohttp import web

from .youtube_channel import START, Channel
from .youtube_library import Refused

COSTS = {"list": 1}
DAILY_UNITS = 10_000


class YouTube(Channel):
    """The channel's broadcasts and streams; what a test reads and sets."""

    def __init__(self) -> None:
        super().__init__()
        self.base_url = ""
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []
        self.units = 0
        self.units_by_day: Counter[date] = Counter()
        self.day: Callable[[], date] = START.date
        self.daily_units = DAILY_UNITS
        self.token_error: str | None = None
        self.tokens_given = 0
        self.tokens_asked = 0
        self.revoked: list[str] = []
        self.revoke_status = 200
        self.on_effect: Callable[[], None] = lambda: None
        # The fault of a call for which `faults` has none, by its name; `log` already counts it.
        self.chance: Callable[[str], str] = lambda name: ""

    @property
    def discovery_url(self) -> str:
        return f"{self.base_url}/discovery/v1/apis/youtube/v3/rest"

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/token"

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
