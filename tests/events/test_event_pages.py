"""The pages on which organizers make events and keep their rooms, settings, users and tokens."""

from dataclasses import replace
from datetime import date, time

from eventhub.accounts import actions as accounts
from eventhub.events import actions as events
from eventhub.events.model import AcceptedProof, EventState
from eventhub.events.scheduling import Hours, Scheduling, TravelMinutes
from eventhub.installation import Installation
from eventhub.web.access import Role
from tests import callers, make
from tests.callers import Client

SETTINGS = {
    "version": "1",
    "title": "Rapat Koordinasi Teknis",
    "starts_on": "2021-02-25",
    "ends_on": "2021-02-27",
    "further_days": "2021-02-16, 2021-02-18",
    "left_out": "2021-02-27",
    "day_starts_at": "04:00",
    "time_zone": "Asia/Jakarta",
    "languages": "id",
    "protocol.enabled": "1",
    "protocol.max_temperature_c": "37.5",
    "protocol.protocol_percent": "40",
    "protocol.recheck": "once",
    "protocol.retention_days": "14",
    "proof.antigen": "24",
    "proof.vaccine": "2",
    "presence_rule.minutes": "15",
    "presence_rule.percent": "50",
    "severities.travel": "warn",
    "scheduling.travel_minutes.buildings": "20",
    "scheduling.travel_minutes.rooms": "5",
    "scheduling.travel_minutes.online": "10",
    "scheduling.day_hours.start": "07:30",
    "scheduling.day_hours.end": "21:00",
    "scheduling.remote_hours.start": "08:00",
    "scheduling.remote_hours.end": "17:00",
    "scheduling.friday_break.start": "",
    "scheduling.friday_break.end": "",
    "weekend": "sun",
    "holidays": "2021-03-11, 2021-02-12",
}


async def test_the_start_page_lists_published_events_only(
    client: Client, installation: Installation
) -> None:
    shown = make.event(1, title="Rakor yang terbit", state=EventState.PUBLISHED)
    hidden = make.event(2, title="Rakor yang masih draf")
    await make.stored(installation.database, shown, hidden)

    text = await (await client.get("/")).text()

    assert "Rakor yang terbit" in text
    assert "Rakor yang masih draf" not in text


async def test_an_organizer_sees_only_the_events_they_have_a_role_in(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database, make.event(1, title="Acara satu"), make.event(2, title="Acara dua")
    )
    await callers.signed_in(client, installation, "organizer")

    text = await (await client.get("/manage/")).text()

    assert "Acara satu" in text
    assert "Acara dua" not in text
    assert 'href="/manage/new"' not in text


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())

    answer = await client.get("/manage/rakortek/settings", allow_redirects=False)

    assert answer.status == 303
    assert answer.headers["Location"] == "/manage/sign-in?next=/manage/rakortek/settings"


async def test_an_owner_makes_an_event_and_goes_on_to_its_settings(
    client: Client, installation: Installation
) -> None:
    csrf = await callers.signed_in(client, installation, "owner")
    form = {
        "title": "Rakor 2022",
        "slug": "rakor-2022",
        "starts_on": "2022-02-21",
        "ends_on": "2022-02-22",
    }

    answer = await client.post(
        "/manage/new",
        data={**form, "time_zone": "Asia/Jakarta", "csrf": csrf},
        allow_redirects=False,
    )

    assert answer.status == 303
    assert answer.headers["Location"] == "/manage/rakor-2022/settings"
    async with installation.database.reading() as tx:
        event = await events.get_event(tx, "rakor-2022")
    assert event.days == (date(2022, 2, 21), date(2022, 2, 22))


async def test_a_faulty_event_keeps_what_was_typed_and_names_each_fault(
    client: Client, installation: Installation
) -> None:
    csrf = await callers.signed_in(client, installation, "owner")
    form = {
        "title": "Rakor <2022>",
        "slug": "Not A Code",
        "starts_on": "2022-02-21",
        "ends_on": "soon",
    }

    answer = await client.post(
        "/manage/new?lang=en", data={**form, "time_zone": "Asia/Jakarta", "csrf": csrf}
    )
    text = await answer.text()

    assert answer.status == 422
    assert 'value="Rakor &lt;2022&gt;"' in text
    assert "This is no day, such as 2021-02-25." in text
    assert "This may hold letters, digits" in text
    async with installation.database.reading() as tx:
        assert await events.list_by_ids(tx, None) == []


async def test_settings_are_saved_whole(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")

    answer = await client.post(
        "/manage/rakortek/settings", data={**SETTINGS, "csrf": csrf}, allow_redirects=False
    )

    assert answer.status == 303
    async with installation.database.reading() as tx:
        event = await events.get_event(tx, "rakortek")
    assert event.days == (
        date(2021, 2, 16),
        date(2021, 2, 18),
        date(2021, 2, 25),
        date(2021, 2, 26),
    )
    assert event.languages == ("id",)
    assert event.protocol == replace(
        make.event().protocol,
        max_temperature_c=37.5,
        mask_required=False,
        protocol_percent=40,
        recheck="once",
        proof_accepts=(
            AcceptedProof("antigen", valid_hours=24),
            AcceptedProof("vaccine", min_doses=2),
        ),
    )
    assert event.severities == {"travel": "warn"}
    assert event.presence_rule.minutes == 15
    assert event.scheduling == Scheduling(
        travel_minutes=TravelMinutes(buildings=20, rooms=5, online=10),
        day_hours=Hours(time(7, 30), time(21)),
        remote_hours=Hours(time(8), time(17)),
        friday_break=None,
        weekend=("sun",),
        holidays=(date(2021, 2, 12), date(2021, 3, 11)),
    )


async def test_the_settings_page_shows_what_sessions_are_held_against_and_names_a_wrong_hour(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    wrong = {
        **SETTINGS,
        "scheduling.day_hours.end": "",
        "scheduling.remote_hours.end": "07:00",
        "holidays": "besok",
        "csrf": csrf,
    }

    shown = await (await client.get("/manage/rakortek/settings?lang=en")).text()
    answer = await client.post("/manage/rakortek/settings?lang=en", data=wrong)
    text = await answer.text()

    assert 'name="scheduling.friday_break.start" value="11:30"' in shown
    assert '<option value="" selected>As usual: prevent the release</option>' in shown
    assert answer.status == 422
    assert "This is no time of day, such as 04:00." in text
    assert "This is no day, such as 2021-02-25." in text
    assert 'value="besok"' in text
    async with installation.database.reading() as tx:
        assert await events.get_event(tx, "rakortek") == make.event()


async def test_a_wrong_setting_is_named_and_nothing_is_saved(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    wrong = {**SETTINGS, "title": "Judul baru", "protocol.max_temperature_c": "50", "csrf": csrf}

    answer = await client.post("/manage/rakortek/settings?lang=en", data=wrong)
    text = await answer.text()

    assert answer.status == 422
    assert "This must be at most 43" in text
    assert 'value="Judul baru"' in text
    async with installation.database.reading() as tx:
        assert await events.get_event(tx, "rakortek") == make.event()


async def test_settings_changed_by_somebody_else_are_not_overwritten(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(version=4))
    csrf = await callers.signed_in(client, installation, "organizer")

    answer = await client.post("/manage/rakortek/settings", data={**SETTINGS, "csrf": csrf})

    assert answer.status == 412
    async with installation.database.reading() as tx:
        assert (await events.get_event(tx, "rakortek")).version == 4


async def test_a_room_is_added_changed_and_removed(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    here = "/manage/rakortek/rooms"
    room = {
        "code": "sbp",
        "name": "Sasana Bhakti Praja",
        "building": "Gedung C",
        "capacity": "400",
        "csrf": csrf,
    }

    await client.post(f"{here}/new", data=room)
    listed = await (await client.get(f"{here}?lang=en")).text()
    await client.post(
        f"{here}/sbp",
        data={**room, "code": "", "capacity": "300", "parallel": "true", "version": "1"},
    )
    async with installation.database.reading() as tx:
        changed = await events.get_room(tx, 1, "sbp")
    await client.post(f"{here}/sbp/remove", data={"csrf": csrf})

    assert "200 of 400" in listed
    assert (changed.capacity, changed.parallel, changed.version) == (300, True, 2)
    async with installation.database.reading() as tx:
        assert await events.list_rooms(tx, 1) == []


async def test_a_room_in_use_is_not_removed(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    csrf = await callers.signed_in(client, installation, "organizer")

    answer = await client.post("/manage/rakortek/rooms/room-1/remove?lang=en", data={"csrf": csrf})

    assert answer.status == 409
    assert "Ruang 1 is used by sessions or checkpoints. Move those first." in await answer.text()
    async with installation.database.reading() as tx:
        assert [room.code for room in await events.list_rooms(tx, 1)] == ["room-1"]


async def test_a_form_without_its_token_changes_nothing(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    await callers.signed_in(client, installation, "organizer")

    answer = await client.post(
        "/manage/rakortek/rooms/new", data={"code": "a", "name": "A", "capacity": "1"}
    )

    assert answer.status == 403
    async with installation.database.reading() as tx:
        assert await events.list_rooms(tx, 1) == []


async def test_a_viewer_reads_rooms_and_may_not_see_settings_or_the_audit_log(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room())
    await callers.signed_in(client, installation, "viewer")

    statuses = [
        (await client.get(f"/manage/rakortek/{name}")).status
        for name in ("rooms", "rooms/room-1", "settings", "access", "audit")
    ]

    assert statuses == [200, 403, 403, 403, 403]


async def test_another_event_does_not_exist_for_an_organizer(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(1), make.event(2, title="Acara lain"))
    await callers.signed_in(client, installation, "organizer", 1)

    answer = await client.get("/manage/rakortek-2/settings")

    assert answer.status == 404
    assert "Acara lain" not in await answer.text()


async def test_a_user_is_given_a_role_and_loses_it(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    here = "/manage/rakortek/access/users"
    wanted = {"email": "gerbang@example.org", "role": "gate", "may_override": "true", "csrf": csrf}

    refused = await client.post(here, data=wanted)
    await client.post(here, data={**wanted, "password": "sebuah kata sandi panjang"})
    async with installation.database.reading() as tx:
        added = await accounts.list_members(tx, 1)
    await client.post(f"{here}/remove", data={"email": "gerbang@example.org", "csrf": csrf})

    assert refused.status == 422
    assert [(member.email, member.role, member.may_override) for member in added] == [
        ("gerbang@example.org", Role.GATE, True),
        ("organizer@example.org", Role.ORGANIZER, False),
    ]
    async with installation.database.reading() as tx:
        assert [member.email for member in await accounts.list_members(tx, 1)] == [
            "organizer@example.org"
        ]


async def test_a_token_is_shown_once_and_revoked(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    here = "/manage/rakortek/access/tokens"

    shown = await (
        await client.post(here, data={"name": "Pencetak", "role": "viewer", "csrf": csrf})
    ).text()
    later = await (await client.get("/manage/rakortek/access")).text()
    await client.post(f"{here}/revoke", data={"name": "Pencetak", "csrf": csrf})

    assert shown.count("<code>") == later.count("<code>") + 1
    assert "Pencetak" in later
    async with installation.database.reading() as tx:
        assert await accounts.list_tokens(tx, 1) == []


async def test_the_audit_log_says_who_did_what(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    await client.post(
        "/manage/rakortek/rooms/new",
        data={"code": "sbp", "name": "Aula", "capacity": "9", "csrf": csrf},
    )

    text = await (await client.get("/manage/rakortek/audit")).text()

    assert "user organizer@example.org" in text
    assert "room.added" in text
