"""Check-in over HTTP: who may call what, and the snapshot that scanners keep."""

from eventhub.installation import Installation
from tests.checkin import gate
from tests.checkin.over_http import URL, Client, as_role

CALLS = [
    ("GET", "/checkpoints", None, "owner organizer gate health"),
    ("POST", "/checkpoints", {"kind": "gate"}, "owner organizer"),
    ("POST", "/passages", {"passages": [1]}, "owner organizer gate health"),
    ("GET", "/passages", None, "owner organizer gate health"),
    ("GET", "/passages/conflicts", None, "owner organizer gate health"),
    ("GET", "/scanner/snapshot", None, "owner organizer gate health"),
    ("GET", "/occupancy", None, "owner organizer gate health streaming viewer"),
    ("GET", "/participants/1/ticket", None, "owner organizer gate"),
    ("POST", "/participants/1/ticket/reissue", None, "owner organizer"),
    ("GET", "/participants/1/declarations", None, "owner health"),
    ("GET", "/participants/1/proofs", None, "owner health"),
    ("GET", "/contacts?participant=1", None, "owner health"),
]


async def test_only_the_roles_of_the_contract_may_call(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    roles = ("owner", "organizer", "gate", "health", "streaming", "viewer")
    tokens = {role: await as_role(installation, role) for role in roles}

    allowed = {}
    for method, path, body, _ in CALLS:
        statuses = {
            role: (await client.request(method, URL + path, json=body, headers=tokens[role])).status
            for role in roles
        }
        assert set(statuses.values()) <= {200, 201, 403}
        allowed[method, path] = " ".join(role for role in roles if statuses[role] != 403)

    assert allowed == {(method, path): expected for method, path, _, expected in CALLS}


async def test_another_events_participants_are_not_found(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await gate.with_event(hall)
    headers = await as_role(installation, "owner")

    for path in ("ticket", "declarations", "proofs"):
        answer = await client.get(f"{URL}/participants/200/{path}", headers=headers)
        assert answer.status == 404


async def test_the_snapshot_is_given_again_only_when_something_changed(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate")
    url = f"{URL}/scanner/snapshot"

    first = await client.get(url, headers=headers)
    tag = {"If-None-Match": first.headers["ETag"]}
    same = await client.get(f"{url}?since=2021-02-25T08:00:00Z", headers=headers | tag)
    await hall.scan(1)
    other = await client.get(url, headers=headers | tag)

    assert (first.status, same.status, await same.text(), other.status) == (200, 304, "", 200)
    assert len((await first.json())["tickets"]) == 3
