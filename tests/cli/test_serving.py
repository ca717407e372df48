"""Serving: one JSON line, a taken port, the folder's clock, and an end that loses nothing."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.running import environment, eventhub, served


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 -- our own server
        return bytes(answer.read())


def test_a_served_folder_answers_where_it_says_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with served(tmp_path, "serve") as (process, line):
        ready = json.loads(fetch(f"{line['base_url']}/readyz"))
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=40)

    assert ready == {"status": "ready"}
    assert code == 0


def test_a_taken_port_is_one_line_and_exit_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = eventhub(tmp_path, "serve", "--port", str(port))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use). Choose another with --port.\n"
    )


def test_more_than_one_worker_needs_postgresql(tmp_path: Path) -> None:
    refused = eventhub(tmp_path, "serve", "--port", "0", "--workers", "2")

    assert refused.returncode == 1
    assert refused.stderr.startswith("More than one worker needs PostgreSQL.")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_when_the_first_process_is_killed_the_others_free_the_port(
    tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "eventhub.env").write_text(f"EVENTHUB_DATABASE_URL={database_url}\n")
    with served(tmp_path, "serve", "--workers", "3") as (process, line):
        address = urlsplit(line["base_url"])
        fetch(f"{line['base_url']}/readyz")
        process.kill()
        wait_until_closed(address.hostname or "", address.port or 0)

    with socket.create_server((address.hostname or "", address.port or 0)):
        pass


def test_the_clock_of_a_folder_is_used_by_every_command(tmp_path: Path) -> None:
    with served(tmp_path, "serve", "--now", "2021-02-25T08:30+07:00") as (_, line):
        page = fetch(f"{line['base_url']}/manage/sign-in?lang=en").decode()
        checked = eventhub(tmp_path, "check").stdout

    assert "2021" in page
    assert "This folder has a clock of its own; it says 2021-02-25T01:3" in checked


def test_a_request_that_was_begun_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    token = eventhub(tmp_path, "tokens", "add", "own", "--role", "owner").stdout.strip()
    body = json.dumps(
        {
            "slug": "rakortek",
            "title": "R",
            "starts_on": "2021-02-25",
            "ends_on": "2021-02-25",
            "time_zone": "Asia/Jakarta",
        }
    ).encode()
    with served(tmp_path, "serve") as (process, line):
        address = urlsplit(line["base_url"])
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(
                b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body[:10]
            )
            fetch(f"{line['base_url']}/healthz")  # by now the half request is being handled
            process.send_signal(signal.SIGTERM)
            wait_until_closed(address.hostname or "", address.port or 0)
            connection.sendall(body[10:])
            answer = connection.recv(65_536)
        code = process.wait(timeout=40)

    assert answer.startswith(b"HTTP/1.1 201")
    assert code == 0
    assert (
        eventhub(tmp_path, "tokens", "add", "t", "--role", "gate", "--event", "rakortek").returncode
        == 0
    )


def wait_until_closed(host: str, port: int) -> None:
    """Return when the server takes no new connections."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            return


def test_the_module_runs_like_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "eventhub", "--version"],
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip

    assert shown.stdout == "eventhub, version 0.1.0\n"
