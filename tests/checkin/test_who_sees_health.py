"""What was wrong with somebody's health is told to health officers and owners alone, whatever the page or list."""

from typing import Any

import pytest

from eventhub.checkin import retention
from eventhub.checkin.tables import passages
from eventhub.events.model import Protocol
from eventhub.installation import Installation
from tests.callers import Client, bearer, signed_in
from tests.checkin import gate
from tests.checkin.gate import Hall

HOT = {"temperature_c": 38.4, "mask": True}
WORD = "Diukur ulang 36,8"
CERTIFICATE = "HC1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDE$VK G2EP4J0B"
AUDIT = "/manage/rakortek/audit?lang=en"
API = "/api/v1/events/rakortek"


@pytest.fixture
async def hall(installation: Installation) -> Hall:
    """Refuse participant 1 for a fever, then let an officer override it; 2 is let into a full room."""
    built = await gate.built(installation.database, protocol=Protocol(enabled=True))
    built.now = installation.clock.now()
    await built.change("door-1", limit=0)
    await built.scan(1, health=HOT)
    await built.scan(1, by=gate.HEALTH, health=HOT, force=True, force_reason=WORD)
    await built.scan(2, "door-1", by=gate.SUPERVISOR, force=True, force_reason="Tamu menteri")
    return built


async def audit_page(client: Client, installation: Installation, role: str) -> str:
    await signed_in(client, installation, role)
    return await (await client.get(AUDIT)).text()


async def test_organizers_see_in_the_audit_log_that_health_was_overridden_and_not_what_it_was(
    client: Client, installation: Installation, hall: Hall
) -> None:
    text = await audit_page(client, installation, "organizer")

    assert text.count("passage.forced") == 2
    assert "checkpoint: gate-1" in text
    assert "health protocol" in text
    assert "temperature_high" not in text
    assert WORD not in text
    assert "reason: full" in text
    assert "force_reason: Tamu menteri" in text


async def test_owners_see_all_of_an_override_in_the_audit_log(
    client: Client, installation: Installation, hall: Hall
) -> None:
    text = await audit_page(client, installation, "owner")

    assert "reason: temperature_high" in text
    assert f"force_reason: {WORD}" in text
    assert "health protocol" not in text


async def test_organizers_do_not_learn_from_the_audit_log_who_waited_for_an_officer(
    client: Client, installation: Installation, hall: Hall
) -> None:
    await hall.record(hall.item(3, minute=5, health=HOT))
    await signed_in(client, installation, "health")
    await client.get("/manage/rakortek/health")

    organizers = await audit_page(client, installation, "organizer")
    client.session.cookie_jar.clear()
    owners = await audit_page(client, installation, "owner")

    assert "referrals.read" in organizers
    assert "participants: 3" not in organizers
    assert "participants: 3" in owners


async def test_after_the_days_of_retention_the_audit_log_keeps_the_deed_and_not_the_health(
    client: Client, installation: Installation, hall: Hall
) -> None:
    at = hall.now.replace(year=hall.now.year + 1)
    async with installation.database.transaction() as tx:
        await retention.forget(tx, hall.event, at)

    text = await audit_page(client, installation, "owner")

    assert text.count("passage.forced") == 2
    assert "temperature_high" not in text
    assert WORD not in text
    assert "force_reason: Tamu menteri" in text


async def test_an_officers_word_is_not_among_the_passages_of_gates_and_organizers(
    client: Client, installation: Installation, hall: Hall
) -> None:
    told: dict[str, list[Any]] = {}
    for role in ("owner", "health", "organizer", "gate"):
        headers = await bearer(installation, role)
        items = (await (await client.get(f"{API}/passages", headers=headers)).json())["items"]
        told[role] = [item["force_reason"] for item in items if item["forced"]]

    assert told == {
        "owner": [WORD, "Tamu menteri"],
        "health": [WORD, "Tamu menteri"],
        "organizer": [None, "Tamu menteri"],
        "gate": [None, "Tamu menteri"],
    }


@pytest.mark.parametrize("role", ["owner", "organizer", "gate", "health"])
async def test_the_dashboard_counts_by_reason_and_names_nobodys(
    client: Client, installation: Installation, hall: Hall, role: str
) -> None:
    await signed_in(client, installation, role)

    text = await (await client.get("/manage/rakortek/checkin/now?lang=en")).text()

    assert "Temperature too high · 1" in text
    assert text.count("Temperature too high") == 1
    assert text.count("Health protocol") == 1


async def test_conflicts_say_that_the_protocol_refused_and_not_why(
    client: Client, installation: Installation, hall: Hall
) -> None:
    offline: dict[str, Any] = {"offline": True, "decided": "ok", "health": HOT}
    await hall.record(hall.item(3, minute=5, **offline))
    headers = await bearer(installation, "gate")

    items = (await (await client.get(f"{API}/passages/conflicts", headers=headers)).json())["items"]

    assert [item["kind"] for item in items] == ["refused_elsewhere"]
    assert "emperatur" not in items[0]["explanation"]


async def test_a_certificate_that_a_scanner_types_into_the_reason_is_not_kept(
    installation: Installation, hall: Hall
) -> None:
    reason = f"Tamu {CERTIFICATE}"

    await hall.scan(3, by=gate.SUPERVISOR, health=HOT, force=True, force_reason=reason)

    assert (await hall.rows(passages, "force_reason"))[-1] == ("Tamu (…)",)
