"""The pages on which an organizer chooses who is invited, and asks for reminders."""

from eventhub.events.model import Attendance
from eventhub.invites import choice_store, reminding
from eventhub.invites.choices import Choices, Told, usual
from eventhub.sessions.model import Kind
from tests import callers
from tests.callers import Client
from tests.invites.conftest import Invites

CHOICES = "/manage/rakortek/invitations/choices"
REMINDERS = "/manage/rakortek/invitations/reminders"


async def test_choices_are_counted_and_then_kept(client: Client, invites: Invites) -> None:
    csrf = await callers.signed_in(client, invites.installation, "organizer")
    await invites.publish()
    form = {f"{kind}.{way}": str(usual(kind, way)) for kind in Kind for way in Attendance}
    form |= {"csrf": csrf, "coordination.stream": "request"}

    shown = await client.get(CHOICES)
    counted = await client.post(f"{CHOICES}?lang=en", data=form | {"do": "count"})
    async with invites.database.reading() as tx:
        before = await choice_store.get_choices(tx, 1)
    kept = await client.post(CHOICES, data=form | {"do": "save"}, allow_redirects=False)
    async with invites.database.reading() as tx:
        after = await choice_store.get_choices(tx, 1)

    assert (shown.status, counted.status, kept.status) == (200, 200, 303)
    assert "As chosen above" in await counted.text()
    assert before == Choices()
    assert after == Choices({("coordination", Attendance.STREAM): Told.REQUEST})


async def test_a_reminder_is_asked_for_and_taken_back(client: Client, invites: Invites) -> None:
    csrf = await callers.signed_in(client, invites.installation, "organizer")
    await invites.publish()
    await invites.send()
    wish = {"csrf": csrf, "day": "2021-02-25", "when": "later", "at": "2021-02-25T23:00"}

    shown = await client.get(REMINDERS)
    wrong = await client.post(REMINDERS, data=wish | {"at": ""})
    asked = await client.post(REMINDERS, data=wish, allow_redirects=False)
    listed = await client.get(REMINDERS)
    back = await client.post(f"{REMINDERS}/1/withdraw", data={"csrf": csrf}, allow_redirects=False)
    async with invites.database.reading() as tx:
        left = await reminding.list_reminders(tx, 1)

    assert (shown.status, wrong.status, asked.status, listed.status, back.status) == (
        200,
        422,
        303,
        200,
        303,
    )
    assert left == []
