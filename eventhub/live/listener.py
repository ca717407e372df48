"""One open connection: who listens, what they may see, and what waits to be sent to them."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.news import Item, Kind

# A page that falls this far behind is let go; it comes again and is told from the last id it saw.
MOST_WAITING = 200
PING = b":\n\n"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a listener is to the event.

    `rights` are the values of an insider's access rights (user, token, scanner), empty for everybody else. A
    participant listens by a personal link of a `generation`; `session_id` is the session whose watch page is open.
    """

    rights: frozenset[str] = frozenset()
    participant_id: int | None = None
    generation: int | None = None
    session_id: int | None = None

    @property
    def is_participant(self) -> bool:
        return self.participant_id is not None

    def sees(self, item: Item, invited: Collection[int]) -> bool:
        """Whether an item may be shown; `invited` are the participants of the session it is about."""
        if item.participant_id is not None and item.participant_id == self.participant_id:
            return True
        if item.right is not None:
            return item.right in self.rights
        if item.participant_id is not None:
            return False
        if item.session_id is None or self.rights:
            return True
        return item.session_id == self.session_id or self.participant_id in invited


@dataclass(frozen=True, slots=True)
class Pass:
    """A login, token or scanner by which somebody listens: `key` names it, `standing_now` asks what it still gives."""

    key: str
    standing_now: Callable[[AsyncConnection], Awaitable[Standing | None]]


class Listener:
    """Holds what waits for one connection: bytes that all listeners share, and few of them."""

    __slots__ = ("_abort", "_awake", "_is_over", "_waiting", "kinds", "pass_", "standing")

    def __init__(
        self,
        standing: Standing,
        kinds: frozenset[Kind],
        *,
        abort: Callable[[], object],
        pass_: Pass | None = None,
    ) -> None:
        """`abort` breaks the connection off; `pass_` is what an insider listens by."""
        self.standing = standing
        self.kinds = kinds
        self.pass_ = pass_
        self._abort = abort
        self._waiting: deque[bytes] = deque()
        self._awake = asyncio.Event()
        self._is_over = False

    def offer(self, chunk: bytes) -> None:
        """Let a chunk be sent, or let a listener go who takes nothing any more."""
        if len(self._waiting) >= MOST_WAITING:
            self.end()
            # Its handler waits for a full connection to drain; nothing else would wake it.
            self._abort()
            return
        self._waiting.append(chunk)
        self._awake.set()

    def end(self) -> None:
        """Close the connection after what was sent already."""
        self._is_over = True
        self._waiting.clear()
        self._awake.set()

    async def next(self) -> bytes | None:
        """Wait for something to send; None once the connection is to be closed."""
        await self._awake.wait()
        self._awake.clear()
        if self._is_over:
            return None
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        return chunk


def message(name: str, data: dict[str, Any], id: int) -> bytes:
    """Return one server-sent event (HTML, 9.2.6); JSON has no bare line ends, so its data is one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {id}\nevent: {name}\ndata: {text}\n\n".encode()
