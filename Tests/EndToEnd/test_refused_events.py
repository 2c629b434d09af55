"""What a connected client may not do: the exact error, with an ack and without. A neighbour goes on receiving all the while."""

import pytest

NULL = None


@pytest.fixture(autouse=True)
def neighbour_goes_on(neighbour):
    """See `neighbour`: looked at after each of these tests."""


def assert_refused(client, code: str, event: str, *arguments):
    reply = client.ask(event, *arguments)
    assert reply["ok"] is False and reply["code"] == code and reply["message"], reply

    client.send(event, *arguments)
    error = client.expect("error")
    assert error["code"] == code and error["event"] == event and error["message"], error

    assert client.ask("ping", {})["ok"] is True, "the connection itself goes on"
    assert len(client.all("error")) == 1, "with an ack the failure is told once, in the ack"


@pytest.mark.parametrize("kind", ["user", "portfolio", "orders"])
def test_rooms_of_somebody_else(client, kind):
    assert_refused(client, "ACCESS_DENIED", "join_room", {"room": f"{kind}:somebody-else-1"})


@pytest.mark.parametrize(
    "room",
    ["no-such-room", "price", "price:", "price:btc-usdc", "price:BTC", "price:BTC-USDC-X", "secret:BTC-USDC", "user:short", "", " price:BTC-USDC", "*", "a" * 5000],
    ids=lambda room: room[:20] or "empty",
)
def test_rooms_that_do_not_exist(client, room):
    assert_refused(client, "ROOM_NOT_FOUND", "join_room", {"room": room})


@pytest.mark.parametrize(
    "arguments",
    [({},), ({"room": 7},), ({"room": NULL},), ({"room": ["price:BTC-USDC"]},), ("price:BTC-USDC",), (["price:BTC-USDC"],), (NULL,), (7,), (True,), ()],
    ids=["no room", "room a number", "room null", "room an array", "a string", "an array", "null", "a number", "a boolean", "no payload"],
)
@pytest.mark.parametrize("event", ["join_room", "leave_room"])
def test_malformed_room_requests(client, event, arguments):
    assert_refused(client, "INVALID_MESSAGE", event, *arguments)


@pytest.mark.parametrize(
    "event, payload",
    [
        ("subscribe_price", {}),
        ("subscribe_price", {"symbol": 7}),
        ("subscribe_trades", {"symbol": "BTC-USDC"}),
        ("subscribe_orderbook", NULL),
        ("subscribe", {"types": "price_updates"}),
        ("subscribe", {}),
        ("unsubscribe", {"type": "price"}),
        ("unsubscribe", {"identifier": "BTC-USDC"}),
        ("unsubscribe", {"type": "nonsense", "identifier": "BTC-USDC"}),
    ],
)
def test_malformed_subscriptions(client, event, payload):
    assert_refused(client, "INVALID_MESSAGE", event, payload)


@pytest.mark.parametrize("event", ["no_such_event", "price_update", "joinRoom", "__proto__", "é"])
def test_unknown_events(client, event):
    assert_refused(client, "INVALID_MESSAGE", event, {})


def test_an_event_with_binary_in_it(client):
    assert_refused(client, "INVALID_MESSAGE", "join_room", b"price:BTC-USDC")
