"""Delaying a room while the event is on: a release that is the last one with other times, and the draft with it.

What organizers prepare in the draft stays there. `minutes` below nought bring a room earlier again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Stale
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.web.access import Principal
from eventhub.wording import Text, render, say

from . import (
    conflicts,
    delay_outlook,
    delay_rules,
    delay_store,
    history,
    release_store,
    releases,
    rules,
)
from .accepted import remembered
from .delay_outlook import Facts, Outlook, Wish
from .model import Release, Released, Session
from .programme_news import tell_released

Delay = delay_store.Delay
list_delays = delay_store.list_delays
find_by_token = delay_store.find_by_token
save_announced = delay_store.save_announced
look = delay_outlook.look
stand = delay_outlook.stand
move_of = delay_rules.move_of


@dataclass(frozen=True, slots=True)
class Done:
    """A delay that was made, by the release that tells it."""

    delay_id: int
    release: Release
    outlook: Outlook


async def delay(
    tx: AsyncConnection,
    event: Event,
    wish: Wish,
    facts: Facts,
    *,
    who: Principal,
    at: datetime,
    seen: int | None = None,
    allows_conflicts: bool = False,
    token: str | None = None,
) -> Done:
    """Publish the last release with other times, and move the draft with it.

    Raises Stale when the last release is not the one that was `seen`, ProgrammeClash where the moves make conflicts
    that forbid a release and that are not allowed: a delay is a fact, so a person may say that it happens anyway.
    """
    await lock_event(tx, event.id)
    last = await release_store.latest_release(tx, event.id)
    if seen is not None and last is not None and seen != last.number:
        raise Stale(await _meanwhile(tx, event, last))
    outlook = await look(tx, event, wish, facts, at=at)
    if outlook.forbidding and not allows_conflicts:
        raise conflicts.ProgrammeClash(outlook.forbidding)
    release, frozen = await _release(tx, event, outlook, at)
    await _follow(tx, frozen, outlook, who=who, at=at)
    delay_id = await delay_store.insert_delay(tx, _values(release, outlook, who, token))
    await audit.record(
        tx, who, "programme.delayed", wish.session, event_id=event.id, at=at,
        detail={
            "release": release.number,
            "minutes": outlook.minutes,
            "gaps": wish.gaps.value,
            "moved": [move.code for move in outlook.moves],
            "conflicts": [[one.kind, *one.sessions] for one in outlook.forbidding],
        },
    )  # fmt: skip
    return Done(delay_id, release, outlook)


async def _meanwhile(tx: AsyncConnection, event: Event, last: Release) -> Text:
    made = next(
        (one for one in await list_delays(tx, event.id) if one.release == last.number), None
    )
    if made is None:
        return say(
            "The programme was published anew meanwhile. Please look at what a delay does now."
        )
    who = made.actor.partition(" ")[2] or made.actor
    text = (
        say("{who} delayed {place} by {n} min meanwhile. Is another delay needed?",
            who=who, place=made.place, n=made.minutes)
        if made.minutes > 0
        else say("{who} brought {place} {n} min earlier again meanwhile. Please look again.",
                 who=who, place=made.place, n=-made.minutes)
    )  # fmt: skip
    return text


async def _release(
    tx: AsyncConnection, event: Event, outlook: Outlook, at: datetime
) -> tuple[Release, list[Released]]:
    last = outlook.standing.release
    new = {move.code: move.new for move in outlook.moves}
    before = {each.code: each for each in outlook.standing.day if each.code in new}
    moved = []
    for code, span in new.items():
        then = replace(before[code], starts_at=span.starts_at, ends_at=span.ends_at)
        moved.append(replace(then, sequence=rules.sequence(before[code], then)))
    changes = rules.changes(before, {each.code: each for each in moved})
    number, note = last.number + 1, note_of(event, outlook)
    release_id = await release_store.insert_release(
        tx, event, number=number, note=note, at=at, changes=changes
    )
    await delay_store.copy_release(tx, last.id, release_id, moved)
    release = Release(release_id, event.id, number, note, at, tuple(changes))
    await tell_released(tx, event.id, number, sorted(new), at=at)
    await releases.announce(tx, release, last.id, "now")
    return release, moved


def note_of(event: Event, outlook: Outlook) -> str:
    """Return what the release says of itself, in the event's languages."""
    place, minutes = outlook.standing.place, outlook.minutes
    text = (
        say("Delay of {n} min in {place}", n=minutes, place=place)
        if minutes > 0
        else say("{n} min earlier again in {place}", n=-minutes, place=place)
    )
    return " · ".join(render(text, Reader(each, event.zone)) for each in event.languages)


async def _follow(
    tx: AsyncConnection,
    moved: Sequence[Released],
    outlook: Outlook,
    *,
    who: Principal,
    at: datetime,
) -> None:
    """Move the drafts that stand where they are published; all of them learn their new revision."""
    drafts = await delay_store.list_drafts(tx, [each.session_id for each in moved])
    after = []
    for each in moved:
        draft = drafts[each.session_id]
        then = replace(draft, sequence=each.sequence, version=draft.version + 1)
        if isinstance(then, Session) and each.code not in outlook.kept_drafts:
            then = replace(then, starts_at=each.starts_at, ends_at=each.ends_at)
            await history.record(tx, who, "session.delayed", before=draft, after=then, at=at)
        after.append(then)
    await delay_store.save_drafts(tx, after)


def _values(
    release: Release, outlook: Outlook, who: Principal, token: str | None
) -> dict[str, Any]:
    return {
        "event_id": release.event_id,
        "release_id": release.id,
        "session": outlook.wish.session,
        "place": outlook.standing.place,
        "minutes": outlook.minutes,
        "moves": [delay_rules.kept(move) for move in outlook.moves],
        "conflicts": [remembered(one) for one in outlook.forbidding],
        "announced": [],
        "kept_drafts": list(outlook.kept_drafts),
        "token": token,
        "actor": audit.actor_of(who),
        "at": release.published_at,
    }
