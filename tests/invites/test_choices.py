"""An organizer chooses who is invited to what, by session kind and way of attending."""

from datetime import datetime, timedelta

from eventhub.events.model import Attendance
from eventhub.invites import actions, choice_store, in_words
from eventhub.invites.choices import USUAL, Choices, Told
from eventhub.invites.model import Item, Kind
from eventhub.participants.links import PersonalLinks
from tests import make
from tests.invites.conftest import Invites
from tests.invites.test_following_the_programme import told
from tests.invites.test_what_mails_hold import text
from tests.standins.smtp import MailServer

ONE_MORE = Choices({("coordination", Attendance.STREAM): Told.REQUEST})
IN_WORDS = Choices({("desk", Attendance.MEETING): Told.DIGEST})


async def choose(invites: Invites, choices: Choices) -> None:
    async with invites.database.transaction() as tx:
        await choice_store.save_choices(tx, 1, choices)


async def sent_to(invites: Invites, address: str) -> list[tuple[Kind, str]]:
    return [
        (line.kind, line.subject) for line in await invites.lines() if line.to_address == address
    ]


async def test_only_what_is_not_as_usual_is_kept(invites: Invites) -> None:
    await choose(
        invites, Choices({("plenary", Attendance.STREAM): Told.REQUEST, **ONE_MORE.chosen})
    )

    async with invites.database.reading() as tx:
        kept = await choice_store.get_choices(tx, 1)

    assert kept == ONE_MORE
    assert USUAL.of("plenary", Attendance.STREAM) is Told.REQUEST


async def test_other_choices_are_counted_before_they_are_kept(invites: Invites) -> None:
    await invites.publish()

    async with invites.database.transaction() as tx:
        counted = await actions.send_invitations(
            tx,
            make.event(),
            at=invites.clock.now(),
            domain="example.org",
            dry_run=True,
            choices=ONE_MORE,
        )

    assert counted.kinds[Kind.REQUEST] == (await invites.send(dry_run=True)).kinds[Kind.REQUEST] + 1
    assert await invites.lines() == []


async def test_a_stream_audience_is_invited_where_an_organizer_says_so(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await choose(mailing, ONE_MORE)
    await mailing.send()
    await mailing.work()

    assert ("papua@example.org", "Koordinasi", "REQUEST", 0) in told(mail_server)


async def test_who_holds_an_invitation_keeps_it_when_nobody_is_invited_any_more(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()

    await choose(mailing, IN_WORDS)
    again = await mailing.send()
    await mailing.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    assert again.total == 0
    assert ("papua@example.org", "Desk Papua", "REQUEST", 1) in told(mail_server)


async def test_a_digest_tells_the_programme_by_day_by_both_clocks_and_what_they_are_asked_to(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    welcome = mail_server.messages_to("papua@example.org")[0]
    said = text(welcome)
    links = PersonalLinks(
        mailing.installation.settings.secret, mailing.installation.settings.base_url
    )
    feed = links.feed_url(2, 1)
    assert (
        "Kamis, 25 Februari 2021\n"
        "- 09.00–10.00 WIB / 11.00–12.00 WIT  Pembukaan (Anda diundang)\n"
        "- 11.00–12.00 WIB / 13.00–14.00 WIT  Desk Papua (Anda diundang)\n"
        "- 14.00–15.00 WIB / 16.00–17.00 WIT  Koordinasi\n"
    ) in said
    assert "Anda diminta menghadiri 2 sesi" in said
    assert feed in said
    assert "webcal://" + feed.partition("://")[2] in said
    assert "https://calendar.google.com/calendar/render?cid=webcal" in said
    assert "https://outlook.office.com/calendar/addfromweb?url=http" in said
    assert f"English: {links.page_url(2, 1)}?lang=en" in said


async def test_who_gets_an_invitation_to_everything_is_told_no_programme_in_words(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    said = text(mail_server.messages_to("dirjen@example.org")[0])

    assert "Undangan ke sesi Anda menyusul" in said
    assert "Acara Anda" not in said
    assert "Google Calendar: https://" in said


def test_of_a_long_day_what_somebody_is_asked_to_is_never_left_out() -> None:
    starts = make.at("09:00")
    items = {
        id: item(id, starts + timedelta(minutes=10 * id)) for id in range(1, in_words.OF_A_DAY + 5)
    }
    last = max(items)

    [day] = in_words.days_of(make.event(), items, frozenset(items) - {last}, frozenset({last}))

    assert (day["sessions"], day["more"]) == (len(items) - 1, 4)
    assert [one["title"] for one in day["told"]] == [
        *(f"Sesi {id}" for id in range(1, in_words.OF_A_DAY)),
        f"Sesi {last}",
    ]


def item(id: int, starts_at: datetime) -> Item:
    return Item(
        id=id,
        code=f"s{id}",
        title=f"Sesi {id}",
        abstract="",
        kind="panel",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=10),
        time_zone="Asia/Jakarta",
        place="",
        is_cancelled=False,
        sequence=0,
    )
