"""What an operator does with one broadcast: create, test, start, end, delete.

All of it calls YouTube, so it opens its own short transactions around the calls.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from eventhub.db.engine import lock_event
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.web.access import Principal

from . import actions, by_hand, last_acts, rules, store
from .connection import Pause, Studio, connect
from .making import delete
from .model import Act, Broadcast, Provider, Shown, State, Wanted
from .problems import PROBLEMS
from .quota import Purpose
from .remote import RemoteBroadcast
from .sync import create_one
from .trouble import Problem, Retry, YouTubeTrouble

# Going on air takes 5 to 10 seconds, up to a minute: this long an operator waits, then rounds look on.
_WAITS_S = (1, 2, 3, 3, 4, 5)

Change = Callable[[Broadcast], Broadcast]

_TARGETS = {Act.TEST: "testing", Act.START: "live", Act.END: "complete"}


async def act(
    installation: Installation,
    event: Event,
    session: str,
    wish: Act,
    *,
    who: Principal | str,
    pause: Pause = asyncio.sleep,
) -> Shown:
    """Do what the operator wishes and return the broadcast, or raise YouTubeTrouble and keep its problem."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        # What is decided by itself and what is done by hand take turns; an act that is refused pauses nothing.
        await lock_event(tx, event.id)
        shown = await actions.get_shown(tx, event.id, session, at)
        await by_hand.note(tx, event, session, wish, who=who, at=at)
        await last_acts.begin(tx, event.id, shown, wish, who=who, at=at)
    problem_code = "interrupted"
    try:
        await _do(installation, event, shown, wish, pause)
        problem_code = ""
    except YouTubeTrouble as trouble:
        problem_code = trouble.problem.code
        await _note(installation, shown, trouble.problem)
        raise
    finally:
        async with installation.database.transaction() as tx:
            await last_acts.finish(
                tx,
                event.id,
                shown,
                wish,
                begun_at=at,
                problem_code=problem_code or None,
                at=installation.clock.now(),
            )
    async with installation.database.reading() as tx:
        return await actions.get_shown(tx, event.id, session, at)


async def _do(
    installation: Installation, event: Event, shown: Shown, wish: Act, pause: Pause
) -> None:
    row = shown.broadcast
    if row is not None and row.provider is Provider.LINK:
        await _act_on_link(installation, row, wish)
    elif wish is Act.CREATE:
        wanted = await _wanted(installation, event, shown)
        studio = await connect(installation, event, pause, encoder=wanted.encoder)
        await create_one(studio, wanted)
    else:
        await _act_on_youtube(await _studio(installation, event, row, pause), row, wish)


async def _wanted(installation: Installation, event: Event, shown: Shown) -> Wanted:
    async with installation.database.reading() as tx:
        wanted = await actions.find_wanted(tx, event, shown.session)
    if wanted is None:
        raise YouTubeTrouble(PROBLEMS["not_released"])
    return wanted


async def _studio(
    installation: Installation, event: Event, row: Broadcast | None, pause: Pause
) -> Studio:
    studio = await connect(
        installation, event, pause, channel_id=row.channel_id if row is not None else None
    )
    if row is None or row.youtube_id is None:
        raise YouTubeTrouble(PROBLEMS["not_on_youtube"])
    return studio.charged_to(Purpose.ON_AIR)


async def _act_on_link(installation: Installation, row: Broadcast, wish: Act) -> None:
    """A pasted link is not ours to operate; its state is what the operator says it is."""
    states = {Act.CREATE: row.state, Act.START: State.LIVE, Act.END: State.COMPLETE}
    if wish is Act.TEST:
        raise YouTubeTrouble(PROBLEMS["has_link"])
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        now = (await store.hold_broadcasts(tx, [row.id])).get(row.id)
        if now is None:
            return
        if wish is Act.DELETE:
            await store.delete_broadcast(tx, now, at)
        elif states[wish] is not now.state:
            await store.save_broadcast(tx, replace(now, state=states[wish]), at)


async def _act_on_youtube(studio: Studio, row: Broadcast | None, wish: Act) -> None:
    assert row is not None
    assert row.youtube_id is not None
    if wish is Act.DELETE:
        await studio.steadily(delete, studio, row.youtube_id)
        await _save(studio, row, lambda now: replace(_gone(now), held=True, problem_code=None))
        return
    remote = await studio.steadily(studio.channel.find_broadcast, row.youtube_id)
    if remote is None:
        await _save(studio, row, _gone)
        raise YouTubeTrouble(PROBLEMS["liveBroadcastNotFound"])
    for to in rules.way_to(_TARGETS[wish], remote.life_cycle):
        remote = await _go(studio, remote, to)
        if remote.life_cycle != to:
            await _save(studio, row, _seen(studio, remote, "still_starting"))
            return
    await _save(studio, row, _seen(studio, remote))


async def _go(studio: Studio, remote: RemoteBroadcast, to: str) -> RemoteBroadcast:
    """Send the broadcast to a state and wait until it is there; one that is there or on its way is not sent again."""
    if remote.life_cycle == to:
        return remote
    try:
        remote = await studio.steadily(studio.channel.transition, remote.id, to)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.DONE:
            raise
    for seconds in _WAITS_S:
        if remote.life_cycle == to:
            break
        await studio.pause(seconds)
        found = await studio.steadily(studio.channel.find_broadcast, remote.id)
        if found is not None:
            remote = found
    return remote


def _seen(studio: Studio, remote: RemoteBroadcast, problem_code: str | None = None) -> Change:
    at = studio.installation.clock.now()

    def change(now: Broadcast) -> Broadcast:
        seen = rules.seen(now, remote, at)
        return replace(seen, problem_code=problem_code or seen.problem_code)

    return change


def _gone(row: Broadcast) -> Broadcast:
    return replace(
        row,
        state=State.WANTED,
        youtube_id=None,
        stream_id=None,
        watch_url=None,
        problem_code="liveBroadcastNotFound",
    )


async def _save(studio: Studio, row: Broadcast, change: Change) -> None:
    """Write what was done upon what is known by now: calls take a while, and rounds go on writing beside them."""
    async with studio.installation.database.transaction() as tx:
        now = (await store.hold_broadcasts(tx, [row.id])).get(row.id)
        if now is not None and now.youtube_id == row.youtube_id:
            await store.save_broadcast(tx, change(now), studio.installation.clock.now())


async def _note(installation: Installation, shown: Shown, problem: Problem) -> None:
    async with installation.database.transaction() as tx:
        row = await store.find_broadcast(tx, shown.session_id)
        if row is not None and row.provider is Provider.YOUTUBE:
            noted = replace(row, problem_code=problem.code)
            await store.save_broadcast(tx, noted, installation.clock.now())
