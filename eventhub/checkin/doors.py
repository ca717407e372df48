"""Adding, changing and taking out the checkpoints of an event."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, Fault, Invalid
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.wording import say

from . import store
from .model import Checkpoint, CheckpointKind


async def add_checkpoint(
    tx: AsyncConnection, event: Event, values: Mapping[str, Any]
) -> Checkpoint:
    """Add a checkpoint from the fields of the contract's shape; without a code it gets one."""
    kind = CheckpointKind(values["kind"])
    code = values.get("code") or f"{kind.value}-{secrets.token_hex(4)}"
    if await store.find_checkpoint(tx, event, code):
        raise Conflict(
            say("There is a checkpoint {code} already. Please choose another code.", code=code)
        )
    room_id, room_name = await _place(tx, event, kind, values.get("room"))
    row = {
        "event_id": event.id,
        "code": code,
        "name": values.get("name") or room_name or code,
        "kind": kind.value,
        "room_id": room_id,
        "open": values.get("open", True),
        "limit": values.get("limit"),
    }
    await store.insert_checkpoint(tx, row)
    return await store.get_checkpoint(tx, event, code)


async def change_checkpoint(
    tx: AsyncConnection, event: Event, checkpoint: Checkpoint, changes: Mapping[str, Any]
) -> Checkpoint:
    """Change some fields; where it leads stays as it was once somebody was scanned there."""
    kind = CheckpointKind(changes.get("kind") or checkpoint.kind)
    room = changes.get("room", checkpoint.room)
    if "kind" in changes and kind == CheckpointKind.GATE and "room" not in changes:
        room = None
    values = {name: changes[name] for name in ("open", "limit") if name in changes}
    if changes.get("name"):
        values["name"] = changes["name"]
    if (kind, room) != (checkpoint.kind, checkpoint.room):
        if await store.has_passages(tx, checkpoint.id):
            raise Conflict(
                say(
                    "{checkpoint} has scans already, so it must go on leading where it led. Please add another one.",
                    checkpoint=checkpoint.name,
                )
            )
        room_id, _ = await _place(tx, event, kind, room)
        values |= {"kind": kind.value, "room_id": room_id}
    await store.save_checkpoint(tx, checkpoint.id, values)
    return await store.get_checkpoint(tx, event, checkpoint.code)


async def remove_checkpoint(tx: AsyncConnection, checkpoint: Checkpoint) -> None:
    """Take out a checkpoint where nobody was scanned."""
    if await store.has_passages(tx, checkpoint.id):
        raise Conflict(
            say(
                "{checkpoint} has scans already. Please close it instead.",
                checkpoint=checkpoint.name,
            )
        )
    await store.delete_checkpoint(tx, checkpoint.id)


async def _place(
    tx: AsyncConnection, event: Event, kind: CheckpointKind, room: str | None
) -> tuple[int | None, str | None]:
    if kind == CheckpointKind.GATE:
        if room is not None:
            raise Invalid([Fault("room", say("A gate leads into the event, not into a room."))])
        return None, None
    if room is None:
        raise Invalid([Fault("room", say("A door needs the room it leads into."))])
    found = await events.find_room(tx, event.id, room)
    if found is None:
        raise Invalid([Fault("room", say("There is no room {code}.", code=room))])
    return found.id, found.name
