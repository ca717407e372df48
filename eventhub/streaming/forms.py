"""Shapes of broadcasts, and what is sent about them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eventhub.language import Reader
from eventhub.web.fields import Form, HttpUrl, Instant, Shape
from eventhub.wording import render

from .model import Act, Provider, Shown, State
from .problems import PROBLEMS
from .room_model import CheckItem
from .trouble import Problem

Link = Annotated[HttpUrl, StringConstraints(min_length=1)]


class PastedLink(Form):
    """Where a session is streamed, when it is not by a broadcast made here."""

    provider: Literal["link"] = "link"
    watch_url: Link


Back = Literal["session", "room", "card"]


class WantedAct(Form):
    """A button: `confirm` is its second click, `back` the page it stands on, or only its card there."""

    act: Act
    confirm: Literal["1", ""] = ""
    back: Back = "session"


class Ticked(Form):
    """An item of the checklist that was seen, or not."""

    item: CheckItem
    done: Literal["1", ""] = ""
    back: Back = "room"


class ViewersShape(Shape):
    """Known participants at the stream."""

    now: Annotated[int, Field(ge=0)]
    peak: Annotated[int, Field(ge=0)]
    at: Instant


class ProblemShape(Shape):
    code: str
    explanation: str
    action: str


class BroadcastShape(Shape):
    """A session's broadcast, in the contract's shape."""

    session: str
    provider: Provider
    state: State
    youtube_id: str | None
    stream_id: str | None
    watch_url: str | None
    scheduled_start: Instant
    viewers: ViewersShape
    problem: ProblemShape | None


def problem_shape(problem: Problem, reader: Reader) -> ProblemShape:
    """Return a problem in the reader's language."""
    return ProblemShape(
        code=problem.code,
        explanation=render(problem.explanation, reader),
        action=render(problem.action, reader),
    )


def broadcast_shape(shown: Shown, reader: Reader) -> BroadcastShape:
    """Return a streamed session's broadcast; without one it is wanted of YouTube."""
    row = shown.broadcast
    problem = PROBLEMS.get(row.problem_code) if row and row.problem_code else None
    viewers = shown.viewers
    return BroadcastShape(
        session=shown.session,
        provider=row.provider if row else Provider.YOUTUBE,
        state=shown.state,
        youtube_id=row.youtube_id if row else None,
        stream_id=row.stream_id if row else None,
        watch_url=row.watch_url if row else None,
        scheduled_start=(row.scheduled_start if row else None) or shown.starts_at,
        viewers=ViewersShape(now=viewers.now, peak=viewers.peak, at=viewers.at),
        problem=problem_shape(problem, reader) if problem else None,
    )
