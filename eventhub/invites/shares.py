"""Who gets what of all that is to be told: by delegation and person. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .model import Guest, Kind


@dataclass(frozen=True, slots=True)
class Part:
    """How many mails of which kind one person gets."""

    guest: Guest
    kinds: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Share:
    """The same of a delegation, by its code and name, with its people by name."""

    code: str
    office: str
    people: Sequence[Part]

    @property
    def kinds(self) -> dict[Kind, int]:
        """Return how many mails of which kind it gets, those it gets none of left out."""
        return _sum(one.kinds for one in self.people)

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


def share(guests: Mapping[int, Guest], told: Iterable[tuple[int, Kind]]) -> list[Share]:
    """Return who gets what, by the names of delegations; `told` is a participant and a kind for each mail."""
    of_each: dict[int, Counter[Kind]] = {}
    for id, kind in told:
        of_each.setdefault(id, Counter())[kind] += 1
    offices: dict[str, list[Part]] = {}
    for id, kinds in of_each.items():
        offices.setdefault(guests[id].delegation, []).append(Part(guests[id], _ordered(kinds)))
    found = [
        Share(code, people[0].guest.office, sorted(people, key=lambda one: one.guest.name))
        for code, people in offices.items()
    ]
    return sorted(found, key=lambda one: (one.office, one.code))


def matching(shares: Sequence[Share], words: str) -> Iterator[Share]:
    """Yield the delegations whose name, or that of somebody of theirs, holds every word."""
    needles = words.casefold().split()
    for one in shares:
        names = " ".join([one.office, *(part.guest.name for part in one.people)]).casefold()
        if all(needle in names for needle in needles):
            yield one


def _sum(parts: Iterable[Mapping[Kind, int]]) -> dict[Kind, int]:
    total: Counter[Kind] = Counter()
    for kinds in parts:
        total.update(kinds)
    return _ordered(total)


def _ordered(kinds: Mapping[Kind, int]) -> dict[Kind, int]:
    return {kind: kinds[kind] for kind in Kind if kinds.get(kind)}
