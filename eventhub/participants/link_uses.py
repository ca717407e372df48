"""From how many places a join link is used: calendars are shared, and so may be the links in them.

Of an address only its network counts, of a browser only what it calls itself; both are kept as keyed hashes.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .tables import delegations, link_uses, participants

# Somebody at home, at the office and on the way is in three networks; beside a phone they may use some browsers.
MOST_NETWORKS = 3
MOST_PLACES = 6
# Somebody whose network changes with every request shall not fill the table.
KEPT = 50
PREFIX = {4: 24, 6: 48}
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Place:
    """A network and a device, as hashes."""

    network: str
    device: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A participant whose link to one session was used from so many networks and places."""

    participant_id: int
    name: str
    office: str
    session: str
    networks: int
    places: int


def place_of(address: str, agent: str, *, secret: str, event_id: int) -> Place:
    """Return a place; the same in another event is another one."""
    key = sha256(f"link-use/{event_id}/{secret}".encode()).digest()
    return Place(_hash(key, _network(address)), _hash(key, agent))


async def note(
    tx: AsyncConnection,
    event_id: int,
    participant_id: int,
    session_id: int,
    place: Place,
    *,
    at: datetime,
) -> None:
    """Note that a join link was used from a place."""
    generation = (
        await tx.execute(
            sa.select(participants.c.link_generation).where(participants.c.id == participant_id)
        )
    ).scalar_one()
    query = sa.select(link_uses.c.network, link_uses.c.device).where(
        link_uses.c.participant_id == participant_id,
        link_uses.c.session_id == session_id,
        link_uses.c.generation == generation,
    )
    known = {(row.network, row.device) for row in await tx.execute(query)}
    if (place.network, place.device) in known or len(known) >= KEPT:
        return
    await tx.execute(
        link_uses.insert().values(
            event_id=event_id,
            participant_id=participant_id,
            session_id=session_id,
            generation=generation,
            network=place.network,
            device=place.device,
            first_at=at,
        )
    )


async def list_shared(
    tx: AsyncConnection, event_id: int, *, participant_id: int | None = None
) -> list[Shared]:
    """Return whose present links were used from more places than one person needs, the most first."""
    sessions = sa.table("sessions", sa.column("id"), sa.column("title"))
    networks = sa.func.count(sa.distinct(link_uses.c.network))
    places = sa.func.count()
    query = (
        sa.select(
            participants.c.id,
            participants.c.name,
            delegations.c.name.label("office"),
            sessions.c.title,
            networks.label("networks"),
            places.label("places"),
        )
        .join_from(link_uses, participants, participants.c.id == link_uses.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .join(sessions, sessions.c.id == link_uses.c.session_id)
        .where(
            link_uses.c.event_id == event_id,
            link_uses.c.generation == participants.c.link_generation,
        )
        .group_by(
            participants.c.id,
            participants.c.name,
            delegations.c.name,
            sessions.c.id,
            sessions.c.title,
        )
        .having(sa.or_(networks > MOST_NETWORKS, places > MOST_PLACES))
        .order_by(networks.desc(), places.desc(), participants.c.id)
    )
    if participant_id is not None:
        query = query.where(participants.c.id == participant_id)
    return [Shared(*row) for row in await tx.execute(query)]


def _network(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, PREFIX[ip.version]), strict=False))


def _hash(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()[:DIGITS]
