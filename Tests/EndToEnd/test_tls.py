"""HTTPS and WSS on the same ports, by the gateway's own certificate."""

import json
import secrets
import signal
import socket
import ssl
import subprocess
import time

import pytest
import requests
from cryptography import x509

from certificates import Authority
from gateway import BINARY, CLIENT_BUNDLE, Gateway
from load import wait_for
from ports import free_port
from services import Service, privy_key
from tokens import AUDIENCE, ISSUER

PATIENCE = 60


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def certificate(authority):
    return authority.issue("server")


@pytest.fixture
def gateway(start_gateway, authority, certificate, monkeypatch):
    # For `requests`, in the fixture that waits until it is ready too.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca))
    monkeypatch.setattr(Gateway, "scheme", "https")
    files = ["--tls-certificate", certificate[0], "--tls-key", certificate[1]]
    return start_gateway("--no-feed", "--event-loops", "2", *files)


def moonx(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, **options)


def shown_serial(gateway) -> int:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as plain, context.wrap_socket(plain) as secure:
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True)).serial_number


def test_http_and_the_auth_service_are_encrypted(gateway):
    assert gateway.get("/health").ok
    assert requests.get(f"https://127.0.0.1:{gateway.auth_port}/health", timeout=PATIENCE).ok
    # Plain text on these ports is cut off.
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"http://127.0.0.1:{gateway.port}/health", timeout=PATIENCE)


@pytest.mark.parametrize("transport", ["websocket", "polling", "polling+websocket"])
def test_clients_of_every_transport_get_what_is_published(gateway, connect, symbol, transport):
    # Of eight sessions that move to a WebSocket some find it on the other event loop.
    clients = [connect(to=gateway, transport=transport, verify=False) for _ in range(8)]
    for client in clients:
        assert client.transport == transport.split("+")[-1]
        client.join(f"price:{symbol}")
    for price in ["1.10", "1.20"]:
        gateway.publish_price(symbol, price)
    for client in clients:
        assert [client.expect("price_update")["price"] for _ in range(2)] == ["1.10", "1.20"]
        # And what they send, of any size.
        assert client.ask("room_message", {"room": "group:no-such-group", "message": "x" * 500_000})["code"] == "ACCESS_DENIED"
        client.close()
    wait_for(lambda: gateway.metric("moonx_connections") == 0, "the end of all connections", PATIENCE)
    assert gateway.metric("moonx_sessions_closed_total{reason=\"transport error\"}") == 0


def test_chromium_moves_from_polling_to_wss(gateway, browser, user):
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{gateway.url}/health")
    page.add_script_tag(path=str(CLIENT_BUNDLE))
    names = page.evaluate(
        """async ([url, token]) => {
          const open = () => new Promise((resolve, reject) => {
            const socket = io(url, { auth: { token }, forceNew: true });
            socket.io.engine.on("upgrade", (transport) => resolve(transport.name));
            socket.on("connect_error", reject);
          });
          return await Promise.all([1, 2, 3, 4].map(open));
        }""",
        [gateway.url, gateway.token(user)],
    )
    assert names == ["websocket"] * 4
    context.close()


def test_the_tools_speak_https(gateway, authority, user, symbol):
    token = gateway.token(user)
    trust = ["--ca-file", authority.ca]
    listening = subprocess.Popen(
        [BINARY, "listen", f"price:{symbol}", "--url", gateway.url, "--token", token, "--count", "4", *map(str, trust)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    assert json.loads(listening.stdout.readline())["event"] == "connected"
    deadline = time.monotonic() + PATIENCE
    while gateway.metric("moonx_rooms_with_members") == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    publish = ["publish", "price_update", "--symbol", symbol, "--data", '{"price":"1.10"}', "--url", gateway.url]
    folder = ["--data-dir", gateway.directory]
    done = moonx(*publish, *folder, *trust)
    assert done.returncode == 0, done.stderr
    rest = [json.loads(listening.stdout.readline())["event"] for _ in range(3)]
    assert rest == ["authenticated", "room_joined", "price_update"]
    assert listening.wait(PATIENCE) == 0
    done = moonx("revoke", "--user", user, "--auth-url", f"https://127.0.0.1:{gateway.auth_port}", *folder, *trust)
    assert done.returncode == 0, done.stderr

    # Who does not know the authority does not speak to the gateway.
    assert moonx(*publish, *folder).returncode != 0
    assert moonx("listen", "--url", gateway.url, "--token", token).returncode != 0


def test_new_files_are_taken_at_sighup_and_bad_ones_are_not(gateway, authority, certificate):
    first = shown_serial(gateway)
    files = authority.issue("next")
    for target, source in zip(certificate, files):
        target.write_bytes(source.read_bytes())
    gateway.signal(signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE
    while shown_serial(gateway) == first and time.monotonic() < deadline:
        time.sleep(0.05)
    second = shown_serial(gateway)
    assert second != first
    assert gateway.get("/health").ok

    certificate[0].write_text("no certificate")
    gateway.signal(signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE
    while "holds no certificate" not in gateway.log and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "the certificate in force stays" in gateway.log
    assert shown_serial(gateway) == second


@pytest.mark.parametrize("command", ["up", "gateway", "auth"])
def test_a_sighup_ends_no_service_that_is_still_starting(command, certificate, tmp_path):
    (tmp_path / "secret").write_text(secrets.token_hex(32))
    flags = {
        "up": ["--auth-port", free_port(), "--data-dir", tmp_path / "data"],
        "gateway": ["--jwt-secret-file", tmp_path / "secret", "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE],
        "auth": ["--data-dir", tmp_path / "data", "--privy-app-id", "app-1", "--privy-key", privy_key(tmp_path)],
    }[command]
    # A Redis that takes a connection and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as redis:
        redis.settimeout(PATIENCE)
        flags += ["--redis", f"redis://127.0.0.1:{redis.getsockname()[1]}", "--tls-certificate", certificate[0], "--tls-key", certificate[1]]
        service = Service(command, "--port", free_port(), *flags)
        with redis.accept()[0]:
            service.signal(signal.SIGHUP)
            assert service.wait() == 1
    assert "Redis did not answer in time" in service.lines[-1]


@pytest.mark.parametrize("command", ["up", "check"])
def test_what_is_wrong_with_the_files_is_said_in_one_line(tmp_path, authority, certificate, command):
    other = authority.issue("other")
    (tmp_path / "text").write_text("hello")
    cases = [
        (["--tls-certificate", certificate[0]], "go together"),
        (["--tls-certificate", tmp_path / "none", "--tls-key", certificate[1]], "cannot be read"),
        (["--tls-certificate", tmp_path / "text", "--tls-key", certificate[1]], "holds no certificate in PEM form"),
        (["--tls-certificate", certificate[0], "--tls-key", tmp_path / "text"], "holds no private key in PEM form"),
        (["--tls-certificate", certificate[0], "--tls-key", other[1]], "is not that of the certificate"),
    ]
    for flags, message in cases:
        done = moonx(command, "--port", "0", "--auth-port", "0", "--data-dir", tmp_path / "data", *flags)
        said = done.stderr if command == "up" else done.stdout
        assert done.returncode != 0, flags
        lines = [line for line in said.splitlines() if message in line]
        assert len(lines) == 1, said


def test_check_tells_until_when_the_certificate_is_good(tmp_path, authority, certificate):
    flags = ["--port", "0", "--auth-port", "0", "--data-dir", tmp_path / "data"]
    done = moonx("check", *flags, "--tls-certificate", certificate[0], "--tls-key", certificate[1])
    assert "ok     certificate: good until " in done.stdout
    old = authority.issue("old", days=-1)
    done = moonx("check", *flags, "--tls-certificate", old[0], "--tls-key", old[1])
    assert done.returncode == 1
    assert "WRONG  certificate: the certificate has expired" in done.stdout
