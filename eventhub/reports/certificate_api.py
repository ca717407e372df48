"""Certificates for programs: who gets one, and each as a PDF. They are made once the last session is over."""

from typing import Annotated

from pydantic import Field, StringConstraints

from eventhub.web.access import Right
from eventhub.web.fields import Day, Listing, Paging, Shape
from eventhub.web.keys import DATABASE, SETTINGS, base_url
from eventhub.web.operations import Answer, Call, File, operation
from eventhub.web.paging import cursor_of, read_cursor

from . import certificate_paper, certificates
from .certificates import Certificate


class CertificatesQuery(Paging):
    """`delegation`: only those of its participants."""

    delegation: Annotated[str, StringConstraints(max_length=64)] | None = None


class CertificateShape(Shape):
    """`verify_url` is the address behind the QR code; `pdf_url` gives the paper, to a program of the same rights."""

    participant: int
    name: str
    delegation: str
    sessions: Annotated[int, Field(ge=1)]
    minutes: Annotated[int, Field(ge=0)]
    issued_on: Day
    pdf_url: str
    verify_url: str


@operation(
    "GET",
    "/events/{event}/certificates",
    right=Right.PEOPLE_WRITE,
    query=CertificatesQuery,
    answers={200: Listing[CertificateShape]},
    summary="List who meets the presence rule and gets a certificate, by office and name",
)
async def list_certificates(call: Call[None, CertificatesQuery]) -> Answer:
    found = await certificates.list_earned(
        call.tx, call.event, delegation=call.query.delegation, at=call.at
    )
    (start,) = read_cursor(call.query.cursor, int) or (0,)
    end = start + call.query.limit
    items = [_shape(call, each) for each in found[start:end]]
    return Answer(200, Listing(items=items, next=cursor_of(end) if end < len(found) else None))


@operation(
    "GET",
    "/events/{event}/certificates/{participant:\\d{1,9}}",
    right=Right.PEOPLE_WRITE,
    answers={200: None},
    gives="application/pdf",
    calls_out=True,
    summary="Give somebody's certificate as a PDF",
)
async def give_certificate(call: Call[None, None]) -> Answer:
    number = int(call.path["participant"])
    # Setting it takes a while, so no transaction stays open meanwhile.
    async with call.request.app[DATABASE].reading() as tx:
        found = await certificates.to_hand_out(tx, call.event, participant_id=number, at=call.at)
    content = await certificate_paper.print_certificates(
        call.event,
        found,
        secret=call.request.app[SETTINGS].secret,
        base_url=base_url(call.request),
    )
    name = f"{call.event.slug}-certificate-{number}.pdf"
    return Answer(200, file=File(content, "application/pdf", name))


def _shape(call: Call[None, CertificatesQuery], certificate: Certificate) -> CertificateShape:
    secret, base = call.request.app[SETTINGS].secret, base_url(call.request)
    below = f"{base.rstrip('/')}/api/v1/events/{call.event.slug}/certificates"
    return CertificateShape(
        participant=certificate.participant_id,
        name=certificate.name,
        delegation=certificate.office_code,
        sessions=len(certificate.attended),
        minutes=certificate.minutes,
        issued_on=certificate.issued_on,
        pdf_url=f"{below}/{certificate.participant_id}",
        verify_url=certificate_paper.address_of(certificate, secret, base),
    )


API = [list_certificates, give_certificate]
