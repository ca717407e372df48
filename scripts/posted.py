"""Kill the server again and again while it sends; nothing may be lost, and nothing sent twice that was confirmed.

`python -m scripts.posted [MAILS] [KILLS]`, 1,394 mails and 20 kills on SQLite and PostgreSQL (three processes).
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from eventhub.cli.folder import compose
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Room
from eventhub.installation import Installation
from eventhub.invites import actions as invites
from eventhub.invites import stopping
from eventhub.invites.model import Kind, State
from eventhub.invites.tables import mails
from eventhub.sessions import actions as sessions
from eventhub.sessions.model import Audience, Format, Session
from eventhub.sessions.model import Kind as SessionKind
from eventhub.settings import read_settings
from scripts import postgres, sink
from scripts.bench import crowd
from scripts.bench.figure import MORNING
from scripts.serving import Server, served
from scripts.soak import kill

MAILS = 1_394
KILLS = 20
WORKERS = 3
# What one process leaves behind at most, when it is killed while it hands over.
LANES = 4
# Longer than anybody holds a mail, so that the next server need not wait for it.
BETWEEN = timedelta(minutes=5)
ALIVE_S = (0.2, 1.5)
PATIENCE_S = 120


@dataclass(frozen=True)
class Outcome:
    """What became of the mails by their state, how many the mail server said yes to, and what went wrong.

    `amidst`: how many kills fell in the midst of sending.
    """

    states: Counter[State]
    confirmed: int
    amidst: int
    lost: list[str]
    doubled: list[str]
    others: list[str]

    @property
    def faults(self) -> list[str]:
        """All that went wrong."""
        return [*self.lost, *self.doubled, *self.others]


def made(data: Path, people: int, url: str | None = None, *, is_held: bool = False) -> crowd.Crowd:
    """Make a folder whose event has an invitation queued for each of so many people on site, with their ticket.

    `is_held`: nothing goes out until `let_go`.
    """
    found = crowd.made(data, people, texts=min(people, 1000), url=url)
    asyncio.run(_invited(data, people, url, is_held=is_held))
    return found


def let_go(data: Path, url: str | None = None) -> None:
    """Let a folder's mail go out."""

    async def resume() -> None:
        installation = _installation(data, url)
        try:
            async with installation.database.transaction() as tx:
                await stopping.resume(tx, 1)
        finally:
            await installation.database.close()

    asyncio.run(resume())


async def _invited(data: Path, people: int, url: str | None, *, is_held: bool) -> None:
    installation = _installation(data, url)
    at = datetime.fromisoformat(MORNING).astimezone(UTC)
    try:
        async with installation.database.transaction() as tx:
            event = await events.get_event(tx, crowd.SLUG)
            hall = await events.add_room(tx, _hall(event.id, people))
            await sessions.add_session(tx, event, _plenary(event.id, hall.id, at), at=at)
            await sessions.publish(tx, event, note="", notify="none", who="soak", at=at)
            await invites.send_invitations(
                tx, await events.get_event(tx, crowd.SLUG), at=at, domain="example.org"
            )
            await tx.execute(mails.delete().where(mails.c.kind == Kind.WELCOME))
            if is_held:
                await stopping.pause(tx, event.id, who="bench", at=at)
    finally:
        await installation.database.close()


def _installation(data: Path, url: str | None) -> Installation:
    settings = read_settings(crowd.environment(url), data)
    return compose(replace(settings, base_url=settings.base_url or "http://127.0.0.1"))


def states(data: Path, url: str | None = None) -> dict[str, State]:
    """Return where each mail of the folder stands, by Message-ID."""

    async def read() -> dict[str, State]:
        installation = _installation(data, url)
        try:
            async with installation.database.reading() as tx:
                rows = await tx.execute(sa.select(mails.c.message_id, mails.c.state))
                return {row.message_id: State(row.state) for row in rows}
        finally:
            await installation.database.close()

    return asyncio.run(read())


@contextmanager
def serving(
    data: Path, url: str | None, taking: sink.Sink, begun: int, workers: int
) -> Iterator[Server]:
    """Serve the folder at a later moment than the last time."""
    now = datetime.fromisoformat(MORNING) + begun * BETWEEN
    environment = {**crowd.environment(url), "EVENTHUB_SMTP_URL": taking.url}
    several = ("--workers", str(workers)) if url else ()
    arguments = ("serve", "--data", str(data), "--now", now.isoformat(), *several)
    with served(*arguments, environment=environment, log=data / "soak.log") as server:
        yield server


def soak(
    data: Path, people: int, kills: int, url: str | None = None, workers: int = WORKERS
) -> Outcome:
    """Send while the server is killed so often, then let it finish; compare with what the mail server noted."""
    made(data, people, url)
    chance = random.Random(7)  # noqa: S311 -- when, not what
    amidst = 0
    with sink.running(data / "taken") as taking:
        for n in range(kills):
            with serving(data, url, taking, n, workers) as server:
                _wait(partial(_goes_on, data, url, taking, len(taking.taken())), within=PATIENCE_S)
                alive = chance.uniform(*ALIVE_S) * people / MAILS
                time.sleep(alive)  # killed at any moment of sending
                kill(server)
            amidst += bool(taking.taken()) and _open(states(data, url))
        with serving(data, url, taking, kills, workers):
            _wait(lambda: not _open(states(data, url)), within=PATIENCE_S)
        in_hand = kills * LANES * (workers if url else 1)
        return _outcome(states(data, url), taking.taken(), in_hand, amidst)


def _open(found: dict[str, State]) -> bool:
    return not {State.QUEUED, State.SENDING}.isdisjoint(found.values())


def _outcome(
    found: dict[str, State], taken: list[str], may_be_uncertain: int, amidst: int
) -> Outcome:
    times = Counter(taken)
    counts = Counter(found.values())
    lost = [
        f"{id}: called sent, but nobody took it"
        for id, state in found.items()
        if state is State.SENT and not times[id]
    ]
    lost += [
        f"{id}: left as {state}"
        for id, state in found.items()
        if state not in {State.SENT, State.UNCERTAIN}
    ]
    doubled = [f"{id}: taken {n} times" for id, n in times.items() if n > 1]
    others = []
    if counts[State.UNCERTAIN] > may_be_uncertain:
        others.append(f"{counts[State.UNCERTAIN]} are uncertain, more than were in hand")
    return Outcome(counts, len(times), amidst, lost, doubled, others)


def _goes_on(data: Path, url: str | None, taking: sink.Sink, before: int) -> bool:
    """Whether more was taken since, or nothing is left to take."""
    return len(taking.taken()) > before or not _open(states(data, url))


def _wait(is_over: Callable[[], bool], *, within: float) -> None:
    end = time.monotonic() + within
    while not is_over() and time.monotonic() < end:
        time.sleep(0.05)  # the mail server in the other process tells nobody what it has taken


def _hall(event_id: int, seats: int) -> Room:
    return Room(id=0, event_id=event_id, code="aula", name="Aula", building="", capacity=2 * seats)


def _plenary(event_id: int, room_id: int, at: datetime) -> Session:
    return Session(
        id=0,
        event_id=event_id,
        code="pembukaan",
        title="Pembukaan Rapat Koordinasi Teknis",
        abstract="Arahan dan pembukaan.",
        kind=SessionKind.PLENARY,
        format=Format.ONSITE,
        starts_at=at + timedelta(hours=4),
        ends_at=at + timedelta(hours=5),
        time_zone="Asia/Jakarta",
        room_id=room_id,
        meeting_url="",
        stream=False,
        track="",
        audience=(Audience(Attendance.ONSITE, delegation_id=1),),
    )


def main() -> None:
    """Soak on both engines."""
    people, kills = [
        int(given) for given in (*sys.argv[1:], *(str(MAILS), str(KILLS))[len(sys.argv) - 1 :])
    ]
    lost = False
    with tempfile.TemporaryDirectory() as folder, postgres.running() as url:
        for engine, address in (("SQLite", None), ("PostgreSQL", url)):
            outcome = soak(Path(folder) / engine, people, kills, address)
            told = ", ".join(f"{count} {state}" for state, count in outcome.states.items())
            print(
                f"{engine}: {kills} kills, {outcome.amidst} in the midst of it; "
                f"{outcome.confirmed} of {people} confirmed by the mail server, shown as {told}; "
                f"{len(outcome.lost)} lost, {len(outcome.doubled)} doubled",
                flush=True,
            )
            for fault in outcome.faults[:20]:
                print(fault)
            lost = lost or bool(outcome.faults)
    sys.exit(lost)


if __name__ == "__main__":
    main()
