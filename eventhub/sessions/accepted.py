"""Conflicts that somebody accepted with a delay: a later release is not refused for them while nothing moves again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from . import delay_store
from .model import ProgrammeConflict, Released, Severity

Identity = tuple[str, tuple[str, ...], str]
FORBIDDING = frozenset({Severity.BLOCK, Severity.BLOCK_RELEASE})


def identity(one: ProgrammeConflict) -> Identity:
    """Return what makes two conflicts the same: the kind, the sessions in no order, and what it is about."""
    return one.kind, tuple(sorted(one.sessions)), one.subject.code


def remembered(one: ProgrammeConflict) -> dict[str, Any]:
    """Return what is kept of a conflict, by which it is known again."""
    kind, sessions, subject = identity(one)
    return {"kind": kind, "sessions": list(sessions), "subject": subject}


async def settled(
    tx: AsyncConnection,
    event: Event,
    found: Sequence[ProgrammeConflict],
    before: Mapping[str, Released],
    after: Iterable[Released],
) -> list[ProgrammeConflict]:
    """Return conflicts, those only shown that were accepted and whose sessions stand as they were published."""
    if not any(one.severity in FORBIDDING for one in found):
        return list(found)
    known = {
        (kept["kind"], tuple(kept["sessions"]), kept["subject"])
        for delay in await delay_store.list_delays(tx, event.id)
        for kept in delay.conflicts
    }
    still = {each.code for each in after if _stands(before.get(each.code), each)}
    return [
        replace(one, severity=Severity.WARN)
        if one.severity in FORBIDDING and identity(one) in known and still.issuperset(one.sessions)
        else one
        for one in found
    ]


def _stands(old: Released | None, new: Released) -> bool:
    return old is not None and (old.starts_at, old.ends_at, old.room_code) == (
        new.starts_at,
        new.ends_at,
        new.room_code,
    )
