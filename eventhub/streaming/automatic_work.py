"""Starts and ends broadcasts by themselves, every few seconds: what is due is claimed, decided anew, then done.

A claim is a lease on the session's row, taken in the transaction that decides. Whoever dies with it leaves a
transition that is safe to send again, and the next round does so when the lease has ended.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from eventhub.db.engine import lock_event
from eventhub.errors import Refusal
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation

from . import automatic, automatic_store, control, encoder_looks, quota
from .automatic import AUTOMATIC, Does, Outlook, Subject
from .connection import Pause, connect, units_used
from .model import Act, Shown, State
from .problems import PROBLEMS
from .quota import Mode, Purpose
from .trouble import Retry, YouTubeTrouble

log = structlog.get_logger()

LEASE = timedelta(seconds=60)

# Sessions overrun, and what never ended keeps its encoder from the next day's.
_BEHIND = timedelta(hours=12)
_A_MINUTE = timedelta(minutes=1)
_AHEAD = automatic.TESTS_BEFORE + timedelta(seconds=1)

_REACHED = {Act.TEST: State.TESTING, Act.START: State.LIVE, Act.END: State.COMPLETE}


async def run(installation: Installation, pause: Pause = asyncio.sleep) -> None:
    """Do what is due in all events."""
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        ids = await automatic_store.list_events(tx, at - _BEHIND, at + _AHEAD)
        found = [await events.get_event_by_id(tx, each) for each in ids]
    # A start takes up to a minute, for which no other event's may wait.
    await asyncio.gather(*(_work(installation, event, pause) for event in found))


async def _work(installation: Installation, event: Event, pause: Pause) -> None:
    try:
        await _run(installation, event, pause)
    except Exception:  # What is wrong with one event keeps no other from its starts.
        log.exception("broadcasts of an event not operated", slug=event.slug)


async def _run(installation: Installation, event: Event, pause: Pause) -> None:
    subjects = await _near(installation, event)
    at = installation.clock.now()
    looking = [each for each in subjects if automatic.decide(each, at).looks]
    if looking and await _is_sparing(installation):
        looking = [each for each in looking if not each.signal.was_seen(at, _A_MINUTE)]
    if looking:
        await _look(installation, event, looking, pause)
        subjects = await _near(installation, event)
    await _note(installation, event, subjects)
    due = [each for each in subjects if automatic.decide(each, at).act is not None]
    # Several rooms begin at once, and each start takes its time.
    acts = (_do(installation, event, each.session, pause) for each in due)
    for outcome in await asyncio.gather(*acts, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _near(installation: Installation, event: Event) -> list[Subject]:
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        return await automatic_store.list_subjects(tx, event, at, at - _BEHIND, at + _AHEAD)


async def _is_sparing(installation: Installation) -> bool:
    """Whether the units left are kept for going on and off air, which looks at encoders belong to."""
    return quota.mode_of(await units_used(installation)) is Mode.RESERVED


async def _look(
    installation: Installation, event: Event, subjects: Iterable[Subject], pause: Pause
) -> None:
    """Ask for the encoders that are waited for, all of a channel in one call."""
    by_channel: dict[int | None, list[Subject]] = {}
    for each in subjects:
        by_channel.setdefault(each.channel_id, []).append(each)
    for channel_id, theirs in by_channel.items():
        streams = sorted({each.stream_id for each in theirs if each.stream_id})
        try:
            studio = await connect(installation, event, pause, channel_id=channel_id)
            await encoder_looks.look(studio.charged_to(Purpose.ON_AIR), streams)
        except YouTubeTrouble as trouble:
            code = trouble.problem.code
            log.warning("encoders not seen", channel=channel_id, problem=code)
            if trouble.problem.retry in {Retry.STOP, Retry.TOMORROW}:
                for each in theirs:
                    await _failed(installation, event, each, Act.START, code)


async def _note(installation: Installation, event: Event, subjects: Iterable[Subject]) -> None:
    """Keep what each waits for and since when, where that has changed."""
    at = installation.clock.now()
    for each in subjects:
        does = automatic.decide(each, at).does
        waits_for = does.value if does in automatic.WAITING else ""
        if waits_for == each.standing.waits_for:
            continue
        async with installation.database.transaction() as tx:
            await automatic_store.change(
                tx, event.id, each.session_id,
                waits_for=waits_for, waits_since=at if waits_for else None,
            )  # fmt: skip
            await automatic_store.tell(tx, event.id, each.session, does, at)


async def _do(installation: Installation, event: Event, session: str, pause: Pause) -> None:
    """Claim a session, and do what is due of it then."""
    claimed = await _claim(installation, event, session)
    if claimed is None:
        return
    subject, act = claimed
    try:
        shown = await control.act(installation, event, session, act, who=AUTOMATIC, pause=pause)
    except YouTubeTrouble as trouble:
        await _failed(installation, event, subject, act, trouble.problem.code)
    except Refusal as refusal:
        log.warning("broadcast not operated", session=session, act=act, why=str(refusal))
        await _failed(installation, event, subject, act, "busy")
    else:
        await _done(installation, event, subject, act, shown)


async def _claim(
    installation: Installation, event: Event, session: str
) -> tuple[Subject, Act] | None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await lock_event(tx, event.id)
        near = await automatic_store.list_subjects(tx, event, at, at - _BEHIND, at + _AHEAD)
        subject = next((each for each in near if each.session == session), None)
        outlook = automatic.decide(subject, at) if subject else Outlook(Does.NOTHING)
        if subject is None or outlook.act is None or _is_claimed(subject, at):
            return None
        await automatic_store.change(tx, event.id, subject.session_id, claimed_until=at + LEASE)
    return subject, outlook.act


def _is_claimed(subject: Subject, at: datetime) -> bool:
    claimed = subject.standing.claimed_until
    return claimed is not None and claimed > at


async def _failed(
    installation: Installation, event: Event, subject: Subject, act: Act, code: str
) -> None:
    """Keep what went wrong and when it is tried again."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        standing = await automatic_store.find_standing(tx, subject.session_id)
        tries = standing.tries if standing.tried_act == act.value else 0
        await automatic_store.change(
            tx, event.id, subject.session_id,
            claimed_until=None, tried_act=act.value, tries=tries + 1, problem_code=code,
            next_try_at=automatic.next_try(PROBLEMS[code], tries, at),
        )  # fmt: skip
        await automatic_store.tell(tx, event.id, subject.session, Does.TRIES_AGAIN, at)


async def _done(
    installation: Installation, event: Event, subject: Subject, act: Act, shown: Shown
) -> None:
    """Keep that it is done; one that is only on its way is looked at again."""
    if shown.state is not _REACHED[act]:
        await _failed(installation, event, subject, act, "still_starting")
        return
    at = installation.clock.now()
    changes: dict[str, object] = {
        "claimed_until": None, "tried_act": "", "tries": 0, "next_try_at": None, "problem_code": None,
    }  # fmt: skip
    if act is not Act.TEST:
        changes["started_at" if act is Act.START else "ended_at"] = at
    async with installation.database.transaction() as tx:
        await automatic_store.change(tx, event.id, subject.session_id, **changes)
