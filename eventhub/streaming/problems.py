"""What YouTube's errors mean: one sentence, one action, and whether to try again.

Decided on the HTTP status and `errors[0].reason`, never on the message
(https://developers.google.com/youtube/v3/live/docs/errors).
"""

from .broadcast_problems import BROADCAST_PROBLEMS
from .channel_problems import CHANNEL_PROBLEMS
from .own_problems import OWN_PROBLEMS

PROBLEMS = {
    problem.code: problem for problem in [*OWN_PROBLEMS, *CHANNEL_PROBLEMS, *BROADCAST_PROBLEMS]
}
