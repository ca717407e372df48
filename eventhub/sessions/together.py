"""What two sessions both want: a room, an encoder, people, offices; and who cannot get from one to the other. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial

from eventhub.events.model import Event
from eventhub.wording import Text, say

from .claims import Claim, Where
from .model import ProgrammeConflict, Session, Subject, Surroundings
from .telling import told, told_of_each

Found = Iterator[ProgrammeConflict]
MINUTE = timedelta(minutes=1)


def margin(event: Event) -> timedelta:
    """Return how far apart two sessions may be and still stand in each other's way."""
    return event.scheduling.travel_minutes.longest * MINUTE


def between(one: Claim, other: Claim, event: Event, around: Surroundings) -> Found:
    """Return what stands between two sessions; explained as what stands in the way of the first."""
    if one.session.overlaps(other.session):
        yield from _room(one, other, around)
        yield from _encoder(one, other, around)
        yield from _people(one, other, around)
        yield from _offices(one, other, around)
    else:
        yield from _travel(one, other, event, around)


def _room(one: Claim, other: Claim, around: Surroundings) -> Found:
    if one.room_id is None or one.room_id != other.room_id:
        return
    room = around.rooms[one.room_id]
    if not room.parallel:
        both = (one.session, other.session)
        subject = Subject("room", room.code, room.name)
        yield told("room", around, both, subject, _taken(room.name, other.session))


def _encoder(one: Claim, other: Claim, around: Surroundings) -> Found:
    if one.encoder is not None and one.encoder == other.encoder:
        both = (one.session, other.session)
        text = say(
            "The encoder of {encoder} is taken by {session}, {start}.",
            encoder=one.encoder.name, session=other.session.title, start=other.session.starts_at,
        )  # fmt: skip
        yield told("encoder", around, both, Subject("encoder", *one.encoder), text)


def _people(one: Claim, other: Claim, around: Surroundings) -> Found:
    both = (one.session, other.session)
    shared = sorted(one.people.keys() & other.people.keys())
    speaking = set(one.session.speakers).intersection(other.session.speakers)
    for kind, wanted in (("speaker", True), ("participant", False)):
        people = [_person(id, around) for id in shared if (id in speaking) is wanted]
        yield from told_of_each(kind, around, both, people, lambda who: _needed(who, other.session))


def _offices(one: Claim, other: Claim, around: Surroundings) -> Found:
    both = (one.session, other.session)
    offices = [_office(id, around) for id in sorted(one.offices.keys() & other.offices.keys())]
    yield from told_of_each(
        "office", around, both, offices, lambda who: _needed(who, other.session)
    )


def _taken(room: str, other: Session) -> Text:
    values = {"what": room, "session": other.title, "start": other.starts_at}
    return say("{what} is taken by {session}, {start}.", **values)


def _needed(who: object, other: Session) -> Text:
    """Say who is needed elsewhere; several names come as a text of their own."""
    values = {"who": who, "session": other.title, "start": other.starts_at}
    if isinstance(who, Text):
        return say("{who} are needed at {session} too, {start}.", **values)
    return say("{who} is needed at {session} too, {start}.", **values)


def _travel(one: Claim, other: Claim, event: Event, around: Surroundings) -> Found:
    first, then = sorted((one, other), key=lambda each: each.session.starts_at)
    gap = then.session.starts_at - first.session.ends_at
    if gap >= margin(event):
        return
    late: dict[int, list[Subject]] = {}
    for minutes, person in _journeys(first.people, then.people, event, around):
        if gap < minutes * MINUTE:
            late.setdefault(minutes, []).append(_person(person, around))
    for minutes, office in _journeys(first.offices, then.offices, event, around):
        if gap < minutes * MINUTE:
            late.setdefault(minutes, []).append(_office(office, around))
    for minutes, subjects in sorted(late.items()):
        explain = partial(_too_close, first.session, then.session, minutes)
        yield from told_of_each("travel", around, (one.session, other.session), subjects, explain)


def _journeys(
    first: Mapping[int, Where], then: Mapping[int, Where], event: Event, around: Surroundings
) -> Iterable[tuple[int, int]]:
    """Return how many minutes each of those in both needs, and who, by id."""
    for id in sorted(first.keys() & then.keys()):
        yield minutes_between(first[id], then[id], event, around), id


def minutes_between(here: Where, there: Where, event: Event, around: Surroundings) -> int:
    """Return how long the way takes. Rooms whose building is not told are taken to be in the same."""
    minutes = event.scheduling.travel_minutes
    if here == there:
        return 0
    if here is None or there is None:
        return minutes.online
    one, other = around.rooms[here].building, around.rooms[there].building
    return minutes.buildings if one and other and one != other else minutes.rooms


def _too_close(first: Session, then: Session, minutes: int, who: object) -> Text:
    return say(
        "Between {first} and {then} there are {gap} minutes, and {who} would need {minutes}.",
        who=who,
        gap=(then.starts_at - first.ends_at) // MINUTE,
        first=first.title,
        then=then.title,
        minutes=minutes,
    )


def _person(id: int, around: Surroundings) -> Subject:
    return Subject("participant", str(id), around.people[id].name)


def _office(id: int, around: Surroundings) -> Subject:
    office = around.offices[id]
    return Subject("delegation", office.code, office.name)
