"""A meeting of desks and provinces: all placed, provinces by day, the east early; and why there is no place."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from threading import Event as Flag

from eventhub.events.model import Attendance
from eventhub.sessions.model import Format, Kind, Session
from eventhub.sessions.planner.greedy import first_plan
from eventhub.sessions.planner.model import Order, Progress, Wishes
from eventhub.sessions.planner.problem import Programme, build
from eventhub.sessions.planner.work import plan_once
from tests import make
from tests.sessions.naive import World
from tests.sessions.planner.worlds import AFTERNOON, DAYS, MORNING, order, programme_of

DESKS, PROVINCES = 8, 10
EAST = (9, 10)


def office(province: int, affair: int) -> int:
    """Return the office of a province that answers for an affair: each answers for up to three."""
    return 100 * province + affair // 3


def meeting(desks: int = DESKS, provinces: int = PROVINCES) -> Programme:
    """Make a programme in which every desk meets every province, all at the same time."""
    offices = {
        p: make.delegation(p, time_zone="Asia/Jayapura" if p in EAST else "")
        for p in range(1, provinces + 1)
    }
    for p in range(1, provinces + 1):
        for affair in range(desks):
            id = office(p, affair)
            offices[id] = make.delegation(id, time_zone=offices[p].time_zone)
    chairs = {d: make.participant(d, delegation_id=999) for d in range(1, desks + 1)}
    offices[999] = make.delegation(999, name="Kementerian")
    world = World(
        make.event(),
        {d: make.room(d, name=f"Ruang Desk {d}") for d in range(1, desks + 1)},
        offices,
        chairs,
    )
    sessions = [desk_session(d, p) for d in range(1, desks + 1) for p in range(1, provinces + 1)]
    made = programme_of(world, sessions)
    heads = {id: id // 100 or id for id in offices} | {999: 999}
    return replace(made, heads=heads)


def desk_session(desk: int, province: int) -> Session:
    return make.session(
        1000 * desk + province,
        code=f"desk-{desk}-{province}",
        title=f"Desk {desk}: Provinsi {province}",
        kind=Kind.DESK,
        format=Format.HYBRID,
        meeting_url="https://meet.example.org/1",
        room_id=desk,
        track=f"Desk {desk}",
        speakers=(desk,),
        audience=(make.audience(Attendance.MEETING, delegation_id=office(province, desk - 1)),),
    )


def ordered(programme: Programme, **changes: object) -> Order:
    return order([each.code for each in programme.sessions], **changes)


def placed(programme: Programme, wanted: Order) -> dict[str, tuple[int, int]]:
    """Return day and clock of each session in the first plan, which later ones only undercut."""
    problem = build(wanted, programme)
    return {
        item.code: (item.places[at].day, item.places[at].clock)
        for item, at in zip(problem.items, first_plan(problem), strict=True)
        if at is not None
    }


def test_every_province_meets_every_desk_on_one_day_and_the_east_in_the_morning() -> None:
    programme = meeting()
    wanted = ordered(programme, wishes=Wishes(own_day=3, east_early=2, few_gaps=1))

    found = placed(programme, wanted)

    assert len(found) == DESKS * PROVINCES
    days = defaultdict(set)
    for code, (day, _clock) in found.items():
        days[code.rpartition("-")[2]].add(day)
    assert {province: len(of) for province, of in days.items()} == {
        str(province): 1 for province in range(1, PROVINCES + 1)
    }
    assert max(found[f"desk-{d}-{p}"][1] for d in range(1, DESKS + 1) for p in EAST) < 13 * 60


def test_what_is_found_is_told_with_its_proposal_which_breaks_no_rule() -> None:
    programme = meeting(desks=4, provinces=6)
    heard: list[Progress] = []
    enough = Flag()

    def hear(progress: Progress) -> None:
        heard.append(progress)
        enough.set()

    done = plan_once(ordered(programme, seconds=60), programme, hear, enough)

    assert [each.placed for each in heard] == [24] * len(heard)
    assert heard[0].found == 1
    assert done.progress.found == len(heard)
    assert done.proposal["unplaced"] == []
    assert done.proposal["conflicts"] == []
    assert len(done.proposal["moves"]) + done.proposal["kept"] == 24


def test_a_search_asked_for_the_best_so_far_ends_with_a_whole_plan() -> None:
    programme = meeting()
    enough = Flag()
    enough.set()

    done = plan_once(ordered(programme, seconds=600), programme, lambda _: None, enough)

    assert done.progress.placed == DESKS * PROVINCES
    assert done.proposal["conflicts"] == []


def test_a_desk_with_more_sessions_than_slots_says_how_many_fit() -> None:
    programme = meeting(desks=1, provinces=10)
    wanted = ordered(programme, days=DAYS[:1], seconds=5)

    done = plan_once(wanted, programme, lambda _: None, Flag())

    homeless = [each["why"] for each in done.proposal["moves"] if each["after"] is None]
    homeless += [each["why"] for each in done.proposal["unplaced"]]
    assert done.progress.placed == 6
    assert (
        homeless
        == [
            {
                "message": "{n} sessions need {what}, and the chosen days and hours hold {held} of them.",
                "values": {"n": 10, "what": "Ruang Desk 1", "held": 6},
            }
        ]
        * 4
    )


def test_sessions_that_stay_are_walked_around_and_named_when_they_leave_no_place() -> None:
    programme = meeting(desks=1, provinces=2)
    long = make.session(
        7, title="Rapat pleno", room_id=1, starts_at=make.at("09:00"), ends_at=make.at("16:00")
    )
    programme = replace(programme, sessions=(*programme.sessions, long))
    wanted = order(["desk-1-1", "desk-1-2"], days=DAYS[:1], seconds=5)

    done = plan_once(wanted, programme, lambda _: None, Flag())

    assert done.progress.placed == 0
    moves = {move["session"]: move for move in done.proposal["moves"]}
    whys = [each["why"] for each in (*moves.values(), *done.proposal["unplaced"])]
    assert [why["message"] for why in whys] == ["{what} is taken by {session}, {start}."] * 2
    assert {why["values"]["session"] for why in whys} == {"Rapat pleno"}


def test_an_office_whose_slots_are_all_taken_is_named() -> None:
    programme = meeting(desks=2, provinces=1)
    busy = make.session(
        7, title="Lokakarya", room_id=None, format=Format.ONLINE, starts_at=make.at("10:00"), ends_at=make.at("16:00"),
        meeting_url="https://meet.example.org/7",
        audience=(make.audience(Attendance.MEETING, delegation_id=office(1, 0)),),
    )  # fmt: skip
    programme = replace(programme, sessions=(*programme.sessions, busy))
    wanted = order(["desk-1-1", "desk-2-1"], days=DAYS[:1], seconds=5)

    done = plan_once(wanted, programme, lambda _: None, Flag())

    assert done.progress.placed == 1
    whys = [
        each["why"] for each in (*done.proposal["moves"], *done.proposal["unplaced"]) if each["why"]
    ]
    assert whys == [
        {
            "message": "{n} sessions need {what}, and the chosen days and hours hold {held} of them.",
            "values": {"n": 2, "what": f"Bappeda Provinsi {office(1, 0)}", "held": 1},
        }
    ]


def test_pinned_sessions_stay_and_the_wish_to_stay_keeps_what_is_good() -> None:
    programme = meeting(desks=2, provinces=3)
    spread = [
        replace(each, starts_at=each.starts_at + hours, ends_at=each.ends_at + hours)
        for each in programme.sessions
        if isinstance(each, Session)
        for hours in [timedelta(hours=(each.id // 1000 + each.id % 1000) % 3)]
    ]
    programme = replace(programme, sessions=tuple(spread))
    stay = Wishes(own_day=0, east_early=0, few_gaps=0, stay=3)
    wanted = ordered(programme, seconds=5, wishes=stay, pinned=frozenset({"desk-1-1"}))

    done = plan_once(wanted, programme, lambda _: None, Flag())

    assert done.progress.of == 5
    assert done.progress.proven
    assert "desk-1-1" not in {move["session"] for move in done.proposal["moves"]}
    assert done.proposal["kept"] + len(done.proposal["moves"]) == 5
    assert done.proposal["kept"] == 5


def test_an_order_without_a_day_or_with_too_short_parts_says_so() -> None:
    programme = meeting(desks=1, provinces=1)

    nowhere = build(ordered(programme, days=()), programme).items[0]
    too_long = build(ordered(programme, length=300), programme).items[0]

    assert str(nowhere.refused) == "No day is chosen."
    assert str(too_long.refused) == "No chosen part of a day is 300 minutes long."


def test_starts_lie_on_the_grid_of_each_part_of_the_day() -> None:
    programme = meeting(desks=1, provinces=1)
    wanted = ordered(programme, days=(date(2021, 2, 27),), windows=(MORNING, AFTERNOON), step=90)

    item = build(wanted, programme).items[0]

    assert [place.clock for place in item.places] == [9 * 60, 10 * 60 + 30, 13 * 60, 14 * 60 + 30]
