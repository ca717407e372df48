"""A mail server on loopback: aiosmtpd with answers and faults as a test wants them."""

# ruff: noqa: N802 -- aiosmtpd names its hooks after SMTP's verbs and fixes what they take

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Inbox:
    """What arrived, and what the server does: `rcpt` and `data` give an answer per recipient, else 250.

    `cut` names recipients whose message is taken and then the connection dropped without an answer.
    """

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    envelopes: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def messages(self) -> list[tuple[str, EmailMessage]]:
        """Return recipient and message as read by the standard library."""
        return [
            (to, message_from_bytes(content, policy=policy.default))
            for to, content in self.envelopes
        ]

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.envelopes]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answers := self.rcpt.get(address):
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to = envelope.rcpt_tos[0]
        if answers := self.data.get(to):
            return answers.pop(0)
        content = envelope.original_content or b""
        self.envelopes.append((to, content))
        if to in self.cut:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


@asynccontextmanager
async def running(
    inbox: Inbox,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: str = "",
) -> AsyncIterator[Inbox]:
    """Serve `inbox` on a free port of the running loop."""
    loop = asyncio.get_running_loop()

    def check(
        server: object, session: object, envelope: object, kind: str, data: object
    ) -> AuthResult:
        good = getattr(data, "password", b"") == password.encode()
        return AuthResult(success=good, handled=False)

    def factory() -> SMTP:
        inbox.connections += 1
        return SMTP(
            inbox,
            hostname="localhost",
            loop=loop,
            tls_context=starttls,
            authenticator=check if password else None,
            auth_require_tls=starttls is not None,
        )

    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=tls)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()
