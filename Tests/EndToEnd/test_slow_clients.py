"""Clients that stop reading their sockets under load: `moonx bench slow`, small, and judged by what it proves rather than by its times."""

import json

import pytest

from reading_stops import ReadingStops
from services import run

pytestmark = pytest.mark.timeout(240)

LOAD = [
    "--connections", 100, "--slow", 10, "--rooms", 10, "--slow-rooms", 5, "--rate", 200, "--pause", 8, "--after", 2, "--payload-bytes", 1500,
    "--timeout", 40, "--latency-ratio", 0, "--json",
]


@pytest.fixture
def bench(start_gateway, tmp_path):
    """Starts a gateway with these flags, and measures it."""

    def bench(*flags):
        gateway = start_gateway("--no-feed", "--limits", "off", *flags)
        tokens = tmp_path / "tokens"
        done = gateway.command("token", "--user", "slow-user", "--ttl=1h", "--count", "10", "--data-dir", str(gateway.directory))
        tokens.write_text(done.stdout)
        files = ["--token-file", tokens, "--service-token-file", gateway.directory / "service-token"]
        done = run("bench", "slow", "--url", gateway.url, "--server-pid", gateway.pid, *files, *LOAD, timeout=200)
        figures = json.loads(done.stdout) if done.stdout else {}
        return gateway, done, figures

    return bench


def closed_as_slow(gateway) -> float:
    return gateway.metric('moonx_sessions_closed_total{reason="slow consumer"}')


def test_who_stays_connected_ends_with_everything_and_proves_it(bench):
    # Pings of a client that does not read are not answered either.
    gateway, done, figures = bench("--queue-age", "5m", "--ping-timeout", "5m")

    assert (done.returncode, figures["failures"]) == (0, 0), done.stderr
    assert figures["closed"] == 0 and closed_as_slow(gateway) == 0
    # Each of the ten was held up in each of its five rooms, and the numbers of what it then got cover what it did not get.
    assert figures["conflated"] >= 50 and figures["covered"] > figures["conflated"]
    assert gateway.metric("moonx_conflated_total") >= figures["covered"] - figures["conflated"]
    assert figures["residentGrowth"] <= figures["residentBound"] == 10 << 20


def test_who_is_closed_as_slow_comes_back_to_everything(bench):
    gateway, done, figures = bench("--queue-age", "2s", "--ping-timeout", "5m")

    assert (done.returncode, figures["failures"]) == (0, 0), done.stderr
    assert figures["closed"] == figures["recovered"] >= 10
    assert closed_as_slow(gateway) >= 10
    assert figures["snapshots"] >= 50


def test_what_is_lost_is_found(bench):
    # Without recovery the trades of the time away are gone: a proof that could not fail would prove nothing.
    gateway, done, figures = bench("--queue-age", "2s", "--ping-timeout", "5m", "--recovery-window", "0")

    assert closed_as_slow(gateway) >= 10
    assert done.returncode == 1 and figures["failures"] >= 10
    assert "own trade" in done.stderr


def reading_stops(gateway, user: str, symbol: str) -> ReadingStops:
    return ReadingStops(gateway.url, gateway.token(user), symbol, lambda **data: gateway.publish("trade_notification", symbol, **data))


def test_who_is_closed_for_the_bytes_that_wait_comes_back_to_everything(start_gateway, user, symbol):
    gateway = start_gateway("--no-feed", "--ping-timeout", "5m", "--queue-age", "5m")
    client = reading_stops(gateway, user, symbol)
    client.publish()
    client.read(until=1)

    # Nobody reads: first the kernel's buffers fill, then the queue, to its bound of 1 MiB.
    while closed_as_slow(gateway) == 0:
        client.publish(10, note="x" * 20_000)
    client.publish(10, note="x" * 20_000)

    client.read()
    assert client.told == ["SLOW_CONSUMER"]
    missed = client.published - len(client.trades)
    assert missed * 20_000 > 1 << 20, "what waited when it was closed"

    assert client.come_back(gateway.url) is True
    client.publish()
    client.read(until=client.published)
    assert client.trades == list(range(1, client.published + 1)), "nothing missing, nothing twice"
    assert closed_as_slow(gateway) == 1, "what is given back does not close it again"


def test_who_has_missed_more_than_may_be_given_back_is_told_so(start_gateway, user, symbol):
    gateway = start_gateway("--no-feed", "--ping-timeout", "5m", "--queue-age", "5m", "--queue-bytes", "100000", "--recovery-replay-bytes", "50000")
    client = reading_stops(gateway, user, symbol)
    client.publish()
    client.read(until=1)
    while closed_as_slow(gateway) == 0:
        client.publish(10, note="x" * 20_000)
    client.read()

    assert client.come_back(gateway.url) is False
    assert gateway.metric('moonx_recovery_sessions_refused_total{reason="tooMuchMissed"}') == 1
