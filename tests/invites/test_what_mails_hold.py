"""Each way of attending gets its own way in: the room and a ticket, or a link of one's own."""

import io
import re
from email.message import EmailMessage

import pytest
import zxingcpp
from PIL import Image

from eventhub.installation import Installation
from eventhub.participants.links import LinkClaim, PersonalLinks
from eventhub.participants.tables import participants
from tests.invites import ical
from tests.invites.conftest import Invites
from tests.standins.smtp import MailServer


def part(message: EmailMessage, content_type: str) -> EmailMessage:
    [found] = [one for one in message.walk() if one.get_content_type() == content_type]
    assert isinstance(found, EmailMessage)
    return found


def text(message: EmailMessage) -> str:
    return str(part(message, "text/plain").get_content()).replace("\r\n", "\n")


@pytest.fixture
async def mails(mailing: Invites, mail_server: MailServer) -> MailServer:
    """Give a server to which everything has been sent."""
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    return mail_server


async def test_who_comes_on_site_gets_the_room_and_their_ticket(
    mails: MailServer, installation: Installation
) -> None:
    ticket = (await installation.ticket_texts(installation.database, [1]))[1]
    welcome, opening, _ = mails.messages_to("dirjen@example.org")

    for message in (welcome, opening):
        png = part(message, "image/png")
        [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.get_content())).convert("L"))
        assert code.text == ticket
        assert png["Content-ID"] == "<ticket>"
        assert 'src="cid:ticket"' in part(message, "text/html").get_content()
    assert "Tempat: Ruang 1, Gedung C\n" in text(opening)
    assert "/j/" not in text(opening)


async def test_who_joins_from_afar_gets_a_link_of_their_own_and_no_ticket(
    mails: MailServer, installation: Installation
) -> None:
    links = PersonalLinks(installation.settings.secret, installation.settings.base_url)
    _, opening, desk = mails.messages_to("papua@example.org")

    for message, session, words in ((opening, 1, "Tonton siaran"), (desk, 2, "Masuk ke rapat")):
        [url] = re.findall(rf"{words}:\n(\S+)\n", text(message))
        [event] = ical.read(part(message, "text/calendar").get_content().encode()).all("VEVENT")
        assert links.open_join(url.rpartition("/")[2]) == LinkClaim(2, 1, session)
        assert event.one("URL").value == url
        assert url in part(message, "text/html").get_content()
        assert "image/png" not in [one.get_content_type() for one in message.walk()]


async def test_calendars_are_shared_so_they_hold_no_key_to_the_personal_page(
    mails: MailServer,
) -> None:
    for delivery in mails.deliveries:
        for one in delivery.message.walk():
            if one.get_content_type() in {"text/calendar", "application/ics"}:
                content = one.get_payload(decode=True)
                assert isinstance(content, bytes)
                assert b"/p/" not in content.replace(b"\r\n ", b"")
                assert b"/f/" not in content.replace(b"\r\n ", b"")


async def test_the_welcome_opens_the_personal_page_and_the_feed(
    mails: MailServer, installation: Installation
) -> None:
    links = PersonalLinks(installation.settings.secret, installation.settings.base_url)

    welcome = mails.messages_to("papua@example.org")[0]

    [page] = set(re.findall(r"/p/([\w-]+)/\n", text(welcome)))
    [feed] = set(re.findall(r"/f/([\w-]+)\.ics\n", text(welcome)))
    assert links.open_page(page) == links.open_feed(feed) == LinkClaim(2, 1)
    assert "text/calendar" not in [one.get_content_type() for one in welcome.walk()]


async def test_times_are_written_in_the_events_zone_and_the_offices(mails: MailServer) -> None:
    _, opening, _ = mails.messages_to("papua@example.org")

    assert (
        "Waktu: Kam 25 Feb 2021, 09.00–10.00 WIB\n  10.00–11.00 WITA · 11.00–12.00 WIT\n"
    ) in text(opening)
    assert "Waktu dalam" not in text(opening)


async def test_calendars_describe_a_session_in_their_readers_language_by_both_clocks(
    mailing: Invites, mail_server: MailServer
) -> None:
    async with mailing.database.transaction() as tx:
        foreign = participants.update().where(participants.c.id == 1).values(language="en")
        await tx.execute(foreign)
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    told = {}
    for address in ("papua@example.org", "dirjen@example.org"):
        raw = part(mail_server.messages_to(address)[1], "text/calendar").get_payload(decode=True)
        assert isinstance(raw, bytes)
        [event] = ical.read(raw).all("VEVENT")
        told[address] = event.one("DESCRIPTION").text.splitlines()[:3]

    assert told == {
        "papua@example.org": [
            "Kam 25 Feb 2021, 09.00–10.00 WIB",
            "10.00–11.00 WITA · 11.00–12.00 WIT",
            "Melalui siaran, sebagai penonton",
        ],
        "dirjen@example.org": [
            "Thu 25 Feb 2021, 09:00–10:00 WIB",
            "10:00–11:00 WITA · 11:00–12:00 WIT",
            "On site",
        ],
    }


async def test_no_two_mails_share_a_message_id(mails: MailServer) -> None:
    found = [str(delivery.message["Message-ID"]) for delivery in mails.deliveries]

    assert len(set(found)) == len(found) == 6
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in found)
