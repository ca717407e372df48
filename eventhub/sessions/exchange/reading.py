"""Reads a file of any form it knows, recognised by its content, and names what it is when it knows no such form.

Blocks while it reads: `read_programme` does so in a thread.
"""

import asyncio
import hashlib
import re
from collections import defaultdict
from dataclasses import replace

from eventhub.errors import Invalid, TooLarge, Unreadable
from eventhub.participants.spreadsheet import MAX_BYTES, MAX_ROWS, decode_text, read_spreadsheet
from eventhub.wording import say

from .frab import read_schedule
from .frab_json import read_json
from .frab_xml import read_xml
from .ical import read_calendar
from .item import Frame, Item, Listed, NoZone
from .sheet import read_sheet

_BLANK = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"


async def read_programme(content: bytes, frame: Frame) -> Listed:
    """Return what a file says, in a thread.

    Raises Unreadable when it is no programme, TooLarge beyond a limit, Invalid where a column or the zone is missing.
    """
    return await asyncio.to_thread(read_file, content, frame)


def read_file(content: bytes, frame: Frame) -> Listed:
    """Return what a file says; raises as `read_programme` does."""
    if len(content) > MAX_BYTES:
        raise TooLarge(say("The file is larger than 20 MB. Split it and import the parts."))
    try:
        listed = _read(content, frame)
    except NoZone as error:
        raise Invalid.field(
            "zone",
            say(
                "The file names no time zone. Give the zone of its times with --zone, such as --zone Asia/Jakarta."
            ),
        ) from error
    if not listed.items and not listed.faulty:
        raise Unreadable(say("The file holds no session."))
    if len(listed.items) > MAX_ROWS:
        raise TooLarge(say("The file holds more than {limit} sessions.", limit=MAX_ROWS))
    listed.items = tell_apart(listed.items)
    return listed


def _read(content: bytes, frame: Frame) -> Listed:
    start = _beginning(content)
    if start.startswith("begin:vcalendar"):
        return read_calendar(decode_text(content).lstrip("\ufeff \t\r\n"), frame)
    if start.startswith("begin:"):
        what = start[6:].split("\n", 1)[0].strip()[:40]
        raise Unreadable(
            say("This is a file of another shape ({what}), not a programme.", what=what)
        )
    if start.startswith(("{", "[")) and not start.startswith("{\\rtf"):
        return read_schedule(read_json(decode_text(content)), frame)
    if start.startswith("<") and not re.match(
        r"<(!doctype html|html|head|body|table|meta)\b", start
    ):
        return read_schedule(read_xml(content), frame)
    return read_sheet(read_spreadsheet(content), frame)


def _beginning(content: bytes) -> str:
    """Return how a text begins, in small letters; "" for what is no text."""
    head = content[:4000].lstrip(_BLANK)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content[:4000].decode("utf-16", "ignore").lstrip("\ufeff \t\r\n").casefold()
    return head.decode("utf-8", "ignore").casefold() if not head.startswith(b"PK") else ""


def tell_apart(items: list[Item]) -> list[Item]:
    """Give entries that share a guid or UID, though they are different sessions, names of their own.

    Of entries that say the same, the first stays.
    """
    once: dict[Item, Item] = {}
    for item in items:
        once.setdefault(replace(item, row=0) if item.origin else item, item)
    families: dict[str, list[Item]] = defaultdict(list)
    for item in once.values():
        families[item.origin].append(item)
    titles = {origin: {each.title for each in family} for origin, family in families.items()}
    return [
        _apart(item, several=len(titles[item.origin]) == len(families[item.origin]))
        if item.origin and len(families[item.origin]) > 1
        else item
        for item in once.values()
    ]


def _apart(item: Item, *, several: bool) -> Item:
    parts = [item.origin, item.title] + ([] if several else [_start(item), item.room])
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return replace(item, origin=f"{item.origin[:280]}#{digest}", code="")


def _start(item: Item) -> str:
    return item.starts_at.isoformat() if item.starts_at else ""
