"""Field types: what they take, what they refuse, what they make of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from eventhub.web.fields import Form, HttpUrl, Line, Moment, Prose


class Filled(Form):
    line: Line = "x"
    prose: Prose = ""
    url: HttpUrl = ""
    moment: Moment | None = None


@pytest.mark.parametrize(
    "url",
    [
        "https://[x/",
        "https://a\u2100b/x",
        "https://x;sandbox;x/",
        "https://user@example.org/",
        "https://example.org:99999/",
        "https:///path",
        "javascript:alert(1)",
        "https://example.org/a b",
        "//example.org",
    ],
)
def test_an_address_that_is_none_or_could_mean_two_things_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Filled(url=url)


@pytest.mark.parametrize(
    "url",
    ["https://meet.example.org/desk-1?pwd=a%20b#x", "http://[::1]:8080/", "https://räume.example"],
)
def test_an_address_of_the_web_is_taken_as_it_is(url: str) -> None:
    assert Filled(url=url).url == url


@pytest.mark.parametrize(
    "values",
    [
        {"line": "a\nb"},
        {"line": "a\x85b"},
        {"prose": "a\x00b"},
        {"prose": "\ud800"},
        {"line": "   "},
        {"moment": "2021-02-25T09:00"},
        {"moment": "0001-01-01T00:00:00+14:00"},
        {"moment": "9999-12-31T23:59:59-12:00"},
        {"unknown": 1},
    ],
)
def test_what_could_do_harm_further_on_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Filled.model_validate(values)


def test_text_is_kept_in_one_form() -> None:
    filled = Filled(line=" Se\u0301kolah ", prose="satu\r\ndua\t")

    assert (filled.line, filled.prose) == ("S\u00e9kolah", "satu\ndua\t")
