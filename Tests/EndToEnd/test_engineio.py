"""Engine.IO as the Node reference answers it, good requests and bad ones."""

import http.client
import json
import threading

import pytest

import prometheus

POLLING = "/socket.io/?EIO=4&transport=polling"


def handshake(gateway) -> dict:
    answer = gateway.get(POLLING)
    assert answer.status_code == 200 and answer.text.startswith("0{"), answer.text
    return json.loads(answer.text[1:])


def test_the_handshake(gateway):
    answer = gateway.get(POLLING)
    session = json.loads(answer.text[1:])

    assert len(session["sid"]) == 20
    assert {key: session[key] for key in session if key != "sid"} == {
        "upgrades": ["websocket"],
        "pingInterval": 25000,
        "pingTimeout": 20000,
        "maxPayload": 1000000,
    }
    assert answer.headers["Content-Type"].lower() == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_session_over_polling(gateway, user):
    token = gateway.token(user)
    sid = handshake(gateway)["sid"]

    posted = gateway.post(f"{POLLING}&sid={sid}", data="40" + json.dumps({"token": token}))
    answer = gateway.get(f"{POLLING}&sid={sid}")

    assert (posted.status_code, posted.text) == (200, "ok")
    assert posted.headers["Content-Type"].startswith("text/html")
    packets = answer.text.split("\x1e")
    assert packets[0].startswith('40{"sid":"') and sid not in packets[0]


@pytest.mark.parametrize(
    "method, path, code, message",
    [
        ("GET", "?EIO=4&transport=carrier-pigeon", 0, "Transport unknown"),
        ("GET", "?EIO=4", 0, "Transport unknown"),
        ("GET", "?EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown"),
        ("POST", "?EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown"),
        ("POST", "?EIO=4&transport=polling", 2, "Bad handshake method"),
        ("GET", "?EIO=4&transport=websocket", 3, "Bad request"),
        ("GET", "?EIO=3&transport=polling", 5, "Unsupported protocol version"),
        ("GET", "?transport=polling", 5, "Unsupported protocol version"),
        ("GET", "?EIO=abc&transport=polling", 5, "Unsupported protocol version"),
    ],
)
def test_bad_requests(gateway, method, path, code, message):
    answer = (gateway.get if method == "GET" else gateway.post)("/socket.io/" + path)

    assert (answer.status_code, answer.json()) == (400, {"code": code, "message": message})
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_refused_upgrade_is_plain_http(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

    connection.request("GET", "/socket.io/?EIO=4&transport=websocket&sid=unknown", headers=upgrade)
    answer = connection.getresponse()

    assert (answer.status, answer.read()) == (400, b"Session ID unknown")
    assert answer.getheader("Connection").lower() == "close"
    assert answer.getheader("Content-Type").startswith("text/html")


@pytest.mark.parametrize(
    "body, headers, status",
    [(b"4" * 1_000_001, {}, 413), (b"4", {"Content-Type": "application/octet-stream"}, 400)],
    ids=["too large", "binary"],
)
def test_bad_posts(gateway, body, headers, status):
    sid = handshake(gateway)["sid"]

    assert gateway.post(f"{POLLING}&sid={sid}", data=body, headers=headers).status_code == status


def test_bodies_over_the_bound_are_counted(start_gateway):
    gateway = start_gateway()
    sid = handshake(gateway)["sid"]

    assert gateway.post(f"{POLLING}&sid={sid}", data=b"4" * 1_000_001).status_code == 413
    assert gateway.post_events(b" " * 5_000_000).status_code == 413

    assert prometheus.parse(gateway.get("/metrics").text)["moonx_http_oversized_total{}"] == 2


def test_two_polls_at_once_end_the_session(gateway, user):
    sid = handshake(gateway)["sid"]
    first = []
    waiting = threading.Thread(target=lambda: first.append(gateway.get(f"{POLLING}&sid={sid}")))
    waiting.start()

    # Either may be the one that comes second; the other ends with a close packet.
    second = gateway.get(f"{POLLING}&sid={sid}")
    waiting.join()

    assert {first[0].status_code, second.status_code} == {200, 400}
    assert "1" in {first[0].text, second.text}
    assert gateway.get(f"{POLLING}&sid={sid}").json() == {"code": 1, "message": "Session ID unknown"}
