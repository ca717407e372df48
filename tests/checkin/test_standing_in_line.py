"""Scans that arrive together are written together, and nobody can tell from the answers."""

import asyncio
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub.accounts import actions as accounts
from eventhub.accounts.tables import audit_log, tokens
from eventhub.checkin.admitting import Credential
from eventhub.checkin.items import PassageItem, read_item
from eventhub.checkin.line import Line
from eventhub.checkin.model import Result
from eventhub.checkin.overriding import override_of
from eventhub.checkin.recording import Batch, record
from eventhub.checkin.tables import crowds, health_readings, passages, visits
from eventhub.checkin.telling import Teller
from eventhub.db.engine import Database
from eventhub.db.plain import Conversation, Turn, hold_at_once
from eventhub.events import actions as events
from eventhub.events.model import Event, Protocol
from eventhub.news import news
from eventhub.signing import digest
from eventhub.web.access import Principal, Right, Role
from tests.checkin import gate
from tests.checkin.gate import GATE, HEALTH, SECRETS, SUPERVISOR, Hall

SECRET = "a secret that lives as long as one test"
OWNER = Principal("token", 4, "owner", Role.OWNER, None, may_override=True)
BOUND = Principal("device", 5, "phone", Role.GATE, 1, checkpoints=("gate-1", "door-1"))


@st.composite
def sent(draw: st.DrawFn) -> list[tuple[Principal, list[dict[str, Any]]]]:
    """Draw batches of online and offline scans by several callers, some nonces used again."""
    scan = st.fixed_dictionaries(
        {
            "who": st.sampled_from([1, 2, 3, "HELLO"]),
            "checkpoint": st.sampled_from(["gate-1", "gate-2", "door-1", "door-2", "nowhere"]),
            "minute": st.sampled_from([0, 0, 0.05, 1, 2, 3]),
            "type": st.sampled_from(["entry", "entry", "exit"]),
            "mode": st.sampled_from(["online", "online", "ok", "refused", "force"]),
            "health": st.sampled_from([None, {"temperature_c": 36.0}, {"temperature_c": 39.0}]),
            "number": st.integers(0, 9),
        }
    )
    callers = st.sampled_from([GATE, HEALTH, SUPERVISOR, OWNER, BOUND])
    batches = st.tuples(callers, st.lists(scan, min_size=1, max_size=4))
    return draw(st.lists(batches, min_size=2, max_size=6))


def item_of(hall: Hall, scan: dict[str, Any]) -> dict[str, Any]:
    values = dict(scan)
    mode, number = values.pop("mode"), values.pop("number")
    more: dict[str, Any] = {"nonce": f"00000000-0000-4000-8000-{number:012d}"}
    if mode in {"ok", "refused"}:
        more |= {"offline": True, "decided": mode}
    elif mode == "force":
        more |= {"force": True, "force_reason": "Perintah panitia"}
    return (
        hall.item(values.pop("who"), values.pop("checkpoint"), values.pop("minute"), **values)
        | more
    )


def together(event: Event, batches: list[Batch]) -> Conversation[list[list[Result]]]:
    yield Turn(event.id)
    return (yield from record(event, batches, fingerprint=SECRETS.fingerprints.derive))


async def forget(hall: Hall) -> None:
    async with hall.database.transaction() as tx:
        for table in (audit_log, health_readings, passages, visits, crowds):
            await tx.execute(sa.delete(table))


async def known(hall: Hall) -> tuple[Any, ...]:
    scans = await hall.rows(
        passages, "nonce", "status", "reason", "objection", "forced", "by_name", "answer"
    )
    stays = await hall.rows(visits, "participant_id", "room_id", "day", "entered_at", "left_at")
    readings = await hall.rows(health_readings, "nonce", "temperature_c")
    audited = await hall.rows(audit_log, "actor", "subject", "detail")
    inside = await hall.inside()
    return scans, sorted(stays, key=str), sorted(readings), audited, inside, await hall.conflicts()


@pytest.fixture
async def hall(database: Database) -> Hall:
    built = await gate.built(database, protocol=Protocol(mask_required=False))
    await built.change("door-1", limit=1)
    await built.change("gate-2", limit=2)
    return built


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent(), st.integers(0, 2**32))
async def test_batches_written_together_are_answered_as_if_each_had_come_alone(
    hall: Hall, requests: list[tuple[Principal, list[dict[str, Any]]]], seed: int
) -> None:
    random = Random(seed)
    batches = [
        Batch([read_item(item_of(hall, scan)) for scan in scans], who, override_of(who), hall.now)
        for who, scans in requests
    ]
    await forget(hall)
    alone = []
    for batch in batches:
        alone += await hold_at_once(hall.database, together(hall.event, [batch]))
    straight = await known(hall)
    await forget(hall)

    grouped: list[list[Result]] = []
    left = batches
    while left:
        size = random.randint(1, len(left))
        grouped += await hold_at_once(hall.database, together(hall.event, left[:size]))
        left = left[size:]

    assert [[_plain(r) for r in each] for each in grouped] == [
        [_plain(r) for r in each] for each in alone
    ]
    assert await known(hall) == straight


def _plain(result: Result) -> Result:
    """Return a result as it is shown: which of a person's tickets was known is not."""
    if result.holder is None:
        return result
    return replace(result, holder=replace(result.holder, ticket_id=0, revoked_at=None))


async def token_of(hall: Hall) -> Credential:
    async with hall.database.transaction() as tx:
        secret = await accounts.add_token(tx, "gate", Role.GATE, event_id=1, at=hall.now)
    return Credential("token", digest(secret), hall.event.slug)


def line_of(hall: Hall, heard: list[Event] | None = None) -> Line:
    wrote = list[Event]() if heard is None else heard
    return Line(hall.database, SECRET, wrote.append)


async def test_scans_that_wait_together_are_each_written_and_answered(hall: Hall) -> None:
    shown, heard = await token_of(hall), list[Event]()
    line = line_of(hall, heard)
    items = [hall.item(who, "gate-1", health={"temperature_c": 36.0}) for who in (1, 2, 3, 1)]

    answers = await asyncio.gather(
        *(line.record(shown, [read_item(item)], at=hall.now) for item in items)
    )

    told = [answer[1][0] for answer in answers if answer]
    assert [(r.nonce, r.status.value, r.reason) for r in told] == [
        (items[0]["nonce"], "ok", None),
        (items[1]["nonce"], "ok", None),
        (items[2]["nonce"], "ok", None),
        (items[3]["nonce"], "refused", "already_in"),
    ]
    assert await hall.written() == (4, 3, 4)
    assert {event.id for event in heard} == {1}


async def test_a_scan_that_cannot_be_written_fails_alone(hall: Hall) -> None:
    shown = await token_of(hall)
    line = line_of(hall)
    good = [read_item(hall.item(who)) for who in (1, 2)]
    assert isinstance(good[0], PassageItem)
    # No text that a database takes; JSON cannot bring it, so this stands for whatever else goes wrong.
    bad = good[0].model_copy(update={"secret": "\ud800", "nonce": hall.item(3)["nonce"]})

    answers = await asyncio.gather(
        *(line.record(shown, [item], at=hall.now) for item in (good[0], bad, good[1])),
        return_exceptions=True,
    )

    assert isinstance(answers[1], UnicodeEncodeError)
    assert [type(answers[0]), type(answers[2])] == [tuple, tuple]
    assert [row[0] for row in await hall.rows(passages, "nonce")] == [good[0].nonce, good[1].nonce]


async def test_a_scan_whose_sender_hung_up_is_written_once_all_the_same(hall: Hall) -> None:
    shown = await token_of(hall)
    line = line_of(hall)
    item = read_item(hall.item(1))
    gone = asyncio.create_task(line.record(shown, [item], at=hall.now))
    await asyncio.sleep(0)
    gone.cancel()

    again = await line.record(shown, [item], at=hall.now)

    assert again is not None
    assert again[1][0].replayed
    assert await hall.written() == (1, 0, 0)


async def test_a_revoked_token_and_one_of_another_event_write_nothing(hall: Hall) -> None:
    shown = await token_of(hall)
    line = line_of(hall)
    item = read_item(hall.item(1))
    elsewhere = replace(shown, slug="another")
    assert await line.record(elsewhere, [item], at=hall.now) is None
    async with hall.database.transaction() as tx:
        await tx.execute(tokens.update().values(revoked_at=hall.now))

    assert await line.record(shown, [item], at=hall.now) is None
    assert await hall.written() == (0, 0, 0)


async def test_what_an_event_changes_holds_from_the_next_scan_on(hall: Hall) -> None:
    shown = await token_of(hall)
    line = line_of(hall)

    async def reason(who: int) -> str | None:
        answer = await line.record(shown, [read_item(hall.item(who))], at=hall.now)
        assert answer is not None
        return answer[1][0].reason

    assert await reason(1) == "temperature_missing"
    async with hall.database.transaction() as tx:
        event = await events.get_event(tx, hall.event.slug)
        await events.change_event(tx, event, {"protocol": Protocol(enabled=False)})

    assert await reason(2) is None


async def test_open_pages_are_told_who_is_inside_after_scans(hall: Hall) -> None:
    teller = Teller(hall.database, lambda: hall.now)
    await hall.scan(1, "gate-1", health={"temperature_c": 36.0})
    teller.changed(hall.event)
    teller.changed(hall.event)

    async with asyncio.timeout(20):
        while not (told := await hall.rows(news, "kind", "data", "needed_right")):  # noqa: ASYNC110 -- a row tells nobody
            await asyncio.sleep(0.02)
    await teller.close()

    assert told == [
        (
            "occupancy",
            {
                "rooms": [
                    {"room": None, "inside": 1, "limit": 2},
                    {"room": "room-1", "inside": 0, "limit": 25},
                    {"room": "room-2", "inside": 0, "limit": 25},
                ]
            },
            Right.REPORTS_READ.value,
        )
    ]
