"""`eventhub invitations` answers in the contract's shape, on a folder that may be served meanwhile."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eventhub.cli import main
from tests.invites.conftest import Invites


@pytest.fixture
async def published(invites: Invites, monkeypatch: pytest.MonkeyPatch) -> Invites:
    """Give the published event, its folder and database named in the environment."""
    await invites.publish()
    settings = invites.installation.settings
    for name in ("DATABASE_URL", "BASE_URL", "SECRET"):
        monkeypatch.setenv(f"EVENTHUB_{name}", str(getattr(settings, name.lower())))
    return invites


def command(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "invitations", *words])


def test_sending_says_how_many_and_is_done_once(published: Invites) -> None:
    data = published.installation.settings.data

    dry = command(data, "send", "--event", "rakortek", "--dry-run", "--json")
    told = command(data, "send", "--event", "rakortek", "--dry-run")
    sent = command(data, "send", "--event", "rakortek", "--json")
    again = command(data, "send", "--event", "rakortek")

    assert json.loads(dry.stdout) == {"queued": 6, "unchanged": 0}
    assert told.stdout == (
        "6 mails would be queued, 0 unchanged.\n"
        "papua\tBappeda Provinsi Papua\t1 welcome, 2 request\n"
        "kementerian\tKementerian Dalam Negeri\t1 welcome, 2 request\n"
        "1 participants have no address.\n"
    )
    assert json.loads(sent.stdout) == {"queued": 6, "unchanged": 0}
    assert again.stdout == "0 mails queued, 6 unchanged.\n1 participants have no address.\n"


def test_status_lists_every_invitation(published: Invites) -> None:
    data = published.installation.settings.data
    command(data, "send", "--event", "rakortek")

    lines = json.loads(command(data, "status", "--event", "rakortek", "--json").stdout)

    assert [(line["email"], line["session"], line["mail"]) for line in lines] == [
        ("dirjen@example.org", "pembukaan", "queued"),
        ("papua@example.org", "pembukaan", "queued"),
        ("dirjen@example.org", "desk", "queued"),
        ("papua@example.org", "desk", "queued"),
    ]
    assert {"uid", "sequence", "attendance", "rsvp", "in_place_of"} <= lines[0].keys()


def test_an_event_that_is_not_there_is_one_line_and_exit_1(published: Invites) -> None:
    answer = command(published.installation.settings.data, "send", "--event", "nowhere")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "There is no event nowhere.\n"
