"""Programs read who answered what: per session against the room, and per delegation."""

from typing import Any

import pytest

from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, bearer
from tests.invites.conftest import Invites
from tests.invites.test_answers_pages import answered  # noqa: F401 -- a fixture

API = "/api/v1/events/rakortek/answers"
NONE = {"accepted": 0, "tentative": 0, "declined": 0, "delegated": 0, "substitutes": 0}


async def items(client: Client, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, await answer.text()
    found: list[dict[str, Any]] = (await answer.json())["items"]
    return found


async def test_answers_are_counted_per_session_and_delegation(
    client: Client,
    answered: Invites,  # noqa: F811
) -> None:
    organizer = await bearer(answered.installation, Role.ORGANIZER)

    opening, desk, coordination = await items(client, API, organizer)
    offices = await items(client, f"{API}/delegations?session=desk", organizer)
    everything = await items(client, f"{API}/delegations", organizer)

    assert {name: opening[name] for name in ("session", "invited", "mailed", "onsite")} == {
        "session": "pembukaan",
        "invited": 3,
        "mailed": 2,
        "onsite": {"expected": 1, "limit": 25},
    }
    assert (
        desk.items()
        >= (
            NONE
            | {"invited": 3, "accepted": 1, "delegated": 1, "substitutes": 1, "needs_action": 2}
        ).items()
    )
    assert coordination.items() >= (NONE | {"declined": 1, "needs_action": 1}).items()
    assert [(one["delegation"], one["accepted"], one["expected_onsite"]) for one in offices] == [
        ("papua", 0, 0),
        ("kementerian", 1, 1),
    ]
    assert [one["invited"] for one in everything] == [6, 2]


async def test_lists_of_answers_are_paged(client: Client, answered: Invites) -> None:  # noqa: F811
    organizer = await bearer(answered.installation, Role.ORGANIZER)

    first = await (await client.get(f"{API}?limit=2", headers=organizer)).json()
    rest = await items(client, f"{API}?limit=2&cursor={first['next']}", organizer)

    assert [one["session"] for one in first["items"] + rest] == ["pembukaan", "desk", "koordinasi"]


@pytest.mark.parametrize("role", [Role.GATE, Role.VIEWER, Role.STREAMING])
async def test_others_read_no_answers(client: Client, invites: Invites, role: Role) -> None:
    headers = await bearer(invites.installation, role)

    found = [
        (await client.get(path, headers=headers)).status for path in (API, f"{API}/delegations")
    ]

    assert found == [403, 403]


async def test_a_session_that_is_new_since_everything_was_delegated_counts_one_seat(
    client: Client, invites: Invites
) -> None:
    organizer = await bearer(invites.installation, Role.ORGANIZER)
    async with invites.database.transaction() as tx:
        principal = await participants.get_participant(tx, 1, 1)
        named = standing.Named("Sekretaris", "Sekretaris", "sekretaris@example.org")
        event, at = await invites.event(), invites.clock.now()
        await standing.name_substitute(tx, event, principal, named, session_id=None, at=at)
    await make.stored(
        invites.database,
        make.session(4, code="panel", starts_at=make.at("15:00"), ends_at=make.at("16:00"),
                     audience=(make.audience(participant_id=1),)),
    )  # fmt: skip
    await invites.publish()

    [panel] = [one for one in await items(client, API, organizer) if one["session"] == "panel"]

    assert (
        panel.items()
        >= (NONE | {"invited": 1, "delegated": 1, "substitutes": 1, "needs_action": 1}).items()
    )
    assert panel["onsite"] == {"expected": 1, "limit": 25}
