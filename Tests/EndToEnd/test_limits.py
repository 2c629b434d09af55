"""The limits of the contract's section 7: each a setting, with its error and its metric, and beside it who is not over it."""

import contextlib
import json
import socket
import time
import uuid

import pytest

from clients import Client, Refused
from prometheus import parse
from services import run
from wire import RawSocket

PATIENCE = 60


def metric(gateway, name: str) -> float:
    return parse(gateway.get("/metrics").text)[name]


def limit(gateway, name: str) -> float:
    return metric(gateway, f'moonx_client_limits_total{{limit="{name}"}}')


def wait_until(condition, what: str):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.05)


@pytest.fixture
def limited(start_gateway):
    """A gateway without a market, with limits that a test reaches: `limited("--rooms-per-connection", 2)`."""
    return lambda *flags: start_gateway("--no-feed", *flags)


@pytest.fixture
def clients(connect):
    """Connects clients to a gateway of the test's own."""
    return lambda gateway, user=None, **options: connect(user, to=gateway, **options)


def refused(gateway, user=None) -> Refused:
    with pytest.raises(Refused) as refusal:
        Client(gateway.url, token=gateway.token(user or str(uuid.uuid4())))
    return refusal.value


# Connecting ------------------------------------------------------------------


@pytest.mark.parametrize("flag, name", [
    ("--connections-per-node", "node_connections"), ("--connections-per-user", "user_connections"),
    ("--connections-per-address", "address_connections"),
])
def test_connections(limited, clients, user, flag, name):
    gateway = limited(flag, 2)
    first, second = clients(gateway, user), clients(gateway, user)

    error = refused(gateway, user)

    assert "429" in error.message
    assert error.data["code"] == "CONNECTION_LIMIT" and error.data["retryAfter"] >= 1
    assert limit(gateway, name) == 1
    assert metric(gateway, 'moonx_errors_total{code="CONNECTION_LIMIT"}') == 1
    if name == "user_connections":
        assert clients(gateway).ask("ping", {})["ok"] is True
    # Those who are in stay in, and a place that is given up is free again.
    assert second.ask("ping", {})["ok"] is True
    first.close()
    wait_until(lambda: metric(gateway, "moonx_connections{}") < 2 + (name == "user_connections"), "the place is free")
    assert clients(gateway, user).ask("ping", {})["ok"] is True


def test_connection_attempts_of_an_address(limited, clients, user):
    # Slow enough that it does not fill up while the attempts of a busy machine are made.
    gateway = limited("--handshakes", "0.2/3")
    token = gateway.token(user)
    started, inside = time.monotonic(), []
    error = None
    for _ in range(12):
        try:
            inside.append(clients(gateway, token=token))
        except Refused as refusal:
            error = refusal
            break

    assert error is not None, f"all let in within {time.monotonic() - started:.1f} s"
    assert "429" in error.message
    assert error.data["code"] == "RATE_LIMITED" and error.data["retryAfter"] >= 1
    assert limit(gateway, "handshakes") == 1
    assert len(inside) >= 3 and inside[0].ask("ping", {})["ok"] is True

    def let_in():
        with contextlib.suppress(Refused):
            return clients(gateway, token=token)

    wait_until(let_in, "somebody is let in again")


def test_failed_logins_of_an_address(limited):
    gateway = limited("--failed-logins", "0.01/3")
    attempt = lambda: gateway.post("/api/v1/auth/login", json={"privyToken": "not.a.token"})

    assert [attempt().status_code for _ in range(3)] == [401, 401, 401]
    answer = attempt()

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMITED"
    assert int(answer.headers["Retry-After"]) >= 1
    # The gateway serves the login here, so its own metrics tell.
    assert metric(gateway, "moonx_logins_failed_total{}") == 3
    assert metric(gateway, "moonx_logins_refused_total{}") == 1
    assert gateway.get("/api/v1/auth/development").status_code == 200


def test_a_first_request_that_does_not_come(limited):
    gateway = limited("--handshake-timeout", "5s")
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE) as silent:
        silent.sendall(b"GET /socket.io/?EIO=4")
        while silent.recv(4096):
            pass
    wait_until(lambda: metric(gateway, "moonx_http_timeouts_total{}") >= 1, "it is counted")
    assert gateway.get("/health").status_code == 200


def test_who_does_not_connect_to_the_namespace(limited, user):
    gateway = limited("--connect-timeout", "15s")
    token = gateway.token(user)
    good = RawSocket(gateway.url)
    good.connect(token)
    silent = RawSocket(gateway.url)

    assert silent.is_closed_by_server()
    good.emit("ping", {})
    good.expect('42["pong"')
    wait_until(lambda: metric(gateway, 'moonx_sessions_closed_total{reason="forced close"}') == 1, "it is counted")


def test_who_does_not_answer_pings(limited, clients, user):
    gateway = limited("--ping-interval", "1s", "--ping-timeout", "20s")
    token = gateway.token(user)
    good, silent = clients(gateway), RawSocket(gateway.url)
    silent.connect(token)

    assert silent.is_closed_by_server()
    wait_until(lambda: metric(gateway, 'moonx_sessions_closed_total{reason="ping timeout"}') == 1, "it is counted")
    assert good.ask("ping", {})["ok"] is True


# Once connected --------------------------------------------------------------


def test_events_of_a_connection(limited, clients, user):
    gateway = limited("--client-events", "0.1/5")
    client, neighbour = clients(gateway, user), clients(gateway)

    answers = [client.ask("ping", {}) for _ in range(8)]
    over = next(answer for answer in answers if not answer["ok"])

    assert [answer["ok"] for answer in answers[:5]] == [True] * 5
    assert over["code"] == "RATE_LIMITED" and over["retryAfter"] >= 1
    assert limit(gateway, "connection_events") >= 1
    assert neighbour.ask("ping", {})["ok"] is True


def test_events_of_a_user_over_all_connections(limited, clients, user):
    gateway = limited("--user-events", "0.1/6")
    devices, neighbour = [clients(gateway, user), clients(gateway, user)], clients(gateway)

    answers = [devices[number % 2].ask("ping", {}) for number in range(10)]

    assert [answer["ok"] for answer in answers[:6]] == [True] * 6
    assert any(answer.get("code") == "RATE_LIMITED" for answer in answers)
    assert limit(gateway, "user_events") >= 1
    assert neighbour.ask("ping", {})["ok"] is True


@pytest.mark.parametrize("event", ["direct_message", "room_message"])
def test_bytes_of_chat_of_a_user_over_all_connections(limited, clients, user, event):
    gateway = limited("--chat-bytes", "0.001/30000")
    devices, neighbour = [clients(gateway, user), clients(gateway, user)], clients(gateway)
    for client in [*devices, neighbour]:
        client.join("group:my-group-1")
    message = {"to": str(uuid.uuid4()), "roomId": "my-group-1", "message": "x" * 9_998}

    answers = [devices[number % 2].ask(event, message) for number in range(5)]

    assert [answer["ok"] for answer in answers] == [True] * 3 + [False] * 2
    assert all(answer["code"] == "RATE_LIMITED" and answer["retryAfter"] > 1 for answer in answers[3:])
    assert limit(gateway, "chat_bytes") == 2
    assert neighbour.ask(event, message)["ok"] is True


def test_rooms_of_a_connection(limited, clients):
    gateway = limited("--rooms-per-connection", 2)
    client = clients(gateway)
    client.join("price:BTC-USDC")
    client.join("trade:BTC-USDC")

    assert client.ask("join_room", {"room": "chart:BTC"})["code"] == "ROOM_LIMIT"
    assert limit(gateway, "rooms") == 1
    assert metric(gateway, 'moonx_errors_total{code="ROOM_LIMIT"}') == 1
    assert client.ask("leave_room", {"room": "trade:BTC-USDC"})["ok"] is True
    client.join("chart:BTC")


def test_watched_users_and_chat_messages(limited, clients):
    gateway = limited("--watched-users", 2, "--chat-message-bytes", 10)
    client, friend = clients(gateway), str(uuid.uuid4())

    assert client.ask("presence_subscribe", {"userIds": [str(uuid.uuid4()) for _ in range(3)]})["ok"] is False
    assert client.ask("presence_subscribe", {"userIds": [str(uuid.uuid4()) for _ in range(2)]})["ok"] is True
    assert client.ask("direct_message", {"to": friend, "message": "x" * 11})["code"] == "INVALID_MESSAGE"
    assert client.ask("direct_message", {"to": friend, "message": "x" * 10})["ok"] is True
    assert limit(gateway, "watched_users") == 1
    assert limit(gateway, "chat_message") == 1


def test_payload(limited, clients, user):
    gateway = limited("--max-payload", 2000)
    token, good = gateway.token(user), clients(gateway)
    raw = RawSocket(gateway.url)
    raw.connect(token)
    assert json.loads(raw.open_packet[1:])["maxPayload"] == 2000

    raw.emit("ping", {"text": "x" * 1900})
    raw.expect('42["pong"')
    raw.emit("ping", {"text": "x" * 2000})

    assert raw.is_closed_by_server()
    assert metric(gateway, 'moonx_websocket_failures_total{code="1009"}') == 1
    assert gateway.post("/socket.io/?EIO=4&transport=polling&sid=unknown", data="4" * 2001).status_code in (400, 413)
    assert good.ask("ping", {})["ok"] is True


def test_the_queue_of_a_connection(limited, clients, user, symbol):
    gateway = limited("--queue-bytes", 200_000, "--ping-timeout", "5m")
    token, good = gateway.token(user), clients(gateway)
    good.expect("authenticated")
    deaf = RawSocket(gateway.url)
    deaf.connect(token)
    deaf.emit("join_room", {"room": f"trade:{symbol}"})
    deaf.expect('42["room_joined"')

    # Trades are of those that are never replaced: they wait, until there are too many.
    deadline = time.monotonic() + PATIENCE * 2
    while metric(gateway, 'moonx_sessions_closed_total{reason="slow consumer"}') == 0:
        assert time.monotonic() < deadline
        gateway.publish("trade_notification", symbol, price="1.10", amount="1", side="buy", note="x" * 60_000)
    assert metric(gateway, 'moonx_errors_total{code="SLOW_CONSUMER"}') == 1
    assert metric(gateway, "moonx_short_writes_total{}") >= 1
    assert good.ask("ping", {})["ok"] is True


def test_the_grace_of_a_token(limited, clients, user):
    gateway = limited("--token-grace", "1s")
    neighbour = clients(gateway)
    for _ in range(5):
        # It may have expired before it was shown, on a machine that stands still.
        with contextlib.suppress(Refused):
            client = clients(gateway, token=gateway.token(user, ttl="10s"))
            break

    client.expect("token_expired")
    # The transport is closed, and there is no DISCONNECT: the stock client comes back by itself.
    assert client.expect("disconnect") != "server disconnect"
    assert neighbour.ask("ping", {})["ok"] is True


def test_off_lifts_counts_and_rates_and_keeps_sizes(limited, clients, user):
    gateway = limited(
        "--limits", "off", "--connections-per-user", 1, "--connections-per-address", 1, "--connections-per-node", 1, "--handshakes", "0.001/1",
        "--client-events", "0.001/1", "--user-events", "0.001/1", "--rooms-per-connection", 1, "--failed-logins", "0.001/1",
        "--chat-bytes", "0.001/1", "--chat-message-bytes", 10, "--max-payload", 2000,
    )
    first, second = clients(gateway, user), clients(gateway, user)

    for room in ("price:BTC-USDC", "trade:BTC-USDC", "chart:BTC"):
        second.join(room)
    assert all(first.ask("ping", {})["ok"] for _ in range(20))
    assert [gateway.post("/api/v1/auth/login", json={"privyToken": "x"}).status_code for _ in range(5)] == [401] * 5
    assert all(first.ask("direct_message", {"to": user, "message": "x" * 10})["ok"] for _ in range(3))
    assert first.ask("direct_message", {"to": user, "message": "x" * 11})["code"] == "INVALID_MESSAGE"
    first.send("ping", {"text": "x" * 2000})
    first.expect("disconnect")


# Settings --------------------------------------------------------------------


@pytest.mark.parametrize("flag, value", [
    ("--connections-per-user", "0"), ("--handshakes", "100"), ("--handshakes", "0/5"), ("--client-events", "fast"), ("--queue-age", "soon"),
    ("--ping-timeout", "0s"), ("--max-payload", "-1"), ("--limits", "some"), ("--failed-logins", "1/x"),
    ("--chat-bytes", "32000"), ("--sessions-per-user", "0"), ("--tokens-per-session", "few"),
])
def test_a_limit_that_makes_no_sense_stops_the_start(tmp_path, flag, value):
    done = run("up", f"{flag}={value}", "--data-dir", tmp_path, "--port", "0", "--auth-port", "0")

    assert done.returncode == 64
    assert flag in done.stderr and done.stderr.count("\n") == 1
