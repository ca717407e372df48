"""Work on many sessions at once: looked at before it is done, done in one transaction, taken back for an hour."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Stale
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import batch_store, bulk, conflicts, releases, rules, store
from .batch_store import Batch
from .bulk import Edit
from .model import AnySession, Change, ProgrammeConflict, Session, SessionState, Severity
from .programme_news import tell_changed

TAKEN_BACK_WITHIN = batch_store.TAKEN_BACK_WITHIN
CHANGED = say("The programme was changed in the meantime. This is what would happen now.")

list_batches = batch_store.list_batches


@dataclass(frozen=True, slots=True)
class Preview:
    """What edits would do: changes in the programme, what goes to the tray or out, and the conflicts they make.

    `mark` tells whether what was looked at is still what would happen.
    """

    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]
    to_tray: tuple[AnySession, ...]
    out: tuple[AnySession, ...]
    conflicts: tuple[ProgrammeConflict, ...]
    mark: str

    @property
    def blocking(self) -> list[ProgrammeConflict]:
        return [one for one in self.conflicts if one.severity is Severity.BLOCK]


async def look(tx: AsyncConnection, event: Event, edits: Sequence[Edit]) -> Preview:
    """Return what edits would do; changes nothing."""
    every = await store.list_sessions(tx, event.id, store.Wanted())
    then = bulk.after(every, edits)
    known = {_identity(one) for one in await conflicts.in_programme(tx, event, every)}
    found = await conflicts.in_programme(tx, event, then)
    gone = [edit.before for edit in edits if edit.before and not isinstance(edit.after, Session)]
    away = [one for one in gone if isinstance(one, Session)]
    left = {edit.code for edit in edits if edit.after is not None}
    return Preview(
        edits=tuple(edits),
        changes=tuple(await _changes(tx, event, edits)),
        to_tray=tuple(one for one in away if one.code in left),
        out=tuple(one for one in gone if one.code not in left),
        conflicts=tuple(one for one in found if _identity(one) not in known),
        mark=await asyncio.to_thread(mark, edits),
    )


async def _changes(tx: AsyncConnection, event: Event, edits: Sequence[Edit]) -> list[Change]:
    """Return in the words of releases what becomes of sessions that have a time afterwards."""
    lasting = [edit for edit in edits if isinstance(edit.after, Session)]
    old = await releases.freeze(
        tx, event, [e.before for e in lasting if isinstance(e.before, Session)]
    )
    new = await releases.freeze(
        tx, event, [e.after for e in lasting if isinstance(e.after, Session)]
    )
    before, after = {one.code: one for one in old}, {one.code: one for one in new}
    return await asyncio.to_thread(rules.changes, before, after)


def mark(edits: Sequence[Edit]) -> str:
    """Return a mark of what is done to which versions of sessions."""
    told = [
        (edit.code, edit.before.version if edit.before else 0, _outcome(edit.after))
        for edit in edits
    ]
    return sha256(repr(sorted(told)).encode()).hexdigest()[:24]


def _outcome(after: AnySession | None) -> tuple[str, ...]:
    if after is None:
        return ()
    start = after.starts_at.isoformat() if isinstance(after, Session) else ""
    return after.state.value, start, after.title


async def apply(
    tx: AsyncConnection,
    event: Event,
    kind: str,
    edits: Sequence[Edit],
    *,
    subject: str,
    who: Principal | str,
    at: datetime,
    seen: str | None = None,
    allows_blocking: bool = False,
) -> Preview:
    """Do what `look` showed, or raise Stale when `seen`, the mark then, is none any more.

    Raises ProgrammeClash where edits make conflicts that forbid a save, unless those are allowed as an import's are.
    """
    await lock_event(tx, event.id)
    preview = await look(tx, event, edits)
    if seen is not None and seen != preview.mark:
        raise Stale(CHANGED)
    if preview.blocking and not allows_blocking:
        raise conflicts.ProgrammeClash(preview.blocking)
    done = await write(tx, event, edits, at=at)
    await batch_store.insert_batch(tx, event.id, kind, subject, done, who=who, at=at)
    await _note(tx, event, f"programme.{kind}", subject, len(edits), who=who, at=at)
    return preview


async def write(
    tx: AsyncConnection, event: Event, edits: Sequence[Edit], *, at: datetime
) -> list[Edit]:
    """Write edits; return them with the ids of what was made."""
    made = await store.insert_sessions(tx, [e.after for e in edits if e.after and not e.before])
    new = {session.code: session for session in made}
    await store.save_sessions(tx, [e.after for e in edits if e.after and e.before])
    for edit in edits:
        if edit.before and not edit.after:
            await store.delete_session(tx, edit.before.id)
    await tell_changed(tx, event.id, [edit.code for edit in edits], at=at)
    return [replace(edit, after=new.get(edit.code, edit.after)) for edit in edits]


async def take_back(
    tx: AsyncConnection, event: Event, batch_id: int, *, who: Principal | str, at: datetime
) -> Batch:
    """Undo a batch within the hour, if none of its sessions was changed since; else raise Conflict."""
    await lock_event(tx, event.id)
    batch = await batch_store.get_batch(tx, event.id, batch_id)
    if batch.taken_back_at is not None:
        raise Conflict(say("This was taken back already."))
    if at - batch.done_at > TAKEN_BACK_WITHIN:
        raise Conflict(say("This was done more than an hour ago and cannot be taken back."))
    every = await store.list_any(
        tx, event.id, store.Wanted(), scheduled=None, after=None, limit=store.MOST
    )
    now = {session.code: session for session in every}
    _check_untouched(batch.edits, now)
    edits = [_undone(done, now.get(done.code)) for done in batch.edits]
    if await batch_store.misses_something(tx, event.id, [e.after for e in edits if e.after]):
        raise Conflict(
            say(
                "A room, an office or a person of these sessions is gone, so they cannot come back."
            )
        )
    preview = await look(tx, event, edits)
    if preview.blocking:
        raise conflicts.ProgrammeClash(preview.blocking)
    await write(tx, event, edits, at=at)
    await batch_store.close(tx, batch.id, at)
    await _note(tx, event, "programme.taken_back", batch.subject, len(edits), who=who, at=at)
    return batch


def _check_untouched(edits: Sequence[batch_store.Done], now: Mapping[str, AnySession]) -> None:
    touched = [
        done.code
        for done in edits
        if (now[done.code].version if done.code in now else None) != done.version
    ]
    if touched:
        first = now[touched[0]].title if touched[0] in now else touched[0]
        raise Conflict(
            say(
                "{n} of these sessions were changed since, first {session}. Please mend them by hand.",
                n=len(touched),
                session=first,
            )
        )


def _undone(done: batch_store.Done, now: AnySession | None) -> Edit:
    if done.before is None:
        return Edit(now, None)
    if now is None:
        return Edit(None, done.before)
    kept = replace(done.before, id=now.id, version=now.version + 1, sequence=now.sequence)
    return Edit(now, kept)


async def _note(
    tx: AsyncConnection,
    event: Event,
    action: str,
    subject: str,
    count: int,
    *,
    who: Principal | str,
    at: datetime,
) -> None:
    await audit.record(
        tx, who, action, subject, event_id=event.id, at=at, detail={"sessions": count}
    )


def _identity(one: ProgrammeConflict) -> tuple[str, tuple[str, ...], str]:
    return one.kind, one.sessions, one.subject.code


async def list_released_ids(tx: AsyncConnection, sessions: Sequence[AnySession]) -> set[int]:
    """Return which sessions a release holds, be it as cancelled."""
    published = {s.id for s in sessions if s.state is not SessionState.DRAFT}
    return published | await batch_store.released_among(tx, [s.id for s in sessions])
