"""Which sessions a door minds, as plain SQL (see `plain`), with what concerns the people who stand before it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from eventhub.db.plain import Conversation, Row, Statement, among, moment
from eventhub.events.model import Attendance, Event
from eventhub.sessions.model import Audience, SessionState

from .model import Holder
from .rules import DOORS_OPEN, Occasion

# Whether a substitute comes to a session.
INSTEAD = """(x.is_whole OR EXISTS (SELECT 1 FROM stand_ins i
             WHERE i.participant_id = x.participant_id AND i.session_id = a.session_id))"""

Named = tuple[int, int, Attendance]
# By session: who is invited, in the order in which it counts, and who speaks.
Invited = dict[int, tuple[tuple[Audience, ...], frozenset[int]]]


def read_occasions(
    event: Event, rooms: Iterable[int], holders: Sequence[Holder], since: datetime, until: datetime
) -> Conversation[dict[int, list[Occasion]]]:
    """Return the sessions that doors of these rooms mind between two moments, with what concerns these holders.

    Before the first release the draft counts, afterwards what is published.
    """
    names, values = among("room", sorted(rooms))
    states = (
        [SessionState.PUBLISHED]
        if event.state == "published"
        else [SessionState.DRAFT, SessionState.PUBLISHED]
    )
    which, more = among("state", [state.value for state in states])
    rows = yield Statement(
        f"""SELECT s.id, s.room_id, s.starts_at, s.ends_at,
                   EXISTS (SELECT 1 FROM session_audiences a WHERE a.session_id = s.id)
            FROM sessions s
            WHERE s.room_id IN {names} AND s.state IN {which} AND s.starts_at <= :until AND s.ends_at > :since""",  # noqa: S608 -- placeholders only
        {**values, **more, "until": until + DOORS_OPEN, "since": since},
    )
    if not rows:
        return {}
    invited = yield from _read_invited([row[0] for row in rows], holders)
    found: dict[int, list[Occasion]] = {}
    for row in rows:
        audience, speakers = invited.get(row[0], ((), frozenset()))
        occasion = Occasion(
            row[0], row[1], moment(row[2]), moment(row[3]), not row[4], audience, speakers
        )
        found.setdefault(row[1], []).append(occasion)
    return found


def _read_invited(sessions: Sequence[int], holders: Sequence[Holder]) -> Conversation[Invited]:
    which, values = among("session", sessions)
    who, people = among("person", sorted({holder.participant_id for holder in holders}))
    where, offices = among("office", sorted({holder.delegation_id for holder in holders}))
    rows = yield Statement(
        f"""SELECT session_id, delegation_id, participant_id, attendance FROM session_audiences
            WHERE session_id IN {which} AND (participant_id IN {who} OR delegation_id IN {where})
            UNION ALL
            SELECT session_id, NULL, participant_id, NULL FROM session_speakers
            WHERE session_id IN {which} AND participant_id IN {who}
            UNION ALL
            SELECT a.session_id, NULL, x.participant_id, a.attendance
            FROM substitutes x JOIN session_audiences a ON a.participant_id = x.principal_id
            WHERE x.participant_id IN {who} AND a.session_id IN {which} AND {INSTEAD}
            UNION ALL
            SELECT a.session_id, NULL, x.participant_id, NULL
            FROM substitutes x JOIN session_speakers a ON a.participant_id = x.principal_id
            WHERE x.participant_id IN {who} AND a.session_id IN {which} AND {INSTEAD}""",  # noqa: S608 -- placeholders only
        {**values, **people, **offices},
    )
    first, last = yield from _read_places(sessions, holders)
    return _by_session(sessions, first, rows, last)


def _by_session(
    sessions: Sequence[int], first: Iterable[Named], rows: Iterable[Row], last: Iterable[Named]
) -> Invited:
    # The first entry that names somebody counts.
    audiences: dict[int, list[Audience]] = {}
    for session, person, attendance in first:
        audiences.setdefault(session, []).append(Audience(attendance, None, person))
    speakers: dict[int, set[int]] = {}
    for session, office, person, attendance in rows:
        if attendance is None:
            speakers.setdefault(session, set()).add(person)
        else:
            audiences.setdefault(session, []).append(
                Audience(Attendance(attendance), office, person)
            )
    for session, person, attendance in last:
        if person not in speakers.get(session, ()):
            audiences.setdefault(session, []).append(Audience(attendance, None, person))
    return {
        session: (tuple(audiences.get(session, ())), frozenset(speakers.get(session, ())))
        for session in sessions
    }


def _read_places(
    sessions: Sequence[int], holders: Sequence[Holder]
) -> Conversation[tuple[list[Named], list[Named]]]:
    """Return what goes before all else said of these holders, and what goes after what names them.

    Before: a session they delegated is not theirs; else the way they chose counts. After: who comes in somebody's
    place to some sessions is not let in to others because of their office.
    """
    which, values = among("session", sessions)
    who, people = among("person", sorted({holder.participant_id for holder in holders}))
    rows = yield Statement(
        f"""SELECT 0, i.session_id, x.principal_id, NULL
            FROM substitutes x JOIN stand_ins i ON i.participant_id = x.participant_id
            WHERE x.principal_id IN {who} AND i.session_id IN {which}
            UNION ALL
            SELECT 1, session_id, participant_id, attendance FROM switches
            WHERE participant_id IN {who} AND session_id IN {which}
            UNION ALL
            SELECT DISTINCT 2, a.session_id, x.participant_id, NULL
            FROM substitutes x JOIN session_audiences a ON a.session_id IN {which}
            WHERE x.participant_id IN {who} AND NOT {INSTEAD}""",  # noqa: S608 -- placeholders only
        {**values, **people},
    )
    found: tuple[list[Named], list[Named]] = [], []
    for order, session, person, attendance in sorted(rows, key=lambda row: row[0]):
        way = Attendance(attendance or Attendance.STREAM)
        found[order == 2].append((session, person, way))
    return found
