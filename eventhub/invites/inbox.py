"""What a mail that came in is: an answer to an invitation, a mail of ours that came back, or neither. Pure.

Anybody can write to the address of answers. So nothing in a mail is trusted, what is read of it is bounded, and what
is not plainly an answer is none. Parsing 20 MB takes seconds at worst: call it in a thread.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime

from eventhub.wording import Text, say

from .itip_reply import NoReply, read_reply
from .model import Bounce, Reply

SIZE_LIMIT = 20 * 1024 * 1024
# Every boundary is looked for in every line, and every one nests the parser once more.
BOUNDARY_LIMIT = 50
LINE_LIMIT = 600_000
CALENDAR_LIMIT = 1_000_000
CALENDARS_LIMIT = 10
HEADER_LIMIT = 4_000
REASON_LIMIT = 500
CALENDARS = frozenset({"text/calendar", "application/ics"})
# Codecs that are no charsets: slow, or with a meaning of their own.
NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
# A type with all its parameters, which the parser takes apart in quadratic time.
TYPE = re.compile(rb"(?i)(?:^|[\r\n])content-type:(?:[^\r\n]|[\r\n]+[ \t])*")
ANGLED = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")
MESSAGE_ID = re.compile(r"<([^<>\s]{3,250})>")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the addresses its mail is from, in lower case."""

    reply: Reply
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a mail is not for us."""

    why: Text


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
    parts = list(_parts(message))
    if any(part.get_content_type() == "multipart/report" for part in parts):
        return _bounce(message, parts)
    calendars = [part for part in parts if _is_calendar(part)][: CALENDARS_LIMIT + 1]
    if not calendars or len(calendars) > CALENDARS_LIMIT:
        return Nothing(say("It holds no answer to an invitation."))
    senders = _senders(message)
    replies: set[Reply] = set()
    reasons: list[Text] = []
    for part in calendars:
        try:
            replies.add(
                read_reply(
                    _calendar_text(part),
                    method=_parameter(part, "method"),
                    senders=senders,
                    sent_at=_sent_at(message),
                )
            )
        except NoReply as none:
            reasons.append(none.why)
    if len(replies) == 1:
        return Answer(replies.pop(), senders)
    return Nothing(say("The calendars in it give more than one answer.") if replies else reasons[0])


def _parts(message: Message) -> Iterator[Message]:
    """Yield a message and its parts in order, but nothing of the messages within it."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            inside: list[Message] = part.get_payload()  # type: ignore[assignment]  # as is_multipart says
            waiting.extend(reversed(inside))


def _is_calendar(part: Message) -> bool:
    return not part.is_multipart() and part.get_content_type() in CALENDARS


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return collapse_rfc2231_value(value).strip() if value else ""


def _calendar_text(part: Message) -> str:
    """Return a calendar as text: by the charset it names, else as UTF-8, else byte by byte."""
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or len(body) > CALENDAR_LIMIT:
        raise NoReply(say("The calendar in it is larger than 1 MB."))
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        text = _decoded(body, charset)
        if text is not None and "BEGIN:VCALENDAR" in text.upper():
            return text.lstrip("\ufeff")
    raise NoReply(say("The calendar in it is broken."))


def _decoded(body: bytes, charset: str) -> str | None:
    try:
        if codecs.lookup(charset).name in NO_CHARSETS:
            return None
        return body.decode(charset)
    except (LookupError, ValueError):
        return None


def _senders(message: Message) -> tuple[str, ...]:
    """Return the addresses in From; where the header is not well formed, the only one in angle brackets."""
    texts = [str(value)[:HEADER_LIMIT] for value in message.get_all("From", [])]
    found = {address.strip().lower() for _, address in getaddresses(texts) if "@" in address}
    if not found:
        angled = {one.lower() for text in texts for one in ANGLED.findall(text)}
        found = angled if len(angled) == 1 else set()
    return tuple(sorted(found))


def _sent_at(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(message.get("Date", ""))[:100])
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounce(message: Message, parts: list[Message]) -> Bounce | Nothing:
    """Read a delivery status notification (RFC 3464)."""
    for part in parts:
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        blocks: list[Message] = part.get_payload()  # type: ignore[assignment]  # as is_multipart says
        failed = [one for one in blocks if str(one.get("Action", "")).strip().lower() == "failed"]
        if failed:
            return Bounce(_came_back(message, parts), _recipient(failed[0]), _reason(failed[0]))
        return Nothing(say("It reports on a delivery that has not failed."))
    return Nothing(say("It is a report, no answer."))


def _recipient(block: Message) -> str:
    """Return whom our mail was for; the address it was passed on to says less."""
    text = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return text.rpartition(";")[2].strip().strip("<>").lower()[:254]


def _reason(block: Message) -> str:
    words = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:REASON_LIMIT]


def _came_back(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """Return the Message-IDs our mail may have had: of the copy sent back, else those referred to."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            inside: list[Message] = part.get_payload()  # type: ignore[assignment]  # as is_multipart says
            found = MESSAGE_ID.findall(str(inside[0].get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            head = message_from_bytes(body[:100_000] if isinstance(body, bytes) else b"")
            found = MESSAGE_ID.findall(str(head.get("Message-ID", "")))
        else:
            continue
        if found:
            return tuple(found[:1])
    referred = " ".join(str(message.get(name, "")) for name in ("In-Reply-To", "References"))
    return tuple(dict.fromkeys(MESSAGE_ID.findall(referred[:HEADER_LIMIT])))[:20]
