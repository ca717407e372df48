"""Delaying a room from the control room: what broadcasts tell goes in, and the audience is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.announcements import actions as announcements
from eventhub.db.engine import lock_event
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.sessions import delays
from eventhub.sessions.delay_outlook import Facts, Outlook, Standing, Wish
from eventhub.sessions.delay_rules import Move
from eventhub.sessions.delays import Delay, Done
from eventhub.web.access import Principal
from eventhub.wording import Local, Text, render, say

from . import store
from .model import Provider, State

# Whoever comes later reads the new times anyway.
SOON = timedelta(hours=3)
# An announcement is read in passing: it names so many sessions, each by so much of its title.
NAMED = 3
TITLE = 80
Announce = str | None | Literal[True]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a delay would do, what would be announced of it, and to the audiences of which sessions."""

    outlook: Outlook
    announcement: str
    audience: Sequence[Move]


@dataclass(frozen=True, slots=True)
class Delayed:
    """A delay that was made; `announced` by session's code is what was told to whom."""

    done: Done
    announced: Sequence[str]


async def facts_of(tx: AsyncConnection, event: Event) -> Facts:
    """Return what the event's broadcasts tell of their sessions."""
    rows = await store.list_broadcasts(tx, event.id)
    ready = {State.READY, State.TESTING}
    return Facts(
        on_air=frozenset(row.session for row in rows if row.state is State.LIVE),
        over=frozenset(row.session for row in rows if row.state is State.COMPLETE),
        waiting=frozenset(
            row.session
            for row in rows
            if row.provider is Provider.YOUTUBE and row.youtube_id and row.state in ready
        ),
    )


async def stand(
    tx: AsyncConnection, event: Event, session: str, *, at: datetime, begun: bool | None = None
) -> Standing:
    """Return where a session stands in its room's day, or raise NotFound."""
    facts = await facts_of(tx, event)
    return await delays.stand(tx, event, session, facts, at=at, begun=begun)


async def look(tx: AsyncConnection, event: Event, wish: Wish, *, at: datetime) -> Preview:
    """Return what a delay would do; changes nothing."""
    outlook = await delays.look(tx, event, wish, await facts_of(tx, event), at=at)
    told = audience(outlook, at)
    return Preview(outlook, worded(event, outlook, told), told)


async def delay(
    tx: AsyncConnection,
    event: Event,
    wish: Wish,
    *,
    announce: Announce,
    who: Principal,
    at: datetime,
    seen: int | None = None,
    allows_conflicts: bool = False,
    token: str | None = None,
) -> Delayed:
    """Delay a room and tell the audience: with a text, as it is worded here (True), or not at all (None)."""
    facts = await facts_of(tx, event)
    done = await delays.delay(
        tx, event, wish, facts,
        who=who, at=at, seen=seen, allows_conflicts=allows_conflicts, token=token,
    )  # fmt: skip
    await _take_back(tx, event, done, who=who, at=at)
    told = audience(done.outlook, at)
    text = worded(event, done.outlook, told) if announce is True else announce
    if not text:
        return Delayed(done, ())
    made = [
        await announcements.announce(tx, event, text, session=move.code, who=who, at=at)
        for move in told
    ]
    await delays.save_announced(tx, done.delay_id, [one.id for one in made])
    return Delayed(done, [move.code for move in told])


async def find_done(tx: AsyncConnection, event: Event, token: str) -> Delay | None:
    """Return the delay that a form asked for already; whoever presses twice waits here for the first press."""
    await lock_event(tx, event.id)
    return await delays.find_by_token(tx, event.id, token)


async def _take_back(
    tx: AsyncConnection, event: Event, done: Done, *, who: Principal, at: datetime
) -> None:
    """Take back what earlier delays of today announced of what moved again: it tells times that are none any more."""
    moved = {move.code for move in done.outlook.moves}
    for earlier in await delays.list_delays(tx, event.id):
        if earlier.id == done.delay_id or event.day_of(earlier.at) != event.day_of(at):
            continue
        if moved.isdisjoint(move["code"] for move in earlier.moves):
            continue
        for said in earlier.announced:
            await announcements.take_back(tx, event, said, who=who, at=at)


def audience(outlook: Outlook, at: datetime) -> list[Move]:
    """Return the moved sessions whose audience is told: what is on or starts soon; breaks have none."""
    breaks = {slot.code for slot in outlook.standing.line if slot.is_break}
    return [
        move
        for move in outlook.moves
        if move.code not in breaks and move.new.starts_at <= at + SOON
    ]


def worded(event: Event, outlook: Outlook, told: Sequence[Move]) -> str:
    """Return what the audience is told, a paragraph in each of the event's languages; "" where nobody is."""
    if not told:
        return ""
    sentences = [_headline(outlook), *(_new_time(move, event) for move in told[:NAMED])]
    paragraphs = []
    for language in event.languages:
        reader = Reader(language, event.zone)
        paragraphs.append(" ".join(render(sentence, reader) for sentence in sentences))
    return "\n".join(paragraphs)


def _headline(outlook: Outlook) -> Text:
    minutes, place = outlook.minutes, _short(outlook.standing.place)
    if minutes > 0:
        return say("{place} is running {n} min late.", place=place, n=minutes)
    return say("{place} has made up {n} min.", place=place, n=-minutes)


def _new_time(move: Move, event: Event) -> Text:
    title = _short(move.title)
    if move.old.starts_at == move.new.starts_at:
        return say("{title} goes on until {time}.", title=title, time=Local(move.new.ends_at, event.zone))  # fmt: skip
    return say("{title} starts at {time}.", title=title, time=Local(move.new.starts_at, event.zone))


def _short(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1].rstrip()}…"
