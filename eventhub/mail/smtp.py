"""Handing messages to a mail server. The only module that speaks SMTP (RFC 5321).

One connection carries a batch. Whatever happens comes back as an `Outcome`, because each answer
asks for something else of the queue; an exception from here is a bug.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from eventhub.mail.outcome import Fate, Outcome

TIMEOUT_S = 30
PORTS = {"smtp": 25, "smtps": 465}
PERMANENT = 500
ANSWER_LIMIT = 500
FAULTS = (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over; `is_tls` means TLS from the first byte (smtps)."""

    host: str
    port: int
    is_tls: bool = False
    user: str = ""
    password: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether this is the machine itself, where nobody listens in and no certificate fits."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_server(url: str) -> Server:
    """Read `smtp://user:pass@host:587` or `smtps://…`; ValueError says what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("the address of a mail server is smtp://user:pass@host:587 or smtps://…")
    return Server(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class Line:
    """A connection kept open for a batch; opened with the first message, again when it was lost."""

    def __init__(self, server: Server, *, timeout: float = TIMEOUT_S) -> None:
        self._server = server
        self._timeout = timeout
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Say goodbye if there is a connection."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=2)
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    async def hand_over(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message to one recipient."""
        try:
            client = await self._begun(sender)
        except FAULTS as error:
            self._drop()
            return Outcome(Fate.LATER, _words(error), is_closed=True)
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(client, error)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(Fate.LATER, _words(error))
        return await self._content(client, message)

    async def _content(self, client: aiosmtplib.SMTP, message: bytes) -> Outcome:
        try:
            response = await client.data(message)
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(client, error)
        except asyncio.CancelledError:
            self._drop()
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(Fate.UNCERTAIN, _words(error))
        return Outcome(Fate.ACCEPTED, f"{response.code} {response.message}"[:ANSWER_LIMIT])

    async def _refused(
        self, client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException
    ) -> Outcome:
        """Tell for good from for now, and leave the connection fit for the next message."""
        fate = Fate.REFUSED if error.code >= PERMANENT else Fate.LATER
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._drop()
        return Outcome(fate, _words(error))

    async def _begun(self, sender: str) -> aiosmtplib.SMTP:
        """Return a connection that took the sender: a new one where a kept one was ended, as many servers do."""
        if self._client is not None and self._client.is_connected:
            try:
                await self._client.mail(sender)
                return self._client
            except FAULTS:
                self._drop()
        client = await self._connected()
        await client.mail(sender)
        return client

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.is_tls,
            start_tls=False,
            timeout=self._timeout,
            # Reading the certificates takes 30 ms, in which nobody would be answered.
            tls_context=await asyncio.to_thread(tls_context, server),
        )
        self._client = client
        await client.connect()
        await self._secure(client)
        if server.user:
            await client.login(server.user, server.password)
        return client

    async def _secure(self, client: aiosmtplib.SMTP) -> None:
        if self._server.is_tls:
            return
        await client.ehlo()
        if client.supports_extension("starttls"):
            await client.starttls()
        elif self._server.user and not self._server.is_loopback:
            raise aiosmtplib.SMTPNotSupported(
                "The server offers no STARTTLS, so the password was not sent."
            )

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


@lru_cache(maxsize=8)
def tls_context(server: Server) -> ssl.SSLContext:
    """Return how a server has to prove who it is; the machine itself need not."""
    context = ssl.create_default_context()
    if server.is_loopback:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"[:ANSWER_LIMIT]
    return (str(error) or type(error).__name__)[:ANSWER_LIMIT]
