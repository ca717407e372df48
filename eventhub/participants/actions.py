"""Adding, changing and taking out delegations and participants."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Invalid
from eventhub.events.model import Event
from eventhub.wording import Text, say

from . import delegation_store, store
from .model import Delegation, Details, Participant, Rsvp
from .offices import code_of

find_delegation = delegation_store.find_delegation
get_delegation = delegation_store.get_delegation
list_delegations = delegation_store.list_delegations
find_participant = store.find_participant
get_participant = store.get_participant

MAX_DEPTH = 10


async def hold_delegation(tx: AsyncConnection, event_id: int, code: str) -> Delegation:
    """Return a delegation that nobody else changes until the transaction ends, or raise NotFound."""
    await lock_event(tx, event_id)
    return await delegation_store.get_delegation(tx, event_id, code)


async def hold_participant(tx: AsyncConnection, event_id: int, id: int) -> Participant:
    """Return a participant whom nobody else changes until the transaction ends, or raise NotFound."""
    await lock_event(tx, event_id)
    return await store.get_participant(tx, event_id, id)


async def hold_answers(tx: AsyncConnection, participant_id: int) -> None:
    """Let nobody else write an answer of this participant until the transaction ends.

    Two answers at once would both find none, and both insert one.
    """
    await store.lock_participant(tx, participant_id)


async def record_answer(
    tx: AsyncConnection, participant_id: int, session: str, answer: Rsvp, *, at: datetime
) -> None:
    """Keep a participant's answer to a session, by its code; call `hold_answers` before."""
    await store.save_answer(tx, participant_id, session, answer, at)


async def find_called(tx: AsyncConnection, event_id: int, text: str) -> Delegation:
    """Return the delegation a person means by its code or its name, or raise Invalid for `delegation`."""
    found = await delegation_store.list_called(tx, event_id, text)
    if not found:
        raise Invalid.field("delegation", say("There is no delegation {code}.", code=text))
    if len(found) > 1 and text not in {delegation.code for delegation in found}:
        codes = ", ".join(delegation.code for delegation in found)
        raise Invalid.field(
            "delegation",
            say("Several delegations are called so. Write one's code: {codes}.", codes=codes),
        )
    return next((one for one in found if one.code == text), found[0])


async def add_delegation(tx: AsyncConnection, delegation: Delegation) -> Delegation:
    """Add an office; without a code it gets one made of its name."""
    await lock_event(tx, delegation.event_id)
    if not delegation.code:
        delegation = replace(delegation, code=await _free_code(tx, delegation))
    elif await delegation_store.find_delegation(tx, delegation.event_id, delegation.code):
        raise Conflict(
            say("There is a delegation {code} already. Choose another code.", code=delegation.code)
        )
    await _check_parent(tx, delegation)
    await delegation_store.insert_delegations(tx, [delegation])
    return await delegation_store.get_delegation(tx, delegation.event_id, delegation.code)


async def change_delegation(
    tx: AsyncConnection, delegation: Delegation, changes: Mapping[str, Any]
) -> Delegation:
    """Change an office that is held; its quota cannot fall below who is named already."""
    changed = replace(delegation, **changes, version=delegation.version + 1)
    if changed.parent != delegation.parent:
        await _check_parent(tx, changed)
    if changed.quota is not None and changed.quota != delegation.quota:
        named = await delegation_store.count_members(tx, delegation.id)
        if named > changed.quota:
            raise _quota_conflict(
                changed,
                say(
                    "{name} has named {named} participants already.", name=changed.name, named=named
                ),
            )
    await delegation_store.save_delegation(tx, changed)
    return changed


async def remove_delegation(tx: AsyncConnection, delegation: Delegation) -> None:
    """Take an office out, unless people, other offices or sessions refer to it."""
    if await delegation_store.count_members(tx, delegation.id):
        raise Conflict(
            say("{name} has participants. Move or remove those first.", name=delegation.name)
        )
    if await delegation_store.count_children(tx, delegation.id):
        raise Conflict(
            say(
                "{name} has delegations below it. Move or remove those first.", name=delegation.name
            )
        )
    text = say(
        "{name} is invited to sessions. Take it out of their audiences first.", name=delegation.name
    )
    async with _refused_when_referenced(tx, text):
        await delegation_store.delete_delegation(tx, delegation.id)


async def add_participant(
    tx: AsyncConnection, event: Event, details: Details, *, at: datetime
) -> Participant:
    """Add a person within their delegation's quota."""
    await lock_event(tx, event.id)
    _check_language(event, details.language)
    delegation = await _delegation_with_room(tx, event.id, details.delegation)
    id = await store.insert_participant(tx, event.id, details, delegation.id, at)
    return await store.get_participant(tx, event.id, id)


async def change_participant(
    tx: AsyncConnection,
    event: Event,
    participant: Participant,
    changes: Mapping[str, Any],
    *,
    at: datetime,
) -> Participant:
    """Change what is written about a person who is held; a new delegation must have room for them.

    Who was invited and attends another way now is sent invitations anew once this is committed.
    """
    details = replace(participant.details, **changes)
    if details.language != participant.language:
        _check_language(event, details.language)
    if details.delegation != participant.delegation:
        await _delegation_with_room(tx, event.id, details.delegation)
    await store.save_details(tx, event.id, [(participant, details)])
    if details.attendance != participant.attendance:
        payload = {"principal": participant.id, "participants": [participant.id]}
        await outbox.add(tx, "participants.switched", payload, event_id=event.id, at=at)
    return await store.get_participant(tx, event.id, participant.id)


async def remove_participant(
    tx: AsyncConnection, event: Event, participant: Participant, *, at: datetime
) -> None:
    """Take a person out, unless they are in the programme or something of theirs is recorded.

    Who was invited is sent cancellations once this is committed.
    """
    text = say(
        "{name} is in the programme or was recorded at the event, and stays.",
        name=participant.name,
    )
    if await store.is_recorded(tx, participant.id):
        raise Conflict(text)
    async with _refused_when_referenced(tx, text):
        await store.delete_participant(tx, participant.id)
    payload = {"participant": participant.id}
    await outbox.add(tx, "participant.removed", payload, event_id=event.id, at=at)


async def renew_links(tx: AsyncConnection, participant: Participant) -> Participant:
    """Give a person new personal links; the old ones open nothing any more."""
    await store.raise_generation(tx, participant.id)
    return replace(participant, link_generation=participant.link_generation + 1)


async def _free_code(tx: AsyncConnection, delegation: Delegation) -> str:
    stem = code_of(delegation.name)[:50] or "delegation"
    taken = await delegation_store.list_codes(tx, delegation.event_id, stem)
    return stem if stem not in taken else f"{stem}-{secrets.token_hex(4)}"


async def _check_parent(tx: AsyncConnection, delegation: Delegation) -> None:
    """Refuse a parent that is not there, or that stands below the delegation itself."""
    code = delegation.parent
    for _ in range(MAX_DEPTH):
        if code is None:
            return
        if code == delegation.code:
            raise Invalid.field("parent", say("A delegation cannot stand below itself."))
        above = await delegation_store.find_delegation(tx, delegation.event_id, code)
        if above is None:
            raise Invalid.field("parent", say("There is no delegation {code}.", code=code))
        code = above.parent
    raise Invalid.field("parent", say("Delegations stand at most {depth} deep.", depth=MAX_DEPTH))


async def _delegation_with_room(tx: AsyncConnection, event_id: int, code: str) -> Delegation:
    delegation = await delegation_store.find_delegation(tx, event_id, code)
    if delegation is None:
        raise Invalid.field("delegation", say("There is no delegation {code}.", code=code))
    if delegation.quota is not None:
        named = await delegation_store.count_members(tx, delegation.id)
        if named >= delegation.quota:
            raise _quota_conflict(
                delegation,
                say(
                    "{name} may name {quota} participants and has named them.",
                    name=delegation.name,
                    quota=delegation.quota,
                ),
            )
    return delegation


def _quota_conflict(delegation: Delegation, text: Text) -> Conflict:
    subject = {"type": "delegation", "code": delegation.code, "name": delegation.name}
    conflict = {
        "kind": "quota",
        "severity": "block",
        "sessions": [],
        "subject": subject,
        "explanation": text,
    }
    return Conflict(text, [conflict])


def _check_language(event: Event, language: str) -> None:
    if language not in event.languages:
        raise Invalid.field(
            "language",
            say("The event speaks {languages}.", languages=", ".join(event.languages)),
        )


@asynccontextmanager
async def _refused_when_referenced(tx: AsyncConnection, text: Text) -> AsyncIterator[None]:
    """Turn the database's refusal to break a reference into a sentence, keeping the transaction usable."""
    savepoint = await tx.begin_nested()
    try:
        yield
        await savepoint.commit()
    except IntegrityError as error:
        await savepoint.rollback()
        raise Conflict(text) from error
