"""Certificates on paper: typeset with their QR codes, one page each, all in one file or each in one of its own."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from eventhub.checkin import badge
from eventhub.events.model import Attendance, Event
from eventhub.language import Reader
from eventhub.participants.typesetting import typeset, typeset_each
from eventhub.wording import Text, render, say

from .certificates import Certificate, sign

_WAYS = {
    Attendance.ONSITE: say("On site"),
    Attendance.MEETING: say("Meeting"),
    Attendance.STREAM: say("Stream"),
}

SOURCE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set page(paper: "a4", flipped: true, margin: (x: 2.2cm, y: 1.8cm))
#set text(size: 11pt)
#for (number, each) in data.certificates.enumerate() {
  if number > 0 { pagebreak() }
  set text(lang: each.language)
  align(center)[
    #text(size: 13pt, fill: luma(90))[#data.event]
    #v(0.5cm)
    #text(size: 26pt, weight: "bold")[#each.heading]
    #v(0.5cm)
    #each.given
    #v(0.15cm)
    #text(size: 20pt, weight: "bold")[#each.name]
    #if each.of != "" [ #linebreak() #text(fill: luma(70))[#each.of] ]
    #v(0.4cm)
    #each.sentence
  ]
  place(bottom + right, float: true, clearance: 0.5cm)[
    #grid(columns: (auto, 2.6cm), gutter: 0.4cm, align: (right + bottom, right),
      text(size: 8pt, fill: luma(70))[#each.issued #linebreak() #each.checking #linebreak() #each.address],
      image(bytes(each.code), format: "svg", width: 2.6cm))
  ]
  v(0.5cm)
  set text(size: 8pt)
  columns(2, gutter: 0.8cm)[
    #table(
      columns: (1fr, auto, auto),
      align: (left, left, right),
      stroke: (x, y) => (bottom: 0.4pt + luma(200)),
      inset: (x: 3pt, y: 2.5pt),
      table.header(..each.header.map(cell => strong(cell))),
      ..each.rows.flatten(),
    )
  ]
}
"""


async def print_certificates(
    event: Event, certificates: Sequence[Certificate], *, secret: str, base_url: str
) -> bytes:
    """Return the certificates as a PDF, each in its person's language, with its QR code as a drawing."""
    printed = [_printed(event, each, address_of(each, secret, base_url)) for each in certificates]
    return await typeset(SOURCE, _document(event, printed))


async def pack_certificates(
    event: Event, certificates: Sequence[Certificate], *, secret: str, base_url: str
) -> bytes:
    """Return the certificates as a ZIP: a folder for each office, a PDF for each person."""
    printed = [_printed(event, each, address_of(each, secret, base_url)) for each in certificates]
    papers = await typeset_each(SOURCE, [_document(event, [each]) for each in printed])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for certificate, paper in zip(certificates, papers, strict=True):
            packed.writestr(_place(certificate), paper)
    return out.getvalue()


def _place(certificate: Certificate) -> str:
    """Return a path that every system takes and no two certificates share."""
    parts = (certificate.office, f"{certificate.name} {certificate.participant_id}")
    office, name = (re.sub(r"[^\w .,-]+", " ", part)[-100:].strip(" .") for part in parts)
    return f"{office or '-'}/{name}.pdf"


def address_of(certificate: Certificate, secret: str, base_url: str) -> str:
    """Return the address of a certificate's page of verification."""
    return f"{base_url.rstrip('/')}/verify/{sign(secret, certificate)}"


def _document(event: Event, printed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    title = f"{event.title}: {len(printed)}"
    return {"title": title, "event": event.title, "certificates": printed}


def _printed(event: Event, certificate: Certificate, address: str) -> Mapping[str, Any]:
    reader = Reader(certificate.language, event.zone)

    def word(text: Text) -> str:
        return render(text, reader)

    return {
        "language": certificate.language,
        "heading": word(say("Certificate of attendance")),
        "given": word(say("This certifies that")),
        "name": certificate.name,
        "of": ", ".join(part for part in (certificate.position, certificate.office) if part),
        "sentence": word(sentence(event, certificate, reader)),
        "header": [word(say("Session")), word(say("How")), word(say("Minutes"))],
        "rows": [
            [
                f"{each.session.title} ({reader.day(event.day_of(each.session.starts_at))})",
                word(_WAYS[each.way]),
                str(each.minutes),
            ]
            for each in certificate.attended
        ],
        "issued": word(say("Made on {day}", day=reader.long_day(certificate.issued_on))),
        "checking": word(say("Check it here:")),
        "address": address,
        "code": badge.draw_link(address),
    }


def sentence(event: Event, certificate: Certificate, reader: Reader) -> Text:
    """Say how much somebody attended, and from the first to the last day on which they did."""
    count = len(certificate.attended)
    lasted = duration(certificate.minutes, reader)
    days = [event.day_of(each.session.starts_at) for each in certificate.attended]
    first, last = reader.long_day(days[0]), reader.long_day(days[-1])
    if count == 1:
        return say("attended one session for {duration}, on {day}.", duration=lasted, day=first)
    if days[0] == days[-1]:
        return say(
            "attended {sessions} sessions for {duration} in all, on {day}.",
            sessions=count,
            duration=lasted,
            day=first,
        )
    return say(
        "attended {sessions} sessions for {duration} in all, from {first} to {last}.",
        sessions=count,
        duration=lasted,
        first=first,
        last=last,
    )


def duration(minutes: int, reader: Reader) -> str:
    """Write minutes as hours and minutes in the reader's language."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return render(say("{n} min", n=rest), reader)
    if not rest:
        return render(say("{n} h", n=hours), reader)
    return render(say("{h} h {m} min", h=hours, m=rest), reader)
