"""Questions and votes: what the audience may do, and what it sees of what moderators decided."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse

from eventhub import news
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.outbox import Job
from eventhub.participants.links import PersonalLinks
from eventhub.questions import jobs
from eventhub.questions.tables import poll_answers, question_votes, questions
from eventhub.settings import Settings
from eventhub.streaming.joining import WATCH_COOKIE
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import join_path, published, streamed

API = "/api/v1/events/rakortek/sessions/session-1"
WATCH = "/rakortek/watch/session-1/questions"


async def onsite_too(installation: Installation) -> None:
    """Publish a session for office 1 on site and office 2 by the stream."""
    audience = (
        make.audience(Attendance.ONSITE, delegation_id=1),
        make.audience(Attendance.STREAM, delegation_id=2),
    )
    await published(installation, streamed(1, audience=audience))


def person(settings: Settings, id: int) -> str:
    """Return where a participant asks by their personal page."""
    links = PersonalLinks(settings.secret, settings.base_url)
    page = links.page_url(id, 1).removeprefix(settings.base_url)
    return f"{page}sessions/session-1"


def cookie(settings: Settings, id: int) -> dict[str, str]:
    """Return the header by which the watch page knows a participant."""
    token = join_path(settings, id).removeprefix("/j/")
    return {"Cookie": f"{WATCH_COOKIE}={token}"}


async def post(client: Client, path: str, **form: Any) -> ClientResponse:
    """Post a form as the page itself does."""
    headers = form.pop("headers", {}) | {"X-Part": "1", "Accept-Language": "en"}
    return await client.post(path, data=form, headers=headers)


async def asked(installation: Installation) -> list[tuple[Any, ...]]:
    """Return what is kept of questions."""
    columns = (questions.c.participant_id, questions.c.text, questions.c.state)
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(*columns).order_by(questions.c.id))
        return [tuple(row) for row in rows]


async def told(installation: Installation) -> list[tuple[dict[str, Any], str | None, int | None]]:
    """Return what open pages were told of questions."""
    async with installation.database.reading() as tx:
        rows = await tx.execute(
            sa.select(news.news).where(news.news.c.kind == "question").order_by(news.news.c.id)
        )
        return [(row.data, row.needed_right, row.session_id) for row in rows]


async def act(client: Client, headers: dict[str, str], id: int, name: str) -> ClientResponse:
    """Moderate through the API."""
    return await client.post(f"{API}/questions/{id}/actions/{name}", headers=headers)


async def test_people_on_site_and_afar_ask_in_the_same_session(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)

    onsite = await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    afar = await post(client, f"{WATCH}/ask", text="Bagaimana Papua?", headers=cookie(settings, 2))

    assert (onsite.status, afar.status) == (200, 200)
    assert "with the moderators" in await afar.text()
    assert await asked(installation) == [
        (1, "Kapan dana turun?", "waiting"),
        (2, "Bagaimana Papua?", "waiting"),
    ]


async def test_the_audience_sees_a_question_once_it_is_approved(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    before = await (await client.get(WATCH)).text()

    answer = await act(client, headers, 1, "approve")

    after = await (await client.get(WATCH)).text()
    assert "Kapan dana turun?" not in before
    assert "Kapan dana turun?" in after
    assert "Bappeda Provinsi 1" in after
    assert "Peserta 1" not in after
    assert (await answer.json())["state"] == "approved"
    assert await told(installation) == [
        ({"session": "session-1", "question": 1, "state": "waiting"}, "broadcasts: read", None),
        ({"session": "session-1", "question": 1, "state": "approved"}, None, 1),
    ]


async def test_a_rejected_question_is_seen_by_nobody_but_its_asker(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")

    await act(client, headers, 1, "reject")

    assert "Kapan dana turun?" not in await (await client.get(WATCH)).text()
    assert "Kapan dana turun?" in await (await client.get(person(settings, 1))).text()


async def test_one_person_has_one_vote_and_may_take_it_back(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    waiting = await post(client, f"{person(settings, 1)}/1/vote", wanted="1")
    await act(client, headers, 1, "approve")

    await post(client, f"{person(settings, 1)}/1/vote", wanted="1")
    await post(client, f"{person(settings, 1)}/1/vote", wanted="1")
    await post(client, f"{WATCH}/1/vote", wanted="1", headers=cookie(settings, 2))
    two = (await (await client.get(f"{API}/questions", headers=headers)).json())["items"]
    await post(client, f"{WATCH}/1/vote", wanted="0", headers=cookie(settings, 2))

    assert waiting.status == 404
    assert [each["votes"] for each in two] == [2]
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(question_votes.c.participant_id))
        assert rows.scalars().all() == [1]
    job = Job(1, 1, "questions.counts", {"session_id": 1}, 1, clock.now())
    await jobs.tell_counts(installation, job)
    counts = {"session": "session-1", "votes": {"1": 1}, "polls": {}}
    assert (await told(installation))[-1] == (counts, None, 1)


async def test_somebody_who_asks_again_and_again_waits(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await onsite_too(installation)
    for number in range(3):
        await post(client, f"{person(settings, 1)}/ask", text=f"Pertanyaan {number}")

    fourth = await post(client, f"{person(settings, 1)}/ask", text="Pertanyaan 4")
    clock.moment = make.at("08:36")
    later = await post(client, f"{person(settings, 1)}/ask", text="Pertanyaan 4")

    assert (fourth.status, fourth.headers["Retry-After"], later.status) == (429, "301", 200)
    assert "Pertanyaan 4" in await fourth.text()
    assert len(await asked(installation)) == 4


async def test_who_asks_unnamed_is_unnamed_for_moderators_too(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")

    await post(client, f"{person(settings, 1)}/ask", text="Kapan?", anonymous="1")

    listed = await (await client.get(f"{API}/questions", headers=headers)).json()
    assert [each["by"] for each in listed["items"]] == [""]


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": "x" * 1001}, {"text": "a", "colour": "red"}]
)
async def test_a_question_that_is_wrong_is_refused_and_writes_nothing(
    client: Client, installation: Installation, settings: Settings, form: dict[str, str]
) -> None:
    await onsite_too(installation)

    answer = await post(client, f"{person(settings, 1)}/ask", **form)

    assert answer.status == 422
    assert await asked(installation) == []


async def test_visitors_and_strangers_ask_nothing(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    stranger = make.participant(3, delegation_id=3, delegation="office-3")
    await make.stored(installation.database, make.delegation(3), stranger)

    visitor = await post(client, f"{WATCH}/ask", text="Kapan?")
    other = await post(client, f"{person(settings, 3)}/ask", text="Kapan?")
    elsewhere = await client.post(
        f"{person(settings, 1)}/ask", data={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (visitor.status, other.status, elsewhere.status) == (404, 404, 403)
    assert await asked(installation) == []


async def test_after_the_session_nothing_is_asked(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await onsite_too(installation)
    clock.moment = make.at("23:00")

    answer = await post(client, f"{person(settings, 1)}/ask", text="Kapan?")

    assert answer.status == 409
    assert await asked(installation) == []


async def test_a_poll_takes_one_answer_a_person_changeable_until_it_closes(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    poll = {"text": "Setuju?", "choices": ["Ya", "Tidak"]}
    made = await client.post(f"{API}/polls", json=poll, headers=headers)
    early = await post(client, f"{person(settings, 1)}/polls/1", choice="0")
    await client.post(f"{API}/polls/1/actions/open", headers=headers)

    await post(client, f"{person(settings, 1)}/polls/1", choice="0")
    await post(client, f"{person(settings, 1)}/polls/1", choice="1")
    await post(client, f"{WATCH}/polls/1", choice="1", headers=cookie(settings, 2))
    wrong = await post(client, f"{person(settings, 1)}/polls/1", choice="2")
    closed = await client.post(f"{API}/polls/1/actions/close", headers=headers)
    late = await post(client, f"{person(settings, 1)}/polls/1", choice="0")

    assert (made.status, early.status, wrong.status, late.status) == (201, 404, 422, 409)
    assert await closed.json() == {
        "id": 1,
        "text": "Setuju?",
        "choices": ["Ya", "Tidak"],
        "state": "closed",
        "counts": [0, 2],
    }
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(poll_answers).order_by(poll_answers.c.participant_id))
        assert [tuple(row) for row in rows] == [(1, 1, 1), (1, 2, 1)]


async def test_votes_at_once_are_one_vote_and_no_answer_comes_after_a_poll_closed(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    await act(client, headers, 1, "approve")
    poll = {"text": "Setuju?", "choices": ["Ya", "Tidak"]}
    await client.post(f"{API}/polls", json=poll, headers=headers)
    await client.post(f"{API}/polls/1/actions/open", headers=headers)

    votes = [post(client, f"{person(settings, 1)}/1/vote", wanted="1") for _ in range(4)]
    voted = await asyncio.gather(*votes)
    closing = client.post(f"{API}/polls/1/actions/close", headers=headers)
    page, afar = person(settings, 1), cookie(settings, 2)
    answers = await asyncio.gather(
        post(client, f"{page}/polls/1", choice="0"),
        closing,
        post(client, f"{WATCH}/polls/1", choice="1", headers=afar),
        post(client, f"{page}/polls/1", choice="1"),
    )

    assert {each.status for each in voted} == {200}
    counts = (await answers[1].json())["counts"]
    assert {each.status for each in answers} <= {200, 409}
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(question_votes.c.participant_id))
        assert rows.scalars().all() == [1]
        kept = (await tx.execute(sa.select(poll_answers.c.choice))).scalars().all()
        assert [kept.count(0), kept.count(1)] == counts


async def test_a_question_taken_away_takes_no_votes_and_its_votes_are_told_to_nobody(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    await act(client, headers, 1, "approve")
    await post(client, f"{person(settings, 1)}/1/vote", wanted="1")
    await act(client, headers, 1, "reject")

    refused = await post(client, f"{WATCH}/1/vote", wanted="1", headers=cookie(settings, 2))

    await jobs.tell_counts(
        installation, Job(1, 1, "questions.counts", {"session_id": 1}, 1, clock.now())
    )
    counts = {"session": "session-1", "votes": {}, "polls": {}}
    assert refused.status == 404
    assert (await told(installation))[-1] == (counts, None, 1)
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(question_votes.c.participant_id))).scalars().all() == [1]


@pytest.mark.parametrize("choices", [["Ya"], ["Ya", "Ya"], [str(n) for n in range(11)]])
async def test_a_poll_has_two_to_ten_different_choices(
    client: Client, installation: Installation, choices: list[str]
) -> None:
    await onsite_too(installation)
    headers = await callers.bearer(installation, "streaming")

    answer = await client.post(
        f"{API}/polls", json={"text": "Setuju?", "choices": choices}, headers=headers
    )

    assert answer.status == 422


@pytest.mark.parametrize("role", ["gate", "health", "viewer"])
async def test_only_those_who_run_broadcasts_moderate(
    client: Client, installation: Installation, settings: Settings, role: str
) -> None:
    await onsite_too(installation)
    await post(client, f"{person(settings, 1)}/ask", text="Kapan?")

    answer = await act(client, await callers.bearer(installation, role), 1, "approve")

    assert answer.status == 403
    assert await asked(installation) == [(1, "Kapan?", "waiting")]


async def test_moderators_work_through_the_queue_on_its_page(
    client: Client, installation: Installation, settings: Settings
) -> None:
    await onsite_too(installation)
    await post(client, f"{person(settings, 1)}/ask", text="Kapan dana turun?")
    csrf = await callers.signed_in(client, installation, "streaming")
    queue = "/manage/rakortek/live/session-1/questions"

    first = await (await client.get(queue)).text()
    pinned = await client.post(f"{queue}/1/pin", data={"csrf": csrf})
    named = {"csrf": csrf, "is_open": "1", "names": "full"}
    await client.post(queue, data=named)
    poll = {"csrf": csrf, "text": "Setuju?", "choices": "Ya\n\nTidak\n"}
    made = await client.post(f"{queue}/polls", data=poll)
    one = await client.post(f"{queue}/polls", data=poll | {"choices": "Ya"})
    await client.post(f"{queue}/polls/1/open", data={"csrf": csrf})

    shown = await (await client.get(WATCH)).text()
    assert "Peserta 1, Bappeda Provinsi 1" in first or "Bappeda Provinsi 1" in first
    assert (pinned.status, made.status, one.status) == (200, 200, 422)
    assert "pinned" in shown
    assert "Setuju?" in shown
