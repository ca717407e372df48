"""Commands: what they print, and how a refused one ends."""

import json
from pathlib import Path

from tests.cli.running import eventhub

EVENT = (
    "events",
    "add",
    "rakortek",
    "--title",
    "Rakortek",
    "--starts",
    "2021-02-25",
    "--ends",
    "2021-02-27",
)


def test_an_event_a_user_and_a_token_are_made(tmp_path: Path) -> None:
    event = eventhub(tmp_path, *EVENT, "--zone", "Asia/Jakarta")
    user = eventhub(
        tmp_path, "users", "add", "planner@example.org", "--role", "organizer", "--event", "rakortek",
        "--password-stdin", typed="sandi yang panjang\n",
    )  # fmt: skip
    token = eventhub(
        tmp_path, "tokens", "add", "planning", "--role", "organizer", "--event", "rakortek"
    )
    listed = eventhub(tmp_path, "tokens", "list", "--json")

    assert [event.returncode, user.returncode, token.returncode] == [0, 0, 0]
    assert user.stdout == "planner@example.org is organizer of rakortek.\n"
    assert len(token.stdout.strip()) == 43
    (line,) = json.loads(listed.stdout)
    assert (line["name"], line["role"], line["event"]) == ("planning", "organizer", "rakortek")
    assert token.stdout.strip() not in listed.stdout


def test_a_refused_command_names_its_options_and_says_each_thing_once(tmp_path: Path) -> None:
    turned = eventhub(
        tmp_path, "events", "add", "rakortek", "--title", "Rakortek", "--starts", "2021-02-27",
        "--ends", "2021-02-25", "--zone", "Mars/Olympus",
    )  # fmt: skip
    early = eventhub(
        tmp_path, "events", "add", "rakortek", "--title", "Rakortek", "--starts", "2021-02-27",
        "--ends", "2021-02-25", "--zone", "Asia/Jakarta",
    )  # fmt: skip

    assert (turned.returncode, turned.stderr.partition(": ")[0]) == (1, "--zone")
    assert (early.returncode, early.stderr) == (
        1,
        "--ends: The last day must not lie before the first.\n",
    )


def test_a_new_users_password_is_printed_once(tmp_path: Path) -> None:
    first = eventhub(tmp_path, "users", "add", "owner@example.org", "--role", "owner")
    again = eventhub(tmp_path, "users", "add", "owner@example.org", "--role", "owner")

    assert first.stdout.splitlines()[0] == again.stdout.strip() == "owner@example.org is owner."
    assert first.stdout.splitlines()[1].startswith("Password: ")


def test_a_refused_command_says_one_line_and_exits_with_1(tmp_path: Path) -> None:
    eventhub(tmp_path, *EVENT, "--zone", "Asia/Jakarta")

    twice = eventhub(tmp_path, *EVENT, "--zone", "Asia/Jakarta")
    zone = eventhub(tmp_path, "events", "add", "x", *EVENT[3:], "--zone", "Jakarta")
    nowhere = eventhub(tmp_path, "tokens", "add", "t", "--role", "gate", "--event", "nowhere")
    short = eventhub(
        tmp_path,
        "users",
        "add",
        "a@example.org",
        "--role",
        "owner",
        "--password-stdin",
        typed="a\n",
    )

    assert (twice.returncode, twice.stdout) == (1, "")
    assert twice.stderr == "There is an event rakortek already. Please choose another code.\n"
    assert (zone.returncode, zone.stderr) == (
        1,
        "--zone: This is no IANA time zone, such as Asia/Jakarta.\n",
    )
    assert (nowhere.returncode, nowhere.stderr) == (1, "There is no event nowhere.\n")
    assert (short.returncode, short.stderr) == (
        1,
        "password: A password needs at least 10 characters.\n",
    )


def test_wrong_usage_exits_with_2_and_says_one_line(tmp_path: Path) -> None:
    role = eventhub(tmp_path, "users", "add", "a@example.org", "--role", "gate")

    assert (role.returncode, role.stderr) == (2, "Name the event of the gate with --event.\n")
    assert eventhub(tmp_path, "nonsense").stderr == "No such command 'nonsense'.\n"
    assert eventhub(tmp_path, "tokens", "add", "t", "--role", "king").returncode == 2
    assert eventhub(tmp_path, "serve", "--now", "2021-02-25T08:30").returncode == 2
    assert eventhub(tmp_path, "nonsense").returncode == 2


def test_the_programme_is_published_and_told_in_words(tmp_path: Path) -> None:
    eventhub(tmp_path, *EVENT, "--zone", "Asia/Jakarta")

    first = eventhub(tmp_path, "programme", "publish", "--event", "rakortek", "--note", "Rilis")
    second = eventhub(tmp_path, "programme", "publish", "--event", "rakortek", "--notify", "none")

    assert first.stdout == "Release 1 of rakortek is published, with 0 changes.\n"
    assert second.stdout == "Release 2 of rakortek is published, with 0 changes.\n"


def test_a_check_tells_what_is_fine_and_ends_with_1_when_something_is_not(tmp_path: Path) -> None:
    fine = eventhub(tmp_path, "check")
    (tmp_path / "eventhub.env").write_text("EVENTHUB_SMTP_URL=smtp://127.0.0.1:1\n")
    wrong = eventhub(tmp_path, "check")

    assert fine.returncode == 0
    assert all(line.startswith("fine  ") for line in fine.stdout.splitlines())
    assert wrong.returncode == 1
    assert (
        "WRONG  The mail server at 127.0.0.1:1 does not answer: Connection refused." in wrong.stdout
    )


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "eventhub.env").write_text("EVENTHUB_DATABASE_URL=mysql://localhost/x\n")

    refused = eventhub(tmp_path, "migrate")

    assert refused.returncode == 2
    assert refused.stderr == "EVENTHUB_DATABASE_URL takes sqlite:///… or postgresql://….\n"


def test_ticket_keys_are_listed_rotated_and_retired(tmp_path: Path) -> None:
    eventhub(tmp_path, *EVENT, "--zone", "Asia/Jakarta")
    first = eventhub(tmp_path, "keys", "rotate", "--event", "rakortek")
    refused = eventhub(tmp_path, "keys", "retire", "1", "--event", "rakortek")
    eventhub(tmp_path, "keys", "rotate", "--event", "rakortek")
    retired = eventhub(tmp_path, "keys", "retire", "1", "--event", "rakortek")
    listed = eventhub(tmp_path, "keys", "list", "--event", "rakortek", "--json")
    read = eventhub(tmp_path, "keys", "list", "--event", "rakortek")

    assert first.stdout == "Key 1 signs new tickets.\n"
    assert (refused.returncode, refused.stderr) == (
        1,
        "Ticket key 1 signs new tickets. Rotate the keys first.\n",
    )
    assert retired.stdout == "Key 1 is retired; 0 tickets died with it.\n"
    assert [line.split("\t")[:2] for line in read.stdout.splitlines()] == [
        ["1", "retired"],
        ["2", "in use"],
    ]
    states = [(key["key"], key["retired_at"] is None) for key in json.loads(listed.stdout)]
    assert states == [(1, False), (2, True)]
