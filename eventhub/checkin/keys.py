"""The keys that sign an event's tickets: several may vouch at once, the newest signs.

Rotating makes a new one, and tickets signed with the earlier ones stay good until those are retired. Retiring kills
the tickets a key has signed; whoever needs one gets it anew, signed with the newest key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, NotFound
from eventhub.events.model import Event
from eventhub.signing import Sealer, Signer
from eventhub.web.access import Principal
from eventhub.wording import say

from . import badge, store
from .model import TicketKey

# The key's id is one byte of the ticket.
MOST_KEYS = 255


@dataclass(frozen=True, slots=True)
class TicketSecrets:
    """What only this installation can do: sign tickets, and tell two scanned texts apart without keeping them."""

    sealer: Sealer
    fingerprints: Signer

    @classmethod
    def of(cls, secret: str) -> Self:
        """Derive them from EVENTHUB_SECRET."""
        return cls(Sealer(secret, "ticket-key"), Signer(secret, "passage/fingerprint"))


async def signing(
    tx: AsyncConnection, event: Event, *, secrets: TicketSecrets, at: datetime
) -> tuple[int, Callable[[int], str]]:
    """Return the newest key's id and what makes a number a ticket's text; the first key is made here."""
    key = await store.find_key(tx, event.id)
    if key is None or key.retired_at is not None:
        return await _add_key(tx, event, key.key_id if key else 0, secrets, at)
    private = secrets.sealer.unseal(key.sealed_private_key)
    return key.key_id, badge.signer(private, key_id=key.key_id, event_id=event.id)


async def rotate(
    tx: AsyncConnection,
    event: Event,
    *,
    who: Principal | str,
    secrets: TicketSecrets,
    at: datetime,
) -> int:
    """Sign tickets with a new key from now on; return its id. Tickets of earlier keys stay good."""
    await lock_event(tx, event.id)
    key = await store.find_key(tx, event.id)
    key_id, _ = await _add_key(tx, event, key.key_id if key else 0, secrets, at)
    await audit.record(tx, who, "ticket_key.added", f"key {key_id}", event_id=event.id, at=at)
    return key_id


async def retire(
    tx: AsyncConnection, event: Event, key_id: int, *, who: Principal | str, at: datetime
) -> int:
    """Let a key vouch for nothing any more; return how many tickets died with it.

    Raises NotFound when there is no such key, Conflict when it is retired already or is the one that signs.
    """
    await lock_event(tx, event.id)
    listed = {key.key_id: key for key in await list_keys(tx, event)}
    key = listed.get(key_id)
    if key is None:
        raise NotFound(say("There is no ticket key {key}.", key=key_id))
    if key.retired_at is not None:
        raise Conflict(say("Ticket key {key} is retired already.", key=key_id))
    if key_id == max(listed):
        raise Conflict(
            say("Ticket key {key} signs new tickets. Rotate the keys first.", key=key_id)
        )
    await store.retire_key(tx, event.id, key_id, at)
    dead = await store.revoke_tickets_of_key(tx, event.id, key_id, at)
    detail = {"tickets": dead}
    await audit.record(
        tx, who, "ticket_key.retired", f"key {key_id}", event_id=event.id, at=at, detail=detail
    )
    return dead


async def list_keys(tx: AsyncConnection, event: Event) -> list[TicketKey]:
    """Return the event's keys, oldest first, with how many live tickets each has signed."""
    signed = await store.count_live_tickets(tx, event.id)
    return [
        TicketKey(key_id, row.created_at, row.retired_at, signed.get(key_id, 0))
        for key_id, row in sorted((await store.list_keys(tx, event.id)).items())
    ]


async def _add_key(
    tx: AsyncConnection, event: Event, last: int, secrets: TicketSecrets, at: datetime
) -> tuple[int, Callable[[int], str]]:
    if last >= MOST_KEYS:
        raise Conflict(say("This event has had {n} ticket keys, which is all it can have.", n=last))
    private, public = badge.new_key()
    key_id = last + 1
    values = {
        "event_id": event.id,
        "key_id": key_id,
        "public_key": public,
        "sealed_private_key": secrets.sealer.seal(private),
        "created_at": at,
        "retired_at": None,
    }
    await store.insert_key(tx, values)
    return key_id, badge.signer(private, key_id=key_id, event_id=event.id)
