"""The client's address behind a proxy, as limits count it."""

import contextlib
import ipaddress
import socket
import struct

PATIENCE = 30


def failed_logins(gateway, forwarded: str, count: int) -> list[int]:
    headers = {"X-Forwarded-For": forwarded}
    return [gateway.post("/api/v1/auth/login", json={"privyToken": "bad"}, headers=headers).status_code for _ in range(count)]


def until_refused(attempt) -> list[int]:
    """Failed logins until one is refused: the bucket gets one more a second, so that a slow machine needs more of them."""
    statuses = []
    while 429 not in statuses and len(statuses) < 300:
        statuses.append(attempt(len(statuses)))
    return statuses


def test_a_trusted_proxy_is_believed_about_the_address(start_gateway):
    gateway = start_gateway("--trusted-proxies", "10.0.0.0/8", "127.0.0.1/32", "--no-feed")

    # What stands left of the right-most untrusted address is the client's own invention.
    statuses = until_refused(lambda number: failed_logins(gateway, f"192.0.2.{number % 250}, 198.51.100.1, 10.0.0.1", 1)[0])

    assert statuses[:60] == [401] * 60
    assert 429 in statuses
    assert failed_logins(gateway, "198.51.100.2", 1) == [401]
    assert gateway.metric("moonx_logins_failed_total") == statuses.count(401) + 1
    assert gateway.metric("moonx_logins_refused_total") == statuses.count(429)


def test_others_are_not_believed_about_the_address(start_gateway):
    gateway = start_gateway("--trusted-proxies", "10.0.0.0/8", "--no-feed")

    statuses = until_refused(lambda number: failed_logins(gateway, f"198.51.100.{number % 250}", 1)[0])

    assert 429 in statuses


def failed_login_over_proxy_protocol(gateway, address: str | None) -> int:
    """One login over a connection of its own; `address` is what the proxy says, `None` says nothing."""
    header = b""
    if address is not None:
        ends = ipaddress.ip_address(address).packed + ipaddress.ip_address("203.0.113.9").packed + struct.pack(">HH", 4711, 443)
        header = b"\r\n\r\n\0\r\nQUIT\n" + struct.pack(">BBH", 0x21, 0x11, len(ends)) + ends
    body = b'{"privyToken":"bad"}'
    request = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as connection:
        connection.sendall(header + request + body)
        # Cut off with bytes of ours unread, the connection is reset.
        with contextlib.suppress(ConnectionResetError):
            status = connection.recv(4096).split(b" ")
            return int(status[1]) if len(status) > 1 else 0
        return 0


def test_the_proxy_protocol_of_a_trusted_proxy_says_the_address(start_gateway):
    gateway = start_gateway("--trusted-proxies", "127.0.0.2/32", "--proxy-protocol", "--no-feed")
    # Not trusted: plain as ever, and not believed.
    assert failed_login_over_proxy_protocol(gateway, None) == 401
    assert failed_login_over_proxy_protocol(gateway, "198.51.100.1") == 400


def test_limits_count_the_address_that_the_proxy_protocol_says(tmp_path, start_gateway, monkeypatch):
    # The fixture's own question whether the gateway is ready comes from an address that is not trusted.
    gateway = start_gateway("--trusted-proxies", "127.0.0.3/32", "--proxy-protocol", "--no-feed")
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *arguments: connect(*arguments, source_address=("127.0.0.3", 0)))

    statuses = until_refused(lambda number: failed_login_over_proxy_protocol(gateway, "198.51.100.1"))
    assert statuses[:60] == [401] * 60
    assert 429 in statuses
    assert failed_login_over_proxy_protocol(gateway, "198.51.100.2") == 401
    # From the proxy it must come.
    assert failed_login_over_proxy_protocol(gateway, None) == 0
    monkeypatch.undo()
    assert gateway.metric("moonx_proxy_headers_refused_total") == 1


def test_the_proxy_protocol_needs_somebody_to_trust(gateway):
    done = gateway.command("up", "--proxy-protocol")
    assert done.returncode != 0
    assert "--proxy-protocol needs --trusted-proxies" in done.stderr
