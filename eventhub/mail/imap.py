"""Fetching messages from a mailbox. The only module that speaks IMAP (RFC 3501).

Blocks, as the standard library's client does: run it in a thread. What bears `\\Seen` was dealt with; a
message is marked only after that, so whoever dies in between is given it again.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from eventhub.mail.smtp import Server, tls_context

TIMEOUT_S = 30
PORTS = {"imap": 143, "imaps": 993}
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# ValueError: what IMAP cannot carry, such as a password that is not ASCII.
FAULTS = (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError)


class Unreachable(Exception):
    """The mailbox does not open or broke off; the text is the server's or the network's."""


def read_mailbox(url: str) -> tuple[Server, str]:
    """Read `imaps://user:pass@host:993/FOLDER`; the folder is INBOX without one. ValueError says what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise ValueError("the address of a mailbox is imaps://user:pass@host:993/INBOX")
    server = Server(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        is_tls=parts.scheme == "imaps",
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
    )
    return server, unquote(parts.path.strip("/")) or "INBOX"


class Mailbox:
    """A mailbox opened for reading and marking; raises Unreachable."""

    def __init__(self, server: Server, folder: str, *, size_limit: int) -> None:
        self._server = server
        self._folder = folder
        self._size_limit = size_limit
        self._client: imaplib.IMAP4 | None = None

    def __enter__(self) -> Self:
        try:
            self._open()
        except FAULTS as error:
            self.close()
            raise Unreachable(_words(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye if there is a connection."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except FAULTS:
            client.shutdown()

    def unread(self) -> list[bytes]:
        """Return the UIDs of messages that bear no mark yet, oldest first."""
        found = self._asked("SEARCH", "UNSEEN UNDELETED")
        uids = [uid for line in found if isinstance(line, bytes) for uid in line.split()]
        return sorted(uids, key=int)

    def fetch(self, uid: bytes) -> bytes | None:
        """Return a message: None when it is larger than the limit, b"" when it is gone."""
        size = next(_matches(SIZE, self._asked("FETCH", uid, "(RFC822.SIZE)")), b"0")
        if int(size) > self._size_limit:
            return None
        answer = self._asked("FETCH", uid, "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")

    def mark(self, uid: bytes) -> None:
        """Mark a message as dealt with."""
        self._asked("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")

    def _open(self) -> None:
        self._client = client = _connected(self._server)
        client.login(self._server.user, self._server.password)
        folder = self._folder.replace("\\", r"\\").replace('"', r"\"")
        state, answer = client.select(f'"{folder}"')
        if state != "OK":
            raise imaplib.IMAP4.error(f"SELECT: {answer}")

    def _asked(self, command: str, *words: Any) -> list[Any]:
        if self._client is None:
            raise Unreachable("The mailbox is closed.")
        try:
            state, answer = self._client.uid(command, *words)
        except FAULTS as error:
            raise Unreachable(_words(error)) from error
        if state != "OK":
            raise Unreachable(f"{command}: {answer}"[:500])
        return answer


def _connected(server: Server) -> imaplib.IMAP4:
    context = tls_context(server)
    if server.is_tls:
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=TIMEOUT_S)
    client = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT_S)
    if "STARTTLS" in client.capabilities:
        client.starttls(context)
    elif not server.is_loopback:
        client.shutdown()
        raise imaplib.IMAP4.error("The server offers no STARTTLS, so the password was not sent.")
    return client


def _matches(pattern: re.Pattern[bytes], answer: list[Any]) -> Iterator[bytes]:
    for part in answer:
        line = part[0] if isinstance(part, tuple) else part
        match = pattern.search(line) if isinstance(line, bytes) else None
        if match:
            yield match[1]


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:500]
