"""Programmes to plan: what the planner reads, made without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from random import Random
from typing import Any

from eventhub.sessions import rules
from eventhub.sessions.model import AnySession, Session, Unscheduled
from eventhub.sessions.planner.model import Order, Window, Wishes
from eventhub.sessions.planner.problem import Programme
from tests.sessions.naive import World
from tests.sessions.test_finding_every_conflict import session_of, surroundings, world_of

DAYS = (date(2021, 2, 25), date(2021, 2, 26))
MORNING = Window(time(9), time(12))
AFTERNOON = Window(time(13), time(16))
UNIT = ("starts_at", "ends_at")


def order(codes: Sequence[str], **changes: Any) -> Order:
    """Make an order for two days, from nine to twelve and from one to four, a start every hour."""
    values: dict[str, Any] = {"days": DAYS, "windows": (MORNING, AFTERNOON), "step": 60}
    return Order(codes=frozenset(codes), **{**values, **changes})


def tray(session: Session) -> Unscheduled:
    """Take a session's time away."""
    values = {
        name: getattr(session, name) for name in session.__dataclass_fields__ if name not in UNIT
    }
    return Unscheduled(minutes=session.minutes, **values)


def programme_of(world: World, sessions: Sequence[AnySession]) -> Programme:
    """Return what the planner reads of some sessions; every office is at the top."""
    heads = dict.fromkeys(world.offices, 1) | {id: id for id in world.offices}
    return Programme(world.event, tuple(sessions), surroundings(world), heads)


def random_order(random: Random, size: int) -> tuple[Order, Programme]:
    """Make up to `size` sessions that may stand anywhere or nowhere, and an order for most of them."""
    world = world_of(random)
    sessions: list[AnySession] = []
    for id in range(1, size + 1):
        made = session_of(random, id)
        sessions.append(tray(made) if random.random() < 0.3 and made.minutes < 600 else made)
    wanted = order(
        [each.code for each in sessions if random.random() < 0.8],
        days=random.choice([DAYS, DAYS[:1], DAYS[1:]]),
        step=random.choice([30, 60]),
        length=random.choice([None, 30, 60]),
        pinned=frozenset(each.code for each in sessions if random.random() < 0.1),
        any_room=random.random() < 0.3,
        wishes=Wishes(*(random.randrange(3) for _ in range(4))),
        seconds=5,
    )
    return wanted, programme_of(world, sessions)


def without_severities(programme: Programme) -> Programme:
    """Return a programme whose event decides as events do that decide nothing."""
    event = replace(programme.event, severities={})
    around = replace(programme.around, severities=rules.severities(event))
    return replace(programme, event=event, around=around)
