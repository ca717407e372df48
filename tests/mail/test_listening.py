"""Mail taken in by LMTP: for one address, within a limit, kept before it is confirmed."""

import asyncio
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from eventhub.mail.listening import listening, read_address

MESSAGE = b"From: papua@example.org\r\nSubject: Hadir\r\n\r\nYa\r\n"


async def told(
    tmp_path: Path, say: Callable[[smtplib.LMTP], object], *, fails: bool = False
) -> tuple[object, list[bytes]]:
    """Return what a mail server gets to hear, and what was handed on."""
    taken: list[bytes] = []

    async def deliver(message: bytes) -> str:
        if fails:
            raise RuntimeError("no database")
        taken.append(message)
        return "kept"

    path = str(tmp_path / "lmtp")

    def speak() -> object:
        with smtplib.LMTP(path) as client:
            try:
                return say(client)
            except smtplib.SMTPResponseException as error:
                return error.smtp_code
            except smtplib.SMTPRecipientsRefused as error:
                return [code for code, _ in error.recipients.values()]

    async with listening(path, ["jawaban@example.org"], deliver, size_limit=1000):
        answer = await asyncio.to_thread(speak)
    return answer, taken


@pytest.mark.parametrize("to", ["jawaban@example.org", "Jawaban+x@EXAMPLE.org"])
async def test_mail_to_the_address_of_answers_is_handed_on_as_it_is(
    tmp_path: Path, to: str
) -> None:
    answer, taken = await told(tmp_path, lambda c: c.sendmail("papua@example.org", [to], MESSAGE))

    assert (answer, taken) == ({}, [MESSAGE])


async def test_mail_to_anybody_else_is_refused(tmp_path: Path) -> None:
    answer, taken = await told(
        tmp_path, lambda c: c.sendmail("papua@example.org", ["other@example.org"], MESSAGE)
    )

    assert (answer, taken) == ([550], [])


async def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    large = MESSAGE + b"x" * 70 * 1 + b"\r\n" + (b"y" * 70 + b"\r\n") * 30

    answer, taken = await told(
        tmp_path, lambda c: c.sendmail("papua@example.org", ["jawaban@example.org"], large)
    )

    assert (answer, taken) == (552, [])


async def test_what_could_not_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    answer, taken = await told(
        tmp_path,
        lambda c: c.sendmail("papua@example.org", ["jawaban@example.org"], MESSAGE),
        fails=True,
    )

    assert (answer, taken) == (451, [])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8024", ("127.0.0.1", 8024)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("[::1]:24", ("::1", 24)),
        ("/run/eventhub/lmtp", "/run/eventhub/lmtp"),
    ],
)
def test_an_address_is_of_this_machine(text: str, address: object) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text", ["0.0.0.0:24", "10.0.0.1:24", "mail.example.org:24", "24", "127.0.0.1:x", ""]
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        read_address(text)
