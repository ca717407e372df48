"""Settings: read from a mapping and the folder's file, refused by name, the secret made once."""

from pathlib import Path

import pytest

from eventhub.settings import BadSetting, read_settings


def test_an_empty_environment_gives_a_folder_that_works(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path / "data")

    assert settings.database_url == f"sqlite:///{tmp_path}/data/eventhub.db"
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (settings.base_url, settings.smtp_url, settings.notice_delay) == ("", "", 60)
    assert not settings.youtube.is_set
    assert len(settings.secret) == 64


def test_the_secret_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = read_settings({}, tmp_path).secret

    assert read_settings({}, tmp_path).secret == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_environment_wins_over_the_folders_file(tmp_path: Path) -> None:
    (tmp_path / "eventhub.env").write_text(
        '# mail\nEVENTHUB_NOTICE_DELAY = 5\nEVENTHUB_LOG="json"\nEVENTHUB_BASE_URL=https://a.example/\n'
    )

    settings = read_settings({"EVENTHUB_NOTICE_DELAY": "7"}, tmp_path)

    assert (settings.notice_delay, settings.log) == (7, "json")
    assert (settings.base_url, settings.is_https) == ("https://a.example", True)


def test_postgresql_is_known_by_both_of_its_names(tmp_path: Path) -> None:
    settings = read_settings({"EVENTHUB_DATABASE_URL": "postgres://db/x"}, tmp_path)

    assert (settings.database_url, settings.is_sqlite) == ("postgresql://db/x", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/x"),
        ("BASE_URL", "events.example.org"),
        ("BASE_URL", "https://example.org/?a=b"),
        ("SECRET", "too short"),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://"),
        ("IMAP_URL", "imap.example.org"),
        ("NOTICE_DELAY", "soon"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, office"),
        ("LOG", "xml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(BadSetting, match=f"EVENTHUB_{name}"):
        read_settings({f"EVENTHUB_{name}": value}, tmp_path)
