"""What is wrong with a channel, its consent, its units, or the line to it."""

from eventhub.wording import say

from .trouble import REPORT, WAIT, Retry, problem

CHANNEL_PROBLEMS = [
    problem("badRequest", Retry.NEVER, say("YouTube does not understand the request."), REPORT),
    problem(
        "invalidPageToken",
        Retry.BACKOFF,
        say("YouTube lost its place in the list of broadcasts."),
        WAIT,
    ),
    problem(
        "authError",
        Retry.STOP,
        say("YouTube no longer accepts this channel's connection."),
        say("Connect the channel again on the page of channels, or set a new refresh token."),
    ),
    problem(
        "invalid_grant",
        Retry.STOP,
        say("The connection to the YouTube channel was withdrawn or has expired."),
        say("Connect the channel again on the page of channels, or set a new refresh token."),
    ),
    problem(
        "invalid_client",
        Retry.STOP,
        say("Google does not know the client id and secret that are set."),
        say("Correct EVENTHUB_YOUTUBE_CLIENT_ID and EVENTHUB_YOUTUBE_CLIENT_SECRET."),
    ),
    problem(
        "insufficientPermissions",
        Retry.STOP,
        say("The connection to the channel does not allow managing broadcasts."),
        say("Connect the channel again and allow managing YouTube."),
    ),
    problem(
        "liveStreamingNotEnabled",
        Retry.STOP,
        say("This channel may not stream live yet."),
        say(
            "Verify the channel and turn live streaming on in YouTube Studio; the first time takes 24 hours."
        ),
    ),
    problem(
        "livePermissionBlocked",
        Retry.STOP,
        say("YouTube has blocked live streaming for this channel."),
        say("See in YouTube Studio why and until when, or paste the link of another stream."),
    ),
    problem(
        "insufficientLivePermissions",
        Retry.NEVER,
        say("This broadcast belongs to another channel than the one connected."),
        say("Connect the channel that made it, or delete it here and create it anew."),
    ),
    problem(
        "forbidden",
        Retry.NEVER,
        say("YouTube does not allow this."),
        say("See in YouTube Studio whether the channel or the broadcast is restricted."),
    ),
    problem(
        "quotaExceeded",
        Retry.TOMORROW,
        say("Today's units for calls to YouTube are used up."),
        say(
            "Nothing to do: it goes on after midnight Pacific time. Until then use YouTube Studio."
        ),
    ),
    problem(
        "consentRefused",
        Retry.NEVER,
        say("Google was not allowed to connect the channel."),
        say(
            "Connect it again and allow managing YouTube, with the account the channel belongs to."
        ),
    ),
    problem(
        "uploadRateLimitExceeded",
        Retry.HOURS,
        say("YouTube takes only some pictures a day from this channel."),
        WAIT,
    ),
    problem(
        "rateLimitExceeded",
        Retry.BACKOFF,
        say("YouTube asks for fewer calls in a short time."),
        WAIT,
    ),
    problem(
        "userRequestsExceedRateLimit",
        Retry.MINUTES,
        say("YouTube lets this channel make only a few broadcasts in a short time."),
        WAIT,
    ),
    problem(
        "userBroadcastsExceedLimit",
        Retry.NEVER,
        say("This channel has too many broadcasts scheduled or live."),
        say("Delete or end some in YouTube Studio, then create this one again."),
    ),
    problem(
        "serverError",
        Retry.LOOK,
        say("YouTube answered with an error of its own."),
        say("Nothing to do: it is looked up and tried again. If it lasts, use YouTube Studio."),
    ),
    problem(
        "noAnswer",
        Retry.LOOK,
        say("YouTube did not answer."),
        say("Check the network; it is looked up and tried again. If it lasts, use YouTube Studio."),
    ),
    problem("unreadableAnswer", Retry.LOOK, say("YouTube's answer could not be read."), REPORT),
]
