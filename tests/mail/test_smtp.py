"""Each answer of a mail server becomes the outcome that the queue needs."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.smtp import Line, Server, read_server
from tests.mail.standin import Inbox, running

MESSAGE = b"Subject: Halo\r\n\r\n.titik\r\n"


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_batch_goes_over_one_connection_and_arrives_as_written() -> None:
    async with running(Inbox()) as inbox, Line(Server("127.0.0.1", inbox.port)) as line:
        outcomes = [
            await line.hand_over("a@example.org", to, MESSAGE) for to in ("b@x.org", "c@x.org")
        ]

    assert outcomes == [Outcome(Fate.ACCEPTED, "250 OK")] * 2
    assert inbox.envelopes == [("b@x.org", MESSAGE), ("c@x.org", MESSAGE)]
    assert inbox.connections == 1


async def test_a_4xx_means_later_and_a_5xx_never_and_neither_stops_the_next() -> None:
    inbox = Inbox(
        rcpt={"full@x.org": ["452 Mailbox full"], "gone@x.org": ["550 No such user"]},
        data={"grey@x.org": ["451 Try again"], "spam@x.org": ["554 No thanks"]},
    )
    async with running(inbox), Line(Server("127.0.0.1", inbox.port)) as line:
        outcomes = [
            await line.hand_over("a@example.org", to, MESSAGE)
            for to in ("full@x.org", "gone@x.org", "grey@x.org", "spam@x.org", "good@x.org")
        ]

    assert outcomes == [
        Outcome(Fate.LATER, "452 Mailbox full"),
        Outcome(Fate.REFUSED, "550 No such user"),
        Outcome(Fate.LATER, "451 Try again"),
        Outcome(Fate.REFUSED, "554 No thanks"),
        Outcome(Fate.ACCEPTED, "250 OK"),
    ]
    assert inbox.recipients == ["good@x.org"]
    assert inbox.connections == 1


async def test_a_connection_lost_after_the_content_is_uncertain_and_the_next_gets_a_new_one() -> (
    None
):
    inbox = Inbox(cut={"cut@x.org"})
    async with running(inbox), Line(Server("127.0.0.1", inbox.port)) as line:
        first = await line.hand_over("a@example.org", "cut@x.org", MESSAGE)
        second = await line.hand_over("a@example.org", "next@x.org", MESSAGE)

    assert (first.fate, second.fate) == (Fate.UNCERTAIN, Fate.ACCEPTED)
    assert inbox.recipients == ["cut@x.org", "next@x.org"]
    assert inbox.connections == 2


async def test_nobody_listening_means_later_for_everyone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with Line(Server("127.0.0.1", taken.getsockname()[1])) as line:
            outcome = await line.hand_over("a@example.org", "b@x.org", MESSAGE)

    assert (outcome.fate, outcome.is_closed) == (Fate.LATER, True)


async def test_starttls_is_used_when_offered_and_then_the_password(
    certificate: ssl.SSLContext,
) -> None:
    async with running(Inbox(), starttls=certificate, password="rahasia") as inbox:
        async with Line(Server("127.0.0.1", inbox.port, False, "kirim", "rahasia")) as line:
            good = await line.hand_over("a@example.org", "b@x.org", MESSAGE)
        async with Line(Server("127.0.0.1", inbox.port, False, "kirim", "salah")) as line:
            bad = await line.hand_over("a@example.org", "b@x.org", MESSAGE)

    assert good == Outcome(Fate.ACCEPTED, "250 OK")
    assert (bad.fate, bad.is_closed, bad.answer[:3]) == (Fate.LATER, True, "535")
    assert len(inbox.envelopes) == 1


async def test_smtps_speaks_tls_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    async with (
        running(Inbox(), tls=certificate) as inbox,
        Line(Server("127.0.0.1", inbox.port, is_tls=True)) as line,
    ):
        outcome = await line.hand_over("a@example.org", "b@x.org", MESSAGE)

    assert outcome == Outcome(Fate.ACCEPTED, "250 OK")


async def test_a_password_never_crosses_a_network_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Server, "is_loopback", False)  # the stand-in can only listen on loopback
    async with (
        running(Inbox(), password="rahasia") as inbox,
        Line(Server("127.0.0.1", inbox.port, False, "kirim", "rahasia")) as line,
    ):
        outcome = await line.hand_over("a@example.org", "b@x.org", MESSAGE)

    assert outcome.fate is Fate.LATER
    assert "STARTTLS" in outcome.answer
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 25)),
        (
            "smtp://u%40x:p%2Fw@mail.example.org:587",
            Server("mail.example.org", 587, False, "u@x", "p/w"),
        ),
        ("smtps://mail.example.org", Server("mail.example.org", 465, is_tls=True)),
    ],
)
def test_the_address_of_a_server_is_read(url: str, server: Server) -> None:
    assert read_server(url) == server


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="smtp://"):
        read_server("http://mail.example.org")


def test_only_the_machine_itself_counts_as_loopback() -> None:
    hosts = ("localhost", "127.0.0.1", "::1", "10.0.0.1", "mail.example.org")

    assert [Server(host, 25).is_loopback for host in hosts] == [True, True, True, False, False]


class Rude(asyncio.Protocol):
    """A server that speaks some lines of SMTP, one per thing it hears, and then hangs up."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = list(lines)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        if self.lines:
            self.transport.write(self.lines.pop(0).encode() + b"\r\n")
        else:
            self.transport.close()


@pytest.mark.parametrize(
    ("lines", "fate", "is_closed"),
    [
        (["554 Not today"], Fate.LATER, True),
        (["220 Hello", "250 OK", "550 Not from you"], Fate.LATER, True),
        (["220 Hello", "250 OK", "250 OK"], Fate.LATER, False),
        (["220 Hello", "250 OK", "250 OK", "550 Nobody"], Fate.REFUSED, False),
        (["220 Hello", "250 OK", "250 OK", "250 OK", "354 Go on"], Fate.UNCERTAIN, False),
    ],
)
async def test_wherever_a_server_hangs_up_the_outcome_is_safe(
    lines: list[str], fate: Fate, is_closed: bool
) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Rude(lines), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async with Line(Server("127.0.0.1", port), timeout=5) as line:
        outcome = await line.hand_over("a@example.org", "b@x.org", MESSAGE)
    server.close()

    assert (outcome.fate, outcome.is_closed) == (fate, is_closed)
