"""Making a phone a scanner by a one-time link, knowing it again, and ending that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import Fault, Invalid, NotFound
from eventhub.events.model import Event
from eventhub.signing import digest, new_secret
from eventhub.web.access import Principal, Role
from eventhub.wording import say

from . import device_store, store
from .model import Device, Enrolment

LINK_LIVES = timedelta(hours=24)


async def invite_device(
    tx: AsyncConnection,
    event: Event,
    *,
    name: str,
    checkpoints: Sequence[str] = (),
    may_override: bool = False,
    may_search: bool = False,
    who: Principal | str,
    at: datetime,
) -> str:
    """Make a one-time link for a phone bound to some checkpoints (none: all); return its code, kept nowhere."""
    known = {checkpoint.code for checkpoint in await store.list_checkpoints(tx, event)}
    if unknown := [code for code in checkpoints if code not in known]:
        text = say("There is no checkpoint {code}.", code=unknown[0])
        raise Invalid([Fault("checkpoints", text)])
    code = new_secret()
    values = {"event_id": event.id, "device_name": name, "code_hash": digest(code)}
    values |= {"checkpoints": list(checkpoints)}
    values |= {"may_override": may_override, "may_search": may_search}
    await device_store.insert_enrolment(
        tx, values | {"created_at": at, "expires_at": at + LINK_LIVES}
    )
    await audit.record(tx, who, "scanner.invited", name, event_id=event.id, at=at)
    return code


async def get_enrolment(tx: AsyncConnection, code: str, *, at: datetime) -> Enrolment:
    """Return an enrolment that can still be used, or raise NotFound."""
    enrolment = await device_store.find_enrolment(tx, digest(code), at)
    if enrolment is None:
        raise NotFound(
            say("This link was used already or is too old. Please ask an organizer for a new one.")
        )
    return enrolment


async def enrol(tx: AsyncConnection, code: str, *, at: datetime) -> tuple[Device, str]:
    """Make the calling phone a scanner, once; return it and its token, kept nowhere."""
    enrolment = await get_enrolment(tx, code, at=at)
    if not await device_store.use_enrolment(tx, enrolment.id, at):
        raise NotFound(say("This link was used already. Please ask an organizer for a new one."))
    token = new_secret()
    values = {
        "event_id": enrolment.event_id,
        "name": enrolment.device_name,
        "token_hash": digest(token),
        "checkpoints": list(enrolment.checkpoints),
        "may_override": enrolment.may_override,
        "may_search": enrolment.may_search,
        "enrolled_at": at,
    }
    await device_store.insert_device(tx, values)
    device = await device_store.find_device(tx, digest(token))
    assert device is not None
    subject = f"device {device.name}"
    await audit.record(
        tx, subject, "scanner.enrolled", device.name, event_id=device.event_id, at=at
    )
    return device, token


async def withdraw_link(
    tx: AsyncConnection, event: Event, enrolment_id: int, *, who: Principal, at: datetime
) -> None:
    """Let a link that was not used yet open nothing any more."""
    name = await device_store.delete_enrolment(tx, event.id, enrolment_id)
    if name is None:
        raise NotFound(say("This link was used or withdrawn already."))
    await audit.record(tx, who, "scanner.withdrawn", name, event_id=event.id, at=at)


async def find_scanner(tx: AsyncConnection, token: str) -> Principal | None:
    """Return the scanner of a token as a caller, unless it was revoked."""
    device = await device_store.find_device(tx, digest(token))
    if device is None:
        return None
    return Principal(
        "device",
        device.id,
        device.name,
        Role.GATE,
        device.event_id,
        device.may_override,
        device.checkpoints,
        device.may_search,
    )


async def revoke_device(
    tx: AsyncConnection, event: Event, device_id: int, *, who: Principal, at: datetime
) -> None:
    """Make a phone no scanner any more, at once."""
    name = await device_store.revoke_device(tx, event.id, device_id, at)
    if name is None:
        raise NotFound(say("There is no such scanner."))
    await audit.record(tx, who, "scanner.revoked", name, event_id=event.id, at=at)
