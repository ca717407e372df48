"""Which of the mails that are due go next: earliest first, each in its turn, no domain more than its share."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eventhub.db.plain import Conversation, Row, Statement, among
from eventhub.invites.model import RECORDS

from . import pace
from .pace import Limits, Taken

# Who wants no other mail gets what they need to hold all the same.
_DUE = """
SELECT m.id, m.domain, m.kind NOT IN {records} AND EXISTS (
    SELECT 1 FROM mail_optouts AS o WHERE o.participant_id = m.participant_id
) FROM mails AS m
WHERE m.state = 'queued' AND m.due_at <= :at AND (m.claimed_until IS NULL OR m.claimed_until < :at)
AND m.event_id NOT IN (SELECT event_id FROM mail_pauses)
AND NOT EXISTS (
    SELECT 1 FROM mails AS e WHERE e.participant_id = m.participant_id AND e.session_id = m.session_id
    AND e.state IN ('queued', 'sending') AND e.id < m.id
)
"""


@dataclass(slots=True)
class Choice:
    """Picks from what is due, `most` at the most, so that no domain gets more than its share."""

    limits: Limits
    taken: dict[str, Taken]
    most: int
    ids: list[int] = field(default_factory=list)
    unwanted: list[int] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    _of_domain: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # What has had its share is left out and asked for no more, so that it hides nobody behind it.
        self.full = [
            name for name, one in self.taken.items() if pace.room(self.limits.of(name), one, 1) == 0
        ]

    @property
    def left(self) -> int:
        """How many more may be chosen."""
        return self.most - len(self.ids)

    def add(self, rows: Collection[Row]) -> bool:
        """Choose from rows; whether others may be found in place of some that were left out."""
        passed = len(self.full) + len(self.unwanted)
        for id, domain, is_unwanted in rows:
            share = pace.room(self.limits.of(domain), self.taken.get(domain, Taken()), self.most)
            if is_unwanted:
                self.unwanted.append(id)
            elif self._of_domain[domain] < share:
                self._of_domain[domain] += 1
                self.ids.append(id)
            elif domain not in self.full:
                self.full.append(domain)
        return len(self.full) + len(self.unwanted) > passed


def choose(choice: Choice, at: datetime) -> Conversation[None]:
    """Choose from what is due, earliest first, what waits for nothing."""
    more = choice.left > 0
    while more and choice.left > 0:
        records, values = among("record", [str(kind) for kind in RECORDS])
        text = _DUE.format(records=records)
        values |= {"at": at, "limit": choice.left}
        for column, name, without in (
            ("id", "seen", [*choice.ids, *choice.unwanted]),
            ("domain", "full", choice.full),
        ):
            if without:
                inside, more_values = among(name, without)
                text += f"AND m.{column} NOT IN {inside}\n"
                values |= more_values
        text += "ORDER BY m.due_at, m.id LIMIT :limit"
        rows = yield Statement(text, values, takes_free=True)
        more = choice.add(rows)


def set_aside(unwanted: Sequence[int]) -> Conversation[None]:
    """Take out what its reader asked not to get."""
    if unwanted:
        inside, values = among("id", unwanted)
        yield Statement(
            f"UPDATE mails SET state = 'superseded' WHERE id IN {inside}",  # noqa: S608 -- names of ours
            values,
        )
