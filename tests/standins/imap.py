"""A real IMAP server (pymap, kept in memory) as a process of its own on a loopback port."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "jawaban", "rahasia dan/panjang"


@dataclass
class ImapServer:
    """A mailbox people write answers to."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://{USER}:rahasia%20dan%2Fpanjang@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            client.login(USER, PASSWORD)
            client.select("INBOX")
            yield client
        finally:
            client.logout()

    def deliver(self, *messages: bytes) -> None:
        """Put messages into the mailbox, unread."""
        with self.client() as client:
            for message in messages:
                client.append("INBOX", "", "", message)

    def empty(self) -> None:
        """Take out all messages."""
        with self.client() as client:
            client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()

    def numbers(self, wanted: str) -> list[bytes]:
        """Return the numbers of messages by a search such as UNSEEN."""
        with self.client() as client:
            found: bytes = client.search(None, wanted)[1][0]
            return found.split()


@contextmanager
def running() -> Iterator[ImapServer]:
    """Run a server until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pymap = Path(sys.executable).with_name("pymap")
    command = [str(pymap), "--host", "127.0.0.1", "--port", str(port)]
    accounts = ["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(
        [*command, *accounts], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield ImapServer(port)
    finally:
        process.terminate()
        process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # a process of its own tells nobody when its port is open
        else:
            return
    raise RuntimeError("the IMAP server did not start")
