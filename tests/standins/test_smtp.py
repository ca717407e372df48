from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest

from tests.standins.smtp import MailServer


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "rakortek@example.org"
    message["To"] = "bappeda.papua@example.org"
    message["Subject"] = "Undangan"
    message.set_content("Bapak/Ibu yang terhormat,\n")
    return message


async def test_an_accepted_mail_is_kept_as_it_came(mail_server: MailServer) -> None:
    await aiosmtplib.send(mail(), **address(mail_server))

    (delivery,) = mail_server.deliveries
    assert delivery.sender == "rakortek@example.org"
    assert delivery.recipients == ("bappeda.papua@example.org",)
    assert delivery.message["Subject"] == "Undangan"


async def test_a_mail_is_refused_once_and_then_accepted(mail_server: MailServer) -> None:
    mail_server.answers.append("451 Try later")

    with pytest.raises(aiosmtplib.SMTPDataError, match="Try later"):
        await aiosmtplib.send(mail(), **address(mail_server))
    assert mail_server.deliveries == []
    await aiosmtplib.send(mail(), **address(mail_server))

    assert len(mail_server.messages_to("bappeda.papua@example.org")) == 1
    assert mail_server.attempts == 2


async def test_a_silent_server_lets_the_client_time_out(mail_server: MailServer) -> None:
    mail_server.answers.append("hang")

    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await aiosmtplib.send(mail(), **address(mail_server), timeout=0.3)

    assert mail_server.deliveries == []


async def test_an_answer_can_be_lost_after_the_mail_was_taken(mail_server: MailServer) -> None:
    mail_server.answers.append("accept and drop")

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await aiosmtplib.send(mail(), **address(mail_server))

    assert len(mail_server.deliveries) == 1


async def test_one_recipient_can_be_refused(mail_server: MailServer) -> None:
    mail_server.refused_recipients["bappeda.papua@example.org"] = "550 No such user"

    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await aiosmtplib.send(mail(), **address(mail_server))

    assert mail_server.deliveries == []


def address(server: MailServer) -> Any:
    host, _, port = server.url.removeprefix("smtp://").partition(":")
    return {"hostname": host, "port": int(port)}
