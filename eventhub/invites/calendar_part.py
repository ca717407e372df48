"""The calendar part of a session's mail, in words its reader knows."""

from typing import Any

from eventhub.mail.message import CalendarPart, Mailbox

from . import itip
from .drafts import Draft, Office
from .model import Kind, Method, Other


def calendar_part(draft: Draft, office: Office, values: dict[str, Any]) -> CalendarPart:
    """Return the iTIP object that goes with a session's mail; `values` are what its template is filled with."""
    mail, facts = draft.mail, draft.facts
    method = Method.CANCEL if mail.kind is Kind.CANCEL else Method.REQUEST
    way = [] if facts.delegated_to else [values["way"]]
    lines = [*values["times"], *way, *values["places_changed"]]
    if values["join_url"]:
        lines.append(f"{values['join_label']}: {values['join_url']}")
    if values["paragraphs"] and method is Method.REQUEST:
        lines += ["", *values["paragraphs"]]
    keeps = mail.payload["keeps_answer"]
    body = itip.write(
        itip.Scheduled(
            method=method,
            uid=mail.payload["uid"],
            sequence=mail.payload["sequence"],
            written_at=mail.created_at,
            organizer=Mailbox(office.reply_to, draft.event.title),
            attendee=Mailbox(mail.to_address, mail.payload["guest"]["name"]),
            attendance=facts.attendance,
            starts_at=facts.starts_at,
            ends_at=facts.ends_at,
            time_zone=facts.time_zone,
            summary=facts.title,
            partstat=draft.answer.upper().replace("_", "-") if keeps else "NEEDS-ACTION",
            description="\n".join(lines),
            place=facts.place,
            join_url=values["join_url"],
            join_label=values["join_label"],
            delegated_to=_box(facts.delegated_to),
            delegated_from=_box(facts.delegated_from),
        )
    )
    return CalendarPart(str(method), body)


def _box(other: Other | None) -> Mailbox | None:
    return Mailbox(other.address, other.name) if other else None
