"""Offices needed by more sessions at once than they have people for. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from eventhub.wording import say

from .claims import Claim
from .model import ProgrammeConflict, Subject, Surroundings
from .telling import several, told


def stretched(
    office_id: int, claims: Iterable[Claim], around: Surroundings
) -> Iterator[ProgrammeConflict]:
    """Return the times at which sessions need more of an office's people than there are.

    Each is told once, for the most sessions that run at once: those that call the office, and those that name
    somebody of it, who is then not free for the others.
    """
    needing = [
        each for each in claims if office_id in each.offices or _named(each, office_id, around)
    ]
    office = around.offices[office_id]
    for at_once in _most_at_once(needing):
        needed = _needed(office_id, at_once, around)
        is_called = any(office_id in each.offices for each in at_once)
        if is_called and len(at_once) > 1 and needed > office.participants:
            text = say(
                "{office} needs {needed} people at once, for {sessions}, and has {n}.",
                office=office.name, needed=needed,
                sessions=several([each.session.title for each in at_once]), n=office.participants,
            )  # fmt: skip
            yield told(
                "delegation_overstretched", around, [each.session for each in at_once],
                Subject("delegation", office.code, office.name), text,
            )  # fmt: skip


def _named(claim: Claim, office_id: int, around: Surroundings) -> set[int]:
    return {person for person in claim.people if around.people[person].office_id == office_id}


def _needed(office_id: int, at_once: Sequence[Claim], around: Surroundings) -> int:
    """Return how many people are needed: those named, and one for each session that names none."""
    named = [_named(each, office_id, around) for each in at_once]
    return sum(not people for people in named) + len(set().union(*named))


def _most_at_once(needing: Sequence[Claim]) -> Iterator[list[Claim]]:
    """Return the groups of sessions that run at once and to which no other can be added."""
    ordered = sorted(needing, key=lambda each: (each.session.starts_at, each.session.code))
    running: list[Claim] = []
    for each, following in zip(ordered, [*ordered[1:], None], strict=True):
        start = each.session.starts_at
        running = [other for other in running if other.session.ends_at > start] + [each]
        goes_on = following is not None and all(
            other.session.ends_at > following.session.starts_at for other in running
        )
        if not goes_on:
            yield running
