"""What is done at the checkpoints and with tickets."""

import secrets as random
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.db.plain import hold
from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event, room_limit
from eventhub.web.access import Principal, Right
from eventhub.wording import say

from . import badge, facts, keys, ledger, store
from .items import read_item
from .keys import TicketSecrets as TicketSecrets  # noqa: PLC0414 -- exported
from .model import CheckpointKind, Occupancy, PassageConflict, Result, Ticket
from .overriding import override_of
from .recording import Batch, record_alone


async def record_passages(
    tx: AsyncConnection,
    event: Event,
    items: Sequence[Any],
    *,
    who: Principal,
    secrets: TicketSecrets,
    at: datetime,
) -> list[Result]:
    """Decide and store a batch of scans as they were sent, each a JSON value; answer in the order given."""
    batch = Batch([read_item(item) for item in items], who, override_of(who), at)
    results = await hold(tx, record_alone(event, batch, fingerprint=secrets.fingerprints.derive))
    await tell_inside(tx, event, at=at)
    return results


async def tell_inside(tx: AsyncConnection, event: Event, *, at: datetime) -> None:
    """Tell open pages who is inside, once this transaction is written."""
    places = await occupancy(tx, event, at=at)
    rooms = [{"room": p.room, "inside": p.inside, "limit": p.limit} for p in places]
    right = Right.REPORTS_READ.value
    await news.tell(tx, "occupancy", {"rooms": rooms}, event_id=event.id, at=at, right=right)


async def list_conflicts(
    tx: AsyncConnection, event: Event, *, on: date | None = None
) -> list[PassageConflict]:
    """Return what does not fit together in all that was scanned (or on one day), in the order of the scans.

    A day is told as if it were the first, so who was checked before it counts as not yet checked.
    """
    told = await hold(tx, ledger.read_all_facts(event.id, on))
    return facts.conflicts(told, recheck=event.protocol.recheck)


async def occupancy(tx: AsyncConnection, event: Event, *, at: datetime) -> list[Occupancy]:
    """Return who is inside: the event itself first, then every room by code.

    It is told for the event day of `at`; on other days for the last day on which anybody was scanned.
    """
    on = await _day_of_interest(tx, event, at)
    inside = await store.count_inside(tx, event.id, on) if on else {}
    doors = await store.list_checkpoints(tx, event)
    gates = [c for c in doors if c.kind == CheckpointKind.GATE]
    limits = [gate.limit for gate in gates if gate.limit is not None]
    codes = tuple(gate.code for gate in gates)
    whole = Occupancy(None, None, codes, inside.get(None, 0), min(limits, default=None), None)
    return [
        whole,
        *(
            Occupancy(
                room.code,
                room.name,
                tuple(door.code for door in doors if door.room_id == room.id),
                inside.get(room.id, 0),
                room_limit(room.capacity, room.protocol_percent, event.protocol),
                room.capacity,
            )
            for room in await events.list_rooms(tx, event.id)
        ),
    ]


async def _day_of_interest(tx: AsyncConnection, event: Event, at: datetime) -> date | None:
    today = event.day_of(at)
    return today if today in event.days else await store.last_day(tx, event.id)


async def ticket_for(
    tx: AsyncConnection, event: Event, participant_id: int, *, secrets: TicketSecrets, at: datetime
) -> Ticket:
    """Return the ticket of a participant who attends on site, issued now if there is none yet; else NotFound."""
    await _get_onsite(tx, event, participant_id)
    row = await store.find_ticket(tx, participant_id)
    if row is None:
        await lock_event(tx, event.id)
        row = await store.find_ticket(tx, participant_id)
    if row is None:
        fresh = await _new_tickets(tx, event, [participant_id], secrets, at)
        await store.insert_tickets(tx, fresh)
        row = await store.find_ticket(tx, participant_id)
    key = (await store.list_keys(tx, event.id))[row.key_id]  # type: ignore[union-attr]
    return _ticket(event, row, secrets.sealer.unseal(key.sealed_private_key))


async def find_ticket(
    tx: AsyncConnection, ticket_id: int, *, secrets: TicketSecrets
) -> Ticket | None:
    """Return a live ticket by its row id."""
    row = await store.find_ticket_by_id(tx, ticket_id)
    if row is None:
        return None
    event = await events.get_event_by_id(tx, row.event_id)
    key = (await store.list_keys(tx, event.id))[row.key_id]
    return _ticket(event, row, secrets.sealer.unseal(key.sealed_private_key))


async def reissue_ticket(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    *,
    who: Principal | str,
    secrets: TicketSecrets,
    at: datetime,
) -> Ticket:
    """Kill a participant's ticket and issue another."""
    person = await _get_onsite(tx, event, participant_id)
    await lock_event(tx, event.id)
    await store.revoke_tickets(tx, participant_id, at)
    await audit.record(tx, who, "ticket.reissued", person.name, event_id=event.id, at=at)
    return await ticket_for(tx, event, participant_id, secrets=secrets, at=at)


async def issue_tickets(
    tx: AsyncConnection,
    event: Event,
    participant_ids: Iterable[int],
    *,
    secrets: TicketSecrets,
    at: datetime,
) -> None:
    """Issue tickets to participants who have none, without asking whether they attend on site."""
    await lock_event(tx, event.id)
    await store.insert_tickets(tx, await _new_tickets(tx, event, participant_ids, secrets, at))


async def _new_tickets(
    tx: AsyncConnection,
    event: Event,
    participant_ids: Iterable[int],
    secrets: TicketSecrets,
    at: datetime,
) -> list[dict[str, Any]]:
    key_id, write = await keys.signing(tx, event, secrets=secrets, at=at)
    return [
        {
            "event_id": event.id,
            "participant_id": participant_id,
            "number": (number := random.randbits(63)),
            "key_id": key_id,
            "fingerprint": secrets.fingerprints.derive(write(number)),
            "issued_at": at,
            "revoked_at": None,
        }
        for participant_id in participant_ids
    ]


async def _get_onsite(tx: AsyncConnection, event: Event, participant_id: int) -> Any:
    person = await store.find_participant(tx, event.id, participant_id)
    if person is None:
        raise NotFound(say("There is no such participant."))
    if person.attendance != Attendance.ONSITE:
        raise NotFound(say("{name} attends from afar and needs no ticket.", name=person.name))
    if person.instead:
        raise NotFound(
            say(
                "{instead} comes in place of {name}, whose ticket is good again once that is taken back.",
                instead=person.instead,
                name=person.name,
            )
        )
    return person


def _ticket(event: Event, row: Any, private_key: bytes) -> Ticket:
    text = badge.write(private_key, key_id=row.key_id, event_id=event.id, number=row.number)
    return Ticket(row.id, row.participant_id, text, row.issued_at, row.revoked_at)
