"""The parts of a mail that came in: which there are, what text a calendar is, who wrote it and when. Pure."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime

from eventhub.wording import Text

from .calendar_lines import broken

HEADER_LIMIT = 4_000
CALENDARS = frozenset({"text/calendar", "application/ics"})
# Codecs that are no charsets: slow, or with a meaning of their own.
NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
FOLD = re.compile(rb"\r?\n[ \t]")
ANGLED = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a mail is not for us."""

    why: Text


def parts_of(message: Message) -> Iterator[Message]:
    """Yield a message and its parts in order, but nothing of the messages within it."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend(reversed(parts_within(part)))


def parts_within(part: Message) -> list[Message]:
    """Return what lies directly in a part of which is_multipart() is true."""
    inside: list[Message] = part.get_payload()  # type: ignore[assignment]  # as is_multipart says
    return inside


def is_calendar(part: Message) -> bool:
    return not part.is_multipart() and part.get_content_type() in CALENDARS


def parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return collapse_rfc2231_value(value).strip() if value else ""


def body_of(part: Message) -> bytes:
    """Return what a part holds, taken out of its transfer encoding."""
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def calendar_text(body: bytes, charset: str | None) -> str:
    """Return a calendar as text: by the charset it names, else as UTF-8 or -16, else byte by byte.

    Some programs fold lines between the bytes of one character (RFC 5545, 3.1): those are joined first.
    """
    for name in (charset or "utf-8", "utf-8", "utf-16", "latin-1"):
        for raw in (body, FOLD.sub(b"", body)):
            text = _decoded(raw, name)
            if text is not None and "BEGIN:VCALENDAR" in text.upper():
                return text.lstrip("\ufeff")
    raise broken()


def _decoded(body: bytes, charset: str) -> str | None:
    try:
        if codecs.lookup(charset).name in NO_CHARSETS:
            return None
        return body.decode(charset)
    except (LookupError, ValueError):
        return None


def sender_of(message: Message) -> str:
    """Return the one address in From, in lower case; "" where it names none, or not plainly one.

    What servers prove of a mail (RFC 7489, 6.6.1) they prove of one address, and with several nobody knows of which.
    """
    values = message.get_all("From", [])
    text = str(values[0]) if len(values) == 1 else ""
    if not text or len(text) > HEADER_LIMIT:
        return ""
    found = {address.strip().lower() for _, address in getaddresses([text]) if "@" in address}
    angled = {one.lower() for one in ANGLED.findall(text)}
    if not angled and text.count("@") > 1:
        return ""
    # A header that is not well formed may be read as naming nobody; what stands in angle brackets is meant.
    named = found | angled
    return named.pop() if len(named) == 1 else ""


def sent_at(message: Message) -> datetime | None:
    """Return when it says it was written, in UTC; None where it does not say so."""
    try:
        moment = parsedate_to_datetime(str(message.get("Date", ""))[:100])
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
