"""Decides what a list of people changes: who is new, who is changed, which rows are faulty. Pure.

Importing the same list twice changes nothing the second time, and the order of its columns does not matter.
A cell that says nothing leaves what is known.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from eventhub.wording import Text, say

from .columns import RowFault, Wish, folded
from .model import Details, Participant
from .offices import Ambiguous, Found, Office, Offices


@dataclass(frozen=True, slots=True)
class Known:
    """What the event holds already; `languages` are those it speaks, the first its own.

    `substitutes` are the ids of who comes in somebody's place, and takes no place of the quota.
    """

    offices: Sequence[Office]
    people: Sequence[Participant]
    languages: Sequence[str]
    substitutes: Collection[int] = ()


@dataclass(slots=True)
class Plan:
    """What to write, parents before their children, and what is faulty."""

    new_offices: list[Office] = field(default_factory=list)
    adopted: list[Office] = field(default_factory=list)
    created: list[Details] = field(default_factory=list)
    changed: list[tuple[Participant, Details]] = field(default_factory=list)
    unchanged: int = 0
    faulty: list[RowFault] = field(default_factory=list)


class _Fault(Exception):
    """The row cannot be taken."""

    def __init__(self, field: str, reason: Text) -> None:
        super().__init__(str(reason))
        self.field = field
        self.reason = reason


def plan_import(wishes: Sequence[Wish], faulty: Sequence[RowFault], known: Known) -> Plan:
    """Return what the wishes change, with the faults found before them; faults in the order of rows."""
    return _Planner(known, list(faulty)).plan(wishes)


class _Full(_Fault):
    """The delegation has named all it may; a later row may make room."""


class _Planner:
    """Goes through the rows once; what an e-mail address claims is settled before names are looked at."""

    def __init__(self, known: Known, faulty: list[RowFault]) -> None:
        self._known = known
        self._offices = Offices(known.offices)
        self._plan = Plan(faulty=faulty)
        self._members = Counter(
            person.delegation for person in known.people if person.id not in known.substitutes
        )
        self._by_email: dict[str, list[Participant]] = {}
        self._by_name: dict[tuple[str, str], list[Participant]] = {}
        for person in known.people:
            if person.email:
                self._by_email.setdefault(person.email.casefold(), []).append(person)
            self._by_name.setdefault((person.delegation, folded(person.name)), []).append(person)
        self._placed: dict[int, Office] = {}
        self._meant: dict[int, Participant | None] = {}
        self._claimed: set[int] = set()

    def plan(self, wishes: Sequence[Wish]) -> Plan:
        waiting = self._tell_apart(self._place(self._claim_by_email(wishes)))
        while waiting:
            full = []
            for wish in waiting:
                try:
                    self._take(wish)
                except _Full as fault:
                    full.append((wish, fault))
                except _Fault as fault:
                    self._refuse(wish, fault)
            if len(full) == len(waiting):
                for wish, beyond in full:
                    self._refuse(wish, beyond)
                break
            waiting = [wish for wish, _ in full]
        self._plan.faulty.sort(key=lambda fault: fault.row)
        return self._plan

    def _refuse(self, wish: Wish, fault: _Fault) -> None:
        self._plan.faulty.append(RowFault(wish.row, fault.field, fault.reason))

    def _claim_by_email(self, wishes: Sequence[Wish]) -> list[Wish]:
        """Settle whom each e-mail address means, and return the rows that are not faulty."""
        rows: dict[str, int] = {}
        good = []
        for wish in wishes:
            try:
                self._meant[wish.row] = self._claim(wish, rows)
            except _Fault as fault:
                self._refuse(wish, fault)
            else:
                good.append(wish)
        return good

    def _place(self, wishes: list[Wish]) -> list[Wish]:
        """Settle each row's office; rows that name a province first, so that what others mean is known."""
        for wish in sorted(wishes, key=lambda wish: not wish.province):
            try:
                found = self._office(wish)
            except _Fault as fault:
                self._refuse(wish, fault)
                continue
            self._offices.keep(found)
            self._plan.new_offices.extend(found.new)
            self._plan.adopted.extend(found.adopted)
            self._placed[wish.row] = found.office
        return [wish for wish in wishes if wish.row in self._placed]

    def _claim(self, wish: Wish, rows: dict[str, int]) -> Participant | None:
        if wish.language and wish.language not in self._known.languages:
            raise _Fault("language", say("The event does not speak “{text}”.", text=wish.language))
        if not wish.email:
            return None
        email = wish.email.casefold()
        if email in rows:
            raise _Fault("email", say("Row {row} has the same e-mail address.", row=rows[email]))
        rows[email] = wish.row
        people = self._by_email.get(email, [])
        if len(people) > 1:
            people = [person for person in people if folded(person.name) == folded(wish.name)]
            if len(people) != 1:
                raise _Fault("email", say("Several participants have this e-mail address."))
        if people:
            self._claimed.add(people[0].id)
            return people[0]
        return None

    def _tell_apart(self, wishes: list[Wish]) -> list[Wish]:
        """Refuse rows of one name and delegation that no e-mail address tells apart."""
        first: dict[tuple[str, str], Wish] = {}
        for wish in sorted(wishes, key=lambda wish: not wish.email):
            first.setdefault(self._key(wish), wish)
        good = []
        for wish in wishes:
            other = first[self._key(wish)]
            if wish.email or other is wish:
                good.append(wish)
            else:
                self._refuse(
                    wish,
                    _Fault("name", say("Row {row} is about the same person.", row=other.row)),
                )
        return good

    def _key(self, wish: Wish) -> tuple[str, str]:
        return self._placed[wish.row].code, folded(wish.name)

    def _office(self, wish: Wish) -> Found:
        if not wish.delegation:
            person = self._meant[wish.row]
            if person is None:
                raise _Fault("delegation", say("Write the person's delegation."))
            return Found(self._offices.get(person.delegation))
        try:
            return self._offices.find(wish.delegation, wish.province, wish.attendance)
        except Ambiguous as error:
            raise _Fault("delegation", error.text) from error

    def _take(self, wish: Wish) -> None:
        office = self._placed[wish.row]
        person = self._meant[wish.row]
        if person is None:
            person = self._meant[wish.row] = self._named(wish, office.code)
        self._refuse_beyond_quota(office, person)
        self._write(wish, office, person)

    def _named(self, wish: Wish, code: str) -> Participant | None:
        """Return whom name and delegation mean, among those no other row means."""
        called = self._by_name.get((code, folded(wish.name)), [])
        free = [person for person in called if person.id not in self._claimed]
        if wish.email:
            bare = [person for person in free if not person.email]
            free = bare if len(bare) == 1 else free
        elif len(free) > 1:
            raise _Fault(
                "email",
                say("Several participants of this delegation have this name. Add the e-mail."),
            )
        if len(free) != 1:
            return None
        self._claimed.add(free[0].id)
        return free[0]

    def _refuse_beyond_quota(self, office: Office, person: Participant | None) -> None:
        if person and person.delegation == office.code:
            return
        if office.quota is not None and self._members[office.code] >= office.quota:
            raise _Full(
                "delegation",
                say(
                    "{name} may name {quota} participants and has named them.",
                    name=office.name,
                    quota=office.quota,
                ),
            )

    def _write(self, wish: Wish, office: Office, person: Participant | None) -> None:
        if person is None:
            self._members[office.code] += 1
            self._plan.created.append(self._details(wish, office))
            return
        details = _merged(person.details, wish, office.code)
        if details == person.details:
            self._plan.unchanged += 1
            return
        if person.id not in self._known.substitutes:
            self._members[person.delegation] -= 1
            self._members[details.delegation] += 1
        self._plan.changed.append((person, details))

    def _details(self, wish: Wish, office: Office) -> Details:
        return Details(
            name=wish.name,
            position=wish.position,
            delegation=office.code,
            email=wish.email,
            phone=wish.phone,
            language=wish.language or self._known.languages[0],
            attendance=wish.attendance or office.attendance,
            in_place_of=wish.in_place_of or None,
        )


def _merged(before: Details, wish: Wish, delegation: str) -> Details:
    return replace(
        before,
        name=wish.name,
        position=wish.position or before.position,
        delegation=delegation,
        email=_email(before.email, wish.email),
        phone=wish.phone or before.phone,
        language=wish.language or before.language,
        attendance=wish.attendance or before.attendance,
        in_place_of=wish.in_place_of or before.in_place_of,
    )


def _email(before: str, wish: str) -> str:
    return wish if wish and wish.casefold() != before.casefold() else before
