"""What a health officer does with somebody whom a gate referred: look, let in, or send home."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import Conflict, NotFound
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import actions, health_store, referrals, store
from .health_store import SeenProof
from .model import Declaration, Status
from .referrals import Dismissal, Measured, Referral


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about one participant's health that the event knows."""

    waiting: Referral | None
    declared: list[tuple[Declaration, datetime]]
    proofs: list[SeenProof]
    measured: list[Measured]
    dismissals: list[Dismissal]


async def list_waiting(
    tx: AsyncConnection, event: Event, *, who: Principal, at: datetime
) -> list[Referral]:
    """Return who waits for an officer today; the look is audited where it names anybody."""
    found = await referrals.list_waiting(tx, event.id, event.day_of(at))
    if found:
        people = [referral.participant_id for referral in found]
        detail = {audit.HEALTH: {"participants": people}}
        await audit.record(
            tx, who, "referrals.read", str(len(found)), event_id=event.id, at=at, detail=detail
        )
    return found


async def read_card(
    tx: AsyncConnection, event: Event, participant_id: int, *, who: Principal, at: datetime
) -> Card:
    """Return what is known about a participant's health; the look is audited."""
    person = await _name(tx, event, participant_id)
    await audit.record(tx, who, "health.read", person, event_id=event.id, at=at)
    return Card(
        await referrals.find_waiting(tx, event.id, event.day_of(at), participant_id),
        await health_store.list_declarations(tx, participant_id),
        await health_store.list_proofs(tx, participant_id),
        await referrals.list_measured(tx, event.id, participant_id),
        await referrals.list_dismissals(tx, participant_id),
    )


async def let_in(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    reason: str,
    *,
    who: Principal,
    secrets: actions.TicketSecrets,
    at: datetime,
) -> None:
    """Record an entry at the gate that refused, whatever the protocol says; named and audited as an override.

    Raise Conflict where nobody waits, or where something else than health keeps them out.
    """
    waiting = await _get_waiting(tx, event, participant_id, at)
    ticket = await actions.ticket_for(tx, event, participant_id, secrets=secrets, at=at)
    scan = {
        "nonce": str(uuid4()),
        "secret": ticket.text,
        "checkpoint": waiting.checkpoint,
        "type": "entry",
        "scanned_at": at.isoformat(),
        "force": True,
        "force_reason": reason,
    }
    (result,) = await actions.record_passages(tx, event, [scan], who=who, secrets=secrets, at=at)
    if result.status is not Status.OK:
        raise Conflict(result.explanation)


async def send_home(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    reason: str,
    *,
    who: Principal,
    at: datetime,
) -> None:
    """Write that somebody who waits was sent home, why and by whom."""
    waiting = await _get_waiting(tx, event, participant_id, at)
    day = event.day_of(at)
    whose = {"event_id": event.id, "participant_id": participant_id, "day": day}
    said = {"reason": reason, "dismissed_by": who.name, "dismissed_at": at}
    await referrals.insert_dismissal(tx, whose | said)
    await audit.record(tx, who, "participant.sent_home", waiting.name, event_id=event.id, at=at)


async def _get_waiting(
    tx: AsyncConnection, event: Event, participant_id: int, at: datetime
) -> Referral:
    name = await _name(tx, event, participant_id)
    waiting = await referrals.find_waiting(tx, event.id, event.day_of(at), participant_id)
    if waiting is None:
        raise Conflict(say("{name} does not wait for a health officer any more.", name=name))
    return waiting


async def _name(tx: AsyncConnection, event: Event, participant_id: int) -> str:
    person = await store.find_participant(tx, event.id, participant_id)
    if person is None:
        raise NotFound(say("There is no such participant."))
    return str(person.name)
