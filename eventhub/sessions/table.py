"""The last release as rows of a table, as the public may see it. Pure."""

import csv
import io
from collections.abc import Sequence

from eventhub.language import zone_of

from .model import Released

COLUMNS = (
    "code", "title", "kind", "format", "track", "starts_at", "ends_at", "time_zone", "room", "building",
    "stream", "speakers", "state", "abstract",
)  # fmt: skip

# What a spreadsheet would take for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(sessions: Sequence[Released]) -> bytes:
    """Return the sessions as CSV in UTF-8 with a mark that spreadsheets know it by; times in each session's zone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in _cells(session)] for session in sessions)
    return text.getvalue().encode("utf-8-sig")


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
    )


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
