"""Bringing files into the programme: what is made, matched, kept, refused, and what stands in the way."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event
from eventhub.participants import actions as people
from eventhub.sessions import actions
from eventhub.sessions.actions import Wanted
from eventhub.sessions.exchange.bringing_in import Imported, answer_of, import_programme, read_for
from eventhub.sessions.exchange.writing import Form, publication, write
from eventhub.sessions.model import Format, Kind, Released, Session, SessionState
from tests import make

EVENT = make.event()
AT = make.at("08:00", "2021-02-20")
HEADER = "code,title,date,start,end,room,speakers\n"


async def bring(
    database: Database, text: str | bytes, event: Event = EVENT, *, zone: str = "Asia/Jakarta", dry_run: bool = False
) -> Imported:  # fmt: skip
    """Import a file."""
    content = text.encode() if isinstance(text, str) else text
    listed = await read_for(event, content, zone)
    async with database.transaction() as tx:
        return await import_programme(tx, event, listed, at=AT, dry_run=dry_run)


async def programme(database: Database, event_id: int = 1) -> list[Session]:
    """Return the sessions of an event."""
    async with database.reading() as tx:
        return await actions.list_sessions(tx, event_id, Wanted())


async def names(tx: AsyncConnection, event_id: int = 1) -> dict[str, list[str]]:
    """Return the names of rooms and offices."""
    offices = await people.list_delegations(tx, event_id)
    rooms = await events.list_rooms(tx, event_id)
    return {
        "rooms": sorted(room.name for room in rooms),
        "offices": sorted(office.code for office in offices),
    }


def counted(imported: Imported) -> tuple[int, int, int, int]:
    """Return created, updated, unchanged, faulty."""
    return imported.created, imported.updated, imported.unchanged, len(imported.faulty)


async def test_missing_rooms_and_speakers_are_made_and_known_ones_found(database: Database) -> None:
    await make.stored(
        database, EVENT, make.room(name="Ruang 1"), make.delegation(), make.participant()
    )

    imported = await bring(
        database,
        HEADER
        + "a,Satu,2021-02-25,09:00,10:00,ruang  1,Kepala Bappeda Provinsi 1\n"
        + "b,Dua,2021-02-25,09:00,10:00,3,Deputi; Kepala Bappeda Provinsi 1\n"
        + "c,Tiga,2021-02-25,13:00,14:00,3,Deputi\n",
    )

    assert counted(imported) == (3, 0, 0, 0)
    first, second, third = await programme(database)
    async with database.reading() as tx:
        assert await names(tx) == {"rooms": ["3", "Ruang 1"], "offices": ["office-1", "speakers"]}
        (deputy, known) = second.speakers
        person = await people.get_participant(tx, 1, deputy)
    assert (person.name, person.delegation, person.attendance) == (
        "Deputi",
        "speakers",
        Attendance.ONSITE,
    )
    assert (first.speakers, known, third.speakers) == ((1,), 1, (deputy,))
    assert first.room_id == 1 != second.room_id == third.room_id
    assert {each.state for each in (first, second, third)} == {SessionState.DRAFT}


async def test_importing_twice_changes_nothing(database: Database) -> None:
    await make.stored(database, EVENT)
    text = (
        HEADER + "a,Satu,2021-02-25,09:00,10:00,A,Deputi\n,Tanpa kode,2021-02-25,10:00,11:00,A,\n"
    )
    await bring(database, text)
    before = await programme(database)

    assert counted(await bring(database, text)) == (0, 0, 2, 0)
    assert await programme(database) == before


async def test_a_changed_row_updates_what_it_says_and_keeps_what_it_does_not(
    database: Database,
) -> None:
    session = make.session(
        code="a", title="Lama", abstract="Uraian", track="Air", kind=Kind.DESK, speakers=(1,),
        audience=(make.audience(delegation_id=1),), state=SessionState.PUBLISHED,
    )  # fmt: skip
    await make.stored(database, EVENT, make.room(), make.delegation(), make.participant(), session)

    imported = await bring(database, "code,title,date,start,end\na,Baru,2021-02-25,11:00,12:00\n")

    assert counted(imported) == (0, 1, 0, 0)
    assert await programme(database) == [
        replace(
            session, title="Baru", starts_at=make.at("11:00"), ends_at=make.at("12:00"), version=2
        )
    ]


async def test_rows_without_codes_are_found_by_title_when_they_move(database: Database) -> None:
    await make.stored(database, EVENT)
    await bring(database, "title,date,start,end,room\nSatu,2021-02-25,09:00,10:00,A\n")

    moved = await bring(database, "title,date,start,end,room\nSatu,2021-02-26,09:00,10:00,A\n")

    assert counted(moved) == (0, 1, 0, 0)
    assert [each.starts_at for each in await programme(database)] == [
        make.at("09:00", "2021-02-26")
    ]


async def test_a_guid_finds_its_session_whatever_its_title_became(database: Database) -> None:
    await make.stored(database, EVENT)
    xml = (
        '<schedule><version>1</version><conference><title>x</title></conference><day date="2021-02-25">'
        '<room name="A"><event guid="8079583e-8321-506c-95af-fd2903a5f075" id="1"><title>{}</title>'
        "<date>2021-02-25T09:00:00+07:00</date><duration>01:00</duration></event></room></day></schedule>"
    )
    await bring(database, xml.format("Sidang Satu"))

    assert counted(await bring(database, xml.format("Sidang Dua"))) == (0, 1, 0, 0)
    (session,) = await programme(database)
    assert (session.code, session.title) == ("sidang-satu", "Sidang Dua")
    assert session.origin == "8079583e-8321-506c-95af-fd2903a5f075"


async def test_what_overlaps_and_what_lies_outside_comes_in_as_draft_with_its_conflict(
    database: Database,
) -> None:
    await make.stored(
        database, EVENT, make.room(name="A"), make.session(5, code="there", title="Ada")
    )

    imported = await bring(
        database,
        HEADER
        + "a,Satu,2021-02-25,09:30,10:30,A,\n"
        + "b,Dua,2021-02-25,10:00,11:00,A,\n"
        + "c,Tiga,2021-05-03,09:00,10:00,A,\n",
    )

    assert counted(imported) == (3, 0, 0, 0)
    assert [
        (each["kind"], sorted(each["sessions"])) for each in answer_of(imported)["conflicts"]
    ] == [
        ("room", ["a", "there"]),
        ("room", ["a", "b"]),
        ("outside_days", ["c"]),
    ]
    assert len(await programme(database)) == 4


async def test_a_dry_run_answers_the_same_and_writes_nothing(database: Database) -> None:
    await make.stored(database, EVENT)
    text = (
        HEADER
        + "a,Satu,2021-02-25,09:00,10:00,A,Deputi\nb,Dua,2021-02-25,09:30,10:00,A,\n,,,,,,\nx,,,,,,\n"
    )

    tried = await bring(database, text, dry_run=True)

    assert await programme(database) == []
    async with database.reading() as tx:
        assert await names(tx) == {"rooms": [], "offices": []}
    assert answer_of(tried)["conflicts"] != []
    done = await bring(database, text)
    assert counted(tried) == counted(done) == (2, 0, 0, 1)


async def test_faulty_rows_make_nothing_and_stop_no_others(database: Database) -> None:
    cancelled = make.session(9, code="gone", title="Batal", state=SessionState.CANCELLED)
    await make.stored(database, EVENT, make.room(name="A"), cancelled)

    imported = await bring(
        database,
        "code,title,date,start,end,room,format\n"
        "a,Satu,2021-02-25,09:00,10:00,A,\n"
        "a,Lagi,2021-02-25,09:00,10:00,A,\n"
        "gone,Batal,2021-02-25,09:00,10:00,A,\n"
        "d,Daring,2021-02-25,09:00,10:00,,online\n"
        "e,Luring,2021-02-25,09:00,10:00,,onsite\n",
    )

    assert counted(imported)[:3] == (1, 0, 0)
    assert [(fault.row, fault.field) for fault in imported.faulty] == [
        (3, "code"),
        (4, "state"),
        (5, "meeting_url"),
        (6, "room"),
    ]
    assert [each.code for each in await programme(database)] == ["gone", "a"]


async def test_a_calendar_without_places_waits_in_a_room_to_be_announced(
    database: Database,
) -> None:
    await make.stored(database, EVENT)
    calendar = "BEGIN:VCALENDAR\n" + "".join(
        f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:Sidang {n}\nDTSTART:20210225T020000Z\nDTEND:20210225T030000Z\nEND:VEVENT\n"
        for n in range(2)
    )

    imported = await bring(database, f"{calendar}END:VCALENDAR\n")

    assert (counted(imported), imported.conflicts) == ((2, 0, 0, 0), ())
    async with database.reading() as tx:
        assert await names(tx) == {"rooms": ["Ruangan menyusul"], "offices": []}
    assert counted(await bring(database, f"{calendar}END:VCALENDAR\n")) == (0, 0, 2, 0)


async def test_two_people_of_one_name_stay_who_they_are(database: Database) -> None:
    twins = [make.participant(n, name="Kepala Dinas") for n in (1, 2)]
    session = make.session(code="a", title="Satu", speakers=(2,))
    await make.stored(database, EVENT, make.room(name="A"), make.delegation(), *twins, session)

    imported = await bring(database, HEADER + "a,Satu,2021-02-25,09:00,10:00,A,Kepala Dinas\n")

    assert counted(imported) == (0, 0, 1, 0)
    assert [each.speakers for each in await programme(database)] == [(2,)]


SESSIONS: tuple[Session, ...] = (
    make.session(1, code="buka", kind=Kind.PLENARY, format=Format.HYBRID, stream=True, track="Pleno"),
    make.session(
        2, code="Desk.1", title="Desk", kind=Kind.DESK, format=Format.ONLINE, room_id=None, abstract="Satu\n\n- dua",
        meeting_url="https://meet.example.org/a", starts_at=make.at("13:00"), ends_at=make.at("14:00"), speakers=(2, 1),
        time_zone="Asia/Jayapura",
    ),
    make.session(3, code="malam", starts_at=make.at("23:00"), ends_at=make.at("01:30", "2021-02-26"), room_id=2),
)  # fmt: skip


@pytest.mark.parametrize("form", list(Form))
async def test_an_exported_programme_comes_back_the_same_in_an_empty_event(
    database: Database, form: Form
) -> None:
    rooms = (
        make.room(name="Ruang A", building="Gedung C"),
        make.room(2, name="2", building="Gedung C"),
    )
    await make.stored(
        database, EVENT, *rooms, make.delegation(), make.participant(1), make.participant(2, name="Deputi, S.E."),
        *SESSIONS, make.event(2, slug="salinan"),
    )  # fmt: skip
    async with database.reading() as tx:
        draft = await actions.draft_as_released(tx, EVENT)
    told = publication(
        EVENT, draft, rooms, base="https://example.org", version="1", at=AT, private=True
    )
    content = write(told, form)

    copied = await bring(database, content, make.event(2, slug="salinan"))

    assert (counted(copied), copied.conflicts) == ((3, 0, 0, 0), ())
    async with database.reading() as tx:
        copies = await actions.draft_as_released(tx, make.event(2, slug="salinan"))
    assert [_bare(each, form) for each in copies] == [_bare(each, form) for each in draft]
    assert counted(await bring(database, content)) == (0, 0, 3, 0)


def _bare(session: Released, form: Form) -> dict[str, Any]:
    """Return what a form can carry of a session."""
    names = "code title abstract kind format starts_at ends_at time_zone room_name meeting_url stream track".split()
    told = {name: getattr(session, name) for name in names}
    if form is not Form.FRAB_XML:
        told["building"] = session.building
    if form is not Form.ICS:
        told["speakers"] = [name for _, name in session.speakers]
    return told


async def test_a_thousand_sessions_come_in_at_once(database: Database) -> None:
    await make.stored(database, EVENT)
    rows = "".join(
        f"s-{n},Sidang {n},2021-02-{25 + n % 3},{8 + n // 3 % 9:02d}:00,{9 + n // 3 % 9:02d}:00,Ruang {n // 27},\n"
        for n in range(1200)
    )

    imported = await bring(database, HEADER + rows)

    assert counted(imported) == (1200, 0, 0, 0)
    # A Friday and a Saturday are among the days.
    assert {each.kind for each in imported.conflicts} <= {"holiday", "friday_break"}
