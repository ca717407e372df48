"""A day as a plan would leave it: rooms beside each other, and in each what stays, comes and goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.actions import list_rooms
from eventhub.events.model import Event, Room
from eventhub.sessions import store as sessions_store
from eventhub.sessions.model import Session, SessionState

from .store import StoredPlan


@dataclass(frozen=True, slots=True)
class Cell:
    """A session on the grid. `before`: where it is now, if it is planned to come from elsewhere; None is the tray."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    comes: bool
    before: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Rooms in use, start times, and the cells of each start and room, by code ("": none)."""

    rooms: tuple[tuple[str, str], ...]
    rows: tuple[tuple[datetime, Mapping[str, Sequence[Cell]]], ...]
    comes: int


def days_of(event: Event, plan: StoredPlan) -> list[tuple[date, int]]:
    """Return the days to which a plan brings sessions, or from which it takes them, and how many come."""
    counted: dict[date, int] = dict.fromkeys(plan.order.days, 0)
    for move in (plan.proposal or {}).get("moves", ()):
        if move["before"]:
            counted.setdefault(event.day_of(_moment(move["before"]["starts_at"])), 0)
        if move["after"]:
            day = event.day_of(_moment(move["after"]["starts_at"]))
            counted[day] = counted.get(day, 0) + 1
    return sorted(counted.items())


async def grid_of(tx: AsyncConnection, event: Event, plan: StoredPlan, day: date) -> Grid:
    """Return a day as the plan would leave it."""
    moves = {move["session"]: move for move in (plan.proposal or {}).get("moves", ())}
    rooms = await list_rooms(tx, event.id)
    codes = {room.id: room.code for room in rooms}
    wanted = sessions_store.Wanted(*event.day_bounds(day))
    cells: list[tuple[str, Cell]] = [
        (codes[each.room_id] if each.room_id is not None else "", _stays(each))
        for each in await sessions_store.list_sessions(tx, event.id, wanted)
        if each.state is not SessionState.CANCELLED and each.code not in moves
    ]
    for move in moves.values():
        after = move["after"]
        if after and event.day_of(_moment(after["starts_at"])) == day:
            cells.append((after["room"], _comes(move)))
    return _grid(cells, rooms)


def ghosts_of(event: Event, plan: StoredPlan, day: date) -> dict[str, Any]:
    """Return what the board shows of a plan on a day, in wall times: what comes where, and the codes of what leaves."""
    comes, leaves = [], []
    for move in (plan.proposal or {}).get("moves", ()):
        before, after = move["before"], move["after"]
        if before and event.day_of(_moment(before["starts_at"])) == day:
            leaves.append(move["session"])
        if after and event.day_of(_moment(after["starts_at"])) == day:
            starts, ends = (_wall(after[name], event) for name in ("starts_at", "ends_at"))
            comes.append(
                {"title": move["title"], "room": after["room"], "starts": starts, "ends": ends}
            )
    return {"comes": comes, "leaves": leaves}


def _wall(text: str, event: Event) -> str:
    local = _moment(text).astimezone(event.zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds")


def _stays(session: Session) -> Cell:
    return Cell(
        session.code, session.title, session.starts_at, session.ends_at, comes=False, before=None
    )


def _comes(move: Mapping[str, Any]) -> Cell:
    before = move["before"]
    if before:
        before = before | {"starts_at": _moment(before["starts_at"])}
    starts_at, ends_at = (_moment(move["after"][name]) for name in ("starts_at", "ends_at"))
    return Cell(move["session"], move["title"], starts_at, ends_at, comes=True, before=before)


def _grid(cells: Sequence[tuple[str, Cell]], rooms: Sequence[Room]) -> Grid:
    used = {room for room, _ in cells}
    columns = [(room.code, room.name) for room in rooms if room.code in used]
    rows: dict[datetime, dict[str, list[Cell]]] = {}
    for room, cell in sorted(cells, key=lambda each: (each[1].starts_at, each[1].code)):
        rows.setdefault(cell.starts_at, {}).setdefault(room, []).append(cell)
    return Grid(
        rooms=tuple(columns) + ((("", ""),) if "" in used else ()),
        rows=tuple(rows.items()),
        comes=sum(cell.comes for _, cell in cells),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
