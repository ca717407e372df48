"""Who shared a room with whom, and how long."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.checkin.tracing import Contact, Meeting, Stay, contacts
from tests.checkin import make

START = make.NINE


def stay(person: int, room: str, begin: float, end: float) -> Stay:
    return Stay(person, room, START + make.minutes(begin), START + make.minutes(end))


def shared(
    own: list[Stay], others: list[Stay], *, minutes: int = 0, window: tuple[int, int] = (0, 60)
) -> list[Contact]:
    since, until = (START + make.minutes(minute) for minute in window)
    return contacts(own, others, since=since, until=until, minutes=minutes)


def test_minutes_in_the_same_room_are_added_up_and_clipped_to_the_window() -> None:
    own = [stay(1, "a", -10, 20), stay(1, "b", 30, 90)]
    other = [stay(2, "a", -10, 10), stay(2, "b", 50, 90)]

    assert shared(own, other) == [
        Contact(
            2,
            20,
            (
                Meeting("a", START, START + make.minutes(10)),
                Meeting("b", START + make.minutes(50), START + make.minutes(60)),
            ),
        )
    ]


def test_another_room_or_another_time_is_no_contact() -> None:
    own = [stay(1, "a", 0, 20)]

    assert shared(own, [stay(2, "b", 0, 20), stay(3, "a", 20, 30)]) == []


def test_too_short_a_time_is_left_out_and_the_longest_comes_first() -> None:
    own = [stay(1, "a", 0, 60)]
    others = [stay(2, "a", 0, 14.9), stay(3, "a", 0, 15), stay(4, "a", 0, 40)]

    assert [(c.participant_id, c.minutes) for c in shared(own, others, minutes=15)] == [
        (4, 40),
        (3, 15),
    ]


@st.composite
def days(draw: st.DrawFn) -> list[Stay]:
    """Draw stays in which nobody is in two rooms at once, at full minutes."""
    found = []
    for person in range(1, 5):
        minute = draw(st.integers(-5, 10))
        for _ in range(draw(st.integers(0, 4))):
            length = draw(st.integers(1, 20))
            found.append(stay(person, draw(st.sampled_from("ab")), minute, minute + length))
            minute += length + draw(st.integers(0, 5))
    return found


@given(days())
def test_it_is_what_counting_every_minute_gives(stays: list[Stay]) -> None:
    own = [s for s in stays if s.participant_id == 1]
    others = [s for s in stays if s.participant_id != 1]

    def there(person: int, minute: int) -> str | None:
        at = START + timedelta(minutes=minute, seconds=30)
        return next(
            (
                s.room
                for s in stays
                if s.participant_id == person and s.entered_at <= at < s.left_at
            ),
            None,
        )

    counted = {
        person: sum(
            1 for m in range(60) if there(1, m) is not None and there(1, m) == there(person, m)
        )
        for person in (2, 3, 4)
    }

    assert {c.participant_id: c.minutes for c in shared(own, others)} == {
        person: minutes for person, minutes in counted.items() if minutes
    }
