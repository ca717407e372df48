"""An organizer sees per session how many gave which answer, of how many invited, and who."""

import re
from datetime import timedelta

import pytest

from eventhub.events.model import Attendance
from eventhub.invites import answers, inbox
from eventhub.participants import actions as participants
from eventhub.participants.model import Rsvp
from eventhub.sessions.model import Format
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, signed_in
from tests.invites.conftest import Invites
from tests.invites.replies import Said, calendar, plain

PAGE = "/manage/rakortek/invitations/answers"


async def text(client: Client, path: str) -> str:
    answer = await client.get(path)
    body = await answer.text()
    assert answer.status == 200, body
    return body


def cells(page: str) -> list[list[str]]:
    """Return the table's text, cell by cell."""
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.split(r"</t[hd]>", row)[:-1]
        ]
        for row in rows
    ]


@pytest.fixture
async def answered(invites: Invites) -> Invites:
    """Give the event in which Papua sends a deputy to the desk and the minister's office comes."""
    await invites.publish()
    await invites.send()
    [uid] = [
        one.uid
        for one in await invites.standings()
        if (one.session, one.participant_id) == ("desk", 2)
    ]
    said = Said(uid=uid, extra="COMMENT:<b>Kami wakilkan</b>")
    body = calendar(
        said,
        attendee='ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sekretaris@example.org":mailto:papua@example.org',
    )
    async with invites.database.transaction() as tx:
        await answers.take(tx, inbox.read(plain(said, body=body)), at=invites.clock.now())
        at = invites.clock.now() + timedelta(minutes=1)
        await participants.record_answer(tx, 1, "desk", Rsvp.ACCEPTED, at=at)
        await participants.record_answer(tx, 3, "koordinasi", Rsvp.DECLINED, at=at)
    return invites


async def test_answers_are_counted_out_of_the_invited(client: Client, answered: Invites) -> None:
    await signed_in(client, answered.installation, Role.ORGANIZER)

    shown = await text(client, f"{PAGE}?lang=en")

    rows = cells(shown)
    assert [row[1:] for row in rows] == [
        ["3 2 by mail", "0", "0", "0", "0", "3", "1 of 25"],
        ["3 2 by mail", "1", "0", "0", "1", "2", "1 of 25"],
        ["2 0 by mail", "0", "0", "1", "0", "1", "0"],
    ]
    assert [row[0].split(" ")[0] for row in rows] == ["Pembukaan", "Desk", "Koordinasi"]
    assert f'<a href="{PAGE}/desk?answer=delegated">' in shown


async def test_a_sessions_people_are_shown_with_who_comes_instead(
    client: Client, answered: Invites
) -> None:
    await signed_in(client, answered.installation, Role.ORGANIZER)

    everybody = await text(client, f"{PAGE}/desk?lang=en")
    delegated = await text(client, f"{PAGE}/desk?answer=delegated&after=x&lang=en")
    none = await text(client, f"{PAGE}/desk?answer=tentative")

    assert [row[0] for row in cells(everybody)] == [
        "Direktur Jenderal Kementerian Dalam Negeri",
        "Kepala Bappeda Provinsi Papua Bappeda Provinsi Papua",
        "Sekretaris Bappeda Bappeda Provinsi Papua",
        "sekretaris@example.org Bappeda Provinsi Papua In place of Kepala Bappeda Provinsi Papua",
    ]
    assert [row[2] for row in cells(everybody)] == [
        "Accepted",
        "Delegated Comes instead: sekretaris@example.org “&lt;b&gt;Kami wakilkan&lt;/b&gt;”",
        "No answer yet",
        "No answer yet",
    ]
    assert [row[0] for row in cells(delegated)] == [
        "Kepala Bappeda Provinsi Papua Bappeda Provinsi Papua"
    ]
    assert "Nobody gave this answer." in none


async def test_a_sessions_people_are_paged(client: Client, invites: Invites) -> None:
    await make.stored(
        invites.database,
        *(make.participant(n, name=f"Kantor {n}", delegation_id=2) for n in range(10, 70)),
    )
    await invites.publish()
    await signed_in(client, invites.installation, Role.ORGANIZER)

    first = await text(client, f"{PAGE}/desk")
    [following] = re.findall(r'href="([^"]*after=\d+)" rel="next"', first)
    second = await text(client, following.replace("&amp;", "&"))

    assert (len(cells(first)), len(cells(second))) == (50, 13)
    assert cells(first)[-1][0] != cells(second)[0][0]


async def test_delegations_are_paged_and_found_by_name(client: Client, invites: Invites) -> None:
    await make.stored(
        invites.database,
        *(make.delegation(n, code=f"dinas-{n}", name=f"Dinas {n}") for n in range(10, 70)),
        *(make.participant(n, delegation_id=n) for n in range(10, 70)),
        make.session(
            9,
            code="semua",
            starts_at=make.at("16:00"),
            ends_at=make.at("17:00"),
            format=Format.HYBRID,
            stream=True,
            audience=tuple(
                make.audience(Attendance.STREAM, delegation_id=n) for n in range(10, 70)
            ),
        ),
    )
    await invites.publish()
    await signed_in(client, invites.installation, Role.ORGANIZER)
    page = "/manage/rakortek/invitations/offices"

    first = await text(client, f"{page}?session=semua&lang=en")
    [following] = re.findall(r'href="([^"]*from=50)" rel="next"', first)
    second = await text(client, following.replace("&amp;", "&"))
    found = await text(client, f"{page}?q=DINAS+6")
    none = await text(client, f"{page}?lang=en&q=tidak+ada&from=99999999999999999999")

    assert (len(cells(first)), len(cells(second))) == (50, 10)
    assert "50 of 60" in first
    assert [row[0] for row in cells(found)] == [f"Dinas {n}" for n in range(60, 70)]
    assert "No delegation matches." in none


async def test_before_a_release_nobody_is_invited(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)

    page = await text(client, f"{PAGE}?lang=en")
    session = await client.get(f"{PAGE}/desk")

    assert "Nobody is invited on this day." in page
    assert session.status == 404


@pytest.mark.parametrize("role", [Role.GATE, Role.HEALTH, Role.STREAMING, Role.VIEWER])
async def test_other_roles_see_no_answers(client: Client, answered: Invites, role: Role) -> None:
    await signed_in(client, answered.installation, role)

    statuses = [(await client.get(path)).status for path in (PAGE, f"{PAGE}/desk")]

    assert statuses == [403, 403]
