"""How many are inside a place, at whatever moment one asks."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from eventhub.db.plain import Conversation, Statement, moment

Move = tuple[datetime, int]
# Sorts behind every move of the same moment.
_LAST = 2


@dataclass(slots=True)
class Crowd:
    """Who was inside at first, and who came (+1) and went (-1) since.

    It is asked with moments that go forward, or back a little: each asking goes on from the last.
    """

    inside: int
    moves: list[Move] = field(default_factory=list)
    _followed: int = 0

    @classmethod
    def of(cls, inside: int, moves: Iterable[Move]) -> "Crowd":
        """Return a crowd with its moves in any order."""
        return cls(inside, sorted(moves))

    def at(self, moment: datetime) -> int:
        """Return how many are inside at a moment."""
        moves = self.moves
        while self._followed < len(moves) and moves[self._followed][0] <= moment:
            self.inside += moves[self._followed][1]
            self._followed += 1
        while self._followed and moves[self._followed - 1][0] > moment:
            self._followed -= 1
            self.inside -= moves[self._followed][1]
        return self.inside

    def most(self, moment: datetime, until: datetime) -> int:
        """Return how many are inside at a moment or soon after it, whichever is more."""
        inside = self.at(moment)
        upto = bisect_right(self.moves, (until, _LAST), self._followed)
        return inside + max(0, sum(by for _, by in self.moves[self._followed : upto]))

    def change(self, moment: datetime, by: int) -> None:
        """Let somebody come or go at a moment."""
        place = bisect_right(self.moves, (moment, _LAST))
        self.moves.insert(place, (moment, by))
        if place < self._followed:
            self._followed += 1
            self.inside += by


def read_crowd(
    event_id: int, room_id: int | None, on: date, since: datetime, until: datetime
) -> Conversation[Crowd]:
    """Return who is inside a room (None: the event) between two moments of an event day."""
    inside = yield from _count_inside(event_id, room_id, on, since)
    moves = yield from _read_moves(event_id, room_id, on, since, until)
    return Crowd.of(inside, moves)


def _count_inside(event_id: int, room_id: int | None, on: date, at: datetime) -> Conversation[int]:
    """Return how many were inside a room (None: the event) at a moment of an event day.

    It is the number inside in the end, without who came and with who went after that moment.
    """
    here = "room_id IS NULL" if room_id is None else "room_id = :room"
    where = f"event_id = :event AND {here} AND day = :day"
    rows = yield Statement(
        f"""SELECT (SELECT inside FROM crowds WHERE event_id = :event AND place = :place AND day = :day),
                   (SELECT COUNT(*) FROM visits WHERE {where} AND entered_at > :at),
                   (SELECT COUNT(*) FROM visits WHERE {where} AND left_at > :at)""",  # noqa: S608 -- placeholders only
        {"event": event_id, "room": room_id, "place": room_id or 0, "day": on, "at": at},
    )
    inside, came, went = rows[0]
    return int((inside or 0) - came + went)


def _read_moves(
    event_id: int, room_id: int | None, on: date, since: datetime, until: datetime
) -> Conversation[list[tuple[datetime, int]]]:
    """Return who came (+1) and went (-1) after one moment and until another, in no order."""
    here = "room_id IS NULL" if room_id is None else "room_id = :room"
    where = f"event_id = :event AND {here} AND day = :day"
    rows = yield Statement(
        f"""SELECT entered_at, 1 FROM visits WHERE {where} AND entered_at > :since AND entered_at <= :until
            UNION ALL
            SELECT left_at, -1 FROM visits WHERE {where} AND left_at > :since AND left_at <= :until""",  # noqa: S608 -- placeholders only
        {"event": event_id, "room": room_id, "day": on, "since": since, "until": until},
    )
    return [(moment(row[0]), row[1]) for row in rows]
