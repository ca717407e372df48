"""Real servers, killed as they scan, and several of them at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from scripts import soak
from scripts.bench import crowd
from scripts.bench.figure import MORNING
from scripts.serving import served
from tests import engines

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def postgres_url(shared_folder: Path) -> Iterator[str]:
    with engines.new_postgres(engines.postgres_server(shared_folder)) as url:
        yield url


def test_killing_the_server_as_it_scans_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    outcome = soak.soak(tmp_path / "data", 3, people=200, between=(5, 50))

    assert outcome.answered >= 15
    assert outcome.faults == []


def test_killing_the_server_as_it_scans_loses_nothing_on_postgresql(
    tmp_path: Path, postgres_url: str
) -> None:
    outcome = soak.soak(tmp_path / "data", 3, postgres_url, people=200, between=(5, 50))

    assert outcome.answered >= 15
    assert outcome.faults == []


def test_a_ticket_shown_to_four_server_processes_at_once_is_admitted_by_one(
    tmp_path: Path, postgres_url: str
) -> None:
    data, tickets, times = tmp_path / "data", 10, 8
    made = crowd.made(data, tickets, texts=tickets, url=postgres_url)
    environment = crowd.environment(postgres_url)
    arguments = ("serve", "--data", str(data), "--now", MORNING, "--workers", "4")
    with served(*arguments, environment=environment) as server:
        url = f"{server.base_url}/api/v1/events/{crowd.SLUG}/passages"
        headers = {
            "Authorization": f"Bearer {made.token}",
            "Content-Type": "application/json",
            "Connection": "close",
        }

        def scan(text: str) -> tuple[str, str]:
            asked = Request(url, crowd.body([crowd.passage(str(uuid4()), text)]), headers)  # noqa: S310 -- our own server
            with urlopen(asked, timeout=60) as answer:  # noqa: S310 -- as above
                result = json.loads(answer.read())["results"][0]
            return text, result["reason"] or result["status"]

        with ThreadPoolExecutor(times * 2) as scanners:
            shown = [text for text in made.texts for _ in range(times)]
            told = sorted(scanners.map(scan, shown))

    assert told == sorted(
        (text, verdict) for text in made.texts for verdict in ["ok", *["already_in"] * (times - 1)]
    )
