"""Rows of the mail queue: what a mail will say, frozen now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

from eventhub.events.model import Event
from eventhub.language import Reader, choose

from . import letters
from .model import Facts, Guest, Invitation, Kind, News, Other
from .remembering import Told
from .turns import Notice

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Desk:
    """Writes rows of the queue: what a mail will say, frozen now, and its subject."""

    event: Event
    domain: str
    common: Mapping[str, Any]
    release: int | None

    def welcome(self, guest: Guest, days: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Return the row of a welcome; `days` hold what it tells in words."""
        payload = {"guest": _shown(guest), "generation": guest.generation, "days": list(days)}
        return self._row(Kind.WELCOME, guest, None, None, payload)

    def letter(self, one: News, guest: Guest, uid: str, held: Invitation | None) -> dict[str, Any]:
        """Return the row of one session's mail; `held` is what the guest knows of it."""
        payload = {
            "guest": _shown(guest),
            "facts": one.facts.stored(),
            "before": one.before.stored() if one.before else None,
            "uid": uid,
            "sequence": one.sequence,
            "keeps_answer": held is not None and held.sequence == one.sequence,
            "is_off": one.is_off,
            "earlier": held.stored() if held else None,
        }
        return self._row(one.kind, guest, one.session_id, one.facts, payload, before=one.before)

    def notice(self, one: Notice, guest: Guest) -> dict[str, Any]:
        """Return the row of a notice."""
        payload = {
            "guest": _shown(guest),
            "turns": [turn.stored() for turn in one.turns],
            "known": one.known,
        }
        return self._row(Kind.NOTICE, guest, None, None, payload)

    def reminder(self, guest: Guest, day: date, told: Sequence[Told]) -> dict[str, Any]:
        """Return the row of a reminder of a day's sessions, of which there is at least one."""
        payload = {
            "guest": _shown(guest),
            "day": day.isoformat(),
            "sessions": [one.facts.stored() | {"session_id": one.session_id} for one in told],
        }
        return self._row(Kind.REMINDER, guest, None, told[0].facts, payload)

    def instead(self, guest: Guest, who: Other, facts: Facts | None) -> dict[str, Any]:
        """Return the row of the mail that says who comes, to a session or (None) to everything."""
        told = replace(facts, delegated_to=who) if facts else None
        payload = {
            "guest": _shown(guest),
            "who": asdict(who),
            "session": told.stored() if told else None,
        }
        row = self._row(Kind.INSTEAD, guest, None, told, payload)
        reader = Reader(row["language"], self.event.zone)
        return row | {"subject": letters.handing_over(self.event, who, told, reader)}

    def _row(
        self,
        kind: Kind,
        guest: Guest,
        session_id: int | None,
        facts: Facts | None,
        payload: dict[str, Any],
        *,
        before: Facts | None = None,
    ) -> dict[str, Any]:
        language = choose([guest.language]) or choose(self.event.languages) or FALLBACK
        reader = Reader(language, self.event.zone)
        subject = letters.subject(kind, self.event, facts, reader, before)
        return {
            **self.common,
            "participant_id": guest.id,
            "session_id": session_id,
            "kind": kind,
            "to_address": guest.address,
            "subject": subject,
            "language": language,
            "payload": payload,
            "message_id": f"{uuid4().hex}@{self.domain}",
            "release": None if kind is Kind.WELCOME else self.release,
        }


def _shown(guest: Guest) -> dict[str, Any]:
    return {
        "name": guest.name,
        "position": guest.position,
        "office": guest.office,
        "time_zone": guest.time_zone,
        "in_place_of": guest.in_place_of,
    }
