"""Which encoder a streamed session is fed by: decided for drafts and releases alike. Pure."""

from typing import NamedTuple


class Encoder(NamedTuple):
    """A reusable stream with its key; the code is unique in an event, the name is for people."""

    code: str
    name: str


def encoder_of(*, room: str | None, room_name: str, track: str, event: str) -> Encoder:
    """Return a session's encoder: its room's, without a room its track's, without either the event's."""
    if room is not None:
        return Encoder(f"room:{room}", room_name)
    return Encoder(f"track:{track}", track) if track else Encoder("event", event)
