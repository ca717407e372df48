"""The stand-in of YouTube, and an installation connected to its channel."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from aiohttp.test_utils import TestServer

from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings
from eventhub.streaming import connection
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import published, streamed
from tests.streaming.story import SECOND, Story


@pytest.fixture
async def youtube() -> AsyncIterator[YouTube]:
    """Run the stand-in of the YouTube API on loopback."""
    standin = YouTube()
    async with TestServer(standin.application()) as server:
        standin.base_url = str(server.make_url("")).rstrip("/")
        yield standin
        # Calls of a run that a test cut off end before their server does.
        await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
def access(youtube: YouTube) -> YouTubeSettings:
    """Give the credentials of the stand-in's channel."""
    return YouTubeSettings(
        client_id="4711-client.apps.example.org",
        client_secret="client secret",
        refresh_token="refresh token",
        token_url=youtube.token_url,
        discovery_url=youtube.discovery_url,
        auth_url=f"{youtube.base_url}/consent",
    )


@pytest.fixture
def connected(installation: Installation, access: YouTubeSettings) -> Installation:
    """Connect the installation to the stand-in's channel."""
    return replace(installation, settings=replace(installation.settings, youtube=access))


@pytest.fixture
def with_client(installation: Installation, access: YouTubeSettings) -> Installation:
    """Give the installation an OAuth client, but no channel."""
    youtube = replace(access, refresh_token="")
    return replace(installation, settings=replace(installation.settings, youtube=youtube))


@pytest.fixture
async def story(
    connected: Installation, youtube: YouTube, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> Story:
    from eventhub.streaming.youtube import Channel  # noqa: PLC0415 -- slow to import

    monkeypatch.setattr(
        connection,
        "_new_channel",
        partial(Channel, timeout_s=0.4),
    )
    await published(connected, streamed(1), streamed(**SECOND))  # type: ignore[arg-type]  # its own fields
    return Story(connected, youtube, clock)
