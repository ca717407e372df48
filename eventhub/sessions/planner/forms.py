"""What comes in and goes out about plans."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault, Invalid
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.sessions.model import Kind, SessionState
from eventhub.web.fields import Code, Day, Form, Instant, OptionalLine, Paging, Shape
from eventhub.wording import render, say

from . import store
from .model import Order, Window, Wishes
from .store import Outline, PlanStatus, StoredPlan
from .texts import text_of

MORNING, AFTERNOON = ("09:00", "12:00"), ("13:00", "16:00")
MOST_PINNED = 5000


def _wall_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise PydanticCustomError("wall_time", "This is no time of day, such as 04:00.")
    return value


Wall = Annotated[str, AfterValidator(_wall_time)]
Weight = Annotated[int, Field(ge=0, le=3)]


class PartOfDay(Form):
    """Part of a day in which sessions may lie, in the event's wall time."""

    start: Wall
    end: Wall


class WishesForm(Form):
    """How much each wish weighs: 0 not at all, 3 most."""

    own_day: Weight = Wishes().own_day
    east_early: Weight = Wishes().east_early
    few_gaps: Weight = Wishes().few_gaps
    stay: Weight = Wishes().stay


class NewPlan(Form):
    """Which sessions to place, and where they may lie. Without `sessions`, those of a kind, track and day.

    Without `days`, those on which the sessions lie now, or all of the event. `step_minutes`: sessions start so many
    minutes apart; without it, as long as most of them last.
    """

    sessions: Annotated[list[Code], Field(max_length=MOST_PINNED)] | None = None
    kind: Kind | None = Kind.DESK
    track: OptionalLine = ""
    on_day: Day | None = None
    only_unscheduled: bool = False
    keep_published: bool = False
    pinned: Annotated[list[Code], Field(max_length=MOST_PINNED)] = Field(default_factory=list)
    days: Annotated[list[Day], Field(max_length=400)] | None = None
    hours: Annotated[list[PartOfDay], Field(min_length=1, max_length=12)] = Field(
        default_factory=lambda: [PartOfDay(start=a, end=b) for a, b in (MORNING, AFTERNOON)]
    )
    step_minutes: Annotated[int, Field(ge=5, le=480)] | None = None
    length_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    any_room: bool = False
    wishes: WishesForm = Field(default_factory=WishesForm)
    seconds: Annotated[int, Field(ge=5, le=600)] = 50


class PlanPaging(Paging):
    pass


async def make_order(tx: AsyncConnection, event: Event, form: NewPlan) -> Order:
    """Return the order that a form describes, of the programme as it is."""
    every = await store.list_outlines(tx, event.id)
    _refuse_unknown(form, {each.code for each in every})
    _refuse_impossible(form, {*event.days, *usual_days(event, every)})
    chosen = [each for each in every if _is_meant(each, event, form)]
    published = {each.code for each in chosen if each.state is SessionState.PUBLISHED}
    return Order(
        codes=frozenset(each.code for each in chosen),
        days=tuple(sorted(set(form.days or []))) or usual_days(event, chosen),
        windows=tuple(
            Window(time.fromisoformat(part.start), time.fromisoformat(part.end))
            for part in sorted(form.hours, key=lambda part: part.start)
        ),
        step=form.step_minutes or usual_minutes(chosen),
        length=form.length_minutes,
        pinned=frozenset(form.pinned) | (published if form.keep_published else frozenset()),
        any_room=form.any_room,
        wishes=Wishes(**form.wishes.model_dump()),
        seconds=form.seconds,
    )


def _refuse_unknown(form: NewPlan, known: set[str]) -> None:
    faults = [
        Fault(field, say("There is no session {code}.", code=code))
        for field, codes in (("sessions", form.sessions or ()), ("pinned", form.pinned))
        for code in codes
        if code not in known
    ]
    if faults:
        raise Invalid(faults[:5])


def _refuse_impossible(form: NewPlan, days: set[date]) -> None:
    faults = [
        Fault("days", say("{day} is no day of the event.", day=day))
        for day in form.days or ()
        if day not in days
    ]
    if any(part.start >= part.end for part in form.hours):
        faults.append(Fault("hours", say("A part of the day must end after it starts.")))
    if faults:
        raise Invalid(faults[:5])


def _is_meant(session: Outline, event: Event, form: NewPlan) -> bool:
    if session.state is SessionState.CANCELLED:
        return False
    if form.sessions is not None:
        return session.code in form.sessions
    starts_at = session.starts_at
    on_day = form.on_day is None or (
        starts_at is not None and event.day_of(starts_at) == form.on_day
    )
    return (
        on_day
        and form.kind in {None, session.kind}
        and form.track in {"", session.track}
        and (starts_at is None or not form.only_unscheduled)
    )


def usual_days(event: Event, chosen: Sequence[Outline]) -> tuple[date, ...]:
    """Return the days on which sessions lie now; where they lie on none, the event's."""
    now = {event.day_of(each.starts_at) for each in chosen if each.starts_at is not None}
    return tuple(sorted(now)) or event.days


def usual_minutes(chosen: Sequence[Outline]) -> int:
    """Return how long most of some sessions last."""
    counted = Counter(each.minutes for each in chosen)
    return max(5, counted.most_common(1)[0][0]) if counted else 60


class ProgressShape(Shape):
    """Plans found, the cost of the best one and what none can undercut (less is better), and seconds spent."""

    found: int
    cost: int | None
    bound: int | None
    placed: int
    of: int
    first_s: float
    seconds: float
    proven: bool


class SpotShape(Shape):
    starts_at: Instant
    ends_at: Instant
    room: str | None


class MoveShape(Shape):
    """A session's way; null is the tray."""

    session: str
    title: str
    before: SpotShape | None
    after: SpotShape | None
    why: str | None


class UnplacedShape(Shape):
    session: str
    title: str
    why: str


class PlanConflictShape(Shape):
    kind: str
    sessions: list[str]
    explanation: str


class ProposalShape(Shape):
    """What a plan would move; `unplaced` sessions stay where they are, `kept` ones are there already."""

    moves: list[MoveShape]
    unplaced: list[UnplacedShape]
    kept: int
    conflicts: list[PlanConflictShape]
    warnings: int
    warnings_before: int


class PlanShape(Shape):
    id: int
    status: PlanStatus
    made_by: str
    made_at: Instant
    progress: ProgressShape


class WholePlanShape(PlanShape):
    proposal: ProposalShape | None


def plan_values(plan: StoredPlan, at: datetime) -> dict[str, Any]:
    """Return a plan's fields in the shape of lists."""
    names = ("found", "cost", "bound", "placed", "of", "first_s", "seconds", "proven")
    return {
        "id": plan.id,
        "status": plan.stands(at),
        "made_by": plan.made_by,
        "made_at": plan.made_at,
        "progress": {name: getattr(plan.progress, name) for name in names},
    }


def whole_values(plan: StoredPlan, reader: Reader, at: datetime) -> dict[str, Any]:
    """Return a plan's fields with its proposal, texts in the reader's language."""
    return plan_values(plan, at) | {
        "proposal": plan.proposal and proposal_values(plan.proposal, reader)
    }


def proposal_values(proposal: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """Return a stored proposal with its texts in the reader's language."""

    def told(text: dict[str, Any] | None) -> str | None:
        return render(text_of(text), reader) if text else None

    return {
        "moves": [
            {
                "session": move["session"],
                "title": move["title"],
                "before": _spot(move["before"]),
                "after": _spot(move["after"]),
                "why": told(move["why"]),
            }
            for move in proposal["moves"]
        ],
        "unplaced": [
            {"session": each["session"], "title": each["title"], "why": told(each["why"])}
            for each in proposal["unplaced"]
        ],
        "kept": proposal["kept"],
        "conflicts": [
            {"kind": c["kind"], "sessions": c["sessions"], "explanation": told(c["why"])}
            for c in proposal["conflicts"]
        ],
        "warnings": proposal["warnings"],
        "warnings_before": proposal["warnings_before"],
    }


def _spot(spot: dict[str, str] | None) -> dict[str, Any] | None:
    return spot and spot | {"room": spot["room"] or None}
