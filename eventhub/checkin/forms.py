"""What comes in and goes out about checkpoints, scans, tickets and health."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from eventhub.language import Reader
from eventhub.web.fields import (
    INT32,
    Code,
    Form,
    Instant,
    Line,
    Moment,
    Paging,
    RowId,
    Shape,
    changes_of,
)
from eventhub.wording import render

from .model import (
    Checkpoint,
    Holder,
    Occupancy,
    PassageConflict,
    Reading,
    Result,
)

Ways = Literal["entry", "exit"]
Statuses = Literal["ok", "incomplete", "refused"]


class NewCheckpoint(Form):
    code: Code | None = None
    name: Line | None = None
    kind: Literal["gate", "door"]
    room: Code | None = None
    open: bool = True
    limit: Annotated[int, Field(ge=0, le=INT32)] | None = None


ChangedCheckpoint = changes_of(NewCheckpoint, "ChangedCheckpoint", without=("code",))


class CheckpointForm(Form):
    """A new checkpoint as its page asks for it: where it leads is one choice, `gate` or a room's code after `room:`."""

    name: Line
    code: Code | None = None
    leads: Annotated[str, StringConstraints(max_length=70)] = "gate"
    limit: Annotated[int, Field(ge=0, le=INT32)] | None = None

    def values(self) -> dict[str, Any]:
        """Return the fields of the contract's shape."""
        _, _, room = self.leads.partition("room:")
        kind = "door" if room else "gate"
        given = {"code": self.code, "name": self.name, "limit": self.limit}
        return given | {"kind": kind, "room": room or None}


class ScannerForm(Form):
    name: Line
    may_override: bool = False
    may_search: bool = False


class BadgesForm(Form):
    """Whose badges are printed; everybody's on site where nothing is chosen."""

    delegation: Code | None = None
    participant: RowId | None = None


class CheckpointShape(Shape):
    code: str
    name: str
    kind: Literal["gate", "door"]
    room: str | None
    open: bool
    limit: int | None


class PassageBatch(Form):
    """Scans in any order; an item that is wrong is answered as `malformed` and stops none of the others."""

    passages: Annotated[
        list[Any],
        Field(
            min_length=1,
            max_length=1000,
            description="Scans: nonce, secret, checkpoint, type, scanned_at, health, force, ...",
        ),
    ]


class HolderShape(Shape):
    id: int
    name: str
    position: str
    delegation: str
    attendance: str


class ConflictShape(Shape):
    kind: str
    participant: int | None
    nonces: list[str]
    explanation: str


class ResultShape(Shape):
    nonce: str | None
    status: Statuses
    reason: str | None
    explanation: str
    participant: HolderShape | None
    checkpoint: str | None
    inside: int | None
    limit: int | None
    conflicts: list[ConflictShape]
    replayed: bool


class ResultsShape(Shape):
    results: list[ResultShape]


class PassagesQuery(Paging):
    participant: RowId | None = None
    checkpoint: Code | None = None
    status: Statuses | None = None
    since: Moment | None = None


class ReadingShape(Shape):
    temperature_c: float | None
    mask: bool | None


class PassageShape(Shape):
    id: int
    nonce: str
    participant: HolderShape | None
    checkpoint: str
    type: Ways
    scanned_at: Instant
    arrived_at: Instant
    status: Statuses
    reason: str | None
    forced: bool
    force_reason: str | None
    offline: bool
    decided: Literal["ok", "refused"] | None
    session: str | None
    by: str
    annulled_at: Instant | None
    health: ReadingShape | None


class OccupancyShape(Shape):
    room: str | None
    checkpoints: list[str]
    inside: int
    limit: int | None
    capacity: int | None


class SnapshotQuery(Form):
    """`since`: the `made_at` of the snapshot the caller has; then only what changed since is given where it can be."""

    since: Moment | None = None


class KeyShape(Shape):
    key_id: int
    event: int
    public_key: str


class DoorSessionShape(Shape):
    code: str
    room: str
    starts_at: Instant
    ends_at: Instant


class SnapshotShape(Shape):
    """`since` is null where all is given; `gone` are tickets that are there no more."""

    made_at: Instant
    since: Instant | None
    event: int
    keys: list[KeyShape]
    sessions: list[DoorSessionShape]
    audiences: dict[str, list[str]]
    revoked: list[str]
    tickets: dict[str, str]
    gone: list[str]


class TicketShape(Shape):
    text: str
    svg_url: str
    png_url: str
    issued_at: Instant
    revoked: bool


def checkpoint_shape(checkpoint: Checkpoint) -> CheckpointShape:
    """Return a checkpoint in the contract's shape."""
    return CheckpointShape(
        code=checkpoint.code,
        name=checkpoint.name,
        kind=checkpoint.kind.value,
        room=checkpoint.room,
        open=checkpoint.open,
        limit=checkpoint.limit,
    )


def result_shape(result: Result, reader: Reader) -> ResultShape:
    """Return the answer to one item, in the reader's language."""
    return ResultShape(
        nonce=result.nonce,
        status=result.status.value,
        reason=result.reason.value if result.reason else None,
        explanation=render(result.explanation, reader),
        participant=holder_shape(result.holder) if result.holder else None,
        checkpoint=result.checkpoint,
        inside=result.inside,
        limit=result.limit,
        conflicts=[conflict_shape(conflict, reader) for conflict in result.conflicts],
        replayed=result.replayed,
    )


def holder_shape(holder: Holder) -> HolderShape:
    """Return a ticket's holder in the contract's shape."""
    return HolderShape(
        id=holder.participant_id,
        name=holder.name,
        position=holder.position,
        delegation=holder.delegation,
        attendance=holder.attendance.value,
    )


def conflict_shape(conflict: PassageConflict, reader: Reader) -> ConflictShape:
    """Return a conflict in the contract's shape, in the reader's language."""
    return ConflictShape(
        kind=conflict.kind.value,
        participant=conflict.participant_id,
        nonces=list(conflict.nonces),
        explanation=render(conflict.explanation, reader),
    )


def occupancy_shape(place: Occupancy) -> OccupancyShape:
    """Return who is inside a place in the contract's shape."""
    return OccupancyShape(
        room=place.room,
        checkpoints=list(place.checkpoints),
        inside=place.inside,
        limit=place.limit,
        capacity=place.capacity,
    )


def reading_shape(reading: Reading) -> ReadingShape:
    """Return a health reading."""
    return ReadingShape(temperature_c=reading.temperature_c, mask=reading.mask)
