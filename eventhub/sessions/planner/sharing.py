"""What sessions share and cannot use at the same time: people, offices, encoders, and the way between two of them.

The same rules as `sessions.together` and `sessions.stretched`, said of sessions that have no time yet. Where a room is
still to be chosen, the longest way counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from eventhub.events.model import Event
from eventhub.sessions.claims import Claim, Where, claim
from eventhub.sessions.model import Session, Severity, Surroundings
from eventhub.sessions.together import minutes_between

from .model import Apart, Need, Shared, minutes_of

HARD = frozenset({Severity.BLOCK, Severity.BLOCK_RELEASE})
Key = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Free:
    """A session to be placed, at no matter what time in its first room; `rooms` are all it may take."""

    session: Session
    rooms: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Finds what is shared. `fixed` are the sessions that stay."""

    free: Sequence[Free]
    fixed: Sequence[Session]
    event: Event
    around: Surroundings

    def found(self) -> tuple[tuple[Shared, ...], tuple[Apart, ...]]:
        """Return what binds the free sessions to each other, and who has to get from one to another."""
        own = [claim(each.session, self.event, self.around) for each in self.free]
        theirs = [claim(each, self.event, self.around) for each in self.fixed]
        shared = [*self._one_at_a_time(own, theirs), *self._stretched(own, theirs)]
        return _without_repetition(shared), tuple(self._apart(own))

    def _one_at_a_time(self, own: Sequence[Claim], theirs: Sequence[Claim]) -> Iterator[Shared]:
        users: dict[Key, list[int]] = defaultdict(list)
        for index, each in enumerate(own):
            for key in self._keys(each):
                users[key].append(index)
        taken: dict[Key, list[Need]] = defaultdict(list)
        for each in theirs:
            for key in self._keys(each):
                if key in users:
                    taken[key].append(_need(each.session, 1))
        for key, items in users.items():
            severity = self.around.severities[key[0]]
            is_hard = severity in HARD
            if severity is not Severity.IGNORE and (len(items) > 1 or (taken[key] and not is_hard)):
                ones = (1,) * len(items)
                name = self._name(key)
                yield Shared(key[0], name, tuple(items), ones, 1, is_hard, tuple(taken[key]))

    def _keys(self, each: Claim) -> Iterator[Key]:
        speakers = set(each.session.speakers)
        yield from (("participant", person) for person in each.people)
        yield from (("speaker", person) for person in each.people if person in speakers)
        yield from (("office", office) for office in each.offices)
        if each.encoder is not None:
            yield "encoder", each.encoder

    def _name(self, key: Key) -> str:
        kind, what = key
        if kind == "encoder":
            return what.name  # type: ignore[attr-defined,no-any-return]  # an Encoder
        known = self.around.offices if kind == "office" else self.around.people
        return known[what].name  # type: ignore[index]  # ids of this kind

    def _stretched(self, own: Sequence[Claim], theirs: Sequence[Claim]) -> Iterator[Shared]:
        """Tell which offices could be needed by more sessions at once than they have people for."""
        severity = self.around.severities["delegation_overstretched"]
        if severity is Severity.IGNORE:
            return
        one_session = self.around.severities["office"] in HARD
        needs, called = self._needs(own), {office for each in own for office in each.offices}
        fixed = self._needs(theirs)
        called |= {office for each in theirs for office in each.offices}
        for office in sorted(needs.keys() & called):
            mine, rest = needs[office], fixed.get(office, {})
            whole = all(office in own[index].offices for index in mine)
            people = max(1, self.around.offices[office].participants)
            if (one_session and whole) or self._enough(office, people, [*own, *theirs]):
                continue
            yield Shared(
                "delegation_overstretched", self.around.offices[office].name, tuple(mine),
                tuple(mine.values()), people, severity in HARD,
                tuple(_need(theirs[index].session, need) for index, need in rest.items()),
            )  # fmt: skip

    def _enough(self, office: int, people: int, claims: Sequence[Claim]) -> bool:
        """Whether there are people for every session that calls an office, besides all that any session names."""
        named: set[int] = set()
        callers = 0
        for each in claims:
            mine = {
                person for person in each.people if self.around.people[person].office_id == office
            }
            named |= mine
            callers += office in each.offices and not mine
        alone = self.around.severities["participant"] in HARD
        return alone and len(named) + callers <= people

    def _needs(self, claims: Sequence[Claim]) -> dict[int, dict[int, int]]:
        """Return how many people of an office each session needs: those it names, or one."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for index, each in enumerate(claims):
            for office in each.offices:
                found[office][index] = 0
            for person in each.people:
                office = self.around.people[person].office_id
                found[office][index] = found[office].get(index, 0) + 1
        return {
            office: {index: max(1, n) for index, n in needs.items()}
            for office, needs in found.items()
        }

    def _apart(self, own: Sequence[Claim]) -> Iterator[Apart]:
        severity = self.around.severities["travel"]
        if severity is Severity.IGNORE or not self.event.scheduling.travel_minutes.longest:
            return
        found: dict[tuple[int, int], Apart] = {}
        for attending, names in self._travellers(own):
            for one, other in combinations(attending, 2):
                minutes = self._way(
                    attending[one], self.free[one], attending[other], self.free[other]
                )
                known = found.get((one, other))
                if minutes and (known is None or known.minutes < minutes):
                    found[one, other] = Apart(one, other, minutes, severity in HARD, names)
        yield from found.values()

    def _travellers(self, own: Sequence[Claim]) -> Iterator[tuple[Mapping[int, Where], str]]:
        """Return where each person and office is in the sessions that need them, by number, and their name."""
        people: dict[int, dict[int, Where]] = defaultdict(dict)
        offices: dict[int, dict[int, Where]] = defaultdict(dict)
        for index, each in enumerate(own):
            for id, where in each.people.items():
                people[id][index] = where
            for id, where in each.offices.items():
                offices[id][index] = where
        for id, attending in people.items():
            yield attending, self.around.people[id].name
        for id, attending in offices.items():
            yield attending, self.around.offices[id].name

    def _way(self, here: Where, one: Free, there: Where, other: Free) -> int:
        starts = one.rooms if here is not None else (None,)
        ends = other.rooms if there is not None else (None,)
        if len(starts) == len(ends) == 1:
            return minutes_between(starts[0], ends[0], self.event, self.around)
        return max(minutes_between(a, b, self.event, self.around) for a in starts for b in ends)


def _need(session: Session, people: int) -> Need:
    return Need(minutes_of(session.starts_at), minutes_of(session.ends_at), people)


def _without_repetition(found: Iterable[Shared]) -> tuple[Shared, ...]:
    """Leave out what binds the same sessions in the same way: the officials of a desk, who are always together."""
    known: dict[Shared, Shared] = {}
    for each in found:
        # The places left to a session are free of what stays.
        taken = () if each.hard and each.at_once == 1 else each.taken
        known.setdefault(replace(each, kind="", name="", taken=taken), replace(each, taken=taken))
    return tuple(known.values())
