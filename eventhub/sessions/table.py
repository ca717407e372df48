"""The programme as rows of a table: as the public may see it, or as organizers take it elsewhere. Pure."""

from collections.abc import Sequence

from eventhub.language import zone_of
from eventhub.participants import sheets

from .model import Released

COLUMNS = (
    "code", "title", "kind", "format", "track", "starts_at", "ends_at", "time_zone", "room", "building",
    "stream", "speakers", "state", "abstract",
)  # fmt: skip
PRIVATE = (*COLUMNS, "meeting_url")


def write_csv(sessions: Sequence[Released], *, private: bool = False) -> bytes:
    """Return the sessions as CSV in UTF-8 with a mark that spreadsheets know it by; times in each session's zone.

    `private`: with the links of meetings.
    """
    header = PRIVATE if private else COLUMNS
    return sheets.write_csv(header, (_cells(session)[: len(header)] for session in sessions))


def write_xlsx(title: str, sessions: Sequence[Released], *, private: bool = False) -> bytes:
    """Return the sessions as a workbook of text cells."""
    header = PRIVATE if private else COLUMNS
    rows = [_cells(session)[: len(header)] for session in sessions]
    return sheets.write_xlsx([sheets.Sheet(title, header, rows)])


def _cells(session: Released) -> tuple[str, ...]:
    zone = zone_of(session.time_zone)
    return (
        session.code,
        session.title,
        session.kind.value,
        session.format.value,
        session.track,
        session.starts_at.astimezone(zone).isoformat(timespec="minutes"),
        session.ends_at.astimezone(zone).isoformat(timespec="minutes"),
        session.time_zone,
        session.room_name,
        session.building,
        "yes" if session.stream else "no",
        "; ".join(name for _, name in session.speakers),
        session.state.value,
        session.abstract,
        session.meeting_url,
    )
