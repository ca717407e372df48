"""Column types that mean the same on both engines."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out.

    SQLite has no time zone in its text form, so it keeps UTC to the microsecond in one
    fixed-width form that sorts as time does. A naive value is a bug and raises ValueError.
    """

    impl = sa.DateTime(timezone=True).with_variant(
        sqlite.DATETIME(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
            storage_format=(
                "%(year)04d-%(month)02d-%(day)02dT%(hour)02d:%(minute)02d:%(second)02d.%(microsecond)06dZ"
            ),
            regexp=r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)Z",
        ),
        "sqlite",
    )
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive moment {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
