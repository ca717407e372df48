"""Scans that name a ticket by its number: a scanner keeps no text that would open what it knows of the holder.

The number is the first 12 bytes of the ticket, base64url. Only a scanner may send it, for a ticket whose signature it
has checked, or whose holder it has found by name; the server makes the text of it again.
"""

import base64
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.events.model import Event
from eventhub.web.access import Principal

from . import badge, store
from .keys import TicketSecrets
from .model import Result

_FIELDS = {"ticket", "by_name"}


async def with_texts(
    tx: AsyncConnection,
    event: Event,
    items: Sequence[Any],
    *,
    who: Principal,
    secrets: TicketSecrets,
) -> list[Any]:
    """Return items as the API takes them, each with its `secret`.

    A number that is none, or of somebody found by name by a scanner without that right, stays as it is (malformed).
    """
    if not any(isinstance(item, dict) and "ticket" in item for item in items):
        return list(items)
    signers = {
        id: badge.signer(
            secrets.sealer.unseal(key.sealed_private_key), key_id=id, event_id=event.id
        )
        for id, key in (await store.list_keys(tx, event.id)).items()
    }
    return [
        item if _is_found(item) and not who.may_search else _with_text(item, event, signers)
        for item in items
    ]


async def audit_found(
    tx: AsyncConnection,
    event: Event,
    items: Sequence[Any],
    results: Sequence[Result],
    *,
    who: Principal,
    at: datetime,
) -> None:
    """Note whose ticket was not scanned but found by name."""
    for item, result in zip(items, results, strict=True):
        if _is_found(item) and result.holder is not None and not result.replayed:
            subject = f"participant {result.holder.participant_id}"
            detail = {"nonce": result.nonce, "status": result.status.value}
            await audit.record(
                tx, who, "passage.by_name", subject, event_id=event.id, at=at, detail=detail
            )


def any_found(items: Sequence[Any]) -> bool:
    """Whether one of the items is of somebody found by name."""
    return any(_is_found(item) for item in items)


def _is_found(item: Any) -> bool:
    return isinstance(item, dict) and item.get("by_name") is True


def number_of(key_id: int, event_id: int, number: int) -> str:
    """Return how a scanner names a ticket."""
    return base64.urlsafe_b64encode(badge.header(key_id, event_id, number)).decode().rstrip("=")


def _with_text(item: Any, event: Event, signers: Mapping[int, Callable[[int], str]]) -> Any:
    if not isinstance(item, dict) or "secret" in item or not isinstance(item.get("ticket"), str):
        return item
    named = item["ticket"]
    try:
        header = badge.read_header(base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)))
    except (Base64Error, ValueError):
        return item
    key_id, mark, number = header
    if mark != badge.event_mark(event.id) or key_id not in signers:
        return item
    rest = {name: value for name, value in item.items() if name not in _FIELDS}
    return {**rest, "secret": signers[key_id](number)}
