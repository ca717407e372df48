"""Coming in somebody's place (mewakili): the invited person stays on the list, and who comes takes their seat."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Invalid
from eventhub.events.model import Event
from eventhub.wording import say

from . import actions, standing_store, store
from .model import Details, Participant
from .standing_store import Substitute

list_substitutes = standing_store.list_substitutes
find_substitute = standing_store.find_substitute
find_seat = standing_store.find_seat
__all__ = [
    "Named",
    "Substitute",
    "call_off",
    "find_seat",
    "find_substitute",
    "list_substitutes",
    "name_substitute",
]

CHANGED = "participants.substituted"


@dataclass(frozen=True, slots=True)
class Named:
    """Who is to come instead: name with titles as written, position, and an address or ""."""

    name: str
    position: str
    email: str


async def name_substitute(
    tx: AsyncConnection,
    event: Event,
    principal: Participant,
    who: Named,
    *,
    session_id: int | None,
    at: datetime,
) -> Participant:
    """Let somebody come in a participant's place, to a session or (None) the whole event; return who.

    They take no further place of the quota. Whoever was named before for the same gives way.
    """
    await lock_event(tx, event.id)
    if await standing_store.find_substitute(tx, principal.id):
        raise Conflict(
            say(
                "{name} comes in somebody's place already. Ask that person's office to name somebody else.",
                name=principal.name,
            )
        )
    if who.email and who.email.casefold() == principal.email.casefold():
        raise Invalid.field("email", say("Write the address of the person who comes instead."))
    before = await standing_store.list_substitutes(tx, principal.id)
    whole = next((one for one in before if one.is_whole), None)
    if whole is not None and session_id is not None:
        raise Conflict(
            say(
                "{name} comes in your place for the whole event. Take that back first.",
                name=whole.name,
            )
        )
    person = await _person(tx, event, principal, who, before=before, at=at)
    await _seat(tx, person.id, before, session_id)
    await standing_store.copy_switches(tx, principal.id, person.id, session_id)
    await _look_after(tx, event, principal, at=at, named={"session": session_id})
    return person


async def call_off(
    tx: AsyncConnection,
    event: Event,
    principal: Participant,
    *,
    session_id: int | None,
    at: datetime,
) -> bool:
    """Take back who comes in a participant's place, to a session or (None) altogether; return whether anybody did."""
    await lock_event(tx, event.id)
    before = await standing_store.list_substitutes(tx, principal.id)
    if session_id is None:
        concerned = before
        for one in before:
            await standing_store.save_whole(tx, one.id, is_whole=False)
    else:
        concerned = [one for one in before if session_id in one.session_ids]
    if not concerned:
        return False
    await standing_store.delete_stand_ins(tx, [one.id for one in concerned], session_id)
    await _look_after(tx, event, principal, at=at)
    return True


async def _person(
    tx: AsyncConnection,
    event: Event,
    principal: Participant,
    who: Named,
    *,
    before: list[Substitute],
    at: datetime,
) -> Participant:
    details = Details(
        name=who.name,
        position=who.position,
        delegation=principal.delegation,
        email=who.email,
        phone="",
        language=principal.language,
        attendance=principal.attendance,
        in_place_of=principal.name,
    )
    for one in before:
        same = one.email.casefold() == who.email.casefold() and (who.email or one.name == who.name)
        if same:
            person = await store.get_participant(tx, event.id, one.id)
            if person.details != details:
                await store.save_details(tx, event.id, [(person, details)])
            return await store.get_participant(tx, event.id, one.id)
    id = await store.insert_participant(tx, event.id, details, principal.delegation_id, at)
    await standing_store.insert_substitute(tx, id, principal.id, at)
    return await store.get_participant(tx, event.id, id)


async def _seat(
    tx: AsyncConnection, id: int, before: list[Substitute], session_id: int | None
) -> None:
    everybody = [*(one.id for one in before), id]
    await standing_store.delete_stand_ins(tx, everybody, session_id)
    if session_id is not None:
        await standing_store.insert_stand_in(tx, id, session_id)
        return
    for one in everybody:
        await standing_store.save_whole(tx, one, is_whole=one == id)


async def _look_after(
    tx: AsyncConnection,
    event: Event,
    principal: Participant,
    *,
    at: datetime,
    named: dict[str, int | None] | None = None,
) -> None:
    """Take out who comes to nothing any more, unless something of theirs is recorded; let the others be told.

    `named`: to which session (None: everything) somebody was named just now.
    """
    left: list[int] = []
    for one in await standing_store.list_substitutes(tx, principal.id):
        if not one.is_whole and not one.session_ids:
            gone = await store.get_participant(tx, event.id, one.id)
            try:
                await actions.remove_participant(tx, event, gone, at=at)
            except Conflict:
                left.append(one.id)  # They were there: the record keeps them.
        else:
            left.append(one.id)
    payload = {"participants": left, "principal": principal.id, "named": named}
    await outbox.add(tx, CHANGED, payload, event_id=event.id, at=at)
