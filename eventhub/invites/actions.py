"""Inviting: what to tell whom is worked out, written into the queue and remembered, all in one transaction."""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events.model import Event

from . import choice_store, in_words, planning, programmes, queue, standings, store
from .choices import Choices
from .desk import Desk
from .model import Guest, Kind, Method, News, State
from .planning import Plan

T = TypeVar("T")

PORTION = 500

Queued = planning.Queued
list_standings = standings.list_standings
list_drafts = queue.list_drafts


async def send_invitations(
    tx: AsyncConnection,
    event: Event,
    *,
    at: datetime,
    domain: str,
    dry_run: bool = False,
    among: Container[int] | None = None,
    choices: Choices | None = None,
) -> Queued:
    """Queue a welcome for whoever has none yet, and an invitation for every session of the last release.

    Who was told already and to whom nothing changed is left alone; what changed since is told, and what
    is no longer theirs is taken back. `domain` ends the Message-IDs; `among` leaves all other participants out, and
    `choices` other than the event's own are tried with `dry_run`.
    """
    await lock_event(tx, event.id)
    everybody = await store.list_guests(tx, event.id)
    guests = {id: guest for id, guest in everybody.items() if among is None or id in among}
    told = await store.welcomed(tx, event.id)
    due = [one for one in guests.values() if one.address and told.get(one.id) != _known(one)]
    programme = await programmes.last_programme(tx, event.id)
    plan = await planning.make(tx, event, programme, guests, due, choices=choices)
    if not dry_run:
        if due and programme is not None:
            choices = choices or await choice_store.get_choices(tx, event.id)
            plan = replace(plan, days=await in_words.read_days(tx, event, programme, choices))
        await _queue(tx, event, plan, at=at, domain=domain, state=State.QUEUED)
    return plan.outcome


async def tell_release(
    tx: AsyncConnection,
    event: Event,
    *,
    at: datetime,
    domain: str,
    as_drafts: bool,
    only_drafts: bool = False,
) -> Queued:
    """Tell those invited before what the last release changed for them, at once or once an organizer approves.

    Several releases in a row are told as one, because only the difference to what people know counts. `only_drafts`:
    nobody is told, but what waits for approval is brought up to date.
    """
    await lock_event(tx, event.id)
    if only_drafts and not await queue.list_drafts(tx, event.id):
        return Queued(dict.fromkeys(Kind, 0), 0, 0)
    programme = await programmes.last_programme(tx, event.id)
    plan = await planning.make(tx, event, programme, await invited(tx, event.id), [])
    if only_drafts:
        plan = plan.among_drafts()
    state = State.DRAFT if as_drafts else State.QUEUED
    await _queue(tx, event, plan, at=at, domain=domain, state=state)
    return plan.outcome


async def invited(tx: AsyncConnection, event_id: int) -> dict[int, Guest]:
    """Return whom a first invitation was written to: they are told what a release changes."""
    told = await store.welcomed(tx, event_id)
    everybody = await store.list_guests(tx, event_id)
    return {id: guest for id, guest in everybody.items() if id in told}


async def approve_drafts(
    tx: AsyncConnection,
    event: Event,
    *,
    at: datetime,
    release: int | None = None,
    ids: Collection[int] | None = None,
) -> int:
    """Let what waits for approval go out, of one release or some mails only; return how many mails."""
    if ids is None:
        return await queue.requeue(tx, event.id, at=at, states=[State.DRAFT], release=release)
    return sum(
        [
            await queue.requeue(tx, event.id, at=at, states=[State.DRAFT], mail_id=id)
            for id in sorted(ids)
        ]
    )


async def remove_drafts(tx: AsyncConnection, event: Event, ids: Collection[int]) -> int:
    """Take mails out that wait for approval; return how many.

    What their readers know stays what it was, so a later notice tells the difference to that.
    """
    await lock_event(tx, event.id)
    drafts = await queue.list_drafts(tx, event.id, ids=ids)
    keys = {(mail.participant_id, mail.session_id) for mail in drafts}
    held = [
        one
        for one in await store.list_invitations(tx, event.id)
        if one.is_draft and (one.participant_id, one.session_id) in keys
    ]
    await queue.take_out(tx, [mail.id for mail in drafts])
    await store.take_back(tx, held)
    known = {m.participant_id: m.payload["known"] for m in drafts if m.kind is Kind.NOTICE}
    await store.save_informed(tx, event.id, known)
    return len(drafts)


async def send_again(
    tx: AsyncConnection,
    event: Event,
    *,
    at: datetime,
    states: Iterable[State],
    mail_id: int | None = None,
) -> int:
    """Queue mails again that failed or may have arrived, one or all of some states; return how many."""
    wanted = {State.FAILED, State.UNCERTAIN, State.BOUNCED} & set(states)
    return await queue.requeue(tx, event.id, at=at, states=wanted, mail_id=mail_id)


def _known(guest: Guest) -> tuple[str, int]:
    return guest.address, guest.generation


async def _queue(
    tx: AsyncConnection, event: Event, plan: Plan, *, at: datetime, domain: str, state: State
) -> None:
    common = {"event_id": event.id, "state": state, "due_at": at, "created_at": at}
    desk = Desk(event, domain, common, plan.release)
    await queue.supersede(tx, event.id, plan.threads)
    await store.take_back(tx, plan.invitations.withdrawn)
    for guests in _portions(plan.welcomes):
        await queue.insert_mails(
            tx, [desk.welcome(guest, plan.days.get(guest.id, [])) for guest in guests]
        )
    for portion in _portions(plan.news):
        await _queue_portion(tx, event, plan, desk, portion)
    await _queue_notices(tx, event, plan, desk)


async def _queue_portion(
    tx: AsyncConnection, event: Event, plan: Plan, desk: Desk, portion: Sequence[News]
) -> None:
    mails: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for one in portion:
        before = plan.held.get((one.participant_id, one.session_id))
        uid = before.uid if before else str(uuid4())
        mails.append(
            desk.letter(one, plan.guests[one.participant_id], uid, before.known if before else None)
        )
        if before:
            known.append({"of": before.id, **_remembered(one)})
        else:
            new.append(_thread(event, one, uid))
    await store.insert_invitations(tx, new)
    await store.save_invitations(tx, known)
    await queue.insert_mails(tx, mails)


async def _queue_notices(tx: AsyncConnection, event: Event, plan: Plan, desk: Desk) -> None:
    if plan.release is None:
        return
    overtaken = [
        plan.pending[one.participant_id].id
        for one in plan.notices
        if one.participant_id in plan.pending and not plan.stands(one)
    ]
    await queue.take_out(tx, overtaken)
    for portion in _portions(plan.told):
        rows = [desk.notice(one, plan.guests[one.participant_id]) for one in portion]
        await queue.insert_mails(tx, rows)
    readers = [guest.id for guest in plan.welcomes] + [one.participant_id for one in plan.notices]
    await store.save_informed(tx, event.id, dict.fromkeys(readers, plan.release))


def _portions(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut thousands into portions, between which others in this process get their turn."""
    return (everything[n : n + PORTION] for n in range(0, len(everything), PORTION))


def _thread(event: Event, one: News, uid: str) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "participant_id": one.participant_id,
        "session_id": one.session_id,
        "uid": uid,
        **_remembered(one),
    }


def _remembered(one: News) -> dict[str, Any]:
    told = one.facts if one.kind is Kind.CANCEL else one.facts.remembered()
    return {
        "sequence": one.sequence,
        "method": Method.CANCEL if one.kind is Kind.CANCEL else Method.REQUEST,
        "attendance": one.facts.attendance,
        "told": told.stored(),
    }
