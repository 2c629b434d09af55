"""The snippets of the client integration guide run as they stand, in a real browser, and do what their comments say."""

import pytest

from gateway import Gateway
from guide import Account, GuidePage, needs_the_guide, snippets

pytestmark = needs_the_guide

TESTED = {
    "Step 1: Obtain JWT Token", "Step 2: Connect to WebSocket Gateway", "Basic Connection", "Authentication Events", "Join Rooms",
    "Leave Rooms", "Valid Room Patterns", "DEX Event Types", "Subscribe to Real-time Data", "Comprehensive Error Handling",
    "React Hook Example", "Vue Composable Example", "Angular Service Example",
}
PAIR = "BTC-USDC"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """Without a market: what comes is what a test has published."""
    gateway = Gateway(tmp_path_factory.mktemp("guide"), "--no-feed", "--token-grace", "3s").start()
    yield gateway
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def account(gateway):
    return Account(gateway)


@pytest.fixture
def guide(page, gateway, account):
    return GuidePage(page, gateway, account)


def start(guide, *headings: str, token: str | None = None):
    """The basic connection and the snippets after it, in one module as in one application."""
    guide.run(guide.given(token), *map(guide.snippet, ["Basic Connection", *headings]), "listenTo(socket);")


def test_every_snippet_is_run_here():
    assert set(snippets()) == TESTED


# Connecting ------------------------------------------------------------------


def test_steps_1_and_2_get_a_token_and_connect(guide, account):
    guide.run(
        f"const privy = {{ getToken: async () => '{account.privy_token}' }};",
        guide.snippet("Step 1: Obtain JWT Token"),
        guide.snippet("Step 2: Connect to WebSocket Gateway"),
        "listenTo(socket); globalThis.tokens = [accessToken, refreshToken];",
    )

    assert guide.heard("authenticated")["user"]["id"] == account.id
    assert guide.page.evaluate("socket.io.engine.transport.name") == "websocket"
    assert all(guide.page.evaluate("tokens"))


def test_basic_connection(guide, gateway, account):
    start(guide)

    guide.said("✅ Connected to WebSocket Gateway")
    welcome = guide.said("🎉 Welcome message:")
    assert {"connectionId", "timestamp", "serverVersion"} <= set(welcome)
    assert guide.said("Connection ID:") == welcome["connectionId"]

    guide.emit("no_such_event", {})
    assert guide.said("🚨 Socket error:")["code"] == "INVALID_MESSAGE"

    revoked = gateway.post("/api/v1/auth/revoke", json={"userId": account.id}, headers={"Authorization": f"Bearer {gateway.service_token}"})
    assert revoked.status_code == 200, revoked.text
    assert guide.said("❌ Disconnected:") == "io server disconnect"


def test_authentication_events(guide, account):
    start(guide, "Authentication Events", "Comprehensive Error Handling")

    assert guide.said("🔐 Authenticated as:")["id"] == account.id
    guide.emit("authenticate", {"token": "not.a.token"})
    assert guide.said("🚫 Authentication failed:")["code"] == "AUTH_FAILED"


def test_an_expired_token_is_refreshed_and_the_client_comes_back(guide, gateway, account):
    """The helper's `connect()` does nothing while connected. When the grace period ends the connection, the client returns with the new token."""
    token = gateway.token(account.id, ttl="25s")
    start(guide, "Authentication Events", "Comprehensive Error Handling", token=token)
    guide.said("🎉 Welcome message:")

    guide.page.wait_for_function("() => said.some(({ text }) => text === '⚠️ Token expired, refreshing...')", timeout=60_000)
    guide.until("([old]) => socket.auth.token !== old", [token])
    assert guide.said("❌ Disconnected:") in ("transport close", "transport error")
    guide.until("() => said.filter(({ text }) => text === '✅ Connected to WebSocket Gateway').length >= 2 && socket.connected")
    guide.page.evaluate("void heard.splice(0)")
    guide.emit("subscribe_orders", {})
    assert guide.heard("orders_subscribed") == {"userId": account.id}


# Rooms -----------------------------------------------------------------------


def test_join_and_leave_rooms(guide, gateway, account):
    start(guide, "Join Rooms")

    for room in (f"price:{PAIR}", f"trade:{PAIR}", f"user:{account.id}", f"portfolio:{account.id}"):
        guide.said("🎯 Joined room:", room=room)
    assert guide.said("📈 Price subscribed:") == {"symbol": PAIR}
    assert guide.said("💱 Trades subscribed:") == {"pair": PAIR}
    assert guide.heard("portfolio_subscribed") == {"userId": account.id}
    assert guide.heard("orders_subscribed") == {"userId": account.id}
    gateway.publish_price(PAIR, "1.2300")
    guide.heard("price_update", price="1.2300")

    guide.run("const { socket } = globalThis;", guide.snippet("Leave Rooms"))

    guide.until("() => said.filter(({ text }) => text === '👋 Left room:').length === 2")
    assert guide.said("📤 Unsubscribed:") == {"type": "price", "identifier": PAIR}
    left = guide.page.evaluate("heard.length")
    gateway.publish_price(PAIR, "1.2400")
    gateway.publish("trade_notification", PAIR, price="1.2400", amount="1", side="buy")
    gateway.publish("system_alert", level="info", message=f"after {account.id}")
    guide.heard("system_alert", message=f"after {account.id}")
    assert [entry for entry in guide.page.evaluate("(from) => heard.slice(from)", left) if entry["text"] in ("price_update", "trade_notification")] == []


def test_the_valid_room_patterns_are_those_of_the_gateway(guide):
    start(guide)
    guide.run(guide.snippet("Valid Room Patterns"), "globalThis.rooms = Object.values(validRoomPatterns); globalThis.valid = isValidRoomName;")

    for room in guide.page.evaluate("rooms"):
        assert guide.page.evaluate("(room) => valid(room)", room)
        guide.emit("join_room", {"room": room})
        guide.heard("room_joined", room=room)
    for room in ("price:BTCUSDC", "no-such-room", "chart:btc"):
        assert not guide.page.evaluate("(room) => valid(room)", room)
        guide.emit("join_room", {"room": room})
        guide.heard("error", event="join_room", code="ROOM_NOT_FOUND")
        guide.page.evaluate("void heard.splice(0)")


# Events ----------------------------------------------------------------------


def test_every_event_type_reaches_its_display(guide, gateway, account, symbol):
    start(guide, "DEX Event Types", "Subscribe to Real-time Data")
    guide.said("✅ Subscribed to:")
    guide.emit("subscribe_orderbook", {"symbol": symbol})
    guide.heard("orderbook_subscribed")
    levels = [["1.0900", "2.50"]], [["1.1100", "0.00027625"]]

    gateway.publish("price_update", symbol, price="1.1000", change="0.10", volume="12.50")
    gateway.publish("order_book_update", symbol, bids=levels[0], asks=levels[1])
    gateway.publish("trade_notification", symbol, user=account.id, price="1.1000", amount="7.0", side="sell")
    gateway.publish("portfolio_update", user=account.id, totalValue="100.10", positions=[], pnl="0.10")
    gateway.publish("system_alert", level="warning", message=symbol)

    for name, console, fields in [
        ("updatePriceDisplay", "💰 Price update:", {"symbol": symbol, "price": "1.1000", "change": "0.10", "volume": "12.50"}),
        ("updateOrderBookDisplay", "📊 Order book update:", {"symbol": symbol}),
        ("updateTradeHistory", "💱 Trade notification:", {"symbol": symbol, "price": "1.1000", "amount": "7.0", "side": "sell"}),
        ("showPersonalTradeNotification", "💱 Trade notification:", {"symbol": symbol, "price": "1.1000", "amount": "7.0", "side": "sell", "personal": True}),
        ("updatePortfolioDisplay", "💼 Portfolio update:", {"totalValue": "100.10", "pnl": "0.10"}),
        ("showSystemAlert", "🚨 System alert:", {"level": "warning", "message": symbol}),
    ]:
        shown = guide.called(name, **fields)
        guide.said(console, **fields)
        assert isinstance(shown["timestamp"], int)
        assert ("personal" in shown) == (name == "showPersonalTradeNotification")
    book = guide.called("updateOrderBookDisplay", symbol=symbol)
    assert (book["bids"], book["asks"]) == levels
    assert guide.called("updatePortfolioDisplay", totalValue="100.10")["positions"] == []


def test_subscribe_to_real_time_data(guide, account):
    start(guide, "Subscribe to Real-time Data")

    types = ["price_updates", "trade_notifications", "portfolio_updates", "system_alerts", "order_updates"]
    assert guide.said("✅ Subscribed to:") == types
    assert guide.said("📈 Price subscribed:") == "BTC-USDC"
    assert guide.said("💱 Trades subscribed:") == "ETH-USDC"
    assert guide.said("💼 Portfolio subscribed for user:") == account.id
    assert guide.said("📋 Orders subscribed for user:") == account.id


# Errors ----------------------------------------------------------------------


def test_errors_come_with_the_codes_of_the_switch(guide):
    start(guide, "Comprehensive Error Handling")
    guide.said("✅ Connected to WebSocket Gateway")

    for event, payload, function, text in [
        ("join_room", {"room": "nowhere"}, "showError", "Room not found or access denied."),
        ("join_room", {}, "showError", "Invalid message format."),
        ("join_room", {"room": "user:somebody-else"}, "showError", "An unexpected error occurred."),
    ]:
        guide.emit(event, payload)
        guide.until("([name, text]) => called.some((entry) => entry.text === name && entry.value === text)", [function, text])
    guide.page.evaluate("() => { for (let count = 0; count < 900; count++) socket.emit('ping', {}); }")
    assert guide.called("showWarning") == "Too many requests. Please slow down."


def test_a_401_is_answered_with_a_new_token(guide, gateway, account):
    start(guide, "Comprehensive Error Handling", token=gateway.token(account.id, ttl="-1s"))

    assert "401" in guide.said("🔌 Connection error:")["message"]
    assert guide.heard("authenticated")["user"]["id"] == account.id
    assert guide.count("called", "showErrorMessage") == 0


def test_a_refresh_that_fails_leads_to_the_log_in(guide, gateway, account):
    guide.page.route("**/api/v1/auth/refresh", lambda route: route.abort())
    guide.page.route("**/login", lambda route: route.fulfill(body="log in here"))

    start(guide, "Comprehensive Error Handling", token=gateway.token(account.id, ttl="-1s"))

    guide.page.wait_for_url("**/login")


def test_a_429_waits_and_connects(guide, gateway, connect, account):
    others = [connect(account.id) for _ in range(20)]
    start(guide, "Comprehensive Error Handling")

    refusal = guide.said("🔌 Connection error:")
    assert "429" in refusal["message"]
    assert refusal["data"]["code"] == "CONNECTION_LIMIT"
    others[0].close()
    # The snippet waits for 5 s.
    guide.said("✅ Connected to WebSocket Gateway")


def test_other_errors_are_shown(page, start_gateway):
    gateway = start_gateway("--no-feed")
    guide = GuidePage(page, gateway, Account(gateway))
    start(guide, "Comprehensive Error Handling")
    guide.said("✅ Connected to WebSocket Gateway")

    gateway.kill()
    assert guide.called("showErrorMessage") == "Connection failed. Please try again."
    gateway.start()
    guide.until("() => said.filter(({ text }) => text === '✅ Connected to WebSocket Gateway').length === 2")


# Frameworks ------------------------------------------------------------------


def notify(gateway, user: str, count: int):
    for number in range(count):
        gateway.publish("notification", user=user, title=f"number {number}")


def newest_first(count: int, kept: int = 50) -> list[str]:
    return [f"number {number}" for number in range(count - 1, count - 1 - kept, -1)]


def test_react_hook(guide, gateway, account, connect):
    guide.module("hook", guide.snippet("React Hook Example"))
    guide.run(
        """
        import { createElement } from "react";
        import { createRoot } from "react-dom/client";
        import { useWebSocket } from "./hook";
        const root = createRoot(document.querySelector("main"));
        function App(props) {
          globalThis.hook = useWebSocket(props);
          return createElement("p", {}, hook.connected ? "connected" : "not connected");
        }
        globalThis.render = (props) => root.render(createElement(App, props));
        globalThis.unmount = () => root.unmount();
        """
    )
    render = "([token, userId]) => render({ token, userId })"

    guide.page.evaluate(render, ["", account.id])
    guide.until("() => document.querySelector('main').innerText === 'not connected'")
    assert guide.page.evaluate("hook.socket") is None

    guide.page.evaluate(render, [account.access_token, account.id])
    guide.until("() => document.querySelector('main').innerText === 'connected'")
    guide.page.evaluate("listenTo(hook.socket)")

    # It has joined the user's own room by itself: a personal trade arrives.
    guide.emit("ping", {})
    guide.heard("pong")
    gateway.publish("trade_notification", "BTC-USDC", user=account.id, price="1.10", amount="1", side="buy")
    guide.heard("trade_notification", personal=True)

    notify(gateway, account.id, 53)
    guide.until("() => hook.notifications[0]?.title === 'number 52'")
    assert guide.page.evaluate("hook.notifications.map(({ title }) => title)") == newest_first(53)

    friend = connect()
    friend.join("group:traders-of-the-guide")
    guide.page.evaluate("hook.joinRoom('traders-of-the-guide', 'group')")
    guide.heard("room_joined", room="group:traders-of-the-guide")
    guide.page.evaluate("hook.sendMessage('traders-of-the-guide', 'hello')")
    assert friend.expect("room_message", room="group:traders-of-the-guide")["message"] == "hello"
    guide.page.evaluate("hook.leaveRoom('traders-of-the-guide')")
    guide.heard("room_left", room="group:traders-of-the-guide")

    # Another token is another connection, and the first one ends.
    guide.page.evaluate(render, [gateway.token(account.id), account.id])
    guide.until("() => hook.connected && hook.socket !== socket && !socket.connected")

    guide.page.evaluate("() => { globalThis.last = hook.socket; unmount(); }")
    guide.until("() => last.disconnected")


def test_vue_composable(guide, gateway, account):
    guide.module("composable", guide.snippet("Vue Composable Example"))
    guide.run(
        f"""
        import {{ createApp, h, readonly }} from "vue";
        globalThis.readonly = readonly;
        const {{ useWebSocket }} = await import("./composable");
        globalThis.mounted = createApp({{
          setup() {{
            globalThis.composable = useWebSocket({account.access_token!r});
            return () => h("p", composable.connected.value ? "connected" : "not connected");
          }},
        }});
        mounted.mount("main");
        """
    )
    guide.until("() => document.querySelector('main').innerText === 'connected'")

    notify(gateway, account.id, 53)
    guide.until("() => composable.notifications.value[0]?.title === 'number 52'")
    assert guide.page.evaluate("composable.notifications.value.map(({ title }) => title)") == newest_first(53)

    guide.page.evaluate("() => { globalThis.last = composable.socket.value; mounted.unmount(); }")
    guide.until("() => last.disconnected && !composable.connected.value")


def test_angular_service(guide, gateway, account):
    guide.run(
        f"globalThis.environment = {{ websocketUrl: {gateway.url!r} }};",
        guide.snippet("Angular Service Example"),
        "globalThis.service = new WebSocketService();",
        "service.connected$.subscribe((value) => { globalThis.connected = value; });",
        "service.notifications$.subscribe((value) => { globalThis.notifications = value; });",
    )
    assert guide.page.evaluate("[connected, notifications]") == [False, []]

    guide.page.evaluate("(token) => { service.connect(token); listenTo(service.socket); }", account.access_token)
    guide.until("() => connected")

    notify(gateway, account.id, 53)
    guide.until("() => notifications[0]?.title === 'number 52'")
    assert guide.page.evaluate("notifications.map(({ title }) => title)") == newest_first(53)

    guide.page.evaluate("service.joinRoom('price:BTC-USDC', 'market')")
    guide.heard("room_joined", room="price:BTC-USDC")
    guide.page.evaluate("service.leaveRoom('price:BTC-USDC')")
    guide.heard("room_left", room="price:BTC-USDC")

    # Connecting again ends the first connection.
    guide.page.evaluate("(token) => { globalThis.first = service.socket; service.connect(token); }", gateway.token(account.id))
    guide.until("() => first.disconnected && service.socket.connected && connected")

    guide.page.evaluate("service.disconnect()")
    assert guide.page.evaluate("[connected, service.socket.connected]") == [False, False]
