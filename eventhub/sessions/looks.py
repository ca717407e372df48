"""What work on many sessions would do, as pages show it before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventhub.language import Reader
from eventhub.wording import Text, render

from . import change_lists, conflict_lists
from .batches import Preview
from .model import AnySession

SHOWN_CONFLICTS = 30


@dataclass(frozen=True, slots=True)
class Look:
    """A preview in words; `count` sessions are touched, `changes` counts what `groups` hold."""

    count: int
    changes: int
    groups: Sequence[change_lists.Group]
    to_tray: Sequence[str]
    out: Sequence[str]
    losses: Sequence[str]
    conflicts: Sequence[tuple[str, str]]
    conflicts_of: int
    blocking: int
    mark: str


def look(preview: Preview, reader: Reader, losses: Sequence[Text] = ()) -> Look:
    """Return a preview in the reader's language; the gravest conflicts first."""
    found = conflict_lists.gathered(preview.conflicts)
    return Look(
        count=len(preview.edits),
        changes=len(preview.changes),
        groups=change_lists.by_kind(preview.changes, reader),
        to_tray=_titles(preview.to_tray),
        out=_titles(preview.out),
        losses=[render(each, reader) for each in losses],
        conflicts=[
            (each.severity.value, render(each.explanation, reader))
            for each in found[:SHOWN_CONFLICTS]
        ],
        conflicts_of=len(preview.conflicts),
        blocking=len(preview.blocking),
        mark=preview.mark,
    )


def _titles(sessions: Sequence[AnySession]) -> list[str]:
    return [f"{each.title} ({each.code})" for each in sessions]
