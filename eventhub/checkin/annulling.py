"""Taking a scan back: by whoever scanned it, soon after. It stays in the list, and counts for nothing.

Plain SQL (see `plain`), because the device that scans so fast also takes back so fast.
"""

from datetime import datetime, timedelta

from eventhub.accounts import audit
from eventhub.db.plain import Conversation, Row, Statement, Turn, day, maybe_moment, moment
from eventhub.errors import Conflict, Forbidden, NotFound
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import entries, ledger
from .facts import standing
from .recording import write_visits
from .surroundings import Surroundings

WITHIN = timedelta(minutes=15)


def annul(event: Event, nonce: str, *, who: Principal, at: datetime) -> Conversation[datetime]:
    """Take a scan back; return when that was done, which may be earlier.

    Raises NotFound for an unknown nonce, Forbidden when another device scanned it, Conflict after 15 minutes.
    """
    yield Turn(event.id)
    rows = yield Statement(
        """SELECT nonce, participant_id, day, by_kind, by_id, arrived_at, annulled_at FROM passages
           WHERE event_id = :event AND nonce = :nonce""",
        {"event": event.id, "nonce": nonce.lower()},
    )
    if not rows:
        raise NotFound(say("There is no such scan."))
    row = rows[0]
    if (row[3], row[4]) != (who.kind, who.id):
        raise Forbidden(say("Only the scanner that made this scan can take it back."))
    done = maybe_moment(row[6])
    if done is not None:
        return done
    if at - moment(row[5]) > WITHIN:
        raise Conflict(say("This scan is older than 15 minutes and stays as it is."))
    yield from _take_back(event, row, at)
    subject = f"participant {row[1]}" if row[1] is not None else "unknown ticket"
    detail = {"nonce": row[0]}
    yield from entries.insert_audit(
        [audit.entry(who, "passage.annulled", subject, event_id=event.id, at=at, detail=detail)]
    )
    return at


def _take_back(event: Event, row: Row, at: datetime) -> Conversation[None]:
    nonce, person, on = row[0], row[1], day(row[2])
    told = (yield from ledger.read_facts([person], [on])) if person is not None else []
    yield Statement(
        "UPDATE passages SET annulled_at = :at WHERE event_id = :event AND nonce = :nonce",
        {"at": at, "event": event.id, "nonce": nonce},
    )
    if person is None:
        return
    around = Surroundings(event)
    around.stored_visits[person, on] = standing(told).all_visits()
    left = [fact for fact in told if fact.nonce != nonce]
    around.visits[person, on] = standing(left).all_visits()
    yield from write_visits(event, around)
