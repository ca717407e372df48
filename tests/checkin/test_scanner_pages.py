"""What a phone loads to become a scanner."""

import json
import re

import pytest

from tests.callers import Client

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CSP = "script-src 'self' 'wasm-unsafe-eval'"
BUDGET = 300_000  # bytes, without the WebAssembly part


async def test_the_page_and_its_workers_may_compile_webassembly_and_nothing_else_may(
    client: Client,
) -> None:
    for path in ("/scan", "/scan/worker.js", "/scan/decode.js"):
        policy = (await client.get(path)).headers["Content-Security-Policy"]
        assert CSP in policy
        assert "worker-src 'self'" in policy
        assert "unsafe-inline" not in policy
    assert "wasm" not in (await client.get("/")).headers["Content-Security-Policy"]


async def test_the_service_worker_governs_the_page_above_it(client: Client) -> None:
    answer = await client.get("/scan/worker.js")

    assert answer.headers["Service-Worker-Allowed"] == "/scan"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.content_type == "text/javascript"


async def test_the_kept_shell_is_whole_and_within_its_budget(client: Client) -> None:
    worker = await (await client.get("/scan/worker.js")).text()
    shell = json.loads(worker.removeprefix("const SHELL = ").partition(";\n")[0])

    sizes = {}
    for path in (shell["page"], *shell["files"]):
        answer = await client.get(path)
        assert answer.status == 200
        sizes[path] = (answer.content_type, len(await answer.read()))

    wasm = [kind for path, (kind, _) in sizes.items() if ".wasm" in path]
    assert wasm == ["application/wasm"]
    assert sum(size for path, (_, size) in sizes.items() if ".wasm" not in path) < BUDGET
    page = await (await client.get("/scan")).text()
    used = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)\?[^"]+)"', page)
    assert len(used) == 2
    assert set(used) <= set(shell["files"])
    imported = {
        f"/static/scanner/{name}"
        for path in shell["files"]
        if path.startswith("/static/scanner/") and ".js" in path
        for name in re.findall(r'from "\./([a-z]+\.js)"', await (await client.get(path)).text())
    }
    assert imported <= set(shell["files"])


async def test_a_phone_can_install_it_in_its_language(client: Client) -> None:
    manifest = await (await client.get("/scan/manifest.webmanifest?lang=id")).json(
        content_type="application/manifest+json"
    )

    assert manifest["name"] == "Pemindai tiket"
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/scan", "/scan", "/scan")
    for icon in manifest["icons"]:
        answer = await client.get(icon["src"])
        assert (answer.status, answer.content_type) == (200, "image/png")


async def test_the_shell_names_nobody_and_says_it_in_both_languages(client: Client) -> None:
    shown = await (await client.get("/scan?lang=en")).text()

    assert "Start scanning" in shown
    assert "Mulai memindai" in await (await client.get("/scan?lang=id")).text()
    setup = re.search(r'id="setup">(.*?)</script>', shown)
    assert setup is not None
    assert set(json.loads(setup[1])) == {"urls", "engine", "texts"}
