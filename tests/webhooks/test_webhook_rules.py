"""Signing, waiting, and where webhooks may lead."""

import base64
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from eventhub.webhooks import rules


def test_a_message_is_signed_as_the_published_example_is() -> None:
    """The example of the Standard Webhooks reference libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    signed = rules.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_tried_ten_times_within_four_days() -> None:
    waits = [rules.wait_after(attempts) for attempts in range(1, 11)]

    assert waits[-1] is None
    assert waits[0] == timedelta(seconds=5)
    assert (
        timedelta(days=3) < sum((wait for wait in waits if wait), timedelta()) < timedelta(days=4)
    )


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104 -- looked at, not bound
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
        ("::ffff:0:a00:1", False),
        ("::a00:1", False),
        ("fec0::1", False),
    ],
)
def test_only_the_internet_may_be_called(address: str, allowed: bool) -> None:
    assert rules.may_call(ip_address(address), ()) is allowed


def test_a_private_network_that_was_opened_may_be_called() -> None:
    office = (ip_network("10.1.0.0/16"),)

    assert rules.may_call(ip_address("10.1.2.3"), office)
    assert rules.may_call(ip_address("::ffff:10.1.2.3"), office)
    assert not rules.may_call(ip_address("10.2.0.1"), office)
