"""Who sends scans and for which event, as plain SQL (see `plain`), read in the transaction that records them.

So a token or a scanner that was revoked records nothing any more, and no copy of who may what is kept anywhere.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal

import sqlalchemy as sa

from eventhub.db.plain import Conversation, Row, Statement, among, day, document, maybe_moment
from eventhub.db.types import UtcDateTime
from eventhub.events.actions import event_of
from eventhub.events.model import Event
from eventhub.events.tables import events
from eventhub.web.access import Principal, Right, Role

_EVENT = f"SELECT {', '.join(events.c.keys())} FROM events"  # noqa: S608 -- names of ours only


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request shows: the digest of its token and, for an API token, the event it is about."""

    kind: Literal["token", "device"]
    digest: str
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller who may write passages of an event."""

    who: Principal
    event: Event


@dataclass(slots=True)
class Events:
    """Events as they were last read: making one of its row takes longer than comparing the rows."""

    known: dict[int, tuple[Row, Event]] = field(default_factory=dict)

    def of(self, row: Row) -> Event:
        """Return a row as an event."""
        before = self.known.get(row[0])
        if before is None or before[0] != row:
            columns = zip(events.c, row, strict=True)
            read = SimpleNamespace(**{c.name: _reader(c.type)(value) for c, value in columns})
            before = self.known[row[0]] = row, event_of(read)
        return before[1]


def read_admitted(
    shown: Collection[Credential], known: Events
) -> Conversation[dict[Credential, Admitted]]:
    """Return who may do what they ask for; the others are left out."""
    callers = yield from _read_tokens(c.digest for c in shown if c.kind == "token")
    callers |= yield from _read_devices(c.digest for c in shown if c.kind == "device")
    slugs, values = among("slug", {c.slug for c in shown if c.slug})
    ids, more = among("id", {who.event_id for who in callers.values() if who.kind == "device"})
    rows = yield Statement(f"{_EVENT} WHERE slug IN {slugs} OR id IN {ids}", {**values, **more})
    found = [known.of(tuple(row)) for row in rows]
    by_slug = {event.slug: event for event in found}
    by_id = {event.id: event for event in found}
    admitted = {}
    for credential in shown:
        who = callers.get((credential.kind, credential.digest))
        if who is None or not who.has(Right.PASSAGES_WRITE):
            continue
        asked = by_slug.get(credential.slug) if credential.slug else by_id.get(who.event_id or 0)
        if asked is not None and who.event_id in {None, asked.id}:
            admitted[credential] = Admitted(who, asked)
    return admitted


def _read_tokens(digests: Iterable[str]) -> Conversation[dict[tuple[str, str], Principal]]:
    names, values = among("digest", digests)
    if not values:
        return {}
    rows = yield Statement(
        f"""SELECT digest, id, name, role, event_id, may_override FROM tokens
            WHERE digest IN {names} AND revoked_at IS NULL""",  # noqa: S608 -- placeholders only
        values,
    )
    return {
        ("token", row[0]): Principal(
            "token", row[1], row[2], Role(row[3]), row[4], row[3] == Role.OWNER or bool(row[5])
        )
        for row in rows
    }


def _read_devices(digests: Iterable[str]) -> Conversation[dict[tuple[str, str], Principal]]:
    names, values = among("digest", digests)
    if not values:
        return {}
    rows = yield Statement(
        f"""SELECT token_hash, id, name, event_id, may_override, checkpoints FROM devices
            WHERE token_hash IN {names} AND revoked_at IS NULL""",  # noqa: S608 -- placeholders only
        values,
    )
    return {
        ("device", row[0]): Principal(
            "device", row[1], row[2], Role.GATE, row[3], bool(row[4]), tuple(document(row[5]))
        )
        for row in rows
    }


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, sa.JSON):
        return document
    if isinstance(kind, sa.Date):
        return lambda value: None if value is None else day(value)
    if isinstance(kind, UtcDateTime):
        return maybe_moment
    return bool if isinstance(kind, sa.Boolean) else _as_is


def _as_is(value: Any) -> Any:
    return value
