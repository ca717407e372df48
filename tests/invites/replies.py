"""Mails with an answer, built in the manner of the programs people answer with, and servers' reports."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import wrap

DOMAIN = "example.org"


@dataclass(frozen=True)
class Said:
    """What an answer says; a program's manner puts it into a mail."""

    uid: str = "5b0c4c3e-0000-4000-8000-000000000001"
    attendee: str = "papua@example.org"
    sender: str = "papua@example.org"
    partstat: str = "ACCEPTED"
    sequence: int | None = 0
    stamp: str = "20210225T020000Z"
    params: str = ""
    extra: str = ""

    def but(self, **changes: object) -> "Said":
        return replace(self, **changes)  # type: ignore[arg-type]


def crlf(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def b64(text: str) -> str:
    return "\n".join(wrap(base64.b64encode(crlf(text)).decode(), 76))


def calendar(
    said: Said,
    *,
    method: str = "REPLY",
    attendee: str | None = None,
    organizer: str = "ORGANIZER;CN=Rapat Koordinasi:mailto:jawaban@example.org",
    prodid: str = "-//Example//Calendar//EN",
) -> str:
    """Return a calendar; an empty `method` or `organizer` leaves the line out."""
    person = attendee or f"ATTENDEE;PARTSTAT={said.partstat}{said.params}:mailto:{said.attendee}"
    lines = [
        "BEGIN:VCALENDAR",
        f"PRODID:{prodid}",
        "VERSION:2.0",
        f"METHOD:{method}" if method else "",
        "BEGIN:VEVENT",
        "DTSTART:20210225T040000Z",
        "DTEND:20210225T050000Z",
        f"DTSTAMP:{said.stamp}" if said.stamp else "",
        organizer,
        f"UID:{said.uid}",
        person,
        f"SEQUENCE:{said.sequence}" if said.sequence is not None else "",
        said.extra,
        "SUMMARY:Desk Papua",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def gmail(said: Said) -> bytes:
    """A calendar as alternative (quoted-printable) and again as attachment (base64), marked as sent by a program."""
    body = calendar(
        said,
        attendee=f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={said.partstat};CN=\n"
        f" {said.attendee};X-NUM-GUESTS=0{said.params}:mailto:{said.attendee}",
        prodid="-//Google Inc//Google Calendar 70.9054//EN",
    )
    quoted = body.replace("=", "=3D").replace(";CUTYPE", ";=\nCUTYPE")
    return crlf(f"""From: {said.sender}
Sender: Google Calendar <calendar-notification@google.com>
To: jawaban@example.org
Subject: Accepted: Desk Papua
Auto-Submitted: auto-generated
Date: Thu, 25 Feb 2021 02:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out"

--out
Content-Type: multipart/alternative; boundary="in"

--in
Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes
Content-Transfer-Encoding: base64

{b64("Has accepted this invitation.")}
--in
Content-Type: text/calendar; charset="UTF-8"; method=REPLY
Content-Transfer-Encoding: quoted-printable

{quoted}
--in--

--out
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"
Content-Transfer-Encoding: base64

{b64(body)}
--out--
""")


def outlook(said: Said) -> bytes:
    """A single part, quoted method, zone definitions and an alarm, an attendee in capitals, no sequence in it but 0."""
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nATTENDEE:mailto:somebody.else@example.org\nEND:VALARM"
    comment = "COMMENT;LANGUAGE=id:Hadir\\, terima kasih"
    body = calendar(
        said.but(extra=said.extra or f"{comment}\n{alarm}"),
        attendee=f'ATTENDEE;PARTSTAT={said.partstat};CN="Bappeda, Papua"{said.params}:MAILTO:{said.attendee.upper()}',
        prodid="-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
    )
    return crlf(f"""From: "Bappeda, Papua" <{said.sender}>
To: <jawaban@example.org>
Subject: =?utf-8?B?RGl0ZXJpbWE6IERlc2sgUGFwdWE=?=
MIME-Version: 1.0
Content-Type: text/calendar; charset="utf-8"; method="REPLY"
Content-Transfer-Encoding: base64
Thread-Index: AQEx

{b64(body)}
""")


def exchange(said: Said) -> bytes:
    """No ORGANIZER in it, alternatives of text, HTML and calendar, `charset` before `method` in capitals."""
    body = calendar(
        said,
        organizer="",
        attendee=f"ATTENDEE;PARTSTAT={said.partstat};CN=Bappeda Papua{said.params}:mailto:{said.attendee}",
        prodid="Microsoft Exchange Server 2010",
    )
    return crlf(f"""Received: from mail.example.org (10.0.0.1)
From: Bappeda Papua <{said.sender}>
To: "Rapat Koordinasi" <jawaban@example.org>
Subject: Accepted: Desk Papua
X-MS-Exchange-Calendar-Originator-Id: x
Content-Type: multipart/alternative;
\tboundary="_000_exchange_"
MIME-Version: 1.0

--_000_exchange_
Content-Type: text/plain; charset="us-ascii"

--_000_exchange_
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body>&nbsp;</body></html>
--_000_exchange_
Content-Type: text/calendar; charset="utf-8"; method=REPLY
Content-Transfer-Encoding: base64

{b64(body)}
--_000_exchange_--
""")


def apple(said: Said) -> bytes:
    """Plain text and a calendar side by side, 7 bit, an EMAIL parameter."""
    body = calendar(
        said,
        attendee=f"ATTENDEE;CN=Bappeda Papua;CUTYPE=INDIVIDUAL;EMAIL={said.attendee};\n"
        f" PARTSTAT={said.partstat}{said.params}:mailto:{said.attendee}",
        prodid="-//Apple Inc.//macOS 13.0//EN",
    )
    return crlf(f"""From: Bappeda Papua <{said.sender}>
Content-Type: multipart/mixed; boundary="Apple-Mail=_1"
Mime-Version: 1.0 (Mac OS X Mail 16.0)
Subject: Bappeda Papua accepted your invitation
To: jawaban@example.org

--Apple-Mail=_1
Content-Transfer-Encoding: 7bit
Content-Type: text/plain;
\tcharset=us-ascii

Accepted.
--Apple-Mail=_1
Content-Disposition: attachment; filename=iCal-1.ics
Content-Type: text/calendar;
\tx-apple-mail-type=ical; method=REPLY;
\tx-unix-mode=0600; name="iCal-1.ics"
Content-Transfer-Encoding: 7bit

{body}
--Apple-Mail=_1--
""")


def thunderbird(said: Said) -> bytes:
    """LF alone, 8 bit, the calendar's address in another case, X- properties."""
    local, _, domain = said.attendee.partition("@")
    body = calendar(
        said.but(extra=said.extra or "X-MOZ-RECEIVED-SEQUENCE:0"),
        attendee=f"ATTENDEE;RSVP=TRUE;CN=Kepala Bappeda é;PARTSTAT={said.partstat};ROLE=REQ-PARTICIP\n"
        f" ANT{said.params}:mailto:{local}@{domain.title()}",
        prodid="-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
    )
    return f"""From: {said.sender}
To: jawaban@example.org
Subject: Re: Desk Papua
User-Agent: Mozilla Thunderbird
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="------------b1"

This is a multi-part message in MIME format.
--------------b1
Content-Type: multipart/alternative; boundary="------------b2"

--------------b2
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

Kepala Bappeda menerima undangan Anda.
--------------b2
Content-Type: text/calendar; method=REPLY; charset=UTF-8
Content-Transfer-Encoding: 8bit

{body}
--------------b2--

--------------b1--
""".encode()


MANNERS: dict[str, Callable[[Said], bytes]] = {
    "gmail": gmail,
    "outlook": outlook,
    "exchange": exchange,
    "apple": apple,
    "thunderbird": thunderbird,
}


def plain(
    said: Said,
    *,
    kind: str = "text/calendar; method=REPLY; charset=utf-8",
    body: str | bytes | None = None,
    sender: str | None = None,
    head: str = "",
) -> bytes:
    """Return the least a reply can be, or one with another body, type or sender."""
    text = calendar(said) if body is None else body
    raw = text.encode() if isinstance(text, str) else text
    start = f"From: {said.sender if sender is None else sender}\nMIME-Version: 1.0\n{head}Content-Type: {kind}\n\n"
    return start.encode() + raw


def within(
    inner: bytes, *, how: str = "message/rfc822", sender: str = "papua@example.org"
) -> bytes:
    """Return a mail that holds another, as a forward does."""
    return (
        (
            f"From: {sender}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=fwd\n\n"
            f"--fwd\nContent-Type: text/plain\n\nFor your information\n--fwd\nContent-Type: {how}\n\n"
        ).encode()
        + inner
        + b"\n--fwd--\n"
    )


def bounce(
    message_id: str,
    *,
    recipient: str = "papua@example.org",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    copy: str = "message/rfc822",
) -> bytes:
    """Return a delivery report (RFC 3464); `copy` is how the mail comes back, "" for not at all."""
    returned = (
        f"--rep\nContent-Type: {copy}\n\nMessage-ID: <{message_id}>\nSubject: Desk\n\nText\n"
        if copy
        else ""
    )
    refers = "" if copy else f"In-Reply-To: <{message_id}>\n"
    return (
        f"From: MAILER-DAEMON@mail.example.org\nTo: undangan@example.org\n{refers}"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="rep"\n\n'
        "--rep\nContent-Type: text/plain\n\nYour message was not delivered.\n"
        "--rep\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mail.example.org\n\nFinal-Recipient: rfc822; {recipient}\n"
        f"Action: {action}\nStatus: 5.1.1\nDiagnostic-Code: {diagnostic}\n\n"
        f"{returned}--rep--\n"
    ).encode()
