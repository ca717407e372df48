"""What a message would say to somebody, before anything is queued: what is due to them now, or as if it were."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import rsvps
from eventhub.wording import say

from . import choice_store, in_words, planning, programmes, remembering, rules, store
from .choices import Choices
from .desk import Desk
from .drafts import Draft
from .instead_store import read_insteads
from .model import Facts, Guest, Invitation, Item, Kind, Mail, News, State
from .planning import Plan
from .programmes import Programme


@dataclass(frozen=True, slots=True)
class Offer:
    """A message to choose: its kind, of which session or day ("" for neither), and whether it is due now."""

    kind: Kind
    of: str
    title: str
    is_due: bool

    @property
    def value(self) -> str:
        """Return it as an address holds it."""
        return f"{self.kind}:{self.of}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody as messages to them need it: what is due to them, what they hold, and what they are invited to."""

    event: Event
    guest: Guest
    choices: Choices
    plan: Plan
    agenda: list[tuple[Item, Facts]]
    days: in_words.Days
    at: datetime

    def offers(self) -> list[Offer]:
        """Return the messages to choose from, those due first."""
        due = {(Kind(one.kind), one.facts.code) for one in self.plan.news}
        found = [self._offer(Kind.WELCOME, is_due=bool(self.plan.welcomes))]
        if self.plan.told:
            found.append(self._offer(Kind.NOTICE, is_due=True))
        found += [
            Offer(one.kind, one.facts.code, one.facts.title, is_due=True) for one in self.plan.news
        ]
        for item, facts in self.agenda:
            for kind in (Kind.REQUEST, Kind.CANCEL):
                is_asked = self.choices.invites(item.kind, facts.attendance)
                if (kind, item.code) not in due and (is_asked or (Kind.UPDATE, item.code) in due):
                    found.append(Offer(kind, item.code, item.title, is_due=False))
        found += [
            Offer(Kind.REMINDER, day.isoformat(), "", is_due=False)
            for day in self.event.days
            if self._reminded(day)
        ]
        return sorted(found, key=lambda one: not one.is_due)

    def mail(self, chosen: str, domain: str) -> Mail:
        """Return the message of an offer's value, which nothing has queued; NotFound where there is none."""
        kind, _, of = chosen.partition(":")
        if chosen not in {offer.value for offer in self.offers()}:
            raise NotFound(say("There is no such message for this person."))
        common = {
            "event_id": self.event.id,
            "state": State.QUEUED,
            "due_at": self.at,
            "created_at": self.at,
        }
        desk = Desk(self.event, domain, common, self.plan.release)
        return _mail(self._row(desk, Kind(kind), of))

    def _row(self, desk: Desk, kind: Kind, of: str) -> dict[str, Any]:
        if kind is Kind.WELCOME:
            return desk.welcome(self.guest, self.days)
        if kind is Kind.NOTICE:
            return desk.notice(self.plan.told[0], self.guest)
        if kind is Kind.REMINDER:
            day = date.fromisoformat(of)
            return desk.reminder(self.guest, day, self._reminded(day))
        held = self._held(of)
        due = (one for one in self.plan.news if (one.kind, one.facts.code) == (kind, of))
        news = next(due, None) or self._news(kind, of, held)
        known = held.known if held else None
        return desk.letter(news, self.guest, held.uid if held else str(uuid4()), known)

    def _news(self, kind: Kind, code: str, held: Invitation | None) -> News:
        item, facts = next(one for one in self.agenda if one[0].code == code)
        before = held.sequence if held else item.sequence
        sequence = before + 1 if kind is Kind.CANCEL else before
        return News(kind, self.guest.id, item.id, sequence, facts, is_off=True)

    def _held(self, code: str) -> Invitation | None:
        return next((one for one in self.plan.held.values() if one.told.code == code), None)

    def _reminded(self, day: date) -> list[remembering.Told]:
        theirs = (item for item, _ in self.agenda)
        coming = remembering.sessions_on(self.event, theirs, day, self.at)
        ways = {item.id: facts.attendance for item, facts in self.agenda}
        return remembering.told_to(self.guest, coming, ways, (), self.choices)

    def _offer(self, kind: Kind, *, is_due: bool) -> Offer:
        return Offer(kind, "", "", is_due)


async def read_recipient(
    tx: AsyncConnection, event: Event, participant_id: int, *, at: datetime
) -> Recipient:
    """Return somebody with all that messages to them say, or raise NotFound."""
    everybody = await store.list_guests(tx, event.id)
    guest = everybody.get(participant_id)
    if guest is None:
        raise NotFound(say("There is no such participant."))
    whole = await programmes.last_programme(tx, event.id)
    programme = whole.only_for(guest.id) if whole else None
    choices = await choice_store.get_choices(tx, event.id)
    known = (await store.welcomed(tx, event.id)).get(guest.id)
    due = [guest] if guest.address and known != (guest.address, guest.generation) else []
    plan = await planning.make(tx, event, programme, {guest.id: guest}, due)
    held = {key: one for key, one in plan.held.items() if key[0] == guest.id}
    plan = replace(plan, held=held)
    if programme is None:
        return Recipient(event, guest, choices, plan, [], [], at)
    agenda = await _agenda(tx, event, programme, guest)
    days = await in_words.read_days(tx, event, programme, choices)
    return Recipient(event, guest, choices, plan, agenda, days.get(guest.id, []), at)


async def _agenda(
    tx: AsyncConnection, event: Event, programme: Programme, guest: Guest
) -> list[tuple[Item, Facts]]:
    ways = await programmes.list_attendance(tx, programme, programme.items.keys())
    insteads = await read_insteads(tx, event.id)
    return [
        (item, rules.facts(item, guest, ways[guest.id][id], insteads))
        for id, item in programme.items.items()
        if not item.is_cancelled and id in ways.get(guest.id, {})
    ]


async def read_draft(tx: AsyncConnection, event: Event, mail: Mail, guest: Guest) -> Draft:
    """Return a message with what is read only when it is written, but for the ticket."""
    code = mail.payload.get("facts", {}).get("code", "")
    query = sa.select(rsvps.c.status).where(
        rsvps.c.participant_id == guest.id, rsvps.c.session_code == code
    )
    answer = (await tx.execute(query)).scalar()
    return Draft(mail, event, guest.generation, answer or str(Rsvp.NEEDS_ACTION))


def _mail(row: dict[str, Any]) -> Mail:
    return Mail(id=0, attempts=0, sent_at=None, last_error="", **row)
