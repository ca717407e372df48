"""The programme as rows of a table: as the public may see it, or as organizers take it elsewhere. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from eventhub.language import zone_of
from eventhub.participants import sheets

from .model import Released, Unscheduled, Waiting

COLUMNS = (
    "code", "title", "kind", "format", "track", "starts_at", "ends_at", "time_zone", "room", "building",
    "stream", "speakers", "state", "abstract",
)  # fmt: skip
PRIVATE = (*COLUMNS, "meeting_url", "duration")


def write_csv(
    sessions: Sequence[Released], tray: Sequence[Waiting] = (), *, private: bool = False
) -> bytes:
    """Return the sessions as CSV in UTF-8 with a mark that spreadsheets know it by; times in each session's zone.

    `private`: with the links of meetings, and behind them how many minutes each lasts. What lies in the `tray` comes
    last, with neither start nor end.
    """
    header = PRIVATE if private else COLUMNS
    return sheets.write_csv(header, _rows(sessions, tray, header))


def write_xlsx(
    title: str,
    sessions: Sequence[Released],
    tray: Sequence[Waiting] = (),
    *,
    private: bool = False,
) -> bytes:
    """Return the same as a workbook of text cells."""
    header = PRIVATE if private else COLUMNS
    return sheets.write_xlsx([sheets.Sheet(title, header, list(_rows(sessions, tray, header)))])


def _rows(
    sessions: Sequence[Released], tray: Sequence[Waiting], header: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    for each in (*map(_released, sessions), *map(_waiting, tray)):
        yield tuple(each[name] for name in header)


def _released(session: Released) -> dict[str, str]:
    zone = zone_of(session.time_zone)
    return _described(session) | {
        "starts_at": session.starts_at.astimezone(zone).isoformat(timespec="minutes"),
        "ends_at": session.ends_at.astimezone(zone).isoformat(timespec="minutes"),
        "room": session.room_name,
        "building": session.building,
        "speakers": "; ".join(name for _, name in session.speakers),
        "duration": str((session.ends_at - session.starts_at) // timedelta(minutes=1)),
    }


def _waiting(waiting: Waiting) -> dict[str, str]:
    return _described(waiting.session) | {
        "starts_at": "",
        "ends_at": "",
        "room": waiting.room_name,
        "building": waiting.building,
        "speakers": "; ".join(waiting.speakers),
        "duration": str(waiting.session.minutes),
    }


def _described(session: Released | Unscheduled) -> dict[str, str]:
    return {
        "code": session.code,
        "title": session.title,
        "kind": session.kind.value,
        "format": session.format.value,
        "track": session.track,
        "time_zone": session.time_zone,
        "stream": "yes" if session.stream else "no",
        "state": session.state.value,
        "abstract": session.abstract,
        "meeting_url": session.meeting_url,
    }
