"""What is asked of a delay, and how it is answered."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from eventhub.errors import Invalid
from eventhub.language import Reader
from eventhub.sessions.delay_outlook import Wish
from eventhub.sessions.delay_rules import MOST_MINUTES, Gaps, Move, Span
from eventhub.sessions.shapes import ConflictShape, ReleaseShape, conflict_shapes, release_shape
from eventhub.web.fields import INT32, Form, Instant, Notice, Shape
from eventhub.wording import say

from .delaying import Announce, Delayed, Preview

Minutes = Annotated[int, Field(ge=-MOST_MINUTES, le=MOST_MINUTES)]


class AskedDelay(Form):
    """By how many minutes, less than none for earlier again. `begun` None: as its broadcast tells, else as planned."""

    minutes: Minutes
    gaps: Gaps = Gaps.KEEP
    begun: bool | None = None


class NewDelay(AskedDelay):
    """`announce` is told to the audience at once, null not; left out, it is worded by itself."""

    announce: Notice | None = None
    confirm_conflicts: bool = False

    @property
    def wording(self) -> Announce:
        return self.announce if "announce" in self.model_fields_set else True


class PressedDelay(Form):
    """The same as pages send it. A form without a text to edit has the audience told as it is worded by itself."""

    minutes: Minutes
    gaps: Gaps = Gaps.KEEP
    begun: Literal["", "yes", "no"] = ""
    release: Annotated[int, Field(ge=1, le=INT32)] | None = None
    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = None
    tell: Literal["1"] | None = None
    announce: Notice | None = None
    edits: Literal["1"] | None = None
    confirm_conflicts: Literal["1"] | None = None

    @property
    def wording(self) -> Announce:
        if not self.edits:
            return True
        return self.announce if self.tell else None


BEGUN: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


def wish_of(session: str, minutes: int, gaps: Gaps, begun: bool | None) -> Wish:
    """Return what is asked for; nought minutes are no delay."""
    if minutes == 0:
        raise Invalid.field("minutes", say("Say by how many minutes."))
    return Wish(session, minutes, gaps, begun)


class SpanShape(Shape):
    starts_at: Instant
    ends_at: Instant


class MoveShape(Shape):
    session: str
    title: str
    before: SpanShape
    after: SpanShape


class DelayPreview(Shape):
    """What a delay would do. `release` is the last one's number: what is seen here holds while it is that."""

    release: int
    session: str
    minutes: int
    gaps: Gaps
    begun: bool
    moves: list[MoveShape]
    conflicts: list[ConflictShape]
    kept_drafts: list[str]
    announcement: str | None
    announced_to: list[str]


class DelayShape(Shape):
    """A delay that was made. `kept_drafts` stand elsewhere in the draft and were left there."""

    release: ReleaseShape
    moves: list[MoveShape]
    conflicts: list[ConflictShape]
    kept_drafts: list[str]
    announced_to: list[str]


def preview_shape(preview: Preview, reader: Reader) -> DelayPreview:
    """Return a preview as the API answers it."""
    outlook = preview.outlook
    return DelayPreview(
        release=outlook.standing.release.number,
        session=outlook.wish.session,
        minutes=outlook.wish.minutes,
        gaps=outlook.wish.gaps,
        begun=outlook.standing.begun,
        moves=[_move(move) for move in outlook.moves],
        conflicts=conflict_shapes(list(outlook.conflicts), reader),
        kept_drafts=list(outlook.kept_drafts),
        announcement=preview.announcement or None,
        announced_to=[move.code for move in preview.audience],
    )


def delay_shape(delayed: Delayed, reader: Reader) -> DelayShape:
    """Return a delay as the API answers it."""
    outlook = delayed.done.outlook
    return DelayShape(
        release=release_shape(delayed.done.release, reader),
        moves=[_move(move) for move in outlook.moves],
        conflicts=conflict_shapes(list(outlook.conflicts), reader),
        kept_drafts=list(outlook.kept_drafts),
        announced_to=list(delayed.announced),
    )


def _move(move: Move) -> MoveShape:
    return MoveShape(
        session=move.code, title=move.title, before=_span(move.old), after=_span(move.new)
    )


def _span(span: Span) -> SpanShape:
    return SpanShape(starts_at=span.starts_at, ends_at=span.ends_at)
