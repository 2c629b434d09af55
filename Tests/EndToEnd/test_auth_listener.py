"""The auth service's own port: who connects and says nothing, or says it slowly, does not keep others from logging in."""

import resource
import socket
import time

import pytest
import requests

from ports import free_port
from services import Service, privy_key

# The longest time that the service gives is 20 s.
PATIENCE = 90


@pytest.fixture
def auth(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, limits[1]), limits[1]))
    try:
        port = free_port()
        service = Service(
            "auth", "--host", "127.0.0.1", "--port", port, "--data-dir", tmp_path / "data", "--privy-app-id", "app-1",
            "--privy-key", privy_key(tmp_path),
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    service.port, service.url = port, f"http://127.0.0.1:{port}"
    try:
        service.wait_for(f"{service.url}/health")
        yield service
    finally:
        service.stop()


class SlowPeer:
    """Says something, then a byte now and then."""

    def __init__(self, port: int, beginning: bytes, drop: bytes):
        self.received, self.is_closed = b"", False
        self._drop = drop
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.settimeout(0.2)
        self._socket.sendall(beginning)

    def go_on(self):
        try:
            if self._drop:
                self._socket.sendall(self._drop)
            while data := self._socket.recv(4096):
                self.received += data
            self.is_closed = True
        except TimeoutError:
            pass
        except OSError:
            self.is_closed = True
        if self.is_closed:
            self._socket.close()


def request(line: str) -> bytes:
    return f"{line} HTTP/1.1\r\nHost: localhost\r\n".encode()


def test_who_is_slow_is_closed(auth):
    body = b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    peers = {
        "nothing": SlowPeer(auth.port, b"", b""),
        "half a head": SlowPeer(auth.port, request("GET /health"), b""),
        "a head byte by byte": SlowPeer(auth.port, request("GET /health") + b"X-Long: ", b"x"),
        "half a body": SlowPeer(auth.port, request("POST /api/v1/auth/login") + body, b""),
        "a body byte by byte": SlowPeer(auth.port, request("POST /api/v1/auth/login") + body, b"x"),
        "a body that nobody reads": SlowPeer(auth.port, request("GET /api/v1/auth/verify") + body, b"x"),
        "a second request": SlowPeer(auth.port, request("GET /health") + b"\r\n" + request("GET /health"), b""),
    }

    deadline = time.monotonic() + PATIENCE
    while waiting := [name for name, peer in peers.items() if not peer.is_closed]:
        assert time.monotonic() < deadline, f"still open after {PATIENCE} s: {waiting}"
        for name in waiting:
            peers[name].go_on()

    assert peers["nothing"].received == peers["half a head"].received == b""
    assert peers["a second request"].received.startswith(b"HTTP/1.1 200 ")
    assert peers["a body that nobody reads"].received.startswith(b"HTTP/1.1 401 ")
    # Whoever reads is told; a machine that is busy for long may close first.
    told = peers["a body byte by byte"].received
    assert told == b"" or (told.startswith(b"HTTP/1.1 408 ") and b"INVALID_MESSAGE" in told)
    assert requests.get(f"{auth.url}/health", timeout=PATIENCE).ok


def test_the_soft_limit_on_files_is_raised(auth):
    with open(f"/proc/{auth.pid}/limits") as limits:
        soft, hard = next(line for line in limits if line.startswith("Max open files")).split()[3:5]

    assert soft == hard
