"""Every kind of message and feed keeps the rules of calendars and reads the same to an independent reader."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import answers, inbox, itip, reminding, switching, turnout
from eventhub.invites.model import Kind as MailKind
from eventhub.invites.model import Method, State
from eventhub.mail.message import Mailbox
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.personal import calendar as agenda
from eventhub.sessions import calendar as programme
from eventhub.sessions.model import Format, Kind, Released, SessionState
from tests import make
from tests.invites import calendar_rules
from tests.invites.conftest import Invites
from tests.invites.replies import Said, plain
from tests.invites.test_farewell import remove
from tests.invites.test_itip import scheduled
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

# Long ones that fold inside of characters, commas, emoji with joiners, writing from right to left, quotes and colons.
ODD = st.one_of(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200),
    st.sampled_from(
        [
            'Rapat, koordinasi; teknis: \\ "perencanaan" ' * 6,
            "👩‍👩‍👧‍👦🏳️‍🌈" * 20,
            "اجتماع التنسيق " * 15,
            "\u202eterbalik\u202c, ruang 1",
            "ẞ" * 75,
            "^n ^' ^^",
        ]
    ),
).filter(lambda text: bool(" ".join(text.split())))
# Addresses that calendars can tell, and others that came by mail or are the reader's own.
OTHERS = st.sampled_from(
    [
        "sekda@example.org",
        "kantor+wakil@example.org",
        "o'brien@example.org",
        "KANTOR@example.org",
        "",
        'a"b@example.org',
        "a b@example.org",
        "a@example.org\r\nATTENDEE:x",
        "surel",
    ]
)
ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "Europe/London", "UTC", "Asia/Kathmandu"])
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 -- bounds of local times
    datetime(2037, 12, 1),  # noqa: DTZ001 -- the same
    timezones=st.just(UTC),
).map(lambda at: at.replace(second=0, microsecond=0))
LINK = re.compile(rb"https?://[^\s\"\\]+")


@settings(max_examples=60)
@given(
    method=st.sampled_from(Method),
    attendance=st.sampled_from(Attendance),
    title=ODD,
    text=ODD,
    name=ODD,
    zone=ZONES,
    starts_at=MOMENTS,
    places=st.sampled_from(["", "delegated_to", "delegated_from"]),
    other=OTHERS,
)
def test_whatever_is_written_in_an_invitation_it_keeps_the_rules(
    method: Method,
    attendance: Attendance,
    title: str,
    text: str,
    name: str,
    zone: str,
    starts_at: datetime,
    places: str,
    other: str,
) -> None:
    changed = {places: Mailbox(other, title)} if places else {}
    link = "" if attendance is Attendance.ONSITE else "https://example.org/j/" + "t" * 90
    calendar_rules.check(
        itip.write(
            scheduled(
                method=method,
                attendance=attendance,
                attendee=Mailbox("kantor@example.org", name),
                summary=title,
                description=text,
                place=text if attendance is Attendance.ONSITE else "",
                join_url=link,
                join_label=name if link else "",
                time_zone=zone,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                **changed,
            )
        )
    )


@settings(max_examples=60)
@given(title=ODD, text=ODD, name=ODD, zone=ZONES, starts_at=MOMENTS, is_cancelled=st.booleans())
def test_whatever_is_written_in_a_feed_it_keeps_the_rules(
    title: str, text: str, name: str, zone: str, starts_at: datetime, is_cancelled: bool
) -> None:
    ends_at = starts_at + timedelta(hours=1)
    entry = agenda.Entry(
        uid="7-2@example.org",
        sequence=1,
        written_at=starts_at,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=zone,
        summary=title,
        attendance="stream",
        description=text,
        join_url="https://example.org/j/token",
        join_label=name,
        is_cancelled=is_cancelled,
    )
    session = replace(
        SESSION,
        title=title,
        abstract=text,
        room_name=name,
        track=name,
        time_zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        state=SessionState.CANCELLED if is_cancelled else SessionState.PUBLISHED,
    )

    calendar_rules.check(agenda.write(name, agenda.Organizer(name, "panitia@example.org"), [entry]))
    calendar_rules.check(
        programme.write_calendar(
            name,
            zone,
            [session],
            page="https://example.org/e/",
            published_at=starts_at,
            organizer="panitia@example.org",
        )
    )


SESSION = Released(
    session_id=1,
    code="desk",
    title="Desk",
    abstract="",
    kind=Kind.DESK,
    format=Format.HYBRID,
    starts_at=make.at("09:00"),
    ends_at=make.at("10:00"),
    time_zone="Asia/Jakarta",
    room_code="r1",
    room_name="Ruang 1",
    building="",
    meeting_url="",
    stream=True,
    track="",
    speakers=(),
    audience=(),
    state=SessionState.PUBLISHED,
    sequence=0,
)


async def switch(invites: Invites, person: int, code: str, way: Attendance) -> None:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await switching.save_rule(tx, event.id, None, switching.SwitchRule(is_allowed=True))
        release_id, session = await turnout.get_invited_session(tx, event.id, code)
        at = invites.clock.now()
        await switching.switch(tx, event, person, session, release_id, way=way, at=at)


async def delegate(invites: Invites, person: int, code: str) -> None:
    """Let somebody come in a person's place, as their calendar says it in a reply."""
    held = {(one.participant_id, one.session): one for one in await invites.standings()}
    said = Said(
        uid=held[person, code].uid,
        partstat="DELEGATED",
        params=';DELEGATED-TO="mailto:wakil@example.org"',
    )
    async with invites.database.transaction() as tx:
        taken = await answers.take(tx, inbox.read(plain(said)), at=invites.clock.now())
    assert taken.kind is answers.Kind.ANSWER


async def hand_over(invites: Invites, person: int) -> None:
    """Let somebody come to everything in a person's place."""
    async with invites.database.transaction() as tx:
        event, at = await invites.event(), invites.clock.now()
        principal = await participants.get_participant(tx, 1, person)
        named = standing.Named("Kepala Subdirektorat", "", "kasubdit@example.org")
        await standing.name_substitute(tx, event, principal, named, session_id=None, at=at)


@pytest.fixture
async def all_kinds(mailing: Invites, clock: StillClock) -> Invites:
    """Give an event of which every kind of mail has been sent: welcomes with digests, invitations, updates,
    cancellations, notices, reminders, what follows when somebody attends another way, sends somebody else or takes
    that back, and the cancellation for somebody taken out."""
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    await switch(mailing, 2, "desk", Attendance.ONSITE)
    await delegate(mailing, 2, "pembukaan")
    await mailing.work()
    async with mailing.database.transaction() as tx:
        await reminding.ask(
            tx,
            make.event(),
            make.event().day_of(make.at("09:00")),
            due_at=None,
            who="o",
            at=clock.now(),
        )
    await mailing.change("desk", starts_at=make.at("13:00"), ends_at=make.at("13:30"))
    await mailing.change("koordinasi", title="Koordinasi, lanjutan; 👩‍👩‍👧 " + "اجتماع " * 8)
    await mailing.cancel("pembukaan")
    await mailing.publish("now")
    clock.moment += timedelta(minutes=2)
    await mailing.work()
    await hand_over(mailing, 2)
    await remove(mailing, 1)
    await mailing.work()
    return mailing


async def test_every_kind_of_mail_keeps_the_rules(
    all_kinds: Invites, mail_server: MailServer
) -> None:
    methods = []
    for delivery in mail_server.deliveries:
        calendar = calendar_rules.check_message(delivery.message)
        methods.append(calendar.one("METHOD").value if calendar else "")

    sent = {line.kind for line in await all_kinds.lines() if line.state is State.SENT}
    assert sent == set(MailKind)
    assert {"REQUEST", "CANCEL", ""} == set(methods)


async def test_all_links_in_calendars_open_one_sessions_way_in_and_nothing_else(
    all_kinds: Invites, mail_server: MailServer
) -> None:
    base = all_kinds.installation.settings.base_url.encode()
    found = set()
    for delivery in mail_server.deliveries:
        for one in delivery.message.walk():
            if one.get_content_type() in {"text/calendar", "application/ics"}:
                raw = one.get_payload(decode=True)
                assert isinstance(raw, bytes)
                found |= set(LINK.findall(raw.replace(b"\r\n ", b"")))

    assert found
    assert all(link.startswith(base + b"/j/") for link in found)


async def test_a_cancellation_is_never_handed_over_before_what_it_cancels(
    all_kinds: Invites, mail_server: MailServer
) -> None:
    seen: dict[str, list[tuple[int, str]]] = {}
    for delivery in mail_server.deliveries:
        calendar = calendar_rules.check_message(delivery.message)
        if calendar:
            [event] = calendar.all("VEVENT")
            held = seen.setdefault(event.one("UID").value, [])
            held.append((int(event.one("SEQUENCE").value), calendar.one("METHOD").value))

    for thread in seen.values():
        assert thread == sorted(thread, key=lambda step: step[0])
        assert [step[1] for step in thread].index("REQUEST") == 0
