"""What the mails say: a queued mail's frozen facts become a letter in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from eventhub.events.model import Attendance, Event
from eventhub.invites import itip
from eventhub.invites.model import RECORDS, Facts, Kind, Mail, Method
from eventhub.invites.turns import Difference, Turn
from eventhub.language import Reader, beside, zone_of
from eventhub.mail.message import CalendarPart, Letter, Mailbox, Picture
from eventhub.participants.links import PersonalLinks
from eventhub.web.pages import render_template
from eventhub.wording import Text, render, say

WAYS = {
    Attendance.ONSITE: say("On site"),
    Attendance.MEETING: say("In the meeting, by video"),
    Attendance.STREAM: say("By the stream, to watch"),
}
JOINS = {
    Attendance.MEETING: say("Join the meeting"),
    Attendance.STREAM: say("Watch the stream"),
}
ANSWERS = {
    "accepted": say("Coming"),
    "tentative": say("Perhaps"),
    "declined": say("Not coming"),
}
# A notice tells as many; the rest stands on the personal page.
SHOWN_TURNS = 100
SHOWN_SESSIONS = 40
TEMPLATES = {
    Kind.WELCOME: "welcome",
    Kind.REQUEST: "session",
    Kind.UPDATE: "session",
    Kind.CANCEL: "cancel",
    Kind.NOTICE: "notice",
    Kind.REMINDER: "reminder",
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes: where mail comes from, where answers go, and the maker of personal links."""

    sender: str
    reply_to: str
    links: PersonalLinks


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail with what is read only when it is written.

    `generation` makes the links, `answer` is what the person said last, `ticket` the PNG of their code.
    """

    mail: Mail
    event: Event
    generation: int
    answer: str = "needs_action"
    ticket: bytes | None = None

    @property
    def wants_ticket(self) -> bool:
        """Whether this mail shows a ticket to whoever has one."""
        if self.mail.kind in {Kind.WELCOME, Kind.NOTICE}:
            return self.mail.kind is Kind.WELCOME
        if self.mail.kind is Kind.REMINDER:
            return any(
                one["attendance"] == Attendance.ONSITE for one in self.mail.payload["sessions"]
            )
        return self.mail.kind is not Kind.CANCEL and self.facts.attendance is Attendance.ONSITE

    @property
    def facts(self) -> Facts:
        return Facts.read(self.mail.payload["facts"])


def subject(kind: Kind, event: Event, facts: Facts | None, reader: Reader) -> str:
    """Return a mail's subject; moments in the session's zone."""
    if kind is Kind.NOTICE:
        return render(say("What changed for you: {event}", event=event.title), reader)
    if facts is None:
        return render(say("Invitation to {event}", event=event.title), reader)
    when = reader.moment(facts.starts_at, zone_of(facts.time_zone))
    if kind is Kind.REMINDER:
        day = reader.day(event.day_of(facts.starts_at))
        return render(say("{day}: your sessions of {event}", day=day, event=event.title), reader)
    values = {"title": facts.title, "moment": when}
    if kind is Kind.UPDATE:
        return render(say("Changed: {title}, {moment}", **values), reader)
    if kind is Kind.CANCEL:
        return render(say("Cancelled: {title}, {moment}", **values), reader)
    return render(say("Invitation: {title}, {moment}", **values), reader)


def write(draft: Draft, office: Office, reader: Reader) -> Letter:
    """Return the letter. Its links are made now, so they are alive; all else is as it was when queued."""
    mail = draft.mail
    values = _values(draft, office, reader)
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
        calendar=_calendar(draft, office, values) if mail.session_id is not None else None,
        pictures=(Picture("ticket", draft.ticket),)
        if values["has_ticket"] and draft.ticket
        else (),
    )


def _mail_url(mail: Mail, office: Office) -> str:
    """Return where a mail of this kind is stopped, "" for what goes out in any case."""
    return "" if mail.kind in RECORDS else office.links.mail_url(mail.participant_id)


def _series(event: Event, office: Office) -> tuple[str, str]:
    return event.title, f"{event.slug}.{office.sender.rpartition('@')[2]}"


def _values(draft: Draft, office: Office, reader: Reader) -> dict[str, Any]:
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
    if mail.session_id is None:
        span = [reader.day(day) for day in (event.days[0], event.days[-1])]
        days = " – ".join(dict.fromkeys(span))
        feed = office.links.feed_url(mail.participant_id, draft.generation)
        digest = [_digest_line(one, reader) for one in mail.payload.get("days", [])]
        return values | {"days": days, "feed_url": feed, "digest": digest}
    return values | _session_values(draft, office, reader)


def _session_values(draft: Draft, office: Office, reader: Reader) -> dict[str, Any]:
    mail, facts = draft.mail, draft.facts
    joins = mail.kind is not Kind.CANCEL and facts.attendance in JOINS
    assert mail.session_id is not None
    join = office.links.join_url(mail.participant_id, draft.generation, mail.session_id)
    before = mail.payload["before"]
    return {
        "facts": facts,
        "times": [*times(facts, mail.payload["guest"], reader), _meant(facts, reader)],
        "way": render(WAYS[facts.attendance], reader),
        "is_update": mail.kind is Kind.UPDATE,
        "changes": changes(Facts.read(before), facts, reader) if before else [],
        "is_off": mail.payload["is_off"],
        "join_url": join if joins else "",
        "join_label": render(JOINS[facts.attendance], reader) if joins else "",
        "answers": _answers(mail, office, draft.generation, reader),
        "paragraphs": [line for line in facts.abstract.splitlines() if line.strip()],
    }


def _answers(mail: Mail, office: Office, generation: int, reader: Reader) -> list[tuple[str, str]]:
    """Return words and addresses to answer at. Mail scanners open them too, so it is confirmed there."""
    if mail.kind is Kind.CANCEL:
        return []
    page = office.links.page_url(mail.participant_id, generation)
    code = mail.payload["facts"]["code"]
    return [
        (render(word, reader), f"{page}answer?session={quote(code)}&answer={answer}")
        for answer, word in ANSWERS.items()
    ]


def _digest_line(of_day: Mapping[str, Any], reader: Reader) -> str:
    many = of_day["sessions"]
    words = reader.ngettext("%(day)s: %(num)s session", "%(day)s: %(num)s sessions", many)
    return words % {"day": reader.day(date.fromisoformat(of_day["day"])), "num": many}


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


def turn_line(turn: Turn, guest: dict[str, Any], reader: Reader) -> str:
    """Return what changed for somebody in one sentence, its times as `times` writes them."""
    when = " / ".join(times(turn, guest, reader))
    if turn.difference is Difference.MOVED:
        assert turn.before_starts_at is not None
        was = reader.moment(turn.before_starts_at, zone_of(turn.time_zone))
        return render(
            say("{title} moves to {when}. Until now: {was}.", title=turn.title, when=when, was=was),
            reader,
        )
    if turn.difference is Difference.TEXT and turn.before_title != turn.title:
        return render(
            say("“{before}” is now called “{title}”.", before=turn.before_title, title=turn.title),
            reader,
        )
    return render(_TURNS[turn.difference](turn.title, when), reader)


_TURNS: dict[Difference, Callable[[str, str], Text]] = {
    Difference.NEW: lambda title, when: say(
        "{title} is new for you: {when}.", title=title, when=when
    ),
    Difference.TEXT: lambda title, when: say(
        "The description of {title}, {when}, was revised.", title=title, when=when
    ),
    Difference.CANCELLED: lambda title, when: say(
        "{title} is cancelled; it was planned for {when}.", title=title, when=when
    ),
    Difference.OFF: lambda title, when: say(
        "{title}, {when}, is no longer in your agenda.", title=title, when=when
    ),
}


def times(facts: Facts | Turn, guest: dict[str, Any], reader: Reader) -> list[str]:
    """Return when, in the session's zone; then the same by the clocks beside it, the event's and the office's too."""
    there = zone_of(facts.time_zone)
    home = zone_of(guest["time_zone"]) if guest["time_zone"] else None
    others = [
        reader.span_beside(facts.starts_at, facts.ends_at, zone, there)
        for zone in beside(facts.starts_at, there, reader.zone, home)
    ]
    lines = [_span(facts, reader, facts.time_zone)]
    return [*lines, " · ".join(others)] if others else lines


def _meant(facts: Facts, reader: Reader) -> str:
    """Say which zone is meant."""
    zone = reader.zone_name(facts.starts_at, zone_of(facts.time_zone))
    return render(say("Times are in {zone}.", zone=zone), reader)


def _span(facts: Facts | Turn, reader: Reader, zone_name: str) -> str:
    zone = zone_of(zone_name)
    span = reader.span(facts.starts_at, facts.ends_at, zone)
    day = reader.day(facts.starts_at.astimezone(zone).date())
    return span if day in span else f"{day}, {span}"


def changes(before: Facts, after: Facts, reader: Reader) -> list[tuple[str, str]]:
    """Return what was said before of each thing that is different now."""
    found: list[tuple[Text, str]] = []
    if before.title != after.title:
        found.append((say("Title"), before.title))
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        found.append((say("When"), _span(before, reader, before.time_zone)))
    if before.place != after.place and before.place:
        found.append((say("Where"), before.place))
    if before.attendance != after.attendance:
        found.append((say("You attend"), render(WAYS[before.attendance], reader)))
    if before.attendance == after.attendance and before.generation != after.generation:
        found.append((say("Link"), render(say("another one, which no longer opens"), reader)))
    return [(render(label, reader), was) for label, was in found]


def _calendar(draft: Draft, office: Office, values: dict[str, Any]) -> CalendarPart:
    mail, facts = draft.mail, draft.facts
    method = Method.CANCEL if mail.kind is Kind.CANCEL else Method.REQUEST
    lines = [*values["times"], values["way"]]
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
        )
    )
    return CalendarPart(str(method), body)


def _tidy(text: str) -> str:
    """Return plain text with no more than one empty line in a row, as templates leave more."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line if line == "-- " else line.rstrip())
    return "\n".join(lines) + "\n"
