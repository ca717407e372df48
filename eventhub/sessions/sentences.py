"""A change between two releases in words."""

from datetime import datetime

from eventhub.wording import Text, say

from .model import Change


def sentence(change: Change) -> Text:
    """Return the sentence that tells a change."""
    title = change.title
    if change.change == "new":
        return say("{title} is new: {start}.", title=title, start=_start(change.after))
    if change.change == "moved":
        return _moved(change)
    if change.change == "cancelled":
        return say(
            "{title} is cancelled; it was planned for {start}.",
            title=title,
            start=_start(change.before),
        )
    if change.change == "room":
        return _room(change)
    if change.change == "text" and change.before[0] != change.after[0]:
        return say("“{before}” is now called “{title}”.", before=change.before[0], title=title)
    return _OTHERS[change.change](title)


def _moved(change: Change) -> Text:
    if change.before["starts_at"] == change.after["starts_at"]:
        return say(
            "{title} now ends at {after}, not at {before}.",
            title=change.title,
            before=_end(change.before),
            after=_end(change.after),
        )
    return say(
        "{title} moves from {before} to {after}.",
        title=change.title,
        before=_start(change.before),
        after=_start(change.after),
    )


def _room(change: Change) -> Text:
    if change.after is None:
        return say("{title} no longer takes place in a room.", title=change.title)
    return say("{title} now takes place in room {room}.", title=change.title, room=change.after)


_OTHERS = {
    "link": lambda title: say("{title} has a new way to join.", title=title),
    "text": lambda title: say("The description of {title} was revised.", title=title),
    "audience": lambda title: say("{title} is now for other participants.", title=title),
}


def _start(when: dict[str, str]) -> datetime:
    return datetime.fromisoformat(when["starts_at"])


def _end(when: dict[str, str]) -> datetime:
    return datetime.fromisoformat(when["ends_at"])
