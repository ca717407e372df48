"""What the templates of mails are filled with: what was frozen, in the reader's words, and links made now."""

from datetime import date
from typing import Any
from urllib.parse import quote

from eventhub.language import Reader
from eventhub.wording import render, say

from . import welcoming
from .drafts import Draft, Office
from .lines import JOINS, WAYS, changes, times, times_meant, turn_line
from .model import RECORDS, Facts, Kind, Mail
from .turns import Turn

ANSWERS = {
    "accepted": say("Coming"),
    "tentative": say("Perhaps"),
    "declined": say("Not coming"),
}
# A notice tells as many; the rest stands on the personal page.
SHOWN_TURNS = 100
SHOWN_SESSIONS = 40


def values_of(draft: Draft, office: Office, reader: Reader) -> dict[str, Any]:
    mail, event = draft.mail, draft.event
    # Who was taken out has no page any more.
    page = office.links.page_url(mail.participant_id, draft.generation) if draft.generation else ""
    values: dict[str, Any] = {
        "reader": reader,
        "lang": reader.language,
        "subject": mail.subject,
        "event_title": event.title,
        "guest": mail.payload["guest"],
        "page_url": page,
        "mail_url": _mail_url(mail, office),
        "has_ticket": draft.wants_ticket and draft.ticket is not None,
    }
    if mail.kind is Kind.NOTICE:
        told = [Turn.read(each) for each in mail.payload["turns"]]
        lines = [turn_line(turn, mail.payload["guest"], reader) for turn in told[:SHOWN_TURNS]]
        return values | {"lines": lines, "more": len(told) - len(lines)}
    if mail.kind is Kind.REMINDER:
        return values | _reminder_values(draft, office, reader)
    if mail.kind is Kind.INSTEAD:
        return values | _instead_values(mail, page, reader)
    if mail.session_id is None:
        return values | welcoming.values_of(draft, office, reader, page)
    return values | _session_values(draft, office, reader)


def _instead_values(mail: Mail, page: str, reader: Reader) -> dict[str, Any]:
    facts = Facts.read(mail.payload["session"]) if mail.payload["session"] else None
    return {
        "who": mail.payload["who"],
        "title": facts.title if facts else "",
        "times": times(facts, mail.payload["guest"], reader) if facts else [],
        "instead_url": f"{page}instead" + (f"?session={quote(facts.code)}" if facts else ""),
    }


def _session_values(draft: Draft, office: Office, reader: Reader) -> dict[str, Any]:
    mail, facts = draft.mail, draft.facts
    joins = mail.kind is not Kind.CANCEL and facts.attendance in JOINS
    assert mail.session_id is not None
    join = office.links.join_url(mail.participant_id, draft.generation, mail.session_id)
    before = Facts.read(mail.payload["before"]) if mail.payload["before"] else None
    return {
        "facts": facts,
        "times": times_meant(facts, mail.payload["guest"], reader),
        "way": render(WAYS[facts.attendance], reader),
        "is_update": mail.kind is Kind.UPDATE,
        "hands_over": mail.kind is Kind.UPDATE and hands_over(before, facts),
        "places_changed": _places_changed(facts, reader) if mail.kind is not Kind.CANCEL else [],
        "changes": changes(before, facts, reader) if before else [],
        "is_off": mail.payload["is_off"],
        "join_url": join if joins else "",
        "join_label": render(JOINS[facts.attendance], reader) if joins else "",
        "answers": _answers(draft, office, reader),
        "instead_url": _instead_url(draft, office),
        "paragraphs": [line for line in facts.abstract.splitlines() if line.strip()],
    }


def hands_over(before: Facts | None, after: Facts) -> bool:
    """Whether it is news to its reader who comes in their place."""
    told = before.delegated_to if before else None
    return after.delegated_to is not None and after.delegated_to != told


def _places_changed(facts: Facts, reader: Reader) -> list[str]:
    """Return a sentence about who comes in whose place."""
    if facts.delegated_to:
        text = say("In your place comes {name}.", name=facts.delegated_to.name)
    elif facts.delegated_from:
        text = say("You come in place of {name}.", name=facts.delegated_from.name)
    else:
        return []
    return [render(text, reader)]


def _instead_url(draft: Draft, office: Office) -> str:
    """Return where somebody takes back who comes in their place, "" where nobody does."""
    if draft.mail.kind is Kind.CANCEL or draft.facts.delegated_to is None:
        return ""
    page = office.links.page_url(draft.mail.participant_id, draft.generation)
    return f"{page}instead?session={quote(draft.facts.code)}"


def _answers(draft: Draft, office: Office, reader: Reader) -> list[tuple[str, str]]:
    """Return words and addresses to answer at. Mail scanners open them too, so it is confirmed there."""
    if draft.mail.kind is Kind.CANCEL or draft.facts.delegated_to is not None:
        return []
    page = office.links.page_url(draft.mail.participant_id, draft.generation)
    code = quote(draft.facts.code)
    return [
        (render(word, reader), f"{page}answer?session={code}&answer={answer}")
        for answer, word in ANSWERS.items()
    ]


def _reminder_values(draft: Draft, office: Office, reader: Reader) -> dict[str, Any]:
    mail, told = draft.mail, draft.mail.payload["sessions"]
    lines = []
    for one in told[:SHOWN_SESSIONS]:
        facts = Facts.read(one)
        joins = facts.attendance in JOINS
        link = office.links.join_url(mail.participant_id, draft.generation, one["session_id"])
        lines.append(
            {
                "title": facts.title,
                "times": times(facts, mail.payload["guest"], reader),
                "place": facts.place,
                "way": render(WAYS[facts.attendance], reader),
                "join_url": link if joins else "",
                "join_label": render(JOINS[facts.attendance], reader) if joins else "",
            }
        )
    day = reader.long_day(date.fromisoformat(mail.payload["day"]))
    return {"lines": lines, "more": len(told) - len(lines), "day": day}


def _mail_url(mail: Mail, office: Office) -> str:
    """Return where a mail of this kind is stopped, "" for what goes out in any case."""
    return "" if mail.kind in RECORDS else office.links.mail_url(mail.participant_id)
