"""The changes of a programme as an Atom feed (RFC 4287): one entry a release. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A release in words: its title, its note, what it changed, and how many changes are left out."""

    number: int
    published_at: datetime
    title: str
    note: str
    sentences: Sequence[str]
    more: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; `page` is the address of the page that tells the same, `itself` its own."""

    slug: str
    title: str
    author: str
    language: str
    page: str
    itself: str
    updated_at: datetime
    entries: Sequence[Entry]


def write(feed: Feed) -> bytes:
    """Return the feed as a document.

    Ids are made of the event's code and the release's number alone, so they outlive a change of address (4.2.6).
    """
    root = ET.Element(
        "feed", {"xmlns": ATOM, "{http://www.w3.org/XML/1998/namespace}lang": feed.language}
    )
    _add(root, "id", _id(feed.slug, "changes"))
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated_at))
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type=CONTENT_TYPE, href=feed.itself)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    for entry in feed.entries:
        _entry(root, feed, entry)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: ET.Element, feed: Feed, entry: Entry) -> None:
    element = _add(root, "entry")
    _add(element, "id", _id(feed.slug, f"releases/{entry.number}"))
    _add(element, "title", entry.title)
    _add(element, "published", _moment(entry.published_at))
    _add(element, "updated", _moment(entry.published_at))
    href = f"{feed.page}#release-{entry.number}"
    _add(element, "link", rel="alternate", type="text/html", href=href)
    _add(element, "content", _html(entry), type="html")


def _html(entry: Entry) -> str:
    parts = [f"<p>{escape(line)}</p>" for line in entry.note.splitlines() if line.strip()]
    if entry.sentences:
        parts.append(f"<ul>{''.join(_items(entry.sentences))}</ul>")
    if entry.more:
        parts.append(f"<p>{escape(entry.more)}</p>")
    return "".join(parts)


def _items(sentences: Iterable[str]) -> Iterable[str]:
    return (f"<li>{escape(each)}</li>" for each in sentences)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text or None
    return element


def _id(slug: str, name: str) -> str:
    return uuid5(NAMESPACE_URL, f"eventhub:{slug}/{name}").urn


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
