"""CORS on both ports: who may read answers, by default and by setting."""

import pytest
import requests

from ports import free_port
from services import Service

LOCAL = ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080", "https://localhost"]
FOREIGN = ["https://example.com", "http://localhost.example.com", "http://example.com:3000", "null"]


def ports(gateway) -> list[str]:
    return [f"{gateway.url}/api/v1/auth/development", f"http://127.0.0.1:{gateway.auth_port}/api/v1/auth/development"]


def allowed(url: str, origin: str) -> str | None:
    return requests.get(url, headers={"Origin": origin}, timeout=60).headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("origin", LOCAL)
def test_up_lets_localhost_in(gateway, origin):
    handshake = f"{gateway.url}/socket.io/?EIO=4&transport=polling"
    assert [allowed(url, origin) for url in [*ports(gateway), handshake]] == [origin] * 3


@pytest.mark.parametrize("origin", FOREIGN)
def test_up_lets_nobody_else_in(gateway, origin):
    handshake = f"{gateway.url}/socket.io/?EIO=4&transport=polling"
    assert [allowed(url, origin) for url in [*ports(gateway), handshake]] == [None] * 3


def test_the_setting_covers_both_ports(start_gateway):
    gateway = start_gateway("--no-feed", "--cors-origins", "https://app.example.com, https://other.example.com")
    handshake = f"{gateway.url}/socket.io/?EIO=4&transport=polling"

    for url in [*ports(gateway), handshake]:
        assert allowed(url, "https://app.example.com") == "https://app.example.com"
        assert allowed(url, "https://other.example.com") == "https://other.example.com"
        # The setting stands for itself: localhost is no longer among them.
        assert allowed(url, "http://localhost:3000") is None


def test_a_preflight_is_answered_on_both_ports(gateway):
    for url in ports(gateway):
        answer = requests.options(
            url.replace("development", "refresh"), timeout=60,
            headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"},
        )
        assert answer.status_code in (200, 204)
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_a_service_lets_no_origin_in_unless_told(tmp_path):
    (tmp_path / "secret").write_text("a-secret-of-thirty-two-bytes-or-more")
    port = free_port()
    service = Service(
        "gateway", "--host", "127.0.0.1", "--port", port, "--jwt-secret-file", tmp_path / "secret", "--jwt-issuer", "i", "--jwt-audience", "a",
    )
    try:
        service.wait_for(f"http://127.0.0.1:{port}/ready")
        assert allowed(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling", "http://localhost:3000") is None
    finally:
        assert service.stop() == 0
