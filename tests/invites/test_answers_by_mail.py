"""A reply by mail becomes the answer everybody sees, in order, once, and only from whoever was invited."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub.accounts import audit
from eventhub.accounts.tables import audit_log
from eventhub.invites import answers, inbox
from eventhub.invites.model import State
from eventhub.invites.tables import invitations, mails
from eventhub.participants import actions as participants
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import rsvps
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.invites.conftest import Invites
from tests.invites.replies import MANNERS, Said, bounce, calendar, plain, within
from tests.standins.smtp import MailServer


@dataclass
class Desk:
    """The invited head of Papua's office, answering for the desk."""

    invites: Invites
    uid: str

    @property
    def said(self) -> Said:
        return Said(uid=self.uid)

    async def receive(self, message: bytes) -> str:
        async with self.invites.database.transaction() as tx:
            taken = await answers.take(tx, inbox.read(message), at=self.invites.clock.now())
        return str(taken.text)

    async def answers(self) -> list[tuple[int, str, str]]:
        async with self.invites.database.reading() as tx:
            rows = await tx.execute(sa.select(rsvps).order_by(rsvps.c.session_code))
            return [(row.participant_id, row.session_code, row.status) for row in rows]

    async def answer_on_page(self, answer: Rsvp) -> None:
        async with self.invites.database.transaction() as tx:
            at = self.invites.clock.now()
            await participants.record_answer(tx, 2, "desk", answer, at=at)


@pytest.fixture
async def desk(invites: Invites) -> Desk:
    """Give the published event with its invitations written."""
    await invites.publish()
    await invites.send()
    [uid] = [
        one.uid
        for one in await invites.standings()
        if one.session == "desk" and one.participant_id == 2
    ]
    return Desk(invites, uid)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize("manner", MANNERS)
async def test_a_reply_of_every_program_is_kept(desk: Desk, manner: str) -> None:
    said = await desk.receive(MANNERS[manner](desk.said.but(partstat="DECLINED")))

    assert said == "Kepala Bappeda Provinsi Papua answers declined for Desk Papua."
    assert await desk.answers() == [(2, "desk", "declined")]
    async with desk.invites.database.reading() as tx:
        [entry] = [
            one
            for one in await audit.list_entries(tx, 1, None, 10)
            if one.action == "rsvp.received"
        ]
    assert (entry.actor, entry.subject) == ("mail", "2")
    assert entry.detail == {
        "session": "desk",
        "before": "needs_action",
        "answer": "declined",
        "from": "papua@example.org",
    }


async def test_the_same_reply_again_changes_nothing(desk: Desk) -> None:
    message = MANNERS["gmail"](desk.said)
    await desk.receive(message)

    again = await desk.receive(message)

    assert again == "Not for us: It was counted before."
    async with desk.invites.database.reading() as tx:
        count = sa.select(sa.func.count()).where(audit_log.c.action == "rsvp.received")
        assert (await tx.execute(count)).scalar_one() == 1


async def test_answers_that_come_at_once_end_with_the_latest(desk: Desk) -> None:
    stamps = [f"20210225T0200{second:02}Z" for second in range(8)]
    messages = [plain(desk.said.but(stamp=one, partstat="ACCEPTED")) for one in stamps[:-1]]
    messages.append(plain(desk.said.but(stamp=stamps[-1], partstat="DECLINED")))

    await asyncio.gather(*(desk.receive(message) for message in reversed(messages)))

    assert await desk.answers() == [(2, "desk", "declined")]


async def test_a_later_answer_wins_in_whatever_order_they_come(desk: Desk) -> None:
    early = plain(desk.said.but(stamp="20210225T020000Z"))
    late = plain(desk.said.but(stamp="20210225T020005Z", partstat="DECLINED"))
    await desk.receive(late)

    said = await desk.receive(early)

    assert said == "Not for us: A later answer is known already."
    assert await desk.answers() == [(2, "desk", "declined")]


async def test_a_reply_to_what_was_moved_since_does_not_count(desk: Desk) -> None:
    await desk.invites.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await desk.invites.publish()
    await desk.invites.send()

    old = await desk.receive(plain(desk.said.but(stamp="20210226T020000Z")))
    none = await desk.answers()
    new = await desk.receive(plain(desk.said.but(sequence=1, stamp="20210225T010000Z")))

    assert old == "Not for us: It answers an invitation that was changed since."
    assert none == []
    assert new == "Kepala Bappeda Provinsi Papua answers accepted for Desk Papua."


async def test_an_answer_to_the_new_time_counts_though_its_clock_is_behind(desk: Desk) -> None:
    await desk.receive(plain(desk.said.but(stamp="20210301T020000Z")))
    await desk.invites.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await desk.invites.publish()
    await desk.invites.send()

    await desk.receive(
        plain(desk.said.but(sequence=1, stamp="20210228T020000Z", partstat="DECLINED"))
    )

    assert await desk.answers() == [(2, "desk", "declined")]


async def test_a_number_nobody_sent_blocks_no_later_answer(desk: Desk) -> None:
    await desk.receive(plain(desk.said.but(sequence=99)))

    await desk.receive(plain(desk.said.but(stamp="20210225T020001Z", partstat="TENTATIVE")))

    assert await desk.answers() == [(2, "desk", "tentative")]


async def test_mail_and_page_give_one_answer_the_later_of_both(desk: Desk) -> None:
    clock = desk.invites.clock
    await desk.receive(plain(desk.said.but(stamp=stamp(clock.now()))))
    clock.moment += timedelta(minutes=10)
    await desk.answer_on_page(Rsvp.DECLINED)
    between = stamp(clock.now() - timedelta(minutes=5))

    late_mail = await desk.receive(plain(desk.said.but(stamp=between, partstat="TENTATIVE")))
    on_page = await desk.answers()
    clock.moment += timedelta(minutes=1)
    await desk.receive(plain(desk.said.but(stamp=stamp(clock.now()), partstat="TENTATIVE")))

    assert late_mail == "Not for us: A later answer is known already."
    assert on_page == [(2, "desk", "declined")]
    assert await desk.answers() == [(2, "desk", "tentative")]


async def test_a_reply_to_a_withdrawn_invitation_does_not_count(desk: Desk) -> None:
    await desk.invites.cancel("desk")
    await desk.invites.publish()
    await desk.invites.send()

    said = await desk.receive(plain(desk.said.but(sequence=1)))

    assert said == "Not for us: The invitation it answers was taken back."
    assert await desk.answers() == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"uid": "5b0c4c3e-unknown"}, "No invitation was sent that it could answer."),
        ({"uid": "' OR 1=1 --"}, "No invitation was sent that it could answer."),
        (
            {"attendee": "penipu@example.net", "sender": "penipu@example.net"},
            "penipu@example.net was not invited by what it answers.",
        ),
        (
            {"attendee": "dirjen@example.org", "sender": "dirjen@example.org"},
            "dirjen@example.org was not invited by what it answers.",
        ),
        (
            {"sender": "penipu@example.net"},
            "It is from penipu@example.net, and answers for papua@example.org.",
        ),
    ],
)
async def test_who_was_not_invited_answers_nothing(
    desk: Desk, changes: dict[str, Any], why: str
) -> None:
    said = await desk.receive(plain(desk.said.but(**changes)))

    assert said == f"Not for us: {why}"
    assert await desk.answers() == []


async def test_a_forwarded_reply_answers_nothing(desk: Desk) -> None:
    said = await desk.receive(within(MANNERS["outlook"](desk.said)))

    assert said == "Not for us: It holds no answer to an invitation."
    assert await desk.answers() == []


async def test_who_comes_instead_is_kept_as_text(desk: Desk) -> None:
    lines = (
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sekretaris@example.org":mailto:papua@example.org\n'
        "ATTENDEE;CN=Sekretaris Bappeda:mailto:sekretaris@example.org"
    )
    said = desk.said.but(extra="COMMENT:Kami wakilkan")

    await desk.receive(plain(said, body=calendar(said, attendee=lines)))

    assert await desk.answers() == [(2, "desk", "delegated")]
    [standing] = [one for one in await desk.invites.standings() if one.uid == desk.uid]
    assert (standing.rsvp, standing.delegate, standing.comment) == (
        "delegated",
        "Sekretaris Bappeda <sekretaris@example.org>",
        "Kami wakilkan",
    )


async def test_the_api_shows_the_answer_and_who_comes(client: Client, desk: Desk) -> None:
    body = calendar(
        desk.said,
        attendee='ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sekretaris@example.org":mailto:papua@example.org',
    )
    await desk.receive(plain(desk.said, body=body))
    organizer = await bearer(desk.invites.installation, Role.ORGANIZER)

    person = await client.get("/api/v1/events/rakortek/participants/2", headers=organizer)
    listed = await client.get("/api/v1/events/rakortek/invitations", headers=organizer)

    assert (await person.json())["rsvp"] == {"desk": "delegated", "pembukaan": "needs_action"}
    [item] = [one for one in (await listed.json())["items"] if one["uid"] == desk.uid]
    assert (item["rsvp"], item["delegate"], item["comment"]) == (
        "delegated",
        "sekretaris@example.org",
        "",
    )


async def sent_message_id(desk: Desk) -> str:
    async with desk.invites.database.reading() as tx:
        query = sa.select(mails.c.message_id).where(
            mails.c.participant_id == 2, mails.c.payload["uid"].as_string() == desk.uid
        )
        return str((await tx.execute(query)).scalar_one())


@pytest.mark.parametrize("copy", ["message/rfc822", "text/rfc822-headers", ""])
async def test_a_mail_that_comes_back_is_marked_with_the_reason(
    client: Client, mailing: Invites, mail_server: MailServer, copy: str
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    await mailing.work()
    [uid] = [
        one.uid
        for one in await mailing.standings()
        if (one.session, one.participant_id) == ("desk", 2)
    ]
    desk = Desk(mailing, uid)
    report = bounce(await sent_message_id(desk), copy=copy)

    said = await desk.receive(report)
    again = await desk.receive(report)

    assert said == "The mail to papua@example.org came back: 550 5.1.1 User unknown"
    assert (
        again == "Not for us: It returns no mail that was sent from here and not returned before."
    )
    [line] = [one for one in await mailing.lines() if one.state is State.BOUNCED]
    assert (line.to_address, line.last_error) == ("papua@example.org", "550 5.1.1 User unknown")
    [standing] = [one for one in await mailing.standings() if one.mail is State.BOUNCED]
    assert (standing.uid, standing.mail_error) == (uid, "550 5.1.1 User unknown")
    await signed_in(client, mailing.installation)
    shown = await (await client.get("/manage/rakortek/invitations?lang=en")).text()
    assert "550 5.1.1 User unknown" in shown
    assert "1 mail came back. Mend the address" in shown


async def test_reports_about_other_mail_mark_nothing(desk: Desk) -> None:
    queued = await desk.receive(bounce(await sent_message_id(desk)))
    strange = await desk.receive(bounce("0@example.net"))
    late = await desk.receive(bounce(await sent_message_id(desk), action="delayed"))

    none = "Not for us: It returns no mail that was sent from here and not returned before."
    assert (queued, strange) == (none, none)
    assert late == "Not for us: It reports on a delivery that has not failed."
    assert {line.state for line in await desk.invites.lines()} == {State.QUEUED}


async def test_a_session_moved_again_keeps_its_answers_columns(desk: Desk) -> None:
    await desk.receive(plain(desk.said))
    await desk.invites.change("desk", title="Desk Papua Barat")
    await desk.invites.publish()
    await desk.invites.send()

    async with desk.invites.database.reading() as tx:
        row = (await tx.execute(sa.select(invitations).where(invitations.c.uid == desk.uid))).one()
    assert (row.replied_sequence, row.replied_dtstamp) == (0, datetime(2021, 2, 25, 2, tzinfo=UTC))
