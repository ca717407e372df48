"""What a broadcast does by itself, whatever its times, its encoder and its past."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.streaming.automatic import (
    Choice,
    Does,
    Outlook,
    Signal,
    Standing,
    Subject,
    decide,
    next_try,
    pauses,
)
from eventhub.streaming.model import Act, State
from eventhub.streaming.problems import PROBLEMS
from tests import make

NINE, TEN = make.at("09:00"), make.at("10:00")
MOMENTS = st.integers(-90, 240).map(lambda minutes: NINE + timedelta(minutes=minutes))


MAYBE = st.none() | MOMENTS

STANDINGS = st.builds(
    Standing,
    start_paused_at=MAYBE,
    end_paused_at=MAYBE,
    tried_act=st.sampled_from(["", "test", "start", "end"]),
    next_try_at=MAYBE,
    problem_code=st.sampled_from([None, "errorStreamInactive", "quotaExceeded"]),
    waits_since=MAYBE,
)
SIGNALS = st.builds(Signal, is_active=st.booleans(), seen_at=MAYBE, silent_since=MAYBE)
SUBJECTS = st.builds(
    Subject,
    session_id=st.just(1),
    session=st.just("session-1"),
    title=st.just("Pembukaan"),
    starts_at=st.just(NINE),
    ends_at=st.just(TEN),
    state=st.sampled_from([None, *State]),
    is_link=st.booleans(),
    choice=st.builds(Choice, starts=st.booleans(), ends=st.booleans()),
    standing=STANDINGS,
    signal=SIGNALS,
    taken_by=st.sampled_from(["", "Pleno"]),
)


@given(SUBJECTS, MOMENTS)
def test_it_starts_only_what_is_chosen_free_fed_and_not_paused_between_start_and_end(
    subject: Subject, at: datetime
) -> None:
    outlook = decide(subject, at)
    if outlook.act not in {Act.TEST, Act.START}:
        return
    assert subject.choice.starts
    assert subject.standing.start_paused_at is None
    assert at < TEN
    assert at >= NINE or (outlook.act is Act.TEST and at >= NINE - timedelta(minutes=5))
    assert subject.state not in {State.LIVE, State.COMPLETE}
    if not subject.is_link:
        assert subject.state is (State.READY if outlook.act is Act.TEST else State.TESTING)
        assert not subject.taken_by
        assert subject.signal.is_active


@given(SUBJECTS, MOMENTS)
def test_it_ends_only_what_is_on_chosen_and_not_paused_after_the_planned_end(
    subject: Subject, at: datetime
) -> None:
    outlook = decide(subject, at)
    if outlook.act is not Act.END:
        return
    assert subject.choice.ends
    assert subject.standing.end_paused_at is None
    assert subject.state in {State.LIVE, State.TESTING}
    is_silent = not subject.signal.is_active and subject.signal.silent_since is not None
    assert at >= TEN + timedelta(minutes=15) or (is_silent and at >= TEN + timedelta(minutes=5))


@given(SUBJECTS, MOMENTS)
def test_an_act_is_the_same_as_saying_so_and_only_waiting_looks(
    subject: Subject, at: datetime
) -> None:
    outlook = decide(subject, at)

    assert (outlook.act is not None) == (outlook.does is Does.ACTS)
    assert not outlook.looks or outlook.does is Does.WAITS_FOR_ENCODER
    assert decide(subject, at) == outlook


@given(SUBJECTS, MOMENTS, st.sampled_from(list(Act)))
def test_what_an_operator_does_pauses_only_what_is_chosen_and_never_both_in_time(
    subject: Subject, at: datetime, act: Act
) -> None:
    found = pauses(subject, act, at)

    assert not found.start or subject.choice.starts
    assert not found.end or (subject.choice.ends and at >= TEN)
    if act in {Act.END, Act.DELETE}:
        assert (found.start, found.end) == (subject.choice.starts, False)
    if act is Act.START:
        assert not found.start


def test_a_failed_try_is_repeated_ever_later_unless_a_person_must_act() -> None:
    def waits(code: str, tries: int = 0) -> timedelta | None:
        again = next_try(PROBLEMS[code], tries, NINE)
        return again - NINE if again else None

    assert [waits("noAnswer", tries).seconds for tries in range(6)] == [15, 30, 60, 120, 240, 300]  # type: ignore[union-attr]
    assert waits("errorStreamInactive") == timedelta(seconds=15)
    assert waits("invalid_grant", 9) == timedelta(minutes=1)
    assert waits("quotaExceeded") == timedelta(hours=6)
    assert waits("revoked") is None


def test_what_failed_for_good_waits_for_a_person_and_says_so() -> None:
    standing = Standing(tried_act="test", problem_code="revoked")
    subject = Subject(
        1, "session-1", "Pembukaan", NINE, TEN, State.READY, is_link=False,
        choice=Choice(starts=True), standing=standing,
    )  # fmt: skip

    assert decide(subject, NINE) == Outlook(Does.GAVE_UP)
