"""What tests stand on: fresh databases on both engines, a clock that stands still, a mail server, a browser."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import settings as hypothesis_settings
from playwright.async_api import Browser

from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.settings import Settings, read_settings
from tests import browser as chromium
from tests import engines
from tests.callers import Client
from tests.standins.clock import OPENING_DAY, StillClock
from tests.standins.network import refuse_outside
from tests.standins.smtp import MailServer

Request = pytest.FixtureRequest

# A busy machine takes its time: how long a case takes is no property of the code.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the PostgreSQL of this test run: in the process that starts and ends the others."""
    if not hasattr(session.config, "workerinput"):
        engines.stop_postgres(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]  # pytest's own


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def lent_postgres(shared_folder: Path) -> Iterator[engines.LentPostgres]:
    """Keep the PostgreSQL database that this process empties after each test."""
    kept = engines.LentPostgres(engines.postgres_server(shared_folder))
    yield kept
    kept.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: Request, shared_folder: Path, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a fresh, migrated database: once per engine."""
    if request.param == "sqlite":
        yield engines.new_sqlite(engines.sqlite_template(shared_folder), tmp_path)
    else:
        lent: engines.LentPostgres = request.getfixturevalue("lent_postgres")
        with lent.lent() as url:
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
def installation(settings: Settings, clock: StillClock, database: Database) -> Installation:
    """Give an opened data folder whose clock the test holds."""
    from eventhub.cli.folder import compose  # noqa: PLC0415 -- tests of rules need no application

    return replace(compose(settings), clock=clock, database=database)


@pytest.fixture
async def client(installation: Installation, settings: Settings) -> AsyncIterator[Client]:
    """Call the whole application, served at its base address."""
    from eventhub import app  # noqa: PLC0415 -- tests of rules need no application

    port = int(settings.base_url.rpartition(":")[2])
    async with TestClient(TestServer(app.build(installation), port=port)) as calling:
        yield calling


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
    refuse_outside(monkeypatch)
