"""`eventhub demo` as a program starts it: what it prints, that it serves, and how it ends."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NOW = "2021-02-25T08:30+07:00"
ROLES = {"owner", "organizer", "gate", "health", "streaming", "viewer"}


@asynccontextmanager
async def demo(folder: Path, *options: str) -> AsyncIterator[Process]:
    """Start the command on a free port; whatever happens, it does not outlive the block."""
    command = ("-m", "eventhub", "demo", "--data", str(folder), "--now", NOW, *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def printed(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, (await process.communicate())[1].decode()
    answer: dict[str, Any] = json.loads(line)
    return answer


async def ended(process: Process) -> tuple[int | None, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_one_json_line_leads_to_everything_and_ctrl_c_ends_with_0(tmp_path: Path) -> None:
    async with demo(tmp_path, "--port", "0", "--json") as process, aiohttp.ClientSession() as web:
        answer = await printed(process)
        base = answer["base_url"]
        statuses = {}
        for address in (
            f"{base}/healthz",
            f"{base}/{answer['event']}/",
            answer["scanner_url"],
            *answer["people"].values(),
        ):
            async with web.get(address) as page:
                statuses[address.removeprefix(base)] = page.status
        seen = {}
        for role, token in answer["tokens"].items():
            headers = {"Authorization": f"Bearer {token}"}
            async with web.get(f"{base}/api/v1/events/{answer['event']}", headers=headers) as shape:
                seen[role] = (shape.status, (await shape.json())["state"])
        code, rest, errors = await ended(process)

    assert set(answer) == {"base_url", "event", "sign_in", "scanner_url", "people", "tokens"}
    assert set(answer["sign_in"]) == {"email", "password"}
    assert set(answer["people"]) == {"onsite", "meeting", "stream"}
    assert set(statuses.values()) == {200}, statuses
    assert seen == dict.fromkeys(ROLES, (200, "published"))
    assert (code, rest) == (0, ""), errors


async def test_a_second_start_prints_the_same_but_a_fresh_scanner_link(tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        async with demo(tmp_path, "--port", "0", "--json") as process:
            answer = await printed(process)
            answers.append(answer)
            await ended(process)

    first, second = answers
    assert first["scanner_url"].rsplit("/", 1)[1] != second["scanner_url"].rsplit("/", 1)[1]
    for fresh in ("scanner_url", "base_url", "people"):
        del first[fresh], second[fresh]
    assert first == second


async def test_the_text_names_every_way_in(tmp_path: Path) -> None:
    async with demo(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode() for _ in range(10)]
        await ended(process)

    text = "".join(lines)
    assert text.startswith("Rakortekrenbang 2021 is served. Ctrl-C stops.")
    for part in (
        "/rakortekrenbang-2021/",
        "/manage/sign-in",
        "panitia@example.org",
        "/scan/enrol/",
    ):
        assert part in text
    assert text.count("/p/") == 3
    assert "25 Feb 2021" in text


async def test_a_taken_port_is_one_line_and_exit_1(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with demo(tmp_path, "--port", port) as process:
            out, err = await process.communicate()

    assert (process.returncode, out) == (1, b"")
    assert err.decode().count("\n") == 1
    assert port in err.decode()
