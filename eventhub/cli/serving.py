"""Serving a folder: the socket, the application, the worker, and a clean end."""

import asyncio
import gc
import logging
import multiprocessing
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import structlog
from aiohttp import web

from eventhub import app
from eventhub.cli.folder import ADDRESS_FILE, Folder, compose, fail
from eventhub.clock import set_clock
from eventhub.installation import Installation
from eventhub.live.pages import close_streams
from eventhub.settings import Settings
from eventhub.web.connections import HEADERS_WITHIN_S, impatient
from eventhub.web.observe import PENDING
from eventhub.worker import Worker

T = TypeVar("T")

GRACE_S = 20.0
# How long a thread that writes scans waits at most for the interpreter while requests are read; 5 ms by default.
SWITCH_S = 0.001
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Step = Callable[[Installation], Awaitable[None]]


async def nothing(_installation: Installation) -> None:
    """Do nothing: the step of a command that has none."""


def serve_folder(
    folder: Folder,
    *,
    host: str,
    port: int,
    now: datetime | None,
    prepare: Step = nothing,
    announce: Step = nothing,
    workers: int = 1,
) -> None:
    """Serve until interrupted. `prepare` runs once before anything is answered, `announce` once it can be."""
    settings = folder.configured()
    if now is not None:
        set_clock(settings.data, now)
    listening = listen(host, port)
    settings = _at_address(settings, listening, host)
    set_up_logs(settings)
    raise_open_files()
    sys.setswitchinterval(SWITCH_S)
    run_loop(_once(settings, prepare))
    fork = multiprocessing.get_context("fork")
    others = [
        fork.Process(target=_serve_beside, args=(settings, listening)) for _ in range(workers - 1)
    ]
    for process in others:
        process.start()
    run_loop(_serve(settings, listening, announce))
    for process in others:
        process.terminate()
        process.join(GRACE_S)


def _serve_beside(settings: Settings, listening: socket.socket) -> None:
    run_loop(_serve(settings, listening, nothing))


async def _once(settings: Settings, prepare: Step) -> None:
    installation = compose(settings)
    try:
        await installation.database.migrate()
        await prepare(installation)
    finally:
        await installation.database.close()


async def _serve(settings: Settings, listening: socket.socket, announce: Step) -> None:
    installation = compose(settings)
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    _stop_with_the_first(stop)
    application = app.build(installation)
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,
        handle_signals=False,
        keepalive_timeout=HEADERS_WITHIN_S,
        shutdown_timeout=GRACE_S,
    )
    worker = Worker(installation, app.JOBS, app.ROUNDS)
    working = asyncio.create_task(worker.run())
    try:
        await runner.setup()
        assert runner.server is not None
        server = await asyncio.get_running_loop().create_server(
            impatient(runner.server), sock=listening
        )
        await announce(installation)
        spare_the_collector()
        await stop.wait()
        server.close()
        await close_streams(application)
        # aiohttp drops what still arrives of a body once it shuts down, so requests end before that.
        await application[PENDING].none_left(within=GRACE_S)
    finally:
        await runner.cleanup()
        worker.stop()
        await working
        await installation.database.close()


def _stop_with_the_first(stop: asyncio.Event) -> None:
    """Let a process beside the first end when that one is gone: whoever serves the port anew finds it free."""
    first = multiprocessing.parent_process()
    if first is None:
        return
    loop, gone = asyncio.get_running_loop(), first.sentinel

    def leave() -> None:
        loop.remove_reader(gone)
        stop.set()

    loop.add_reader(gone, leave)


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end what a command does, on the quickest loop there is."""
    try:
        import uvloop  # noqa: PLC0415 -- it has no wheel for every system
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def spare_the_collector() -> None:
    """Leave out of garbage collection what has been loaded, which stays, and collect less often: full rounds stop all.

    What a request makes is freed by its counts; only cycles wait for a round.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def raise_open_files() -> None:
    """Let this process and those it starts hold as many connections as the system allows: open pages hold one each."""
    try:
        import resource  # noqa: PLC0415 -- only POSIX has it
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one, a taken port ends the command."""
    listening = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM
    )
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        sentence = (
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another with --port."
        )
        raise fail(sentence) from error
    listening.listen(1024)
    return listening


def _at_address(settings: Settings, listening: socket.socket, host: str) -> Settings:
    """Return the settings with the address served where none is set, and note it for other commands."""
    if not settings.base_url:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 -- compared, not bound
        shown = everywhere.get(host, f"[{host}]" if ":" in host else host)
        settings = replace(settings, base_url=f"http://{shown}:{listening.getsockname()[1]}")
    (settings.data / ADDRESS_FILE).write_text(settings.base_url, "ascii")
    return settings


def set_up_logs(settings: Settings) -> None:
    """Write logs to stderr, as text or as a JSON object a line."""
    as_json = settings.log == "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json else structlog.dev.set_exc_info,
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
