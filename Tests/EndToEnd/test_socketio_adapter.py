"""Official emitters, and another Socket.IO server on the same Redis, reach the gateway's clients (`--socketio-adapter`)."""

import json
import time
import uuid
from dataclasses import dataclass

import msgpack
import pytest
import socketio

from clients import Client
from fleet import Fleet
from python_server import PythonServer
from redis_server import RedisServer
from services import run


# A debug build on a busy machine takes long to read a megabyte of JSON before it can refuse it.
MAX_PAYLOAD = 100_000


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def start(redis_server, tmp_path_factory):
    """Two nodes that join the channels of an adapter; each kind is started once."""
    fleets = {}

    def start(kind: str) -> Fleet:
        if kind not in fleets:
            fleets[kind] = Fleet(tmp_path_factory.mktemp(kind), redis_server.url)
            flags = MODES[kind].flags if kind in MODES else ["--socketio-adapter", kind]
            fleets[kind].start(2, *flags, "--max-payload", str(MAX_PAYLOAD))
            wait_until_heard(redis_server, fleets[kind], kind)
        return fleets[kind]

    yield start
    for fleet in fleets.values():
        fleet.stop()


def classic(redis, event, data, room=None):
    """What @socket.io/redis-emitter 5 publishes: lib/index.ts, `BroadcastOperator.emit`."""
    packet = {"type": 2, "data": [event, data], "nsp": "/"}
    payload = msgpack.packb(["emitter", packet, {"rooms": [room] if room else [], "except": [], "flags": {}}])
    redis.publish(f"socket.io#/#{room}#" if room else "socket.io#/#", payload)


def streams(redis, event, data, room=None, stream="socket.io"):
    """What @socket.io/redis-streams-emitter 0.1 adds."""
    opts = {"rooms": [room] if room else [], "except": [], "flags": {}}
    data = {"opts": opts, "packet": {"type": 2, "data": [event, data], "nsp": "/"}}
    redis.xadd(stream, {"uid": "emitter", "nsp": "/", "type": "3", "data": json.dumps(data)}, maxlen=10_000)


def sharded(redis, event, data, room=None, every_room_has_a_channel=False):
    opts = {"rooms": [room] if room else [], "except": [], "flags": {}}
    message = {"uid": "emitter", "nsp": "/", "type": 3, "data": {"opts": opts, "packet": {"type": 2, "data": [event, data], "nsp": "/"}}}
    # A name of 20 characters has no channel of its own: it may be a socket's id.
    has_channel = room and (every_room_has_a_channel or len(room) != 20)
    channel = f"socket.io#/#{room}#" if has_channel else "socket.io#/#"
    redis.execute_command("SPUBLISH", channel, json.dumps(message))


def python(redis, event, data, room=None):
    """The real manager, write-only."""
    port = redis.connection_pool.connection_kwargs["port"]
    socketio.RedisManager(f"redis://127.0.0.1:{port}", write_only=True).emit(event, data, room=room)


EMITTERS = {"classic": classic, "streams": streams, "sharded": sharded, "python": python}


@dataclass
class Mode:
    """A setting of an adapter that changes where things go."""

    emit: object
    flags: list


def several_streams(redis, event, data, room=None):
    streams(redis, event, data, room, stream="socket.io-2")


def sharded_private(redis, event, data, room=None):
    sharded(redis, event, data, room, every_room_has_a_channel=True)


MODES = {
    "three streams": Mode(several_streams, ["--socketio-adapter", "streams", "--socketio-streams", "3"]),
    "dynamic-private": Mode(sharded_private, ["--socketio-adapter", "sharded-private"]),
}


def emitter(kind: str):
    return MODES[kind].emit if kind in MODES else EMITTERS[kind]


def wait_until_heard(server: RedisServer, fleet: Fleet, kind: str):
    """A node is ready before it hears the adapter's channels: what is sent there is never promised to come."""
    clients = [fleet.connect(node) for node in fleet.nodes]
    deadline = time.monotonic() + 60
    while not all(client.all("is anybody there") for client in clients):
        assert time.monotonic() < deadline, f"not every node hears the {kind} adapter"
        emitter(kind)(server.client, "is anybody there", {})
        time.sleep(0.05)
    for client in clients:
        client.close()


def wait_for_listeners(redis, channel: str, count: int):
    deadline = time.monotonic() + 30
    while redis.execute_command("PUBSUB", "SHARDNUMSUB", channel)[1] != count:
        assert time.monotonic() < deadline, f"{channel} has no {count} listeners"
        time.sleep(0.02)


@pytest.mark.parametrize("kind", [*EMITTERS, *MODES])
def test_an_emitter_reaches_members_on_every_node_once(start, redis_server, kind, symbol, user):
    fleet, emit = start(kind), emitter(kind)
    members = [fleet.connect(node) for node in fleet.nodes]
    owner = fleet.connect(fleet.nodes[0], user)
    for member in members:
        member.join(f"trade:{symbol}")
    owner.join(f"user:{user}")
    if kind in ("sharded", "dynamic-private"):
        # This adapter listens to a room once it has members.
        wait_for_listeners(redis_server.client, f"socket.io#/#trade:{symbol}#", 2)
        wait_for_listeners(redis_server.client, f"socket.io#/#user:{user}#", 1)

    emit(redis_server.client, "news", {"n": 1.5, "text": "é"}, f"trade:{symbol}")
    emit(redis_server.client, "whisper", {"n": 2}, f"user:{user}")
    emit(redis_server.client, "everyone", {"n": 3})

    for client in [*members, owner]:
        client.expect("everyone", n=3)
    for member in members:
        assert member.all("news") == [{"n": 1.5, "text": "é"}]
        assert member.all("whisper") == []
    assert owner.all("whisper") == [{"n": 2}]
    assert owner.all("news") == []
    assert [len(client.all("everyone")) for client in members] == [1, 1]


@pytest.mark.parametrize("kind", EMITTERS)
def test_what_nobody_may_send_is_dropped_and_counted(start, redis_server, kind, user):
    fleet, emit = start(kind), EMITTERS[kind]
    client = fleet.connect(fleet.nodes[0], user)

    def refused():
        return fleet.nodes[0].metric('moonx_cluster_total{what="bridge_refused"}')

    before = refused()
    emit(redis_server.client, "disconnect", {"n": 1})
    emit(redis_server.client, "large", {"text": "x" * (MAX_PAYLOAD + 1)})
    if kind != "sharded":
        emit(redis_server.client, "whisper", {"n": 1}, f"@{user}")
    emit(redis_server.client, "after", {"user": user})

    client.expect("after", user=user)
    assert client.all("large") == [] and client.all("whisper") == [] and client.connected
    assert refused() - before == (2 if kind == "sharded" else 3)


@pytest.mark.parametrize("room", [42, 0, [42, 43], ["a", 5], [], {"a": 1}, True])
def test_a_room_of_python_that_is_no_string_is_not_everyone(start, redis_server, user, room):
    fleet = start("python")
    clients = [fleet.connect(node) for node in fleet.nodes]
    python(redis_server.client, "whisper", {"n": 1}, room)
    python(redis_server.client, "after", {"user": user})
    for client in clients:
        client.expect("after", user=user)
        assert client.all("whisper") == []


@pytest.mark.parametrize("room", ["@x", "*trade", ""])
def test_a_refused_question_is_answered_as_by_who_has_nobody(start, redis_server, user, room):
    fleet, question = start("classic"), uuid.uuid4().hex
    answers = redis_server.client.pubsub()
    answers.subscribe("socket.io-response#/#")
    assert answers.get_message(timeout=30)["type"] == "subscribe"
    opts = {"rooms": [room], "except": []}
    packet = {"type": 2, "data": ["question"], "nsp": "/"}
    # What `to(room).fetchSockets()` and `to(room).emitWithAck("question")` of a server with the official adapter publish.
    asked = [{"type": 5, "opts": opts}, {"type": 7, "opts": opts, "packet": packet}]
    for number, request in enumerate(asked):
        message = {"uid": "peer", "requestId": f"{question}-{number}", **request}
        redis_server.client.publish("socket.io-request#/#", json.dumps(message))
    expected = [{"requestId": f"{question}-0", "sockets": []}, {"requestId": f"{question}-1", "type": 8, "clientCount": 0}]
    expected = sorted([*expected, *expected], key=json.dumps)

    found = []
    deadline = time.monotonic() + 30
    while len(found) < len(expected):
        assert time.monotonic() < deadline, f"only {found}"
        message = answers.get_message(timeout=1)
        # Both nodes answer.
        answer = json.loads(message["data"]) if message else {}
        if answer.get("requestId", "").startswith(question):
            found.append(answer)
    answers.close()
    assert sorted(found, key=json.dumps) == expected
    client = fleet.connect(fleet.nodes[0])
    classic(redis_server.client, "after", {"user": user})
    client.expect("after", user=user)
    assert client.all("question") == []


def test_garbage_on_the_channels_stops_nobody(start, redis_server, user):
    client = start("classic").connect(start("classic").nodes[0], user)
    for payload in [b"", b"\x93", b"{", b"\x93\x01\x02\x03", msgpack.packb(["a", {"data": "x"}, {}]), b"\xdd\xff\xff\xff\xff", b"\x00" * 100_000]:
        for channel in ["socket.io#/#", "socket.io-request#/#", "socket.io-response#/#", f"socket.io#/#user:{user}#"]:
            redis_server.client.publish(channel, payload)
    classic(redis_server.client, "after", {"user": user})
    client.expect("after", user=user)


def test_nobody_is_brought_into_a_room_of_the_gateways(start, redis_server, user, symbol):
    fleet = start("python")
    victim, client = fleet.connect(fleet.nodes[1], user), fleet.connect(fleet.nodes[0])
    manager = socketio.RedisManager(redis_server.url, write_only=True)

    # A write-only manager has no method for it; this is what one of a server publishes.
    for room in [f"portfolio:{user}", "lobby"]:
        message = {"method": "enter_room", "sid": client.id, "room": room, "namespace": "/", "host_id": uuid.uuid4().hex}
        redis_server.client.publish("socketio", json.dumps(message))
    deadline = time.monotonic() + 30
    number = 0
    while not client.all("welcome"):
        assert time.monotonic() < deadline, "it is not in the lobby"
        number += 1
        manager.emit("welcome", {"n": number}, room="lobby")
        time.sleep(0.05)
    fleet.nodes[0].publish({"type": "portfolio_update", "userId": user, "data": {"total": "1"}})
    fleet.nodes[0].publish({"type": "system_alert", "data": {"title": symbol}})
    client.expect("system_alert", title=symbol)
    assert client.all("portfolio_update") == [] and victim.all("welcome") == []


def test_a_python_server_shares_its_rooms_with_the_gateways(start, redis_server):
    fleet, room = start("python"), f"group:{uuid.uuid4()}"
    peer = PythonServer(redis_server.url, room)
    theirs = Client(peer.url)
    ours = [fleet.connect(node) for node in fleet.nodes]
    for client in ours:
        client.join(room)
    deadline = time.monotonic() + 30
    number = 0
    while not theirs.all("shared"):
        assert time.monotonic() < deadline
        number += 1
        peer.emit("shared", {"n": number}, room=room)
        time.sleep(0.05)
    peer.emit("end", {}, room=room)
    for client in [theirs, *ours]:
        client.expect("end")
    # All got the same, in order, each once.
    for client in ours:
        assert [payload["n"] for payload in client.all("shared")] == list(range(1, number + 1))
    theirs.close()
    peer.stop()


def test_without_the_setting_nobody_listens(redis_server, tmp_path, symbol):
    fleet = Fleet(tmp_path, redis_server.url)
    client = fleet.connect(fleet.start(1)[0])
    classic(redis_server.client, "news", {"n": 1})
    fleet.nodes[0].publish({"type": "system_alert", "data": {"title": symbol}})
    client.expect("system_alert", title=symbol)
    assert client.all("news") == []
    fleet.stop()


def test_a_kind_that_is_none_and_a_missing_redis_are_said_in_one_line(tmp_path):
    done = run("gateway", "--socketio-adapter", "redis")
    assert done.returncode == 64 and "--socketio-adapter must be one of classic, sharded, sharded-private, streams, python" in done.stderr
    done = run("gateway", "--socketio-streams", "0")
    assert done.returncode == 64 and "--socketio-streams must be from 1 to 64, not 0" in done.stderr
    done = run("up", "--port", "0", "--data-dir", tmp_path, "--socketio-adapter", "classic")
    assert done.returncode == 1 and "--socketio-adapter needs --redis" in done.stderr
