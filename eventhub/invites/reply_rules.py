"""Whether an answer by mail counts. Pure."""

from eventhub.wording import Text, say

from .model import Method
from .reply_model import Held, Reply


def why_not(held: Held, reply: Reply) -> Text | None:
    """Return why a reply does not count for the invitation it names, None when it does.

    RFC 5546, 2.1.5: SEQUENCE decides which is newer, then DTSTAMP. A SEQUENCE nobody sent counts as
    the last one sent: some calendars count their own changes in it.
    """
    if held.method is Method.CANCEL:
        return say("The invitation it answers was taken back.")
    if reply.attendee != held.address.lower():
        return say("{attendee} was not invited by what it answers.", attendee=reply.attendee)
    if reply.sequence < held.sequence:
        return say("It answers an invitation that was changed since.")
    return _behind(held, reply)


def _behind(held: Held, reply: Reply) -> Text | None:
    """Return what a reply comes after, be it given by mail or on the page."""
    if held.replied_dtstamp is not None and held.replied_sequence == held.sequence:
        if reply.dtstamp < held.replied_dtstamp:
            return say("A later answer is known already.")
        if reply.dtstamp == held.replied_dtstamp and reply.partstat is held.answer:
            return say("It was counted before.")
    # DTSTAMP has whole seconds.
    on_page = held.answered_at if held.answered_at != held.replied_at else None
    if on_page is not None and reply.dtstamp < on_page.replace(microsecond=0):
        return say("A later answer is known already.")
    return None
