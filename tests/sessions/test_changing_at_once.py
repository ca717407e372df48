"""Two organizers at the same moment: neither change is lost, and a release is never half undone."""

import asyncio

from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import SessionState
from tests import callers, make
from tests.callers import Client

SESSION = "/api/v1/events/rakortek/sessions/session-1"
RELEASES = "/api/v1/events/rakortek/releases"


async def test_of_two_changes_made_from_the_same_state_one_is_told_that_it_is_stale(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer")
    for version in range(1, 6):
        seen = headers | {"If-Match": f'"{version}"'}

        answers = await asyncio.gather(
            client.patch(SESSION, headers=seen, json={"title": f"Judul {version}"}),
            client.patch(SESSION, headers=seen, json={"abstract": f"Isi {version}"}),
        )

        assert sorted(answer.status for answer in answers) == [200, 412]


async def test_a_change_beside_a_release_leaves_the_session_published(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": "*"}

    await asyncio.gather(
        client.post(RELEASES, headers=headers, json={}),
        *(client.patch(SESSION, headers=headers, json={"title": f"Judul {n}"}) for n in range(4)),
    )

    async with installation.database.reading() as tx:
        assert (await actions.get_session(tx, 1, "session-1")).state is SessionState.PUBLISHED
