"""Connection state recovery: the official client in Chromium loses its connection to the gateway and comes back."""

import pytest

from official_client import OfficialClient

# Away until the test says so: the client would come back by itself at once.
GO_AWAY = """
socket.io.reconnection(false);
socket.io.engine.close();
await until(() => !socket.connected, "the end of the connection");
"""
COME_BACK = """
socket.io.reconnection(true);
socket.connect();
await once(socket, "authenticated");
"""
TRADES = "socket.heard.filter(([name]) => name === 'trade_notification').map(([, { n }]) => n)"



@pytest.fixture(params=["websocket", "polling", "both"])
def browser_client(page, gateway, request):
    return OfficialClient(page, gateway.url, request.param, path="/health")


def log_in(client, token: str):
    client.run(
        f"""
        window.socket = open(url, {{ ...options, auth: {{ token: "{token}" }} }});
        await once(socket, "authenticated");
        if (options.transports.length > 1) await until(() => socket.io.engine.transport.name === "websocket", "the upgrade");
        """
    )


def join(client, *rooms: str):
    for room in rooms:
        assert client.run(f'return (await ask(socket, "join_room", {{ room: "{room}" }})).ok')


def test_trades_missed_while_away_come_once_and_in_order_and_prices_anew(browser_client, gateway, user, symbol):
    client = browser_client
    log_in(client, gateway.token(user))
    join(client, f"trade:{symbol}", f"price:{symbol}")
    gateway.publish("trade_notification", symbol, n=0)
    gateway.publish_price(symbol, "1.10")
    client.run(f"window.before = socket.id; await until(() => {TRADES}.length === 1, 'the first trade');")

    client.run(GO_AWAY)
    for number in [1, 2, 3]:
        gateway.publish("trade_notification", symbol, n=number)
    gateway.publish_price(symbol, "1.20")
    client.run(COME_BACK)
    gateway.publish("trade_notification", symbol, n=4)

    recovered, is_same, trades, prices = client.run(
        f"""
        await until(() => {TRADES}.includes(4), "the last trade");
        const prices = socket.heard.filter(([name]) => name === "price_update").map(([, {{ price, snapshot }}]) => [price, !!snapshot]);
        return [socket.recovered, socket.id === before, {TRADES}, prices];
        """
    )
    assert (recovered, is_same) == (True, True)
    assert trades == [0, 1, 2, 3, 4]
    assert prices[-1] == ["1.20", True]


def test_with_another_users_token_the_session_is_not_given_back(browser_client, gateway, user, symbol):
    client = browser_client
    log_in(client, gateway.token(user))
    join(client, f"user:{user}")
    # The client knows an offset now, and shows it with the private id.
    gateway.publish("trade_notification", symbol, user, n=0)
    client.run(f"window.before = socket.id; await until(() => {TRADES}.length === 1, 'the first trade');")

    client.run(GO_AWAY)
    gateway.publish("trade_notification", symbol, user, n=1)
    client.run(f'socket.auth = {{ token: "{gateway.token("somebody-else")}" }}; {COME_BACK}')
    gateway.publish("system_alert", n=2)

    assert client.run(
        f"""
        await until(() => socket.heard.some(([name]) => name === "system_alert"), "the alert");
        return [socket.recovered, socket.id === before, {TRADES}];
        """
    ) == [False, False, [0]]


def test_after_a_revocation_the_session_is_not_given_back(page, gateway, user):
    client = OfficialClient(page, gateway.url, "websocket", path="/health")
    log_in(client, gateway.token(user))
    client.run(GO_AWAY)
    done = gateway.command(
        "revoke", "--user", user, "--data-dir", str(gateway.directory), "--auth-url", f"http://127.0.0.1:{gateway.auth_port}"
    )
    assert done.returncode == 0, done.stderr
    refusal = client.run(
        """
        const refused = once(socket, "connect_error");
        socket.connect();
        const [error] = await refused;
        return error.data.code;
        """
    )
    assert refusal == "AUTH_FAILED"


def test_without_a_window_there_is_nothing_to_come_back_to(page, start_gateway, user, symbol):
    gateway = start_gateway("--no-feed", "--recovery-window", "0")
    client = OfficialClient(page, gateway.url, "websocket", path="/health")
    log_in(client, gateway.token(user))
    client.run(GO_AWAY)
    client.run(COME_BACK)
    assert client.run("return !!socket.recovered") is False


@pytest.mark.parametrize("value", ["soon", "-1s", "2d", "2h"])
def test_a_bad_window_stops_the_start(gateway, value):
    done = gateway.command("up", f"--recovery-window={value}")
    assert done.returncode != 0
    assert "--recovery-window must look like" in done.stderr
