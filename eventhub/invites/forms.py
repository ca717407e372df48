"""What invitations look like from outside."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from eventhub.events.model import Attendance
from eventhub.invites.model import Kind, Method, State
from eventhub.sessions.model import Kind as SessionKind
from eventhub.web.fields import Day, Form, Instant, Moment, Shape

from .choices import Choices, Told
from .planning import Queued
from .standings import Standing

Rsvp = Literal["needs_action", "accepted", "tentative", "declined", "delegated"]
Fared = Literal["queued", "sent", "failed", "uncertain", "bounced"]

# What is not sent yet is queued to whoever asks from outside, whether approved or with the server already.
FARED: dict[State, Fared] = {
    State.DRAFT: "queued",
    State.QUEUED: "queued",
    State.SENDING: "queued",
    State.SUPERSEDED: "queued",
    State.SENT: "sent",
    State.FAILED: "failed",
    State.UNCERTAIN: "uncertain",
    State.BOUNCED: "bounced",
}


class SendForm(Form):
    """Whether to queue, or only to say what would be."""

    dry_run: bool = False


class ShareShape(Shape):
    """How many mails of which kind a delegation gets; `participants` are the ids of those who get any."""

    delegation: str
    name: str
    kinds: dict[Kind, int]
    participants: list[int]


class SentShape(Shape):
    """How many mails were (or would be) queued, and how many people and invitations need none.

    `kinds` and `delegations` say who gets what: only with `dry_run`, else they are empty.
    """

    queued: int
    unchanged: int
    without_address: int
    kinds: dict[Kind, int]
    delegations: list[ShareShape]


def sent_shape(queued: Queued, *, dry_run: bool) -> SentShape:
    """Return the outcome of a run, or of one that was tried."""
    shares = queued.shares if dry_run else ()
    return SentShape(
        queued=queued.total,
        unchanged=queued.unchanged,
        without_address=queued.without_address,
        kinds={kind: many for kind, many in queued.kinds.items() if many and dry_run},
        delegations=[
            ShareShape(
                delegation=one.code,
                name=one.office,
                kinds=one.kinds,
                participants=[part.guest.id for part in one.people],
            )
            for one in shares
        ],
    )


class StandingShape(Shape):
    """Where an invitation stands; `method` is CANCEL once it was taken back.

    `mail_error` is the mail server's reason, `delegate` who comes instead, `comment` what was
    written beside the answer.
    """

    email: str
    session: str
    uid: str
    sequence: int
    attendance: Attendance
    rsvp: Rsvp
    in_place_of: str | None
    mail: Fared
    mail_error: str
    delegate: str
    comment: str
    participant: int
    method: Method


def standing_shape(standing: Standing) -> StandingShape:
    """Return an invitation as the contract shows it."""
    return StandingShape.model_validate(
        {
            "email": standing.email,
            "session": standing.session,
            "uid": standing.uid,
            "sequence": standing.sequence,
            "attendance": standing.attendance,
            "rsvp": standing.rsvp,
            "in_place_of": standing.in_place_of,
            "mail": FARED[standing.mail],
            "mail_error": standing.mail_error,
            "delegate": standing.delegate,
            "comment": standing.comment,
            "participant": standing.participant_id,
            "method": standing.method,
        }
    )


class ChoiceForm(Form):
    """How those who attend sessions of a kind in a way are told of them."""

    kind: SessionKind
    attendance: Attendance
    told: Told


class ChoicesForm(Form):
    """What is not as usual; what is left out is as usual again."""

    choices: Annotated[list[ChoiceForm], Field(max_length=100)]


class ChoiceShape(Shape):
    kind: SessionKind
    attendance: Attendance
    told: Told


class ChoicesShape(Shape):
    """How everybody is told of sessions, by kind and way of attending."""

    items: list[ChoiceShape]


def choices_shape(choices: Choices) -> ChoicesShape:
    """Return what holds for every kind and way of attending."""
    return ChoicesShape(
        items=[
            ChoiceShape(kind=kind, attendance=way, told=choices.of(kind, way))
            for kind in SessionKind
            for way in Attendance
        ]
    )


class ReminderForm(Form):
    """Of which day to remind, and when; without `at`, now."""

    day: Day
    at: Moment | None = None


class ReminderShape(Shape):
    """A reminder; `queued` is how many mails it became, null before it is due."""

    id: int
    day: date
    at: Instant
    queued: int | None
