"""Fetch the browser's libraries with `npm pack` into static/vendor, verify them and list them.

A file whose SHA-256 differs from the one in static/vendor/README.md is refused unless its
version is new; to take a new version, change PACKAGES and run `make vendor`.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "static" / "vendor"
TABLE = VENDOR / "README.md"

ICONS = (
    "activity arrow-right building-2 calendar check chevron-down chevron-left chevron-right "
    "circle-alert circle-check circle-x clipboard-list clock door-open download external-link eye "
    "file-text flag heart-pulse history house info languages link log-in log-out mail map-pin menu "
    "moon pencil play plus printer qr-code radio refresh-cw scan-line search send settings "
    "shield-check sun thermometer ticket trash-2 triangle-alert upload user users video wifi-off x"
).split()


@dataclass(frozen=True)
class Package:
    """An npm package and the files we serve from it, as {name in the package: our name}.

    `copyright` is needed where the package leaves its licence's text out.
    """

    npm: str
    version: str
    folder: str
    licence: str
    files: dict[str, str]
    copyright: str = ""


# For packages that name this licence but leave its text out, as their repositories have it.
MIT = """MIT License

Copyright (c) {copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

PACKAGES = (
    Package("htmx.org", "2.0.11", "htmx", "0BSD", {"dist/htmx.min.js": "htmx.min.js"}),
    Package("@picocss/pico", "2.1.1", "pico", "MIT", {"css/pico.min.css": "pico.min.css"}),
    Package(
        "zxing-wasm",
        "3.1.4",
        "zxing-wasm",
        "MIT",
        {"dist/iife/reader/index.js": "reader.js", "dist/reader/zxing_reader.wasm": "reader.wasm"},
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "lucide",
        "ISC",
        {f"icons/{icon}.svg": f"{icon}.svg" for icon in ICONS},
    ),
    # The whole build: the light one is silent where a stream's sound has a playlist of its own, and has no captions.
    Package("hls.js", "1.7.4", "hls", "Apache-2.0", {"dist/hls.min.mjs": "hls.js"}),
    Package(
        "@event-calendar/build",
        "5.10.1",
        "event-calendar",
        "MIT",
        {
            "dist/event-calendar.min.js": "event-calendar.min.js",
            "dist/event-calendar.min.css": "event-calendar.min.css",
        },
        copyright="2021 vkurko",
    ),
)


def fetch(package: Package, into: Path) -> dict[str, bytes]:
    """Return the package's chosen files and its licence, by our names."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.npm}@{package.version}"],
        cwd=into,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = into.glob("*.tgz")
    with tarfile.open(archive) as tar:
        contents = {ours: _read(tar, name) for name, ours in package.files.items()}
        licences = [n for n in tar.getnames() if re.fullmatch(r"package/LICEN[CS]E(\.\w+)?", n)]
        if licences:
            contents["LICENSE"] = _read(tar, licences[0].removeprefix("package/"))
        elif package.copyright:
            contents["LICENSE"] = MIT.format(copyright=package.copyright).encode()
        else:
            sys.exit(f"{package.npm} holds no licence.")
    return contents


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    if file is None:
        sys.exit(f"The package holds no {name}.")
    return file.read()


def known() -> dict[str, str]:
    """Return the SHA-256 of each file listed before."""
    if not TABLE.exists():
        return {}
    return dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", TABLE.read_text(), re.MULTILINE)
    )


def main() -> None:
    """Fetch, verify, write, list."""
    before, rows = known(), []
    for package in PACKAGES:
        folder = f"{package.folder}-{package.version}"
        with tempfile.TemporaryDirectory() as scratch:
            contents = fetch(package, Path(scratch))
        for name, content in sorted(contents.items()):
            digest = hashlib.sha256(content).hexdigest()
            path = f"{folder}/{name}"
            if before.get(path, digest) != digest:
                sys.exit(f"{path} is not the file it was: SHA-256 {digest}, listed {before[path]}.")
            rows.append((path, package, digest))
        for old in VENDOR.glob(f"{package.folder}-*"):
            shutil.rmtree(old)
        (VENDOR / folder).mkdir(parents=True)
        for name, content in contents.items():
            (VENDOR / folder / name).write_bytes(content)
    TABLE.write_text(_table(rows))


def _table(rows: list[tuple[str, Package, str]]) -> str:
    lines = [
        "# Libraries the browser loads",
        "",
        (
            "Served from here and from nowhere else. `make vendor` fetches them again from npm and "
            "verifies them against this table, which it writes."
        ),
        "",
        "| file | package | version | licence | SHA-256 |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{path}` | {package.npm} | {package.version} | {package.licence} | `{digest}` |"
        for path, package, digest in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
