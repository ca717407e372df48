"""Orders as JSON values, as they are kept in the database."""

from dataclasses import asdict
from datetime import date, time
from typing import Any

from .model import Order, Window, Wishes


def order_json(order: Order) -> dict[str, Any]:
    """Return an order as JSON values; times are HH:MM."""
    return {
        "codes": sorted(order.codes),
        "days": [day.isoformat() for day in order.days],
        "windows": [[f"{w.begin:%H:%M}", f"{w.end:%H:%M}"] for w in order.windows],
        "step": order.step,
        "length": order.length,
        "pinned": sorted(order.pinned),
        "any_room": order.any_room,
        "wishes": asdict(order.wishes),
        "seconds": order.seconds,
    }


def order_of(known: dict[str, Any]) -> Order:
    """Return an order from its JSON values."""
    return Order(
        codes=frozenset(known["codes"]),
        days=tuple(date.fromisoformat(day) for day in known["days"]),
        windows=tuple(
            Window(time.fromisoformat(begin), time.fromisoformat(end))
            for begin, end in known["windows"]
        ),
        step=known["step"],
        length=known["length"],
        pinned=frozenset(known["pinned"]),
        any_room=known["any_room"],
        wishes=Wishes(**known["wishes"]),
        seconds=known["seconds"],
    )
