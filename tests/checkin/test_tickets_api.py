"""Tickets over HTTP, and their pictures."""

from eventhub.checkin import badge
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.participants.tables import participants
from tests.checkin import gate
from tests.checkin.over_http import URL, Client, as_role, path_of


async def test_a_ticket_is_shown_and_its_pictures_open_without_a_token(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate")

    ticket = await (await client.get(f"{URL}/participants/1/ticket", headers=headers)).json()
    svg = await client.get(path_of(ticket["svg_url"]))
    png = await client.get(path_of(ticket["png_url"]))

    assert (ticket["text"], ticket["revoked"]) == (hall.texts[1], False)
    assert await svg.text() == badge.draw_svg(hall.texts[1])
    assert await png.read() == badge.draw_png(hall.texts[1])
    assert (svg.content_type, png.content_type) == ("image/svg+xml", "image/png")


async def test_reissue_kills_the_old_ticket_and_its_picture(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "organizer")
    url = f"{URL}/participants/1/ticket"
    old = await (await client.get(url, headers=headers)).json()

    fresh = await client.post(f"{url}/reissue", headers=headers)
    picture = await client.get(path_of(old["svg_url"]))

    new = await fresh.json()
    assert (fresh.status, picture.status, new["text"] != old["text"]) == (200, 404, True)
    assert (await hall.scan(old["text"])).reason == "revoked"
    assert (await hall.scan(new["text"])).reason is None


async def test_who_is_not_on_site_has_no_ticket(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    async with hall.database.transaction() as tx:
        await tx.execute(participants.update().values(attendance=Attendance.STREAM))
    headers = await as_role(installation, "organizer")

    answer = await client.get(f"{URL}/participants/1/ticket", headers=headers)

    assert (answer.status, (await answer.json())["detail"]) == (
        404,
        "Kepala Bappeda Provinsi 1 attends from afar and needs no ticket.",
    )
