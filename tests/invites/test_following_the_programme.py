"""After a release each person concerned is told once what changed for them, in order."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar, Event

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import actions
from eventhub.invites.model import State
from eventhub.sessions.model import Format, Kind
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

WINDOW = timedelta(seconds=60)


def told(server: MailServer) -> list[tuple[str, str, str, int]]:
    """Return recipient, session's title, method and sequence of each calendar mail, and forget them."""
    found = []
    for mail in server.deliveries:
        for calendar in calendars(mail.message):
            event = vevent(calendar)
            found.append(
                (
                    mail.recipients[0],
                    str(event["SUMMARY"]),
                    str(calendar["METHOD"]),
                    int(event.decoded("SEQUENCE")),
                )
            )
    server.deliveries.clear()
    return found


def calendars(message: EmailMessage) -> list[Calendar]:
    return [
        Calendar.from_ical(part.get_content())
        for part in message.walk()
        if part.get_content_type() == "text/calendar"
    ]


def vevent(calendar: Calendar) -> Event:
    [event] = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return event


@pytest.fixture
async def sent(mailing: Invites, mail_server: MailServer) -> Invites:
    """Give an event whose first release has been sent to everybody."""
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    return mailing


async def test_a_moved_session_gives_each_person_concerned_exactly_one_update(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("now")
    await sent.work()
    early = told(mail_server)
    clock.moment += WINDOW
    await sent.work()
    once = told(mail_server)
    clock.moment += timedelta(days=1)
    await sent.work()

    assert early == []
    assert once == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 1),
        ("papua@example.org", "Desk Papua", "REQUEST", 1),
    ]
    assert told(mail_server) == []
    assert [(one.session, one.sequence) for one in await sent.standings()] == [
        ("pembukaan", 0),
        ("pembukaan", 0),
        ("desk", 1),
        ("desk", 1),
    ]


async def test_an_update_keeps_the_uid_and_says_what_it_said_before(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    uids = {(one.email, one.session): one.uid for one in await sent.standings()}
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    message = mail_server.messages_to("papua@example.org")[0]
    [calendar] = calendars(message)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert str(vevent(calendar)["UID"]) == uids["papua@example.org", "desk"]
    assert message["Subject"] == "Perubahan: Desk Papua, Kam 25 Feb 2021, 13.00 WIB"
    when = "Waktu: Kam 25 Feb 2021, 13.00–14.00 WIB\n  14.00–15.00 WITA · 15.00–16.00 WIT\n"
    assert when in text
    assert "Sebelumnya tertulis:\n- Waktu: Kam 25 Feb 2021, 11.00–12.00 WIB\n" in text


async def test_releases_within_the_window_are_told_as_one(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("now")
    await sent.work()
    clock.moment += timedelta(seconds=30)
    await sent.change("desk", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
    await sent.publish("now")
    await sent.work()
    clock.moment += WINDOW
    await sent.work()

    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 2),
        ("papua@example.org", "Desk Papua", "REQUEST", 2),
    ]


async def test_a_change_there_and_back_within_the_window_tells_nobody(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("now")
    await sent.change("desk", starts_at=make.at("11:00"), ends_at=make.at("12:00"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert told(mail_server) == []


async def test_a_new_title_is_told_without_asking_for_the_answer_again(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", title="Desk Provinsi Papua")
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Provinsi Papua", "REQUEST", 0),
        ("papua@example.org", "Desk Provinsi Papua", "REQUEST", 0),
    ]


async def test_a_cancelled_session_is_taken_out_of_calendars(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.cancel("desk")
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    message = mail_server.messages_to("papua@example.org")[0]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Sesi ini tidak diselenggarakan." in body.get_content()
    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "CANCEL", 1),
        ("papua@example.org", "Desk Papua", "CANCEL", 1),
    ]


async def test_a_session_put_into_the_tray_is_cancelled_and_comes_again_under_its_uid(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    first = (await sent.standings())[0]
    await sent.change("desk", starts_at=None, ends_at=None)
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()
    gone = told(mail_server)

    await sent.change("desk", starts_at=make.at("15:00"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert gone == [
        ("dirjen@example.org", "Desk Papua", "CANCEL", 1),
        ("papua@example.org", "Desk Papua", "CANCEL", 1),
    ]
    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 2),
        ("papua@example.org", "Desk Papua", "REQUEST", 2),
    ]
    assert (await sent.standings())[0].uid == first.uid


async def test_whoever_is_taken_off_is_told_and_whoever_stays_is_not(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", audience=(make.audience(Attendance.ONSITE, delegation_id=1),))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()
    off = told(mail_server)
    await sent.change(
        "desk",
        audience=(
            make.audience(Attendance.ONSITE, delegation_id=1),
            make.audience(Attendance.MEETING, delegation_id=2),
        ),
    )
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert off == [("papua@example.org", "Desk Papua", "CANCEL", 1)]
    assert told(mail_server) == [("papua@example.org", "Desk Papua", "REQUEST", 2)]


async def test_another_way_to_attend_is_another_place(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change(
        "desk",
        audience=(
            make.audience(Attendance.ONSITE, delegation_id=1),
            make.audience(Attendance.ONSITE, delegation_id=2),
        ),
    )
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    [calendar] = calendars(mail_server.messages_to("papua@example.org")[0])
    event = vevent(calendar)
    assert (str(event["LOCATION"]), "CONFERENCE" in event) == ("Ruang 1, Gedung C", False)
    assert told(mail_server) == [("papua@example.org", "Desk Papua", "REQUEST", 1)]


async def test_a_session_new_to_people_already_invited_comes_with_the_release(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await make.stored(
        sent.database,
        make.delegation(7, code="bali", name="Bappeda Provinsi Bali"),
        make.participant(7, delegation_id=7, name="Kepala Bappeda Provinsi Bali"),
        make.session(
            9,
            code="penutupan",
            title="Penutupan",
            kind=Kind.PLENARY,
            format=Format.ONLINE,
            room_id=None,
            stream=True,
            starts_at=make.at("16:00"),
            ends_at=make.at("17:00"),
            audience=(
                make.audience(Attendance.STREAM, delegation_id=2),
                make.audience(Attendance.STREAM, delegation_id=7),
            ),
        ),
    )
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    # The office of Bali has not been invited yet: that takes `invitations send`.
    assert told(mail_server) == [("papua@example.org", "Penutupan", "REQUEST", 0)]


async def test_a_silent_release_tells_nobody_until_invitations_are_sent(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("none")
    clock.moment += timedelta(days=1)
    await sent.work()
    silent = told(mail_server)
    queued = await sent.send()
    await sent.work()

    assert silent == []
    assert (queued.total, queued.unchanged) == (2, 4)
    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 1),
        ("papua@example.org", "Desk Papua", "REQUEST", 1),
    ]


async def test_drafts_wait_for_approval(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("draft")
    await sent.work()
    clock.moment += timedelta(days=1)
    await sent.work()
    waiting = told(mail_server)
    async with sent.database.transaction() as tx:
        approved = await actions.approve_drafts(tx, await get_event(tx, "rakortek"), at=clock.now())
    await sent.work()

    assert (waiting, approved) == ([], 2)
    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 1),
        ("papua@example.org", "Desk Papua", "REQUEST", 1),
    ]


async def test_a_draft_that_a_later_release_overtakes_is_never_sent(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await sent.publish("draft")
    await sent.work()
    await sent.change("desk", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
    await sent.publish("now")
    clock.moment += WINDOW
    await sent.work()

    assert told(mail_server) == [
        ("dirjen@example.org", "Desk Papua", "REQUEST", 2),
        ("papua@example.org", "Desk Papua", "REQUEST", 2),
    ]
    assert [line.state for line in await sent.lines()].count(State.SUPERSEDED) == 2


async def test_a_cancellation_never_overtakes_its_invitation(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.publish()
    await mailing.send()
    mail_server.refused_recipients["papua@example.org"] = "450 Later"
    await mailing.work()
    told(mail_server)
    await mailing.cancel("desk")
    await mailing.publish("now")
    await mailing.work()
    mail_server.refused_recipients.clear()
    clock.moment += WINDOW + timedelta(seconds=1)
    await mailing.work()
    await mailing.work()

    assert [one for one in told(mail_server) if one[:2] == ("papua@example.org", "Desk Papua")] == [
        ("papua@example.org", "Desk Papua", "REQUEST", 0),
        ("papua@example.org", "Desk Papua", "CANCEL", 1),
    ]
