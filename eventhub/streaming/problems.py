"""What YouTube's errors mean: one sentence, one action, and whether to try again.

Decided on the HTTP status and `errors[0].reason`, never on the message
(https://developers.google.com/youtube/v3/live/docs/errors).
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.wording import Text, say

from .model import Problem, Retry

PACIFIC = ZoneInfo("America/Los_Angeles")

_REPORT = say("Tell whoever keeps this installation; trying again will not help.")
_WAIT = say("Nothing to do: it is tried again by itself.")


def _problem(code: str, retry: Retry, explanation: Text, action: Text) -> Problem:
    return Problem(code, explanation, action, retry)


_CLOSED = [
    _problem(
        "not_connected",
        Retry.STOP,
        say("No YouTube channel is connected."),
        say("Paste the link of the stream here, or connect a channel in the settings."),
    ),
    _problem(
        "not_released",
        Retry.NEVER,
        say("This session is not in the published programme as a streamed session."),
        say("Publish the programme first; broadcasts follow the last release."),
    ),
    _problem(
        "busy",
        Retry.MINUTES,
        say("The broadcasts of this event are just being set up."),
        say("Wait a moment and press again."),
    ),
    _problem(
        "not_on_youtube",
        Retry.NEVER,
        say("There is no broadcast on YouTube for this session."),
        say("Create it first, or open the link that was pasted."),
    ),
    _problem(
        "has_link",
        Retry.NEVER,
        say("This session is streamed by a pasted link, which is not operated from here."),
        say("Operate the stream where it comes from, or delete the link first."),
    ),
    _problem(
        "still_starting",
        Retry.LOOK,
        say("YouTube is still starting the broadcast."),
        say(
            "Wait a minute and press again; if it stays so, delete the broadcast and create it anew."
        ),
    ),
    _problem(
        "revoked",
        Retry.NEVER,
        say("YouTube has taken this broadcast down."),
        say("Look for the reason in YouTube Studio, then delete it here and create it anew."),
    ),
    _problem(
        "titleRequired",
        Retry.NEVER,
        say("YouTube refuses the broadcast because its title is empty."),
        say("Give the session a title and publish again."),
    ),
    _problem(
        "invalidTitle",
        Retry.NEVER,
        say("YouTube refuses the title of the broadcast."),
        say("Change the session's title and publish again."),
    ),
    _problem(
        "invalidDescription",
        Retry.NEVER,
        say("YouTube refuses the description of the broadcast."),
        say("Change the session's abstract and publish again."),
    ),
    _problem(
        "invalidScheduledStartTime",
        Retry.NEVER,
        say("YouTube refuses the start: it must lie in the future and not too far ahead."),
        say("Move the session and publish again, or paste the link of a stream."),
    ),
    _problem(
        "invalidEmbedSetting",
        Retry.NEVER,
        say("This channel may not embed its broadcasts in other pages."),
        say("Allow embedding for the channel in YouTube Studio, then create the broadcast again."),
    ),
    _problem(
        "invalidData",
        Retry.NEVER,
        say("YouTube refuses what was sent about this session."),
        say("Check the session's title, abstract and times and publish again."),
    ),
    _problem("badRequest", Retry.NEVER, say("YouTube does not understand the request."), _REPORT),
    _problem(
        "invalidPageToken",
        Retry.BACKOFF,
        say("YouTube lost its place in the list of broadcasts."),
        _WAIT,
    ),
    _problem(
        "authError",
        Retry.STOP,
        say("YouTube no longer accepts this channel's connection."),
        say("Connect the channel again on the page of channels, or set a new refresh token."),
    ),
    _problem(
        "invalid_grant",
        Retry.STOP,
        say("The connection to the YouTube channel was withdrawn or has expired."),
        say("Connect the channel again on the page of channels, or set a new refresh token."),
    ),
    _problem(
        "invalid_client",
        Retry.STOP,
        say("Google does not know the client id and secret that are set."),
        say("Correct EVENTHUB_YOUTUBE_CLIENT_ID and EVENTHUB_YOUTUBE_CLIENT_SECRET."),
    ),
    _problem(
        "insufficientPermissions",
        Retry.STOP,
        say("The connection to the channel does not allow managing broadcasts."),
        say("Connect the channel again and allow managing YouTube."),
    ),
    _problem(
        "liveStreamingNotEnabled",
        Retry.STOP,
        say("This channel may not stream live yet."),
        say(
            "Verify the channel and turn live streaming on in YouTube Studio; the first time takes 24 hours."
        ),
    ),
    _problem(
        "livePermissionBlocked",
        Retry.STOP,
        say("YouTube has blocked live streaming for this channel."),
        say("See in YouTube Studio why and until when, or paste the link of another stream."),
    ),
    _problem(
        "insufficientLivePermissions",
        Retry.NEVER,
        say("This broadcast belongs to another channel than the one connected."),
        say("Connect the channel that made it, or delete it here and create it anew."),
    ),
    _problem(
        "forbidden",
        Retry.NEVER,
        say("YouTube does not allow this."),
        say("See in YouTube Studio whether the channel or the broadcast is restricted."),
    ),
    _problem(
        "quotaExceeded",
        Retry.TOMORROW,
        say("Today's units for calls to YouTube are used up."),
        say(
            "Nothing to do: it goes on after midnight Pacific time. Until then use YouTube Studio."
        ),
    ),
    _problem(
        "consentRefused",
        Retry.NEVER,
        say("Google was not allowed to connect the channel."),
        say(
            "Connect it again and allow managing YouTube, with the account the channel belongs to."
        ),
    ),
    _problem(
        "sparing",
        Retry.TOMORROW,
        say("Most of today's units are used: pictures, playlists and changes wait."),
        say("Nothing to do: it goes on after midnight Pacific time."),
    ),
    _problem(
        "reserved",
        Retry.TOMORROW,
        say("What is left of today's units is kept for starting and ending broadcasts."),
        say("Nothing to do: it goes on after midnight Pacific time."),
    ),
    _problem(
        "uploadRateLimitExceeded",
        Retry.HOURS,
        say("YouTube takes only some pictures a day from this channel."),
        _WAIT,
    ),
    _problem(
        "playlistNotFound",
        Retry.GONE,
        say("The playlist was deleted on YouTube."),
        say("Nothing to do: it is made again."),
    ),
    _problem(
        "badPicture",
        Retry.NEVER,
        say("YouTube does not take this picture."),
        say(
            "Take the picture out or give another one; verify the channel in YouTube Studio if it takes none."
        ),
    ),
    _problem(
        "rateLimitExceeded",
        Retry.BACKOFF,
        say("YouTube asks for fewer calls in a short time."),
        _WAIT,
    ),
    _problem(
        "userRequestsExceedRateLimit",
        Retry.MINUTES,
        say("YouTube lets this channel make only a few broadcasts in a short time."),
        _WAIT,
    ),
    _problem(
        "userBroadcastsExceedLimit",
        Retry.NEVER,
        say("This channel has too many broadcasts scheduled or live."),
        say("Delete or end some in YouTube Studio, then create this one again."),
    ),
    _problem(
        "redundantTransition",
        Retry.DONE,
        say("The broadcast is already there or on its way."),
        _WAIT,
    ),
    _problem(
        "invalidTransition",
        Retry.NEVER,
        say("The broadcast is not in a state in which this can be done."),
        say("Look at its state and choose again: test, then start, then end."),
    ),
    _problem(
        "errorStreamInactive",
        Retry.NEVER,
        say("The encoder is not sending to this session's stream."),
        say("Start the encoder with the stream of this room and press again when it sends."),
    ),
    _problem(
        "liveBroadcastBindingNotAllowed",
        Retry.NEVER,
        say("The broadcast has begun, so it cannot be tied to another stream."),
        say("End it first, or delete it and create it anew."),
    ),
    _problem(
        "liveBroadcastDeletionNotAllowed",
        Retry.NEVER,
        say("The broadcast is live, so YouTube does not delete it."),
        say("End it first, then delete it."),
    ),
    _problem(
        "modificationNotAllowed",
        Retry.NEVER,
        say("The broadcast has begun, so this part of it can no longer be changed."),
        say("End it first, or delete it and create it anew."),
    ),
    _problem(
        "liveBroadcastNotFound",
        Retry.GONE,
        say("The broadcast was deleted on YouTube."),
        say("Create it again; people get the new address from the watch page."),
    ),
    _problem(
        "liveStreamNotFound",
        Retry.GONE,
        say("The encoder stream of this room was deleted on YouTube."),
        say("Create the broadcast again, and set up the encoder with the new stream key."),
    ),
    _problem(
        "serverError",
        Retry.LOOK,
        say("YouTube answered with an error of its own."),
        say("Nothing to do: it is looked up and tried again. If it lasts, use YouTube Studio."),
    ),
    _problem(
        "noAnswer",
        Retry.LOOK,
        say("YouTube did not answer."),
        say("Check the network; it is looked up and tried again. If it lasts, use YouTube Studio."),
    ),
    _problem("unreadableAnswer", Retry.LOOK, say("YouTube's answer could not be read."), _REPORT),
]

PROBLEMS = {problem.code: problem for problem in _CLOSED}


def quota_day_ends(at: datetime) -> datetime:
    """Return the next midnight Pacific, when the day's units are given again."""
    tomorrow = at.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), PACIFIC).astimezone(at.tzinfo)
