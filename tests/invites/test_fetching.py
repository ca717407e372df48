"""Answers are fetched from a mailbox on a real server, each once, and none is lost."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.invites import fetching, inbox
from eventhub.mail.imap import read_mailbox
from eventhub.mail.smtp import Server
from eventhub.participants.tables import rsvps
from tests.invites.conftest import Invites
from tests.invites.replies import MANNERS, Said, gmail, outlook
from tests.standins import imap
from tests.standins.imap import ImapServer


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    with imap.running() as server:
        yield server


@pytest.fixture
def imap_server(running: ImapServer) -> ImapServer:
    running.empty()
    return running


@pytest.fixture
async def polling(invites: Invites, imap_server: ImapServer) -> Invites:
    """Give the published and sent event, with a mailbox for answers."""
    await invites.publish()
    await invites.send()
    settings = replace(invites.installation.settings, imap_url=imap_server.url)
    return replace(invites, installation=replace(invites.installation, settings=settings))


async def uid_of(invites: Invites, session: str, participant: int) -> str:
    [uid] = [
        one.uid
        for one in await invites.standings()
        if (one.session, one.participant_id) == (session, participant)
    ]
    return uid


async def kept(invites: Invites) -> list[tuple[int, str, str]]:
    async with invites.database.reading() as tx:
        rows = await tx.execute(sa.select(rsvps).order_by(rsvps.c.session_code))
        return [(row.participant_id, row.session_code, row.status) for row in rows]


async def counted(invites: Invites) -> int:
    async with invites.database.reading() as tx:
        query = sa.select(sa.func.count()).where(audit_log.c.action == "rsvp.received")
        return int((await tx.execute(query)).scalar_one())


async def test_what_came_is_taken_once_and_marked(
    polling: Invites, imap_server: ImapServer
) -> None:
    desk, opening = await uid_of(polling, "desk", 2), await uid_of(polling, "pembukaan", 2)
    imap_server.deliver(
        gmail(Said(uid=desk)),
        b"From: penipu@example.net\r\n\r\nSilakan klik di sini",
        outlook(Said(uid=opening, partstat="DECLINED")),
    )

    await fetching.fetch_answers(polling.installation)
    await fetching.fetch_answers(polling.installation)

    assert await kept(polling) == [(2, "desk", "accepted"), (2, "pembukaan", "declined")]
    assert await counted(polling) == 2
    assert imap_server.numbers("UNSEEN") == []
    assert imap_server.numbers("SEEN") == [b"1", b"2", b"3"]


async def test_an_answer_that_was_taken_but_not_marked_counts_once(
    polling: Invites, imap_server: ImapServer
) -> None:
    imap_server.deliver(gmail(Said(uid=await uid_of(polling, "desk", 2))))
    await fetching.fetch_answers(polling.installation)
    with imap_server.client() as client:
        client.store("1", "-FLAGS", r"(\Seen)")

    await fetching.fetch_answers(polling.installation)

    assert await counted(polling) == 1
    assert imap_server.numbers("UNSEEN") == []


async def test_a_failing_database_loses_no_answer(
    polling: Invites, imap_server: ImapServer
) -> None:
    imap_server.deliver(gmail(Said(uid=await uid_of(polling, "desk", 2))))
    async with polling.database.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE audit_log RENAME TO audit_away"))

    await fetching.fetch_answers(polling.installation)
    unseen, none = imap_server.numbers("UNSEEN"), await kept(polling)
    async with polling.database.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE audit_away RENAME TO audit_log"))
    await fetching.fetch_answers(polling.installation)

    assert (unseen, none) == ([b"1"], [])
    assert await kept(polling) == [(2, "desk", "accepted")]


async def test_a_message_that_fails_is_left_and_stops_no_other(
    polling: Invites, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = gmail(Said(uid=await uid_of(polling, "desk", 2)))
    imap_server.deliver(b"Subject: fails\r\n\r\n", reply)

    def read(message: bytes) -> object:
        if b"fails" in message:
            raise ZeroDivisionError
        return reading(message)

    reading = inbox.read
    monkeypatch.setattr(inbox, "read", read)

    await fetching.fetch_answers(polling.installation)

    assert await kept(polling) == [(2, "desk", "accepted")]
    assert imap_server.numbers("UNSEEN") == [b"1"]


async def test_a_message_that_is_too_large_is_not_fetched_but_marked(
    polling: Invites, imap_server: ImapServer
) -> None:
    reply = MANNERS["apple"](Said(uid=await uid_of(polling, "desk", 2)))
    imap_server.deliver(b"From: a@example.org\r\n\r\n" + b"x" * inbox.SIZE_LIMIT, reply)

    await fetching.fetch_answers(polling.installation)

    assert await kept(polling) == [(2, "desk", "accepted")]
    assert imap_server.numbers("UNSEEN") == []


@pytest.mark.parametrize(
    "url",
    [
        "imap://jawaban:wrong@127.0.0.1:{port}/INBOX",
        "imap://jawaban:rahasia%20dan%2Fpanjang@127.0.0.1:{port}/Tidak%20ada",
        "imap://127.0.0.1:{port}",
        "imap://a:b@127.0.0.1:1/INBOX",
    ],
)
async def test_a_mailbox_that_does_not_open_stops_nothing(
    polling: Invites, imap_server: ImapServer, url: str
) -> None:
    imap_server.deliver(gmail(Said(uid=await uid_of(polling, "desk", 2))))
    url = url.format(port=imap_server.port)
    settings = replace(polling.installation.settings, imap_url=url)

    await fetching.fetch_answers(replace(polling.installation, settings=settings))

    assert await kept(polling) == []
    assert imap_server.numbers("UNSEEN") == [b"1"]


async def test_without_a_mailbox_nothing_is_fetched(invites: Invites) -> None:
    await fetching.fetch_answers(invites.installation)

    assert await kept(invites) == []


def test_an_address_of_a_mailbox_is_read() -> None:
    server = Server("mail.example.org", 993, is_tls=True, user="a@example.org", password="p:w")

    assert read_mailbox("imaps://a%40example.org:p%3Aw@mail.example.org/Jawaban%20undangan") == (
        server,
        "Jawaban undangan",
    )
    with pytest.raises(ValueError, match="imaps://user:pass@host:993/INBOX"):
        read_mailbox("imap://mail.example.org")
