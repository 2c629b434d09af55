"""Notifications that are published while no gateway runs: they wait for their users, and come once."""

import json
import uuid

import pytest

from fleet import Fleet
from load import wait_for
from redis_server import RedisCluster, RedisServer
from services import run

STREAM = "moonx:stream:notification"


@pytest.fixture(params=[RedisServer, RedisCluster], ids=["server", "cluster"])
def redis_server(request, tmp_path):
    server = request.param(tmp_path / "redis").start()
    yield server
    server.stop()


@pytest.fixture
def fleet(redis_server, tmp_path):
    fleet = Fleet(tmp_path, redis_server.url)
    yield fleet
    fleet.stop()


def start(fleet):
    """One more node, to whose pings no device gives an answer that would say what it has."""
    fleet.start(1, "--ping-interval", "300s")
    return fleet.nodes[-1]


def end(fleet, by):
    by(fleet.nodes.pop().service)


def had(fleet, user):
    """A device that comes now, and what was kept for it."""
    device = fleet.connect(fleet.nodes[-1], user)
    # Answered behind what is kept.
    assert device.ask("received", {"ids": []})["ok"] is True
    return device, device.all("notification")


def publish(redis_server, user, title, *flags):
    done = run(
        "publish", "notification", "--user", user, "--data", json.dumps({"title": title}), "--redis", redis_server.url, *flags
    )
    assert done.returncode == 0, done.stderr


def test_what_is_published_while_no_node_runs_comes_once(fleet, redis_server, user):
    node = start(fleet)
    device, _ = had(fleet, user)
    assert node.publish({"type": "notification", "userId": user, "id": "seen", "data": {"title": "seen"}}).status_code == 202
    device.expect("notification", id="seen")
    assert device.ask("received", {"ids": ["seen"]})["ok"] is True
    device.close()
    wait_for(lambda: redis_server.cli("GET", f"{STREAM}:read"), "the note of how far was read")
    end(fleet, lambda service: service.stop())

    # With the same id once more, as where the publisher has had no answer; and by hand, without id and time.
    for _ in range(2):
        publish(redis_server, user, "missed", "--id", "missed")
    redis_server.cli("XADD", STREAM, "*", "event", json.dumps({"type": "notification", "userId": user, "data": {"title": "by hand"}}))

    start(fleet)
    device, first = had(fleet, user)
    assert [(item["title"], item["offline"]) for item in first] == [("missed", True), ("by hand", True)]
    assert first[0]["id"] == "missed"
    device.close()
    end(fleet, lambda service: service.kill())

    # Nobody has them yet: they come again, and no second copy of them.
    start(fleet)
    device, second = had(fleet, user)
    assert second == first
    assert device.ask("received", {"ids": [item["id"] for item in first]})["ok"] is True
    device.close()

    # Also a node that does not know how far others have read shows nothing twice.
    for is_known in (True, False):
        end(fleet, lambda service: service.stop())
        if not is_known:
            redis_server.cli("DEL", f"{STREAM}:read")
        start(fleet)
        device, none = had(fleet, user)
        assert none == []
        device.close()


def test_what_a_node_did_not_read_before_it_was_killed_is_read_by_the_next(fleet, redis_server, user):
    node = start(fleet)
    # It stands still: whatever Redis has sent it, it does nothing with it.
    node.service.freeze()
    publish(redis_server, user, "late", "--id", str(uuid.uuid4()))
    end(fleet, lambda service: service.kill())

    start(fleet)
    device, kept = had(fleet, user)
    assert [item["title"] for item in kept] == ["late"]

    # From here on it is as ever.
    publish(redis_server, user, "new")
    assert "offline" not in device.expect("notification", title="new")
    assert len(device.all("notification")) == 2


def test_a_node_that_joins_others_tells_nothing_again(fleet, redis_server, user):
    first = start(fleet)
    device = fleet.connect(first, user)
    assert device.ask("received", {"ids": []})["ok"] is True
    titles = [str(number) for number in range(30)]
    for title in titles:
        publish_by_hand(redis_server, user, title)
    for title in titles:
        device.expect("notification", title=title)

    second = start(fleet)
    beside = fleet.connect(second, user)
    assert beside.ask("received", {"ids": [item["id"] for item in device.all("notification")]})["ok"] is True
    third = start(fleet)
    after = fleet.connect(third, user)
    assert after.ask("received", {"ids": []})["ok"] is True
    publish(redis_server, user, "end")
    for client in (device, beside, after):
        client.expect("notification", title="end")
    assert [item["title"] for item in device.all("notification")] == [*titles, "end"]
    assert [item["title"] for item in beside.all("notification")] == [*titles, "end"]
    assert [item["title"] for item in after.all("notification")] == ["end"]


def publish_by_hand(redis_server, user, title):
    envelope = {"type": "notification", "userId": user, "id": title, "timestamp": 1, "data": {"title": title}}
    redis_server.cli("XADD", STREAM, "*", "event", json.dumps(envelope))
