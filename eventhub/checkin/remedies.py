"""What to do about each kind of conflict."""

from collections.abc import Mapping

from eventhub.wording import Text, say

from .model import ConflictKind

REMEDIES: Mapping[ConflictKind, Text] = {
    ConflictKind.ALREADY_IN: say(
        "Probably the person went out unscanned. If two people showed this ticket, replace it on the ticket's page."
    ),
    ConflictKind.TWO_PLACES: say(
        "Ask at both gates whether it was the same person. If not, replace the ticket, so that the copy is dead."
    ),
    ConflictKind.OVER_LIMIT: say(
        "Count the room, and ask some to wait outside until there is room."
    ),
    ConflictKind.REFUSED_ELSEWHERE: say(
        "Find the person, and let the health officer or the registration desk decide."
    ),
    ConflictKind.REVOKED: say(
        "Find the person, look at their name, and give them a new ticket if it is theirs."
    ),
    ConflictKind.UNKNOWN_TICKET: say(
        "Ask the gate who it was: this person is on no list and needs to be registered."
    ),
}
