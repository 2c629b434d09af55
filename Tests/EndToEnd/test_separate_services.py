"""`moonx auth` and `moonx gateway` as two processes: keys by JWKS over HTTP, and what does not cross without Redis."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from clients import Client, Refused
from ports import free_port
from prometheus import parse
from services import Service, privy_key
from tokens import AUDIENCE, ISSUER, base64url


@pytest.fixture
def start_service():
    started = []

    def start(*arguments, **options) -> Service:
        started.append(Service(*arguments, **options))
        return started[-1]

    yield start
    for service in started:
        service.stop()


class KeySet:
    """A JWKS on a real HTTP server, whose keys the test rotates."""

    def __init__(self):
        self.keys = {}
        self.requests = 0
        key_set = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                key_set.requests += 1
                body = json.dumps({"keys": [key_set.published(kid) for kid in key_set.keys]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, kid: str):
        self.keys[kid] = ec.generate_private_key(ec.SECP256R1())

    def published(self, kid: str) -> dict:
        numbers = self.keys[kid].public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y}


@pytest.fixture
def key_set():
    key_set = KeySet()
    yield key_set
    key_set.server.shutdown()


def token(key_set: KeySet, kid: str, user: str) -> str:
    now = int(time.time())
    claims = {"sub": user, "iss": ISSUER, "aud": AUDIENCE, "type": "access", "iat": now, "exp": now + 900}
    return jwt.encode(claims, key_set.keys[kid], "ES256", headers={"kid": kid})


def test_keys_by_url_are_rotated_without_a_restart(start_service, key_set, user):
    key_set.add("first")
    port = free_port()
    gateway = start_service(
        "gateway", "--host", "127.0.0.1", "--port", port, "--jwks", key_set.url, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE
    )
    url = f"http://127.0.0.1:{port}"
    gateway.wait_for(f"{url}/ready")

    first = Client(url, token(key_set, "first", user))
    assert first.expect("authenticated")["user"]["id"] == user
    first.close()

    # A new key is found as soon as a token names it, once the last fetch is 10 s old.
    key_set.add("second")
    for _ in range(200):
        try:
            second = Client(url, token(key_set, "second", user))
            break
        except Refused as refused:
            assert refused.data == {"code": "AUTH_FAILED"}
            time.sleep(0.2)
    assert second.expect("authenticated")["user"]["id"] == user
    second.close()
    # Many tokens with unknown keys, few fetches.
    assert key_set.requests <= 3


def test_a_gateway_does_not_start_without_its_keys(start_service):
    gateway = start_service(
        "gateway", "--port", 0, "--jwks", "http://127.0.0.1:1/jwks.json", "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE
    )

    assert gateway.wait() != 0
    assert len(gateway.lines) == 1
    assert "http://127.0.0.1:1/jwks.json" in gateway.lines[0]


def test_both_say_that_revocations_do_not_cross(start_service, key_set, tmp_path):
    key_set.add("first")
    auth = start_service(
        "auth", "--host", "127.0.0.1", "--port", free_port(), "--data-dir", tmp_path / "data",
        "--privy-app-id", "app-1", "--privy-key", privy_key(tmp_path),
    )
    gateway = start_service(
        "gateway", "--host", "127.0.0.1", "--port", free_port(), "--jwks", key_set.url, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE
    )

    auth.expect_line("no Redis", "revocations")
    gateway.expect_line("no Redis", "revocations")


def test_privys_keys_may_come_by_url(start_service, key_set, tmp_path):
    key_set.add("privy-key")
    port = free_port()
    auth = start_service(
        "auth", "--host", "127.0.0.1", "--port", port, "--data-dir", tmp_path / "data",
        "--privy-app-id", "app-1", "--privy-key", key_set.url,
    )
    auth.wait_for(f"http://127.0.0.1:{port}/health")
    now = int(time.time())
    claims = {"sub": "did:privy:alice", "iss": "privy.io", "aud": "app-1", "iat": now, "exp": now + 3600}
    privy = jwt.encode(claims, key_set.keys["privy-key"], "ES256", headers={"kid": "privy-key"})

    answer = requests.post(f"http://127.0.0.1:{port}/api/v1/auth/login", json={"privyToken": privy}, timeout=60)

    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["id"]


def test_failed_logins_that_are_passed_on_are_counted(start_service, key_set, tmp_path):
    key_set.add("first")
    auth_port, port = free_port(), free_port()
    auth_url, url = f"http://127.0.0.1:{auth_port}", f"http://127.0.0.1:{port}"
    auth = start_service(
        "auth", "--host", "127.0.0.1", "--port", auth_port, "--data-dir", tmp_path / "data", "--failed-logins", "0.001/3",
        "--privy-app-id", "app-1", "--privy-key", privy_key(tmp_path),
    )
    auth.wait_for(f"{auth_url}/health")
    gateway = start_service(
        "gateway", "--host", "127.0.0.1", "--port", port, "--jwks", key_set.url, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
        "--auth-url", auth_url,
    )
    gateway.wait_for(f"{url}/ready")

    def post(what, **options) -> int:
        return requests.post(f"{url}/api/v1/auth/{what}", timeout=20, **options).status_code

    assert [post("login", json={"privyToken": "bad"}), post("refresh", json={"refreshToken": "bad"})] == [401, 401]
    # What shows nothing has failed nowhere.
    assert post("refresh") == 401
    assert [post("login", json={"privyToken": "bad"}) for _ in range(3)] == [401, 429, 429]

    names = ["moonx_logins_failed_total{}", "moonx_logins_refused_total{}"]
    at_the_gateway, at_the_service = (parse(requests.get(f"{base}/metrics", timeout=60).text) for base in (url, auth_url))
    assert [at_the_gateway[name] for name in names] == [at_the_service[name] for name in names] == [3, 2]

    auth.stop()
    assert post("login", json={"privyToken": "bad"}) == 502
    counts = parse(requests.get(f"{url}/metrics", timeout=60).text)
    assert (counts["moonx_auth_unanswered_total{}"], counts["moonx_logins_failed_total{}"]) == (1, 3)


def test_what_is_passed_on_is_a_path_with_a_short_body(start_service, key_set, tmp_path):
    key_set.add("first")
    auth_port, port = free_port(), free_port()
    auth_url, url = f"http://127.0.0.1:{auth_port}", f"http://127.0.0.1:{port}"
    auth = start_service(
        "auth", "--host", "127.0.0.1", "--port", auth_port, "--data-dir", tmp_path / "data",
        "--privy-app-id", "app-1", "--privy-key", privy_key(tmp_path),
    )
    auth.wait_for(f"{auth_url}/health")
    gateway = start_service(
        "gateway", "--host", "127.0.0.1", "--port", port, "--jwks", key_set.url, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
        "--auth-url", auth_url,
    )
    gateway.wait_for(f"{url}/ready")

    # The sender's fault, not the service's.
    answer = requests.post(f"{url}/api/v1/auth/login", data=b"x" * 70_000, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "INVALID_MESSAGE")
    assert parse(requests.get(f"{url}/metrics", timeout=60).text)["moonx_auth_unanswered_total{}"] == 0

    # RFC 9112, section 3.2.2: a server must take a target that is a whole URL.
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET http://gateway/api/v1/auth/verify?x=1 HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
        raw = b"".join(iter(lambda: connection.recv(65536), b""))
    assert raw.startswith(b"HTTP/1.1 401 ") and b'"AUTH_REQUIRED"' in raw, raw


def test_a_page_logs_in_through_the_gateway(start_service, key_set, tmp_path):
    """Who may read an answer is said once, although both services know of the page: said twice, a browser does not believe it."""
    key_set.add("first")
    origin = {"Origin": "https://app.example.com"}
    auth_port, port = free_port(), free_port()
    auth = start_service(
        "auth", "--host", "127.0.0.1", "--port", auth_port, "--data-dir", tmp_path / "data", "--cors-origins", origin["Origin"],
        "--privy-app-id", "app-1", "--privy-key", privy_key(tmp_path),
    )
    auth.wait_for(f"http://127.0.0.1:{auth_port}/health")
    gateway = start_service(
        "gateway", "--host", "127.0.0.1", "--port", port, "--jwks", key_set.url, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
        "--cors-origins", origin["Origin"], "--auth-url", f"http://127.0.0.1:{auth_port}",
    )
    gateway.wait_for(f"http://127.0.0.1:{port}/ready")

    for service in (auth_port, port):
        answer = requests.post(f"http://127.0.0.1:{service}/api/v1/auth/login", json={"privyToken": "bad"}, headers=origin, timeout=20)
        assert answer.status_code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]


def test_one_file_serves_both(start_service, key_set, tmp_path):
    key_set.add("first")
    auth_port, port = free_port(), free_port()
    file = tmp_path / "moonx.conf"
    settings = {
        "host": "127.0.0.1", "port": port, "auth-port": auth_port, "auth-url": f"http://127.0.0.1:{auth_port}", "jwks": key_set.url,
        "jwt-issuer": ISSUER, "jwt-audience": AUDIENCE, "privy-app-id": "app-1", "privy-key": privy_key(tmp_path), "data-dir": tmp_path / "data",
    }
    file.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))

    auth = start_service("auth", "--config", file)
    gateway = start_service("gateway", "--config", file)

    auth.wait_for(f"http://127.0.0.1:{auth_port}/health")
    gateway.wait_for(f"http://127.0.0.1:{port}/ready")
    assert requests.get(f"http://127.0.0.1:{port}/api/v1/auth/development", timeout=20).status_code == 404
