"""Reads frab's `schedule.xml`. Entities, external or not, are refused: they have no place in a programme. Pure."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from eventhub.errors import Unreadable
from eventhub.wording import say

from .frab import Entry, Schedule

_SKIPPED = frozenset({"persons", "links", "attachments", "recording"})


def read_xml(content: bytes) -> Schedule:
    """Return what a file holds; raises Unreadable when it is broken, or another document than a schedule."""
    try:
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        raise Unreadable(
            say(
                "The XML document defines entities, which a programme does not need. It is refused."
            )
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(
            say("The XML document is broken: {error}.", error=str(error)[:200])
        ) from error
    name = root.tag.rpartition("}")[2]
    if name != "schedule" or root.find("conference") is None:
        raise Unreadable(
            say(
                "This is an XML document of another shape (<{name}>), not a frab schedule.",
                name=name[:80],
            )
        )
    generator = root.find("generator")
    zone = root.findtext("conference/time_zone_name") or ""
    schedule = Schedule(generator.get("name", "") if generator is not None else "", zone.strip())
    for day in root.iterfind("day"):
        for room in day.iterfind("room"):
            schedule.entries += [_entry(event, day, room) for event in room.iterfind("event")]
    return schedule


def _entry(event: Element, day: Element, room: Element) -> Entry:
    fields = {child.tag: child.text or "" for child in event if child.tag not in _SKIPPED}
    fields |= {name: event.get(name, "") for name in ("guid", "id", "code") if event.get(name)}
    for name in ("date", "start", "duration", "url"):
        fields[name] = fields.get(name, "").strip()
    return Entry(
        fields,
        room=room.get("name") or "",
        day=day.get("date") or "",
        day_start=day.get("start") or "",
        persons=[person.text or "" for person in event.iterfind("persons/person")],
        links=[(link.text or "", link.get("href") or "") for link in event.iterfind("links/link")],
    )
