"""Checkpoints, for programs."""

from typing import Any

from eventhub.accounts import audit
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor

from . import doors, store
from .forms import (
    ChangedCheckpoint,
    CheckpointShape,
    NewCheckpoint,
    checkpoint_shape,
)

CHECKPOINTS = "/events/{event}/checkpoints"
CHECKPOINT = "/events/{event}/checkpoints/{checkpoint}"


@operation(
    "GET",
    CHECKPOINTS,
    right=Right.DOORS_READ,
    query=Paging,
    answers={200: Listing[CheckpointShape]},
    summary="List checkpoints",
)
async def list_checkpoints(call: Call[None, Paging]) -> Answer:
    (after,) = read_cursor(call.query.cursor, str) or ("",)
    limit = call.query.limit
    found = await store.list_checkpoints(call.tx, call.event, after, limit + 1)
    shapes = [checkpoint_shape(checkpoint) for checkpoint in found]
    return Answer(200, listing(shapes, limit, lambda shape: (shape.code,)))


@operation(
    "POST",
    CHECKPOINTS,
    right=Right.DOORS_MANAGE,
    body=NewCheckpoint,
    answers={201: CheckpointShape},
    summary="Add a checkpoint",
)
async def add_checkpoint(call: Call[NewCheckpoint, None]) -> Answer:
    checkpoint = await doors.add_checkpoint(call.tx, call.event, call.form.model_dump())
    await _record(call, "checkpoint.added", checkpoint.code)
    where = f"{call.request.path}/{checkpoint.code}"
    return Answer(201, checkpoint_shape(checkpoint), checkpoint.version, where)


@operation(
    "GET",
    CHECKPOINT,
    right=Right.DOORS_READ,
    answers={200: CheckpointShape},
    summary="Show a checkpoint",
)
async def show_checkpoint(call: Call[None, None]) -> Answer:
    checkpoint = await store.get_checkpoint(call.tx, call.event, call.path["checkpoint"])
    return Answer(200, checkpoint_shape(checkpoint), checkpoint.version)


@operation(
    "PATCH",
    CHECKPOINT,
    right=Right.DOORS_MANAGE,
    body=ChangedCheckpoint,
    answers={200: CheckpointShape},
    summary="Change a checkpoint",
)
async def change_checkpoint(call: Call[NewCheckpoint, None]) -> Answer:
    checkpoint = await store.get_checkpoint(call.tx, call.event, call.path["checkpoint"])
    call.expect(checkpoint.version)
    checkpoint = await doors.change_checkpoint(call.tx, call.event, checkpoint, call.form.given())
    await _record(call, "checkpoint.changed", checkpoint.code)
    return Answer(200, checkpoint_shape(checkpoint), checkpoint.version)


@operation(
    "DELETE",
    CHECKPOINT,
    right=Right.DOORS_MANAGE,
    answers={204: None},
    summary="Take out a checkpoint where nobody was scanned",
)
async def remove_checkpoint(call: Call[None, None]) -> Answer:
    checkpoint = await store.get_checkpoint(call.tx, call.event, call.path["checkpoint"])
    call.expect(checkpoint.version)
    await doors.remove_checkpoint(call.tx, checkpoint)
    await _record(call, "checkpoint.removed", checkpoint.code)
    return Answer(204)


async def _record(call: Call[Any, Any], action: str, code: str) -> None:
    await audit.record(call.tx, call.who, action, code, event_id=call.event.id, at=call.at)


API = [list_checkpoints, add_checkpoint, show_checkpoint, change_checkpoint, remove_checkpoint]
