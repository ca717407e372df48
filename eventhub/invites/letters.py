"""What the mails say: a queued mail's frozen facts become a letter in the reader's language."""

from eventhub.events.model import Event
from eventhub.language import Reader, zone_of
from eventhub.mail.message import Letter, Mailbox, Picture
from eventhub.web.templates import render_template
from eventhub.wording import Text, render, say

from .calendar_part import calendar_part
from .drafts import Draft, Office
from .filling import hands_over, values_of
from .model import RECORDS, Facts, Kind, Other

TEMPLATES = {
    Kind.WELCOME: "welcome",
    Kind.REQUEST: "session",
    Kind.UPDATE: "session",
    Kind.CANCEL: "cancel",
    Kind.NOTICE: "notice",
    Kind.REMINDER: "reminder",
    Kind.INSTEAD: "instead",
}


def subject(
    kind: Kind, event: Event, facts: Facts | None, reader: Reader, before: Facts | None = None
) -> str:
    """Return a mail's subject; moments in the session's zone. `before` is what was told until now."""
    if kind is Kind.NOTICE:
        return render(say("What changed for you: {event}", event=event.title), reader)
    if facts is None:
        return render(say("Invitation to {event}", event=event.title), reader)
    if kind is Kind.REMINDER:
        day = reader.day(event.day_of(facts.starts_at))
        return render(say("{day}: your sessions of {event}", day=day, event=event.title), reader)
    return render(_of_session(kind, facts, reader, before), reader)


def handing_over(event: Event, who: Other, facts: Facts | None, reader: Reader) -> str:
    """Return the subject of the mail that says who comes, to a session or (None) to everything."""
    if facts is not None:
        return render(_of_session(Kind.UPDATE, facts, reader, None), reader)
    text = say("{name} comes in your place: {event}", name=who.name, event=event.title)
    return render(text, reader)


def _of_session(kind: Kind, facts: Facts, reader: Reader, before: Facts | None) -> Text:
    when = reader.moment(facts.starts_at, zone_of(facts.time_zone))
    values = {"title": facts.title, "moment": when}
    if kind is Kind.CANCEL:
        return say("Cancelled: {title}, {moment}", **values)
    if kind is not Kind.UPDATE:
        return say("Invitation: {title}, {moment}", **values)
    if hands_over(before, facts):
        assert facts.delegated_to is not None
        name = facts.delegated_to.name
        return say("{name} comes in your place: {title}, {moment}", name=name, **values)
    return say("Changed: {title}, {moment}", **values)


def write(draft: Draft, office: Office, reader: Reader) -> Letter:
    """Return the letter. Its links are made now, so they are alive; all else is as it was when queued."""
    mail = draft.mail
    values = values_of(draft, office, reader)
    name = TEMPLATES[mail.kind]
    return Letter(
        sender=Mailbox(office.sender, draft.event.title),
        to=Mailbox(mail.to_address, mail.payload["guest"]["name"]),
        subject=mail.subject,
        text=_tidy(render_template(reader.language, f"mail/{name}.txt", **values)),
        html=render_template(reader.language, f"mail/{name}.html", **values),
        message_id=mail.message_id,
        written_at=mail.created_at,
        language=reader.language,
        reply_to=office.reply_to,
        series=None if mail.kind in RECORDS else _series(draft.event, office),
        unsubscribe=values["mail_url"],
        calendar=calendar_part(draft, office, values) if mail.session_id is not None else None,
        pictures=(Picture("ticket", draft.ticket),)
        if values["has_ticket"] and draft.ticket
        else (),
    )


def _series(event: Event, office: Office) -> tuple[str, str]:
    return event.title, f"{event.slug}.{office.sender.rpartition('@')[2]}"


def _tidy(text: str) -> str:
    """Return plain text with no more than one empty line in a row, as templates leave more."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line if line == "-- " else line.rstrip())
    return "\n".join(lines) + "\n"
