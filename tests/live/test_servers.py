"""Listening to real servers: several processes tell each other's listeners, and an end waits for nobody."""

import http.client
import json
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import engines
from tests.cli.running import eventhub, served

API = "/api/v1/events/rakortek/announcements"


class Listening:
    """A connection of its own that listens with a token."""

    def __init__(self, base_url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=100)
        self._connection.request(
            "GET", "/live/rakortek", headers={"Authorization": f"Bearer {token}"}
        )
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        assert self.hear()["last"] == 0

    def hear(self) -> dict[str, Any]:
        """Return the data of the next message; nothing when the stream ends."""
        while line := self._answer.readline():
            if line.startswith(b"data: "):
                return dict(json.loads(line.removeprefix(b"data: ")))
        return {}

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def prepared(data: Path) -> str:
    """Make an event; return an owner's token."""
    made = eventhub(
        data, "events", "add", "rakortek", "--title", "R",
        "--starts", "2021-02-25", "--ends", "2021-02-27", "--zone", "Asia/Jakarta",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return eventhub(data, "tokens", "add", "own", "--role", "owner").stdout.strip()


def announce(base_url: str, token: str, text: str) -> None:
    request = urllib.request.Request(  # noqa: S310 -- our own server
        base_url + API,
        json.dumps({"text": text}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=100).close()  # noqa: S310 -- as above


def test_a_server_that_is_asked_to_end_waits_for_no_listener(tmp_path: Path) -> None:
    token = prepared(tmp_path)
    with served(tmp_path, "serve") as (process, line):
        listeners = [Listening(line["base_url"], token) for _ in range(3)]
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        ends = [listener.hear() for listener in listeners]
        code = process.wait(timeout=40)
        spent = time.monotonic() - began
        for listener in listeners:
            listener.close()

    assert ends == [{}, {}, {}]
    assert code == 0
    # With a listener it would wait out the grace that requests have.
    assert spent < 15


@pytest.mark.slow
def test_listeners_of_every_server_process_hear_what_any_of_them_is_told(
    tmp_path: Path, shared_folder: Path
) -> None:
    with engines.new_postgres(engines.postgres_server(shared_folder)) as url:
        (tmp_path / "eventhub.env").write_text(f"EVENTHUB_DATABASE_URL={url}\n", "utf-8")
        token = prepared(tmp_path)
        texts = [f"announcement {n}" for n in range(6)]
        with (
            served(tmp_path, "serve", "--workers", "2") as (_, line),
            served(tmp_path, "serve") as (_, other),
        ):
            servers = [line["base_url"]] * 6 + [other["base_url"]] * 2
            listeners = [Listening(base_url, token) for base_url in servers]
            for base_url, text in zip(servers, texts, strict=False):
                announce(base_url, token, text)
            heard = [[listener.hear()["text"] for _ in texts] for listener in listeners]
            for listener in listeners:
                listener.close()

    assert heard == [texts] * len(listeners)
