"""What comes next for a broadcast, in words for the control room."""

from datetime import datetime
from zoneinfo import ZoneInfo

from eventhub.wording import Local, Text, say

from .automatic import Does, Outlook, Subject
from .model import Act, State
from .problems import PROBLEMS

_ACTS = {
    Act.CREATE.value: say("created anew"),
    Act.TEST.value: say("tested"),
    Act.START.value: say("started"),
    Act.END.value: say("ended"),
    Act.DELETE.value: say("deleted"),
}
_NOW = {
    Act.TEST: say("Is tested by itself now."),
    Act.START: say("Starts by itself now."),
    Act.END: say("Ends by itself now."),
}


_AT = {
    Does.STARTS: say("Starts by itself at {time}."),
    Does.WAITS_FOR_ENCODER: say("Waits for the encoder since {time}."),
    Does.WAITS_FOR_OTHER: say("Waits since {time}: {title} still has the encoder."),
    Does.WAITS_FOR_BROADCAST: say("Waits since {time}: there is no broadcast on YouTube yet."),
}


def words(subject: Subject, outlook: Outlook, zone: ZoneInfo) -> Text:
    """Return one sentence of what comes next, with moments by the clocks of the event's zone."""
    if outlook.act is not None:
        return _NOW[outlook.act]
    if outlook.does in _AT:
        message = _AT[outlook.does].message
        return Text(message, {"time": _time(outlook, zone), "title": subject.taken_by})
    if outlook.does is Does.ENDS:
        return _ends(subject, outlook, zone)
    return _stands(subject, outlook, zone)


def _ends(subject: Subject, outlook: Outlook, zone: ZoneInfo) -> Text:
    minutes = subject.choice.silent_for.seconds // 60
    if subject.is_link:
        return say("Ends by itself at {time}.", time=_time(outlook, zone))
    return say(
        "Ends by itself at {time}, or after its planned end when the encoder is silent for {n} minutes.",
        time=_time(outlook, zone),
        n=minutes,
    )


def _stands(subject: Subject, outlook: Outlook, zone: ZoneInfo) -> Text:
    """Return why nothing comes by itself, or not now."""
    problem = PROBLEMS.get(subject.standing.problem_code or "")
    match outlook.does:
        case Does.TRIES_AGAIN if problem:
            return say(
                "{problem} Tries again at {time}.",
                problem=problem.explanation,
                time=_time(outlook, zone),
            )
        case Does.GAVE_UP if problem:
            return say("{problem} Nothing more is tried by itself.", problem=problem.explanation)
        case Does.PAUSED:
            return _paused(subject, outlook, zone)
        case Does.MISSED:
            return say("Did not start by itself before its planned end.")
        case Does.OVER:
            return say("Is over.")
        case _:
            return _by_hand(subject)


def _paused(subject: Subject, outlook: Outlook, zone: ZoneInfo) -> Text:
    values = {
        "act": _ACTS.get(subject.standing.paused_act, say("changed")),
        "who": subject.standing.paused_by,
        "time": _time(outlook, zone),
    }
    if subject.state is State.LIVE:
        return say("Does not end by itself: it was {act} by {who} at {time}.", **values)
    return say("Does not start by itself: it was {act} by {who} at {time}.", **values)


def _by_hand(subject: Subject) -> Text:
    if subject.state is State.LIVE:
        return say("Is ended by hand.")
    return say("Is started by hand.")


def _time(outlook: Outlook, zone: ZoneInfo) -> Local:
    moment = outlook.moment
    assert isinstance(moment, datetime)
    return Local(moment, zone)
