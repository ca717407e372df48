"""Conflicts as pages list them: alike ones together, each with links to its sessions and what they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from eventhub.language import Reader
from eventhub.wording import render, say

from .model import ProgrammeConflict, Severity, Subject
from .telling import APART

LINKED = 6
ORDER = list(Severity)


def gathered(found: Iterable[ProgrammeConflict]) -> list[ProgrammeConflict]:
    """Return conflicts, the gravest first; many of one kind about the same thing are one, with all their sessions."""
    return _gathered(found, lambda conflict: conflict.subject)


def gathered_of_one(found: Iterable[ProgrammeConflict]) -> list[ProgrammeConflict]:
    """Return the conflicts of one session, the gravest first; many of one kind are one."""
    return _gathered(found, lambda _: None)


def _gathered(found: Iterable[ProgrammeConflict], subject: Any) -> list[ProgrammeConflict]:
    groups: dict[tuple[Any, ...], list[ProgrammeConflict]] = {}
    for conflict in found:
        key = (ORDER.index(conflict.severity), conflict.kind, subject(conflict))
        groups.setdefault(key, []).append(conflict)
    together = [
        one
        for group in groups.values()
        for one in ([_merged(group)] if len(group) > APART else group)
    ]
    return sorted(together, key=lambda conflict: ORDER.index(conflict.severity))


def _merged(alike: Sequence[ProgrammeConflict]) -> ProgrammeConflict:
    first = alike[0]
    text = say("{first} There are {n} more like this.", first=first.explanation, n=len(alike) - 1)
    sessions = dict.fromkeys(code for conflict in alike for code in conflict.sessions)
    count = sum(conflict.count for conflict in alike)
    return replace(first, sessions=tuple(sessions), explanation=text, count=count)


def rows(
    found: Iterable[ProgrammeConflict],
    slug: str,
    reader: Reader,
    *,
    edits_people: bool,
    at: str = "",
) -> list[dict[str, Any]]:
    """Return what a page shows of conflicts: `severity`, `text`, `links` as name and address, how many `more`.

    `at` is the code of the session whose page it is, to which nobody needs a link.
    """
    shown = []
    for conflict in found:
        others = [code for code in conflict.sessions if code != at]
        shown.append(
            {
                "severity": conflict.severity.value,
                "text": render(conflict.explanation, reader),
                "links": [
                    *_subject_links(conflict, slug, reader, edits_people=edits_people),
                    *(_session_link(code, slug) for code in others[:LINKED]),
                ],
                "more": max(0, len(others) - LINKED),
            }
        )
    return shown


def _session_link(code: str, slug: str) -> dict[str, str]:
    return {"name": code, "href": f"/manage/{slug}/programme/sessions/{quote(code)}"}


def _subject_links(
    conflict: ProgrammeConflict, slug: str, reader: Reader, *, edits_people: bool
) -> list[dict[str, str]]:
    links = []
    for subject in (conflict.subject, *conflict.further):
        is_day = subject.type == "day"
        name = reader.day(date.fromisoformat(subject.code)) if is_day else subject.name
        address = _address(subject, f"/manage/{slug}", edits_people=edits_people)
        links.append({"name": name, "href": address})
    return [link for link in links if link["href"]]


def _address(subject: Subject, here: str, *, edits_people: bool) -> str:
    """Return where a subject is mended: "" for what has no page that the reader may open."""
    code = subject.code
    if subject.type == "encoder":
        kind, _, code = subject.code.partition(":")
        if kind == "track":
            return f"{here}/programme?{urlencode({'track': code})}"
        return f"{here}/rooms/{quote(code)}" if kind == "room" else ""
    if subject.type == "delegation":
        return f"{here}/delegations/{quote(code)}" if edits_people else ""
    pages = {"room": "rooms", "participant": "people"}
    if subject.type in pages:
        return f"{here}/{pages[subject.type]}/{quote(code)}"
    return f"{here}/programme?{urlencode({'day': code})}"
