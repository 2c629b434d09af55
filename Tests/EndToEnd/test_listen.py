"""`moonx listen`: a client in the terminal."""

import json
import subprocess

import pytest

from gateway import BINARY, READY_WITHIN
from services import Service


@pytest.fixture
def listen(gateway):
    started = []

    def listen(*arguments, **options):
        started.append(Service("listen", *arguments, "--url", gateway.url, **options))
        return started[-1]

    yield listen
    for service in started:
        service.stop()


def test_listen_prints_one_json_a_line(gateway, listen, symbol, user):
    listener = listen(f"price:{symbol}", "--token", gateway.token(user))
    assert listener.expect_json()["event"] == "connected"
    assert listener.expect_json() == {"event": "authenticated", "data": {"user": {"id": user}}}
    assert listener.expect_json() == {"event": "room_joined", "data": {"room": f"price:{symbol}"}}

    gateway.publish_price(symbol, "105433.60000")

    update = listener.expect_json()
    assert update["event"] == "price_update"
    assert (update["data"]["symbol"], update["data"]["price"]) == (symbol, "105433.60000")
    assert listener.stop() == 0


def test_listen_ends_in_order_at_a_signal_from_its_first_line_on(gateway, listen, user):
    for _ in range(10):
        listener = listen("--token", gateway.token(user))
        assert listener.expect_json()["event"] == "connected"
        assert listener.stop() == 0


def test_listen_ends_after_a_count(gateway, listen, user):
    listener = listen("--count", "2", environment={"MOONX_TOKEN": gateway.token(user)})

    assert listener.wait() == 0
    assert [json.loads(line)["event"] for line in listener.lines] == ["connected", "authenticated"]


def test_listen_ends_where_nobody_reads_any_more(gateway, symbol, user):
    listener = subprocess.Popen(
        [BINARY, "listen", f"price:{symbol}", "--url", gateway.url, "--token", gateway.token(user)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    with listener:
        while json.loads(listener.stdout.readline())["event"] != "room_joined":
            pass
        # As `| head` does.
        listener.stdout.close()
        gateway.publish_price(symbol, "1.10")
        assert listener.wait(READY_WITHIN) == 0
        assert listener.stderr.read() == ""


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["price:BTC-USDC"], "401"),
        (["price:BTC-USDC", "--token", "bad"], "401"),
        (["price:BTC-USDC", "--count", "0"], "--count"),
    ],
)
def test_listen_says_why_it_was_refused(listen, arguments, complaint):
    listener = listen(*arguments)

    assert listener.wait() not in (0, None)
    assert len(listener.lines) == 1
    assert complaint in listener.lines[0]


def test_listen_says_which_room_was_refused(gateway, listen, user):
    listener = listen("portfolio:somebody-else", "--token", gateway.token(user))

    assert listener.wait() == 1
    assert "portfolio:somebody-else" in listener.lines[-1]


def test_listen_ends_with_the_connection(gateway, listen, user):
    listener = listen("--token", gateway.token(user))
    listener.expect_line("authenticated")

    assert gateway.post(
        "/api/v1/auth/revoke", json={"userId": user}, headers={"Authorization": f"Bearer {gateway.service_token}"}
    ).status_code == 200

    assert listener.wait() == 1
    assert "server disconnect" in listener.lines[-1]
