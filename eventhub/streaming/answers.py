"""Which of the closed table's problems an answer of YouTube is."""

from http import HTTPStatus

from .problems import PROBLEMS
from .trouble import Problem

_ALIASES = {
    "scheduledStartTimeRequired": "invalidScheduledStartTime",
    "privacyStatusRequired": "invalidData",
    "incompatibleParameters": "badRequest",
    "missingRequiredParameter": "badRequest",
    "unknownPart": "badRequest",
    "required": "badRequest",
    "invalid": "badRequest",
    "unauthorized_client": "invalid_client",
    "userRateLimitExceeded": "rateLimitExceeded",
    "dailyLimitExceeded": "quotaExceeded",
    "concurrentBroadcastsExceedLimit": "userBroadcastsExceedLimit",
    "sharedIngestionBroadcastsExceedLimit": "userBroadcastsExceedLimit",
    "liveStreamDeletionNotAllowed": "liveBroadcastDeletionNotAllowed",
    "videoNotFound": "liveBroadcastNotFound",
    "playlistItemNotFound": "playlistNotFound",
    "invalidImage": "badPicture",
    "mediaBodyRequired": "badPicture",
    "notFound": "liveBroadcastNotFound",
}


def problem_of(status: int, reason: str) -> Problem:
    """Return what an HTTP status and a reason (empty when there was none) mean."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PROBLEMS["serverError"]
    code = _ALIASES.get(reason, reason)
    if code in PROBLEMS:
        return PROBLEMS[code]
    if code.endswith("ModificationNotAllowed"):
        return PROBLEMS["modificationNotAllowed"]
    if code.startswith("invalid"):
        return PROBLEMS["invalidData"]
    return PROBLEMS[_BY_STATUS.get(status, "badRequest")]


_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "authError",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "liveBroadcastNotFound",
    HTTPStatus.CONFLICT: "rateLimitExceeded",
    HTTPStatus.TOO_MANY_REQUESTS: "rateLimitExceeded",
    HTTPStatus.REQUEST_TIMEOUT: "noAnswer",
}
