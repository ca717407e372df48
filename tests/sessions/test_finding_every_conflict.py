"""The incremental engine finds exactly what a naive check of the whole programme finds, whatever the programme."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.db.engine import Database
from eventhub.events.model import Attendance, Event, room_limit
from eventhub.events.scheduling import Hours, Scheduling, TravelMinutes
from eventhub.sessions import conflicts, rules
from eventhub.sessions.model import (
    Audience,
    Format,
    Kind,
    Office,
    Person,
    Place,
    ProgrammeConflict,
    Session,
    SessionState,
    Severity,
    Surroundings,
)
from eventhub.sessions.together import margin
from tests import make
from tests.sessions.naive import STEP, Finding, World, findings

FRIDAY_MORNING = make.at("09:00", "2021-02-26")
ZONES = ("", "Asia/Makassar", "Asia/Jayapura", "Asia/Jakarta")


def world_of(random: Random) -> World:
    """Make an event of three days (the last a Saturday), three rooms, three offices and seven people."""
    event = make.event(
        scheduling=Scheduling(
            travel_minutes=random.choice([TravelMinutes(), TravelMinutes(30, 10, 20)]),
            day_hours=random.choice([None, Hours(time(9), time(14)), Hours(time(9), time(1))]),
            remote_hours=random.choice([None, Hours(time(7), time(18)), Hours(time(9), time(13))]),
            friday_break=random.choice([None, Hours(time(11, 30), time(13))]),
            weekend=random.choice([(), ("sat", "sun")]),
            holidays=random.choice([(), (date(2021, 2, 26),)]),
        ),
        severities=random.choice([{}, {"room": "warn", "travel": "ignore"}]),
    )
    rooms = [
        make.room(1, building="Gedung C", capacity=random.choice([4, 50])),
        make.room(2, building="Gedung C", capacity=50, parallel=True),
        make.room(3, building=random.choice(["Gedung H", ""]), capacity=2),
    ]
    offices = [make.delegation(id, time_zone=random.choice(ZONES)) for id in (1, 2, 3)]
    people = [
        make.participant(
            id,
            delegation_id=random.choice([1, 1, 2, 3]),
            attendance=random.choice(list(Attendance)),
        )
        for id in range(1, 8)
    ]
    people = [replace(person, delegation=f"office-{person.delegation_id}") for person in people]
    return World(
        event,
        {room.id: room for room in rooms},
        {office.id: office for office in offices},
        {person.id: person for person in people},
    )


def session_of(random: Random, id: int) -> Session:
    starts_at = FRIDAY_MORNING + random.choice([*[0] * 12, -15, 14, 24, 48]) * timedelta(hours=1)
    starts_at += random.randrange(0, 24) * STEP
    rows = [row_of(random) for _ in range(random.randrange(6))]
    return make.session(
        id,
        kind=random.choice([Kind.PANEL, Kind.PANEL, Kind.BREAK]),
        format=random.choice(list(Format)),
        starts_at=starts_at,
        ends_at=starts_at + random.choice([*[1, 3, 6, 12] * 3, 24, 400]) * STEP,
        room_id=random.choice([None, 1, 2, 3]),
        stream=random.random() < 0.5,
        track=random.choice(["", "Desk"]),
        state=random.choice([*[SessionState.DRAFT] * 6, *SessionState]),
        speakers=tuple(random.sample(range(1, 8), random.choice([0, 1, 1, 2, 5]))),
        audience=tuple(rows),
    )


def row_of(random: Random) -> Audience:
    attendance = random.choice(list(Attendance))
    if random.random() < 0.5:
        return make.audience(attendance, delegation_id=random.randrange(1, 4))
    return make.audience(attendance, participant_id=random.randrange(1, 8))


def surroundings(world: World) -> Surroundings:
    represented = Counter(person.delegation_id for person in world.people.values())
    return Surroundings(
        rooms={
            id: Place(
                room.code,
                room.name,
                room_limit(room.capacity, room.protocol_percent, world.event.protocol),
                room.parallel,
                room.building,
            )
            for id, room in world.rooms.items()
        },
        offices={
            id: Office(office.code, office.name, represented[id], office.time_zone)
            for id, office in world.offices.items()
        },
        people={
            id: Person(
                person.name,
                person.delegation_id,
                person.attendance,
                world.offices[person.delegation_id].time_zone,
            )
            for id, person in world.people.items()
        },
        severities=rules.severities(world.event),
    )


def near(session: Session, programme: Iterable[Session], event: Event) -> list[Session]:
    """Return what the store's window holds: those that end after, and start before, the time a way takes."""
    apart = margin(event)
    return [
        other
        for other in programme
        if other.id != session.id
        and other.starts_at < session.ends_at + apart
        and other.ends_at > session.starts_at - apart
    ]


def assert_same(found: Iterable[ProgrammeConflict], expected: set[Finding], event: Event) -> None:
    """Compare by kind and sessions: how many things stand in the way, and that those named are among them."""
    severities = rules.severities(event)
    wanted: dict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    for kind, codes, what in expected:
        if severities[kind] is not Severity.IGNORE:
            wanted[kind, codes].add(what)
    named: dict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    counts: Counter[tuple[str, frozenset[str]]] = Counter()
    for conflict in found:
        key = (conflict.kind, frozenset(conflict.sessions))
        subjects = {conflict.subject.code, *(subject.code for subject in conflict.further)}
        assert not named[key] & subjects or conflict.kind == "outside_days", conflict
        named[key] |= subjects
        counts[key] += conflict.count
        assert conflict.severity is severities[conflict.kind]
    assert set(named) == set(wanted)
    for key, subjects in named.items():
        assert subjects <= wanted[key]
        if key[0] != "outside_days":
            assert counts[key] == len(wanted[key])


@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_engine_finds_what_a_naive_check_finds_as_sessions_are_added_and_moved(
    random: Random, steps: int
) -> None:
    world = world_of(random)
    around = surroundings(world)
    programme: dict[int, Session] = {}
    for _ in range(steps):
        moved = session_of(random, random.randrange(1, 7))
        others = near(moved, programme.values(), world.event)
        found = rules.conflicts(moved, others, world.event, around)
        programme[moved.id] = moved

        expected = findings([*programme.values()], world)
        concerning = {each for each in expected if moved.code in each[1]}
        assert_same(found, concerning, world.event)


@given(st.randoms(use_true_random=False), st.integers(0, 8))
def test_the_whole_programme_has_what_a_naive_check_finds_and_its_sessions_have_one_by_one(
    random: Random, size: int
) -> None:
    world = world_of(random)
    around = surroundings(world)
    programme = [session_of(random, id) for id in range(1, size + 1)]

    whole = rules.all_conflicts(programme, world.event, around)
    one_by_one = {
        (conflict.kind, frozenset(conflict.sessions), conflict.subject.code)
        for session in programme
        for conflict in rules.conflicts(
            session, near(session, programme, world.event), world.event, around
        )
    }

    assert_same(whole, findings(programme, world), world.event)
    assert {(c.kind, frozenset(c.sessions), c.subject.code) for c in whole} == one_by_one


@pytest.mark.parametrize("seed", range(2))
async def test_the_store_reads_all_that_may_stand_in_the_way_of_a_session(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    world = world_of(random)
    programme = [session_of(random, id) for id in range(1, 17)]
    things: list[make.Thing] = [
        *world.rooms.values(),
        *world.offices.values(),
        *world.people.values(),
        *programme,
    ]
    await make.stored(database, world.event, *things)

    async with database.reading() as tx:
        for session in programme:
            for place in (session, moved_at_random(session, random)):
                found = await conflicts.check_placement(tx, world.event, place)
                others = [each for each in programme if each.id != place.id]
                assert_same(found, concerning(place, others, world), world.event)
        whole = await conflicts.conflicts_of(tx, world.event)

    assert_same(whole, findings(programme, world), world.event)


def moved_at_random(session: Session, random: Random) -> Session:
    other = session_of(random, session.id)
    return replace(
        session,
        starts_at=other.starts_at,
        ends_at=other.ends_at,
        room_id=other.room_id,
        speakers=other.speakers,
        audience=other.audience,
    )


def concerning(session: Session, others: Sequence[Session], world: World) -> set[Finding]:
    every = findings([session, *others], world)
    return {each for each in every if session.code in each[1]}


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_a_programme_far_away_changes_nothing(random: Random) -> None:
    world = world_of(random)
    around = surroundings(world)
    programme = [session_of(random, id) for id in range(1, 6)]
    week = timedelta(days=7)
    far = [
        replace(each, id=each.id + 100, code=f"far-{each.id}",
                starts_at=each.starts_at + 4 * week, ends_at=each.ends_at + 4 * week)
        for each in programme
    ]  # fmt: skip

    for session in programme:
        assert rules.conflicts(session, [*programme, *far], world.event, around) == rules.conflicts(
            session, programme, world.event, around
        )
