"""Until when what cannot be done now has to wait."""

from datetime import datetime, time, timedelta

from eventhub.wording import Text, say

from . import ledger, quota
from .connection import Studio
from .quota import PACIFIC, day_ends
from .rules import Does, Step
from .trouble import Problem, Retry

CREEP = timedelta(minutes=10)
_HOURS = timedelta(hours=6)

_BUDGET = say("Today's units for setting up are used; the rest is kept for going live.")


def again_at(problem: Problem, at: datetime) -> datetime:
    """Return when a call that failed so may be made again."""
    if problem.retry is Retry.TOMORROW:
        return day_ends(at)
    return at + (_HOURS if problem.retry is Retry.HOURS else CREEP)


async def put_off(
    studio: Studio, waiting: list[tuple[str, int]]
) -> list[tuple[str, datetime, Text]]:
    """Return on which day what waits for units will find them."""
    if not waiting:
        return []
    at = studio.installation.clock.now()
    today = ledger.pacific_day(at)
    async with studio.installation.database.reading() as tx:
        planned = await ledger.planned_by_day(tx, today)
    left = await allowance(studio, at)
    days = quota.spread(waiting, left, today, lambda day: quota.allowance(planned(day)))
    found = []
    for session, day in days:
        until = datetime.combine(day, time(0), PACIFIC).astimezone(at.tzinfo)
        found.append((session, max(until, day_ends(at)), _BUDGET))
    return found


async def must_wait(studio: Studio, step: Step, at: datetime) -> bool:
    """Whether the units for setting up are used; what starts before there are new ones is set up all the same."""
    if step.does is not Does.CREATE or (step.wanted and step.wanted.starts_at < day_ends(at)):
        return False
    return await allowance(studio, at) < quota.SET_UP_UNITS


async def allowance(studio: Studio, at: datetime) -> int:
    """Return the units that may still be spent on setting up on this Pacific day."""
    installation, today = studio.installation, ledger.pacific_day(at)
    async with installation.database.reading() as tx:
        planned = await ledger.planned_by_day(tx, today, 1)
        units = await ledger.units_on(tx, ledger.project_of(installation), today)
    return quota.allowance(planned(today), units)
