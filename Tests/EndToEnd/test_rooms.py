"""Joining, subscribing, leaving; and what then arrives."""

import json
import time

import pytest

from wire import RawSocket


@pytest.fixture
def bystander(gateway, client):
    """A room beside the one under test: once its event is here, an event published before would be here too."""
    room_symbol = "ZZBARRIER-USDC"
    client.join(f"price:{room_symbol}")

    def flush():
        # A price of its own: whoever joins is sent the one of the test before.
        mark = str(time.monotonic_ns())
        gateway.publish_price(room_symbol, mark)
        client.expect("price_update", symbol=room_symbol, price=mark)

    return flush


def test_join_and_leave_are_acked_and_confirmed(client, symbol):
    room = f"price:{symbol}"

    assert client.ask("join_room", {"room": room})["ok"] is True
    assert client.expect("room_joined") == {"room": room}
    assert client.ask("leave_room", {"room": room})["ok"] is True
    assert client.expect("room_left") == {"room": room}


def test_join_without_ack_is_confirmed(client, symbol):
    client.send("join_room", {"room": f"price:{symbol}"})

    assert client.expect("room_joined") == {"room": f"price:{symbol}"}


def test_leaving_a_room_one_is_not_in_is_confirmed_too(client, symbol):
    client.send("leave_room", {"room": f"price:{symbol}"})

    assert client.expect("room_left") == {"room": f"price:{symbol}"}


@pytest.mark.parametrize("kind", ["user", "portfolio", "orders"])
def test_own_rooms_are_open(client, user, kind):
    client.join(f"{kind}:{user}")


def test_the_room_id_of_the_react_example_is_the_own_room(client, user):
    client.send("join_room", {"roomId": f"user-{user}", "roomType": "personal"})

    assert client.expect("room_joined")["room"] == f"user:{user}"


@pytest.mark.parametrize(
    "event, key, confirmation",
    [
        ("subscribe_price", "symbol", "price_subscribed"),
        ("subscribe_trades", "pair", "trades_subscribed"),
        ("subscribe_orderbook", "symbol", "orderbook_subscribed"),
    ],
)
def test_market_subscriptions(client, symbol, event, key, confirmation):
    assert client.ask(event, {key: symbol.lower()})["ok"] is True

    assert client.expect(confirmation)[key] == symbol


@pytest.mark.parametrize("event, confirmation", [("subscribe_portfolio", "portfolio_subscribed"), ("subscribe_orders", "orders_subscribed")])
def test_personal_subscriptions(client, user, event, confirmation):
    assert client.ask(event, {})["ok"] is True

    assert client.expect(confirmation) == {"userId": user}


def test_a_joiner_gets_the_last_value_as_a_snapshot(gateway, connect, symbol):
    first = connect()
    first.join(f"price:{symbol}")
    gateway.publish_price(symbol, "7.700")
    first.expect("price_update", price="7.700")

    second = connect()
    second.send("join_room", {"room": f"price:{symbol}"})

    assert second.expect("price_update", symbol=symbol, price="7.700")["snapshot"] is True
    events = second.events()
    assert events.index("room_joined") < events.index("price_update")


@pytest.mark.parametrize("type, kind", [("price_update", "price"), ("trade_notification", "trade"), ("order_book_update", "orderbook")])
def test_seq_rises_by_one_within_an_epoch(gateway, client, symbol, type, kind):
    client.join(f"{kind}:{symbol}")

    for number in range(20):
        gateway.publish(type, symbol, number=number)
    client.expect(type, number=19)

    updates = client.all(type, symbol=symbol)
    assert [update["number"] for update in updates] == list(range(20))
    assert len({update["epoch"] for update in updates}) == 1
    assert [update["seq"] - updates[0]["seq"] for update in updates] == list(range(20))


def test_numbers_pass_through_as_written(gateway, user, symbol):
    token = gateway.token(user)
    raw = RawSocket(gateway.url)
    raw.connect(token)
    raw.emit("join_room", {"room": f"price:{symbol}"})
    raw.expect('42["room_joined"')
    numbers = '"price":105433.60000,"change":-0.10,"volume":0.00027625,"tiny":1.0E-7,"huge":12345678901234567890.123456789'

    answer = gateway.post_events(f'{{"type":"price_update","symbol":"{symbol}","data":{{{numbers}}},"timestamp":1762795433972}}')

    assert answer.status_code == 202, answer.text
    frame = raw.expect('42["price_update"')
    for number in numbers.split(","):
        assert number in frame
    assert '"timestamp":1762795433972' in frame
    assert json.loads(frame[2:])[1]["symbol"] == symbol
    raw.close()


@pytest.mark.parametrize("kind, type", [("price", "price"), ("trade", "trade"), ("trade", "trades"), ("orderbook", "orderbook")])
def test_unsubscribe_stops_the_flow(gateway, client, bystander, symbol, kind, type):
    event = {"price": "price_update", "trade": "trade_notification", "orderbook": "order_book_update"}[kind]
    client.join(f"{kind}:{symbol}")
    gateway.publish(event, symbol, price="1.00")
    client.expect(event, symbol=symbol)

    assert client.ask("unsubscribe", {"type": type, "identifier": symbol})["ok"] is True

    assert client.expect("unsubscribed") == {"type": type, "identifier": symbol}
    gateway.publish(event, symbol, price="2.00")
    bystander()
    assert [payload["price"] for payload in client.all(event, symbol=symbol)] == ["1.00"]


def test_leaving_stops_the_flow(gateway, client, bystander, symbol):
    client.join(f"price:{symbol}")
    client.ask("leave_room", {"room": f"price:{symbol}"})

    gateway.publish_price(symbol, "2.00")

    bystander()
    assert client.all("price_update", symbol=symbol) == []


def test_a_personal_trade_reaches_its_owner_and_nobody_else_learns_the_name(gateway, connect, symbol, user):
    owner, other = connect(user), connect()
    owner.join(f"user:{user}")
    other.join(f"trade:{symbol}")

    gateway.publish("trade_notification", symbol, user, price="1.0", amount="2.0", side="buy")

    assert owner.expect("trade_notification", symbol=symbol)["personal"] is True
    public = other.expect("trade_notification", symbol=symbol)
    assert "personal" not in public and user not in json.dumps(public)
