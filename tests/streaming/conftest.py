"""The stand-in of YouTube, and an installation connected to its channel."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer

from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings
from tests.standins.youtube import YouTube


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
def connected(installation: Installation, youtube: YouTube) -> Installation:
    """Connect the installation to the stand-in's channel."""
    access = YouTubeSettings(
        client_id="4711-client.apps.example.org",
        client_secret="client secret",
        refresh_token="refresh token",
        token_url=youtube.token_url,
        discovery_url=youtube.discovery_url,
    )
    return replace(installation, settings=replace(installation.settings, youtube=access))
