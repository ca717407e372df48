"""A delivery status notification: a mail of ours that came back, and why (RFC 3464). Pure."""

import re
from email import message_from_bytes
from email.message import Message

from eventhub.wording import say

from .attendees import in_one_line
from .mime_parts import HEADER_LIMIT, Nothing, parts_within
from .reply_model import Bounce

REASON_LIMIT = 500
HEAD_LIMIT = 100_000
REFERRED_LIMIT = 20
# As they are made here: ASCII that prints (RFC 5322, 3.6.4), so that any database can be asked for one.
MESSAGE_ID = re.compile(r"<([!-;=?-~]{3,250})>")


def read_report(message: Message, parts: list[Message]) -> Bounce | Nothing:
    """Return which mail came back; only `Action: failed` says that one did."""
    for part in parts:
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        failed = [
            one
            for one in parts_within(part)
            if str(one.get("Action", "")).strip().lower() == "failed"
        ]
        if failed:
            return Bounce(_came_back(message, parts), _recipient(failed[0]), _reason(failed[0]))
        return Nothing(say("It reports on a delivery that has not failed."))
    return Nothing(say("It is a report, no answer."))


def _recipient(block: Message) -> str:
    """Return whom our mail was for; the address it was passed on to says less."""
    text = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return in_one_line(text.rpartition(";")[2].strip().strip("<>").lower(), 254)


def _reason(block: Message) -> str:
    words = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    return in_one_line(words, REASON_LIMIT)


def _came_back(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """Return the Message-IDs our mail may have had: of the copy sent back, else those referred to."""
    for part in parts:
        found = _message_ids(_head_sent_back(part))
        if found:
            return found[:1]
    referred = " ".join(str(message.get(name, "")) for name in ("In-Reply-To", "References"))
    return tuple(dict.fromkeys(MESSAGE_ID.findall(referred[:HEADER_LIMIT])))[:REFERRED_LIMIT]


def _head_sent_back(part: Message) -> Message | None:
    kind = part.get_content_type()
    if kind == "message/rfc822" and part.is_multipart():
        return parts_within(part)[0]
    if kind == "text/rfc822-headers":
        body = part.get_payload(decode=True)
        return message_from_bytes(body[:HEAD_LIMIT] if isinstance(body, bytes) else b"")
    return None


def _message_ids(head: Message | None) -> tuple[str, ...]:
    text = str(head.get("Message-ID", "")) if head else ""
    return tuple(MESSAGE_ID.findall(text[:HEADER_LIMIT]))
