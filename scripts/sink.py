"""A mail server in a process of its own: takes everything, and notes the Message-ID of each mail before it says so.

`python -m scripts.sink LOG` prints its port.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aiosmtpd.smtp import SMTP, Envelope

from scripts.serving import ROOT

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Sink:
    """A running server: its address, and where it notes what it took."""

    url: str
    log: Path

    def taken(self) -> list[str]:
        """Return the Message-IDs of all mails it has said yes to, in their order."""
        return self.log.read_text("ascii").split() if self.log.exists() else []


@contextmanager
def running(log: Path) -> Iterator[Sink]:
    """Run a mail server until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.sink", str(log)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield Sink(f"smtp://127.0.0.1:{process.stdout.readline().strip()}", log)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


class _Taker:
    def __init__(self, log: IO[str]) -> None:
        self._log = log

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's hook
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        found = MESSAGE_ID.search(content)
        if found is None:
            return "554 No Message-ID"
        self._log.write(found[1].decode("ascii") + "\n")
        self._log.flush()
        return "250 OK"


async def _serve(log: Path) -> None:
    with log.open("a", encoding="ascii") as noted:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(_Taker(noted), loop=loop), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
