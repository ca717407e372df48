"""The outbox shows what stands where, and any message as it goes out; only organizers see it."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from eventhub.events.model import Attendance
from eventhub.invites.model import State
from eventhub.invites.tables import mails
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.invites.conftest import Invites
from tests.standins.smtp import MailServer

PAGE = "/manage/rakortek/invitations"
API = "/api/v1/events/rakortek/invitations"


async def text(client: Client, path: str) -> str:
    answer = await client.get(path)
    body = await answer.text()
    assert answer.status == 200, body
    return body


async def test_an_organizer_sees_what_would_be_sent_and_sends_it(
    client: Client, invites: Invites
) -> None:
    csrf = await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()

    asked = await text(client, f"{PAGE}/send?lang=en")
    answer = await client.post(f"{PAGE}/send", data={"csrf": csrf}, allow_redirects=False)
    shown = await text(client, PAGE)

    assert re.findall(r'<td class="num" data-label="Mails">(\d+)</td>', asked)[:5] == [
        "2",
        "4",
        "0",
        "0",
        "0",
    ]
    assert "Send 6 mails" in asked
    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    assert shown.count(f'<a href="{PAGE}/mails/') == 6
    assert "0 <small>of 6</small>" in shown
    assert [line.state for line in await invites.lines()] == [State.QUEUED] * 6


@pytest.mark.parametrize("role", [Role.GATE, Role.HEALTH, Role.STREAMING, Role.VIEWER])
async def test_other_roles_see_no_mail_and_send_none(
    client: Client, invites: Invites, role: Role
) -> None:
    csrf = await signed_in(client, invites.installation, role)
    await invites.send()

    answers = [
        await client.get(PAGE),
        await client.get(f"{PAGE}/mails/1"),
        await client.get(f"{PAGE}/mails/1/message.eml"),
        await client.post(f"{PAGE}/send", data={"csrf": csrf}),
    ]

    assert [answer.status for answer in answers] == [403] * 4
    assert "dirjen@example.org" not in "".join([await answer.text() for answer in answers])
    assert len(await invites.lines()) == 2


async def test_a_message_is_shown_as_it_goes_out(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation)
    await invites.publish()
    await invites.send()

    page = await text(client, f"{PAGE}/mails/6?lang=en")
    body = await client.get(f"{PAGE}/mails/6/body.html")
    html = await body.text()
    file = await client.get(f"{PAGE}/mails/6/message.eml")
    message = message_from_bytes(await file.read(), policy=policy.default)

    assert (
        f'<iframe class="letter" sandbox title="The message as a mail program shows it" src="{PAGE}/mails/6/body.html">'
        in page
    )
    assert "METHOD:REQUEST" in page
    assert "Auto-Submitted: auto-generated" in page
    assert "Desk Papua" in html
    csp = body.headers["Content-Security-Policy"]
    assert csp.startswith(
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-hashes' 'sha256-"
    )
    assert "unsafe-inline" not in csp
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert message["To"] == "Kepala Bappeda Provinsi Papua <papua@example.org>"
    [part] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    assert str(calendar["METHOD"]) == "REQUEST"


async def test_another_events_mail_is_not_there(client: Client, invites: Invites) -> None:
    await make.stored(invites.database, make.event(2))
    await signed_in(client, invites.installation, Role.ORGANIZER, 2)
    await invites.send()

    answers = [
        await client.get(f"/manage/rakortek-2/invitations/mails/1{end}")
        for end in ("", "/body.html", "/message.eml")
    ]

    assert [answer.status for answer in answers] == [404, 404, 404]


async def test_the_list_is_filtered_and_paged(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation)
    await make.stored(
        invites.database,
        *(
            make.participant(n, name=f"Kantor {n}", email=f"k{n}@example.org")
            for n in range(10, 70)
        ),
    )
    await invites.send()

    def rows(page: str) -> list[str]:
        return re.findall(r"<small>(\S+@example\.org)</small>", page)

    first = await text(client, PAGE)
    [older] = re.findall(r'href="([^"]*before=\d+)" rel="next"', first)
    second = await text(client, older.replace("&amp;", "&"))
    found = await text(client, f"{PAGE}?q=kantor+42")
    none = await text(client, f"{PAGE}?state=failed&kind=welcome&before=x&lang=en")

    assert (len(rows(first)), len(rows(second))) == (50, 12)
    assert rows(found) == ["k42@example.org"]
    assert "No mail matches." in none


async def test_a_refused_mail_is_sent_again_from_its_page(
    client: Client, mailing: Invites, mail_server: MailServer
) -> None:
    csrf = await signed_in(client, mailing.installation)
    await mailing.send()
    mail_server.answers += ["550 No such user", "accept and drop"]
    await mailing.work()

    shown = await text(client, f"{PAGE}?lang=en")
    await client.post(f"{PAGE}/again", data={"csrf": csrf, "mail": "1"})
    after_one = [line.state for line in await mailing.lines()]
    await client.post(f"{PAGE}/again", data={"csrf": csrf, "state": "uncertain"})

    assert "1 mail was refused." in shown
    assert "1 mail may or may not have arrived" in shown
    assert "550 No such user" in shown
    assert after_one == [State.QUEUED, State.UNCERTAIN]
    assert [line.state for line in await mailing.lines()] == [State.QUEUED, State.QUEUED]


async def test_drafts_are_approved_on_the_page(client: Client, mailing: Invites) -> None:
    csrf = await signed_in(client, mailing.installation)
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    await mailing.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await mailing.publish("draft")
    await mailing.work()

    shown = await text(client, f"{PAGE}?lang=en")
    await client.post(f"{PAGE}/approve", data={"csrf": csrf})

    assert "2 notices of changes wait for your approval." in shown
    assert [line.state for line in await mailing.lines()][-2:] == [State.QUEUED, State.QUEUED]


async def test_the_ticket_is_shown_in_the_preview(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation)
    await invites.send()

    html = await text(client, f"{PAGE}/mails/1/body.html")

    assert 'src="data:image/png;base64,' in html
    assert "cid:" not in html


async def test_programs_send_and_list(client: Client, invites: Invites) -> None:
    organizer = await bearer(invites.installation, Role.ORGANIZER)
    await invites.publish()

    dry = await client.post(API, json={"dry_run": True}, headers=organizer)
    none = await client.get(API, headers=organizer)
    sent = await client.post(API, json={}, headers=organizer)
    again = await client.post(API, json={}, headers=organizer)
    first = await client.get(f"{API}?limit=3", headers=organizer)
    page: dict[str, Any] = await first.json()
    rest = await client.get(f"{API}?limit=3&cursor={page['next']}", headers=organizer)

    counts = {"queued": 6, "unchanged": 0, "without_address": 1}
    assert (dry.status, (await dry.json()).items() >= counts.items()) == (200, True)
    assert await none.json() == {"items": [], "next": None}
    nobody: dict[str, Any] = {"kinds": {}, "delegations": []}
    assert (sent.status, await sent.json()) == (200, counts | nobody)
    assert await again.json() == {"queued": 0, "unchanged": 6, "without_address": 1} | nobody
    items = page["items"] + (await rest.json())["items"]
    assert len({item["uid"] for item in items}) == 4
    assert [{**item, "uid": ""} for item in items][3] == {
        "email": "papua@example.org",
        "session": "desk",
        "uid": "",
        "sequence": 0,
        "attendance": Attendance.MEETING,
        "rsvp": "needs_action",
        "in_place_of": None,
        "mail": "queued",
        "mail_error": "",
        "delegate": "",
        "comment": "",
        "participant": 2,
        "method": "REQUEST",
    }


async def test_programs_without_the_right_send_nothing(client: Client, invites: Invites) -> None:
    gate = await bearer(invites.installation, Role.GATE)

    answers = [
        await client.post(API, json={}, headers=gate),
        await client.get(API, headers=gate),
        await client.post(API, json={}),
        await client.post(API, json={"dry": 1}, headers=await bearer(invites.installation)),
    ]

    assert [answer.status for answer in answers] == [403, 403, 401, 422]
    assert await invites.lines() == []


async def test_the_page_of_a_mail_to_no_address_says_so(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation)
    await invites.send()
    async with invites.database.transaction() as tx:
        await tx.execute(mails.update().where(mails.c.id == 1).values(to_address="no address"))

    page = await text(client, f"{PAGE}/mails/1?lang=en")
    file = await client.get(f"{PAGE}/mails/1/message.eml")

    assert "“no address” is not an address mail can be sent to." in page
    assert "message.eml" not in page
    assert file.status == 422
