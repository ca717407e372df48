"""A message as mail clients need it: plain text, HTML, perhaps a calendar part with buttons, perhaps pictures. Pure.

What is built (Gmail, Outlook, Apple Mail and Thunderbird show their answer buttons for this shape):

multipart/mixed                                  only with a calendar
  multipart/alternative
    text/plain
    multipart/related, or text/html alone        the HTML and the pictures it shows by cid:
    text/calendar; method=REQUEST                RFC 6047, 2.4: the same method as in the body
  application/ics; name=invite.ics               the same bytes, for clients that only know attachments
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any

from eventhub.errors import Invalid
from eventhub.wording import say


class _Unbroken(UnstructuredHeader):
    """A header on one line: the library would write a long address as an encoded word, which opens nothing."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}:{policy.linesep} {self}{policy.linesep}"  # type: ignore[attr-defined]  # BaseHeader's


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Unbroken)  # type: ignore[arg-type]  # it makes them one
    return registry


# 7 bit, so that no server on the way needs 8BITMIME or recodes what was signed.
POLICY = SMTP.clone(cte_type="7bit", max_line_length=78, header_factory=_headers())
LOCAL_PART_LIMIT = 64
ADDRESS_LIMIT = 254


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An iTIP object (RFC 5546) and its method, as the body names it."""

    method: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG shown in the HTML as `<img src="cid:NAME">`."""

    name: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a message says. `message_id` is without angle brackets; `written_at` is aware.

    `series`: the name and the address, without angle brackets, of what the message is one of (RFC 2919), for what goes
    to many and can be done without; `unsubscribe` is where a POST stops it (RFC 8058).
    """

    sender: Mailbox
    to: Mailbox
    subject: str
    text: str
    html: str
    message_id: str
    written_at: datetime
    language: str = "en"
    reply_to: str = ""
    series: tuple[str, str] | None = None
    unsubscribe: str = ""
    calendar: CalendarPart | None = None
    pictures: tuple[Picture, ...] = ()


def compose(letter: Letter) -> bytes:
    """Return the message with CRLF line ends, or raise Invalid when an address can't be written to."""
    message = EmailMessage(policy=POLICY)
    body = _alternatives(letter)
    if letter.calendar is None:
        _adopt(message, body)
    else:
        message.make_mixed()
        message.attach(body)  # type: ignore[arg-type]  # typeshed knows only EmailMessage
        message.attach(_attachment(letter.calendar))  # type: ignore[arg-type]
    _head(message, letter)
    return message.as_bytes()


def one_line(text: str) -> str:
    """Return text fit for a header: no control or line separator of any kind, and nothing that reads as encoded.

    `=?` is taken apart because the parser that re-reads headers would decode it, line ends and all.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).replace(
        "=?", "= ?"
    )


def mailbox(box: Mailbox) -> Address:
    """Return the address for a header, or raise Invalid."""
    local, at, domain = box.address.rpartition("@")
    plain = box.address.isascii() and box.address.isprintable() and " " not in box.address
    if not (
        at
        and local
        and domain
        and plain
        and len(local) <= LOCAL_PART_LIMIT
        and len(box.address) <= ADDRESS_LIMIT
    ):
        raise _unusable(box.address)
    try:
        return Address(one_line(box.name), addr_spec=box.address)
    except (ValueError, IndexError) as error:
        raise _unusable(box.address) from error


def _unusable(address: str) -> Invalid:
    return Invalid.field(
        "email",
        say("“{address}” is not an address mail can be sent to.", address=one_line(address)),
    )


def _head(message: EmailMessage, letter: Letter) -> None:
    message["From"] = mailbox(letter.sender)
    message["To"] = mailbox(letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{one_line(letter.message_id)}>"
    message["MIME-Version"] = "1.0"
    if letter.reply_to:
        message["Reply-To"] = mailbox(Mailbox(letter.reply_to))
    message["Content-Language"] = letter.language
    # RFC 3834: no vacation notes back; Exchange asks for it in a way of its own.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if letter.series is not None:
        _bulk_head(message, letter, *letter.series)


def _bulk_head(message: EmailMessage, letter: Letter, name: str, id: str) -> None:
    # A letter to one person is not called so, or it is filed as advertising.
    message["Precedence"] = "bulk"
    message["List-Id"] = f"{_phrase(name)} <{id}>"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{one_line(letter.unsubscribe)}>"
    # RFC 8058, 3.1: only an https address can be posted to without asking.
    if letter.unsubscribe.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _phrase(name: str) -> str:
    """Return a name as a quoted string in ASCII (RFC 2919, 3): who filters by it reads no encoded words."""
    plain = one_line(name).encode("ascii", "replace").decode("ascii")
    return '"' + plain.replace("\\", "").replace('"', "'") + '"'


def _alternatives(letter: Letter) -> MIMEPart:
    body = MIMEPart(policy=POLICY)
    body.set_content(letter.text, cte="quoted-printable")
    body.make_alternative()
    body.attach(_html(letter))
    if letter.calendar is not None:
        body.attach(_calendar(letter.calendar))
    return body


def _html(letter: Letter) -> MIMEPart:
    part = MIMEPart(policy=POLICY)
    part.set_content(letter.html, subtype="html", cte="quoted-printable")
    for picture in letter.pictures:
        part.add_related(
            picture.png,
            "image",
            "png",
            cid=f"<{picture.name}>",
            disposition="inline",
            filename=f"{picture.name}.png",
        )
    return part


def _calendar(calendar: CalendarPart) -> MIMEPart:
    part = MIMEPart(policy=POLICY)
    part.set_content(
        calendar.body.decode(), subtype="calendar", cte="base64", params={"method": calendar.method}
    )
    return part


def _attachment(calendar: CalendarPart) -> MIMEPart:
    part = MIMEPart(policy=POLICY)
    part.set_content(
        calendar.body, "application", "ics", disposition="attachment", filename="invite.ics"
    )
    part.set_param("name", "invite.ics")
    return part


def _adopt(message: EmailMessage, body: MIMEPart) -> None:
    """Make `body` the message's own body."""
    for name in ("Content-Type", "Content-Transfer-Encoding"):
        if name in body:
            message[name] = body[name]
    message.set_payload(body.get_payload())
