"""Connected channels: SQL in, model out. Refresh tokens are sealed and never leave here but for a call."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news, outbox
from eventhub.db.engine import insert_row
from eventhub.events.tables import rooms
from eventhub.installation import Installation
from eventhub.settings import Settings, YouTubeSettings
from eventhub.signing import Sealer, digest
from eventhub.web.access import Right

from .model import Connected
from .tables import broadcasts, encoder_streams, youtube_channels
from .trouble import Problem

DISCONNECTED = "streaming.disconnected"

# After one of these no call can succeed until a person connects the channel again or mends the settings.
DISCONNECTING = frozenset(
    {"invalid_grant", "authError", "invalid_client", "insufficientPermissions"}
)

_TABLE = youtube_channels.c


@dataclass(frozen=True, slots=True)
class Homes:
    """Where an event's broadcasts go: its channel, and those encoders that have another one."""

    default: Connected | None
    known: dict[int, Connected]
    by_encoder: dict[str, int]

    def of(self, encoder: str) -> Connected | None:
        """Return the channel of an encoder's broadcasts."""
        wished = self.known.get(self.by_encoder.get(encoder, 0))
        return wished if wished and wished.disconnected_at is None else self.default


def sealer(secret: str) -> Sealer:
    """Return what refresh tokens are sealed with."""
    return Sealer(secret, "youtube-token")


def access_of(settings: Settings, channel: Connected) -> YouTubeSettings:
    """Return the credentials of a channel."""
    if channel.event_id is None:
        return settings.youtube
    assert channel.sealed_token is not None
    token = sealer(settings.secret).unseal(channel.sealed_token).decode()
    return replace(settings.youtube, refresh_token=token)


def _as_channel(row: sa.Row[tuple[object, ...]]) -> Connected:
    return Connected(**row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns


async def find(tx: AsyncConnection, channel_id: int) -> Connected | None:
    """Return a channel, also one that was disconnected."""
    query = sa.select(youtube_channels).where(_TABLE.id == channel_id)
    row = (await tx.execute(query)).one_or_none()
    return _as_channel(row) if row is not None else None


async def list_own(tx: AsyncConnection, event_id: int) -> list[Connected]:
    """Return the channels connected to an event in the browser, the first one first."""
    query = sa.select(youtube_channels).where(
        _TABLE.event_id == event_id, _TABLE.disconnected_at.is_(None)
    )
    return [_as_channel(row) for row in await tx.execute(query.order_by(_TABLE.id))]


async def of_settings(tx: AsyncConnection, settings: Settings, at: datetime) -> Connected | None:
    """Return the channel of the settings, noting it; new credentials there are a new connection."""
    youtube = settings.youtube
    if not youtube.is_set:
        return None
    sign = digest(f"{youtube.client_id}\n{youtube.client_secret}\n{youtube.refresh_token}")
    query = sa.select(youtube_channels).where(_TABLE.event_id.is_(None)).order_by(_TABLE.id)
    row = (await tx.execute(query.limit(1))).first()
    if row is None:
        values = {
            "event_id": None, "youtube_id": "", "title": "", "digest": sign, "connected_at": at,
            "connected_by": "",
        }  # fmt: skip
        channel_id = await insert_row(tx, youtube_channels, values)
    else:
        channel_id = row.id
        if row.digest != sign:
            same = youtube_channels.update().where(_TABLE.id == channel_id)
            await tx.execute(
                same.values(digest=sign, connected_at=at, problem_code=None, problem_at=None)
            )
    return await find(tx, channel_id)


async def homes(
    tx: AsyncConnection, installation: Installation, event_id: int, at: datetime
) -> Homes:
    """Return where the event's broadcasts go: its first own channel, else that of the settings."""
    own = await list_own(tx, event_id)
    of_all = await of_settings(tx, installation.settings, at)
    known = {each.id: each for each in [*own, *([of_all] if of_all else [])]}
    rows = await tx.execute(
        sa.select(encoder_streams.c.encoder, encoder_streams.c.wished_channel_id).where(
            encoder_streams.c.event_id == event_id,
            encoder_streams.c.wished_channel_id.is_not(None),
        )
    )
    return Homes(own[0] if own else of_all, known, {row[0]: row[1] for row in rows})


async def is_connected(tx: AsyncConnection, settings: Settings, event_id: int) -> bool:
    """Whether there is a channel that the event's broadcasts can be made on."""
    return settings.youtube.is_set or bool(await list_own(tx, event_id))


async def add(
    tx: AsyncConnection,
    event_id: int,
    *,
    youtube_id: str,
    title: str,
    sealed_token: bytes,
    who: str,
    at: datetime,
) -> Connected:
    """Store a channel; the same channel connected again keeps its row, and its problem is over."""
    query = sa.select(_TABLE.id).where(_TABLE.event_id == event_id, _TABLE.youtube_id == youtube_id)
    known = (await tx.execute(query)).scalar()
    values = {
        "title": title, "sealed_token": sealed_token, "connected_at": at, "connected_by": who,
        "disconnected_at": None, "problem_code": None, "problem_at": None,
    }  # fmt: skip
    if known is None:
        new = {"event_id": event_id, "youtube_id": youtube_id, "digest": "", **values}
        known = await insert_row(tx, youtube_channels, new)
    else:
        await tx.execute(youtube_channels.update().where(_TABLE.id == known).values(**values))
    found = await find(tx, known)
    assert found is not None
    return found


async def is_shared(tx: AsyncConnection, channel: Connected) -> bool:
    """Whether another event goes by a connection of the same channel."""
    query = sa.select(_TABLE.id).where(
        _TABLE.youtube_id == channel.youtube_id,
        _TABLE.id != channel.id,
        _TABLE.sealed_token.is_not(None),
    )
    return (await tx.execute(query)).first() is not None


async def remove(tx: AsyncConnection, channel: Connected, at: datetime) -> None:
    """Take a channel out: its token is erased; what was made on it stays there."""
    gone = youtube_channels.update().where(_TABLE.id == channel.id)
    await tx.execute(gone.values(sealed_token=None, disconnected_at=at, problem_code=None))
    wished = encoder_streams.update().where(encoder_streams.c.wished_channel_id == channel.id)
    await tx.execute(wished.values(wished_channel_id=None))


async def break_off(
    tx: AsyncConnection, channel: Connected, problem: Problem, *, event_id: int | None, at: datetime
) -> None:
    """Note what ended a channel's connection; the first time its organizers are written to."""
    fresh = youtube_channels.update().where(_TABLE.id == channel.id, _TABLE.problem_code.is_(None))
    changed = await tx.execute(fresh.values(problem_code=problem.code, problem_at=at))
    if changed.rowcount:
        payload = {"channel": channel.id, "problem": problem.code}
        await outbox.add(tx, DISCONNECTED, payload, event_id=event_id, at=at)
        if event_id is None:
            return
        await news.tell(
            tx, "broadcast", {"channel": channel.id, "problem": problem.code},
            event_id=event_id, at=at, right=Right.BROADCASTS_READ.value,
        )  # fmt: skip


async def try_again(tx: AsyncConnection, channel_id: int) -> None:
    """Let a channel be called again."""
    same = youtube_channels.update().where(_TABLE.id == channel_id)
    await tx.execute(same.values(problem_code=None, problem_at=None))


async def count_broadcasts(tx: AsyncConnection, channel_id: int) -> int:
    """Return how many broadcasts of ours are on a channel."""
    query = sa.select(sa.func.count()).where(
        broadcasts.c.channel_id == channel_id, broadcasts.c.youtube_id.is_not(None)
    )
    return (await tx.execute(query)).scalar_one()


async def list_room_names(tx: AsyncConnection, event_id: int) -> dict[str, str]:
    """Return the names of the event's rooms by code."""
    query = sa.select(rooms.c.code, rooms.c.name).where(rooms.c.event_id == event_id)
    return {row.code: row.name for row in await tx.execute(query)}


async def wish_channel(
    tx: AsyncConnection, event_id: int, encoder: str, channel_id: int | None
) -> None:
    """Let an encoder's broadcasts be made on a channel; None: on the event's."""
    table = encoder_streams.c
    same = encoder_streams.update().where(table.event_id == event_id, table.encoder == encoder)
    await tx.execute(same.values(wished_channel_id=channel_id))
