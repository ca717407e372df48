"""What a user installs: the wheel alone, in an environment that never saw the checkout."""

import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from scripts.serving import ROOT, served

LEFT_BY_TOOLS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as `make wheel` does."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(out),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_carries_what_the_code_reads(wheel: Path) -> None:
    wanted = {
        file.relative_to(ROOT).as_posix()
        for folder in ("eventhub", "templates", "static")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and not LEFT_BY_TOOLS & set(file.parts)
    }

    carried = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert carried == {
        name if name.startswith("eventhub/") else f"eventhub/{name}" for name in wanted
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_runs_from_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "installed"
    venv.create(home, with_pip=True)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run(
        [*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True
    )
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)

    with served(
        "demo",
        "--now",
        "2021-02-25T08:30+07:00",
        command=[str(home / "bin" / "eventhub")],
        environment={"EVENTHUB_DATA": str(tmp_path / "data")},
        cwd=tmp_path,
    ) as server:
        pages = {
            path: urllib.request.urlopen(server.base_url + path).status  # noqa: S310 -- our own server
            for path in ("/", f"/{server.said['event']}/", "/static/site.css", "/api/docs")
        }
        personal = [urllib.request.urlopen(url).status for url in server.said["people"].values()]  # noqa: S310 -- our own server
        code = server.stop()

    assert set(pages.values()) == {200}
    assert personal == [200, 200, 200]
    assert code == 0
