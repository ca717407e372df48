"""A process that sets broadcasts up and is killed after one of its calls."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from eventhub.cli.folder import compose
from eventhub.clock import set_clock
from eventhub.settings import YouTubeSettings, read_settings
from tests.standins.clock import OPENING_DAY
from tests.standins.youtube import YouTube
from tests.streaming.scene import published


async def killed_at(
    folder: Path, youtube: YouTube, access: YouTubeSettings, call: int
) -> list[int]:
    """Set up from the command line, killed after a call, then once more; return the exit codes."""
    set_clock(folder, OPENING_DAY)
    settings = replace(read_settings({}, folder), base_url="http://127.0.0.1:8080")
    installation = compose(settings)
    await installation.database.migrate()
    await published(installation)
    await installation.database.close()
    environment = os.environ | {
        "EVENTHUB_YOUTUBE_CLIENT_ID": access.client_id,
        "EVENTHUB_YOUTUBE_CLIENT_SECRET": access.client_secret,
        "EVENTHUB_YOUTUBE_REFRESH_TOKEN": access.refresh_token,
        "EVENTHUB_YOUTUBE_TOKEN_URL": access.token_url,
        "EVENTHUB_YOUTUBE_DISCOVERY_URL": access.discovery_url,
    }
    codes = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "eventhub", "broadcasts", "sync", "--event", "rakortek",
            "--data", str(folder), "--json",
            env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        youtube.on_effect = lambda process=process: (  # type: ignore[misc]  # bound now
            process.kill() if len(youtube.log) == call else None
        )
        codes.append(await process.wait())
    return codes
