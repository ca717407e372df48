"""Who may call what: roles, rights, and the declaration that every route must carry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Literal

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Role(StrEnum):
    OWNER = "owner"
    ORGANIZER = "organizer"
    GATE = "gate"
    HEALTH = "health"
    STREAMING = "streaming"
    VIEWER = "viewer"


class Right(Enum):
    """What can be allowed; `RIGHTS` says to whom."""

    EVENTS_MAKE = "make events"
    EVENT_READ = "event: read"
    EVENT_SETTINGS = "event settings, users, tokens, audit log"
    PROGRAMME_WRITE = "programme: write"
    PROGRAMME_READ = "programme and its conflicts: read"
    PEOPLE_WRITE = "people and audiences: write"
    PEOPLE_READ = "participants: name, position, delegation, attendance"
    PEOPLE_CONTACTS = "participants: e-mail, phone, links"
    TICKETS_READ = "tickets: read"
    INVITATIONS = "invitations: send and read"
    ANNOUNCE = "announcements: write"
    REPORTS_READ = "occupancy and attendance: read"
    PASSAGES_WRITE = "passages: write"
    PASSAGES_READ = "passages: read"
    HEALTH_WRITE = "health readings, declarations, proofs: write"
    HEALTH_READ = "health readings, declarations, proofs, contacts: read"
    BROADCASTS_ACT = "broadcasts: act"
    BROADCASTS_READ = "broadcasts: read"
    DOORS_MANAGE = "scanner devices, checkpoints, ticket reissue, sessions/check: use"
    DOORS_READ = "checkpoints, scanner snapshot, passage conflicts: read"


_ORGANIZERS = frozenset({Role.OWNER, Role.ORGANIZER})
_ALL = frozenset(Role)

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.EVENTS_MAKE: frozenset({Role.OWNER}),
    Right.EVENT_READ: _ALL,
    Right.EVENT_SETTINGS: _ORGANIZERS,
    Right.PROGRAMME_WRITE: _ORGANIZERS,
    Right.PROGRAMME_READ: _ALL,
    Right.PEOPLE_WRITE: _ORGANIZERS,
    Right.PEOPLE_READ: _ALL,
    Right.PEOPLE_CONTACTS: _ORGANIZERS,
    Right.TICKETS_READ: _ORGANIZERS | {Role.GATE},
    Right.INVITATIONS: _ORGANIZERS,
    Right.ANNOUNCE: _ORGANIZERS | {Role.STREAMING},
    Right.REPORTS_READ: _ALL,
    Right.PASSAGES_WRITE: _ORGANIZERS | {Role.GATE, Role.HEALTH},
    Right.PASSAGES_READ: _ORGANIZERS | {Role.GATE, Role.HEALTH},
    Right.HEALTH_WRITE: frozenset({Role.OWNER, Role.GATE, Role.HEALTH}),
    Right.HEALTH_READ: frozenset({Role.OWNER, Role.HEALTH}),
    Right.BROADCASTS_ACT: _ORGANIZERS | {Role.STREAMING},
    Right.BROADCASTS_READ: _ORGANIZERS | {Role.STREAMING, Role.VIEWER},
    Right.DOORS_MANAGE: _ORGANIZERS,
    Right.DOORS_READ: _ORGANIZERS | {Role.GATE, Role.HEALTH},
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a signed-in user, an API token or a scanner device, with the role they have in this event.

    `event_id` is None for an owner, who belongs to no event. `checkpoints` bounds a device; empty means any.
    """

    kind: Literal["user", "token", "device"]
    id: int
    name: str
    role: Role
    event_id: int | None
    may_override: bool = False
    checkpoints: tuple[str, ...] = ()
    may_search: bool = False

    def has(self, right: Right) -> bool:
        """Whether the role includes a right."""
        return self.role in RIGHTS[right]


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: open to all, opened by a token in its path or a phone's cookie, or a right."""

    kind: Literal["public", "personal", "device", "right", "signed-in"]
    right: Right | None = None

    def __str__(self) -> str:
        return self.right.value if self.right else self.kind


_DECLARED: dict[Any, Access] = {}


def declare(handler: Any, access: Access) -> None:
    """Note who may call a handler."""
    _DECLARED[handler] = access


def declared(handler: Any) -> Access | None:
    """Return what a handler declares; None when it says nothing, and then nobody may call it."""
    return _DECLARED.get(handler)


def public(handler: Handler) -> Handler:
    """Open a page to everybody."""
    declare(handler, Access("public"))
    return handler


def personal(handler: Handler) -> Handler:
    """Open a page to whoever holds the token in its path; answers are private, unindexed and send no referrer."""
    declare(handler, Access("personal"))
    return handler


def device(handler: Handler) -> Handler:
    """Open a page to phones made scanners; the handler knows them by the cookie that only it is sent."""
    declare(handler, Access("device"))
    return handler


def signed_in(handler: Handler) -> Handler:
    """Open a page to every signed-in user, whatever their roles."""
    declare(handler, Access("signed-in"))
    return handler


def allow(right: Right) -> Callable[[Handler], Handler]:
    """Open a page to signed-in users who have a right in the event of its path (or, without one, to owners)."""

    def mark(handler: Handler) -> Handler:
        declare(handler, Access("right", right))
        return handler

    return mark
