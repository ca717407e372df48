"""What comes in and what goes out."""

from typing import Annotated, Literal

from pydantic import Field

from eventhub.web.fields import Form, Instant, Line, Listing, Notice, Shape

from .model import Floor, Names, Poll, Question

MOST_CHOICES = 10


class NewQuestion(Form):
    text: Notice
    anonymous: bool = False


class NewPoll(Form):
    """`choices`: 2 to 10 different answers."""

    text: Line
    choices: Annotated[list[Line], Field(min_length=2, max_length=MOST_CHOICES)]


class Choice(Form):
    choice: Annotated[int, Field(ge=0, lt=MOST_CHOICES)]


class FloorForm(Form):
    is_open: bool = False
    names: Names = Names.OFFICE
    may_be_anonymous: bool = False

    def floor(self, session_id: int) -> Floor:
        """Return the floor the form describes."""
        return Floor(session_id, self.is_open, self.names, self.may_be_anonymous)


class QuestionShape(Shape):
    """`by`: name and office of who asks; empty for who wants to stay unnamed."""

    id: int
    text: str
    by: str
    state: Literal["waiting", "approved", "answered", "rejected"]
    pinned: bool
    votes: int
    asked_at: Instant


class PollShape(Shape):
    """`counts`: how many answered so, in the order of `choices`."""

    id: int
    text: str
    choices: list[str]
    state: Literal["draft", "open", "closed"]
    counts: list[int]


QuestionList = Listing[QuestionShape]
PollList = Listing[PollShape]


def question_shape(question: Question) -> QuestionShape:
    """Return a question as moderators' programs read it."""
    return QuestionShape(
        id=question.id,
        text=question.text,
        by=question.byline(Names.FULL),
        state=question.state.value,
        pinned=question.is_pinned,
        votes=question.votes,
        asked_at=question.asked_at,
    )


def poll_shape(poll: Poll) -> PollShape:
    """Return a poll with its answers counted."""
    return PollShape(
        id=poll.id,
        text=poll.text,
        choices=list(poll.choices),
        state=poll.state.value,
        counts=list(poll.counts),
    )
