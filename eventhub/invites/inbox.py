"""What a mail that came in is: an answer to an invitation, a mail of ours that came back, or neither. Pure.

Anybody can write to the address of answers. So nothing in a mail is trusted, what is read of it is bounded, and what
is not plainly an answer is none. Parsing 20 MB takes seconds at worst: call it in a thread.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from eventhub.wording import Text, say

from .calendar_lines import NoReply
from .itip_reply import read_reply
from .mime_parts import (
    HEADER_LIMIT,
    Nothing,
    body_of,
    calendar_text,
    is_calendar,
    parameter,
    parts_of,
    sender_of,
    sent_at,
)  # fmt: skip
from .reply_model import Bounce, Reply
from .returned import read_report

SIZE_LIMIT = 20 * 1024 * 1024
# Every boundary is looked for in every line, and every one nests the parser once more.
BOUNDARY_LIMIT = 50
# 20 MB in base64 are 280,000 lines.
LINE_LIMIT = 400_000
CALENDAR_LIMIT = 1_000_000
CALENDARS_LIMIT = 10
# A type with all its parameters, which the parser takes apart in quadratic time.
TYPE = re.compile(rb"(?i)(?:^|[\r\n])content-type:(?:[^\r\n]|[\r\n]+[ \t])*")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the address its mail is from, in lower case."""

    reply: Reply
    sender: str


def read(message: bytes) -> Answer | Bounce | Nothing:
    """Return what a MIME message (RFC 5322, any line ends) is. Raises nothing, whatever the bytes."""
    unfit = _unfit(message)
    if unfit:
        return Nothing(unfit)
    try:
        return _read(message_from_bytes(message, policy=policy.compat32))
    except NoReply as none:
        return Nothing(none.why)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        # What the standard library's parser is known to raise on headers it cannot make sense of.
        return Nothing(say("It cannot be read."))


def too_large() -> Text:
    """What is said of a message that is not even read."""
    return say("It is larger than 20 MB.")


def _unfit(message: bytes) -> Text | None:
    if not message.strip():
        return say("It is empty.")
    if len(message) > SIZE_LIMIT:
        return too_large()
    lines = max(message.count(b"\n"), message.count(b"\r"))
    if lines > LINE_LIMIT or len(re.findall(rb"(?i)boundary", message)) > BOUNDARY_LIMIT:
        return say("It is built of too many parts.")
    if any(len(found[0]) > HEADER_LIMIT for found in TYPE.finditer(message)):
        return say("It cannot be read.")
    return None


def _read(message: Message) -> Answer | Bounce | Nothing:
    parts = list(parts_of(message))
    if any(part.get_content_type() == "multipart/report" for part in parts):
        return read_report(message, parts)
    calendars = [part for part in parts if is_calendar(part)][: CALENDARS_LIMIT + 1]
    if not calendars or len(calendars) > CALENDARS_LIMIT:
        return Nothing(say("It holds no answer to an invitation."))
    sender, sent = sender_of(message), sent_at(message)
    replies: set[Reply] = set()
    reasons: list[Text] = []
    for method, body, charset in _different(calendars):
        try:
            text = calendar_text(body, charset)
            replies.add(read_reply(text, method=method, sender=sender, sent_at=sent))
        except NoReply as none:
            reasons.append(none.why)
    if len(replies) == 1:
        return Answer(replies.pop(), sender)
    return Nothing(say("The calendars in it give more than one answer.") if replies else reasons[0])


def _different(calendars: list[Message]) -> list[tuple[str, bytes, str | None]]:
    """Return method, bytes and charset of calendars, once where they are the same; NoReply for more than may be."""
    found = dict.fromkeys(
        (parameter(one, "method"), body_of(one), one.get_content_charset()) for one in calendars
    )
    if sum(len(body) for _, body, _ in found) > CALENDAR_LIMIT:
        raise NoReply(say("The calendar in it is too large."))
    return list(found)
