"""Tickets for the mails that carry them: of many at a time, made where there is none yet.

Whoever scans waits for whoever writes. So tickets are read and signed beside, and only then written.
"""

import asyncio
import secrets as random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database, lock_event
from eventhub.db.plain import Conversation, Insert, Row, Statement, Turn, among, hold_at_once
from eventhub.events import actions as events
from eventhub.participants.tables import participants

from . import badge, keys, store
from .handed import comes_on_site
from .keys import TicketSecrets
from .tables import tickets

# A key may be replaced while tickets are signed with it, and somebody else may issue the same ones; not on and on.
TRIES = 5
_COLUMNS = ("event_id", "participant_id", "number", "key_id", "fingerprint", "issued_at")


class TicketTexts:
    """Gives the texts of the tickets of those who attend on site."""

    def __init__(self, secrets: TicketSecrets, now: Callable[[], datetime]) -> None:
        self._secrets = secrets
        self._now = now

    async def __call__(
        self, database: Database, participant_ids: Collection[int]
    ) -> dict[int, str]:
        """Return texts by participant, issued to who had none; whoever attends from afar is left out."""
        for _ in range(TRIES):
            async with database.reading() as tx:
                rows = await _read(tx, participant_ids)
                sealed = await _sealed_keys(tx, {row.event_id for row in rows})
            without = [row for row in rows if row.number is None]
            if not without:
                return await self._texts(rows, sealed)
            for event_id in sorted({row.event_id for row in without}):
                ids = [row.id for row in without if row.event_id == event_id]
                await self._issue(database, event_id, ids)
        raise RuntimeError("tickets were not issued, try after try")

    async def _texts(
        self, rows: Collection[Any], sealed: dict[tuple[int, int], bytes]
    ) -> dict[int, str]:
        signers = {
            (event_id, key_id): badge.signer(
                self._secrets.sealer.unseal(key), key_id=key_id, event_id=event_id
            )
            for (event_id, key_id), key in sealed.items()
        }
        texts = {}
        for row in rows:
            texts[row.id] = signers[row.event_id, row.key_id](row.number)
            await _give_way()
        return texts

    async def _issue(self, database: Database, event_id: int, ids: Sequence[int]) -> None:
        key_id, write = await self._newest_key(database, event_id)
        at, derive = self._now(), self._secrets.fingerprints.derive
        made: list[list[Any]] = []
        for id in ids:
            number = random.randbits(63)
            made.append([event_id, id, number, key_id, derive(write(number)), at])
            await _give_way()
        await hold_at_once(database, _insert(event_id, key_id, made))

    async def _newest_key(
        self, database: Database, event_id: int
    ) -> tuple[int, Callable[[int], str]]:
        async with database.reading() as tx:
            key = await store.find_key(tx, event_id)
        if key is not None and key.retired_at is None:
            private = self._secrets.sealer.unseal(key.sealed_private_key)
            return key.key_id, badge.signer(private, key_id=key.key_id, event_id=event_id)
        async with database.transaction() as tx:
            await lock_event(tx, event_id)
            event = await events.get_event_by_id(tx, event_id)
            return await keys.signing(tx, event, secrets=self._secrets, at=self._now())


async def _give_way() -> None:
    """Let those go on who are answered: a signature takes 0.1 ms, and a thread would hold the interpreter for more."""
    await asyncio.sleep(0)


async def _read(tx: AsyncConnection, ids: Collection[int]) -> Sequence[Any]:
    live = sa.and_(tickets.c.participant_id == participants.c.id, tickets.c.revoked_at.is_(None))
    query = (
        sa.select(participants.c.id, participants.c.event_id, tickets.c.number, tickets.c.key_id)
        .outerjoin_from(participants, tickets, live)
        .where(participants.c.id.in_(ids), comes_on_site())
    )
    return (await tx.execute(query)).all()


async def _sealed_keys(
    tx: AsyncConnection, event_ids: Collection[int]
) -> dict[tuple[int, int], bytes]:
    return {
        (event_id, key_id): key.sealed_private_key
        for event_id in event_ids
        for key_id, key in (await store.list_keys(tx, event_id)).items()
    }


def _insert(event_id: int, key_id: int, made: Sequence[list[Any]]) -> Conversation[None]:
    """Write tickets to who has none, unless their key is the newest no more."""
    yield Turn(event_id)
    newest: list[Row] = yield Statement(
        "SELECT max(key_id) FROM ticket_keys WHERE event_id = :event", {"event": event_id}
    )
    if newest[0][0] != key_id:
        return
    inside, values = among("id", [row[1] for row in made])
    rows = yield Statement(
        f"SELECT participant_id FROM tickets WHERE participant_id IN {inside} AND revoked_at IS NULL",  # noqa: S608 -- names of ours
        values,
    )
    holders = {row[0] for row in rows}
    yield Insert(tickets, _COLUMNS, [row for row in made if row[1] not in holders])
