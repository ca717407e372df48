"""What people would read, before it is written: of a release to come, and of drafts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.language import Reader, zone_of
from eventhub.sessions.actions import Upcoming
from eventhub.sessions.concerned import Concerned, Person
from eventhub.wording import render, say

from . import actions, letters, lines, planning, programmes, queue
from .model import Facts, Kind, Mail, News
from .turns import Notice, Turn

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that waits for approval, and what it says in short."""

    id: int
    name: str
    office: str
    address: str
    subject: str
    lines: Sequence[str]


async def whom_it_concerns(
    tx: AsyncConnection, event: Event, ahead: Upcoming, reader: Reader, limit: int
) -> Concerned:
    """Return whom the draft would be told to if it were released now, in the reader's language."""
    programme = programmes.upcoming_programme(event, ahead)
    before = [*ahead.before.values()]
    read = [programmes.released_programme(ahead.last, before)] if ahead.last else []
    guests = await actions.invited(tx, event.id)
    plan = await planning.make(tx, event, programme, guests, [], read=read)
    told: dict[int, list[News | Notice]] = defaultdict(list)
    for news in plan.news:
        told[news.participant_id].append(news)
    for notice in plan.told:
        told[notice.participant_id].append(notice)
    first = [
        _person(event, reader, guests[id].name, guests[id].office, told[id])
        for id in list(told)[:limit]
    ]
    return Concerned(len(told), sum(map(len, told.values())), first)


def _person(
    event: Event, reader: Reader, name: str, office: str, told: Iterable[News | Notice]
) -> Person:
    lines: list[str] = []
    for one in told:
        if isinstance(one, Notice):
            lines += _turns(one.turns, reader)
        else:
            lines.append(letters.subject(one.kind, event, one.facts, reader, one.before))
            if one.before:
                lines += _until_now(one.before, one.facts, reader)
    return Person(name, office, _few(lines, reader))


async def list_drafts(
    tx: AsyncConnection, event: Event, release: int, reader: Reader
) -> list[Draft]:
    """Return the mails of a release that wait for approval."""
    mails = await queue.list_drafts(tx, event.id, release=release)
    return [_draft(mail, reader) for mail in mails]


def _draft(mail: Mail, reader: Reader) -> Draft:
    guest = mail.payload["guest"]
    return Draft(
        id=mail.id,
        name=guest["name"],
        office=guest["office"],
        address=mail.to_address,
        subject=mail.subject,
        lines=_few(_said(mail, reader), reader),
    )


def _said(mail: Mail, reader: Reader) -> list[str]:
    payload: Mapping[str, Any] = mail.payload
    if mail.kind is Kind.NOTICE:
        return _turns([Turn.read(each) for each in payload["turns"]], reader)
    facts = Facts.read(payload["facts"])
    if payload["before"]:
        return _until_now(Facts.read(payload["before"]), facts, reader)
    if mail.kind is Kind.CANCEL:
        off = say("This session does not take place.")
        return [render(off if payload["is_off"] else say("No longer invited."), reader)]
    return [render(lines.WAYS[facts.attendance], reader)]


def _turns(turns: Iterable[Turn], reader: Reader) -> list[str]:
    return [lines.turn_line(turn, {"time_zone": ""}, reader) for turn in turns]


def _until_now(before: Facts, after: Facts, reader: Reader) -> list[str]:
    there = reader.within(zone_of(after.time_zone))
    found = lines.changes(before, after, there)
    if not found:
        return [render(say("The description was revised."), reader)]
    return [
        render(say("{what} until now: {was}", what=label, was=was), reader) for label, was in found
    ]


def _few(lines: Sequence[str], reader: Reader) -> list[str]:
    more = len(lines) - SHOWN
    if more <= 0:
        return list(lines)
    text = reader.ngettext("And %(num)s more change.", "And %(num)s more changes.", more)
    return [*lines[:SHOWN], text % {"num": more}]
