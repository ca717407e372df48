"""Errors become one sentence, one action, and what the program does meanwhile."""

import pytest

from eventhub.streaming.answers import problem_of
from eventhub.streaming.problems import PROBLEMS
from eventhub.streaming.quota import day_ends
from eventhub.streaming.trouble import Retry
from tests import make


@pytest.mark.parametrize(
    ("status", "reason", "code", "retry"),
    [
        (400, "invalidTitle", "invalidTitle", Retry.NEVER),
        (400, "scheduledStartTimeRequired", "invalidScheduledStartTime", Retry.NEVER),
        (400, "invalidSomethingNew", "invalidData", Retry.NEVER),
        (400, "incompatibleParameters", "badRequest", Retry.NEVER),
        (400, "invalid_grant", "invalid_grant", Retry.STOP),
        (400, "invalidPageToken", "invalidPageToken", Retry.BACKOFF),
        (401, "authError", "authError", Retry.STOP),
        (401, "", "authError", Retry.STOP),
        (403, "liveStreamingNotEnabled", "liveStreamingNotEnabled", Retry.STOP),
        (403, "quotaExceeded", "quotaExceeded", Retry.TOMORROW),
        (403, "userRequestsExceedRateLimit", "userRequestsExceedRateLimit", Retry.MINUTES),
        (403, "concurrentBroadcastsExceedLimit", "userBroadcastsExceedLimit", Retry.NEVER),
        (403, "redundantTransition", "redundantTransition", Retry.DONE),
        (403, "enableDvrModificationNotAllowed", "modificationNotAllowed", Retry.NEVER),
        (403, "neverHeardOf", "forbidden", Retry.NEVER),
        (404, "liveBroadcastNotFound", "liveBroadcastNotFound", Retry.GONE),
        (404, "liveStreamNotFound", "liveStreamNotFound", Retry.GONE),
        (409, "", "rateLimitExceeded", Retry.BACKOFF),
        (418, "", "badRequest", Retry.NEVER),
        (429, "rateLimitExceeded", "rateLimitExceeded", Retry.BACKOFF),
        (500, "backendError", "serverError", Retry.LOOK),
        (503, "", "serverError", Retry.LOOK),
    ],
)
def test_every_answer_means_one_thing(status: int, reason: str, code: str, retry: Retry) -> None:
    problem = problem_of(status, reason)

    assert (problem.code, problem.retry) == (code, retry)


def test_every_problem_says_what_is_wrong_and_what_to_do_in_sentences() -> None:
    for problem in PROBLEMS.values():
        for text in (problem.explanation, problem.action):
            assert str(text)[0].isupper()
            assert str(text)[-1] == "."
            assert "!" not in str(text)


def test_the_quota_comes_back_at_midnight_pacific() -> None:
    assert day_ends(make.at("09:00", "2021-02-25")) == make.at("15:00", "2021-02-25")
    assert day_ends(make.at("15:00", "2021-02-25")) == make.at("15:00", "2021-02-26")
