"""Whatever order answers by mail come in, and though they come twice, the last that was written counts."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.invites import reply_rules
from eventhub.invites.model import Method
from eventhub.invites.reply_model import Held, Reply
from eventhub.participants.model import Rsvp
from tests import make

HELD = Held(
    id=1,
    event_id=1,
    participant_id=2,
    session_id=3,
    uid="uid",
    name="Kepala Bappeda",
    session="desk",
    title="Desk",
    method=Method.REQUEST,
    sequence=1,
    address="papua@example.org",
)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 10_000),
            st.sampled_from([Rsvp.ACCEPTED, Rsvp.TENTATIVE, Rsvp.DECLINED]),
        ),
        unique_by=lambda said: said[1],
        min_size=1,
        max_size=8,
    ).flatmap(lambda said: st.tuples(st.just(said), st.permutations(said * 2)))
)
def test_answers_in_any_order_and_twice_end_with_the_last_written(
    said: tuple[list[tuple[int, int, Rsvp]], list[tuple[int, int, Rsvp]]],
) -> None:
    written, arriving = said
    held = HELD
    for n, (sequence, second, answer) in enumerate(arriving):
        reply = Reply(
            uid="uid",
            attendee="papua@example.org",
            partstat=answer,
            sequence=sequence,
            dtstamp=make.at("08:00") + timedelta(seconds=second),
        )
        if reply_rules.why_not(held, reply) is None:
            came = make.at("12:00") + timedelta(seconds=n)
            held = replace(
                held,
                replied_sequence=held.sequence,
                replied_dtstamp=reply.dtstamp,
                replied_at=came,
                answered_at=came,
                answer=answer,
            )

    current = [one for one in written if one[0] >= HELD.sequence]
    assert held.answer is (
        max(current, key=lambda one: one[1])[2] if current else Rsvp.NEEDS_ACTION
    )
