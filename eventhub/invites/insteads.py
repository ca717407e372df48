"""Who comes in whose place to which session (mewakili), as invitations tell it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .model import Other


@dataclass(frozen=True, slots=True)
class Instead:
    """That `who` comes in the place of `whom`: to some sessions, or (None) to the whole event."""

    who: Other
    whom: Other
    session_ids: frozenset[int] | None

    def is_at(self, session_id: int | None) -> bool:
        return self.session_ids is None or session_id in self.session_ids


@dataclass(frozen=True, slots=True)
class Insteads:
    """All of an event: by whom it is done in place of, and by who does it, both ids of participants."""

    of: Mapping[int, Sequence[Instead]] = field(default_factory=dict)
    by: Mapping[int, Instead] = field(default_factory=dict)

    def is_whole(self, participant_id: int) -> bool:
        """Whether somebody comes to the whole event in a participant's place."""
        return self.who_for(participant_id, None) is not None

    def who_for(self, participant_id: int, session_id: int | None) -> Other | None:
        """Return who comes to a session or (None) to the whole event in a participant's place."""
        named = (one for one in self.of.get(participant_id, ()) if one.is_at(session_id))
        return next((one.who for one in named), None)

    def whom_for(self, participant_id: int, session_id: int) -> Other | None:
        """Return in whose place a participant comes to a session."""
        one = self.by.get(participant_id)
        return one.whom if one and one.is_at(session_id) else None


NOBODY = Insteads()
