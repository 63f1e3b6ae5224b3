"""Rates and seats, with a clock that stands still."""

from __future__ import annotations

from aiohttp.test_utils import make_mocked_request

from connectors.limits import DoorLimits, Gate, Rate, RateLimiter, Seats, network_address


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_is_allowed_and_then_the_long_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(Rate(per_minute=15, burst=10), clock)
    for _ in range(10):
        assert limiter.seconds_to_wait("an") == 0
        limiter.spend("an")
    assert round(limiter.seconds_to_wait("an"), 6) == 4
    clock.seconds += 4
    assert limiter.seconds_to_wait("an") == 0
    assert limiter.seconds_to_wait("bình") == 0


def test_a_refused_message_is_not_counted_anywhere() -> None:
    clock = Clock()
    gate = Gate(DoorLimits(sender=Rate(60, 1), address=Rate(60, 2), overall=Rate(60, 100)), clock)
    assert gate.admit("an", "10.0.0.1") == 0
    assert [gate.admit("an", "10.0.0.1") for _ in range(5)] == [1] * 5
    assert gate.admit("bình", "10.0.0.1") == 0
    assert gate.admit("châu", "10.0.0.1") == 1


def test_the_memory_of_a_limiter_is_bounded() -> None:
    limiter = RateLimiter(Rate(60, 1), Clock(), keys=2)
    for key in ("an", "bình", "châu"):
        limiter.spend(key)
    assert [limiter.seconds_to_wait(key) > 0 for key in ("an", "bình", "châu")] == [False, True, True]


def test_a_seat_is_free_again_after_use() -> None:
    seats = Seats(1)
    assert seats.take("an")
    assert not seats.take("an")
    seats.free("an")
    assert seats.take("an")


def test_only_our_own_proxies_are_believed() -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert network_address(request, proxies=0) != "203.0.113.9"
    assert network_address(request, proxies=1) == "203.0.113.9"


def test_a_whole_household_of_ipv6_counts_as_one() -> None:
    addresses = [
        network_address(make_mocked_request("GET", "/", headers={"X-Forwarded-For": f"2001:db8::{n}"}), proxies=1)
        for n in (1, 2)
    ]
    assert addresses == ["2001:db8::/64"] * 2


def test_an_ipv4_address_in_ipv6_dress_is_counted_alone() -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "::ffff:203.0.113.9"})
    assert network_address(request, proxies=1) == "203.0.113.9"


def test_a_forwarded_address_is_not_believed_without_proxies_of_ours() -> None:
    requests = [make_mocked_request("GET", "/", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in (1, 2)]
    assert len({network_address(request, proxies=0) for request in requests}) == 1
    assert network_address(requests[0], proxies=2) == network_address(requests[1], proxies=2)
