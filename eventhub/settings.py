"""One frozen Settings, read once, from a mapping given to it and from `eventhub.env` in the data folder."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

PREFIX = "EVENTHUB_"
SECRET_FILE = "secret"  # noqa: S105 -- the name of the file
ENV_FILE = "eventhub.env"

# Those who keep mail for many people turn away who sends too much of it at once.
MAIL_PER_DOMAIN = "gmail.com=600,yahoo.com=300,yahoo.co.id=300,outlook.com=300,hotmail.com=300"


class BadSetting(ValueError):
    """A setting that cannot be used; the text names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as the documentation lists it; `default` is what stands there when it is absent."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting(
        "EVENTHUB_DATA", "./data", "The data folder: database, secret, mail kept without SMTP."
    ),
    Setting(
        "EVENTHUB_DATABASE_URL",
        "sqlite:///{data}/eventhub.db",
        "`sqlite:///…` or `postgresql://…`.",
    ),
    Setting(
        "EVENTHUB_BASE_URL",
        "the address served",
        "As people type it; links are built from it. https turns on secure cookies and HSTS.",
    ),
    Setting(
        "EVENTHUB_SECRET",
        "made once in the data folder",
        "Signs personal links and seals keys; at least 32 characters.",
    ),
    Setting(
        "EVENTHUB_SMTP_URL",
        "",
        "`smtp://user:pass@host:587` or `smtps://…`; absent: mail is kept in `{data}/mail/`.",
    ),
    Setting("EVENTHUB_MAIL_FROM", "eventhub@localhost", "The sender of all mail."),
    Setting("EVENTHUB_REPLY_TO", "the sender", "Where answers to invitations go."),
    Setting(
        "EVENTHUB_MAIL_PER_MINUTE",
        "9000",
        "Mails handed over a minute at most, a tenth of them in six seconds; 0 is no limit.",
    ),
    Setting(
        "EVENTHUB_MAIL_PER_DOMAIN",
        MAIL_PER_DOMAIN,
        "The same by the domain of the address, `*=N` for all that are not named; empty is no limit.",
    ),
    Setting(
        "EVENTHUB_IMAP_URL",
        "",
        "`imaps://user:pass@host:993/INBOX`: where answers are fetched, once a minute.",
    ),
    Setting(
        "EVENTHUB_NOTICE_DELAY",
        "60",
        "Seconds in which releases are merged before those concerned are told.",
    ),
    Setting("EVENTHUB_YOUTUBE_CLIENT_ID", "", "The OAuth client of this installation."),
    Setting("EVENTHUB_YOUTUBE_CLIENT_SECRET", "", "Its secret."),
    Setting(
        "EVENTHUB_YOUTUBE_REFRESH_TOKEN",
        "",
        "The consent of a channel for all events; without it each event connects its own in the browser.",
    ),
    Setting(
        "EVENTHUB_YOUTUBE_TOKEN_URL",
        "https://oauth2.googleapis.com/token",
        "Where access tokens are made.",
    ),
    Setting(
        "EVENTHUB_YOUTUBE_AUTH_URL",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "Where a channel's owner consents, when one is connected in the browser.",
    ),
    Setting(
        "EVENTHUB_YOUTUBE_DISCOVERY_URL",
        "the document packaged with the client",
        "Another value redirects every call.",
    ),
    Setting(
        "EVENTHUB_TRUSTED_PROXIES",
        "",
        "Networks whose `X-Forwarded-For` is believed, comma-separated.",
    ),
    Setting(
        "EVENTHUB_WEBHOOK_NETWORKS",
        "",
        "Private networks that webhooks may call, comma-separated; the internet they always may.",
    ),
    Setting("EVENTHUB_LOG", "text", "`text` or `json`."),
)


@dataclass(frozen=True, slots=True)
class YouTubeSettings:
    """The OAuth client and perhaps one channel; `is_set` tells whether all three are there, `has_client` the client."""

    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 -- an address
    discovery_url: str = ""
    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"

    @property
    def has_client(self) -> bool:
        return bool(self.client_id and self.client_secret)

    @property
    def is_set(self) -> bool:
        return bool(self.client_id and self.client_secret and self.refresh_token)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided. `notice_delay` is in seconds; `mail_per_minute` 0 is no limit."""

    data: Path
    database_url: str
    base_url: str
    secret: str
    smtp_url: str = ""
    mail_from: str = "eventhub@localhost"
    reply_to: str = "eventhub@localhost"
    imap_url: str = ""
    notice_delay: int = 60
    mail_per_minute: int = 9000
    mail_per_domain: tuple[tuple[str, int], ...] = ()
    youtube: YouTubeSettings = YouTubeSettings()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    log: Literal["text", "json"] = "text"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def mail_domain(self) -> str:
        """The domain mail is sent from, which ends Message-IDs."""
        return self.mail_from.rpartition("@")[2]

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")


def read_settings(environment: Mapping[str, str], data: Path | None = None) -> Settings:
    """Read all settings; `data` wins over `EVENTHUB_DATA`. Makes the folder and its secret. Raises BadSetting."""
    folder = (data or Path(environment.get("EVENTHUB_DATA") or "data")).resolve()
    # What lies in it is personal: health data, mail, the secret.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {**_env_file(folder / ENV_FILE), **environment}

    def get(name: str, default: str = "") -> str:
        return values.get(PREFIX + name, "").strip() or default

    mail_from = _address("MAIL_FROM", get("MAIL_FROM", "eventhub@localhost"))
    return Settings(
        data=folder,
        database_url=_database_url(get("DATABASE_URL", f"sqlite:///{folder}/eventhub.db")),
        base_url=_base_url(get("BASE_URL")),
        secret=_secret(get("SECRET"), folder),
        smtp_url=_url("SMTP_URL", get("SMTP_URL"), "smtp", "smtps"),
        mail_from=mail_from,
        reply_to=_address("REPLY_TO", get("REPLY_TO", mail_from)),
        imap_url=_url("IMAP_URL", get("IMAP_URL"), "imap", "imaps"),
        notice_delay=_seconds("NOTICE_DELAY", get("NOTICE_DELAY", "60")),
        mail_per_minute=_number("MAIL_PER_MINUTE", get("MAIL_PER_MINUTE", "9000")),
        mail_per_domain=_per_domain(
            values.get(f"{PREFIX}MAIL_PER_DOMAIN", MAIL_PER_DOMAIN)  # an empty one sets no limit
        ),
        youtube=YouTubeSettings(
            client_id=get("YOUTUBE_CLIENT_ID"),
            client_secret=get("YOUTUBE_CLIENT_SECRET"),
            refresh_token=get("YOUTUBE_REFRESH_TOKEN"),
            token_url=get("YOUTUBE_TOKEN_URL", "https://oauth2.googleapis.com/token"),
            discovery_url=get("YOUTUBE_DISCOVERY_URL"),
            auth_url=get("YOUTUBE_AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth"),
        ),
        trusted_proxies=_networks("TRUSTED_PROXIES", get("TRUSTED_PROXIES")),
        webhook_networks=_networks("WEBHOOK_NETWORKS", get("WEBHOOK_NETWORKS")),
        log=_log(get("LOG", "text")),
    )


def _env_file(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _secret(given: str, folder: Path) -> str:
    if given:
        if len(given) < 32:
            raise BadSetting("EVENTHUB_SECRET needs at least 32 characters.")
        return given
    file = folder / SECRET_FILE
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    return file.read_text("ascii").strip()


def _database_url(given: str) -> str:
    if given.startswith("postgres://"):
        given = "postgresql://" + given.removeprefix("postgres://")
    if not given.startswith(("sqlite:///", "postgresql://")):
        raise BadSetting("EVENTHUB_DATABASE_URL takes sqlite:///… or postgresql://….")
    return given


def _base_url(given: str) -> str:
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise BadSetting("EVENTHUB_BASE_URL takes an address such as https://events.example.org.")
    return given.rstrip("/")


def _url(name: str, given: str, *schemes: str) -> str:
    wanted = " or ".join(f"{scheme}://host:port" for scheme in schemes)
    try:
        parts = urlsplit(given)
        fits = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        fits = False
    if given and not fits:
        raise BadSetting(f"{PREFIX}{name} takes {wanted}.")
    return given


def _address(name: str, given: str) -> str:
    """Return the bare address of `Panitia <panitia@example.org>`; the name shown is the event's."""
    address = parseaddr(given)[1]
    local, _, domain = address.rpartition("@")
    if not (local and domain and address.isascii() and address.isprintable()) or " " in address:
        raise BadSetting(f"{PREFIX}{name} takes an address such as events@example.org.")
    return address


def _seconds(name: str, given: str) -> int:
    if not given.isdecimal():
        raise BadSetting(f"{PREFIX}{name} takes a whole number of seconds.")
    return int(given)


def _number(name: str, given: str) -> int:
    if not (given.isdecimal() and len(given) < 9):
        raise BadSetting(f"{PREFIX}{name} takes a whole number.")
    return int(given)


def _per_domain(given: str) -> tuple[tuple[str, int], ...]:
    """Read `gmail.com=600,*=1200`."""
    found = {}
    for part in filter(None, (each.strip() for each in given.split(","))):
        domain, _, number = part.partition("=")
        if not domain.strip() or not number.strip().isdecimal() or int(number) == 0:
            raise BadSetting(
                f"{PREFIX}MAIL_PER_DOMAIN takes limits a minute such as gmail.com=600,*=1200."
            )
        found[domain.strip().lower()] = int(number)
    return tuple(found.items())


def _networks(name: str, given: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in given.split(",") if part.strip())
    except ValueError as error:
        raise BadSetting(f"{PREFIX}{name} takes networks such as 10.0.0.0/8,::1/128.") from error


def _log(given: str) -> Literal["text", "json"]:
    if given == "json":
        return "json"
    if given == "text":
        return "text"
    raise BadSetting("EVENTHUB_LOG takes text or json.")
