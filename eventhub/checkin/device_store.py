"""Scanner phones and the one-time links that make them, in the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .model import Device, Enrolment
from .tables import devices, enrolments, passages


async def insert_enrolment(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a one-time enrolment."""
    await tx.execute(enrolments.insert().values(**values, used_at=None))


async def find_enrolment(tx: AsyncConnection, code_hash: str, at: datetime) -> Enrolment | None:
    """Return an enrolment that can still be used."""
    query = sa.select(enrolments).where(
        enrolments.c.code_hash == code_hash,
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > at,
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return _enrolment(row)


async def list_enrolments(tx: AsyncConnection, event_id: int, at: datetime) -> list[Enrolment]:
    """Return the event's enrolments that can still be used, newest first."""
    query = sa.select(enrolments).where(
        enrolments.c.event_id == event_id,
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > at,
    )
    rows = await tx.execute(query.order_by(enrolments.c.id.desc()))
    return [_enrolment(row) for row in rows]


def _enrolment(row: Any) -> Enrolment:
    return Enrolment(
        row.id,
        row.event_id,
        row.device_name,
        tuple(row.checkpoints),
        row.may_override,
        row.may_search,
        row.expires_at,
    )


async def use_enrolment(tx: AsyncConnection, enrolment_id: int, at: datetime) -> bool:
    """Mark an enrolment used; False when somebody else was first."""
    where = enrolments.c.id == enrolment_id, enrolments.c.used_at.is_(None)
    result = await tx.execute(enrolments.update().where(*where).values(used_at=at))
    return bool(result.rowcount)


async def delete_enrolment(tx: AsyncConnection, event_id: int, enrolment_id: int) -> str | None:
    """Take out a link that was not used; return the scanner's name, None when there is none."""
    mine = enrolments.c.event_id == event_id, enrolments.c.id == enrolment_id
    gone = enrolments.delete().where(*mine, enrolments.c.used_at.is_(None))
    result = await tx.execute(gone.returning(enrolments.c.device_name))
    name: str | None = result.scalar_one_or_none()
    return name


async def insert_device(tx: AsyncConnection, values: Mapping[str, Any]) -> int:
    """Write a new scanner device; return its id."""
    insert = devices.insert().values(**values, revoked_at=None).returning(devices.c.id)
    return int((await tx.execute(insert)).scalar_one())


async def find_device(tx: AsyncConnection, token_hash: str) -> Device | None:
    """Return the live device of a token."""
    where = devices.c.token_hash == token_hash, devices.c.revoked_at.is_(None)
    row = (await tx.execute(sa.select(devices).where(*where))).one_or_none()
    return _device(row) if row else None


async def list_devices(tx: AsyncConnection, event_id: int) -> list[Device]:
    """Return the event's live devices, newest first, each with when it last sent a scan."""
    scans = (
        sa.select(passages.c.by_id, sa.func.max(passages.c.arrived_at).label("last_scan_at"))
        .where(passages.c.event_id == event_id, passages.c.by_kind == "device")
        .group_by(passages.c.by_id)
        .subquery()
    )
    query = (
        sa.select(devices, scans.c.last_scan_at)
        .outerjoin(scans, scans.c.by_id == devices.c.id)
        .where(devices.c.event_id == event_id, devices.c.revoked_at.is_(None))
        .order_by(devices.c.id.desc())
    )
    return [_device(row, row.last_scan_at) for row in await tx.execute(query)]


async def revoke_device(
    tx: AsyncConnection, event_id: int, device_id: int, at: datetime
) -> str | None:
    """Make a phone no scanner any more; return its name, None when it is none."""
    where = (
        devices.c.event_id == event_id,
        devices.c.id == device_id,
        devices.c.revoked_at.is_(None),
    )
    result = await tx.execute(
        devices.update().where(*where).values(revoked_at=at).returning(devices.c.name)
    )
    name: str | None = result.scalar_one_or_none()
    return name


def _device(row: Any, last_scan_at: datetime | None = None) -> Device:
    return Device(
        row.id,
        row.event_id,
        row.name,
        tuple(row.checkpoints),
        row.may_override,
        row.may_search,
        row.enrolled_at,
        last_scan_at,
    )
