"""What comes next for a person."""

from dataclasses import replace
from datetime import date, timedelta

from eventhub.events.model import Attendance
from eventhub.participants.model import Rsvp
from eventhub.personal.model import Item, by_day, changes_at, next_item
from tests import make

OPENING = Item(
    session_id=1,
    code="opening",
    title="Opening",
    abstract="",
    starts_at=make.at("09:00"),
    ends_at=make.at("11:00"),
    time_zone="Asia/Jakarta",
    place="",
    attendance=Attendance.MEETING,
)
DESK = replace(
    OPENING, session_id=2, code="desk", starts_at=make.at("10:00"), ends_at=make.at("12:00")
)


def test_the_way_in_opens_a_quarter_of_an_hour_before_and_closes_at_the_end() -> None:
    assert not OPENING.is_open(make.at("08:44"))
    assert OPENING.is_open(make.at("08:45"))
    assert OPENING.is_open(make.at("10:59"))
    assert not OPENING.is_open(make.at("11:00"))
    assert not replace(OPENING, is_cancelled=True).is_open(make.at("09:30"))


def test_next_is_the_earliest_session_that_is_not_over() -> None:
    assert next_item([DESK, OPENING], make.at("08:00")) == OPENING
    assert next_item([DESK, OPENING], make.at("10:30")) == OPENING
    assert next_item([DESK, OPENING], make.at("11:00")) == DESK
    assert next_item([DESK, OPENING], make.at("12:00")) is None


def test_what_was_called_off_declined_or_delegated_is_not_next() -> None:
    declined = replace(OPENING, answer=Rsvp.DECLINED)
    cancelled = replace(OPENING, is_cancelled=True)

    assert next_item([declined, DESK], make.at("08:00")) == DESK
    delegated = replace(OPENING, answer=Rsvp.DELEGATED)
    assert next_item([delegated, DESK], make.at("08:00")) == DESK
    assert next_item([cancelled, DESK], make.at("08:00")) == DESK


def test_the_agenda_goes_by_the_days_of_the_event() -> None:
    night = replace(OPENING, session_id=3, starts_at=make.at("02:00", "2021-02-26"))

    days = by_day(make.event(), [night, DESK, OPENING])

    assert days == [(date(2021, 2, 25), [OPENING, DESK, night])]


def test_the_page_changes_when_a_way_in_opens_or_a_session_ends() -> None:
    assert changes_at([OPENING, DESK], make.at("08:00")) == make.at("08:45")
    assert changes_at([OPENING, DESK], make.at("08:45")) == make.at("09:45")
    assert changes_at([OPENING, DESK], make.at("11:30")) == make.at("12:00")
    assert changes_at([OPENING, DESK], make.at("12:00") + timedelta(days=1)) is None
