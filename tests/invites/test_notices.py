"""What a release changes for somebody is told once, as the difference to what they know: by invitation or in words."""

from datetime import timedelta
from typing import Any

import pytest

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import actions, listing
from eventhub.invites.model import Kind, State
from eventhub.sessions.model import Format
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

WINDOW = timedelta(seconds=60)
LATER: dict[str, Any] = {"starts_at": make.at("16:00"), "ends_at": make.at("17:00")}
BACK: dict[str, Any] = {"starts_at": make.at("14:00"), "ends_at": make.at("15:00")}


@pytest.fixture
async def sent(mailing: Invites, mail_server: MailServer) -> Invites:
    """Give an event whose first release has been sent to everybody."""
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    return mailing


def heard(server: MailServer) -> list[tuple[str, str]]:
    """Return recipient and subject of what was delivered, and forget it."""
    found = [(mail.recipients[0], str(mail.message["Subject"])) for mail in server.deliveries]
    server.deliveries.clear()
    return sorted(found)


def words(server: MailServer, address: str) -> list[str]:
    """Return the lines that tell changes in the only mail to an address."""
    [message] = server.messages_to(address)
    assert "text/calendar" not in {part.get_content_type() for part in message.walk()}
    body = message.get_body(("plain",))
    assert body is not None
    return [line for line in body.get_content().splitlines() if line.startswith("- ")]


async def waiting(invites: Invites) -> list[tuple[str, Kind]]:
    async with invites.database.reading() as tx:
        lines = await listing.list_mails(tx, 1, state=State.DRAFT)
    return sorted((line.to_address, line.kind) for line in lines)


async def remove_all(invites: Invites) -> int:
    async with invites.database.transaction() as tx:
        lines = await listing.list_mails(tx, 1, state=State.DRAFT)
        event = await get_event(tx, "rakortek")
        return await actions.remove_drafts(tx, event, [line.id for line in lines])


async def approve_all(invites: Invites) -> int:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        return await actions.approve_drafts(tx, event, at=invites.clock.now())


async def test_who_only_watches_is_told_in_words_and_nobody_else(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("koordinasi", **LATER)
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert words(mail_server, "papua@example.org") == [
        (
            "- Koordinasi pindah ke Kam 25 Feb 2021, 16.00–17.00 WIB / 17.00–18.00 WITA · 18.00–19.00 WIT."
            " Sebelumnya: Kam 25 Feb 2021, 14.00 WIB."
        )
    ]
    assert heard(mail_server) == [
        ("papua@example.org", "Yang berubah bagi Anda: Rapat Koordinasi Teknis")
    ]


async def test_several_changes_are_one_notice_in_the_order_of_the_programme(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    stream = make.audience(Attendance.STREAM, delegation_id=2)
    others = make.audience(Attendance.STREAM, delegation_id=1)
    online: dict[str, Any] = {"room_id": None, "stream": True, "format": Format.ONLINE}
    early = {"starts_at": make.at("07:30"), "ends_at": make.at("08:00")}
    noon = {"starts_at": make.at("12:30"), "ends_at": make.at("13:00")}
    await make.stored(
        sent.database,
        make.session(8, code="pagi", title="Sidang pagi", audience=(stream,), **online, **early),
        make.session(9, code="lain", title="Sidang lain", audience=(others,), **online, **noon),
    )
    await sent.change("koordinasi", title="Koordinasi wilayah", **LATER)
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()
    first = words(mail_server, "papua@example.org")
    mail_server.deliveries.clear()
    await sent.cancel("pagi")
    await sent.change("koordinasi", audience=(make.audience(Attendance.STREAM, delegation_id=1),))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert [line.split(" ")[1:3] for line in first] == [
        ["Sidang", "pagi"],
        ["Koordinasi", "wilayah"],
        ["“Koordinasi”", "sekarang"],
    ]
    assert [line.split(",")[0] for line in words(mail_server, "papua@example.org")] == [
        "- Sidang pagi dibatalkan; semula dijadwalkan Kam 25 Feb 2021",
        "- Koordinasi wilayah",
    ]


async def test_there_and_back_within_the_window_is_no_notice(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("koordinasi", **LATER)
    await sent.publish("now")
    await sent.work()
    clock.moment += timedelta(seconds=30)
    await sent.change("koordinasi", **BACK)
    await sent.publish("now")
    await sent.work()
    clock.moment += WINDOW
    await sent.work()

    assert heard(mail_server) == []


async def test_releases_in_a_row_are_told_once_when_they_stop(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    for hour in ("15", "16", "17"):
        move = {"starts_at": make.at(f"{hour}:00"), "ends_at": make.at(f"{hour}:30")}
        await sent.change("koordinasi", **move)
        await sent.change("desk", title=f"Desk Papua {hour}")
        await sent.publish("now")
        await sent.work()
        clock.moment += timedelta(seconds=59)
        await sent.work()
    early = heard(mail_server)
    clock.moment += WINDOW
    await sent.work()

    assert early == []
    assert heard(mail_server) == [
        ("dirjen@example.org", "Perubahan: Desk Papua 17, Kam 25 Feb 2021, 11.00 WIB"),
        ("papua@example.org", "Perubahan: Desk Papua 17, Kam 25 Feb 2021, 11.00 WIB"),
        ("papua@example.org", "Yang berubah bagi Anda: Rapat Koordinasi Teknis"),
    ]


async def test_releases_without_end_are_told_all_the_same(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    for n in range(12):
        await sent.change("koordinasi", title=f"Koordinasi {n}")
        await sent.publish("now")
        await sent.work()
        clock.moment += timedelta(seconds=59)
        await sent.work()

    assert heard(mail_server) == [
        ("papua@example.org", "Yang berubah bagi Anda: Rapat Koordinasi Teknis")
    ]


async def test_a_draft_of_what_is_taken_back_vanishes(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("koordinasi", **LATER)
    await sent.change("desk", starts_at=make.at("12:00"), ends_at=make.at("13:00"))
    await sent.publish("draft")
    await sent.work()
    drafted = await waiting(sent)
    await sent.change("koordinasi", **BACK)
    await sent.change("desk", starts_at=make.at("11:00"), ends_at=make.at("12:00"))
    await sent.publish("draft")
    await sent.work()
    left = await waiting(sent)
    await sent.change("desk", starts_at=make.at("12:30"), ends_at=make.at("13:30"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert drafted == [
        ("dirjen@example.org", Kind.UPDATE),
        ("papua@example.org", Kind.NOTICE),
        ("papua@example.org", Kind.UPDATE),
    ]
    assert left == []
    message = mail_server.messages_to("dirjen@example.org")[0].get_body(("plain",))
    assert message is not None
    assert "Sebelumnya tertulis:" in message.get_content()
    assert "11.00–12.00 WIB" in message.get_content()
    assert len(heard(mail_server)) == 2


async def test_a_silent_release_brings_drafts_up_to_date_and_adds_none(
    sent: Invites, mail_server: MailServer
) -> None:
    await sent.change("koordinasi", **LATER)
    await sent.publish("draft")
    await sent.work()
    await sent.change("koordinasi", starts_at=make.at("16:30"))
    await sent.change("desk", title="Desk Provinsi Papua")
    await sent.publish("none")
    await sent.work()

    assert await waiting(sent) == [("papua@example.org", Kind.NOTICE)]
    await approve_all(sent)
    await sent.work()
    assert "16.30–17.00 WIB" in words(mail_server, "papua@example.org")[0]


async def test_a_draft_taken_out_leaves_what_its_reader_knows(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    before = [(one.session, one.sequence) for one in await sent.standings()]
    await sent.change("koordinasi", **LATER)
    await sent.change("desk", starts_at=make.at("12:00"), ends_at=make.at("13:00"))
    await sent.publish("draft")
    await sent.work()

    removed = await remove_all(sent)

    assert removed == 3
    assert await waiting(sent) == []
    assert [(one.session, one.sequence) for one in await sent.standings()] == before
    await sent.change("koordinasi", title="Koordinasi wilayah")
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()
    assert [line.split(" ")[1] for line in words_of_notice(mail_server)] == [
        "Koordinasi",
        "“Koordinasi”",
    ]


def words_of_notice(server: MailServer) -> list[str]:
    server.deliveries[:] = [
        mail
        for mail in server.deliveries
        if str(mail.message["Subject"]).startswith("Yang berubah")
    ]
    return words(server, "papua@example.org")


async def test_a_speaker_who_is_not_in_the_audience_is_told_too(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await make.stored(
        sent.database,
        make.delegation(5, code="kampus", name="Universitas"),
        make.participant(5, delegation_id=5, name="Guru Besar", email="guru@example.org"),
    )
    await sent.change("desk", speakers=(5,))
    await sent.publish()
    await sent.send()
    await sent.work()
    mail_server.deliveries.clear()
    await sent.change("desk", starts_at=make.at("12:00"), ends_at=make.at("13:00"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert [address for address, _ in heard(mail_server)] == [
        "dirjen@example.org",
        "guru@example.org",
        "papua@example.org",
    ]
