"""What comes in and what goes out."""

from eventhub.web.fields import Code, Form, Instant, Notice, Shape

from .model import Announcement


class NewAnnouncement(Form):
    text: Notice
    session: Code | None = None


class AnnouncementShape(Shape):
    id: int
    text: str
    session: str | None
    at: Instant
    author: str
    taken_back_at: Instant | None


def announcement_shape(announcement: Announcement) -> AnnouncementShape:
    """Return an announcement as the API answers it."""
    return AnnouncementShape(
        id=announcement.id,
        text=announcement.text,
        session=announcement.session,
        at=announcement.at,
        author=announcement.author,
        taken_back_at=announcement.taken_back_at,
    )
