"""Declarations and proofs: given and looked at, each look audited; and who was together with whom."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import Fault, Invalid, NotFound
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import health_store, store, tracing
from .health_store import SeenProof
from .model import Declaration, Proof

# The clocks of the one who shows and the one who looks differ a little.
CLOCKS_APART = timedelta(minutes=5)


async def declare(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    *,
    date: date,
    symptoms: bool,
    contact: bool,
    travel: bool,
    at: datetime,
) -> Declaration:
    """Write a participant's answers for a day, at the latest tomorrow; of several for one day the last counts."""
    await _get_person(tx, event, participant_id)
    if date > event.day_of(at) + timedelta(days=1):
        raise Invalid.field("date", say("A declaration is made for today or tomorrow."))
    answers = {"date": date, "symptoms": symptoms, "contact": contact, "travel": travel}
    whose = {"event_id": event.id, "participant_id": participant_id, "declared_at": at}
    await health_store.insert_declaration(tx, answers | whose)
    return Declaration(date, symptoms, contact, travel)


async def find_declaration(
    tx: AsyncConnection, participant_id: int, date: date
) -> Declaration | None:
    """Return what a participant declared for a day; for the participant's own eyes."""
    found = await health_store.list_declarations(tx, participant_id)
    return next((given for given, _ in reversed(found) if given.date == date), None)


async def list_declarations(
    tx: AsyncConnection, event: Event, participant_id: int, *, who: Principal, at: datetime
) -> list[tuple[Declaration, datetime]]:
    """Return a participant's declarations and when they were given; the look is audited."""
    person = await _get_person(tx, event, participant_id)
    await audit.record(tx, who, "declarations.read", person, event_id=event.id, at=at)
    return await health_store.list_declarations(tx, participant_id)


async def add_proof(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    proof: Proof,
    *,
    who: Principal,
    at: datetime,
) -> SeenProof:
    """Write that `who` looked at a proof, whose kind and date alone are kept."""
    await _get_person(tx, event, participant_id)
    _check_proof(proof, at)
    whose = {"event_id": event.id, "participant_id": participant_id}
    seen = {"seen_by_role": who.role.value, "seen_by": who.name, "seen_at": at}
    await health_store.insert_proof(tx, {**asdict(proof), **whose, **seen})
    return SeenProof(proof, who.role.value, at)


def _check_proof(proof: Proof, at: datetime) -> None:
    faults = []
    if proof.taken_at > at + CLOCKS_APART:
        faults.append(Fault("taken_at", say("This moment lies in the future.")))
    if proof.kind == "vaccine" and proof.doses is None:
        faults.append(Fault("doses", say("Say how many doses of vaccine were shown.")))
    if proof.kind != "vaccine" and proof.negative is None:
        faults.append(Fault("negative", say("Say whether the test was negative.")))
    if faults:
        raise Invalid(faults)


async def list_proofs(
    tx: AsyncConnection, event: Event, participant_id: int, *, who: Principal, at: datetime
) -> list[SeenProof]:
    """Return a participant's proofs; the look is audited."""
    person = await _get_person(tx, event, participant_id)
    await audit.record(tx, who, "proofs.read", person, event_id=event.id, at=at)
    return await health_store.list_proofs(tx, participant_id)


async def trace_contacts(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    *,
    since: datetime,
    until: datetime,
    minutes: int,
    who: Principal,
    at: datetime,
) -> list[tracing.Contact]:
    """Return who shared a room with a participant for at least so many minutes in a window; the look is audited."""
    person = await _get_person(tx, event, participant_id)
    await audit.record(tx, who, "contacts.read", person, event_id=event.id, at=at)
    own, others = await health_store.list_stays(
        tx, event, participant_id, since=since, until=until, at=at
    )
    return tracing.contacts(own, others, since=since, until=until, minutes=minutes)


async def _get_person(tx: AsyncConnection, event: Event, participant_id: int) -> str:
    person = await store.find_participant(tx, event.id, participant_id)
    if person is None:
        raise NotFound(say("There is no such participant."))
    return str(person.name)
