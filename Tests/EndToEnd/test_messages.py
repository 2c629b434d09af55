"""Event types, messages and presence, with a foreign client against the real binary."""

import uuid

ALL_TYPES = ["price_updates", "trade_notifications", "portfolio_updates", "system_alerts", "order_updates"]


def greeted(connect, user):
    client = connect(user)
    client.expect("authenticated")
    return client


def test_the_guides_event_types(gateway, client, user, symbol):
    assert client.ask("subscribe", {"types": ALL_TYPES}) == {"ok": True, "types": ALL_TYPES}
    assert client.expect("subscribed") == {"types": ALL_TYPES}
    client.join(f"price:{symbol}")

    gateway.publish_price(symbol, "1.10")
    gateway.publish("order_update", user=user, status="filled")

    client.expect("order_update", status="filled")
    client.expect("price_update", symbol=symbol, price="1.10")
    assert len(client.all("price_update", symbol=symbol)) == 1

    assert client.ask("unsubscribe", {"type": "order_updates"})["ok"] is True
    gateway.publish("order_update", user=user, status="late")
    gateway.publish_price(symbol, "1.20")
    client.expect("price_update", symbol=symbol, price="1.20")
    assert client.all("order_update", status="late") == []


def test_unknown_types_are_named(client):
    client.send("subscribe", {"types": ["price_updates", "nonsense"]})

    assert client.expect("subscribed") == {"types": ["price_updates"]}
    error = client.expect("error")
    assert error["code"] == "INVALID_MESSAGE" and "nonsense" in error["message"]


def test_a_room_is_resumed(gateway, client, connect, symbol):
    room = f"trade:{symbol}"
    client.join(room)
    gateway.publish("trade_notification", symbol, price="1")
    seen = client.expect("trade_notification")
    client.close()
    gateway.publish("trade_notification", symbol, price="2")

    again = greeted(connect, str(uuid.uuid4()))
    since = {"epoch": seen["epoch"], "seq": seen["seq"]}
    assert again.ask("join_room", {"room": room, "since": since}) == {"ok": True, "room": room, "resumed": True}
    missed = again.expect("trade_notification")
    assert missed["price"] == "2" and missed["seq"] == seen["seq"] + 1


def test_a_message_waits_for_its_user(client, connect):
    friend = str(uuid.uuid4())
    sent = client.ask("direct_message", {"to": friend, "message": "hello", "clientMessageId": "1"})
    assert sent["ok"] is True and sent["delivered"] is False
    assert client.ask("direct_message", {"to": friend, "message": "hello", "clientMessageId": "1"}) == sent

    other = greeted(connect, friend)
    message = other.expect("direct_message")
    assert message["messageId"] == sent["messageId"] and message["offline"] is True
    assert other.ask("received", {"ids": [message["messageId"]]}) == {"ok": True}
    other.close()

    back = greeted(connect, friend)
    assert client.ask("direct_message", {"to": friend, "message": "again"})["delivered"] is True
    assert back.expect("direct_message")["message"] == "again"
    assert len(back.all("direct_message")) == 1


def test_a_group_as_the_react_example_uses_it(client, connect):
    group = f"friends-{uuid.uuid4()}"
    other = greeted(connect, str(uuid.uuid4()))
    for member in (client, other):
        member.send("join_room", {"roomId": group, "roomType": "group"})
        member.expect("room_joined", room=f"group:{group}")

    client.send("room_message", {"roomId": group, "message": "hello"})

    assert other.expect("room_message")["message"] == "hello"


def test_the_group_policy_may_demand_a_claim(start_gateway, connect):
    strict = start_gateway("--group-policy", "claims")

    answer = connect(to=strict).ask("join_room", {"room": "group:friends-0001"})

    assert (answer["ok"], answer["code"]) == (False, "ACCESS_DENIED")


def test_presence(client, connect):
    friend = str(uuid.uuid4())
    client.send("presence_subscribe", {"userIds": [friend]})
    assert client.expect("presence_subscribed") == {"states": [{"userId": friend, "status": "offline", "lastSeen": None}]}

    other = greeted(connect, friend)
    client.expect("presence_update", userId=friend, status="online")
    assert other.ask("set_presence", {"status": "busy"}) == {"ok": True, "status": "busy"}
    client.expect("presence_update", userId=friend, status="busy")
    other.close()
    assert client.expect("presence_update", userId=friend, status="offline")["lastSeen"] > 0
