"""Reads frab's `schedule.xml`. Entities, external or not, are refused: they have no place in a programme. Pure.

A megabyte holds a quarter of a million elements, whose tree takes seconds to build. So the document is looked over
while it is read, and refused as soon as it shows that it is no schedule.
"""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from eventhub.errors import TooLarge, Unreadable
from eventhub.participants.spreadsheet import MAX_ROWS
from eventhub.wording import say

from .frab import Entry, Schedule

_SKIPPED = frozenset({"persons", "links", "attachments", "recording"})
_MOST_ELEMENTS = 30 * MAX_ROWS
_DEEPEST = 32
_CHUNK = 1 << 16
_LONGEST_TAG = 1 << 20


def read_xml(content: bytes) -> Schedule:
    """Return what a file holds; raises Unreadable when it is broken, or another document than a schedule."""
    try:
        root = _tree(content)
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
    if root.find("conference") is None:
        raise _other_shape(root.tag)
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


def _tree(content: bytes) -> Element:
    parser = DefusedXMLParser(target=_Bounded())
    for at in range(0, len(content), _CHUNK):
        parser.feed(content[at : at + _CHUNK])
        # Expat keeps an unfinished tag whole, and looks through it again with every piece.
        if at - parser.parser.CurrentByteIndex > _LONGEST_TAG:
            raise ValueError("a tag does not end")
    root: Element = parser.close()
    return root


class _Bounded(TreeBuilder):
    """Builds the tree of what may be a schedule; raises Unreadable or TooLarge for what is none."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        if self._count == 0 and tag.rpartition("}")[2] != "schedule":
            raise _other_shape(tag)
        self._count += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable(say("The XML document is nested too deeply for a schedule."))
        if self._count > _MOST_ELEMENTS:
            raise TooLarge(say("The file holds more than {limit} sessions.", limit=MAX_ROWS))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _other_shape(tag: str) -> Unreadable:
    name = tag.rpartition("}")[2][:80]
    return Unreadable(
        say("This is an XML document of another shape (<{name}>), not a frab schedule.", name=name)
    )
