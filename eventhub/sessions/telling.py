"""Conflicts in words: one sentence each, and one for many that are alike. Pure."""

from collections.abc import Callable, Sequence

from eventhub.wording import Text, say

from .model import ProgrammeConflict, Session, Subject, Surroundings

# So many alike are told one by one; of more the first are named, and how many more there are.
APART = 3


def told(
    kind: str,
    around: Surroundings,
    sessions: Sequence[Session],
    subject: Subject,
    explanation: Text,
) -> ProgrammeConflict:
    """Return one conflict."""
    codes = tuple(session.code for session in sessions)
    return ProgrammeConflict(kind, around.severities[kind], codes, subject, explanation)


def told_of_each(
    kind: str,
    around: Surroundings,
    sessions: Sequence[Session],
    subjects: Sequence[Subject],
    explain: Callable[[object], Text],
) -> list[ProgrammeConflict]:
    """Return a conflict for each subject, or one for all of them when they are many.

    `explain` is given the name of one, or the names of several as a text.
    """
    if len(subjects) <= APART:
        return [told(kind, around, sessions, one, explain(one.name)) for one in subjects]
    return [told_of_all(kind, around, sessions, subjects, explain)]


def told_of_all(
    kind: str,
    around: Surroundings,
    sessions: Sequence[Session],
    subjects: Sequence[Subject],
    explain: Callable[[object], Text],
) -> ProgrammeConflict:
    """Return one conflict of several subjects."""
    first, *further = subjects[:APART]
    return ProgrammeConflict(
        kind,
        around.severities[kind],
        tuple(session.code for session in sessions),
        first,
        explain(several([subject.name for subject in subjects])),
        tuple(further),
        len(subjects),
    )


def several(names: Sequence[str]) -> object:
    """Return names as one text: all of a few, of many the first and how many more there are."""
    if len(names) <= APART:
        return names[0] if len(names) == 1 else _listed(names[:-1], names[-1])
    return say("{names} and {n} more", names=", ".join(names[:APART]), n=len(names) - APART)


def _listed(names: Sequence[str], last: str) -> Text:
    return say("{names} and {last}", names=", ".join(names), last=last)
