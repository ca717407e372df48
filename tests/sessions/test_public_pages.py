"""The published programme as the public sees it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from eventhub.events.model import Attendance, Event
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import Format, Kind, Session
from tests import make
from tests.callers import Client
from tests.standins.clock import StillClock

PUBLISHED_AT = make.at("08:00", "2021-02-20")

OPENING = make.session(
    1,
    code="opening",
    title="Pembukaan",
    kind=Kind.PLENARY,
    format=Format.HYBRID,
    meeting_url="https://meet.example.org/rahasia",
    stream=True,
    track="Pleno",
    speakers=(1,),
    audience=(
        make.audience(Attendance.MEETING, delegation_id=1),
        make.audience(Attendance.STREAM, delegation_id=2),
    ),
)
OPENING_ALONE = replace(OPENING, speakers=(), audience=())
DESK = make.session(
    2,
    code="desk",
    title="Desk Pendidikan",
    track="Pendidikan",
    starts_at=make.at("13:00"),
    ends_at=make.at("14:00"),
    audience=(make.audience(delegation_id=3),),
)
NEXT_DAY = make.session(
    3,
    code="panel",
    title="Panel",
    starts_at=make.at("09:00", "2021-02-26"),
    ends_at=make.at("10:00", "2021-02-26"),
)


async def publish(installation: Installation, event: Event, at: datetime = PUBLISHED_AT) -> None:
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="command", at=at)


@pytest.fixture(name="event")
async def published_event(installation: Installation) -> Event:
    event = make.event()
    await make.stored(
        installation.database,
        event,
        make.room(name="Sasana Bhakti Praja"),
        make.delegation(1, name="Provinsi Papua"),
        make.delegation(2, name="Kementerian Kesehatan"),
        make.delegation(3, name="Dinas Pendidikan Provinsi Papua", parent="office-1"),
        make.participant(name="Kepala Bappeda Provinsi Papua"),
        OPENING,
        DESK,
        NEXT_DAY,
    )
    await publish(installation, event)
    return event


async def test_an_unpublished_event_has_no_public_page(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database, make.event(title="Acara rahasia"), make.room(), OPENING_ALONE
    )

    for path in ("", "sessions/opening", "changes", "programme.ics", "programme.csv"):
        answer = await client.get(f"/rakortek/{path}")
        assert answer.status == 404
        assert "Acara rahasia" not in await answer.text()


async def test_the_day_of_the_clock_is_shown_with_now_marked(
    client: Client, event: Event, clock: StillClock
) -> None:
    clock.moment = make.at("09:30")

    text = await (await client.get("/rakortek/?lang=en")).text()

    assert "Thursday, 25 February 2021" in text
    assert "Pembukaan" in text
    assert "Desk Pendidikan" in text
    assert ">Panel<" not in text
    assert '<li class="now"><a href="/rakortek/sessions/opening">' in text
    assert '<p class="nowline">09:30 WIB</p>' in text


async def test_another_day_is_shown_when_asked_for_and_nonsense_is_not(
    client: Client, event: Event
) -> None:
    second = await (await client.get("/rakortek/?lang=en&day=2021-02-26")).text()
    nonsense = await (await client.get("/rakortek/?lang=en&day=2029-99-99")).text()

    assert ">Panel<" in second
    assert "Thursday, 25 February 2021" in nonsense


async def test_before_the_event_its_first_day_is_shown_and_after_it_too(
    client: Client, event: Event, clock: StillClock
) -> None:
    shown = []
    for day in ("2021-01-01", "2021-06-01"):
        clock.moment = make.at("09:30", day)
        shown.append(
            "Thursday, 25 February 2021" in await (await client.get("/rakortek/?lang=en")).text()
        )

    assert shown == [True, True]


async def test_the_draft_is_not_shown_before_it_is_published(
    client: Client, installation: Installation, event: Event
) -> None:
    async with installation.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "opening")
        await actions.change_session(
            tx, event, session, {"title": "Judul yang belum terbit"}, at=make.at("08:00")
        )

    day = await (await client.get("/rakortek/")).text()
    page = await (await client.get("/rakortek/sessions/opening")).text()

    assert "Judul yang belum terbit" not in day + page


async def test_meeting_links_and_named_participants_stay_out_of_everything_public(
    client: Client, event: Event
) -> None:
    paths = ("", "?day=all", "sessions/opening", "changes", "programme.ics", "programme.csv")
    texts = [await (await client.get(f"/rakortek/{path}")).text() for path in paths]

    assert not any("meet.example.org" in text for text in texts)
    assert not any("kepala-1@example.org" in text for text in texts)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=desk", {"Desk Pendidikan"}),
        ("q=sasana", {"Pembukaan", "Desk Pendidikan"}),
        ("track=Pleno", {"Pembukaan"}),
        ("attendance=stream", {"Pembukaan"}),
        ("attendance=onsite", {"Pembukaan", "Desk Pendidikan"}),
        ("delegation=office-1", {"Pembukaan", "Desk Pendidikan"}),
        ("delegation=office-2", {"Pembukaan"}),
        ("delegation=office-1&attendance=stream", set()),
        ("delegation=office-2&attendance=stream", {"Pembukaan"}),
        ("delegation=nobody", set()),
    ],
)
async def test_filters_narrow_the_day_without_script(
    client: Client, event: Event, query: str, titles: set[str]
) -> None:
    text = await (await client.get(f"/rakortek/?{query}")).text()

    assert {title for title in ("Pembukaan", "Desk Pendidikan") if f">{title}<" in text} == titles


async def test_times_stand_in_the_viewers_zone_beside_the_events(
    client: Client, event: Event
) -> None:
    asked = await (await client.get("/rakortek/?lang=en&zone=Asia/Jayapura")).text()
    client.session.cookie_jar.update_cookies({"zone": "Asia%2FMakassar"}, client.make_url("/"))
    kept = await (await client.get("/rakortek/sessions/opening?lang=en")).text()
    same = await (await client.get("/rakortek/?lang=en&zone=Asia/Pontianak")).text()
    wrong = await client.get("/rakortek/?lang=en&zone=../../etc/passwd")

    whole = (
        '09:00–10:00 WIB<small>10:00–11:00 WITA</small><small class="own">11:00–12:00 WIT</small>'
    )
    assert whole in asked
    assert "Below each stands the same moment in WITA, WIT (yours)." in asked
    assert "Where you are: 10:00–11:00 WITA" in kept
    assert "<small>09:00" not in same
    assert wrong.status == 200


async def test_an_event_elsewhere_is_told_by_its_own_clock_over_the_change(
    client: Client, installation: Installation
) -> None:
    """Berlin goes from CET to CEST at 01:00 UTC on 28 March 2021."""
    berlin = make.event(
        time_zone="Europe/Berlin", starts_on=date(2021, 3, 27), ends_on=date(2021, 3, 28)
    )
    night, morning = (
        make.session(
            n,
            code=code,
            title=code,
            time_zone="Europe/Berlin",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )
        for n, (code, start) in enumerate(
            [
                ("night", datetime(2021, 3, 28, 0, 30, tzinfo=UTC)),
                ("morning", datetime(2021, 3, 28, 8, 0, tzinfo=UTC)),
            ],
            start=1,
        )
    )
    await make.stored(installation.database, berlin, make.room(), night, morning)
    await publish(installation, berlin)

    first, second, whole = [
        await (await client.get(f"/rakortek/?lang=en&zone=Asia/Jakarta&day={day}")).text()
        for day in ("2021-03-27", "2021-03-28", "all")
    ]
    calendar = Calendar.from_ical(await (await client.get("/rakortek/programme.ics")).read())

    assert "01:30 CET – 03:30 CEST<small" in first
    assert "Times are in CET. Below each stands the same moment in WIB (yours)." in first
    assert '10:00–11:00 CEST<small class="own">15:00–16:00 WIB</small>' in second
    assert "Times are in CEST." in second
    assert "Times are in CET/CEST." in whole
    assert [
        (entry["DTSTART"].to_ical(), entry["DTEND"].to_ical(), entry["DTSTART"].params["TZID"])
        for entry in calendar.walk("VEVENT")
    ] == [
        (b"20210328T013000", b"20210328T033000", "Europe/Berlin"),
        (b"20210328T100000", b"20210328T110000", "Europe/Berlin"),
    ]


async def test_the_whole_programme_stands_on_one_page(client: Client, event: Event) -> None:
    text = await (await client.get("/rakortek/?day=all&lang=en")).text()

    assert [title in text for title in (">Pembukaan<", ">Desk Pendidikan<", ">Panel<")] == [
        True
    ] * 3
    assert "Friday, 26 February 2021" in text


async def test_a_session_shows_place_speakers_and_offices(client: Client, event: Event) -> None:
    text = await (await client.get("/rakortek/sessions/opening?lang=en")).text()

    for shown in (
        "Thu 25 Feb 2021, 09:00–10:00 WIB",
        "Sasana Bhakti Praja, Gedung C",
        "Kepala Bappeda Provinsi Papua",
        "Provinsi Papua",
        "Kementerian Kesehatan",
        'href="/rakortek/watch/opening"',
    ):
        assert shown in text


async def test_an_unknown_session_is_not_found(client: Client, event: Event) -> None:
    assert (await client.get("/rakortek/sessions/nothing")).status == 404


async def test_changes_are_told_in_words_newest_first(
    client: Client, installation: Installation, event: Event
) -> None:
    async with installation.database.transaction() as tx:
        desk = await actions.get_session(tx, 1, "desk")
        await actions.change_session(
            tx,
            event,
            desk,
            {"starts_at": make.at("14:00"), "ends_at": make.at("15:00")},
            at=make.at("08:00"),
        )
        await actions.remove_session(
            tx, await actions.get_session(tx, 1, "panel"), at=make.at("08:00")
        )
    await publish(installation, event, make.at("08:10"))

    text = await (await client.get("/rakortek/changes?lang=en")).text()

    assert (
        "Desk Pendidikan moves from Thu 25 Feb 2021, 13:00 WIB to Thu 25 Feb 2021, 14:00 WIB."
        in text
    )
    assert "Panel is cancelled; it was planned for Fri 26 Feb 2021, 09:00 WIB." in text
    assert text.index("Release 2") < text.index("Release 1")
    assert "The first published programme, with 3 sessions." in text


async def test_the_calendar_holds_each_session_in_its_zone(
    client: Client, installation: Installation, event: Event
) -> None:
    async with installation.database.transaction() as tx:
        await actions.remove_session(
            tx, await actions.get_session(tx, 1, "panel"), at=make.at("08:00")
        )
    await publish(installation, event, make.at("08:10"))

    answer = await client.get("/rakortek/programme.ics")
    parsed = Calendar.from_ical(await answer.read())
    entries = {str(entry["SUMMARY"]): entry for entry in parsed.walk("VEVENT")}

    assert answer.content_type == "text/calendar"
    assert parsed["METHOD"] == "PUBLISH"
    assert [str(zone["TZID"]) for zone in parsed.walk("VTIMEZONE")] == ["Asia/Jakarta"]
    opening = entries["Pembukaan"]
    assert opening.decoded("DTSTART") == make.at("09:00")
    assert opening["DTSTART"].params["TZID"] == "Asia/Jakarta"
    assert str(opening["LOCATION"]) == "Sasana Bhakti Praja, Gedung C"
    assert {title: str(entry["STATUS"]) for title, entry in entries.items()} == {
        "Pembukaan": "CONFIRMED",
        "Desk Pendidikan": "CONFIRMED",
        "Panel": "CANCELLED",
    }


@pytest.mark.parametrize("name", ["programme.ics", "programme.csv"])
async def test_a_file_is_sent_again_only_when_a_release_changed_it(
    client: Client, installation: Installation, event: Event, name: str
) -> None:
    first = await client.get(f"/rakortek/{name}")
    by_tag = await client.get(f"/rakortek/{name}", headers={"If-None-Match": first.headers["ETag"]})
    by_date = await client.get(
        f"/rakortek/{name}", headers={"If-Modified-Since": first.headers["Last-Modified"]}
    )
    async with installation.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "desk")
        await actions.change_session(
            tx, event, session, {"title": "Desk Kesehatan"}, at=make.at("08:00")
        )
    await publish(installation, event, make.at("08:10"))
    after = await client.get(f"/rakortek/{name}", headers={"If-None-Match": first.headers["ETag"]})

    assert [answer.status for answer in (first, by_tag, by_date, after)] == [200, 304, 304, 200]
    assert first.headers["Last-Modified"] == "Sat, 20 Feb 2021 01:00:00 GMT"
    assert await by_tag.read() == b""
    assert "Desk Kesehatan" in await after.text()


async def test_the_table_disarms_formulas(
    client: Client, installation: Installation, event: Event
) -> None:
    async with installation.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "desk")
        await actions.change_session(
            tx, event, session, {"title": '=HYPERLINK("https://example.org")'}, at=make.at("08:00")
        )
    await publish(installation, event, make.at("08:10"))

    text = (await (await client.get("/rakortek/programme.csv")).read()).decode("utf-8-sig")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text))}

    assert rows["desk"]["title"] == '\'=HYPERLINK("https://example.org")'
    assert rows["opening"]["starts_at"] == "2021-02-25T09:00+07:00"
    assert rows["opening"]["speakers"] == "Kepala Bappeda Provinsi Papua"


@pytest.mark.parametrize("count", [1, 3])
async def test_a_day_costs_the_same_number_of_queries_however_long(
    client: Client, installation: Installation, count: int
) -> None:
    event = make.event()
    sessions: list[Session] = [
        make.session(n, starts_at=make.at(f"{8 + n:02d}:00"), ends_at=make.at(f"{8 + n:02d}:30"))
        for n in range(1, count + 1)
    ]
    await make.stored(installation.database, event, make.room(), *sessions)
    await publish(installation, event)

    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    answers = [await client.get("/rakortek/")]
    first = sum(statement.startswith("SELECT") for statement in statements)
    answers.append(await client.get("/rakortek/"))
    again = sum(statement.startswith("SELECT") for statement in statements) - first
    sa.event.remove(sa.Engine, "before_cursor_execute", note)

    assert [answer.status for answer in answers] == [200, 200]
    # SQLite says that nothing was committed since; PostgreSQL is asked for the event and its last release. And the
    # last release is read past SQLAlchemy there, which sees one statement fewer.
    assert (first, again) == ((4, 0) if installation.database.is_sqlite else (5, 3))
