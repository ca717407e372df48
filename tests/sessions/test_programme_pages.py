"""The pages on which organizers build and publish the programme."""

from typing import Any

import pytest

from eventhub.events import actions as events
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import actions, store
from eventhub.sessions.model import Audience, Format, Kind, SessionState
from tests import callers, make
from tests.callers import Client

HERE = "/manage/rakortek/programme"
PANEL = {
    "title": "Panel kebijakan",
    "code": "panel",
    "starts_at": "2021-02-25T13:00",
    "ends_at": "2021-02-25T14:30",
    "time_zone": "Asia/Jakarta",
    "format": "hybrid",
    "kind": "panel",
    "room": "room-1",
    "meeting_url": "https://meet.example.org/1",
    "track": "Panel",
    "audience": "office-1 meeting\nBappeda Provinsi 2\n#1 onsite",
    "speakers": "kepala-2@example.org",
}


@pytest.fixture(name="csrf")
async def organizer(client: Client, installation: Installation) -> str:
    await make.stored(
        installation.database,
        make.event(),
        make.room(name="Sasana Bhakti Praja"),
        make.delegation(1),
        make.delegation(2, attendance=Attendance.STREAM),
        make.participant(1),
        make.participant(2, delegation_id=2, delegation="office-2"),
        make.session(1, title="Pembukaan", audience=(make.audience(delegation_id=1),)),
    )
    return await callers.signed_in(client, installation, "organizer")


async def programme(installation: Installation) -> list[Any]:
    async with installation.database.reading() as tx:
        return await store.list_sessions(tx, 1, store.Wanted())


async def test_a_session_is_added_with_its_audience_and_speakers(
    client: Client, installation: Installation, csrf: str
) -> None:
    answer = await client.post(
        f"{HERE}/new", data={**PANEL, "stream": "1", "csrf": csrf}, allow_redirects=False
    )

    assert answer.status == 303
    assert answer.headers["Location"] == f"{HERE}/sessions/panel?saved=1"
    added = (await programme(installation))[1]
    assert (added.code, added.kind, added.format, added.stream) == (
        "panel",
        Kind.PANEL,
        Format.HYBRID,
        True,
    )
    assert (added.starts_at, added.ends_at) == (make.at("13:00"), make.at("14:30"))
    assert added.speakers == (2,)
    assert added.audience == (
        Audience(Attendance.MEETING, delegation_id=1),
        Audience(Attendance.STREAM, delegation_id=2),
        Audience(Attendance.ONSITE, participant_id=1),
    )


async def test_a_session_without_a_code_is_given_one(
    client: Client, installation: Installation, csrf: str
) -> None:
    await client.post(f"{HERE}/new", data={**PANEL, "code": "", "csrf": csrf})

    assert (await programme(installation))[1].code.startswith("s-")


async def test_a_whole_group_is_added_to_an_audience_once(
    client: Client, installation: Installation, csrf: str
) -> None:
    group = {
        "group": "province",
        "group_attendance": "stream",
        "audience": "office-1 meeting",
        "speakers": "",
    }

    await client.post(f"{HERE}/new", data={**PANEL, **group, "csrf": csrf})

    assert (await programme(installation))[1].audience == (
        Audience(Attendance.MEETING, delegation_id=1),
        Audience(Attendance.STREAM, delegation_id=2),
    )


async def test_wall_times_are_read_in_the_sessions_zone(
    client: Client, installation: Installation, csrf: str
) -> None:
    await client.post(f"{HERE}/new", data={**PANEL, "time_zone": "Asia/Jayapura", "csrf": csrf})

    added = (await programme(installation))[1]
    assert added.starts_at == make.at("11:00")
    text = await (await client.get(f"{HERE}/sessions/panel")).text()
    assert 'value="2021-02-25T13:00"' in text


async def test_a_taken_room_is_named_with_who_has_it_and_nothing_is_lost(
    client: Client, installation: Installation, csrf: str
) -> None:
    clash = {**PANEL, "starts_at": "2021-02-25T09:30", "ends_at": "2021-02-25T10:30", "csrf": csrf}

    answer = await client.post(f"{HERE}/new?lang=en", data=clash)
    text = await answer.text()

    assert answer.status == 409
    assert "It cannot be saved like this; something stands in the way:" in text
    assert "Sasana Bhakti Praja is taken by Pembukaan" in text
    assert 'value="Panel kebijakan"' in text
    assert "Bappeda Provinsi 2" in text
    assert [session.title for session in await programme(installation)] == ["Pembukaan"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "This field is needed."),
        ({"starts_at": "soon"}, "This is no day and time, such as 2021-02-25 09:00."),
        ({"ends_at": "2021-02-25T12:00"}, "A session must end after it starts."),
        ({"room": ""}, "A session on site needs a room."),
        ({"room": "nowhere"}, "There is no room nowhere."),
        ({"meeting_url": ""}, "An online session needs a meeting link or a stream."),
        (
            {"audience": "Dinas Antah meeting"},
            "There is no delegation or participant “Dinas Antah”.",
        ),
        ({"speakers": "Bukan siapa-siapa"}, "There is no participant “Bukan siapa-siapa”."),
        ({"time_zone": "Asia/Nowhere"}, "This is no IANA time zone, such as Asia/Jakarta."),
    ],
)
async def test_a_faulty_field_is_named_beside_it(
    client: Client, installation: Installation, csrf: str, wrong: dict[str, str], sentence: str
) -> None:
    answer = await client.post(f"{HERE}/new?lang=en", data={**PANEL, **wrong, "csrf": csrf})

    assert answer.status == 422
    assert sentence in await answer.text()
    assert len(await programme(installation)) == 1


async def test_a_session_is_moved(client: Client, installation: Installation, csrf: str) -> None:
    moved = {**PANEL, "title": "Pembukaan", "version": "1", "csrf": csrf}

    answer = await client.post(f"{HERE}/sessions/session-1", data=moved, allow_redirects=False)

    assert answer.status == 303
    session = (await programme(installation))[0]
    assert (session.starts_at, session.version) == (make.at("13:00"), 2)


async def test_a_change_over_somebody_elses_is_refused(
    client: Client, installation: Installation, csrf: str
) -> None:
    answer = await client.post(
        f"{HERE}/sessions/session-1?lang=en", data={**PANEL, "version": "7", "csrf": csrf}
    )

    assert answer.status == 412
    assert "Somebody changed Pembukaan meanwhile: it now starts" in await answer.text()
    assert [(s.title, s.version) for s in await programme(installation)] == [("Pembukaan", 1)]


async def test_a_draft_is_deleted_and_a_published_session_cancelled(
    client: Client, installation: Installation, csrf: str
) -> None:
    await client.post(f"{HERE}/new", data={**PANEL, "csrf": csrf})
    await client.post(f"{HERE}/sessions/panel/remove", data={"csrf": csrf})
    without = [session.code for session in await programme(installation)]
    await client.post(f"{HERE}/publish", data={"notify": "none", "csrf": csrf})
    await client.post(f"{HERE}/sessions/session-1/remove", data={"csrf": csrf})

    assert without == ["session-1"]
    assert [session.state for session in await programme(installation)] == [SessionState.CANCELLED]


async def test_a_cancellation_is_taken_back_until_a_release_has_told_it(
    client: Client, installation: Installation, csrf: str
) -> None:
    session = f"{HERE}/sessions/session-1"
    await client.post(f"{HERE}/publish", data={"notify": "none", "csrf": csrf})
    await client.post(f"{session}/remove", data={"csrf": csrf})
    offered = await (await client.get(f"{session}?lang=en")).text()
    await client.post(f"{session}/restore", data={"csrf": csrf})
    restored = [each.state for each in await programme(installation)]
    await client.post(f"{session}/remove", data={"csrf": csrf})
    await client.post(f"{HERE}/publish", data={"notify": "none", "csrf": csrf})
    late = await client.post(f"{session}/restore?lang=en", data={"csrf": csrf})

    assert "Take the cancellation back" in offered
    assert restored == [SessionState.PUBLISHED]
    assert late.status == 409
    assert "Everybody has been told that Pembukaan is cancelled." in await late.text()
    assert [each.state for each in await programme(installation)] == [SessionState.CANCELLED]


async def test_a_cancellation_is_not_taken_back_into_a_room_taken_meanwhile(
    client: Client, installation: Installation, csrf: str
) -> None:
    session = f"{HERE}/sessions/session-1"
    await client.post(f"{HERE}/publish", data={"notify": "none", "csrf": csrf})
    await client.post(f"{session}/remove", data={"csrf": csrf})
    there = {**PANEL, "starts_at": "2021-02-25T09:00", "ends_at": "2021-02-25T10:00", "csrf": csrf}
    await client.post(f"{HERE}/new", data=there)

    answer = await client.post(f"{session}/restore?lang=en", data={"csrf": csrf})

    assert answer.status == 409
    assert "is taken by Panel kebijakan" in await answer.text()
    assert (await programme(installation))[0].state is SessionState.CANCELLED


async def test_publishing_shows_the_difference_and_makes_the_event_public(
    client: Client, installation: Installation, csrf: str
) -> None:
    before = await (await client.get(f"{HERE}/publish?lang=en")).text()
    answer = await client.post(
        f"{HERE}/publish",
        data={"notify": "none", "note": "Terbitan pertama", "csrf": csrf},
        allow_redirects=False,
    )

    assert "Pembukaan is new: Thu 25 Feb 2021, 09:00 WIB." in before
    assert answer.status == 303
    async with installation.database.reading() as tx:
        release = await actions.latest_release(tx, 1)
        event = await events.get_event(tx, "rakortek")
    assert release is not None
    assert (release.number, release.note, event.state) == (1, "Terbitan pertama", "published")
    assert (await client.get("/rakortek/")).status == 200


async def test_pressing_publish_twice_makes_one_release(
    client: Client, installation: Installation, csrf: str
) -> None:
    statuses = [
        (
            await client.post(
                f"{HERE}/publish", data={"notify": "none", "csrf": csrf}, allow_redirects=False
            )
        ).status
        for _ in range(2)
    ]

    assert statuses == [303, 409]
    async with installation.database.reading() as tx:
        release = await actions.latest_release(tx, 1)
    assert release is not None
    assert release.number == 1


async def test_a_conflict_that_forbids_a_release_is_shown_and_holds_it_back(
    client: Client, installation: Installation, csrf: str
) -> None:
    await make.stored(installation.database, make.session(2, title="Rapat lain"))

    shown = await (await client.get(f"{HERE}/publish?lang=en")).text()
    listed = await (await client.get(f"{HERE}/conflicts?lang=en")).text()
    answer = await client.post(f"{HERE}/publish?lang=en", data={"notify": "none", "csrf": csrf})

    assert "1 conflict must be solved first." in shown
    assert "<button disabled>" in shown
    assert "Sasana Bhakti Praja is taken by" in listed
    assert answer.status == 409
    async with installation.database.reading() as tx:
        assert await actions.latest_release(tx, 1) is None


async def test_the_list_shows_a_day_and_its_filters_narrow_it(
    client: Client, installation: Installation, csrf: str
) -> None:
    await client.post(f"{HERE}/new", data={**PANEL, "audience": "", "speakers": "", "csrf": csrf})
    queries = (
        "",
        "?q=panel",
        "?track=Panel",
        "?state=published",
        "?audience=none",
        "?day=2021-02-26",
    )

    shown = []
    for query in queries:
        text = await (await client.get(f"{HERE}{query}")).text()
        shown.append(
            [title for title in ("Pembukaan", "Panel kebijakan") if f">{title}</a>" in text]
        )

    both, panel = ["Pembukaan", "Panel kebijakan"], ["Panel kebijakan"]
    assert shown == [both, panel, panel, [], panel, []]


async def test_drafts_outside_the_events_days_have_a_day_of_their_own(
    client: Client, installation: Installation, csrf: str
) -> None:
    stray = make.session(
        2,
        title="Salah tanggal",
        starts_at=make.at("09:00", "2021-05-01"),
        ends_at=make.at("10:00", "2021-05-01"),
    )
    await make.stored(installation.database, stray)

    first = await (await client.get(HERE)).text()
    there = await (await client.get(f"{HERE}?day=2021-05-01")).text()

    assert 'href="?day=2021-05-01"' in first
    assert "Salah tanggal" in there
    assert "Pembukaan</a>" not in there


async def test_the_overview_names_what_needs_attention_with_where_to_mend_it(
    client: Client, installation: Installation, csrf: str
) -> None:
    first = await (await client.get("/manage/rakortek/?lang=en")).text()
    await client.post(f"{HERE}/publish", data={"notify": "none", "csrf": csrf})
    await client.post(f"{HERE}/new", data={**PANEL, "audience": "", "speakers": "", "csrf": csrf})
    later = await (await client.get("/manage/rakortek/?lang=en")).text()

    assert "The programme is not published yet: nobody outside sees it." in first
    assert "1 change is not published yet." in later
    assert "1 session is for nobody yet." in later
    assert f'href="{HERE}?day=2021-02-25&amp;audience=none"' in later
    assert "<b>1 <small>of 2</small></b><span>Sessions published</span>" in later


async def test_an_empty_event_says_where_to_start(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    await callers.signed_in(client, installation, "organizer")

    text = await (await client.get("/manage/rakortek/?lang=en")).text()

    for sentence in (
        "No room is known yet. Start with the rooms.",
        "Nobody takes part yet. Import or add people.",
        "The programme is empty. Add its first session.",
    ):
        assert sentence in text


async def test_a_viewer_reads_the_programme_and_changes_nothing(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    csrf = await callers.signed_in(client, installation, "viewer")

    read = [
        (await client.get(path)).status
        for path in ("/manage/rakortek/", HERE, f"{HERE}/conflicts", f"{HERE}/sessions/session-1")
    ]
    write = [
        (await client.post(path, data={**PANEL, "version": "1", "csrf": csrf})).status
        for path in (
            f"{HERE}/new",
            f"{HERE}/sessions/session-1",
            f"{HERE}/sessions/session-1/remove",
            f"{HERE}/publish",
        )
    ]

    assert read == [200] * 4
    assert write == [403] * 4
    assert await programme(installation) == [make.session()]


@pytest.mark.parametrize("view", ["", "&view=board"])
async def test_a_new_session_begins_on_the_day_last_looked_at_and_leads_back_there(
    client: Client, csrf: str, view: str
) -> None:
    await client.get(f"{HERE}?day=2021-02-26{view}")

    page = await (await client.get(f"{HERE}/new")).text()

    assert 'value="2021-02-26T09:00"' in page
    assert f'href="{HERE}?{"view=board&amp;" if view else ""}day=2021-02-26"' in page


async def test_the_list_says_how_many_sessions_have_no_time(
    client: Client, installation: Installation, csrf: str
) -> None:
    before = await (await client.get(f"{HERE}?lang=en")).text()
    await make.stored(installation.database, make.waiting(71), make.waiting(72))

    after = await (await client.get(f"{HERE}?lang=en")).text()

    assert "no time yet" not in before
    assert "2 sessions have no time yet." in after
