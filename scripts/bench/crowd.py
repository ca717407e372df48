"""A data folder with an event of as many participants as one likes, and what scanners send about them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from eventhub.accounts import actions as accounts
from eventhub.checkin import actions, badge, store
from eventhub.checkin.tables import checkpoints, tickets
from eventhub.db.engine import Database
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.participants.tables import delegations, participants
from eventhub.settings import read_settings
from eventhub.web.access import Role

from .figure import MORNING

SLUG = "crowd"
GATE = "gate-1"
SECRET = "a secret that lives as long as one measurement"  # noqa: S105 -- of a folder that is thrown away
_CHUNK = 5_000


@dataclass(frozen=True)
class Crowd:
    """What a scanner needs: a token, and the texts of the first tickets."""

    token: str
    texts: Sequence[str]


def environment(url: str | None = None) -> dict[str, str]:
    """Return the settings a crowd's server is started with."""
    return {"EVENTHUB_SECRET": SECRET, **({"EVENTHUB_DATABASE_URL": url} if url else {})}


def made(data: Path, people: int, *, texts: int, url: str | None = None) -> Crowd:
    """Make the folder's event with a gate and so many participants on site; sign the first tickets."""
    return asyncio.run(_made(data, people, texts, url))


async def _made(data: Path, people: int, texts: int, url: str | None) -> Crowd:
    async with _opened(data, url) as database:
        at = datetime.fromisoformat(MORNING).astimezone(UTC)
        async with database.transaction() as tx:
            event = await events.add_event(tx, _event(at), at=at)
            token = await accounts.add_token(tx, "gate", Role.GATE, event_id=event.id, at=at)
            await tx.execute(checkpoints.insert().values(_gate(event.id)))
            await tx.execute(delegations.insert().values(_office(event.id)))
        for first in range(1, people + 1, _CHUNK):
            ids = range(first, min(first + _CHUNK, people + 1))
            async with database.transaction() as tx:
                await tx.execute(participants.insert(), [_person(n, event.id, at) for n in ids])
                secrets = actions.TicketSecrets.of(SECRET)
                await actions.issue_tickets(tx, event, ids, secrets=secrets, at=at)
        return Crowd(token, await _texts(database, event, texts))


@asynccontextmanager
async def _opened(data: Path, url: str | None) -> AsyncIterator[Database]:
    settings = read_settings(environment(url), data)
    database = Database(settings.database_url)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


async def _texts(database: Database, event: Event, count: int) -> list[str]:
    async with database.reading() as tx:
        key = await store.find_key(tx, event.id)
        query = sa.select(tickets.c.number).order_by(tickets.c.id).limit(count)
        numbers = (await tx.execute(query)).scalars().all()
    assert key is not None
    private = actions.TicketSecrets.of(SECRET).sealer.unseal(key.sealed_private_key)
    return [badge.write(private, key_id=1, event_id=event.id, number=number) for number in numbers]


def passage(nonce: str, text: str, way: str = "entry") -> dict[str, Any]:
    """Return one scan at the gate."""
    return {
        "nonce": nonce,
        "secret": text,
        "checkpoint": GATE,
        "type": way,
        "scanned_at": MORNING,
        "health": {"temperature_c": 36.4, "mask": True},
    }


def body(passages: Sequence[dict[str, Any]]) -> bytes:
    """Return a batch as it is sent."""
    return json.dumps({"passages": passages}).encode()


def _event(at: datetime) -> Event:
    day = at.date()
    return Event(
        id=0,
        slug=SLUG,
        title="Rapat Koordinasi Teknis",
        starts_on=day,
        ends_on=day,
        days=(day,),
        time_zone="Asia/Jakarta",
    )


def _gate(event_id: int) -> dict[str, Any]:
    plain = {"code": GATE, "name": "Gerbang utama", "kind": "gate", "room_id": None}
    return plain | {"event_id": event_id, "open": True, "limit": None, "version": 1}


def _office(event_id: int) -> dict[str, Any]:
    return {
        "id": 1,
        "event_id": event_id,
        "code": "bappeda-papua",
        "name": "Bappeda Provinsi Papua",
        "kind": "province",
        "parent_id": None,
        "time_zone": "Asia/Jayapura",
        "email": "",
        "quota": None,
        "attendance": "onsite",
        "version": 1,
    }


def _person(number: int, event_id: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "event_id": event_id,
        "delegation_id": 1,
        "name": f"Utusan {number}",
        "position": "Kepala Bidang",
        "email": f"utusan-{number}@example.org",
        "phone": "",
        "language": "id",
        "attendance": "onsite",
        "in_place_of": None,
        "link_generation": 1,
        "created_at": at,
        "version": 1,
    }
