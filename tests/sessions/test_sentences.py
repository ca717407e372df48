"""Each change between two releases in words, in both languages."""

import pytest

from eventhub.language import Reader, zone_of
from eventhub.sessions.model import Change
from eventhub.sessions.sentences import sentence
from eventhub.wording import render

NINE = {"starts_at": "2021-02-25T02:00:00+00:00", "ends_at": "2021-02-25T03:00:00+00:00"}
TEN = {"starts_at": "2021-02-25T03:00:00+00:00", "ends_at": "2021-02-25T04:00:00+00:00"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "english"),
    [
        ("new", None, NINE, "Panel is new: Thu 25 Feb 2021, 09:00 WIB."),
        (
            "moved",
            NINE,
            TEN,
            "Panel moves from Thu 25 Feb 2021, 09:00 WIB to Thu 25 Feb 2021, 10:00 WIB.",
        ),
        (
            "cancelled",
            NINE,
            None,
            "Panel is cancelled; it was planned for Thu 25 Feb 2021, 09:00 WIB.",
        ),
        ("room", "aula", "desk-1", "Panel now takes place in room desk-1."),
        ("room", "aula", None, "Panel no longer takes place in a room."),
        ("link", {}, {}, "Panel has a new way to join."),
        ("text", ["Panel", ""], ["Panel", "Baru"], "The description of Panel was revised."),
        ("text", ["Diskusi", ""], ["Panel", ""], "“Diskusi” is now called “Panel”."),
        ("audience", [], [], "Panel is now for other participants."),
    ],
)
def test_a_change_is_told_in_a_sentence(
    kind: str, before: object, after: object, english: str
) -> None:
    told = sentence(Change("panel", "Panel", kind, before, after))

    assert render(told, Reader("en", zone_of("Asia/Jakarta"))) == english
    assert render(told, Reader("id", zone_of("Asia/Jakarta"))) != english
