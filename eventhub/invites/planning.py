"""Works out what is to be told to whom: the programme beside what everybody knows."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from . import choice_store, model, programmes, queue, rules, store
from .choices import Choices
from .instead_store import read_insteads
from .model import Guest, Invitation, Kind, Mail, Method, News
from .programmes import Programme
from .shares import Share, share
from .turns import Notice, turns


@dataclass(frozen=True, slots=True)
class Queued:
    """What an invitation run wrote (or would write): mails by kind, what stayed, and whom no address is known of.

    `shares` say who gets what.
    """

    kinds: Mapping[Kind, int]
    unchanged: int
    without_address: int
    shares: Sequence[Share] = ()

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be told: to whom a welcome, to whom which news, to whom a notice.

    `held` and `pending` are what people hold and which notices wait for approval; `release` None before the first;
    `days` by participant what the welcome tells in words, read only to write it.
    """

    welcomes: list[Guest]
    invitations: model.Plan
    notices: list[Notice]
    guests: Mapping[int, Guest]
    held: Mapping[tuple[int, int], Invitation]
    pending: Mapping[int, Mail]
    release: int | None
    days: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def news(self) -> list[News]:
        return self.invitations.news

    @property
    def told(self) -> list[Notice]:
        """Notices that say something which no draft says already."""
        return [one for one in self.notices if one.turns and not self.stands(one)]

    def stands(self, one: Notice) -> bool:
        """Whether a notice that waits for approval says just that."""
        draft = self.pending.get(one.participant_id)
        return draft is not None and draft.payload["turns"] == [t.stored() for t in one.turns]

    @property
    def threads(self) -> set[tuple[int, int | None]]:
        """Participant and session (None for the welcome) of every mail to be written or taken out."""
        welcomes: set[tuple[int, int | None]] = {(guest.id, None) for guest in self.welcomes}
        taken = {(one.participant_id, one.session_id) for one in self.invitations.withdrawn}
        return welcomes | taken | {(one.participant_id, one.session_id) for one in self.news}

    @property
    def outcome(self) -> Queued:
        kinds = dict.fromkeys(Kind, 0) | {Kind.WELCOME: len(self.welcomes)}
        kinds[Kind.NOTICE] = len(self.told)
        for one in self.news:
            kinds[one.kind] += 1
        guests = self.guests.values()
        reachable = sum(bool(guest.address) for guest in guests)
        unchanged = self.invitations.unchanged + reachable - len(self.welcomes)
        told = [(one.participant_id, one.kind) for one in self.news]
        told += [(guest.id, Kind.WELCOME) for guest in self.welcomes]
        told += [(one.participant_id, Kind.NOTICE) for one in self.told]
        return Queued(kinds, unchanged, len(guests) - reachable, share(self.guests, told))

    def among_drafts(self) -> "Plan":
        """Return what concerns mails that wait for approval and no others."""
        waiting = {key for key, one in self.held.items() if one.is_draft}
        news = [one for one in self.news if (one.participant_id, one.session_id) in waiting]
        notices = [one for one in self.notices if one.participant_id in self.pending]
        return replace(self, invitations=replace(self.invitations, news=news), notices=notices)


@dataclass(frozen=True, slots=True)
class Words:
    """What is told in words: as an organizer chose, but for invitations held, by participant."""

    choices: Choices
    by_mail: Mapping[int, Collection[int]]


async def make(
    tx: AsyncConnection,
    event: Event,
    programme: Programme | None,
    guests: Mapping[int, Guest],
    welcomes: list[Guest],
    *,
    choices: Choices | None = None,
    read: Iterable[Programme] = (),
) -> Plan:
    """Return what to tell guests so that they know a programme (None: nothing is published yet).

    `choices` are the event's own unless others are tried; `read` are earlier releases that need not be read again.
    """
    choices = choices or await choice_store.get_choices(tx, event.id)
    held = await store.list_invitations(tx, event.id)
    drafts = await queue.list_drafts(tx, event.id, kind=Kind.NOTICE)
    pending = {mail.participant_id: mail for mail in drafts}
    threads = {(one.participant_id, one.session_id): one for one in held}
    if programme is None:
        invitations = rules.news([], [], guests, held)
        return Plan(welcomes, invitations, [], guests, threads, pending, None)
    seats = await programmes.list_seats(tx, programme, choices, held)
    insteads = await read_insteads(tx, event.id)
    invitations = await asyncio.to_thread(
        partial(rules.news, choices=choices, insteads=insteads),
        programme.items.values(),
        seats,
        guests,
        held,
    )
    known = await store.list_informed(tx, event.id)
    known |= {id: mail.payload["known"] for id, mail in pending.items()}
    welcomed = {guest.id for guest in welcomes}
    told = {
        id: known[id]
        for id, guest in guests.items()
        if guest.address and id in known and id not in welcomed
    }
    by_mail = defaultdict(set)
    for one in held:
        if one.known is not None and one.known.method is Method.REQUEST:
            by_mail[one.participant_id].add(one.session_id)
    words = Words(choices, by_mail)
    notices = await _notices(tx, event.id, programme, told, words, read=read)
    return Plan(welcomes, invitations, notices, guests, threads, pending, programme.number)


async def _notices(
    tx: AsyncConnection,
    event_id: int,
    programme: Programme,
    known: Mapping[int, int],
    words: Words,
    *,
    read: Iterable[Programme],
) -> list[Notice]:
    at_hand = {one.number: one for one in read}
    readers: dict[int, list[int]] = defaultdict(list)
    for participant_id, number in known.items():
        readers[number].append(participant_id)
    found: list[Notice] = []
    for number in sorted(readers.keys() - {programme.number}):
        before = at_hand.get(number) or await programmes.old_programme(tx, event_id, number)
        found += await _since(tx, before, programme, readers[number], words)
    return found


async def _since(
    tx: AsyncConnection, before: Programme, after: Programme, readers: Iterable[int], words: Words
) -> list[Notice]:
    changed = await asyncio.to_thread(_changed, before, after)
    was = await programmes.list_attendance(tx, before, changed)
    now = await programmes.list_attendance(tx, after, changed)
    return [
        Notice(
            id,
            before.number,
            turns(
                before.items,
                after.items,
                was.get(id, {}),
                now.get(id, {}),
                choices=words.choices,
                by_mail=words.by_mail.get(id, ()),
            ),
        )
        for id in readers
    ]


def _changed(before: Programme, after: Programme) -> Collection[int]:
    """Return the sessions that differ in more than their sequence."""
    old = {id: replace(one, sequence=0) for id, one in before.sessions.items()}
    new = {id: replace(one, sequence=0) for id, one in after.sessions.items()}
    return [id for id in old.keys() | new.keys() if old.get(id) != new.get(id)]
