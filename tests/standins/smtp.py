"""A mail server that keeps what it is sent, and can refuse, defer or fall silent on demand."""

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

ACCEPTED = "250 OK"


@dataclass(frozen=True)
class Delivery:
    """One accepted mail: its envelope and the parsed message."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes


@dataclass
class MailServer:
    """Listens on `url` and keeps every accepted mail in `deliveries`.

    `answers` are given to the next mails, one each, instead of accepting them
    ("550 No such user", "451 Try later"); "hang" keeps a mail unanswered, and
    "accept and drop" takes it and closes the connection before saying so. `refused_senders` answers every sender;
    `mails_per_session` ends a connection after so many with 421.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    refused_senders: str = ""
    mails_per_session: int = 0
    sessions: int = 0
    attempts: int = 0
    url: str = ""
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _sessions: set["_Session"] = field(default_factory=set)

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", 0)
        self.url = f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.hang_up()
        await asyncio.sleep(0)

    async def arrival(self) -> None:
        """Wait for the next accepted mail."""
        self._arrived.clear()
        await self._arrived.wait()

    def messages_to(self, address: str) -> list[EmailMessage]:
        """Return the accepted messages for one address, in order of arrival."""
        return [mail.message for mail in self.deliveries if address in mail.recipients]

    def _session(self) -> "_Session":
        self.sessions += 1
        session = _Session(self)
        self._sessions.add(session)
        return session

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's hook
        self,
        server: SMTP,
        _session: Any,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take the sender unless told otherwise."""
        if self.refused_senders:
            return self.refused_senders
        if isinstance(server, _Session):
            server.mails += 1
            if self.mails_per_session and server.mails > self.mails_per_session:
                return "421 Enough for one connection"
        envelope.mail_from = address
        return ACCEPTED

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's hook
        self,
        _server: SMTP,
        _session: Any,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Refuse the recipients named so, accept all others."""
        if refusal := self.refused_recipients.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's hook
        """Answer as told, or keep the mail."""
        self.attempts += 1
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        if answer == "hang":
            await asyncio.Event().wait()
        if answer not in {ACCEPTED, "accept and drop"}:
            return answer
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        self.deliveries.append(
            Delivery(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                message=message_from_bytes(raw, policy=policy.default),
                raw=raw,
            )
        )
        self._arrived.set()
        if answer == "accept and drop":
            _abort(server)
        return ACCEPTED


def _abort(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


class _Session(SMTP):
    def __init__(self, owner: MailServer) -> None:
        super().__init__(owner, hostname="mail.example.org", enable_SMTPUTF8=True, loop=None)
        self._owner = owner
        self.mails = 0

    def hang_up(self) -> None:
        _abort(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner._sessions.discard(self)
        super().connection_lost(error)
