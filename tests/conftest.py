"""What tests stand on: fresh databases on both engines, a clock that stands still, a mail server, a browser."""

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from eventhub.clock import Clock
from eventhub.db.engine import Database
from eventhub.settings import Settings, read_settings
from tests import browser as chromium
from tests import engines
from tests.standins.smtp import MailServer

# 08:30 WIB on the day the sample event opens.
OPENING_DAY = datetime(2021, 2, 25, 1, 30, tzinfo=UTC)


class StillClock(Clock):
    """Stands at `moment` until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, shared_folder: Path, tmp_path: Path
) -> Iterator[str]:
    """Give the URL of a fresh, migrated database: once per engine."""
    if request.param == "sqlite":
        yield engines.new_sqlite(engines.sqlite_template(shared_folder), tmp_path)
    else:
        with engines.new_postgres(engines.postgres_server(shared_folder)) as url:
            yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open the fresh database."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    """Stand at 08:30 WIB on 25 February 2021."""
    return StillClock(OPENING_DAY)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, unused_tcp_port: int) -> Settings:
    """Give settings for a server on a free port, its data in the test's folder, without mail."""
    return read_settings(
        {
            "EVENTHUB_DATABASE_URL": database_url,
            "EVENTHUB_BASE_URL": f"http://127.0.0.1:{unused_tcp_port}",
            "EVENTHUB_SECRET": "a secret that lives as long as one test",
        },
        tmp_path / "data",
    )


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """Run a mail server on loopback."""
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Run a Chromium; a test that needs its camera uses `tests.browser.launched`."""
    async with chromium.launched() as opened:
        yield opened


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if (
            self.family in {socket.AF_INET, socket.AF_INET6}
            and not ip_address(address[0]).is_loopback
        ):
            raise ConnectionRefusedError(f"a test wanted to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
