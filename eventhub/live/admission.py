"""Who listens: by a login, a token, a scanner, a personal link, or nobody in particular; and whether they still may."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.errors import NotFound, Unauthenticated
from eventhub.events import actions as events
from eventhub.events.model import Event, EventState
from eventhub.participants.links import LinkClaim, PersonalLinks
from eventhub.participants.tables import participants
from eventhub.sessions import actions as sessions
from eventhub.signing import BadToken, digest
from eventhub.web.access import Principal, Right
from eventhub.web.keys import AUTHENTICATORS, PRINCIPAL, SETTINGS
from eventhub.wording import say

from .listener import Listener, Pass, Standing

# SQLite takes at most 32,766 values in one statement.
CHUNK = 1000


async def admit(
    request: web.Request, tx: AsyncConnection, event: Event
) -> tuple[Standing, Pass | None]:
    """Return what the caller may hear of an event, or raise Unauthenticated or NotFound."""
    watched = await _watched(request, tx, event)
    if link := request.query.get("person"):
        return await _participant(request, tx, event, link, watched), None
    who = request.get(PRINCIPAL)
    if "Authorization" in request.headers:
        if who is None:
            raise Unauthenticated(say("Send a valid token as Authorization: Bearer."))
        if who.event_id not in {None, event.id}:
            raise NotFound(say("There is no such event."))
    standing = insider(who, event, watched) if who is not None else None
    if who is not None and standing is not None:
        return standing, _pass(request, event, who, watched)
    if event.state is not EventState.PUBLISHED:
        raise NotFound(say("There is no such event."))
    return Standing(session_id=watched), None


def insider(who: Principal, event: Event, session_id: int | None = None) -> Standing | None:
    """Return the standing of somebody with a role in the event; None without one."""
    if who.event_id not in {None, event.id}:
        return None
    rights = frozenset(right.value for right in Right if who.has(right))
    return Standing(rights, session_id=session_id)


def _pass(request: web.Request, event: Event, who: Principal, session_id: int | None) -> Pass:
    async def standing_now(tx: AsyncConnection) -> Standing | None:
        for authenticate in request.app[AUTHENTICATORS]:
            now = await authenticate(tx, request, event)
            if now is not None:
                return insider(now, event, session_id)
        return None

    secret = request.headers.get("Authorization", "") + request.headers.get("Cookie", "")
    return Pass(f"{who.kind} {who.id} {session_id} {digest(secret)}", standing_now)


async def _watched(request: web.Request, tx: AsyncConnection, event: Event) -> int | None:
    """Return the session whose watch page asks; only a stream has one, which everybody may open."""
    code = request.query.get("session")
    if code is None:
        return None
    release = await sessions.latest_release(tx, event.id)
    found = await sessions.find_released(tx, release.id, code) if release else None
    if found is None or not found.stream:
        raise NotFound(say("There is no such session with a stream."))
    return found.session_id


async def _participant(
    request: web.Request, tx: AsyncConnection, event: Event, link: str, watched: int | None
) -> Standing:
    claim = _claim(request, link)
    alive = await _generations(tx, event.id, [claim.participant_id]) if claim else {}
    if claim is None or alive.get(claim.participant_id) != claim.generation:
        raise NotFound(
            say(
                "This link does not work, or was replaced by a newer one. "
                "Please use the link in the latest e-mail, or ask the organizers for a new one."
            )
        )
    return Standing(
        participant_id=claim.participant_id, generation=claim.generation, session_id=watched
    )


def _claim(request: web.Request, link: str) -> LinkClaim | None:
    settings = request.app[SETTINGS]
    links = PersonalLinks(settings.secret, settings.base_url)
    for opening in (links.open_page, links.open_join):
        try:
            return opening(link)
        except BadToken:
            continue
    return None


async def _generations(tx: AsyncConnection, event_id: int, ids: Collection[int]) -> dict[int, int]:
    """Return which personal links of some participants are alive."""
    query = sa.select(participants.c.id, participants.c.link_generation)
    found: dict[int, int] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        some = participants.c.id.in_(ordered[start : start + CHUNK])
        rows = await tx.execute(query.where(participants.c.event_id == event_id, some))
        found |= {row.id: row.link_generation for row in rows}
    return found


async def outdated(
    database: Database, event_id: int, listeners: Iterable[Listener]
) -> list[Listener]:
    """Return the listeners whose standing is not what it was when they came."""
    every = list(listeners)
    people = {p for each in every if (p := each.standing.participant_id) is not None}
    passes = {each.pass_.key: each.pass_ for each in every if each.pass_ is not None}
    async with database.reading() as tx:
        found = await events.list_by_ids(tx, [event_id])
        alive = await _generations(tx, event_id, people)
        now = {key: await known.standing_now(tx) for key, known in passes.items()}
    is_public = bool(found) and found[0].state is EventState.PUBLISHED

    def is_outdated(listener: Listener) -> bool:
        standing = listener.standing
        if listener.pass_ is not None:
            return now[listener.pass_.key] != standing
        if standing.participant_id is not None:
            return alive.get(standing.participant_id) != standing.generation
        return not is_public

    return [each for each in every if is_outdated(each)]
