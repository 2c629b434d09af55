"""What publishers may send, and what they are told. A neighbour goes on receiving all the while."""

import json
import socket
import time

import pytest


@pytest.fixture(autouse=True)
def neighbour_goes_on(neighbour):
    """See `neighbour`: looked at after each of these tests."""


def price(symbol, value="1.00", **fields):
    return {"type": "price_update", "symbol": symbol, "data": {"price": value}, **fields}


def test_one_envelope_and_an_array(gateway, client, symbol):
    client.join(f"price:{symbol}")

    one = gateway.post_events(json.dumps(price(symbol, "1.00")))
    many = gateway.post_events(json.dumps([price(symbol, "2.00"), price(symbol, "3.00")]))

    assert (one.status_code, one.json()) == (202, {"accepted": 1})
    assert (many.status_code, many.json()) == (202, {"accepted": 2})
    for value in ["1.00", "2.00", "3.00"]:
        client.expect("price_update", symbol=symbol, price=value)


def test_the_good_ones_of_an_array_are_published(gateway, client, symbol):
    client.join(f"price:{symbol}")

    answer = gateway.post_events(json.dumps([price(symbol, "1.00"), {"type": "nonsense"}, price(symbol, "3.00")]))

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [(1, "INVALID_MESSAGE")]
    client.expect("price_update", symbol=symbol, price="3.00")


def test_a_repeated_id_is_dropped(gateway, client, symbol):
    client.join(f"trade:{symbol}")
    trade = {"type": "trade_notification", "symbol": symbol, "id": f"id-{symbol}", "data": {"price": "1.00"}}

    for envelope in (trade, trade, {**trade, "id": f"id-{symbol}-2", "data": {"price": "2.00"}}):
        assert gateway.post_events(json.dumps(envelope)).status_code == 202

    client.expect("trade_notification", symbol=symbol, price="2.00")
    assert [trade["price"] for trade in client.all("trade_notification", symbol=symbol)] == ["1.00", "2.00"]


def test_fields_that_are_the_servers_own_are_dropped_from_data(gateway, client, symbol):
    client.join(f"price:{symbol}")
    data = {"price": "1.00", "symbol": "FAKE-USDC", "seq": 999, "epoch": "fake", "snapshot": True, "personal": True, "timestamp": 1}

    assert gateway.post_events(json.dumps(price(symbol, timestamp=1762795433972, data=data))).status_code == 202

    update = client.expect("price_update", price="1.00")
    assert (update["symbol"], update["timestamp"]) == (symbol, 1762795433972)
    assert update["epoch"] != "fake" and update["seq"] != 999
    assert "personal" not in update and "snapshot" not in update


def test_a_system_alert_reaches_everyone(gateway, client, connect):
    other = connect()

    gateway.publish("system_alert", level="info", message="maintenance at noon")

    for receiver in (client, other):
        assert receiver.expect("system_alert", message="maintenance at noon")["level"] == "info"


def test_a_notification_reaches_its_user_unasked(gateway, client, user):
    gateway.publish("notification", user=user, title="Order filled", body="2.0 BTC")

    notification = client.expect("notification")
    assert notification["title"] == "Order filled"
    assert notification["id"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic d3Jvbmc="}, {"Authorization": "Bearer "}])
def test_without_the_service_token(gateway, symbol, headers):
    answer = gateway.post("/api/v1/events", json=price(symbol), headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] in {"AUTH_REQUIRED", "AUTH_FAILED"}


@pytest.mark.parametrize("path, token, status", [
    ("/api/v1/events", "", 401), ("/api/v1/events", "Authorization: Bearer wrong\r\n", 401), ("/api/v1/auth/login", "", 413),
])
def test_a_large_body_of_anybody_is_refused_before_it_has_come(gateway, path, token, status):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: test\r\n{token}Content-Length: 100000\r\n\r\n".encode() + b"a" * 20_000)
        answer = connection.recv(4096)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer


def test_a_large_body_of_a_publisher_is_taken(gateway, client, symbol):
    client.join(f"price:{symbol}")
    batch = [price(symbol, f"{number}.00", data={"price": f"{number}.00", "note": "x" * 100_000}) for number in range(1, 11)]
    body = json.dumps(batch)
    assert len(body) > 1_000_000

    answer = gateway.post_events(body)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 10})
    assert client.expect("price_update", symbol=symbol, price="10.00")


def test_a_users_token_is_no_service_token(gateway, symbol, user):
    assert gateway.post_events(json.dumps(price(symbol)), token=gateway.token(user)).status_code == 401


@pytest.mark.parametrize(
    "envelope",
    [
        {},
        {"type": "price_update"},
        {"type": "price_update", "data": {"price": "1"}},
        {"type": "price_update", "symbol": "BTC-USDC"},
        {"type": "price_update", "symbol": "BTC-USDC", "data": "text"},
        {"type": "price_update", "symbol": "BTC-USDC", "data": [1]},
        {"type": "price_update", "symbol": "btc", "data": {}},
        {"type": "price_update", "symbol": 7, "data": {}},
        {"type": "nonsense", "symbol": "BTC-USDC", "data": {}},
        {"type": 7, "symbol": "BTC-USDC", "data": {}},
        {"type": "portfolio_update", "data": {}},
        {"type": "notification", "userId": "short", "data": {}},
        7,
        None,
        "text",
        [],
        [7],
    ],
    ids=json.dumps,
)
def test_malformed_envelopes(gateway, envelope):
    answer = gateway.post_events(json.dumps(envelope))

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "INVALID_MESSAGE"
    assert answer.json()["error"]["message"]


def test_an_envelope_with_too_many_members_is_told_so(gateway):
    answer = gateway.post_events(json.dumps({f"member{number}": number for number in range(300)}))

    assert answer.status_code == 400
    assert "too many members" in answer.json()["error"]["message"]


def test_the_log_says_that_envelopes_were_malformed_and_why(start_gateway):
    gateway = start_gateway("--no-feed")
    began = time.monotonic()
    for _ in range(20):
        assert gateway.post_events('{"type":"price_update","data":{"secret":"s3cr3t"}}').status_code == 400
    took = time.monotonic() - began

    lines = [line for line in gateway.log.splitlines() if "malformed envelopes were refused" in line]
    # Once a second at most.
    assert 1 <= len(lines) <= 1 + took
    assert "symbol" in lines[0] and "s3cr3t" not in gateway.log


@pytest.mark.parametrize("body", [b"", b"{", b'{"type":', b"\xff\xfe", b"[" * 5000, b'{"type":"price_update"}}', b"nul"], ids=lambda body: repr(body[:12]))
def test_bodies_that_are_not_json(gateway, body):
    answer = gateway.post_events(body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "INVALID_MESSAGE"


def test_text_that_is_not_utf8_ends_nobodys_connection(gateway, client, symbol):
    client.join(f"price:{symbol}")
    for body in [b'{"type":"price_update","symbol":"%s","data":{"price":"1\xff"}}', b'[{"type":"price_update","symbol":"%s","data":{"\xc3":1}}]']:
        answer = gateway.post_events(body % symbol.encode())
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_MESSAGE")
        assert "UTF-8" in answer.json()["error"]["message"]

    gateway.publish_price(symbol, "2")
    assert client.expect("price_update", symbol=symbol)["price"] == "2"
