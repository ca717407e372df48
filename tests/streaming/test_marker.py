"""What stands on YouTube keeps within its limits, and ours is known again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.streaming.marker import (
    description_of,
    draft_of,
    ended_by,
    marker_in,
    new_marker,
    title_of,
)
from eventhub.streaming.model import Wanted
from eventhub.streaming.remote import Draft
from eventhub.streaming.sources import embed_url, video_of, watch_url

MARKER = "[eventhub:rakortek/opening/0a1b2c3d]"
PAGE = "https://example.org/rakortek/watch/opening"


def test_a_marker_names_the_event_and_the_session_and_is_never_the_same() -> None:
    first, second = new_marker("rakortek", "opening"), new_marker("rakortek", "opening")

    assert first.startswith("[eventhub:rakortek/opening/")
    assert first != second
    assert marker_in(f"Pembukaan\n\n{first}") == first
    assert marker_in("Pembukaan") is None


def test_a_title_is_one_line_of_at_most_a_hundred_characters_without_angle_brackets() -> None:
    assert title_of("Sidang\n<Pleno>") == "Sidang \u2039Pleno\u203a"
    assert title_of("") == "-"
    assert title_of("a" * 100) == "a" * 100
    assert title_of("a" * 101) == "a" * 99 + "…"


def test_a_description_ends_with_the_page_and_the_marker() -> None:
    assert description_of("Sambutan <Menteri>", PAGE, MARKER) == (
        f"Sambutan \u2039Menteri\u203a\n\n{PAGE}\n{MARKER}"
    )
    assert description_of("", PAGE, MARKER) == f"{PAGE}\n{MARKER}"


@given(st.text())
def test_any_abstract_fits_into_five_thousand_bytes_with_its_marker(text: str) -> None:
    description = description_of(text * 200, PAGE, MARKER)

    assert len(description.encode(errors="replace")) <= 5000
    assert not set("<>") & set(description)
    assert marker_in(description) == MARKER


def test_what_others_wrote_is_cut_before_the_marker_is() -> None:
    assert ended_by("é" * 5000, MARKER).endswith(f"é\n\n{MARKER}")
    assert len(ended_by("é" * 5000, MARKER).encode()) <= 5000


def test_a_draft_is_made_of_the_session() -> None:
    starts_at, ends_at = datetime(2021, 2, 25, 2, tzinfo=UTC), datetime(2021, 2, 25, 3, tzinfo=UTC)
    wanted = Wanted(1, "opening", "Pembukaan", "Sambutan", starts_at, ends_at, "room:aula", "Aula")

    assert draft_of(wanted, MARKER, PAGE) == Draft(
        "Pembukaan", f"Sambutan\n\n{PAGE}\n{MARKER}", starts_at, ends_at
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3",
        "https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ",
        "https://youtube.com/live/dQw4w9WgXcQ?si=abc",
        "https://youtu.be/dQw4w9WgXcQ?t=10",
        "https://www.youtube.com/embed/dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
    ],
)
def test_every_form_of_a_youtube_link_can_be_embedded(link: str) -> None:
    assert video_of(link) == "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    "link",
    [
        "https://zoom.example.org/j/123",
        "https://youtube.com.example.org/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?list=abc",
        "https://www.youtube.com/watch?v=<script>",
        "https://www.youtube.com/embed/live_stream?channel=UC",
        "https://www.youtube.com/@channel",
        "not a link",
    ],
)
def test_other_links_can_only_be_opened(link: str) -> None:
    assert video_of(link) is None


def test_a_video_is_watched_and_embedded_by_its_id() -> None:
    assert watch_url("dQw4w9WgXcQ") == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert embed_url("dQw4w9WgXcQ") == (
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"
    )
