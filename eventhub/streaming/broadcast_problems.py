"""What YouTube has against one broadcast: its data, its state, its picture."""

from eventhub.wording import say

from .trouble import WAIT, Retry, problem

BROADCAST_PROBLEMS = [
    problem(
        "revoked",
        Retry.NEVER,
        say("YouTube has taken this broadcast down."),
        say("Look for the reason in YouTube Studio, then delete it here and create it anew."),
    ),
    problem(
        "titleRequired",
        Retry.NEVER,
        say("YouTube refuses the broadcast because its title is empty."),
        say("Give the session a title and publish again."),
    ),
    problem(
        "invalidTitle",
        Retry.NEVER,
        say("YouTube refuses the title of the broadcast."),
        say("Change the session's title and publish again."),
    ),
    problem(
        "invalidDescription",
        Retry.NEVER,
        say("YouTube refuses the description of the broadcast."),
        say("Change the session's abstract and publish again."),
    ),
    problem(
        "invalidScheduledStartTime",
        Retry.NEVER,
        say("YouTube refuses the start: it must lie in the future and not too far ahead."),
        say("Move the session and publish again, or paste the link of a stream."),
    ),
    problem(
        "invalidEmbedSetting",
        Retry.NEVER,
        say("This channel may not embed its broadcasts in other pages."),
        say("Allow embedding for the channel in YouTube Studio, then create the broadcast again."),
    ),
    problem(
        "invalidData",
        Retry.NEVER,
        say("YouTube refuses what was sent about this session."),
        say("Check the session's title, abstract and times and publish again."),
    ),
    problem(
        "redundantTransition",
        Retry.DONE,
        say("The broadcast is already there or on its way."),
        WAIT,
    ),
    problem(
        "invalidTransition",
        Retry.NEVER,
        say("The broadcast is not in a state in which this can be done."),
        say("Look at its state and choose again: test, then start, then end."),
    ),
    problem(
        "errorStreamInactive",
        Retry.NEVER,
        say("The encoder is not sending to this session's stream."),
        say("Start the encoder with the stream of this room and press again when it sends."),
    ),
    problem(
        "liveBroadcastBindingNotAllowed",
        Retry.NEVER,
        say("The broadcast has begun, so it cannot be tied to another stream."),
        say("End it first, or delete it and create it anew."),
    ),
    problem(
        "liveBroadcastDeletionNotAllowed",
        Retry.NEVER,
        say("The broadcast is live, so YouTube does not delete it."),
        say("End it first, then delete it."),
    ),
    problem(
        "modificationNotAllowed",
        Retry.NEVER,
        say("The broadcast has begun, so this part of it can no longer be changed."),
        say("End it first, or delete it and create it anew."),
    ),
    problem(
        "liveBroadcastNotFound",
        Retry.GONE,
        say("The broadcast was deleted on YouTube."),
        say("Create it again; people get the new address from the watch page."),
    ),
    problem(
        "liveStreamNotFound",
        Retry.GONE,
        say("The encoder stream of this room was deleted on YouTube."),
        say("Create the broadcast again, and set up the encoder with the new stream key."),
    ),
    problem(
        "playlistNotFound",
        Retry.GONE,
        say("The playlist was deleted on YouTube."),
        say("Nothing to do: it is made again."),
    ),
    problem(
        "badPicture",
        Retry.NEVER,
        say("YouTube does not take this picture."),
        say(
            "Take the picture out or give another one; verify the channel in YouTube Studio if it takes none."
        ),
    ),
]
