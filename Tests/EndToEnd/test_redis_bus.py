"""Several gateways on one Redis: what is published anywhere reaches everyone whom it concerns."""

import json
import time
import uuid

import pytest

from fleet import Fleet
from ports import free_port
from redis_server import RedisCluster, RedisServer
from services import run
from tokens import AUDIENCE, ISSUER

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def fleet(redis_server, tmp_path_factory):
    """Three nodes, for all tests that break nothing."""
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), redis_server.url)
    fleet.redis = redis_server
    fleet.start(3)
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def cluster_fleet(tmp_path_factory):
    """Three nodes on a Redis Cluster of three masters."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster")).start()
    fleet = Fleet(tmp_path_factory.mktemp("cluster-fleet"), cluster.url)
    fleet.redis = cluster
    fleet.start(3)
    yield fleet
    fleet.stop()
    cluster.stop()


@pytest.fixture(params=["fleet", "cluster_fleet"])
def any_fleet(request):
    """One Redis, and a cluster."""
    return request.getfixturevalue(request.param)


def wait_for(condition, within: float = 30):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.02)


def everything(symbol: str, user: str) -> list[tuple[str, dict]]:
    """An event of each type, with the room that a client joins for it."""
    base = symbol.split("-")[0]
    return [
        (f"price:{symbol}", {"type": "price_update", "symbol": symbol, "data": {"price": "1.10"}}),
        (f"orderbook:{symbol}", {"type": "order_book_update", "symbol": symbol, "data": {"bids": [["1.10", "2"]], "asks": []}}),
        (f"chart:{base}", {"type": "chart_update", "symbol": base, "data": {"interval": "1m", "open": "1.10"}}),
        (f"trade:{symbol}", {"type": "trade_notification", "symbol": symbol, "id": str(uuid.uuid4()), "data": {"price": "1.10"}}),
        (f"portfolio:{user}", {"type": "portfolio_update", "userId": user, "data": {"total": "1.10"}}),
        (f"orders:{user}", {"type": "order_update", "userId": user, "data": {"status": "filled"}}),
        (f"user:{user}", {"type": "notification", "userId": user, "id": str(uuid.uuid4()), "data": {"title": "x"}}),
        ("", {"type": "system_alert", "data": {"title": str(uuid.uuid4())}}),
    ]


def test_every_event_crosses_nodes(any_fleet, symbol, user):
    """Each type, published on each node, reaches the clients of every node once."""
    events = everything(symbol, user)
    clients = [any_fleet.connect(node, user) for node in any_fleet.nodes]
    for client in clients:
        for room, _ in events:
            if room:
                client.join(room)

    for index, node in enumerate(any_fleet.nodes):
        for _, envelope in events:
            envelope = {**envelope, "data": {**envelope["data"], "from": f"{symbol} {index}"}}
            if "id" in envelope:
                envelope["id"] += f"-{index}"
            answer = node.publish(envelope)
            assert (answer.status_code, answer.json()) == (202, {"accepted": 1})

    for client in clients:
        for _, envelope in events:
            for index in range(len(any_fleet.nodes)):
                client.expect(envelope["type"], **{"from": f"{symbol} {index}"})
            assert len([e for e in client.all(envelope["type"]) if str(e.get("from")).startswith(symbol)]) == len(any_fleet.nodes)


def test_a_personal_trade_is_split(any_fleet, symbol, user):
    stranger, owner = any_fleet.connect(any_fleet.nodes[0]), any_fleet.connect(any_fleet.nodes[1], user)
    for client in (stranger, owner):
        client.join(f"trade:{symbol}")
    owner.join(f"user:{user}")

    any_fleet.nodes[2].publish({"type": "trade_notification", "symbol": symbol, "userId": user, "id": "t-1", "data": {"price": "1"}})

    owner.expect("trade_notification", symbol=symbol, personal=True)
    stranger.expect("trade_notification", symbol=symbol)
    public = owner.expect("trade_notification", symbol=symbol)
    assert "personal" not in public and user not in json.dumps(public)
    assert len(stranger.all("trade_notification", symbol=symbol)) == 1
    assert len(owner.all("trade_notification", symbol=symbol)) == 2


def test_the_simple_channel_is_routed_by_every_node(any_fleet, symbol):
    clients = [any_fleet.connect(node) for node in any_fleet.nodes]
    for client in clients:
        client.join(f"price:{symbol}")
    envelope = json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "0.10"}})
    say(any_fleet, "moonx:events", envelope)

    for client in clients:
        assert client.expect("price_update", symbol=symbol)["price"] == "0.10"


def say(fleet, channel: str, text: str):
    """Publishes as an operator would, past the gateways."""
    fleet.redis.cli("SPUBLISH" if isinstance(fleet.redis, RedisCluster) else "PUBLISH", channel, text)


def test_by_room_only_nodes_with_members_listen(fleet, redis_server, symbol):
    room = f"price:{symbol}"
    client = fleet.connect(fleet.nodes[0])
    client.join(room)

    envelope = json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "0.10"}})
    assert redis_server.cli("PUBLISH", f"moonx:events:{room}", envelope) == "1"

    assert client.expect("price_update", symbol=symbol)["price"] == "0.10"
    assert redis_server.cli("PUBLISH", "moonx:events:price:NOBODY-USDC", envelope) == "0"
    assert redis_server.cli("PUBLISH", "moonx:events:all", "{}") == "3"


def test_a_stream_is_read_by_every_node(any_fleet, symbol):
    clients = [any_fleet.connect(node) for node in any_fleet.nodes]
    for client in clients:
        client.join(f"trade:{symbol}")

    for number in range(3):
        envelope = json.dumps({"type": "trade_notification", "symbol": symbol, "data": {"n": number}})
        any_fleet.redis.cli("XADD", "moonx:stream:trade_notification", "*", "event", envelope)

    for client in clients:
        for number in range(3):
            assert client.expect("trade_notification", symbol=symbol)["n"] == number


def test_the_first_member_of_a_quiet_room_gets_what_was_kept(any_fleet, symbol, user):
    base = symbol.split("-")[0]
    publisher, node = any_fleet.nodes[0], any_fleet.nodes[1]
    for _, envelope in everything(symbol, user):
        assert publisher.publish(envelope).status_code == 202
    for interval in ("1m", "5m", "1h"):
        publisher.publish({"type": "chart_update", "symbol": base, "data": {"interval": interval, "open": "7"}})
    client = any_fleet.connect(node, user)

    for room, event in [
        (f"price:{symbol}", "price_update"), (f"orderbook:{symbol}", "order_book_update"), (f"portfolio:{user}", "portfolio_update"),
    ]:
        client.join(room)
        assert client.expect(event)["snapshot"] is True

    client.join(f"chart:{base}")
    assert {client.expect("chart_update", snapshot=True)["interval"] for _ in range(3)} == {"1m", "5m", "1h"}


def test_a_value_that_a_publisher_has_set_by_hand_is_a_snapshot_too(fleet, redis_server, symbol):
    redis_server.cli("SET", f"moonx:last:price:{symbol}", json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "9.90"}}))
    client = fleet.connect(fleet.nodes[2])
    client.join(f"price:{symbol}")
    assert client.expect("price_update", symbol=symbol, snapshot=True)["price"] == "9.90"


def test_a_key_of_another_type_is_no_reason_to_keep_anyone_out(fleet, redis_server, symbol):
    redis_server.cli("LPUSH", f"moonx:last:price:{symbol}", "not a value")
    client = fleet.connect(fleet.nodes[0])
    client.join(f"price:{symbol}")
    redis_server.cli("PUBLISH", f"moonx:events:price:{symbol}", json.dumps({"type": "price_update", "symbol": symbol, "data": {"n": 1}}))
    assert "snapshot" not in client.expect("price_update", symbol=symbol)


def test_a_book_of_changes_is_whole_for_who_comes_later_on_another_node(any_fleet, symbol):
    def book(bids, **members):
        return {"type": "order_book_update", "symbol": symbol, "data": {"bids": bids, "asks": [["200", "1"]]}, **members}

    first, second = any_fleet.nodes[0], any_fleet.nodes[1]
    assert first.publish(book([["100", "1"], ["99", "1"]])).status_code == 202
    # More changes than are kept before they become a whole book again.
    changes = [book([["100", str(number)], [f"{number % 7 + 1}", "5"]], delta=True) for number in range(1, 601)]
    for start in range(0, 600, 20):
        assert first.publish(*changes[start:start + 20]).status_code == 202
    client = any_fleet.connect(second)
    client.join(f"orderbook:{symbol}")
    snapshot = client.expect("order_book_update", symbol=symbol, snapshot=True)
    assert snapshot["bids"][:2] == [["100", "600"], ["99", "1"]]
    assert len(snapshot["bids"]) == 9

    first.publish(book([["100", "0"]], delta=True))
    assert client.expect("order_book_update", symbol=symbol)["bids"][0] == ["99", "1"]


def test_changes_without_a_book_are_dropped_until_there_is_one(fleet, symbol):
    node = fleet.nodes[0]
    client = fleet.connect(node)
    client.join(f"orderbook:{symbol}")
    book = {"type": "order_book_update", "symbol": symbol, "data": {"bids": [["1", "1"]], "asks": []}}
    before = node.metric("moonx_book_deltas_dropped_total")

    assert node.publish({**book, "delta": True}).status_code == 202
    wait_for(lambda: node.metric("moonx_book_deltas_dropped_total") == before + 1)
    node.publish(book)
    node.publish({**book, "delta": True, "data": {"bids": [["2", "1"]], "asks": []}})

    assert client.expect("order_book_update", symbol=symbol)["bids"] == [["1", "1"]]
    assert client.expect("order_book_update", symbol=symbol)["bids"] == [["2", "1"], ["1", "1"]]


def test_who_is_in_a_room_and_in_its_firehose_gets_one_copy(any_fleet, symbol):
    both, wide, narrow = (any_fleet.connect(node) for node in any_fleet.nodes)
    for client in (both, narrow):
        client.join(f"price:{symbol}")
    for client in (both, wide):
        client.ask_until_taken("subscribe", {"types": ["price_updates"]})

    for number in range(20):
        any_fleet.nodes[number % 3].publish({"type": "price_update", "symbol": symbol, "data": {"n": number}})

    for client in (both, wide, narrow):
        for number in range(20):
            client.expect("price_update", symbol=symbol, n=number)
        assert len(client.all("price_update", symbol=symbol)) == 20


def test_a_repeated_id_is_dropped_by_whichever_way_it_comes(any_fleet, symbol):
    client = any_fleet.connect(any_fleet.nodes[0])
    client.join(f"trade:{symbol}")
    trade = {"type": "trade_notification", "symbol": symbol, "id": "once", "data": {"price": "1"}}

    for node in any_fleet.nodes:
        node.publish(trade)
    say(any_fleet, f"moonx:events:trade:{symbol}", json.dumps(trade))
    say(any_fleet, "moonx:events", json.dumps(trade))
    # Behind the repeats, each way.
    say(any_fleet, f"moonx:events:trade:{symbol}", json.dumps({**trade, "id": "by room"}))
    say(any_fleet, "moonx:events", json.dumps({**trade, "id": "simple"}))
    any_fleet.nodes[1].publish({**trade, "id": "other"})

    for name in ("by room", "simple", "other"):
        client.expect("trade_notification", id=name)
    assert len(client.all("trade_notification", symbol=symbol)) == 4


def test_what_is_no_envelope_is_counted_and_stops_nobody(fleet, redis_server, symbol):
    client = fleet.connect(fleet.nodes[0])
    client.join(f"price:{symbol}")
    before = fleet.nodes[0].metric("moonx_bus_malformed_total")
    envelope = json.dumps({"type": "price_update", "symbol": symbol, "data": {"price": "1"}})

    redis_server.cli("PUBLISH", "moonx:events", "nonsense")
    redis_server.cli("PUBLISH", f"moonx:events:price:{symbol}", '{"type":"system_alert","data":{}}')
    redis_server.cli("XADD", "moonx:stream:order_update", "*", "something", "else")
    redis_server.cli("PUBLISH", f"moonx:events:price:{symbol}", envelope)

    client.expect("price_update", symbol=symbol)
    wait_for(lambda: fleet.nodes[0].metric("moonx_bus_malformed_total") == before + 3)


def test_the_command_line_publishes_to_all_nodes(fleet, redis_server, symbol, tmp_path):
    clients = [fleet.connect(node) for node in fleet.nodes]
    for client in clients:
        client.join(f"price:{symbol}")
        client.join(f"trade:{symbol}")

    # The flag comes before the variable, which names a gateway that is not there.
    elsewhere = {"MOONX_URL": f"http://127.0.0.1:{free_port()}"}
    done = run(
        "publish", "price_update", "--symbol", symbol, "--data", '{"price":"1.50"}', "--redis", redis_server.url, environment=elsewhere
    )
    assert done.returncode == 0, done.stderr
    recording = tmp_path / f"trades-{symbol}.csv"
    recording.write_text("1,2.50,0.10,0.25,1700000000000,True,True\n")
    done = run("replay", str(recording), "--symbol", symbol, "--speed", "0", "--redis", redis_server.url)
    assert done.returncode == 0, done.stderr

    for client in clients:
        client.expect("price_update", symbol=symbol, price="1.50")
        assert client.expect("trade_notification", symbol=symbol)["price"] == "2.50"


def test_a_node_subscribes_for_its_members_and_a_while_longer(redis_server, tmp_path, symbol):
    channel = f"moonx:events:price:{symbol}"
    fleet = Fleet(tmp_path, redis_server.url)
    try:
        (node,) = fleet.start(1)
        client = fleet.connect(node)
        held = node.metric("moonx_bus_subscriptions")
        assert channel not in redis_server.channels()
        client.join(f"price:{symbol}")
        assert channel in redis_server.channels()
        assert node.metric("moonx_bus_subscriptions") == held + 1
        client.ask("leave_room", {"room": f"price:{symbol}"})
        assert channel in redis_server.channels()
    finally:
        fleet.stop()


# Settings ---------------------------------------------------------------------


def test_without_its_redis_a_node_does_not_start_and_says_so_in_one_line(fleet):
    for url, hint in [
        (f"redis://someone:hunter2@127.0.0.1:{free_port()}", "cannot be used"), ("http://somewhere", "redis:// or rediss://"),
    ]:
        done = run(
            "gateway", "--port", free_port(), "--jwt-secret-file", fleet.secret_file, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
            environment={"MOONX_REDIS": url},
        )
        assert done.returncode != 0
        assert hint in done.stderr and "hunter2" not in done.stderr + done.stdout
        assert len([line for line in done.stderr.splitlines() if "Redis" in line or "redis" in line]) == 1, done.stderr


def test_up_shares_its_events_too_and_takes_redis_from_the_configuration_file(redis_server, fleet, start_gateway, connect, symbol, tmp_path):
    file = tmp_path / "moonx.conf"
    file.write_text(f"redis = {redis_server.url}\n")
    gateway = start_gateway("--no-feed", "--config", file)
    here, there = connect(to=gateway), fleet.connect(fleet.nodes[0])
    for client in (here, there):
        client.join(f"price:{symbol}")

    gateway.publish_price(symbol, "1.10")
    for client in (here, there):
        client.expect("price_update", symbol=symbol, price="1.10")
    fleet.nodes[1].publish({"type": "price_update", "symbol": symbol, "data": {"price": "1.20"}})
    for client in (here, there):
        client.expect("price_update", symbol=symbol, price="1.20")


def test_check_tries_redis(redis_server, tmp_path):
    def finding(url):
        done = run("check", "--json", "--data-dir", tmp_path, "--port", free_port(), "--auth-port", free_port(), "--redis", url)
        return {finding["check"]: finding for finding in map(json.loads, done.stdout.splitlines())}["Redis"]

    assert finding(redis_server.url)["ok"] is True
    wrong = finding(f"redis://:hunter2@127.0.0.1:{free_port()}")
    assert wrong["ok"] is False and "hunter2" not in wrong["detail"]
