"""What is no proper request is refused with its reason and changes nothing."""

import json
from io import BytesIO

import pytest

from eventhub.events.actions import list_rooms
from eventhub.installation import Installation
from tests import callers, make
from tests.callers import Client

ROOMS = "/api/v1/events/rakortek/rooms"


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b"[" * 100_000, 400, None),
        (b"[]", 422, ["body"]),
        (b"null", 422, ["body"]),
        (b"", 422, ["name", "capacity"]),
        (b'{"name": "A", "capacity": "5"}', 422, ["capacity"]),
        (b'{"name": "A", "capacity": true}', 422, ["capacity"]),
        (b'{"name": "A", "capacity": 5.5}', 422, ["capacity"]),
        (b'{"name": "A", "capacity": 1e400}', 422, ["capacity"]),
        (b'{"name": "A", "capacity": 99999999999999999999}', 422, ["capacity"]),
        (b'{"name": "", "capacity": -1}', 422, ["name", "capacity"]),
        (b'{"name": "a\\u0000b", "capacity": 1}', 422, ["name"]),
        (b'{"name": "a\\nb", "capacity": 1}', 422, ["name"]),
        (b'{"name": "a", "code": "a/b", "capacity": 1}', 422, ["code"]),
        (json.dumps({"name": "x" * 201, "capacity": 1}).encode(), 422, ["name"]),
    ],
)
async def test_a_body_that_is_wrong_names_its_fields(
    client: Client, installation: Installation, body: bytes, status: int, fields: list[str] | None
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer") | {"Content-Type": "application/json"}

    answer = await client.post(ROOMS, headers=headers, data=body)
    problem = await answer.json()

    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert fields == (
        [error["field"] for error in problem["errors"]] if "errors" in problem else None
    )
    async with installation.database.reading() as tx:
        assert await list_rooms(tx, 1) == []


async def test_a_body_of_ten_megabytes_a_compressed_one_and_one_of_another_kind_are_refused(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    # A connection whose body was refused is closed, so each request takes its own.
    own = {"Content-Type": "application/json", "Connection": "close"}
    headers = await callers.bearer(installation, "organizer") | own

    async def endless() -> object:
        for _ in range(160):
            yield b" " * 65_536

    large = await client.post(ROOMS, headers=headers, data=BytesIO(b" " * 10_000_000))
    chunked = await client.post(ROOMS, headers=headers, data=endless())
    packed = await client.post(ROOMS, headers=headers | {"Content-Encoding": "gzip"}, data=b"{}")
    form = await client.post(ROOMS, headers=headers | {"Content-Type": "text/plain"}, data=b"{}")

    assert [large.status, chunked.status, packed.status, form.status] == [413, 413, 415, 415]


async def test_an_unknown_address_and_method_are_problems_below_api_and_pages_elsewhere(
    client: Client,
) -> None:
    nothing = await client.get("/api/v1/nothing")
    method = await client.put("/api/v1/events")
    page = await client.get("/no/such/page", headers={"Accept-Language": "id"})

    assert (nothing.status, nothing.content_type) == (404, "application/problem+json")
    assert (method.status, method.headers["Allow"]) == (405, "GET,HEAD,POST")
    assert (page.status, page.content_type, page.headers["Content-Language"]) == (
        404,
        "text/html",
        "id",
    )


async def test_a_problem_speaks_the_callers_language(client: Client) -> None:
    answer = await client.get("/api/v1/nothing", headers={"Accept-Language": "id-ID,id;q=0.9"})

    assert (await answer.json())["detail"] == "Tidak ada apa pun di alamat ini."
