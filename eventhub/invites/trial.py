"""A mail handed over to whoever asks to see it, at once and outside the queue."""

import asyncio
import re
from dataclasses import replace
from html import escape
from uuid import uuid4

import icalendar
from aiohttp import web

from eventhub.errors import Forbidden
from eventhub.language import Reader
from eventhub.mail.message import CalendarPart, Letter, Mailbox, compose
from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.ways import way_out
from eventhub.web.access import Principal
from eventhub.web.keys import INSTALLATION, READER
from eventhub.wording import Text, render, say

from .model import Mail

# A test waits for the server as long as a person does.
PATIENCE_S = 25
BODY = re.compile("<body[^>]*>")


def result(outcome: Outcome, who: Principal, *, has_server: bool) -> Text:
    """Say what became of a test."""
    if outcome.fate is not Fate.ACCEPTED:
        return say("The test was not taken: {answer}", answer=outcome.answer)
    if not has_server:
        return say("The test lies in the folder of mail, as no mail server is set.")
    return say("The test went out to {address}.", address=who.name)


def _of_nobody(part: CalendarPart | None, address: str) -> CalendarPart | None:
    """Return the part for whoever tests, with a UID nobody holds: to answer it changes nothing."""
    if part is None:
        return None
    calendar = icalendar.Calendar.from_ical(part.body)
    for event in calendar.walk("VEVENT"):
        event["UID"] = icalendar.vText(f"test-{uuid4()}")
        event["ATTENDEE"] = icalendar.vCalAddress(f"mailto:{address}")
        asked = {} if part.method == "CANCEL" else {"RSVP": "TRUE"}
        event["ATTENDEE"].params.update(
            {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", **asked}
        )
    return replace(part, body=calendar.to_ical(sorted=False))


async def hand_over(request: web.Request, mail: Mail, letter: Letter, who: Principal) -> Outcome:
    """Hand a mail over to the person of the request; Forbidden for who has no address."""
    if who.kind != "user":
        raise Forbidden(say("Only somebody who is signed in has an address to send a test to."))
    installation = request.app[INSTALLATION]
    reader: Reader = request[READER]
    subject = render(say("Test: {subject}", subject=letter.subject), reader)
    # Another Message-ID: the mail itself must not look like a repetition when it comes.
    id = f"{uuid4().hex}@{installation.settings.mail_domain}"
    said = render(say("This is a test. It would go to {name}.", name=letter.to.name), reader)
    test = replace(
        letter,
        to=Mailbox(who.name),
        subject=subject,
        message_id=id,
        unsubscribe="",
        text=f"{said}\n\n{letter.text}",
        html=BODY.sub(lambda found: f"{found[0]}\n<p>{escape(said)}</p>", letter.html, count=1),
        calendar=_of_nobody(letter.calendar, who.name),
    )
    async with way_out(installation.settings) as way:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await way.hand_over(f"{mail.id:08d}-{mail.kind}", who.name, compose(test))
        except TimeoutError:
            return Outcome(Fate.LATER, str(say("The mail server does not answer.")))
