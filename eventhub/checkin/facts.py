"""From facts to visits, occupancy and conflicts. Pure, and the same for every order in which the facts arrived.

Facts are followed in the order of their scans (moment, then nonce). Every event day stands for itself: who has not
been scanned out by the end of a day has left with it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from eventhub.wording import Text, say

from .model import (
    HEALTH,
    ConflictKind,
    Fact,
    PassageConflict,
    Reason,
    Status,
    Visit,
    Way,
)
from .reasons import TITLES

Place = tuple[int | None, date]


@dataclass(slots=True)
class Standing:
    """Where one participant is during one event day, as far as the facts have been followed."""

    inside: dict[int | None, Fact] = field(default_factory=dict)
    turned_away: Fact | None = None
    is_checked: bool = False
    visits: list[Visit] = field(default_factory=list)

    def follow(self, fact: Fact) -> list[tuple[int | None, int]]:
        """Take in one fact, the latest so far; return which places gained (+1) or lost (-1) this participant.

        An entry to one room closes the stay in another; an exit by a gate closes both stays.
        """
        if fact.status != Status.OK:
            self.turned_away = fact if _turns_away(fact) else self.turned_away
            return []
        if fact.way == Way.EXIT:
            left = list(self.inside) if fact.room_id is None else [fact.room_id]
            return [self._leave(place, fact.scanned_at) for place in left if place in self.inside]
        if fact.room_id is None:
            self.is_checked, self.turned_away = True, None
        if fact.room_id in self.inside:
            return []
        moves = []
        if fact.room_id is not None:
            others = [place for place in self.inside if place is not None]
            moves = [self._leave(place, fact.scanned_at) for place in others]
        self.inside[fact.room_id] = fact
        return [*moves, (fact.room_id, 1)]

    def all_visits(self) -> list[Visit]:
        """Return the stays of the day, those still open last."""
        return [*self.visits, *(_visit(place, fact, None) for place, fact in self.inside.items())]

    def _leave(self, place: int | None, at: datetime) -> tuple[int | None, int]:
        self.visits.append(_visit(place, self.inside.pop(place), at))
        return place, -1


def standing(facts: Iterable[Fact]) -> Standing:
    """Return where one participant is after these facts of one day, in any order."""
    result = Standing()
    for fact in sorted(facts, key=lambda fact: fact.order):
        result.follow(fact)
    return result


def enters_next(facts: Iterable[Fact], place: int | None) -> bool:
    """Whether the first of one participant's facts that has to do with a place is an entry to it."""
    for fact in sorted(facts, key=lambda fact: fact.order):
        if fact.status != Status.OK:
            continue
        if fact.way == Way.ENTRY and fact.room_id == place:
            return True
        is_left = (
            fact.room_id in {None, place}
            if fact.way == Way.EXIT
            else None not in {fact.room_id, place}
        )
        if is_left:
            return False
    return False


def visits(facts: Iterable[Fact]) -> list[Visit]:
    """Return every stay that the facts show, by participant, day and moment of entry."""
    days: dict[tuple[int, date], list[Fact]] = {}
    for fact in facts:
        if fact.participant_id is not None:
            days.setdefault((fact.participant_id, fact.day), []).append(fact)
    found = [visit for key in sorted(days) for visit in standing(days[key]).all_visits()]
    return sorted(found, key=lambda v: (v.participant_id, v.entered_at, v.room_id or 0))


def conflicts(
    facts: Iterable[Fact], *, recheck: Literal["daily", "once"] = "daily"
) -> list[PassageConflict]:
    """Return what does not fit together, in the order of the scans; at most one conflict for a passage."""
    standings: dict[tuple[int | None, date], Standing] = {}
    checked: set[int | None] = set()
    inside: Counter[Place] = Counter()
    found = []
    for fact in sorted(facts, key=lambda fact: fact.order):
        person = standings.setdefault((fact.participant_id, fact.day), Standing())
        is_checked = person.is_checked or (recheck == "once" and fact.participant_id in checked)
        count = inside[fact.room_id, fact.day]
        if conflict := clash(fact, person, is_checked=is_checked, count=count):
            found.append(conflict)
        for place, change in person.follow(fact):
            inside[place, fact.day] += change
        if person.is_checked:
            checked.add(fact.participant_id)
    return found


def clash(  # noqa: PLR0911 -- one return a rule, in their order
    fact: Fact, person: Standing, *, is_checked: bool, count: int
) -> PassageConflict | None:
    """Return what an entry contradicts, given where its holder stood and how many were inside before it.

    `is_checked`: a gate need not ask its holder's health any more.
    """
    if fact.participant_id is None:
        # Admitted and nobody's: its participant was taken out of the event since.
        let_in = fact.status != Status.OK and fact.decided == "ok" and fact.way == Way.ENTRY
        return _conflict(ConflictKind.UNKNOWN_TICKET, fact) if let_in else None
    if fact.status != Status.OK or fact.way != Way.ENTRY:
        return None
    if fact.objection == Reason.REVOKED:
        return _conflict(ConflictKind.REVOKED, fact)
    if fact.forced:
        return None
    if fact.objection is not None:
        return _conflict(ConflictKind.REFUSED_ELSEWHERE, fact, reason=fact.objection)
    if earlier := person.inside.get(fact.room_id):
        same = earlier.checkpoint == fact.checkpoint
        return _conflict(
            ConflictKind.ALREADY_IN if same else ConflictKind.TWO_PLACES, fact, earlier
        )
    if fact.limit is not None and count >= fact.limit:
        return _conflict(ConflictKind.OVER_LIMIT, fact)
    return _unhealthy(fact, person, is_checked=is_checked)


def _unhealthy(fact: Fact, person: Standing, *, is_checked: bool) -> PassageConflict | None:
    if fact.room_id is not None or not fact.offline:
        return None
    away = person.turned_away
    if away is not None and away.checkpoint != fact.checkpoint:
        return _conflict(ConflictKind.REFUSED_ELSEWHERE, fact, away)
    asked = fact.health if not is_checked or fact.health == Reason.TEMPERATURE_HIGH else None
    return _conflict(ConflictKind.REFUSED_ELSEWHERE, fact, reason=asked) if asked else None


def _turns_away(fact: Fact) -> bool:
    """Whether a refusal at a gate is about the person, so that another gate should have known of it."""
    about_the_person = fact.reason in HEALTH or (fact.reason is None and fact.offline)
    return fact.room_id is None and fact.status == Status.REFUSED and about_the_person


def _visit(place: int | None, entry: Fact, left_at: datetime | None) -> Visit:
    assert entry.participant_id is not None
    return Visit(entry.participant_id, place, entry.day, entry.scanned_at, left_at)


def _conflict(
    kind: ConflictKind, fact: Fact, earlier: Fact | None = None, reason: Reason | None = None
) -> PassageConflict:
    nonces = (earlier.nonce, fact.nonce) if earlier else (fact.nonce,)
    return PassageConflict(kind, fact.participant_id, nonces, _explain(kind, fact, earlier, reason))


def _explain(kind: ConflictKind, fact: Fact, earlier: Fact | None, reason: Reason | None) -> Text:
    here, at = fact.checkpoint, fact.scanned_at
    match kind:
        case ConflictKind.UNKNOWN_TICKET:
            return say(
                "Let in at {here}, {at}, with a text that is no ticket of this event.",
                here=here,
                at=at,
            )
        case ConflictKind.REVOKED:
            return say("Let in at {here}, {at}, with a revoked ticket.", here=here, at=at)
        case ConflictKind.OVER_LIMIT:
            return say(
                "Let in at {here}, {at}, beyond the limit of {limit}.",
                here=here,
                at=at,
                limit=fact.limit,
            )
        case ConflictKind.ALREADY_IN if earlier:
            return say(
                "Let in at {here}, {at}, though already inside since {since}.",
                here=here,
                at=at,
                since=earlier.scanned_at,
            )
        case _ if earlier:
            return _two_scans(kind, fact, earlier)
    return say(
        "Let in at {here}, {at}, though the rules refuse it: {reason}.",
        here=here,
        at=at,
        # What is wrong with somebody's health is for officers, and this is for all at the gates.
        reason=say("Health protocol") if reason in HEALTH else TITLES[reason or Reason.UNKNOWN],
    )


def _two_scans(kind: ConflictKind, fact: Fact, earlier: Fact) -> Text:
    there, since = earlier.checkpoint, earlier.scanned_at
    here, at = fact.checkpoint, fact.scanned_at
    if kind == ConflictKind.TWO_PLACES:
        return say(
            "Let in at {there}, {since}, and again at {here}, {at}, without leaving.",
            there=there,
            since=since,
            here=here,
            at=at,
        )
    return say(
        "Turned away at {there}, {since}, then let in at {here}, {at}.",
        there=there,
        since=since,
        here=here,
        at=at,
    )
