"""What changed in somebody's agenda between two releases, of what they get no invitations to. Pure.

Whoever only watches a stream of a desk has no invitation to it that could be updated; one notice tells them.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from eventhub.events.model import Attendance

from .choices import USUAL, Choices, Told
from .model import Item


class Difference(StrEnum):
    """What became of a session in somebody's agenda; `off`: it takes place without them."""

    NEW = "new"
    MOVED = "moved"
    TEXT = "text"
    CANCELLED = "cancelled"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Turn:
    """One difference in somebody's agenda between two releases; `before` None where it is new."""

    difference: Difference
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    before_title: str = ""
    before_starts_at: datetime | None = None
    before_ends_at: datetime | None = None

    def stored(self) -> dict[str, Any]:
        """Return the form kept as JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        moments = {n: v.isoformat() for n, v in values.items() if isinstance(v, datetime)}
        return values | moments | {"difference": str(self.difference)}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Turn":
        """Return what `stored` wrote."""
        moments = {
            name: datetime.fromisoformat(value)
            for name, value in stored.items()
            if name.endswith("_at") and value
        }
        return cls(**{**stored, **moments, "difference": Difference(stored["difference"])})


@dataclass(frozen=True, slots=True)
class Notice:
    """What changed for somebody since release `known`, in the order of the programme; nothing: only noted as known."""

    participant_id: int
    known: int
    turns: tuple[Turn, ...]


def turns(
    before: Mapping[int, Item],
    after: Mapping[int, Item],
    was: Mapping[int, Attendance],
    now: Mapping[int, Attendance],
    *,
    choices: Choices = USUAL,
    by_mail: Container[int] = (),
) -> tuple[Turn, ...]:
    """Return what changed in one person's agenda, by start, of what they get no invitations to.

    `before` and `after` are two programmes by session, `was` and `now` how the person attends which of them;
    `by_mail` the sessions to which they hold an invitation.
    """
    found: list[Turn] = []
    for id in was.keys() | now.keys():
        old, new = _shown(before, was, id), _shown(after, now, id)
        if id in by_mail or not (
            _in_words(old, was.get(id), choices) or _in_words(new, now.get(id), choices)
        ):
            continue
        if _by_mail(old, was.get(id), choices) or _by_mail(new, now.get(id), choices):
            continue
        found += _turn(old, new, after.get(id))
    return tuple(sorted(found, key=lambda turn: (turn.starts_at, turn.title)))


def _shown(items: Mapping[int, Item], seats: Mapping[int, Attendance], id: int) -> Item | None:
    item = items.get(id) if id in seats else None
    return None if item is None or item.is_cancelled else item


def _by_mail(item: Item | None, attendance: Attendance | None, choices: Choices) -> bool:
    return bool(item and attendance and choices.of(item.kind, attendance) is Told.REQUEST)


def _in_words(item: Item | None, attendance: Attendance | None, choices: Choices) -> bool:
    return bool(item and attendance and choices.of(item.kind, attendance) is Told.DIGEST)


def _turn(old: Item | None, new: Item | None, left: Item | None) -> Iterator[Turn]:
    if new is None:
        assert old is not None
        off = left is not None and not left.is_cancelled
        difference = Difference.OFF if off else Difference.CANCELLED
        yield Turn(difference, old.title, old.starts_at, old.ends_at, old.time_zone)
        return
    turn = Turn(Difference.NEW, new.title, new.starts_at, new.ends_at, new.time_zone)
    if old is None:
        yield turn
        return
    turn = replace(
        turn,
        before_title=old.title,
        before_starts_at=old.starts_at,
        before_ends_at=old.ends_at,
    )
    if (old.starts_at, old.ends_at) != (new.starts_at, new.ends_at):
        yield replace(turn, difference=Difference.MOVED)
    if (old.title, old.abstract) != (new.title, new.abstract):
        yield replace(turn, difference=Difference.TEXT)
