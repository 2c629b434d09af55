"""Several gateways on one Redis, or on a cluster of three masters: messages, presence, revocations and limits know no node."""

import time
import uuid

import pytest
import requests

from clients import Client, Refused
from fleet import Fleet
from load import wait_for
from ports import free_port
from redis_server import RedisCluster, RedisServer
from services import Service, privy_key, run
from tokens import AUDIENCE, ISSUER

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module", params=[RedisServer, RedisCluster], ids=["server", "cluster"])
def redis_server(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def fleet(redis_server, tmp_path_factory):
    """Three nodes, for all tests that break nothing."""
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), redis_server.url)
    fleet.start(3, "--limits", "on")
    yield fleet
    fleet.stop()


@pytest.fixture
def other():
    return str(uuid.uuid4())


def test_a_message_reaches_every_device_on_every_node(fleet, user, other):
    sender, copy = fleet.connect(fleet.nodes[0], user), fleet.connect(fleet.nodes[1], user)
    devices = [fleet.connect(node, other) for node in fleet.nodes]
    for device in devices:
        settle(device)

    said = []

    def say(client, to: str, text: str) -> dict:
        # Where all nodes with devices get no processor for two seconds, the sender hears that it is not known to be delivered.
        for attempt in range(4):
            said.append(f"{text} {attempt}")
            answer = client.ask_until_taken("direct_message", {"to": to, "message": said[-1], "clientMessageId": said[-1]})
            if answer["delivered"]:
                return answer
        raise AssertionError("nothing is delivered")

    answer = say(sender, other, "hi")
    for client in [copy, *devices]:
        message = client.expect("direct_message", messageId=answer["messageId"])
        assert message["from"] == user and message["message"] == said[-1] and "offline" not in message
    say(devices[2], user, "and back")
    for client in [sender, copy, *devices[:2]]:
        client.expect("direct_message", message=said[-1])
    for client in [copy, *devices[:2]]:
        assert [message["message"] for message in client.all("direct_message")] == said


def settle(client):
    """Waits until the client has been given what was kept for it: this is answered behind it."""
    client.ask_until_taken("received", {"ids": []})


def alert(fleet, clients):
    """Waits until the clients have been given an alert by each node: what was published before it has come too."""
    for node in fleet.nodes:
        title = str(uuid.uuid4())
        answer = node.publish({"type": "system_alert", "data": {"title": title}})
        assert answer.status_code == 202, answer.text
        for client in clients:
            client.expect("system_alert", title=title)


def test_a_message_for_nobody_waits_for_the_next_connection_on_any_node(fleet, user, other):
    sender = fleet.connect(fleet.nodes[0], user)
    sent = [sender.ask_until_taken("direct_message", {"to": other, "message": f"m{n}", "clientMessageId": f"c{n}"}) for n in range(3)]
    assert [answer["delivered"] for answer in sent] == [False] * 3

    device = fleet.connect(fleet.nodes[2], other)

    for n in range(3):
        message = device.expect("direct_message", offline=True)
        assert message["message"] == f"m{n}" and message["messageId"] == sent[n]["messageId"]
    # A repeat on another node gets the first's answer.
    again = fleet.connect(fleet.nodes[1], user).ask("direct_message", {"to": other, "message": "m0", "clientMessageId": "c0"})
    assert again["messageId"] == sent[0]["messageId"]
    assert len(device.all("direct_message")) == 3


def test_a_message_to_a_group_reaches_its_members_on_every_node(fleet):
    group = f"group:{uuid.uuid4()}"
    members = [fleet.connect(node) for node in fleet.nodes]
    outsider = fleet.connect(fleet.nodes[1])
    for member in members:
        member.join(group)

    for number, sender in enumerate(members):
        sender.ask_until_taken("room_message", {"room": group, "message": number, "clientMessageId": str(number)})
        for receiver in members:
            if receiver is not sender:
                receiver.expect("room_message", room=group, message=number)

    alert(fleet, [*members, outsider])
    assert [len(member.all("room_message")) for member in members] == [2, 2, 2]
    assert outsider.all("room_message") == []


def test_a_notification_comes_once_to_each_device(fleet, user):
    devices = [fleet.connect(node, user) for node in fleet.nodes]
    for device in devices:
        settle(device)
    for number in range(3):
        answer = fleet.nodes[number].publish({"type": "notification", "userId": user, "id": f"n{number}", "data": {"title": "t"}})
        assert answer.status_code == 202, answer.text
        for device in devices:
            device.expect("notification", id=f"n{number}")

    alert(fleet, devices)
    assert [len(device.all("notification")) for device in devices] == [3, 3, 3]
    # Taken in by one device, it does not come again to any.
    devices[0].ask_until_taken("received", {"ids": ["n0", "n1", "n2"]})
    late = fleet.connect(fleet.nodes[1], user)
    settle(late)
    assert late.all("notification") == []


def test_presence_is_seen_on_every_node(fleet, user):
    watchers = [fleet.connect(node) for node in fleet.nodes]
    for watcher in watchers:
        states = watcher.ask_until_taken("presence_subscribe", {"userIds": [user]})["states"]
        assert states == [{"userId": user, "status": "offline", "lastSeen": None}]
    first = fleet.connect(fleet.nodes[0], user)
    for watcher in watchers:
        watcher.expect("presence_update", userId=user, status="online")
    second = fleet.connect(fleet.nodes[1], user)
    second.ask_until_taken("set_presence", {"status": "busy"})
    for watcher in watchers:
        watcher.expect("presence_update", userId=user, status="busy")
    first.close()
    second.close()
    for watcher in watchers:
        watcher.expect("presence_update", userId=user, status="offline")
        assert [update["status"] for update in watcher.all("presence_update")] == ["online", "busy", "offline"]


def test_the_users_of_a_killed_node_go_offline(redis_server, tmp_path, user, other):
    # Of its own: elsewhere a bystander may be the one that tidies up.
    redis = type(redis_server)(tmp_path / "redis").start()
    fleet = Fleet(tmp_path, redis.url)
    stays, dies = fleet.start(2, "--limits", "on")
    watcher = fleet.connect(stays)
    gone = [fleet.connect(dies, user), fleet.connect(dies, other)]
    fleet.connect(stays, other)
    while {state["status"] for state in watcher.ask_until_taken("presence_subscribe", {"userIds": [user, other]})["states"]} != {"online"}:
        time.sleep(0.05)

    dies.service.kill()
    start = time.monotonic()

    for _ in range(40):
        if any(update["status"] == "offline" for update in watcher.all("presence_update", userId=user)):
            break
        time.sleep(1)
    took = time.monotonic() - start
    assert watcher.all("presence_update", userId=user)[-1]["status"] == "offline"
    # Within ten seconds, on a machine that lets the nodes run.
    assert took < 40
    # Who is somewhere else too has not gone.
    assert all(update["status"] == "online" for update in watcher.all("presence_update", userId=other))
    # Counted when the last of its users has been told of.
    wait_for(lambda: stays.metric('moonx_cluster_total{what="swept_node"}') == 1, "the end of the sweep")
    for client in gone:
        client.close()
    fleet.stop()
    redis.stop()


def test_connections_of_a_user_are_counted_over_all_nodes(redis_server, tmp_path, user):
    fleet = Fleet(tmp_path, redis_server.url)
    nodes = fleet.start(2, "--limits", "on")
    clients = [fleet.connect(nodes[number % 2], user) for number in range(20)]
    for node in nodes:
        with pytest.raises(Refused) as refused:
            # A node that does not reach Redis, for want of a processor, counts its own alone.
            for _ in range(4):
                Client(node.url, fleet.token(user)).close()
                time.sleep(1)
        assert "429" in refused.value.message and refused.value.data["code"] == "CONNECTION_LIMIT"

    # What a killed node had counts no longer.
    nodes[1].service.kill()
    for _ in range(100):
        try:
            fleet.connect(nodes[0], user)
            break
        except Refused:
            time.sleep(0.2)
    assert nodes[0].metric("moonx_connections") == 11
    for client in clients:
        client.close()
    fleet.stop()


class AuthService:
    """`moonx auth` on a Redis, with a secret that gateways share."""

    def __init__(self, fleet: Fleet, redis_url: str, directory):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token_file = fleet.service_token_file
        self.service = Service(
            "auth", "--host", "127.0.0.1", "--port", self.port, "--data-dir", directory / "auth", "--redis", redis_url,
            "--privy-app-id", "app-1", "--privy-key", privy_key(directory), "--service-token-file", fleet.service_token_file,
            "--jwt-secret-file", fleet.secret_file, "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
        )
        self.service.wait_for(f"{self.url}/health")


def test_a_revocation_ends_connections_on_every_node_within_a_second(redis_server, tmp_path, user, other):
    fleet = Fleet(tmp_path, redis_server.url)
    fleet.start(3, "--limits", "on")
    auth = AuthService(fleet, redis_server.url, tmp_path)
    bystander = fleet.connect(fleet.nodes[1], other)
    for attempt in range(4):
        if attempt:
            time.sleep(1.1)  # Tokens of the second of a revocation are revoked too.
        token = fleet.token(user)
        clients = [fleet.connect(node, user) for node in fleet.nodes]
        done = run("revoke", "--user", user, "--auth-url", auth.url, "--service-token-file", auth.token_file)
        assert done.returncode == 0, done.stderr
        if wait_for(lambda: not any(client.connected for client in clients), "the end of all connections") < 1:
            break  # A machine that stands still has another go.
    else:
        raise AssertionError("connections outlive the revocation by a second, four times")
    for node in fleet.nodes:
        with pytest.raises(Refused) as refused:
            Client(node.url, token)
        assert refused.value.data["code"] == "AUTH_FAILED"
    assert bystander.connected
    # A node that starts later knows of it too, and a token issued afterwards is good.
    late = fleet.start(1, "--limits", "on")[-1]
    with pytest.raises(Refused):
        Client(late.url, token)
    time.sleep(1.1)
    fleet.connect(late, user)
    auth.service.stop()
    fleet.stop()


def test_a_revocation_that_redis_cannot_take_is_told_later(tmp_path, user):
    redis = RedisServer(tmp_path / "redis").start()
    fleet = Fleet(tmp_path, redis.url)
    node = fleet.start(1, "--limits", "on")[0]
    auth = AuthService(fleet, redis.url, tmp_path)
    client = fleet.connect(node, user)
    redis.kill()

    answer = requests.post(
        f"{auth.url}/api/v1/auth/revoke", json={"userId": user}, headers={"Authorization": f"Bearer {fleet.service_token}"}, timeout=60
    )

    assert answer.status_code == 500
    assert client.connected
    redis.start()
    deadline = time.monotonic() + 30
    while client.connected:
        assert time.monotonic() < deadline, "the revocation is lost"
        time.sleep(0.05)
    auth.service.stop()
    fleet.stop()
    redis.stop()
