"""May this ticket pass here now? Pure.

The reasons are tried in this order, and the first one is told:
1. the ticket: `unknown`, `bad_signature`, `wrong_event`, `revoked`;
2. the place and the day: `checkpoint_closed`, `not_today`, `not_onsite`, `not_in_audience`;
3. who is inside: `already_in`, `full`;
4. health (`health.verdict`).
An override without the right to it is `not_allowed`, whatever it would have overridden, except for a ticket that
nobody may let in. What an item itself gets wrong (`malformed`) is found before any of this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from eventhub.events.model import Attendance
from eventhub.sessions.model import Audience

from .model import (
    ASKABLE,
    HEALTH,
    NO_TICKET,
    CheckpointKind,
    Holder,
    Override,
    Reason,
    Scan,
    Status,
    Way,
)

DOORS_OPEN = timedelta(minutes=30)
# Scanners' clocks agree no better than this, and of two scans at once the later one may arrive first. So what
# happened this soon after a scan is taken to have happened already: one ticket passes once, one seat is given once.
SAME_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A session in a room, as a door sees it. `is_open`: nobody was named, so it is for everybody on site.

    `audience` and `speakers` need hold only what concerns the holders asked about.
    """

    session_id: int
    room_id: int
    starts_at: datetime
    ends_at: datetime
    is_open: bool = False
    audience: tuple[Audience, ...] = ()
    speakers: frozenset[int] = frozenset()

    def is_near(self, moment: datetime) -> bool:
        """Whether a door scan at this moment is attendance: from 30 minutes before until the end."""
        return self.starts_at - DOORS_OPEN <= moment < self.ends_at

    def is_for(self, holder: Holder) -> bool:
        """Whether the holder is invited on site, by name, else as a speaker, else through the office."""
        for entry in self.audience:
            if entry.participant_id == holder.participant_id:
                return entry.attendance == Attendance.ONSITE
        if self.is_open or holder.participant_id in self.speakers:
            return True
        office = (e for e in self.audience if e.delegation_id == holder.delegation_id)
        return any(entry.attendance == Attendance.ONSITE for entry in office)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known at the moment of a scan. `health` is the verdict if the gate asks, `hot` holds in any case."""

    event_days: Sequence[date]
    ticket: Reason | None
    holder: Holder | None
    occasions: Sequence[Occasion] = ()
    is_inside: bool = False
    is_full: bool = False
    is_checked: bool = False
    health: Reason | None = None
    hot: Reason | None = None
    override: Override = Override.NONE


@dataclass(frozen=True, slots=True)
class Decision:
    """`against`: what the rules said, also where the scan passes as an override or as a fact."""

    status: Status
    reason: Reason | None
    against: Reason | None
    objection: Reason | None
    forced: bool = False


def decide(scan: Scan, known: Circumstances) -> Decision:  # noqa: PLR0911 -- one return a rule, in their order
    """Decide one scan. An exit of a known ticket always passes; so does what an offline device let in."""
    if known.ticket in NO_TICKET:
        return Decision(Status.REFUSED, known.ticket, known.ticket, known.ticket)
    if scan.offline and scan.decided == "refused":
        objection = _objection(scan, known) if scan.way == Way.ENTRY else None
        told = objection or (known.hot if scan.checkpoint.kind == CheckpointKind.GATE else None)
        return Decision(Status.REFUSED, told, told, objection)
    if scan.way == Way.EXIT:
        return Decision(Status.OK, None, None, None)
    objection = _objection(scan, known)
    if scan.offline:
        # What else was scanned may still arrive, so it must not decide what is stored.
        forced = scan.force and _may_override(known.override, objection)
        return Decision(Status.OK, None, None, objection, forced)
    against = objection or _against(scan, known)
    forced = scan.force and against is not None and _may_override(known.override, against)
    if scan.force and known.ticket is None and not (forced or _is_trusted(known.override, against)):
        return Decision(Status.REFUSED, Reason.NOT_ALLOWED, Reason.NOT_ALLOWED, objection)
    if against is None or forced:
        return Decision(Status.OK, None, against, objection, forced)
    status = Status.INCOMPLETE if against in ASKABLE else Status.REFUSED
    return Decision(status, against, against, objection)


def session_of(scan: Scan, holder: Holder, occasions: Iterable[Occasion]) -> int | None:
    """Return the session that a door scan is attendance at: of those for the holder, the one that started last."""
    near = [o for o in occasions if o.is_near(scan.scanned_at) and o.is_for(holder)]
    begun = [o for o in near if o.starts_at <= scan.scanned_at]
    latest = max(begun, key=lambda o: (o.starts_at, o.session_id), default=None)
    chosen = latest or min(near, key=lambda o: (o.starts_at, o.session_id), default=None)
    return chosen.session_id if chosen else None


def _is_trusted(override: Override, against: Reason | None) -> bool:
    return override != Override.NONE and against is None


def _may_override(override: Override, against: Reason | None) -> bool:
    if against == Reason.REVOKED:
        return False
    is_health = against is None or against in HEALTH
    return override == Override.ALL or (override == Override.HEALTH and is_health)


def _objection(scan: Scan, known: Circumstances) -> Reason | None:
    """Return the refusal that this scan meets whatever else was scanned."""
    if known.ticket is not None:
        return known.ticket
    if scan.offline and scan.force and known.override == Override.NONE:
        return Reason.NOT_ALLOWED
    if not scan.checkpoint.open:
        return Reason.CHECKPOINT_CLOSED
    if scan.day not in known.event_days:
        return Reason.NOT_TODAY
    if known.holder is None or known.holder.attendance != Attendance.ONSITE:
        return Reason.NOT_ONSITE
    return _uninvited(scan, known.holder, known.occasions)


def _uninvited(scan: Scan, holder: Holder, occasions: Sequence[Occasion]) -> Reason | None:
    near = [occasion for occasion in occasions if occasion.is_near(scan.scanned_at)]
    if near and not any(occasion.is_for(holder) for occasion in near):
        return Reason.NOT_IN_AUDIENCE
    return None


def _against(scan: Scan, known: Circumstances) -> Reason | None:
    """Return the refusal that depends on what else was scanned until then."""
    if known.is_inside:
        return Reason.ALREADY_IN
    if known.is_full:
        return Reason.FULL
    if scan.checkpoint.kind != CheckpointKind.GATE:
        return None
    return known.hot if known.is_checked else known.health
