"""How much one person asks, and in which order questions are read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from eventhub.questions import rules
from eventhub.questions.model import Act, Names, PollAct, PollState, Question, State
from tests import make

NINE = make.at("09:00")


def question(id: int = 1, **changes: object) -> Question:
    values: dict[str, object] = {
        "id": id,
        "session_id": 1,
        "text": "Kapan?",
        "name": "Kepala Bappeda",
        "office": "Bappeda Papua",
        "is_anonymous": False,
        "state": State.APPROVED,
        "is_pinned": False,
        "asked_at": NINE + timedelta(minutes=id),
        "votes": 0,
    }
    return Question(**(values | changes))  # type: ignore[arg-type]


def test_three_questions_in_five_minutes_are_enough() -> None:
    asked = [NINE, NINE + timedelta(minutes=1), NINE + timedelta(minutes=2)]

    assert rules.wait_before_asking(asked[:2], NINE + timedelta(minutes=2)) is None
    assert rules.wait_before_asking(asked, NINE + timedelta(minutes=3)) == timedelta(minutes=2)
    assert rules.wait_before_asking(asked, NINE + timedelta(minutes=5)) is None
    assert rules.wait_before_asking([NINE] * 20, NINE + timedelta(hours=5)) is not None


def test_the_pinned_stands_first_then_the_most_voted_then_the_longest_waiting() -> None:
    pinned = question(1, is_pinned=True)
    voted, old, new = question(5, votes=3), question(3), question(4)
    answered = question(2, state=State.ANSWERED, votes=9)

    assert rules.in_order([new, answered, old, voted, pinned]) == [
        pinned, voted, old, new, answered,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "state", "is_pinned"),
    [
        (Act.APPROVE, State.APPROVED, True),
        (Act.REJECT, State.REJECTED, False),
        (Act.ANSWERED, State.ANSWERED, False),
        (Act.PIN, State.APPROVED, True),
        (Act.UNPIN, State.APPROVED, False),
    ],
)
def test_what_the_audience_does_not_see_is_not_pinned(
    act: Act, state: State, is_pinned: bool
) -> None:
    pinned = question(is_pinned=True)

    assert rules.after(pinned, act) == replace(pinned, state=state, is_pinned=is_pinned)


def test_a_poll_opens_closes_and_opens_again() -> None:
    assert rules.poll_after(PollState.DRAFT, PollAct.OPEN) is PollState.OPEN
    assert rules.poll_after(PollState.OPEN, PollAct.CLOSE) is PollState.CLOSED
    assert rules.poll_after(PollState.CLOSED, PollAct.OPEN) is PollState.OPEN
    assert rules.poll_after(PollState.DRAFT, PollAct.CLOSE) is None


def test_a_name_is_shown_as_far_as_moderators_chose_and_its_owner_allows() -> None:
    assert question().byline(Names.FULL) == "Kepala Bappeda, Bappeda Papua"
    assert question().byline(Names.OFFICE) == "Bappeda Papua"
    assert question().byline(Names.NONE) == ""
    assert question(is_anonymous=True).byline(Names.FULL) == ""
