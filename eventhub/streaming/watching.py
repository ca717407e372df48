"""`/{event}/watch/{session}`: the stream. Nothing comes from another host before the viewer consents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.announcements import actions as announcements
from eventhub.errors import NotFound, Refusal
from eventhub.events.model import EventState
from eventhub.live import sending
from eventhub.live.listener import Standing
from eventhub.sessions.model import SessionState
from eventhub.web.access import personal, public
from eventhub.web.keys import CLOCK, EVENT, SETTINGS, reading
from eventhub.web.pages import page
from eventhub.wording import say

from . import actions, aids, joining, other_sources, players, sources
from .actions import Entrance, Stream
from .lines import LINES, notice_silence
from .model import Broadcast, Source, SourceKind, SourceUse, State
from .own_zone import own_zone
from .players import Player, PlayerKind
from .present import Watching
from .rules import Door

_MAIN = "main"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page shows: a further source (None: the main stream), where it lies, and what plays it in the page."""

    source: Source | None
    link: str | None
    kind: SourceKind | None
    player: Player | None


@public
async def show_stream(request: web.Request) -> web.StreamResponse:
    """Show the stream's page: countdown, player after consent, what comes next."""
    async with reading(request) as tx:
        stream = await _find(request, tx)
        session_id = stream.session.session_id
        values: dict[str, Any] = {
            "following": await actions.find_next(tx, stream),
            "agenda": await actions.list_day(tx, request[EVENT], stream),
            "announcements": await announcements.list_for_session(
                tx, request[EVENT], session_id, at=request.app[CLOCK].now()
            ),
        }
        beside = await aids.find(tx, session_id)
        others = await other_sources.list_sources(tx, session_id)
        entrance = await _known(request, tx, stream)
    choice = _choice(request, stream.broadcast, others)
    chat = _chat(request, choice.player) if beside.shows_chat and not _is_light(request) else None
    response = await page(
        request,
        "streaming/watch.html",
        csp=players.policy_of(choice.player, shows_chat=chat is not None),
        session=stream.session,
        state=_state(stream),
        door=stream.door,
        choice=choice,
        chat_url=chat,
        aids=beside,
        is_light=_is_light(request),
        others=others,
        here=_address_of(request),
        guest=entrance.guest if entrance else None,
        own_zone=own_zone(request, request[EVENT], entrance.guest.time_zone if entrance else ""),
        **values,
    )
    if permissions := players.permissions_of(choice.player):
        response.headers["Permissions-Policy"] = permissions
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


@public
async def tell_state(request: web.Request) -> web.StreamResponse:
    """Tell an open page whether the stream has begun, moved or got its source."""
    async with reading(request) as tx:
        stream = await _find(request, tx)
        others = await other_sources.list_sources(tx, stream.session.session_id)
    choice = _choice(request, stream.broadcast, others)
    answer = {
        "state": _state(stream),
        "starts_at": stream.session.starts_at.isoformat(),
        "ends_at": stream.session.ends_at.isoformat(),
        "embed_url": choice.player.address if choice.player else None,
        "watch_url": choice.link,
        "now": request.app[CLOCK].now().isoformat(),
    }
    return web.json_response(answer, headers={"Cache-Control": "no-cache"})


@personal
async def beat(request: web.Request) -> web.StreamResponse:
    """Record a beat of the participant whose cookie this page was given."""
    return await joining.record_beat(request, request.cookies.get(joining.WATCH_COOKIE, ""))


@public
async def listen(request: web.Request) -> web.StreamResponse:
    """Send what happens to an open watch page; while its line stands, the participant it is known by is there."""
    standing, who = await _admit(request)
    notice_silence(request)
    transport = request.transport
    with request.app[LINES].held(who, lambda: transport is not None and not transport.is_closing()):
        return await sending.stream(request, request[EVENT], standing, None)


async def _admit(request: web.Request) -> tuple[Standing, Watching | None]:
    """Return what a page hears and whose it is: no more of the session than that is held while its line stands."""
    if request[EVENT].state is not EventState.PUBLISHED:
        raise NotFound(say("There is no stream of this session."))
    async with reading(request) as tx:
        stream = await _find(request, tx)
        entrance = await _known(request, tx, stream)
    standing = Standing(session_id=stream.session.session_id)
    if entrance is None:
        return standing, None
    guest = entrance.guest
    return standing, Watching(
        guest.event_id, guest.session, guest.participant_id, entrance.generation
    )


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
    if stream.session.state is SessionState.CANCELLED:
        return SessionState.CANCELLED
    if stream.broadcast is not None and stream.broadcast.state in {State.LIVE, State.COMPLETE}:
        return stream.broadcast.state
    return State.COMPLETE if stream.door is Door.OVER else State.WANTED


def _is_light(request: web.Request) -> bool:
    return "lite" in request.query


def _choice(request: web.Request, broadcast: Broadcast | None, others: Sequence[Source]) -> Choice:
    """Return what to show: what the viewer asked for (`?source=`), sound alone on a slow line, else the main stream."""
    wished = request.query.get("source", "")
    chosen = next((each for each in others if str(each.id) == wished), None)
    if chosen is None and wished != _MAIN and _is_light(request):
        chosen = next((each for each in others if each.use is SourceUse.SOUND), None)
    if chosen is not None:
        player = players.player_of(chosen.url, chosen.kind)
        return Choice(chosen, chosen.url, chosen.kind, player)
    link = broadcast.watch_url if broadcast else None
    if link is None:
        return Choice(None, None, None, None)
    return Choice(None, link, sources.kind_of(link), players.player_of(link))


def _address_of(request: web.Request) -> Any:
    """Return what makes this page's address with another source or for another line: the rest stays as it is."""

    def address(*, source: int | None = None, lite: bool | None = None, main: bool = False) -> str:
        query = {}
        if main:
            query["source"] = _MAIN
        elif source is not None:
            query["source"] = str(source)
        elif "source" in request.query and lite is None:
            query["source"] = request.query["source"]
        if _is_light(request) if lite is None else lite:
            query["lite"] = "1"
        return f"?{urlencode(query)}"

    return address


def _chat(request: web.Request, player: Player | None) -> str | None:
    """Return the address of the video's chat on YouTube; it wants to know on whose page it stands."""
    host = urlsplit(request.app[SETTINGS].base_url).hostname or ""
    is_youtube = player is not None and player.kind is PlayerKind.YOUTUBE
    return sources.chat_url(player.address, host) if player and is_youtube else None


ROUTES = [
    web.get("/{event}/watch/{session}", show_stream, name="streaming.watch"),
    web.get("/{event}/watch/{session}/state", tell_state, name="streaming.state"),
    web.get("/{event}/watch/{session}/live", listen, name="streaming.line", allow_head=False),
    web.post("/{event}/watch/{session}/presence", beat, name="streaming.watch_beat"),
]
