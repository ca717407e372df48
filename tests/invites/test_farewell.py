"""Who is taken out keeps nothing in the calendar; who attends another way is invited anew."""

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.participants import actions as participants
from tests.invites import calendar_rules
from tests.invites.conftest import Invites
from tests.invites.test_following_the_programme import told
from tests.standins.smtp import MailServer


async def remove(invites: Invites, participant_id: int) -> None:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        person = await participants.hold_participant(tx, event.id, participant_id)
        await participants.remove_participant(tx, event, person, at=invites.clock.now())


async def test_a_participant_taken_out_is_sent_a_cancellation_of_all_they_hold(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()

    await remove(mailing, 1)
    await mailing.work()
    first = told(mail_server)
    await mailing.work()

    # Mails about different sessions go out side by side.
    assert sorted(first) == [
        ("dirjen@example.org", "Desk Papua", "CANCEL", 1),
        ("dirjen@example.org", "Pembukaan", "CANCEL", 1),
    ]
    assert told(mail_server) == []
    assert {one.email for one in await mailing.standings()} == {"papua@example.org"}


async def test_what_never_went_out_is_not_cancelled_but_taken_out(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()

    await remove(mailing, 1)
    await mailing.work()

    assert {mail.recipients[0] for mail in mail_server.deliveries} == {"papua@example.org"}


async def test_who_attends_another_way_gets_each_invitation_anew(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.change("desk", audience=(), speakers=(1,))
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()

    async with mailing.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        person = await participants.hold_participant(tx, event.id, 1)
        changes = {"attendance": Attendance.MEETING}
        await participants.change_participant(tx, event, person, changes, at=mailing.clock.now())
    await mailing.work()

    [mail] = [one.message for one in mail_server.deliveries]
    calendar = calendar_rules.check_message(mail)
    assert calendar is not None
    [desk] = calendar.all("VEVENT")
    assert (desk.one("SUMMARY").text, desk.one("SEQUENCE").value) == ("Desk Papua", "1")
    assert "/j/" in desk.one("URL").value
    assert "LOCATION" not in desk.properties
