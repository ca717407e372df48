"""Units spent per Google project and Pacific day, stored before each call is made."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.installation import Installation
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions

from . import quota
from .model import Provider
from .quota import PACIFIC, Purpose, Units
from .tables import broadcasts, youtube_units


def project_of(installation: Installation) -> str:
    """Return the Google project that pays the units: the number before the dash of its client ids."""
    return installation.settings.youtube.client_id.partition("-")[0][:100]


def pacific_day(at: datetime) -> date:
    """Return the day to which units spent at a moment are charged."""
    return at.astimezone(PACIFIC).date()


async def add(
    tx: AsyncConnection, project: str, day: date, units: int, purpose: Purpose = Purpose.SET_UP
) -> None:
    """Count units spent by a Google project on a Pacific day."""
    column = youtube_units.c[purpose.value]
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    first = {each.value: 0 for each in Purpose} | {purpose.value: units}
    await tx.execute(
        insert(youtube_units)
        .values(project=project, day=day, **first)
        .on_conflict_do_update(
            index_elements=["project", "day"], set_={purpose.value: column + units}
        )
    )


async def exhaust(tx: AsyncConnection, project: str, day: date, at: datetime) -> None:
    """Note that YouTube gives no more units on a day, whatever was counted here: others may use the project too."""
    await add(tx, project, day, 0)
    same = sa.and_(youtube_units.c.project == project, youtube_units.c.day == day)
    await tx.execute(youtube_units.update().where(same).values(exhausted_at=at))


async def units_on(tx: AsyncConnection, project: str, day: date) -> Units:
    """Return what a project has spent on a Pacific day."""
    table = youtube_units.c
    query = sa.select(
        table.set_up, table.extras, table.on_air, table.looks, table.exhausted_at
    ).where(table.project == project, table.day == day)
    row = (await tx.execute(query)).one_or_none()
    return Units(**row._mapping) if row is not None else Units()  # noqa: SLF001 -- SQLAlchemy's public name


async def planned_by_day(tx: AsyncConnection, first: date, days: int = 61) -> Callable[[date], int]:
    """Return what the sessions on air are planned to cost on each Pacific day from `first` on, of all events."""
    begin = datetime.combine(first, time(0), PACIFIC)
    query = (
        sa.select(sessions.c.starts_at, sessions.c.ends_at)
        .outerjoin(broadcasts, broadcasts.c.session_id == sessions.c.id)
        .where(
            sessions.c.stream,
            sessions.c.state == SessionState.PUBLISHED,
            sessions.c.starts_at >= begin,
            sessions.c.starts_at < begin + timedelta(days=days),
            sa.or_(broadcasts.c.id.is_(None), broadcasts.c.provider == Provider.YOUTUBE),
        )
    )
    by_day: dict[date, list[tuple[datetime, datetime]]] = {}
    for starts_at, ends_at in await tx.execute(query):
        by_day.setdefault(pacific_day(starts_at), []).append((starts_at, ends_at))
    costs: Mapping[date, int] = {day: quota.planned_units(each) for day, each in by_day.items()}
    return lambda day: costs.get(day, 0)
