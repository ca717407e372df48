"""Tickets as text and as pictures."""

import io

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eventhub.checkin import badge

PRIVATE, PUBLIC = badge.new_key()
TEXT = badge.write(PRIVATE, key_id=3, event_id=65_537, number=2**62 + 5)


def test_a_ticket_says_its_key_event_and_number_and_is_signed() -> None:
    claim = badge.read(TEXT)

    assert (claim.key_id, claim.event, claim.number) == (3, 1, 2**62 + 5)
    assert claim.is_signed_by(PUBLIC)


def test_a_ticket_has_122_characters_of_the_qr_alphanumeric_alphabet() -> None:
    assert len(TEXT) == 122
    assert set(TEXT) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_another_key_did_not_sign_the_ticket() -> None:
    _, other = badge.new_key()

    assert not badge.read(TEXT).is_signed_by(other)


@given(st.integers(0, 121), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_changing_any_character_makes_it_no_valid_ticket(place: int, character: str) -> None:
    forged = TEXT[:place] + character + TEXT[place + 1 :]

    try:
        claim = badge.read(forged)
    except badge.NotATicket:
        return
    assert claim.is_signed_by(PUBLIC) is (forged == TEXT)


@pytest.mark.parametrize(
    "text", ["", "HELLO", TEXT[:-1], TEXT + "A", "1" * 122, "é" * 122, "HC1:" + "A" * 118]
)
def test_what_is_no_ticket_is_told_apart_from_a_forged_one(text: str) -> None:
    with pytest.raises(badge.NotATicket):
        badge.read(text)


def test_blanks_and_lower_case_of_hardware_scanners_are_taken_out() -> None:
    assert badge.clean(f" {TEXT[:60].lower()}\r\n{TEXT[60:]}\n") == TEXT


def test_the_png_is_read_back_as_the_text() -> None:
    picture = Image.open(io.BytesIO(badge.draw_png(TEXT, module=4)))

    read = zxingcpp.read_barcodes(picture.convert("L"))

    assert [(code.text, str(code.format)) for code in read] == [(TEXT, "QR Code")]
    assert picture.size == (180, 180)


def test_the_svg_is_read_back_as_the_text() -> None:
    picture = badge.draw_svg(TEXT)
    path = picture.split('fill="#000" d="')[1].split('"')[0]
    image = Image.new("L", (45, 45), 255)
    for run in path.strip("M").split("M"):
        place, rest = run.split("h", 1)
        x, y = map(int, place.split())
        for step in range(int(rest.split("v")[0])):
            image.putpixel((x + step, y), 0)

    read = zxingcpp.read_barcodes(image.resize((360, 360), Image.Resampling.NEAREST))

    assert [code.text for code in read] == [TEXT]
    assert 'viewBox="0 0 45 45"' in picture
