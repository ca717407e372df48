"""Who delegated and who comes instead find each other in both calendars (RFC 5546, 3.2.2.3 and 4.2.5)."""

from datetime import timedelta
from email.message import EmailMessage

import icalendar
import pytest

from eventhub.invites import jobs
from eventhub.outbox import Job
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.participants.model import Rsvp
from tests import make
from tests.invites import calendar_rules
from tests.invites.conftest import Invites
from tests.invites.replies import calendar, plain
from tests.invites.test_answers_by_mail import Desk
from tests.invites.test_delegating_by_mail import NAMES
from tests.invites.test_what_mails_hold import part, text
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

HEAD, SECRETARY = "papua@example.org", "sekretaris@example.org"


def attendees(message: EmailMessage) -> dict[str, dict[str, str]]:
    """Return by address what a calendar says of each, as another library reads it."""
    calendar_rules.check_message(message)
    raw = part(message, "text/calendar").get_payload(decode=True)
    assert isinstance(raw, bytes)
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    listed = event["ATTENDEE"]
    found = listed if isinstance(listed, list) else [listed]
    names = ("PARTSTAT", "RSVP", "ROLE", "DELEGATED-TO", "DELEGATED-FROM")
    return {
        str(one).removeprefix("mailto:"): {
            name: str(one.params[name]) for name in names if name in one.params
        }
        for one in found
    }


def sequence(message: EmailMessage) -> int:
    told = calendar_rules.check_message(message)
    assert told is not None
    return int(told.all("VEVENT")[0].one("SEQUENCE").value)


@pytest.fixture
async def desk(mailing: Invites) -> Desk:
    """Give an event of which all invitations went out."""
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    [uid] = [
        one.uid
        for one in await mailing.standings()
        if one.session == "desk" and one.participant_id == 2
    ]
    return Desk(mailing, uid)


async def by_mail(desk: Desk) -> None:
    await desk.receive(plain(desk.said, body=calendar(desk.said, attendee=NAMES)))
    await desk.invites.work()


async def test_both_calendars_name_who_comes_and_in_whose_place(
    desk: Desk, mail_server: MailServer
) -> None:
    before = mail_server.messages_to(HEAD)

    await by_mail(desk)

    [update] = mail_server.messages_to(HEAD)[len(before) :]
    _, request = mail_server.messages_to(SECRETARY)
    away = {
        "PARTSTAT": "DELEGATED",
        "ROLE": "NON-PARTICIPANT",
        "DELEGATED-TO": f"mailto:{SECRETARY}",
    }
    coming = {
        "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "ROLE": "REQ-PARTICIPANT",
        "DELEGATED-FROM": f"mailto:{HEAD}",
    }  # fmt: skip
    assert attendees(request) == {SECRETARY: coming, HEAD: away}
    assert attendees(update) == {HEAD: away, SECRETARY: coming}


async def test_the_invited_read_who_comes_and_are_asked_nothing(
    desk: Desk, mail_server: MailServer
) -> None:
    before = {sequence(one) for one in mail_server.messages_to(HEAD)[1:]}

    await by_mail(desk)

    update = mail_server.messages_to(HEAD)[-1]
    assert str(update["Subject"]).strip().startswith("Sekretaris Bappeda mewakili Anda: Desk Papua")
    assert "Sekretaris Bappeda mewakili Anda pada sesi ini." in text(update)
    assert "/instead?session=desk" in text(update)
    assert "answer=accepted" not in text(update)
    # Neither time nor place changed.
    assert {sequence(update)} == before
    request = mail_server.messages_to(SECRETARY)[-1]
    assert "Anda hadir mewakili Kepala Bappeda Provinsi Papua." in text(request)


async def test_who_comes_themselves_after_all_is_asked_again(
    desk: Desk, mail_server: MailServer
) -> None:
    await by_mail(desk)

    await desk.receive(plain(desk.said.but(stamp="20210225T040000Z")))
    await desk.invites.work()

    update = mail_server.messages_to(HEAD)[-1]
    assert attendees(update) == {
        HEAD: {"PARTSTAT": "ACCEPTED", "RSVP": "TRUE", "ROLE": "REQ-PARTICIPANT"}
    }
    assert "Yang mewakili Anda: Sekretaris Bappeda" in text(update)
    assert "answer=declined" in text(update)
    cancel = mail_server.messages_to(SECRETARY)[-1]
    assert list(attendees(cancel)) == [SECRETARY]


async def test_a_moved_session_tells_both_and_asks_who_comes(
    desk: Desk, mail_server: MailServer, clock: StillClock
) -> None:
    await by_mail(desk)
    known = {address: len(mail_server.messages_to(address)) for address in (HEAD, SECRETARY)}
    await desk.invites.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await desk.invites.publish("now")
    clock.moment += timedelta(minutes=2)

    await desk.invites.work()

    for address, count in known.items():
        [update] = mail_server.messages_to(address)[count:]
        found = attendees(update)
        assert found[HEAD]["PARTSTAT"] == "DELEGATED"
        assert found[SECRETARY] | {"RSVP": "TRUE", "PARTSTAT": "NEEDS-ACTION"} == found[SECRETARY]


async def name(desk: Desk, *sessions: str, session_id: int | None = None) -> None:
    """Let the secretary come in the head's place, to one session or to all of these."""
    async with desk.invites.database.transaction() as tx:
        event, at = await desk.invites.event(), desk.invites.clock.now()
        principal = await participants.get_participant(tx, 1, 2)
        named = standing.Named("Sekretaris Bappeda", "Sekretaris", SECRETARY)
        await standing.name_substitute(tx, event, principal, named, session_id=session_id, at=at)
        for session in sessions:
            await participants.record_answer(tx, 2, session, Rsvp.DELEGATED, at=at)


async def test_who_delegates_everything_is_told_once_in_words_and_the_other_with_each_session(
    desk: Desk, mail_server: MailServer
) -> None:
    count = len(mail_server.messages_to(HEAD))
    await name(desk, "pembukaan", "desk")

    await desk.invites.work()

    [said] = mail_server.messages_to(HEAD)[count:]
    assert (
        str(said["Subject"]).strip() == "Sekretaris Bappeda mewakili Anda: Rapat Koordinasi Teknis"
    )
    assert "Sekretaris Bappeda mewakili Anda di seluruh acara." in text(said)
    assert f"Undangan dan tautan dikirim ke {SECRETARY}." in text(said)
    assert calendar_rules.check_message(said) is None
    theirs = mail_server.messages_to(SECRETARY)[1:]
    assert [attendees(one)[SECRETARY]["DELEGATED-FROM"] for one in theirs] == [f"mailto:{HEAD}"] * 2
    assert [one.rsvp for one in await desk.invites.standings() if one.participant_id == 4] == [
        "needs_action",
        "needs_action",
    ]


async def test_a_change_after_everything_was_delegated_names_who_comes(
    desk: Desk, mail_server: MailServer, clock: StillClock
) -> None:
    await name(desk, "pembukaan", "desk")
    await desk.invites.work()
    count = len(mail_server.messages_to(HEAD))
    await desk.invites.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await desk.invites.publish("now")
    clock.moment += timedelta(minutes=2)

    await desk.invites.work()

    [update] = mail_server.messages_to(HEAD)[count:]
    assert attendees(update)[HEAD]["DELEGATED-TO"] == f"mailto:{SECRETARY}"


async def test_who_delegates_what_they_were_told_in_words_is_told_in_words(
    desk: Desk, mail_server: MailServer
) -> None:
    count = len(mail_server.messages_to(HEAD))
    await name(desk, "koordinasi", session_id=3)

    await desk.invites.work()

    [said] = mail_server.messages_to(HEAD)[count:]
    assert calendar_rules.check_message(said) is None
    assert "Sekretaris Bappeda mewakili Anda pada sesi ini." in text(said)
    assert "Koordinasi\nKam 25 Feb 2021, 14.00–15.00 WIB" in text(said)
    assert "/instead?session=koordinasi" in text(said)


async def test_a_job_that_is_done_twice_tells_once(desk: Desk, mail_server: MailServer) -> None:
    await name(desk, "pembukaan", "desk")
    at, installation = desk.invites.clock.now(), desk.invites.installation
    job = Job(
        id=77,
        topic=standing.CHANGED,
        event_id=1,
        payload={"principal": 2, "participants": [4], "named": {"session": None}},
        created_at=at,
        attempts=0,
    )
    await jobs.follow_people(installation, job)
    once = len(await desk.invites.lines())

    await jobs.follow_people(installation, job)

    assert len(await desk.invites.lines()) == once
