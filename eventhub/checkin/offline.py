"""What a scanner keeps to decide offline. A lost phone reveals nobody: a person's data open only with their ticket.

Each live ticket is listed under a hash of its text, its holder encrypted under another hash of it.
"""

import base64
import json
import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants

from . import badge, store
from .actions import TicketSecrets
from .model import CheckpointKind, Status, Way
from .tables import checkpoints, passages, tickets, visits

_ID_PURPOSE = b"eventhub ticket id\n"
_DATA_PURPOSE = b"eventhub ticket data\n"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Live tickets as text and holder, dead ones as text. `version` changes with what is in it, not with time."""

    event: Event
    keys: Mapping[int, Any]
    live: Sequence[tuple[str, dict[str, Any]]]
    revoked: Sequence[str]
    made_at: datetime

    @property
    def version(self) -> int:
        """Return a number that stands for all that is in it."""
        told = json.dumps([self.live, self.revoked, sorted(self.keys)], sort_keys=True)
        return int.from_bytes(sha256(told.encode()).digest()[:8], "big")

    def document(self) -> dict[str, Any]:
        """Return the layout of docs/scanner.md."""
        return {
            "made_at": self.made_at.isoformat(),
            "event": badge.event_mark(self.event.id),
            "keys": public_keys(self.event, self.keys),
            "revoked": sorted(ticket_id(text) for text in self.revoked),
            "tickets": dict(
                sorted((ticket_id(text), _seal(text, holder)) for text, holder in self.live)
            ),
        }


def public_keys(event: Event, keys: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Return the keys that a ticket's signature is checked with."""
    return [
        {"key_id": key_id, "event": badge.event_mark(event.id), "public_key": _text(key.public_key)}
        for key_id, key in sorted(keys.items())
    ]


def ticket_id(text: str) -> str:
    """Return under what a ticket is listed."""
    return _text(sha256(_ID_PURPOSE + text.encode()).digest()[:16])


async def read_snapshot(
    tx: AsyncConnection, event: Event, *, secrets: TicketSecrets, at: datetime
) -> Snapshot:
    """Return what scanners should know at a moment."""
    keys = await store.list_keys(tx, event.id)
    private = {id: secrets.sealer.unseal(key.sealed_private_key) for id, key in keys.items()}
    places = await _places(tx, event, at)
    checked = await _checked(tx, event, at)
    live, revoked = [], []
    for row in await tx.execute(_tickets(event)):
        text = badge.write(
            private[row.key_id], key_id=row.key_id, event_id=event.id, number=row.number
        )
        if row.revoked_at is not None or row.attendance != Attendance.ONSITE:
            revoked.append(text)
            continue
        where = places.get(row.participant_id, {})
        holder = {
            "name": row.name,
            "position": row.position,
            "delegation": row.delegation,
            "inside": None in where,
            "room": next((room for room in where.values() if room), None),
            "checked": row.participant_id in checked,
        }
        live.append((text, holder))
    return Snapshot(event, keys, live, revoked, at)


def _tickets(event: Event) -> sa.Select[Any]:
    return (
        sa.select(
            tickets.c.number,
            tickets.c.key_id,
            tickets.c.revoked_at,
            tickets.c.participant_id,
            participants.c.name,
            participants.c.position,
            participants.c.attendance,
            delegations.c.name.label("delegation"),
        )
        .join(participants, participants.c.id == tickets.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .where(tickets.c.event_id == event.id)
        .order_by(tickets.c.id)
    )


async def _places(
    tx: AsyncConnection, event: Event, at: datetime
) -> dict[int, dict[int | None, str | None]]:
    """Return where participants are now: room ids (None: the event) and their codes."""
    query = (
        sa.select(visits.c.participant_id, visits.c.room_id, rooms.c.code)
        .outerjoin(rooms, rooms.c.id == visits.c.room_id)
        .where(
            visits.c.event_id == event.id,
            visits.c.day == event.day_of(at),
            visits.c.left_at.is_(None),
        )
    )
    found: dict[int, dict[int | None, str | None]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.participant_id, {})[row.room_id] = row.code
    return found


async def _checked(tx: AsyncConnection, event: Event, at: datetime) -> set[int]:
    """Return whom a gate need not ask any more, as the protocol's `recheck` says."""
    if not event.protocol.enabled:
        return set()
    query = (
        sa.select(passages.c.participant_id)
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .where(
            passages.c.event_id == event.id,
            passages.c.participant_id.is_not(None),
            passages.c.status == Status.OK,
            passages.c.type == Way.ENTRY,
            checkpoints.c.kind == CheckpointKind.GATE,
        )
        .distinct()
    )
    if event.protocol.recheck == "daily":
        query = query.where(passages.c.day == event.day_of(at))
    return set((await tx.execute(query)).scalars())


def _seal(text: str, holder: dict[str, Any]) -> str:
    key = sha256(_DATA_PURPOSE + text.encode()).digest()
    nonce = random.token_bytes(_NONCE_BYTES)
    return _text(nonce + AESGCM(key).encrypt(nonce, json.dumps(holder).encode(), None))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
