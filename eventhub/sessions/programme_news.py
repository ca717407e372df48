"""Tells open pages that the programme has changed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.web.access import Right

MOST_NAMED = 200


async def tell_changed(
    tx: AsyncConnection, event_id: int, codes: Iterable[str], *, at: datetime, why: str = "changed"
) -> None:
    """Tell those who may read the draft which sessions changed; of very many the first 200 are named."""
    named = sorted(set(codes))[:MOST_NAMED]
    if named:
        await news.tell(
            tx,
            news.Kind.PROGRAMME,
            {"sessions": named, "why": why},
            event_id=event_id,
            at=at,
            right=Right.PROGRAMME_READ.value,
        )


async def tell_released(
    tx: AsyncConnection, event_id: int, number: int, codes: Iterable[str], *, at: datetime
) -> None:
    """Tell everybody of a new release, and those who may read the draft which sessions it changed."""
    await tell_changed(tx, event_id, codes, at=at, why="released")
    await news.tell(tx, news.Kind.PROGRAMME, {"release": number}, event_id=event_id, at=at)
