"""A hall with two gates and two rooms, participants with tickets, and a way to scan them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from eventhub.checkin import actions
from eventhub.checkin.items import read_item
from eventhub.checkin.model import Result
from eventhub.checkin.overriding import override_of
from eventhub.checkin.recording import Batch, record_alone
from eventhub.checkin.tables import (
    checkpoints,
    declarations,
    health_readings,
    passages,
    proofs,
    visits,
)
from eventhub.db.engine import Database
from eventhub.db.plain import hold_at_once
from eventhub.events.model import Event, Protocol
from eventhub.participants.model import Participant
from eventhub.web.access import Principal, Role
from tests import make

SECRETS = actions.TicketSecrets.of("a secret that lives as long as one test")
OFF = Protocol(enabled=False)
GATE = Principal("token", 1, "gate", Role.GATE, 1)
HEALTH = Principal("token", 2, "health", Role.HEALTH, 1)
SUPERVISOR = Principal("token", 3, "supervisor", Role.GATE, 1, may_override=True)
WELL = {"temperature_c": 36.4, "mask": True}
ASKING = Protocol(mask_required=True)


def brief(result: Result) -> tuple[str, str | None]:
    """Return a result's status and reason."""
    return result.status.value, result.reason.value if result.reason else None


@dataclass
class Hall:
    """Event 1: gates `gate-1`, `gate-2`; `door-1` into room 1 (50 seats) and `door-2` into room 2."""

    database: Database
    event: Event
    now: datetime
    texts: dict[int, str] = field(default_factory=dict)

    def item(
        self, who: int | str, checkpoint: str = "gate-1", minute: float = 0, **changes: Any
    ) -> dict[str, Any]:
        """Give a scan of a participant's ticket (or of a text), so many minutes after nine."""
        plain = {
            "nonce": str(uuid4()),
            "secret": self.texts[who] if isinstance(who, int) else who,
            "checkpoint": checkpoint,
            "type": "entry",
            "scanned_at": (self.now + timedelta(minutes=minute)).isoformat(),
        }
        return plain | changes

    async def record(
        self, *items: Any, who: Principal = GATE, at: datetime | None = None
    ) -> list[Result]:
        """Send a batch the short way, which servers take."""
        batch = Batch([read_item(item) for item in items], who, override_of(who), at or self.now)
        recording = record_alone(self.event, batch, fingerprint=SECRETS.fingerprints.derive)
        return await hold_at_once(self.database, recording)

    async def scan(
        self, who: int | str, *place: Any, by: Principal = GATE, **changes: Any
    ) -> Result:
        """Send one scan."""
        return (await self.record(self.item(who, *place, **changes), who=by))[0]

    async def ticket(self, who: int) -> str:
        """Return a participant's ticket, made if there is none."""
        async with self.database.transaction() as tx:
            ticket = await actions.ticket_for(tx, self.event, who, secrets=SECRETS, at=self.now)
        return ticket.text

    async def inside(self) -> dict[str | None, int]:
        """Return who is inside, by room; empty rooms are left out."""
        async with self.database.reading() as tx:
            found = await actions.occupancy(tx, self.event, at=self.now)
        return {one.room: one.inside for one in found if one.inside}

    async def conflicts(self) -> list[tuple[str, int | None, tuple[str, ...]]]:
        """Return the conflicts as kind, participant, nonces."""
        async with self.database.reading() as tx:
            found = await actions.list_conflicts(tx, self.event)
        return [(one.kind.value, one.participant_id, one.nonces) for one in found]

    async def rows(self, table: sa.Table, *names: str) -> list[tuple[Any, ...]]:
        """Return some columns of a table, by the order in which rows were written."""
        columns = [table.c[name] for name in names]
        order = table.c.id if "id" in table.c else table.c.nonce
        async with self.database.reading() as tx:
            return [tuple(row) for row in await tx.execute(sa.select(*columns).order_by(order))]

    async def written(self) -> tuple[int, int, int]:
        """Return how many passages, visits and readings there are."""
        return (
            len(await self.rows(passages, "id")),
            len(await self.rows(visits, "id")),
            len(await self.rows(health_readings, "nonce")),
        )

    async def change(self, code: str, **values: Any) -> None:
        """Change a checkpoint."""
        async with self.database.transaction() as tx:
            await tx.execute(
                checkpoints.update().where(checkpoints.c.code == code).values(**values)
            )

    async def write(self, table: sa.Table, **values: Any) -> None:
        """Write a row of health data."""
        async with self.database.transaction() as tx:
            await tx.execute(table.insert().values(event_id=1, **values))

    async def declare(self, person: int, *, symptoms: bool = False) -> None:
        """Write today's declaration."""
        values = {
            "participant_id": person,
            "date": self.event.day_of(self.now),
            "symptoms": symptoms,
        }
        await self.write(declarations, **values, contact=False, travel=False, declared_at=self.now)

    async def prove(self, person: int, hours_ago: float) -> None:
        """Write that an officer saw a negative antigen test."""
        await self.write(
            proofs,
            participant_id=person,
            kind="antigen",
            taken_at=self.now - timedelta(hours=hours_ago),
            negative=True,
            seen_by_role="health",
            seen_by="health",
            seen_at=self.now,
        )


async def built(
    database: Database,
    *,
    protocol: Protocol = OFF,
    people: int = 3,
    things: tuple[Any, ...] = (),
    **changes: Any,
) -> Hall:
    """Build the hall; participants 1 to `people` attend on site and have tickets. Nine o'clock is `now`."""
    event = make.event(protocol=protocol, **changes)
    crowd: list[Participant] = [make.participant(n) for n in range(1, people + 1)]
    await make.stored(
        database,
        event,
        make.room(1),
        make.room(2),
        make.delegation(1),
        make.delegation(2),
        *crowd,
        *things,
    )
    hall = Hall(database, event, make.at("09:00"))
    async with database.transaction() as tx:
        await tx.execute(checkpoints.insert(), [_checkpoint(row) for row in _CHECKPOINTS])
        for person in crowd:
            ticket = await actions.ticket_for(
                tx, event, person.id, secrets=SECRETS, at=make.WRITTEN_AT
            )
            hall.texts[person.id] = ticket.text
    return hall


async def with_event(hall: Hall, **changes: Any) -> Event:
    """Return another event, stored, and its ticket of a participant of its own."""
    other = make.event(2, **changes)
    await make.stored(
        hall.database,
        other,
        make.delegation(20, event_id=2),
        make.participant(200, event_id=2, delegation_id=20),
    )
    return other


_CHECKPOINTS: tuple[Mapping[str, Any], ...] = (
    {"code": "gate-1", "kind": "gate", "room_id": None},
    {"code": "gate-2", "kind": "gate", "room_id": None},
    {"code": "door-1", "kind": "door", "room_id": 1},
    {"code": "door-2", "kind": "door", "room_id": 2},
)


def _checkpoint(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event_id": 1,
        "name": row["code"].title(),
        "open": True,
        "limit": None,
        "version": 1,
        **row,
    }
