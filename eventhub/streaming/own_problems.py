"""What keeps us from calling YouTube at all, or is our own rule."""

from eventhub.wording import say

from .trouble import Retry, problem

OWN_PROBLEMS = [
    problem(
        "not_connected",
        Retry.STOP,
        say("No YouTube channel is connected."),
        say("Paste the link of the stream here, or connect a channel in the settings."),
    ),
    problem(
        "not_released",
        Retry.NEVER,
        say("This session is not in the published programme as a streamed session."),
        say("Publish the programme first; broadcasts follow the last release."),
    ),
    problem(
        "busy",
        Retry.MINUTES,
        say("The broadcasts of this event are just being set up."),
        say("Wait a moment and press again."),
    ),
    problem(
        "under_way",
        Retry.MINUTES,
        say("Somebody is just operating this broadcast."),
        say("Wait until that is done, then look whether it is still needed."),
    ),
    problem(
        "interrupted",
        Retry.LOOK,
        say("It is not known whether this was done: the program was interrupted."),
        say("Look at the state in a minute, and press again if it has not changed."),
    ),
    problem(
        "not_on_youtube",
        Retry.NEVER,
        say("There is no broadcast on YouTube for this session."),
        say("Create it first, or open the link that was pasted."),
    ),
    problem(
        "has_link",
        Retry.NEVER,
        say("This session is streamed by a pasted link, which is not operated from here."),
        say("Operate the stream where it comes from, or delete the link first."),
    ),
    problem(
        "still_starting",
        Retry.LOOK,
        say("YouTube is still starting the broadcast."),
        say(
            "Wait a minute and press again; if it stays so, delete the broadcast and create it anew."
        ),
    ),
    problem(
        "sparing",
        Retry.TOMORROW,
        say("Most of today's units are used: pictures, playlists and changes wait."),
        say("Nothing to do: it goes on after midnight Pacific time."),
    ),
    problem(
        "reserved",
        Retry.TOMORROW,
        say("What is left of today's units is kept for starting and ending broadcasts."),
        say("Nothing to do: it goes on after midnight Pacific time."),
    ),
]
