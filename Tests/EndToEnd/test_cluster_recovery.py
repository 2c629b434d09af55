"""A node goes, and its clients go on on another: the official client in Chromium, behind a relay that leads to one node at a time."""

import json
import time
import uuid

import pytest

from fleet import Fleet
from official_client import OfficialClient
from reading_stops import ReadingStops
from redis_server import RedisCluster, RedisServer
from relay import Relay
from services import run
from test_recovery import TRADES
from test_shared_state import AuthService

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def redis_kind():
    return RedisServer


ON_BOTH = pytest.mark.parametrize("redis_kind", [RedisServer, RedisCluster], ids=["server", "cluster"])


@pytest.fixture
def redis_server(tmp_path, redis_kind):
    server = redis_kind(tmp_path / "redis").start()
    yield server
    server.stop()


class Traveller:
    """A user's page, the nodes it may be on, and one more to publish on."""

    def __init__(self, page, fleet: Fleet, user: str, symbol: str, *flags: str):
        self.fleet, self.user, self.symbol = fleet, user, symbol
        self.first, self.second, self.publisher = fleet.start(3, *flags)
        self.relay = Relay(self.first.port)
        self.client = OfficialClient(page, self.relay.url, "websocket", path="/health")

    def log_in(self):
        self.client.run(
            f"""
            window.socket = open(url, {{ ...options, auth: {{ token: "{self.fleet.token(self.user)}" }} }});
            await once(socket, "authenticated");
            window.before = socket.id;
            window.comes = [];
            socket.on("connect", () => comes.push(!!socket.recovered));
            """
        )

    def join(self, *rooms: str):
        for room in rooms:
            # Refused as `INTERNAL` where Redis, which gets no processor, has not confirmed it in time.
            assert self.client.run(
                f"""
                for (const end = Date.now() + limit; ; await new Promise((resolve) => setTimeout(resolve, 500))) {{
                  const answer = await ask(socket, "join_room", {{ room: "{room}" }});
                  if (answer.ok || answer.code !== "INTERNAL" || Date.now() > end) return answer.ok;
                }}
                """
            )

    def publish(self, number: int, type: str = "trade_notification", **more):
        answer = self.publisher.publish({"type": type, "symbol": self.symbol, "data": {"n": number}, **more})
        assert answer.status_code == 202, answer.text

    def wait_for_trade(self, number: int):
        self.client.run(f"await until(() => {TRADES}.includes({number}), 'trade {number}')")

    def leave(self, node, how: str):
        """The node goes; nobody can be reached until the test says so."""
        self.relay.lead_to(None)
        if how == "killed":
            node.service.kill()
        elif how == "terminated":
            assert node.service.stop() == 0
        elif how == "unreachable":
            node.service.freeze()
            self.relay.drop()
        self.client.run("await until(() => !socket.connected, 'the end of the connection')")

    def come_back(self, node, is_redis_there: bool = True):
        if is_redis_there:
            # A node that has not heard Redis for a second, for want of a processor, gives no session back, as it takes no message.
            self.fleet.connect(node).ask_until_taken("direct_message", {"to": str(uuid.uuid4()), "message": "x"})
        self.client.run("window.arrivals = comes.length")
        self.relay.lead_to(node.port)
        return self.client.run(
            """
            await until(() => comes.length > arrivals && socket.connected, "the next connection");
            return [socket.recovered, socket.id === before];
            """
        )

    def trades(self) -> list[int]:
        return self.client.run(f"return {TRADES}")


@pytest.fixture
def fleet(redis_server, tmp_path):
    fleet = Fleet(tmp_path, redis_server.url)
    yield fleet
    for node in fleet.nodes:
        node.service.thaw()
    fleet.stop()


@pytest.fixture
def traveller(page, fleet, user, symbol):
    traveller = Traveller(page, fleet, user, symbol)
    yield traveller
    traveller.relay.close()


@ON_BOTH
@pytest.mark.parametrize("how", ["killed", "terminated", "unreachable"])
def test_a_client_goes_on_on_another_node(traveller, how, user, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}", f"price:{symbol}", f"orders:{user}")
    traveller.publish(0)
    traveller.wait_for_trade(0)

    traveller.leave(traveller.first, how)
    for number in [1, 2, 3]:
        traveller.publish(number)
    # Another's pair, which is no business of this client.
    traveller.publish(9, symbol="SOMETHING-ELSE")
    traveller.publish(4, type="order_update", userId=user)
    traveller.publish(5, type="system_alert")
    traveller.publisher.publish({"type": "price_update", "symbol": symbol, "data": {"price": "1.20"}})
    assert traveller.come_back(traveller.second) == [True, True]
    traveller.publish(6)

    traveller.wait_for_trade(6)
    assert traveller.trades() == [0, 1, 2, 3, 6]
    heard = traveller.client.run(
        """
        const others = () => socket.heard.filter(([name]) => ["order_update", "system_alert", "price_update"].includes(name));
        await until(() => new Set(others().map(([name]) => name)).size === 3, "one of each");
        return others().map(([name, { n, price, snapshot }]) => [name, n ?? price, snapshot ?? false]);
        """
    )
    # Each type is a stream of its own, so the order among them is not said.
    assert sorted(heard) == [["order_update", 4, False], ["price_update", "1.20", True], ["system_alert", 5, False]]
    assert traveller.second.metric("moonx_recovery_sessions_adopted_total") == 1


def test_a_room_that_was_confirmed_survives_its_node(traveller, redis_server, symbol):
    traveller.log_in()
    # Somebody is in the room already, so that the join waits for the session alone.
    traveller.fleet.connect(traveller.first).join(f"trade:{symbol}")
    # The gateway waits a second for the session to be written, and less where it gets no processor meanwhile.
    for _ in range(4):
        before = traveller.first.metric("moonx_recovery_unwritten_joins_total")
        redis_server.cli("CLIENT", "PAUSE", "300", "WRITE")
        traveller.join(f"trade:{symbol}")
        if traveller.first.metric("moonx_recovery_unwritten_joins_total") == before:
            break
        assert traveller.client.run(f'return (await ask(socket, "leave_room", {{ room: "trade:{symbol}" }})).ok')

    traveller.leave(traveller.first, "killed")
    traveller.publish(1)
    assert traveller.come_back(traveller.second) == [True, True]

    traveller.wait_for_trade(1)
    traveller.publish(2)
    traveller.wait_for_trade(2)
    assert traveller.trades() == [1, 2]


@ON_BOTH
@pytest.mark.parametrize("how", ["killed", "terminated"])
def test_messages_of_a_group_are_missed_like_any_event(traveller, how, other_user):
    group = "group:the-group-0001"
    traveller.log_in()
    traveller.join(group)
    friend = traveller.fleet.connect(traveller.publisher, other_user)
    friend.join(group)

    def say(number: int):
        friend.ask_until_taken("room_message", {"room": group, "message": number, "clientMessageId": str(number)})

    messages = "socket.heard.filter(([name]) => name === 'room_message').map(([, { message }]) => message)"
    wait_for_message = lambda number: traveller.client.run(f"await until(() => {messages}.includes({number}), 'message {number}')")
    say(0)
    wait_for_message(0)
    # Its own come back to nobody, on the next node neither.
    answer = traveller.client.run(f'return await ask(socket, "room_message", {{ room: "{group}", message: "mine" }})')
    assert answer["ok"] and friend.expect("room_message", message="mine")["messageId"] == answer["messageId"]
    traveller.leave(traveller.first, how)
    for number in [1, 2, 3]:
        say(number)
    assert traveller.come_back(traveller.second) == [True, True]
    say(4)
    wait_for_message(4)
    assert traveller.client.run(f"return {messages}") == [0, 1, 2, 3, 4]
    traveller.client.run(f'await ask(socket, "room_message", {{ room: "{group}", message: "here" }})')
    assert friend.expect("room_message", message="here")["from"] == traveller.user


@ON_BOTH
def test_from_node_to_node_and_back(traveller, user, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    number = 0
    for node, following in [(traveller.first, traveller.second), (traveller.second, traveller.first)] * 2:
        traveller.publish(number)
        traveller.wait_for_trade(number)
        traveller.relay.lead_to(None)
        traveller.relay.cut()
        traveller.client.run("await until(() => !socket.connected, 'the end of the connection')")
        traveller.publish(number + 1)
        assert traveller.come_back(following) == [True, True]
        traveller.wait_for_trade(number + 1)
        number += 2
    assert traveller.trades() == list(range(number))


def test_who_saw_nothing_before_the_crash_gets_all(traveller, symbol):
    """No offset is known to the client: what came since it joined is what it missed."""
    traveller.publish(0)
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    traveller.leave(traveller.first, "killed")
    traveller.publish(1)
    assert traveller.come_back(traveller.second) == [True, True]
    traveller.wait_for_trade(1)
    assert traveller.trades() == [1]


@ON_BOTH
def test_a_new_node_knows_what_was_missed_before_it_began(traveller, symbol):
    """As in a deployment one after the other: the node that a client comes back to was not there when the client went."""
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    traveller.publish(0)
    traveller.wait_for_trade(0)
    traveller.leave(traveller.first, "terminated")
    traveller.publish(1)
    new = traveller.fleet.start(1)[-1]
    assert traveller.come_back(new) == [True, True]
    traveller.wait_for_trade(1)
    assert traveller.trades() == [0, 1]


@ON_BOTH
def test_another_users_token_does_not_get_the_session(traveller, other_user, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    traveller.publish(0)
    traveller.wait_for_trade(0)
    traveller.leave(traveller.first, "killed")
    traveller.publish(1)
    traveller.client.run(f'socket.auth = {{ token: "{traveller.fleet.token(other_user)}" }}')
    assert traveller.come_back(traveller.second) == [False, False]
    assert traveller.trades() == [0]
    assert traveller.second.metric('moonx_recovery_sessions_refused_total{reason="refused"}') == 1


@pytest.fixture
def other_user():
    return "somebody-else-0001"


def test_after_a_revocation_the_session_is_not_given_back(traveller, redis_server, user, symbol, tmp_path):
    traveller.log_in()
    auth = AuthService(traveller.fleet, redis_server.url, tmp_path)
    traveller.leave(traveller.first, "killed")
    done = run("revoke", "--user", user, "--auth-url", auth.url, "--service-token-file", auth.token_file)
    assert done.returncode == 0, done.stderr
    # Tokens of the same second are revoked too; this one is later.
    time.sleep(1.1)
    traveller.client.run(f'socket.auth = {{ token: "{traveller.fleet.token(user)}" }}')
    assert traveller.come_back(traveller.second) == [False, False]
    auth.service.stop()


def test_after_the_window_there_is_a_new_session(page, fleet, user, symbol):
    traveller = Traveller(page, fleet, user, symbol, "--recovery-window", "2s")
    traveller.log_in()
    traveller.leave(traveller.first, "killed")
    time.sleep(2.5)
    assert traveller.come_back(traveller.second) == [False, False]
    traveller.relay.close()


def test_a_connected_clients_session_outlives_the_window(page, fleet, user, symbol):
    traveller = Traveller(page, fleet, user, symbol, "--recovery-window", "40s")
    traveller.log_in()
    time.sleep(43)
    traveller.leave(traveller.first, "killed")
    assert traveller.come_back(traveller.second) == [True, True]
    traveller.relay.close()


def session_keys(redis_server) -> list[bytes]:
    return redis_server.client.keys("moonx:session:*")


def wait_for(condition, what: str, within: float = 60):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_a_restart_of_redis_costs_no_session(traveller, redis_server, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    traveller.publish(0)
    traveller.wait_for_trade(0)
    redis_server.kill()
    redis_server.start()
    for node in traveller.fleet.nodes:
        node.wait_until_ready()
    traveller.leave(traveller.first, "killed")
    traveller.publish(1)
    assert traveller.come_back(traveller.second) == [True, True]
    traveller.wait_for_trade(1)
    assert traveller.trades() == [0, 1]


def test_where_redis_has_lost_everything_a_client_is_told_that_it_is_not_recovered(traveller, redis_server, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    traveller.publish(0)
    traveller.wait_for_trade(0)
    # A node that has read nothing has nothing to miss.
    trades = 'moonx_events_published_total{type="trade_notification"}'
    wait_for(lambda: all(node.metric(trades) == 1 for node in traveller.fleet.nodes), "not every node has read the trade")
    redis_server.kill()
    for file in (redis_server.directory / "appendonlydir").iterdir():
        file.unlink()
    redis_server.start()
    for node in traveller.fleet.nodes:
        node.wait_until_ready()
    gaps = lambda: [node.metric("moonx_bus_gaps_total") for node in traveller.fleet.nodes]
    wait_for(lambda: all(gaps()), "not every node has looked at the streams")
    # Sessions of connected clients are told anew, but nobody knows what of the streams was lost.
    wait_for(lambda: session_keys(redis_server), "the session is not written again")
    traveller.leave(traveller.first, "killed")
    assert traveller.come_back(traveller.second) == [False, False]


def test_without_redis_a_client_connects_anew(traveller, redis_server, symbol):
    traveller.log_in()
    redis_server.kill()
    traveller.leave(traveller.first, "killed")
    assert traveller.come_back(traveller.second, is_redis_there=False) == [False, False]


def test_what_is_saved_holds_no_secret(traveller, redis_server, user, symbol):
    traveller.log_in()
    traveller.join(f"trade:{symbol}")
    token = traveller.client.run("return socket.auth.token")
    wait_for(lambda: session_keys(redis_server), "the session is not written")
    [key] = session_keys(redis_server)
    wait_for(lambda: symbol.encode() in redis_server.client.hget(key, "s"), "the room is not written")
    saved = json.loads(redis_server.client.hget(key, "s"))
    assert saved["user"] == user and saved["rooms"] == [f"trade:{symbol}"]
    text = json.dumps(saved).lower()
    assert token.lower() not in text and token.split(".")[2].lower() not in text
    assert not any(word in text for word in ["authorization", "cookie", "bearer", "token"])
    assert 0 < redis_server.client.pttl(key) <= 120_000


def test_who_is_closed_for_the_bytes_that_wait_goes_on_on_another_node(fleet, user, symbol):
    first, second, publisher = fleet.start(3, "--ping-timeout", "5m", "--queue-age", "5m")

    def publish(**data):
        assert publisher.publish({"type": "trade_notification", "symbol": symbol, "data": data}).status_code == 202

    client = ReadingStops(first.url, fleet.token(user), symbol, publish)
    client.publish()
    client.read(until=1)
    slow = 'moonx_sessions_closed_total{reason="slow consumer"}'
    while first.metric(slow) == 0:
        client.publish(10, note="x" * 20_000)
    client.publish(10, note="x" * 20_000)
    client.read()
    assert (client.published - len(client.trades)) * 20_000 > 1 << 20

    assert client.come_back(second.url) is True
    client.publish()
    client.read(until=client.published)
    assert client.trades == list(range(1, client.published + 1))
    assert second.metric(slow) == 0
