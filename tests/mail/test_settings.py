"""Addresses of mail are read from the settings, or refused by name."""

from pathlib import Path

import pytest

from eventhub.settings import BadSetting, read_settings


@pytest.mark.parametrize(
    ("given", "sender", "domain"),
    [
        ("undangan@example.org", "undangan@example.org", "example.org"),
        ("Panitia <panitia@example.org>", "panitia@example.org", "example.org"),
        ("", "eventhub@localhost", "localhost"),
    ],
)
def test_the_senders_address_is_read_with_or_without_a_name(
    tmp_path: Path, given: str, sender: str, domain: str
) -> None:
    settings = read_settings({"EVENTHUB_MAIL_FROM": given}, tmp_path)

    assert (settings.mail_from, settings.reply_to) == (sender, sender)
    assert settings.mail_domain == domain


@pytest.mark.parametrize("name", ["EVENTHUB_MAIL_FROM", "EVENTHUB_REPLY_TO"])
@pytest.mark.parametrize("given", ["panitia", "@example.org", "panitia@"])
def test_what_is_no_address_is_refused_by_name(tmp_path: Path, name: str, given: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: given}, tmp_path)
