"""Inviting: what to tell whom is worked out, written into the queue and remembered, all in one transaction."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events.model import Event
from eventhub.language import Reader, choose

from . import letters, listing, queue, rules, store
from .model import Facts, Guest, Invitation, Kind, Method, News, State

T = TypeVar("T")

FALLBACK = "en"
PORTION = 500

list_standings = listing.list_standings


@dataclass(frozen=True, slots=True)
class Queued:
    """What an invitation run wrote (or would write): mails by kind, what stayed, and whom no address is known of."""

    kinds: Mapping[Kind, int]
    unchanged: int
    without_address: int

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be told: to whom a welcome, to whom which news."""

    welcomes: list[Guest]
    news: list[News]
    unchanged: int
    guests: Mapping[int, Guest]
    held: Mapping[tuple[int, int], Invitation]

    @property
    def threads(self) -> set[tuple[int, int | None]]:
        """Participant and session (None for the welcome) of every mail to be written."""
        welcomes: set[tuple[int, int | None]] = {(guest.id, None) for guest in self.welcomes}
        return welcomes | {(one.participant_id, one.session_id) for one in self.news}

    @property
    def outcome(self) -> Queued:
        kinds = dict.fromkeys(Kind, 0) | {Kind.WELCOME: len(self.welcomes)}
        for one in self.news:
            kinds[one.kind] += 1
        missing = sum(not guest.address for guest in self.guests.values())
        return Queued(kinds, self.unchanged, missing)


async def send_invitations(
    tx: AsyncConnection,
    event: Event,
    *,
    at: datetime,
    domain: str,
    dry_run: bool = False,
    among: Container[int] | None = None,
) -> Queued:
    """Queue a welcome for whoever has none yet, and an invitation for every session of the last release.

    Who was told already and to whom nothing changed is left alone; what changed since is told, and what
    is no longer theirs is taken back. `domain` ends the Message-IDs; `among` leaves all other participants out.
    """
    await lock_event(tx, event.id)
    everybody = await store.list_guests(tx, event.id)
    guests = {id: guest for id, guest in everybody.items() if among is None or id in among}
    told = await store.welcomed(tx, event.id)
    due = [one for one in guests.values() if one.address and told.get(one.id) != _known(one)]
    plan = await _plan(tx, event, guests, due)
    if not dry_run:
        await _queue(tx, event, plan, at=at, domain=domain, state=State.QUEUED)
    return plan.outcome


async def tell_release(
    tx: AsyncConnection, event: Event, *, at: datetime, domain: str, as_drafts: bool
) -> Queued:
    """Tell those invited before what the last release changed for them, at once or once an organizer approves.

    Several releases in a row are told as one, because only the difference to what was told last counts.
    """
    await lock_event(tx, event.id)
    told = await store.welcomed(tx, event.id)
    everybody = await store.list_guests(tx, event.id)
    guests = {id: guest for id, guest in everybody.items() if id in told}
    plan = await _plan(tx, event, guests, [])
    state = State.DRAFT if as_drafts else State.QUEUED
    await _queue(tx, event, plan, at=at, domain=domain, state=state)
    return plan.outcome


async def approve_drafts(tx: AsyncConnection, event: Event, *, at: datetime) -> int:
    """Let what waits for approval go out; return how many mails."""
    return await queue.requeue(tx, event.id, at=at, states=[State.DRAFT])


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


async def _plan(
    tx: AsyncConnection, event: Event, guests: Mapping[int, Guest], welcomes: list[Guest]
) -> Plan:
    items, seats = await store.list_programme(tx, event.id)
    held = await store.list_invitations(tx, event.id)
    told, unchanged = rules.news(items, seats, guests, held)
    reachable = sum(bool(guest.address) for guest in guests.values())
    welcomed = reachable - len(welcomes)
    threads = {(one.participant_id, one.session_id): one for one in held}
    return Plan(welcomes, told, unchanged + welcomed, guests, threads)


async def _queue(
    tx: AsyncConnection, event: Event, plan: Plan, *, at: datetime, domain: str, state: State
) -> None:
    common = {"event_id": event.id, "state": state, "due_at": at, "created_at": at}
    desk = Desk(event, domain, common)
    await queue.supersede(tx, event.id, plan.threads)
    for guests in _portions(plan.welcomes):
        await queue.insert_mails(tx, [desk.welcome(guest) for guest in guests])
    for portion in _portions(plan.news):
        await _queue_portion(tx, event, plan, desk, portion)


async def _queue_portion(
    tx: AsyncConnection, event: Event, plan: Plan, desk: "Desk", portion: Sequence[News]
) -> None:
    mails: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for one in portion:
        before = plan.held.get((one.participant_id, one.session_id))
        uid = before.uid if before else str(uuid4())
        mails.append(desk.letter(one, plan.guests[one.participant_id], uid, before))
        if before:
            known.append({"of": before.id, **_remembered(one)})
        else:
            new.append(_thread(event, one, uid))
    await store.insert_invitations(tx, new)
    await store.save_invitations(tx, known)
    await queue.insert_mails(tx, mails)


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


@dataclass(frozen=True, slots=True)
class Desk:
    """Writes rows of the queue: what a mail will say, frozen now, and its subject."""

    event: Event
    domain: str
    common: Mapping[str, Any]

    def welcome(self, guest: Guest) -> dict[str, Any]:
        payload = {"guest": _shown(guest), "generation": guest.generation}
        return self._row(Kind.WELCOME, guest, None, None, payload)

    def letter(self, one: News, guest: Guest, uid: str, held: Invitation | None) -> dict[str, Any]:
        payload = {
            "guest": _shown(guest),
            "facts": one.facts.stored(),
            "before": one.before.stored() if one.before else None,
            "uid": uid,
            "sequence": one.sequence,
            "keeps_answer": held is not None and held.sequence == one.sequence,
            "is_off": one.is_off,
        }
        return self._row(one.kind, guest, one.session_id, one.facts, payload)

    def _row(
        self,
        kind: Kind,
        guest: Guest,
        session_id: int | None,
        facts: Facts | None,
        payload: dict[str, Any],
    ) -> dict[str, Any]:
        language = choose([guest.language]) or choose(self.event.languages) or FALLBACK
        subject = letters.subject(kind, self.event, facts, Reader(language, self.event.zone))
        return {
            **self.common,
            "participant_id": guest.id,
            "session_id": session_id,
            "kind": kind,
            "to_address": guest.address,
            "subject": subject,
            "language": language,
            "payload": payload,
            "message_id": f"{uuid4().hex}@{self.domain}",
        }


def _shown(guest: Guest) -> dict[str, Any]:
    return {
        "name": guest.name,
        "position": guest.position,
        "office": guest.office,
        "time_zone": guest.time_zone,
        "in_place_of": guest.in_place_of,
    }
