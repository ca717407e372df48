"""`eventhub broadcasts`: JSON alone on stdout, one line on stderr, exit codes."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eventhub.cli import main
from eventhub.cli.folder import compose
from eventhub.clock import set_clock
from eventhub.installation import Installation
from eventhub.settings import read_settings
from tests.standins.clock import OPENING_DAY
from tests.streaming.scene import published


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a data folder with a published programme, its clock on the opening day."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
        monkeypatch.delenv(f"EVENTHUB_YOUTUBE_{name}", raising=False)
    data = tmp_path / "data"
    data.mkdir()
    set_clock(data, OPENING_DAY)
    settings = replace(read_settings({}, data), base_url="http://127.0.0.1:8080")

    async def fill(installation: Installation) -> None:
        await installation.database.migrate()
        await published(installation)
        await installation.database.close()

    asyncio.run(fill(compose(settings)))
    return data


def run(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["broadcasts", *arguments, "--data", str(folder)])


def test_sync_without_a_channel_tells_each_session_and_ends_with_one(folder: Path) -> None:
    result = run(folder, "sync", "--event", "rakortek", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (
        1,
        {
            "created": 0,
            "updated": 0,
            "deleted": 0,
            "unchanged": 0,
            "put_off": [],
            "extras_put_off": [],
            "problems": [
                {
                    "session": "session-1",
                    "code": "not_connected",
                    "explanation": "No YouTube channel is connected.",
                    "action": (
                        "Paste the link of the stream here, or connect a channel in the settings."
                    ),
                }
            ],
            "units_used": 0,
            "units_left": 10000,
        },
    )
    assert result.stderr == (
        "1 with a problem, the first session-1: No YouTube channel is connected. "
        "Paste the link of the stream here, or connect a channel in the settings.\n"
    )


def test_list_shows_the_contracts_shape(folder: Path) -> None:
    result = run(folder, "list", "--event", "rakortek", "--json")

    (line,) = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (line["session"], line["state"], line["scheduled_start"]) == (
        "session-1",
        "wanted",
        "2021-02-25T02:00:00Z",
    )
    assert "session-1\twanted" in run(folder, "list", "--event", "rakortek").stdout


def test_an_unknown_event_is_one_line_and_exit_one(folder: Path) -> None:
    result = run(folder, "sync", "--event", "nothing")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
