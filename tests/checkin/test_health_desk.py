"""The health desk: who waits, the officer's word, what is written down, and who may see it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.checkin.tables import declarations, dismissals, passages, proofs
from eventhub.events.model import Protocol
from eventhub.installation import Installation
from tests import make
from tests.callers import Client, signed_in
from tests.checkin import gate

PROTOCOL = Protocol(enabled=True, declaration_required=False)
HOT = {"temperature_c": 38.4, "mask": True}
HEALTH = "/manage/rakortek/health"
PERSON = f"{HEALTH}/people/1"


async def hall_of(installation: Installation) -> gate.Hall:
    hall = await gate.built(installation.database, protocol=PROTOCOL)
    return replace(hall, now=installation.clock.now())


async def actions_in_audit(installation: Installation) -> list[tuple[str, str]]:
    async with installation.database.reading() as tx:
        query = sa.select(audit_log.c.action, audit_log.c.subject).order_by(audit_log.c.id)
        query = query.where(audit_log.c.action != "user.role")
        return [tuple(row) for row in await tx.execute(query)]


async def test_whom_a_gate_refuses_for_their_health_waits_at_the_desk(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    await hall.scan(2, health=gate.WELL)
    await hall.scan(3)  # nothing measured yet: asked again at the gate
    await signed_in(client, installation, "health")

    shown = await (await client.get(f"{HEALTH}?lang=en")).text()

    assert "Kepala Bappeda Provinsi 1" in shown
    assert "Kepala Bappeda Provinsi 2" not in shown
    assert "Kepala Bappeda Provinsi 3" not in shown
    assert ("referrals.read", "1") in await actions_in_audit(installation)


async def test_how_many_wait_is_told_without_names_and_without_an_entry_in_the_audit_log(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    await signed_in(client, installation, "health")

    fresh = await (await client.get(f"{HEALTH}/waiting?shown=0&lang=en")).text()
    known = await (await client.get(f"{HEALTH}/waiting?shown=1&lang=en")).text()

    assert "1 person waits now." in fresh
    assert "Kepala" not in fresh
    assert known.strip() == ""
    assert await actions_in_audit(installation) == []


async def test_an_officer_lets_somebody_in_by_name_and_reason(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    csrf = await signed_in(client, installation, "health")

    answer = await client.post(
        f"{PERSON}/let-in",
        data={"csrf": csrf, "reason": "Measured again: 36.8"},
        allow_redirects=False,
    )

    assert answer.status == 303
    assert await hall.inside() == {None: 1}
    stored = await hall.rows(passages, "status", "reason", "forced", "force_reason", "by_name")
    assert stored == [
        ("refused", "temperature_high", False, None, "gate"),
        ("ok", None, True, "Measured again: 36.8", "health@example.org"),
    ]
    assert ("passage.forced", "participant 1") in await actions_in_audit(installation)
    waiting = await (await client.get(f"{HEALTH}?lang=en")).text()
    assert "Nobody waits." in waiting


async def test_who_is_sent_home_waits_no_more_until_the_gate_refuses_them_again(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    csrf = await signed_in(client, installation, "health")

    answer = await client.post(
        f"{PERSON}/send-home",
        data={"csrf": csrf, "reason": "Fever, rest at the hotel"},
        allow_redirects=False,
    )

    assert answer.status == 303
    assert await hall.inside() == {}
    assert await hall.rows(dismissals, "participant_id", "reason", "dismissed_by") == [
        (1, "Fever, rest at the hotel", "health@example.org")
    ]
    assert "Nobody waits." in await (await client.get(f"{HEALTH}?lang=en")).text()
    again = await client.post(f"{PERSON}/let-in", data={"csrf": csrf, "reason": "Well now"})
    assert again.status == 409
    assert await hall.inside() == {}
    await hall.record(hall.item(1, minute=20, health=HOT))
    assert "Kepala Bappeda Provinsi 1" in await (await client.get(HEALTH)).text()


async def test_an_officer_who_gives_no_reason_decides_nothing(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    csrf = await signed_in(client, installation, "health")

    answer = await client.post(f"{PERSON}/let-in", data={"csrf": csrf, "reason": "  "})

    assert answer.status == 422
    assert 'aria-invalid="true"' in await answer.text()
    assert await hall.inside() == {}


async def test_what_is_not_health_is_not_the_officers_to_override(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    await hall.scan(1, health=HOT)
    await hall.change("gate-1", open=False)
    csrf = await signed_in(client, installation, "health")

    answer = await client.post(f"{PERSON}/let-in", data={"csrf": csrf, "reason": "Well"})

    assert answer.status == 409
    assert await hall.inside() == {}


async def test_a_declaration_and_a_proof_are_written_down_and_shown_to_officers_alone(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    csrf = await signed_in(client, installation, "health")

    declared = await client.post(
        f"{PERSON}/declaration", data={"csrf": csrf, "date": "2021-02-25", "symptoms": "1"}
    )
    proven = await client.post(
        f"{PERSON}/proof",
        data={"csrf": csrf, "kind": "pcr", "taken_at": "2021-02-24T20:15", "negative": "true"},
    )

    assert (declared.status, proven.status) == (200, 200)
    assert await hall.rows(declarations, "date", "symptoms", "contact", "travel") == [
        (hall.event.days[0], True, False, False)
    ]
    taken_at = make.at("20:15", "2021-02-24")
    assert await hall.rows(proofs, "kind", "taken_at", "negative", "doses", "seen_by_role") == [
        ("pcr", taken_at, True, None, "health")
    ]
    shown = await (await client.get(f"{PERSON}?lang=en")).text()
    assert "PCR test" in shown
    assert "symptoms" in shown
    await signed_in(client, installation, "gate")
    unseen = await (await client.get(f"{PERSON}?lang=en")).text()
    assert "Write down a proof that you saw" in unseen
    assert "What is known" not in unseen


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "pcr", "taken_at": "2021-02-30T20:15", "negative": "true"},
        {"kind": "pcr", "taken_at": "yesterday", "negative": "true"},
        {"kind": "pcr", "taken_at": "2021-03-24T20:15", "negative": "true"},
        {"kind": "pcr", "taken_at": "2021-02-24T20:15"},
        {"kind": "vaccine", "taken_at": "2021-02-24T20:15"},
        {"kind": "blood", "taken_at": "2021-02-24T20:15"},
    ],
)
async def test_a_proof_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    client: Client, installation: Installation, typed: dict[str, str]
) -> None:
    hall = await hall_of(installation)
    csrf = await signed_in(client, installation, "health")

    answer = await client.post(f"{PERSON}/proof", data={"csrf": csrf, **typed})

    assert answer.status == 422
    assert f'value="{typed["taken_at"]}"' in await answer.text()
    assert await hall.rows(proofs, "id") == []


async def test_somebody_is_found_by_words_of_their_name_position_and_office(
    client: Client, installation: Installation
) -> None:
    await hall_of(installation)
    await signed_in(client, installation, "health")

    found = await (await client.get(f"{HEALTH}?q=bappeda+provinsi+2&lang=en")).text()
    nobody = await (await client.get(f"{HEALTH}?q=%25&lang=en")).text()

    assert f'href="{HEALTH}/people/2"' in found
    assert "Nobody is called so." in nobody


@pytest.mark.parametrize("role", ["organizer", "gate", "streaming", "viewer"])
async def test_the_desk_and_contacts_are_closed_to_everybody_else(
    client: Client, installation: Installation, role: str
) -> None:
    await hall_of(installation)
    await signed_in(client, installation, role)

    statuses = [
        (await client.get(path)).status
        for path in (
            HEALTH,
            f"{HEALTH}/waiting",
            f"{HEALTH}/contacts?participant=1",
            f"{HEALTH}/contacts.csv?participant=1&days=1&minutes=1",
        )
    ]

    assert statuses == [403, 403, 403, 403]
    assert await actions_in_audit(installation) == []


async def test_contacts_are_shown_and_taken_out_for_the_health_office(
    client: Client, installation: Installation
) -> None:
    hall = await hall_of(installation)
    begin = installation.clock.now() - timedelta(minutes=40)
    for who, minute in ((1, 0), (2, 10), (3, 35)):
        await hall.record(
            hall.item(who, "door-1", scanned_at=(begin + timedelta(minutes=minute)).isoformat())
        )
    await signed_in(client, installation, "health")
    query = "participant=1&days=14&minutes=15"

    shown = await (await client.get(f"{HEALTH}/contacts?{query}&lang=en")).text()
    sheet = (await (await client.get(f"{HEALTH}/contacts.csv?{query}&lang=en")).read()).decode(
        "utf-8-sig"
    )

    assert "Kepala Bappeda Provinsi 2" in shown
    assert "Kepala Bappeda Provinsi 3" not in shown
    assert sheet.splitlines() == [
        "Name,Position,Delegation,Minutes together,Room,From,To,Minutes",
        (
            "Kepala Bappeda Provinsi 2,Kepala,Bappeda Provinsi 1,30,Ruang 1,"
            '"Thu 25 Feb 2021, 08:00 WIB","Thu 25 Feb 2021, 08:30 WIB",30'
        ),
    ]
    assert [
        row for row in await actions_in_audit(installation) if row[0].startswith("contacts")
    ] == [
        ("contacts.read", "Kepala Bappeda Provinsi 1"),
        ("contacts.read", "Kepala Bappeda Provinsi 1"),
        ("contacts.exported", "Kepala Bappeda Provinsi 1"),
    ]


@pytest.mark.parametrize("query", ["participant=99", "participant=x", "participant=1&days=0"])
async def test_contacts_of_nobody_are_a_sentence_on_the_form(
    client: Client, installation: Installation, query: str
) -> None:
    await hall_of(installation)
    await signed_in(client, installation, "health")

    answer = await client.get(f"{HEALTH}/contacts?{query}&lang=en")

    assert answer.status in {404, 422}
    assert 'role="alert"' in await answer.text()
