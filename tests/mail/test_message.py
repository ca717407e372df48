"""Messages have the shape that mail clients need, and carry nothing into their headers."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.errors import Invalid
from eventhub.mail.message import CalendarPart, Letter, Mailbox, Picture, compose, one_line

OFFICE = "Dinas Pengendalian Penduduk dan Keluarga Berencana Provinsi Kepulauan Bangka Belitung"
CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Reply-To",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Type",
}


def letter(
    *,
    subject: str = "Undangan",
    name: str = f"Kepala {OFFICE}",
    text: str = "Halo",
    html: str = "<p>Halo</p>",
    calendar: CalendarPart | None = None,
    pictures: tuple[Picture, ...] = (),
    address: str = "kantor@example.org",
) -> Letter:
    return Letter(
        sender=Mailbox("undangan@example.org", "Rakortekrenbang 2021"),
        to=Mailbox(address, name),
        subject=subject,
        text=text,
        html=html,
        message_id="abc@example.org",
        written_at=datetime(2021, 2, 1, 3, 4, 5, tzinfo=UTC),
        language="id",
        reply_to="jawaban@example.org",
        calendar=calendar,
        pictures=pictures,
    )


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def shape(raw: bytes) -> list[str]:
    return [part.get_content_type() for part in read(raw).walk()]


def test_an_invitation_carries_its_calendar_as_alternative_and_as_attachment() -> None:
    raw = compose(
        letter(calendar=CalendarPart("REQUEST", CALENDAR), pictures=(Picture("ticket", b"PNG"),))
    )

    assert shape(raw) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
        "application/ics",
    ]
    parts = list(read(raw).walk())
    assert parts[6]["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert parts[6].get_payload(decode=True) == parts[7].get_payload(decode=True) == CALENDAR
    assert parts[7].get_filename() == "invite.ics"
    assert (parts[5]["Content-ID"], parts[5].get_content_disposition()) == ("<ticket>", "inline")


def test_a_mail_without_calendar_is_text_and_html() -> None:
    raw = compose(letter())

    assert shape(raw) == ["multipart/alternative", "text/plain", "text/html"]


def test_the_headers_say_who_why_and_that_no_machine_should_answer() -> None:
    message = read(compose(letter()))

    found = {name: str(value) for name, value in message.items() if name != "Content-Type"}
    assert found == {
        "From": "Rakortekrenbang 2021 <undangan@example.org>",
        "To": f"Kepala {OFFICE} <kantor@example.org>",
        "Subject": "Undangan",
        "Date": "Mon, 01 Feb 2021 03:04:05 +0000",
        "Message-ID": "<abc@example.org>",
        "MIME-Version": "1.0",
        "Reply-To": "jawaban@example.org",
        "Content-Language": "id",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def test_what_goes_to_many_says_so_and_how_to_stop_it() -> None:
    stop = "https://rakortek.example.org/p/mail/" + "a" * 60
    series = ("Rakortek “2021” é", "rakortek.example.org")

    raw = compose(replace(letter(), series=series, unsubscribe=stop))
    plain = replace(letter(), series=series, unsubscribe="http://127.0.0.1/p/mail/a")
    by_http = read(compose(plain))
    message = read(raw)

    assert message["Precedence"] == "bulk"
    assert message["List-Id"] == '"Rakortek ?2021? ?" <rakortek.example.org>'
    assert stop.encode() in raw
    assert message["List-Unsubscribe"].strip() == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert by_http["List-Unsubscribe"].strip() == "<http://127.0.0.1/p/mail/a>"
    assert by_http["List-Unsubscribe-Post"] is None


def test_long_lines_and_letters_beyond_ascii_survive_in_seven_bits() -> None:
    text = "Yth. Bapak/Ibu é " * 100 + "\n.\nFrom sini\n"
    raw = compose(letter(text=text, html=f"<p>{text}</p>"))

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    part = read(raw).get_body(("plain",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == text


@given(subject=st.text(max_size=200), name=st.text(max_size=200))
def test_nothing_typed_into_a_name_or_subject_adds_a_header(subject: str, name: str) -> None:
    raw = compose(letter(subject=subject, name=name))

    message = read(raw)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert [box.addr_spec for box in message["To"].addresses] == ["kantor@example.org"]


@pytest.mark.parametrize(
    "evil",
    [
        "Halo\r\nBcc: x@example.org",
        "=?utf-8?q?Halo=0D=0ABcc:_x@example.org?=",
        "Halo\u2028Bcc: x@example.org\x85Bcc: y@example.org",
        '" <x@example.org>, "',
    ],
)
def test_a_header_cannot_be_injected(evil: str) -> None:
    message = read(compose(letter(subject=evil, name=evil)))

    assert set(message.keys()) == HEADERS
    assert str(message["Subject"]) == one_line(evil)
    assert [box.addr_spec for box in message["To"].addresses] == ["kantor@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "é@example.org",
        "a@",
        "@b",
        "a,b@x.org",
    ],
)
def test_an_address_that_cannot_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        compose(letter(address=address))
