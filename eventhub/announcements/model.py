"""What an announcement is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text as written; `session` and `title` are None for everybody's. Moments are UTC."""

    id: int
    text: str
    session: str | None
    title: str | None
    at: datetime
    author: str
    taken_back_at: datetime | None
