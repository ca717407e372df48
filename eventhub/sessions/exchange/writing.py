"""Writes the programme in every form it goes out in. Pure; blocks while it writes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from eventhub.events.model import Event, Room
from eventhub.sessions import calendar, table
from eventhub.sessions.model import Released, Waiting

from .frab_writing import Publication, write_json, write_xml


class Form(StrEnum):
    """The forms, by the words of the command line."""

    ICS = "ics"
    FRAB_XML = "frab-xml"
    FRAB_JSON = "frab-json"
    CSV = "csv"
    XLSX = "xlsx"


TYPES = {
    Form.ICS: ("text/calendar; charset=utf-8", "ics"),
    Form.FRAB_XML: ("application/xml; charset=utf-8", "xml"),
    Form.FRAB_JSON: ("application/json; charset=utf-8", "json"),
    Form.CSV: ("text/csv; charset=utf-8", "csv"),
}


def publication(
    event: Event,
    sessions: Sequence[Released],
    rooms: Sequence[Room],
    *,
    base: str,
    version: str,
    at: datetime,
    private: bool = False,
    tray: Sequence[Waiting] = (),
) -> Publication:
    """Return what is written of an event served at `base`; `private`: with the links of meetings."""
    seats = {room.name: room.capacity for room in reversed(rooms)}
    return Publication(event, sessions, f"{base}/{event.slug}/", version, at, seats, private, tray)


def write(told: Publication, form: Form) -> bytes:
    """Return the file."""
    match form:
        case Form.ICS:
            return calendar.write_calendar(
                told.event.title,
                told.event.time_zone,
                told.sessions,
                page=told.page,
                published_at=told.at,
                private=told.private,
            )
        case Form.FRAB_XML:
            return write_xml(told)
        case Form.FRAB_JSON:
            return write_json(told)
        case Form.CSV:
            return table.write_csv(told.sessions, told.tray, private=told.private)
        case Form.XLSX:
            return table.write_xlsx(
                told.event.title, told.sessions, told.tray, private=told.private
            )
