"""The snapshot of each event, kept by the server process and made anew only where something changed.

Signing and sealing a ticket takes a tenth of a millisecond, so it is done once for each and away from the event loop.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event

from . import badge, clearance, offline, sealing, store
from .actions import TicketSecrets
from .audiences import Audiences, read_audiences, told_doors

# What changed this long before is told again: servers' clocks differ, and reading takes a while.
MARGIN = timedelta(minutes=1)
# Reading a large event anew takes at most a tenth of the time: nine times as long it rests. Callers wait for that, or
# for a very large event are given what there is, and told how old it is.
LARGE_S = 0.5
REST = 9
PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket as it was last told; `sealed` is None for one that admits nobody."""

    lock: sealing.Lock
    content: bytes
    sealed: str | None
    changed_at: datetime


@dataclass(slots=True)
class Kept:
    """What is kept of one event. `entries` and `gone` are by ticket row, `since` is when this process began."""

    since: datetime
    mark: tuple[Any, ...] | None = None
    entries: dict[int, Entry] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)
    common: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    made_at: datetime | None = None
    rests_until: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


Keep = dict[int, Kept]
KEPT: web.AppKey[Keep] = web.AppKey("snapshots")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What scanners should know; `version` changes with what is in it, not with time."""

    version: int
    made_at: datetime
    kept: Kept

    def document(self, since: datetime | None = None) -> dict[str, Any]:
        """Return the layout of docs/scanner.md: all of it, or what changed since an earlier one was made."""
        partly = since is not None and since - MARGIN > self.kept.since
        after = since - MARGIN if since is not None and partly else None
        chosen = [e for e in self.kept.entries.values() if after is None or e.changed_at > after]
        gone = [id for id, at in self.kept.gone.items() if after is not None and at > after]
        return {
            "made_at": self.made_at.isoformat(),
            "since": since.isoformat() if since is not None and partly else None,
            **self.kept.common,
            "revoked": sorted(entry.lock.id for entry in chosen if entry.sealed is None),
            "tickets": {e.lock.id: e.sealed for e in chosen if e.sealed is not None},
            "gone": sorted(gone),
        }

    def text(self, since: datetime | None = None) -> bytes:
        """Return the document as JSON; worth a thread where there are many tickets."""
        return json.dumps(self.document(since), separators=(",", ":")).encode()


async def snapshot(
    database: Database, keep: Keep, event: Event, *, secrets: TicketSecrets, at: datetime
) -> Snapshot:
    """Return the event's snapshot as of now, or of shortly before where it is being rested.

    Callers wait for their turn without a connection, so that a first making never keeps pages from the database.
    """
    kept = keep.setdefault(event.id, Kept(at))
    async with kept.turn:
        rest = kept.rests_until - asyncio.get_running_loop().time()
        if kept.made_at is not None and rest > PATIENCE_S:
            return Snapshot(kept.version, kept.made_at, kept)
        await asyncio.sleep(max(0.0, rest))
        async with database.reading() as tx:
            return await _fresh(tx, kept, event.id, secrets=secrets, at=at)


async def _fresh(
    tx: AsyncConnection, kept: Kept, event_id: int, *, secrets: TicketSecrets, at: datetime
) -> Snapshot:
    event = await events.get_event_by_id(tx, event_id)
    mark = await offline.read_mark(tx, event, event.day_of(at))
    if mark != kept.mark:
        clock = asyncio.get_running_loop().time
        began = clock()
        await _renew(tx, kept, event, secrets=secrets, at=at)
        took = clock() - began
        kept.rests_until = clock() + (REST * took if took > LARGE_S else 0.0)
        kept.mark = mark
    kept.made_at = at
    return Snapshot(kept.version, at, kept)


async def _renew(
    tx: AsyncConnection, kept: Kept, event: Event, *, secrets: TicketSecrets, at: datetime
) -> None:
    day = event.day_of(at)
    keys = await store.list_keys(tx, event.id)
    private = {id: secrets.sealer.unseal(key.sealed_private_key) for id, key in keys.items()}
    people = await offline.read_people(tx, event, day)
    audiences = await read_audiences(tx, event)
    writer = _Writer(event, day, private, people, audiences, kept.entries, at)
    async for page in offline.read_tickets(tx, event):
        await asyncio.to_thread(writer.take, page)
    for row in kept.entries.keys() - writer.entries.keys():
        kept.gone[kept.entries[row].lock.id] = at
    kept.entries = writer.entries
    kept.common = {
        "event": badge.event_mark(event.id),
        "keys": offline.public_keys(event, keys),
        "sessions": told_doors(audiences.doors),
        "audiences": dict(sorted(audiences.sets.items())),
    }
    kept.version = await asyncio.to_thread(_version, kept)


@dataclass(slots=True)
class _Writer:
    """Writes the entries of tickets, taking over those whose content is as it was."""

    event: Event
    day: date
    private: Mapping[int, bytes]
    people: offline.People
    audiences: Audiences
    before: Mapping[int, Entry]
    at: datetime
    entries: dict[int, Entry] = field(default_factory=dict)

    def take(self, page: Sequence[Any]) -> None:
        for row in page:
            self.entries[row.id] = self._entry(row)

    def _entry(self, row: Any) -> Entry:
        before = self.before.get(row.id)
        admits = row.revoked_at is None and row.instead is None
        plain = self._holder(row) if admits else b""
        content = blake2b(plain, digest_size=16).digest()
        if before is not None and before.content == content:
            return before
        lock = before.lock if before is not None else self._lock(row)
        return Entry(lock, content, sealing.seal(lock, plain) if plain else None, self.at)

    def _lock(self, row: Any) -> sealing.Lock:
        text = badge.write(
            self.private[row.key_id], key_id=row.key_id, event_id=self.event.id, number=row.number
        )
        return sealing.lock_of(text)

    def _holder(self, row: Any) -> bytes:
        person, people = row.participant_id, self.people
        told = clearance.holder(
            clearance.Person(row.name, row.position, row.delegation, Attendance(row.attendance)),
            people.standings.get(person, clearance.Standing(self.day)),
            self.event.protocol,
            audience=self.audiences.of(person, row.delegation_id),
            declarations=people.declared.get(person, ()),
            proofs=people.shown.get(person, ()),
            at=self.at,
        )
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _version(kept: Kept) -> int:
    mark = sha256(json.dumps(kept.common, sort_keys=True).encode())
    for id, sealed in sorted((e.lock.id, e.sealed or "") for e in kept.entries.values()):
        mark.update(f"{id}:{sealed}\n".encode())
    return int.from_bytes(mark.digest()[:8], "big")
