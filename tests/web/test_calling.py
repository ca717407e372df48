from eventhub.installation import Installation
from tests import callers, make
from tests.callers import Client


async def test_a_token_reads_the_event_it_belongs_to_and_no_other(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.event(2))
    headers = await callers.bearer(installation, "viewer")

    own = await client.get("/api/v1/events/rakortek", headers=headers)
    other = await client.get("/api/v1/events/rakortek-2", headers=headers)

    assert (own.status, (await own.json())["slug"]) == (200, "rakortek")
    assert other.status == 404
