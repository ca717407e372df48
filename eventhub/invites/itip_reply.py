"""A calendar's answer to an invitation: the REPLY of RFC 5546 (3.2.3) as mail clients write it. Pure."""

import re
from datetime import UTC, datetime

from eventhub.participants.model import Rsvp
from eventhub.wording import say

from .attendees import Attendee, attendees_of, in_one_line, who_answers, who_comes
from .calendar_lines import Component, NoReply, outline
from .reply_model import Reply

PARTSTATS = {
    "ACCEPTED": Rsvp.ACCEPTED,
    "TENTATIVE": Rsvp.TENTATIVE,
    "DECLINED": Rsvp.DECLINED,
    "DELEGATED": Rsvp.DELEGATED,
}
STAMP = re.compile(r"(\d{8})T(\d{6})Z", re.ASCII)
NUMBER = re.compile(r"\d{1,9}", re.ASCII)
UID_LIMIT = 200
COMMENT_LIMIT = 500


def read_reply(text: str, *, method: str, sender: str, sent_at: datetime | None) -> Reply:
    """Return the answer in a calendar, or raise NoReply.

    `method` is what the Content-Type says, "" for nothing. `sender` is the address in From, in lower
    case, "" for none: with several attendees the one who wrote is meant. `sent_at`, from Date, stands
    in for a DTSTAMP that is missing or in no zone.
    """
    found = outline(text)
    _need_reply(found.methods, method.upper())
    replies = {_reply(one, sender, sent_at) for one in found.events}
    if not replies:
        raise NoReply(say("The calendar in it holds no event."))
    if len(replies) > 1:
        raise NoReply(say("The calendar in it gives more than one answer."))
    return replies.pop()


def _need_reply(methods: set[str], outer: str) -> None:
    """Raise NoReply unless the method is REPLY; inside and outside have to say the same (RFC 6047, 2.4)."""
    said = methods | ({outer} if outer else set())
    if said == {"REPLY"}:
        return
    if len(said) > 1:
        methods_said = in_one_line(", ".join(sorted(said)), 100)
        raise NoReply(say("It says two things about itself: {methods}.", methods=methods_said))
    if said == {"COUNTER"}:
        raise NoReply(say("It proposes another time, which is no answer."))
    named = in_one_line(next(iter(said), ""), 40)
    if named:
        raise NoReply(say("The calendar in it is a {method}, no answer.", method=named))
    raise NoReply(say("The calendar in it does not say that it is an answer."))


def _reply(event: Component, sender: str, sent_at: datetime | None) -> Reply:
    if event.values("RECURRENCE-ID"):
        raise NoReply(say("It answers one day of a series, and invitations are no series."))
    uid = _uid(event)
    attendees = attendees_of(event)
    attendee = who_answers(attendees, sender)
    partstat = PARTSTATS.get(attendee.partstat)
    if partstat is None:
        raise NoReply(say("It holds no decision."))
    return Reply(
        uid=uid,
        attendee=attendee.address,
        partstat=partstat,
        sequence=_sequence(event),
        dtstamp=_stamp(event, sent_at),
        sent_by=attendee.sent_by,
        delegate=who_comes(attendee, attendees) if partstat is Rsvp.DELEGATED else "",
        comment=_comment(event, attendee),
    )


def _uid(event: Component) -> str:
    """Return the UID; what no database can hold names no invitation."""
    uid = event.single("UID")
    if not uid or len(uid) > UID_LIMIT or not uid.isprintable():
        raise NoReply(say("It does not say which invitation it answers."))
    return uid


def _sequence(event: Component) -> int:
    """Return SEQUENCE, 0 where there is none (RFC 5545, 3.8.7.4)."""
    text = event.single("SEQUENCE") or "0"
    if not NUMBER.fullmatch(text):
        raise NoReply(say("It does not say which version of the invitation it answers."))
    return int(text)


def _stamp(event: Component, sent_at: datetime | None) -> datetime:
    match = STAMP.fullmatch(event.single("DTSTAMP"))
    try:
        if match:
            return datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        pass  # a day that no calendar has
    if sent_at is None:
        raise NoReply(say("It does not say when it was given."))
    return sent_at


def _comment(event: Component, attendee: Attendee) -> str:
    said = [text for _, _, text in event.properties.get("COMMENT", [])] or [attendee.comment]
    return in_one_line(" ".join(said), COMMENT_LIMIT)
