"""`eventhub mail receive` takes one message on stdin, and says in one line what became of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eventhub.cli import main
from tests.invites.conftest import Invites
from tests.invites.replies import Said, gmail, outlook


@pytest.fixture
async def sent(invites: Invites, monkeypatch: pytest.MonkeyPatch) -> Invites:
    """Give the published event with its invitations, its folder and database named in the environment."""
    await invites.publish()
    await invites.send()
    settings = invites.installation.settings
    for name in ("DATABASE_URL", "BASE_URL", "SECRET"):
        monkeypatch.setenv(f"EVENTHUB_{name}", str(getattr(settings, name.lower())))
    return invites


@pytest.fixture
async def uid(sent: Invites) -> str:
    """Give the UID of the desk's invitation to Papua."""
    [found] = [
        one.uid
        for one in await sent.standings()
        if (one.session, one.participant_id) == ("desk", 2)
    ]
    return found


def receive(data: Path, message: bytes, *words: str) -> Result:
    command = ["--data", str(data), "mail", "receive", *words]
    return CliRunner().invoke(main, command, input=message)


def test_a_reply_on_stdin_is_kept(sent: Invites, uid: str) -> None:
    data = sent.installation.settings.data

    answer = receive(data, outlook(Said(uid=uid, partstat="TENTATIVE")))
    again = receive(data, outlook(Said(uid=uid, partstat="TENTATIVE")), "--json")
    status = CliRunner().invoke(
        main, ["--data", str(data), "invitations", "status", "--event", "rakortek", "--json"]
    )

    assert (answer.exit_code, answer.stdout, answer.stderr) == (
        0,
        "Kepala Bappeda Provinsi Papua answers tentative for Desk Papua.\n",
        "",
    )
    assert json.loads(again.stdout) == {
        "kind": "nothing",
        "text": "Not for us: It was counted before.",
    }
    [line] = [one for one in json.loads(status.stdout) if one["uid"] == uid]
    assert (line["rsvp"], line["comment"]) == ("tentative", "Hadir, terima kasih")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "Not for us: It is empty.\n"),
        (b"\x00\xff" * 5000, "Not for us: It holds no answer to an invitation.\n"),
        (gmail(Said(uid="unknown")), "Not for us: No invitation was sent that it could answer.\n"),
        (b"x" * 23_000_000, "Not for us: It is larger than 20 MB.\n"),
    ],
)
def test_what_is_not_for_us_is_said_and_no_error(sent: Invites, message: bytes, said: str) -> None:
    answer = receive(sent.installation.settings.data, message)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (0, said, "")


@pytest.mark.parametrize("place", ["/nowhere/at/all.db", "{folder}/letter.txt"])
def test_a_database_that_does_not_answer_is_one_line_and_exit_1(tmp_path: Path, place: str) -> None:
    (tmp_path / "letter.txt").write_text(
        "Not a database, though long enough to be looked at. " * 30
    )
    answer = subprocess.run(
        [sys.executable, "-m", "eventhub", "--data", str(tmp_path), "mail", "receive"],
        input=gmail(Said()),
        capture_output=True,
        env={**os.environ, "EVENTHUB_DATABASE_URL": f"sqlite:///{place.format(folder=tmp_path)}"},
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (1, b"")
    assert answer.stderr.startswith(b"The database does not answer: ")
    assert answer.stderr.count(b"\n") == 1
