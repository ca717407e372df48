"""What a mail that came in is: replies of every program are read, and nothing else passes for one."""

import base64
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.invites import inbox
from eventhub.invites.inbox import Answer
from eventhub.invites.mime_parts import Nothing
from eventhub.invites.reply_model import Bounce, Reply
from eventhub.participants.model import Rsvp
from tests.invites.replies import MANNERS, Said, bounce, calendar, plain, within

SAID = Said()
REPLY = Reply(
    uid=SAID.uid,
    attendee="papua@example.org",
    partstat=Rsvp.ACCEPTED,
    sequence=0,
    dtstamp=datetime(2021, 2, 25, 2, tzinfo=UTC),
)


def reply_in(message: bytes) -> Reply:
    found = inbox.read(message)
    assert isinstance(found, Answer), found
    return found.reply


def why_not(message: bytes) -> str:
    found = inbox.read(message)
    assert isinstance(found, Nothing), found
    return str(found.why)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_every_programs_reply_is_read(manner: str, partstat: str) -> None:
    found = inbox.read(MANNERS[manner](SAID.but(partstat=partstat, sequence=3)))

    assert found == Answer(
        Reply(
            uid=SAID.uid,
            attendee="papua@example.org",
            partstat=Rsvp(partstat.lower()),
            sequence=3,
            dtstamp=datetime(2021, 2, 25, 2, tzinfo=UTC),
        ),
        "papua@example.org",
    )


@pytest.mark.parametrize("manner", MANNERS)
def test_a_mail_is_read_with_any_line_ends(manner: str) -> None:
    message = MANNERS[manner](SAID).replace(b"\r\n", b"\n")

    found = [reply_in(message.replace(b"\n", end)) for end in (b"\n", b"\r\n", b"\r")]

    assert found == [REPLY, REPLY, REPLY]


@pytest.mark.parametrize(
    "kind",
    [
        "text/calendar",
        "TEXT/Calendar; METHOD=Reply",
        "application/ics",
        'text/calendar; method="REPLY"; charset="windows-1252"',
        "text/calendar; method=REPLY; charset=utf-7-nonsense",
        "text/calendar; method=REPLY; charset=utf-16",
        "text/calendar; method=REPLY; charset=idna",
        "text/calendar; method=REPLY; charset=unicode_escape",
        "text/calendar; method*=us-ascii'en'REPLY",
        'text/calendar; charset="us-ascii"; name="é.ics"',
    ],
)
def test_a_calendar_is_read_whatever_its_type_says_of_it(kind: str) -> None:
    body = calendar(SAID.but(extra="COMMENT:Sampai jumpa, Ibu Ané"))

    assert reply_in(plain(SAID, kind=kind, body=body)) == REPLY


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("utf-16", "utf-16"), ("iso-8859-1", "latin-1"), ("koi8-r", "koi8-r"), ("GB2312", "gb2312")],
)
def test_odd_charsets_are_read_as_they_are_named(charset: str, codec: str) -> None:
    raw = calendar(SAID).encode(codec)

    message = plain(SAID, kind=f"text/calendar; method=REPLY; charset={charset}", body=raw)
    if codec == "utf-16":
        message = plain(
            SAID,
            kind="text/calendar; charset=utf-16\nContent-Transfer-Encoding: base64",
            body=base64.encodebytes(raw),
        )

    assert reply_in(message) == REPLY


def test_bytes_that_are_no_utf_8_spoil_only_what_they_are_in() -> None:
    body = calendar(SAID.but(extra="COMMENT:PLACE")).encode().replace(b"PLACE", b"\xff\xfe ok \x80")

    found = reply_in(plain(SAID, body=body))

    assert (found, found.comment) == (REPLY, "ÿþ ok")


OTHERS = (
    "ATTENDEE;PARTSTAT=DECLINED:mailto:lain@example.org\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:papua@example.org"
)


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("ATTENDEE;PARTSTAT=ACCEPTED:MailTo:Papua@Example.ORG", "PAPUA@example.org"),
        ('ATTENDEE;PARTSTAT=ACCEPTED:"mailto:papua@example.org"', "papua@example.org"),
        ("ATTENDEE;PARTSTAT=accepted:papua@example.org", "papua@example.org"),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:papua%40example.org", "papua@example.org"),
        (
            "ATTENDEE;CN=\"Kepala; Bappeda: 'Papua'\";PARTSTAT=ACCEPTED:mailto:papua@example.org",
            "papua@example.org",
        ),
        (
            "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=papua@example.org:/123/principal/",
            "papua@example.org",
        ),
        (
            'ATTENDEE;SENT-BY="mailto:Sekretaris@example.org";PARTSTAT=ACCEPTED:mailto:papua@example.org',
            "Sekretaris <sekretaris@example.org>",
        ),
        (
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:papua@example.org",
            "Bappeda, Papua <papua@example.org>",
        ),
        (
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:papua@example.org",
            "=?utf-8?q?Kepala=2C_Bappeda?= <papua@example.org>",
        ),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:papua@example.org", "Kepala é <papua@example.org>"),
        (OTHERS, "papua@example.org"),
    ],
)
def test_the_attendee_is_whoever_wrote(line: str, sender: str) -> None:
    assert reply_in(plain(SAID, body=calendar(SAID, attendee=line), sender=sender)) == REPLY


def test_a_delegation_names_who_comes_instead() -> None:
    lines = (
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:Sekretaris@example.org":mailto:papua@example.org\n'
        'ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Sekretaris Bappeda;DELEGATED-FROM="mailto:papua@example.org":'
        "mailto:sekretaris@example.org"
    )

    found = reply_in(plain(SAID, body=calendar(SAID, attendee=lines)))

    assert found.partstat is Rsvp.DELEGATED
    assert found.delegate == "Sekretaris Bappeda <sekretaris@example.org>"


def test_a_comment_is_one_line_without_escapes() -> None:
    said = SAID.but(extra="COMMENT:Maaf\\, kami\\nterlambat\\; mohon maklum")

    assert reply_in(plain(said)).comment == "Maaf, kami terlambat; mohon maklum"
    google = SAID.but(params=';X-RESPONSE-COMMENT="dari jauh"')
    assert reply_in(MANNERS["gmail"](google)).comment == "dari jauh"


def test_the_date_of_the_mail_stands_in_for_a_missing_stamp() -> None:
    head = "Date: Thu, 25 Feb 2021 09:00:00 +0700\n"

    assert reply_in(plain(SAID.but(stamp=""), head=head)) == REPLY
    assert reply_in(plain(SAID.but(stamp="20210225T090000"), head=head)) == REPLY
    assert (
        why_not(plain(SAID.but(stamp="20211345T990000Z"))) == "It does not say when it was given."
    )


UNSIGNED = "It does not say plainly who it is from."
FORGED = "It is from penipu@example.net, and answers for papua@example.org."
UNREADABLE = "It cannot be read."
TWICE = "The calendar in it gives more than one answer."


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "It is empty."),
        (b"\r\n\r\n", "It is empty."),
        (plain(SAID, kind="text/plain"), "It holds no answer to an invitation."),
        (within(plain(SAID)), "It holds no answer to an invitation."),
        (
            within(within(plain(SAID)), how='message/rfc822; name="x.eml"'),
            "It holds no answer to an invitation.",
        ),
        (plain(SAID, sender="penipu@example.net"), FORGED),
        (plain(SAID, sender='"papua@example.org" <penipu@example.net>'), FORGED),
        (
            plain(
                SAID.but(params=';SENT-BY="mailto:lain@example.net"'), sender="penipu@example.net"
            ),
            FORGED,
        ),
        (plain(SAID, sender=""), UNSIGNED),
        (
            plain(SAID, body=calendar(SAID, method="REQUEST")),
            "It says two things about itself: REPLY, REQUEST.",
        ),
        (
            plain(SAID, kind="text/calendar; method=REQUEST"),
            "It says two things about itself: REPLY, REQUEST.",
        ),
        (
            plain(SAID, kind="text/calendar", body=calendar(SAID, method="REQUEST")),
            "The calendar in it is a REQUEST, no answer.",
        ),
        (
            plain(SAID, kind="text/calendar", body=calendar(SAID, method="COUNTER")),
            "It proposes another time, which is no answer.",
        ),
        (
            plain(SAID, kind="text/calendar", body=calendar(SAID, method="")),
            "The calendar in it does not say that it is an answer.",
        ),
        (plain(SAID.but(partstat="NEEDS-ACTION")), "It holds no decision."),
        (plain(SAID.but(partstat="ACCEPTED,DECLINED")), "It holds no decision."),
        (plain(SAID.but(extra="UID:another")), TWICE),
        (plain(SAID.but(extra="SEQUENCE:4")), TWICE),
        (
            plain(SAID.but(extra="ATTENDEE;PARTSTAT=DECLINED:mailto:papua@example.org")),
            TWICE,
        ),
        (
            plain(SAID, body=calendar(SAID) + calendar(SAID.but(partstat="DECLINED"))),
            TWICE,
        ),
        (
            plain(SAID.but(extra="RECURRENCE-ID:20210225T040000Z")),
            "It answers one day of a series, and invitations are no series.",
        ),
        (
            plain(SAID, body=calendar(SAID).replace("SEQUENCE:0", "SEQUENCE:-1")),
            "It does not say which version of the invitation it answers.",
        ),
        (
            plain(SAID, body=calendar(SAID).replace("UID:", "UIX:")),
            "It does not say which invitation it answers.",
        ),
        (
            plain(SAID, body=calendar(SAID).replace("END:VEVENT", "")),
            "The calendar in it is broken.",
        ),
        (plain(SAID, body="BEGIN:VCALENDAR\n" * 500), "The calendar in it is broken."),
        (plain(SAID, body="no calendar"), "The calendar in it is broken."),
        (
            plain(SAID, body=calendar(SAID).replace("VEVENT", "VTODO")),
            "The calendar in it holds no event.",
        ),
        (
            bounce("x@example.org", action="delayed"),
            "It reports on a delivery that has not failed.",
        ),
        (b"X" * (inbox.SIZE_LIMIT + 1), "It is larger than 20 MB."),
        (b"A: b\n\n" + b"\n" * 700_000, "It is built of too many parts."),
        (b"A: b\r\ncontent-type: a/b" + b'\r\n ;a="' * 350_000, "It cannot be read."),
    ],
)
def test_what_is_not_plainly_an_answer_is_none(message: bytes, why: str) -> None:
    assert why_not(message) == why


@pytest.mark.parametrize(
    "sender",
    [
        "papua@example.org, penipu@example.net",
        "papua@example.org\nFrom: penipu@example.net",
        "penipu@example.net\n papua@example.org",
        "penipu@example.net papua@example.org",
        "Kantor: papua@example.org, penipu@example.net;",
        "<@penipu.example.net:papua@example.org>",
        "<papua@example.org> <penipu@example.net>",
        '"x" <penipu@example.net>, "papua@example.org',
        "=?utf-8?q?papua=40example.org?=",
        "papua@example.org" + " (x)" * 1_000,
    ],
)
def test_who_wrote_is_one_address_or_nobody(sender: str) -> None:
    assert why_not(plain(SAID, sender=sender)) == UNSIGNED


@pytest.mark.parametrize("uid", ["\x00", "\ud800", "\u2028x", "x" * 200])
def test_a_uid_that_no_database_holds_names_no_invitation(uid: str) -> None:
    body = calendar(SAID.but(uid=SAID.uid + uid)).encode("utf-7", "surrogatepass")

    assert why_not(plain(SAID, kind="text/calendar; charset=utf-7", body=body)) == (
        "It does not say which invitation it answers."
    )


def test_a_message_id_that_no_database_holds_is_none() -> None:
    assert inbox.read(bounce("a\x00b@example.org")) == Bounce(
        (), "papua@example.org", "550 5.1.1 User unknown"
    )


def test_lines_folded_inside_of_a_character_are_joined_first() -> None:
    said = "COMMENT:Terima kasih, Bu " + "é" * 90
    folded = b"\r\n ".join(re.findall(rb"(?s).{1,74}", said.encode()))
    body = calendar(SAID.but(extra="PLACE")).encode().replace(b"PLACE", folded)

    assert reply_in(plain(SAID, body=body)).comment == said.removeprefix("COMMENT:")


@pytest.mark.parametrize(
    "vacation",
    [
        b"From: papua@example.org\nAuto-Submitted: auto-replied\nContent-Type: text/plain\n\nSaya cuti.",
        plain(
            SAID.but(partstat="NEEDS-ACTION", params=";RSVP=TRUE"),
            kind="text/calendar; method=REQUEST",
            body=calendar(SAID.but(partstat="NEEDS-ACTION"), method="REQUEST"),
            head="Auto-Submitted: auto-replied\n",
        ),
        within(plain(SAID)).replace(
            b"MIME-Version", b"Auto-Submitted: auto-replied\nMIME-Version", 1
        ),
        plain(
            SAID,
            kind="application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",
            body="eJ8+IjQSAQaQCAAEAAAAAAAB\n",
        ),
    ],
)
def test_who_is_away_has_not_answered(vacation: bytes) -> None:
    assert isinstance(inbox.read(vacation), Nothing)


def test_two_calendars_that_name_two_persons_are_none() -> None:
    named = [
        SAID.but(partstat="DELEGATED", params=f';DELEGATED-TO="mailto:{who}@example.org"')
        for who in ("wakil", "penipu")
    ]

    assert why_not(plain(SAID, body=calendar(named[0]) + calendar(named[1]))) == TWICE


def test_two_calendars_with_two_answers_are_none() -> None:
    message = MANNERS["gmail"](SAID)
    other = base64.encodebytes(calendar(SAID.but(partstat="DECLINED")).encode())
    start = message.index(b"base64\r\n\r\n", message.index(b"application/ics")) + 10

    assert why_not(message[:start] + other + b"--out--\r\n") == (
        "The calendars in it give more than one answer."
    )


def test_a_reply_in_a_report_is_none() -> None:
    report = bounce("a@example.org").replace(
        b"--rep\nContent-Type: text/plain", b"--rep\nContent-Type: text/calendar; method=REPLY"
    )

    assert isinstance(inbox.read(report), Bounce)


def test_deep_nesting_ends_early() -> None:
    deep = plain(SAID)
    for n in range(400):
        boundary = f"b{n}".encode()
        deep = b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n%b\n--%b--\n" % (
            boundary,
            boundary,
            deep,
            boundary,
        )

    assert why_not(b"From: papua@example.org\n" + deep) == "It is built of too many parts."


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (plain(SAID.but(extra="X:\n" * 300_000)), "The calendar in it is too large."),
        (plain(SAID.but(extra="COMMENT:" + "x" * 1_000_000)), "The calendar in it is too large."),
        (b"From: papua@example.org\n" * 500_000 + plain(SAID), "It is built of too many parts."),
        (b"Content-Type: message/rfc822\n\n" * 1_000 + plain(SAID), UNREADABLE),
    ],
)
def test_what_would_take_long_to_read_is_left(message: bytes, why: str) -> None:
    assert why_not(message) == why


def test_a_reply_beside_a_large_attachment_is_read() -> None:
    large = base64.encodebytes(bytes(14_500_000))
    message = (
        b"From: papua@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=big\n\n"
        b"--big\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + large
        + b"\n--big\nContent-Type: text/calendar; method=REPLY\n\n"
        + calendar(SAID).encode()
        + b"--big--\n"
    )
    assert 19_000_000 < len(message) < inbox.SIZE_LIMIT

    assert reply_in(message) == REPLY


@pytest.mark.parametrize("copy", ["message/rfc822", "text/rfc822-headers", ""])
def test_a_bounce_names_the_mail_and_the_reason(copy: str) -> None:
    found = inbox.read(bounce("abc@example.org", copy=copy, recipient="Papua@Example.org"))

    assert found == Bounce(("abc@example.org",), "papua@example.org", "550 5.1.1 User unknown")


def test_an_original_recipient_is_preferred() -> None:
    report = bounce("a@example.org").replace(
        b"Final-Recipient:", b"Original-Recipient: rfc822;kepala@example.org\nFinal-Recipient:"
    )

    found = inbox.read(report)

    assert isinstance(found, Bounce)
    assert found.recipient == "kepala@example.org"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(junk: bytes) -> None:
    assert why_not(junk) != UNREADABLE


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        [*(make(SAID) for make in MANNERS.values()), plain(SAID), bounce("a@example.org")]
    ),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 40),
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from(
                    [
                        b"=?utf-8?b?//8=?=",
                        b"Content-Type: multipart/mixed; boundary=\n",
                        b"Content-Type: message/rfc822\n\n",
                        b"; charset=\x00",
                        b"\r\n ",
                        b"BEGIN:VEVENT\r\n",
                        b"END:VCALENDAR\r\n",
                        b'"',
                        b"Content-Transfer-Encoding: x-uuencode\n",
                    ]
                ),
            ),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_a_damaged_mail_says_nothing_that_the_whole_one_did_not(
    message: bytes, wounds: list[tuple[float, int, bytes]]
) -> None:
    for place, cut, put in wounds:
        at = int(place * len(message))
        message = message[:at] + put + message[at + cut :]

    found = inbox.read(message)

    assert not isinstance(found, Nothing) or str(found.why) != UNREADABLE
    if isinstance(found, Answer):
        assert found.reply.partstat is Rsvp.ACCEPTED
        assert found.sender in (found.reply.attendee, found.reply.sent_by)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(calendar(SAID).splitlines()),
            st.text(max_size=30),
            st.builds(
                "{};{}={}:{}".format,
                st.sampled_from(["ATTENDEE", "UID", "SEQUENCE", "DTSTAMP", "COMMENT"]),
                st.sampled_from(["PARTSTAT", "CN", "SENT-BY", "DELEGATED-TO", "X"]),
                st.text(max_size=12),
                st.text(max_size=20),
            ),
        ),
        max_size=25,
    )
)
def test_any_lines_of_a_calendar_are_read(lines: list[str]) -> None:
    body = "\n".join(["BEGIN:VCALENDAR", *lines]).encode("utf-8", "surrogatepass")

    found = inbox.read(plain(SAID, body=body))

    assert isinstance(found, Answer) or (
        isinstance(found, Nothing) and str(found.why) != UNREADABLE
    )
