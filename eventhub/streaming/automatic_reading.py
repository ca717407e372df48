"""What comes next for broadcasts by themselves, for those who read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.wording import Text

from . import automatic, automatic_store
from .automatic import Does, Standing, Subject
from .automatic_words import words

_TONES: dict[Does, Literal["warn", "bad"]] = {
    Does.WAITS_FOR_ENCODER: "warn",
    Does.WAITS_FOR_OTHER: "warn",
    Does.WAITS_FOR_BROADCAST: "warn",
    Does.TRIES_AGAIN: "warn",
    Does.PAUSED: "warn",
    Does.GAVE_UP: "bad",
    Does.MISSED: "bad",
}


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes next for a session's broadcast by itself, in one sentence. `starts`, `ends`: what is in force."""

    does: Does
    text: Text
    tone: Literal["", "warn", "bad"]
    starts: bool
    ends: bool
    standing: Standing

    @property
    def is_paused(self) -> bool:
        return bool(self.standing.start_paused_at or self.standing.end_paused_at)


async def list_coming(
    tx: AsyncConnection,
    event: Event,
    at: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> dict[str, Coming]:
    """Return what comes next for the released streamed sessions that touch a span of time, by their codes."""
    zone = ZoneInfo(event.time_zone)
    return {
        each.session: _coming(each, zone, at)
        for each in await automatic_store.list_subjects(tx, event, at, begin, end)
    }


async def find_coming(
    tx: AsyncConnection, event: Event, session: str, at: datetime
) -> Coming | None:
    """Return what comes next for one session; None when it is not released with a stream."""
    return (await list_coming(tx, event, at)).get(session)


def _coming(subject: Subject, zone: ZoneInfo, at: datetime) -> Coming:
    outlook = automatic.decide(subject, at)
    return Coming(
        does=outlook.does,
        text=words(subject, outlook, zone),
        tone=_TONES.get(outlook.does, ""),
        starts=subject.choice.starts,
        ends=subject.choice.ends,
        standing=subject.standing,
    )
