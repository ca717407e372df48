"""Connecting a channel in the browser: OAuth 2.0 with state and PKCE (RFC 6749, 4.1; RFC 7636).

The state is good once, for ten minutes, and for the user who began; the refresh token is sealed before it is stored.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.signing import digest
from eventhub.web.access import Principal

from . import channels, connection
from .model import Connected
from .problems import PROBLEMS
from .tables import youtube_consents
from .trouble import YouTubeTrouble

SCOPES = ("https://www.googleapis.com/auth/youtube",)
LASTS = timedelta(minutes=10)
PATH = "/manage/channels/connected"


def _flow(installation: Installation, verifier: str | None = None) -> Any:
    from google_auth_oauthlib.flow import Flow  # noqa: PLC0415 -- imports requests, for this page alone

    youtube = installation.settings.youtube
    client = {
        "client_id": youtube.client_id,
        "client_secret": youtube.client_secret,
        "auth_uri": youtube.auth_url,
        "token_uri": youtube.token_url,
    }
    return Flow.from_client_config(
        {"web": client},
        SCOPES,
        redirect_uri=f"{installation.settings.base_url}{PATH}",
        code_verifier=verifier,
        autogenerate_code_verifier=verifier is None,
    )


async def begin(installation: Installation, event: Event, who: Principal) -> str:
    """Return the address of Google's page of consent, keeping what its answer is checked against."""
    flow = await asyncio.to_thread(_flow, installation)
    # Consent is asked for anew, as a refresh token comes with a first consent only.
    address, state = flow.authorization_url(access_type="offline", prompt="consent")
    at = installation.clock.now()
    sealed = channels.sealer(installation.settings.secret).seal(flow.code_verifier.encode())
    async with installation.database.transaction() as tx:
        await tx.execute(youtube_consents.delete().where(youtube_consents.c.expires_at <= at))
        await tx.execute(
            youtube_consents.insert().values(
                digest=digest(state),
                event_id=event.id,
                user_id=who.id,
                sealed_verifier=sealed,
                expires_at=at + LASTS,
            )
        )
    return str(address)


async def take(
    tx: AsyncConnection, installation: Installation, state: str, who: Principal, at: datetime
) -> tuple[int, str] | None:
    """Return event and PKCE verifier of a state, which is good this once; None when it is not this user's."""
    table = youtube_consents.c
    taken = await tx.execute(
        youtube_consents.delete()
        .where(table.digest == digest(state), table.user_id == who.id, table.expires_at > at)
        .returning(table.event_id, table.sealed_verifier)
    )
    row = taken.one_or_none()
    if row is None:
        return None
    opened = channels.sealer(installation.settings.secret).unseal(row.sealed_verifier)
    return row.event_id, opened.decode()


async def finish(
    installation: Installation, event: Event, code: str, verifier: str, who: Principal
) -> Connected:
    """Store the channel that was consented to, or raise YouTubeTrouble."""
    token = await asyncio.to_thread(_exchange, installation, code, verifier)
    youtube_id, title = await _name(installation, event, token)
    at = installation.clock.now()
    sealed = channels.sealer(installation.settings.secret).seal(token.encode())
    async with installation.database.transaction() as tx:
        connected = await channels.add(
            tx, event.id, youtube_id=youtube_id, title=title, sealed_token=sealed, who=who.name,
            at=at,
        )  # fmt: skip
        await audit.record(tx, who, "channel.connected", youtube_id, event_id=event.id, at=at)
    return connected


def _exchange(installation: Installation, code: str, verifier: str) -> str:
    from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415 -- see _flow
    from requests import RequestException  # noqa: PLC0415 -- see _flow

    flow = _flow(installation, verifier)
    try:
        granted = flow.fetch_token(code=code, timeout=20)
    except Warning as error:
        # oauthlib's way to say that less was granted than was asked for.
        raise YouTubeTrouble(PROBLEMS["insufficientPermissions"]) from error
    except OAuth2Error as error:
        known = PROBLEMS.get(str(error.error), PROBLEMS["invalid_grant"])
        raise YouTubeTrouble(known) from error
    except (RequestException, OSError, ValueError) as error:
        raise YouTubeTrouble(PROBLEMS["noAnswer"]) from error
    finally:
        flow.oauth2session.close()
    token = granted.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise YouTubeTrouble(PROBLEMS["invalid_grant"])
    return token


async def _name(installation: Installation, event: Event, token: str) -> tuple[str, str]:
    """Ask the channel for its id and title; an account without a channel cannot be connected."""
    access = replace(installation.settings.youtube, refresh_token=token)
    channel = await connection.unnamed(installation, access)
    youtube_id, title = await channel.find_channel()
    if not youtube_id:
        raise YouTubeTrouble(PROBLEMS["liveStreamingNotEnabled"])
    return youtube_id, title[:200]
