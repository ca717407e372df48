"""An organizer reads any message before it is queued, sends it to themselves, and sees who would get what."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest

from eventhub.web.access import Role
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.invites import calendar_rules
from tests.invites.conftest import Invites

PAGE = "/manage/rakortek/invitations/sample"


async def text(client: Client, path: str) -> str:
    answer = await client.get(path)
    body = unescape(await answer.text())
    assert answer.status == 200, body
    return body


async def test_any_message_is_read_before_anything_is_queued(
    client: Client, invites: Invites
) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()

    people = await text(client, f"{PAGE}?q=kepala+papua&lang=en")
    offered = await text(client, f"{PAGE}?person=2&lang=en")
    shown = await text(client, f"{PAGE}?person=2&what=request:desk&lang=en")
    looks = await client.get(f"{PAGE}/body.html?person=2&what=request:desk")

    assert re.findall(rf'"{PAGE}\?person=(\d+)"', people) == ["2"]
    assert re.findall(r'<option value="([^"]+)"', offered) == [
        "welcome:", "request:pembukaan", "request:desk", "cancel:pembukaan", "cancel:desk",
        "reminder:2021-02-25",
    ]  # fmt: skip
    assert "Undangan: Desk Papua" in shown
    assert "METHOD:REQUEST" in shown
    assert "DTSTART;TZID=Asia/Jakarta:20210225T110000" in shown
    assert "Desk Papua" in await looks.text()
    assert "sandbox; default-src 'none'" in looks.headers["Content-Security-Policy"]
    assert await invites.lines() == []
    assert await invites.standings() == []


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("welcome:", "Undangan ke Rapat Koordinasi Teknis"),
        ("cancel:desk", "METHOD:CANCEL"),
        ("reminder:2021-02-25", "sesi Anda pada Rapat Koordinasi Teknis"),
    ],
)
async def test_messages_that_are_not_due_are_read_as_if_they_were(
    client: Client, invites: Invites, what: str, said: str
) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()
    await invites.send()

    assert said in await text(client, f"{PAGE}?person=2&what={what}")


async def test_what_is_due_is_read_as_it_will_be_queued(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()
    await invites.send()
    await invites.change("desk", starts_at=make.at("13:00"), ends_at=make.at("13:30"))
    await invites.change("koordinasi", title="Koordinasi lanjutan")
    await invites.publish()

    shown = await text(client, f"{PAGE}?person=2&what=update:desk")
    notice = await text(client, f"{PAGE}?person=2&what=notice:")
    known = len(await invites.lines())
    await invites.send()

    subjects = [line.subject for line in (await invites.lines())[known:] if line.name == PAPUA]
    assert sorted(subjects) == sorted(
        unescape(found)
        for page in (shown, notice)
        for found in re.findall(r"<dt>Perihal</dt><dd>([^<]+)</dd>", page)
    )
    assert "SEQUENCE:1" in shown


PAPUA = "Kepala Bappeda Provinsi Papua"


async def test_a_message_nobody_queued_is_sent_to_whoever_asks(
    client: Client, invites: Invites
) -> None:
    csrf = await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()

    answer = await client.post(
        f"{PAGE}/test?person=2&what=request:desk&lang=en", data={"csrf": csrf}
    )

    assert answer.status == 200
    assert "The test lies in the folder of mail" in await answer.text()
    [kept] = (invites.installation.settings.data / "mail").glob("*.eml")
    message = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert str(message["Subject"]).strip().startswith("Test: Undangan: Desk Papua")
    assert message["To"].addresses[0].addr_spec == "organizer@example.org"
    calendar_rules.check_message(message)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().startswith("This is a test. It would go to Kepala Bappeda")
    [calendar] = {
        part.get_content() for part in message.walk() if part.get_content_type() == "text/calendar"
    }
    assert "UID:test-" in calendar
    assert "mailto:organizer@example.org" in calendar.replace("\r\n ", "").replace("\n ", "")
    [token, *_] = re.findall(r"/p/([^/]+)/answer", plain.get_content())
    assert (await client.get(f"/p/{token}/")).status == 404
    assert await invites.lines() == []


async def test_who_may_not_invite_reads_no_messages(client: Client, invites: Invites) -> None:
    csrf = await signed_in(client, invites.installation, Role.GATE)
    await invites.publish()

    found = [
        (await client.get(f"{PAGE}?person=2")).status,
        (await client.get(f"{PAGE}/body.html?person=2&what=welcome:")).status,
        (await client.post(f"{PAGE}/test?person=2&what=welcome:", data={"csrf": csrf})).status,
    ]

    assert found == [403, 403, 403]


async def test_who_is_not_there_is_404_and_who_has_no_address_is_said(
    client: Client, invites: Invites
) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)

    for what in ("person=99", "person=x", "person=2&what=request:nowhere"):
        assert (await client.get(f"{PAGE}/body.html?{what}")).status == 404
    assert "no e-mail address" in await text(client, f"{PAGE}?person=3&lang=en")


async def test_a_dry_run_says_who_gets_what(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)
    organizer = await bearer(invites.installation, Role.ORGANIZER)
    await invites.publish()

    shown = await text(client, "/manage/rakortek/invitations/send?lang=en")
    narrowed = await text(client, "/manage/rakortek/invitations/send?lang=en&q=dirjen+jenderal")
    path = "/api/v1/events/rakortek/invitations"
    tried = await client.post(path, headers=organizer, json={"dry_run": True})
    sent = await client.post(path, headers=organizer, json={})

    assert (
        f'<a href="{PAGE}?person=2">Kepala Bappeda Provinsi Papua</a>: Welcome: 1 · Invitation: 2'
        in shown
    )
    assert "Nobody is called so" in narrowed
    answer = await tried.json()
    assert answer["kinds"] == {"welcome": 2, "request": 4}
    assert answer["delegations"] == [
        {
            "delegation": "papua",
            "name": "Bappeda Provinsi Papua",
            "kinds": {"welcome": 1, "request": 2},
            "participants": [2],
        },
        {
            "delegation": "kementerian",
            "name": "Kementerian Dalam Negeri",
            "kinds": {"welcome": 1, "request": 2},
            "participants": [1],
        },
    ]
    assert (await sent.json())["delegations"] == []
