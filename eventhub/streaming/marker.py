"""What stands on YouTube: titles, descriptions within their limits, and the marker by which ours are known again."""

import re
import secrets

from .model import Wanted
from .remote import Draft

LONGEST_TITLE = 100
LONGEST_DESCRIPTION = 5000

_MARKER = re.compile(r"\[eventhub:[^\s\[\]]+\]")


def new_marker(event: str, subject: str) -> str:
    """Return `[eventhub:EVENT/SUBJECT/xxxx]`, the subject being a session's code or an encoder's name."""
    return f"[eventhub:{event}/{subject}/{secrets.token_hex(4)}]"


def marker_in(description: str) -> str | None:
    """Return the marker in a description; the last one counts, should someone have copied text."""
    found = _MARKER.findall(description)
    return found[-1] if found else None


def draft_of(wanted: Wanted, marker: str, page_url: str) -> Draft:
    """Return what YouTube shall show for a session."""
    return Draft(
        title=title_of(wanted.title),
        description=description_of(wanted.abstract, page_url, marker),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        privacy=wanted.privacy,
    )


def title_of(text: str) -> str:
    """Return the text as a YouTube title: 1-100 characters, one line, neither `<` nor `>`."""
    line = " ".join(_plain(text).split()) or "-"
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"


def description_of(text: str, page_url: str, marker: str) -> str:
    """Return text, page address and marker within 5,000 bytes of UTF-8; only the text is cut, never a character."""
    return ended_by(_plain(text), f"{page_url}\n{marker}")


def ended_by(text: str, tail: str) -> str:
    """Return the text, cut where it must be, with `tail` as its last lines."""
    room = LONGEST_DESCRIPTION - len(tail.encode()) - 2
    body = text.strip().encode()[:room].decode(errors="ignore").rstrip()
    return f"{body}\n\n{tail}" if body else tail


def _plain(text: str) -> str:
    # YouTube refuses both signs anywhere (invalidTitle, invalidDescription).
    return text.translate({ord("<"): "\u2039", ord(">"): "\u203a"})
