"""Repetitions of calendar entries (RFC 5545, 3.8.5), expanded. Pure."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr
from icalendar import vRecur

from eventhub.wording import say

from .item import Wrong

MOST = 1000
LONGEST = timedelta(days=366 * 10)


def starts(
    first: datetime,
    rules: Collection[vRecur],
    *,
    extra: Collection[datetime],
    without: Collection[datetime],
    until: datetime,
) -> list[datetime]:
    """Return when a repeated entry starts, its first time included, by wall time in its zone.

    A rule without an end runs to `until`. Raises Wrong for a rule that cannot be read or repeats too often.
    """
    found = {first, *extra}
    for rule in rules:
        found |= _by_rule(first, rule, until)
    found -= set(without)
    if len(found) > MOST:
        raise Wrong("rrule", say("The entry repeats more than {n} times.", n=MOST))
    return sorted(found)


def _by_rule(first: datetime, rule: vRecur, until: datetime) -> set[datetime]:
    parts = {name.upper(): value for name, value in rule.items()}
    if not {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"} & set(map(str, parts.get("FREQ", ()))):
        raise Wrong("rrule", say("The entry repeats too often: a session repeats daily at most."))
    count = int(parts.pop("COUNT", [0])[0])
    last = _last(first, parts.pop("UNTIL", []), until, counted=bool(count))
    bare = vRecur({name: value for name, value in parts.items() if name != "UNTIL"})
    told = bytes(bare.to_ical()).decode()  # type: ignore[no-untyped-call]  # icalendar leaves it so
    text = f"{told};UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        moments = rrulestr(text, dtstart=first)
        return set(islice(moments, min(count or MOST + 1, MOST + 1)))
    except (ValueError, TypeError, OverflowError) as error:
        raise Wrong("rrule", say("The repetition cannot be read.")) from error


def _last(first: datetime, told: list[object], until: datetime, *, counted: bool) -> datetime:
    if told and isinstance(told[0], datetime):
        last = told[0] if told[0].tzinfo else told[0].replace(tzinfo=first.tzinfo)
        return min(last, first + LONGEST)
    if told:
        # A day: the whole of it (RFC 5545, 3.3.10).
        day = told[0]
        end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=first.tzinfo)  # type: ignore[attr-defined]  # vRecur holds days and moments
        return min(end, first + LONGEST)
    return first + LONGEST if counted else max(until, first)
