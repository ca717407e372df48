"""What comes in and what goes out."""

from typing import Annotated

from pydantic import Field, StringConstraints

from eventhub.web.fields import Form, HttpUrl, Instant, Shape

from .model import KINDS, Delivery, Webhook, WebhookKind

Address = Annotated[HttpUrl, StringConstraints(min_length=1)]


# Rooms fill and empty several times a second: who wants that asks for it.
USUAL: tuple[WebhookKind, ...] = ("programme", "broadcast", "announcement", "question")


class NewWebhook(Form):
    url: Address
    kinds: Annotated[tuple[WebhookKind, ...], Field(min_length=1)] = USUAL


class PostedWebhook(Form):
    """The same as a page posts it: a tick for each kind."""

    url: Address
    programme: bool = False
    occupancy: bool = False
    broadcast: bool = False
    announcement: bool = False
    question: bool = False

    @property
    def kinds(self) -> tuple[WebhookKind, ...]:
        return tuple(kind for kind in KINDS if getattr(self, kind))


class WebhookShape(Shape):
    id: int
    url: str
    kinds: tuple[WebhookKind, ...]
    created_at: Instant
    stopped_at: Instant | None


class NewWebhookShape(WebhookShape):
    secret: str


class DeliveryShape(Shape):
    id: int
    message: str
    kind: str
    created_at: Instant
    attempts: int
    delivered_at: Instant | None
    failed_at: Instant | None
    next_at: Instant | None
    status: int | None
    error: str


def webhook_shape(webhook: Webhook) -> WebhookShape:
    """Return a webhook as the API answers it."""
    return WebhookShape(**_fields(webhook))


def new_webhook_shape(webhook: Webhook, secret: str) -> NewWebhookShape:
    """Return a webhook just added, with the secret that is shown only now."""
    return NewWebhookShape(**_fields(webhook), secret=secret)


def _fields(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "kinds": tuple(kind for kind in KINDS if kind in webhook.kinds),
        "created_at": webhook.created_at,
        "stopped_at": webhook.stopped_at,
    }


def delivery_shape(delivery: Delivery) -> DeliveryShape:
    """Return a delivery as the API answers it."""
    has_ended = delivery.delivered_at or delivery.failed_at
    return DeliveryShape(
        id=delivery.id,
        message=delivery.message,
        kind=delivery.kind,
        created_at=delivery.created_at,
        attempts=delivery.attempts,
        delivered_at=delivery.delivered_at,
        failed_at=delivery.failed_at,
        next_at=None if has_ended else delivery.due_at,
        status=delivery.status,
        error=delivery.error,
    )
