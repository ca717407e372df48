"""Withdrawing at Google what a channel's owner consented to (RFC 7009), once the channel is disconnected here."""

import asyncio
from enum import StrEnum
from urllib.parse import urljoin

import structlog

from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings

log = structlog.get_logger()

WITHIN_S = 10

# Where the owner of an account withdraws a consent by hand.
BY_HAND = "https://myaccount.google.com/connections"


class Withdrawal(StrEnum):
    """What became of the consent: `kept` is one that another connection of the same channel goes by."""

    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    FAILED = "failed"


async def withdraw(
    installation: Installation, access: YouTubeSettings, *, is_shared: bool
) -> Withdrawal:
    """Tell Google that a refresh token is good no more; tried once, as the token is erased here already.

    Google withdraws the whole consent of an account for this client with it, so of a shared one nothing is said.
    """
    if is_shared or installation.settings.youtube.is_set:
        return Withdrawal.KEPT
    return await asyncio.to_thread(_revoke, access)


def _revoke(access: YouTubeSettings) -> Withdrawal:
    import requests  # noqa: PLC0415 -- for this page alone

    # Google's stands beside where tokens are given: https://oauth2.googleapis.com/revoke.
    address = urljoin(access.token_url, "revoke")
    try:
        answer = requests.post(address, data={"token": access.refresh_token}, timeout=WITHIN_S)
    except requests.RequestException as error:
        log.warning("consent not withdrawn", why=type(error).__name__)
        return Withdrawal.FAILED
    # 400: it was withdrawn or has expired already.
    if answer.status_code in {200, 400}:
        return Withdrawal.WITHDRAWN
    log.warning("consent not withdrawn", status=answer.status_code)
    return Withdrawal.FAILED
