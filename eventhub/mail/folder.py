"""Where mail lies when there is no mail server: one `.eml` per message in a folder."""

import asyncio
import os
from pathlib import Path

from eventhub.mail.outcome import ACCEPTED, Outcome


class Folder:
    """Keeps messages as files that any mail program opens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def keep(self, name: str, message: bytes) -> Outcome:
        """Write `NAME.eml`, whole or not at all; the same name again replaces it."""
        await asyncio.to_thread(self._write, name, message)
        return ACCEPTED

    def _write(self, name: str, message: bytes) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        draft = self._path / f".{name}.part"
        with draft.open("wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path / f"{name}.eml")
