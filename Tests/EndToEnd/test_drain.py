"""SIGTERM: the node says that it goes, its clients go one after the other, and it ends well."""

import time

import pytest
import requests

TRANSPORTS = ["websocket", "polling"]


def test_clients_are_told_and_go_one_after_the_other(start_gateway, connect):
    gateway = start_gateway("--no-feed", "--drain-time", "3s")
    clients = [connect(to=gateway, transport=transport) for transport in TRANSPORTS * 3]
    for client in clients:
        client.expect("authenticated")

    start = time.monotonic()
    gateway.terminate()
    delays = [client.expect("server_draining")["reconnectAfter"] for client in clients]

    assert all(0 <= delay <= 3000 for delay in delays)
    assert len(set(delays)) > 1
    assert gateway.wait() == 0, gateway.log
    assert max(delays) / 1000 - 0.1 <= time.monotonic() - start


def test_a_second_signal_ends_it_at_once(start_gateway, connect):
    # On one loop the later of two clients stays for half an hour at least.
    gateway = start_gateway("--no-feed", "--drain-time", "1h", "--event-loops", "1")
    clients = [connect(to=gateway) for _ in range(2)]
    for client in clients:
        client.expect("authenticated")

    gateway.terminate()
    for client in clients:
        client.expect("server_draining")
    # Who is there stays, and nobody else comes.
    assert gateway.get("/ready").status_code == 503
    assert gateway.get("/health").status_code == 200
    refused = gateway.get("/socket.io/?EIO=4&transport=polling")
    assert (refused.status_code, refused.headers["connection"]) == (503, "close")
    gateway.terminate()

    assert gateway.wait() == 0, gateway.log
    with pytest.raises(requests.ConnectionError):
        gateway.get("/health")


def test_without_clients_it_ends_at_once(start_gateway):
    gateway = start_gateway("--no-feed", "--drain-time", "1h")
    gateway.terminate()
    assert gateway.wait() == 0, gateway.log


@pytest.mark.parametrize("value", ["soon", "-1s", "2h"])
def test_a_bad_time_stops_the_start(gateway, value):
    done = gateway.command("up", f"--drain-time={value}")
    assert done.returncode != 0
    assert "--drain-time must look like" in done.stderr
