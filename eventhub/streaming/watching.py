"""`/{event}/watch/{session}`: the stream. Nothing comes from another host before the viewer consents."""

from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.announcements import actions as announcements
from eventhub.errors import Refusal
from eventhub.language import zone_of
from eventhub.sessions.model import SessionState
from eventhub.web.access import personal, public
from eventhub.web.keys import CLOCK, EVENT, SETTINGS, reading
from eventhub.web.pages import page

from . import actions, aids, joining, other_sources, sources
from .actions import Entrance, Stream
from .model import Broadcast, Provider, Source, State
from .rules import Door

_ZONE_COOKIE = "zone"  # the browser's own zone, told by site.js


@public
async def show_stream(request: web.Request) -> web.StreamResponse:
    """Show the stream's page: countdown, player after consent, what comes next."""
    async with reading(request) as tx:
        stream = await _find(request, tx)
        following = await actions.find_next(tx, stream)
        agenda = await actions.list_day(tx, request[EVENT], stream)
        beside = await aids.find(tx, stream.session.session_id)
        others = await other_sources.list_sources(tx, stream.session.session_id)
        entrance = await _known(request, tx, stream)
        announced = await announcements.list_for_session(
            tx, request[EVENT], stream.session.session_id, at=request.app[CLOCK].now()
        )
    chosen = _chosen(request, others)
    embed = _embed_other(chosen) if chosen else _embed(stream.broadcast)
    chat = _chat(request, stream.broadcast) if beside.shows_chat else None
    is_light = "lite" in request.query
    response = await page(
        request,
        "streaming/watch.html",
        csp={"frame-src": f"{sources.PLAYER} {sources.CHAT}" if chat else sources.PLAYER}
        if embed
        else None,
        session=stream.session,
        announcements=announced,
        is_cancelled=stream.session.state is SessionState.CANCELLED,
        state=_state(stream),
        door=stream.door,
        embed_url=embed,
        chat_url=chat,
        aids=beside,
        agenda=agenda,
        is_light=is_light,
        watch_url=chosen.url if chosen else _link(stream.broadcast),
        others=others,
        chosen=chosen,
        following=following,
        guest=entrance.guest if entrance else None,
        own_zone=_own_zone(request, entrance),
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


@public
async def tell_state(request: web.Request) -> web.StreamResponse:
    """Tell an open page whether the stream has begun, moved or got its source."""
    async with reading(request) as tx:
        stream = await _find(request, tx)
        others = await other_sources.list_sources(tx, stream.session.session_id)
    chosen = _chosen(request, others)
    answer = {
        "state": _state(stream),
        "starts_at": stream.session.starts_at.isoformat(),
        "embed_url": _embed_other(chosen) if chosen else _embed(stream.broadcast),
        "watch_url": chosen.url if chosen else _link(stream.broadcast),
        "now": request.app[CLOCK].now().isoformat(),
    }
    return web.json_response(answer, headers={"Cache-Control": "no-cache"})


@personal
async def beat(request: web.Request) -> web.StreamResponse:
    """Record a beat of the participant whose cookie this page was given."""
    return await joining.record_beat(request, request.cookies.get(joining.WATCH_COOKIE, ""))


async def _find(request: web.Request, tx: AsyncConnection) -> Stream:
    at = request.app[CLOCK].now()
    return await actions.find_stream(tx, request[EVENT], request.match_info["session"], at)


async def _known(request: web.Request, tx: AsyncConnection, stream: Stream) -> Entrance | None:
    """Return the participant who came by a join link; whose link is dead by now is a visitor like others."""
    token = request.cookies.get(joining.WATCH_COOKIE)
    if token is None:
        return None
    try:
        entrance = await joining.open_token(request, tx, token)
    except Refusal:
        return None
    return entrance if entrance.session.session_id == stream.session.session_id else None


def _state(stream: Stream) -> str:
    if stream.broadcast is not None and stream.broadcast.state in {State.LIVE, State.COMPLETE}:
        return stream.broadcast.state
    return State.COMPLETE if stream.door is Door.OVER else State.WANTED


def _embed(broadcast: Broadcast | None) -> str | None:
    if broadcast is None or broadcast.watch_url is None:
        return None
    if broadcast.provider is Provider.YOUTUBE:
        return sources.embed_url(broadcast.youtube_id) if broadcast.youtube_id else None
    video = sources.video_of(broadcast.watch_url)
    return sources.embed_url(video) if video else None


def _chosen(request: web.Request, others: list[Source]) -> Source | None:
    """Return the further source the viewer asked for (`?source=`), while there is such a one."""
    wished = request.query.get("source", "")
    return next((each for each in others if str(each.id) == wished), None)


def _embed_other(source: Source) -> str | None:
    video = sources.video_of(source.url)
    return sources.embed_url(video) if video else None


def _chat(request: web.Request, broadcast: Broadcast | None) -> str | None:
    """Return the address of the video's chat on YouTube; it wants to know on whose page it stands."""
    embed = _embed(broadcast)
    host = urlsplit(request.app[SETTINGS].base_url).hostname or ""
    return sources.chat_url(embed, host) if embed else None


def _link(broadcast: Broadcast | None) -> str | None:
    return broadcast.watch_url if broadcast else None


def _own_zone(request: web.Request, entrance: Entrance | None) -> ZoneInfo | None:
    """Return the viewer's zone where it differs: what the browser told, else the office's."""
    known: list[Any] = [unquote(request.cookies.get(_ZONE_COOKIE, ""))]
    if entrance:
        known.append(entrance.guest.time_zone)
    for name in known:
        try:
            if name and name != request[EVENT].time_zone:
                return zone_of(name)
        except (ValueError, OSError, LookupError):
            continue
    return None


ROUTES = [
    web.get("/{event}/watch/{session}", show_stream, name="streaming.watch"),
    web.get("/{event}/watch/{session}/state", tell_state, name="streaming.state"),
    web.post("/{event}/watch/{session}/presence", beat, name="streaming.watch_beat"),
]
