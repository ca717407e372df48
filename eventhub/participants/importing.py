"""Bringing a list of people into an event, in one transaction and with few statements."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events.model import Event

from . import delegation_store, standing_store, store
from .columns import RowFault, Wish, read_wishes
from .importer import Known, Plan, plan_import
from .model import Delegation
from .offices import Office
from .spreadsheet import read_spreadsheet


@dataclass(frozen=True, slots=True)
class PeopleList:
    """What a list of people says, row by row, and the rows that cannot be read."""

    wishes: list[Wish]
    faulty: list[RowFault]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in the contract's words; reasons are not yet rendered."""

    created: int
    updated: int
    unchanged: int
    faulty: tuple[RowFault, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}


async def read_people(content: bytes) -> PeopleList:
    """Read an uploaded CSV or XLSX file in a thread.

    Raises Unreadable when it is neither, TooLarge beyond a limit, Invalid without a column for the name.
    """
    return await asyncio.to_thread(lambda: PeopleList(*read_wishes(read_spreadsheet(content))))


async def import_people(
    tx: AsyncConnection, event: Event, people: PeopleList, *, at: datetime, dry_run: bool = False
) -> Imported:
    """Bring a list of people in; a dry run tells what would happen and writes nothing."""
    await lock_event(tx, event.id)
    offices = await delegation_store.list_delegations(tx, event.id)
    known = Known(
        [_office(office) for office in offices],
        await store.list_participants(tx, event.id, store.PeopleFilter()),
        event.languages,
        await standing_store.list_ids(tx, event.id),
    )
    plan = await asyncio.to_thread(plan_import, people.wishes, people.faulty, known)
    if not dry_run:
        await _carry_out(tx, event.id, plan, at)
    return Imported(len(plan.created), len(plan.changed), plan.unchanged, tuple(plan.faulty))


async def _carry_out(tx: AsyncConnection, event_id: int, plan: Plan, at: datetime) -> None:
    adopted = {office.code: office.parent for office in plan.adopted}
    new = [_new_delegation(event_id, office) for office in plan.new_offices]
    await delegation_store.insert_delegations(tx, new)
    await delegation_store.save_parents(tx, event_id, adopted)
    await store.insert_participants(tx, event_id, plan.created, at)
    await store.save_details(tx, event_id, plan.changed)


def _office(delegation: Delegation) -> Office:
    return Office(
        delegation.code,
        delegation.name,
        delegation.kind,
        delegation.parent,
        delegation.attendance,
        delegation.quota,
    )


def _new_delegation(event_id: int, office: Office) -> Delegation:
    return Delegation(
        id=0,
        event_id=event_id,
        code=office.code,
        name=office.name,
        kind=office.kind,
        parent=office.parent,
        attendance=office.attendance,
    )
