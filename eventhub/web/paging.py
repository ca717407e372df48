"""Lists a page at a time: cursors are the sort key of the last item given."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from eventhub.errors import Invalid
from eventhub.web.fields import Listing
from eventhub.wording import say

S = TypeVar("S", bound=BaseModel)


def cursor_of(*key: str | int) -> str:
    """Return a list position as a cursor: the sort key of the last item given."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Return the sort key in a cursor, whose parts must be of `kinds`; None for the start of the list."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise Invalid.field(
            "cursor", say("This is no cursor that an earlier answer gave.")
        ) from error
    if not isinstance(key, list) or len(key) != len(kinds):
        raise Invalid.field("cursor", say("This is no cursor that an earlier answer gave."))
    if not all(type(part) is kind and _fits(part) for part, kind in zip(key, kinds, strict=True)):
        raise Invalid.field("cursor", say("This is no cursor that an earlier answer gave."))
    return tuple(key)


def _fits(part: object) -> bool:
    if isinstance(part, int):
        return 0 <= part < 2**31
    return isinstance(part, str) and part.isprintable() and len(part) <= 400


def listing(
    shapes: Sequence[S], limit: int, key: Callable[[S], tuple[str | int, ...]]
) -> Listing[S]:
    """Return a page of a list, made from up to `limit` + 1 items read; the extra one tells there is more."""
    items = list(shapes[:limit])
    more = len(shapes) > limit
    return Listing[Any](items=items, next=cursor_of(*key(items[-1])) if more else None)
