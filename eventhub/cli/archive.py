"""A backup: one ZIP file with the database as SQLite keeps it, the secret, the folder's clock and the mail kept in it.

`manifest.json` names the format, the schema and the SHA-256 of each file. The database within is the same whichever
engine it came from, and older ones are brought up to date by the migrations, so a backup fits both engines and all
later versions.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from eventhub.cli.folder import fail

FORMAT, VERSION = "eventhub backup", 1
MANIFEST, DATABASE, SECRET = "manifest.json", "eventhub.db", "secret"
CLOCK, MAIL = "clock.json", "mail"
CHUNK = 1_000_000


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `files` maps names to SHA-256."""

    made_at: datetime
    schema: str
    files: dict[str, str]


def kept_files(data: Path) -> Iterator[tuple[str, Path]]:
    """Return the files of a data folder that go into its backup, beside database and secret."""
    if (data / CLOCK).exists():
        yield CLOCK, data / CLOCK
    if (data / MAIL).is_dir():
        yield from (
            (f"{MAIL}/{file.name}", file)
            for file in sorted((data / MAIL).iterdir())
            if file.is_file()
        )


def write(file: Path, content: dict[str, Path | str], *, made_at: datetime, schema: str) -> None:
    """Write a backup of files, or of texts, by their names in it; what stood there is replaced once all is written."""
    part = file.with_name(f"{file.name}.part")
    hashes = {}
    # What a backup that died left there, or somebody else laid there, does not lend it its rights.
    part.unlink(missing_ok=True)
    with (
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, source in content.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                hashes[name] = hashlib.sha256()
                for chunk in _chunks(source):
                    hashes[name].update(chunk)
                    entry.write(chunk)
        about = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": made_at.isoformat(),
            "schema": schema,
            "files": {name: found.hexdigest() for name, found in hashes.items()},
        }
        archive.writestr(MANIFEST, json.dumps(about, indent=1))
    part.replace(file)


def _chunks(source: Path | str) -> Iterator[bytes]:
    if isinstance(source, str):
        yield source.encode()
        return
    with source.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def unpack(file: Path, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder, and compare every file with its hash."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            for name, expected in manifest.files.items():
                _unpack(archive, name, folder / name, expected)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, RuntimeError) as error:
        raise fail(f"{file} is damaged or no backup of eventhub.") from error
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror}.") from error
    return manifest


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        about = json.loads(archive.read(MANIFEST))
        if about["format"] != FORMAT:
            raise ValueError(about["format"])
        if about["version"] > VERSION:
            raise fail(f"{file} was made by a newer eventhub. Restore it with that one.")
        made_at = datetime.fromisoformat(about["made_at"])
        found = Manifest(made_at, str(about["schema"]), dict(about["files"]))
    except (ValueError, TypeError, KeyError) as error:
        raise fail(f"{file} is no backup of eventhub.") from error
    if not {DATABASE, SECRET} <= set(found.files) or not all(map(_is_ours, found.files)):
        raise fail(f"{file} is no backup of eventhub.")
    return found


def _is_ours(name: str) -> bool:
    """Whether a file of a backup may lie there: nothing leads out of the folder."""
    folder, _, last = name.rpartition("/")
    is_plain = bool(last) and last not in {".", ".."} and "\\" not in last and "\0" not in last
    return is_plain and (folder == MAIL or (not folder and last in {DATABASE, SECRET, CLOCK}))


def _unpack(archive: zipfile.ZipFile, name: str, to: Path, expected: str) -> None:
    to.parent.mkdir(exist_ok=True)
    found = hashlib.sha256()
    with archive.open(name) as source, to.open("wb") as target:
        while chunk := source.read(CHUNK):
            found.update(chunk)
            target.write(chunk)
    if found.hexdigest() != expected:
        raise zipfile.BadZipFile(name)


def lay_out(unpacked: Path, data: Path) -> None:
    """Put what was unpacked, but the database, in the place of what a data folder has."""
    secret = data / f"{SECRET}.part"
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write((unpacked / SECRET).read_bytes())
    secret.replace(data / SECRET)
    (data / CLOCK).unlink(missing_ok=True)
    shutil.rmtree(data / MAIL, ignore_errors=True)
    for name in (CLOCK, MAIL):
        if (unpacked / name).exists():
            shutil.move(unpacked / name, data / name)
