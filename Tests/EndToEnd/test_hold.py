"""`moonx bench hold` and `moonx bench feed`, small: connections over two gateways on one Redis, judged by what they prove."""

import json
import time

import pytest

from fleet import Fleet
from redis_server import RedisServer
from services import Service, run

CONNECTIONS, ROOMS = 50, 10
USERS = 10


@pytest.fixture
def redis_server(tmp_path):
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.stop()


@pytest.fixture
def fleet(redis_server, tmp_path):
    fleet = Fleet(tmp_path, redis_server.url)
    fleet.start(2)
    yield fleet
    fleet.stop()


@pytest.fixture
def holders(fleet, tmp_path):
    """Two processes that hold half of the connections each, all of them in."""
    tokens = tmp_path / "tokens"
    tokens.write_text("\n".join(fleet.token(f"holding-user-{number}") for number in range(USERS)))
    holders = []

    def start(*flags):
        for number in range(2):
            ready = tmp_path / f"ready-{number}"
            urls = [flag for node in fleet.nodes for flag in ("--url", node.url)]
            holders.append(Service(
                "bench", "hold", *urls, "--connections", CONNECTIONS, "--first", number * CONNECTIONS, "--rooms", ROOMS, "--token-file", tokens,
                "--source", f"127.0.0.{number + 2}", "--ready-file", ready, "--seconds", 60, "--json", *flags,
            ))
        deadline = time.monotonic() + 60
        while not all((tmp_path / f"ready-{number}").exists() for number in range(2)):
            assert time.monotonic() < deadline and all(holder.running for holder in holders), [holder.lines for holder in holders]
            time.sleep(0.02)
        return holders

    yield start
    for holder in holders:
        if holder.running:
            holder.kill()


def figures_of(process) -> dict:
    return json.loads(process.expect_line('{"measurement"'))


def feed(redis_server, *flags, rooms=ROOMS):
    done = run("bench", "feed", "--redis", redis_server.url, "--rooms", rooms, "--rate", 50, "--alert-every", 0.5, "--json", *flags, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_connection_of_both_processes_gets_everything(fleet, redis_server, holders):
    processes = holders()
    # A room is spread over both gateways.
    assert [node.metric('moonx_sessions{transport="websocket"}') for node in fleet.nodes] == [CONNECTIONS, CONNECTIONS]
    assert [node.metric("moonx_rooms_with_members") >= ROOMS for node in fleet.nodes] == [True, True]

    published = feed(redis_server, "--seconds", 3)

    assert (published["prices"], published["alerts"]) == (150, 7)
    for process in processes:
        figures = figures_of(process)
        assert process.wait() == 0, figures
        assert (figures["pricesPublished"], figures["alertsPublished"]) == (150, 7)
        assert figures["pricesFewest"] == figures["pricesMost"] == 15 and figures["alertsFewest"] == figures["alertsMost"] == 7
        assert (figures["prices"], figures["alerts"]) == (CONNECTIONS * 15, CONNECTIONS * 7)
        assert [figures[name] for name in ("lost", "repeated", "outOfSequence", "conflated", "ended", "unfinished")] == [0] * 6
        assert 0 < figures["priceP50"] <= figures["priceP99"] and 0 < figures["alertP50"] <= figures["alertP99"]


def test_what_is_missing_is_found(fleet, redis_server, holders):
    # A proof that could not fail would prove nothing: nobody publishes number 1.
    processes = holders("--grace", 10)
    redis_server.client.publish("moonx:events:all", json.dumps(alert(0)))
    redis_server.client.publish("moonx:events:all", json.dumps(alert(2, prices=0)))

    for process in processes:
        figures = figures_of(process)
        assert figures["lost"] == figures["unfinished"] == CONNECTIONS
        assert process.wait() == 1
        process.expect_line("Error: ", f"{CONNECTIONS} events are lost")


def test_a_connection_that_ends_is_found(fleet, redis_server, holders):
    processes = holders("--grace", 10)
    fleet.nodes[0].service.kill()

    feed(redis_server, "--seconds", 1)

    for process in processes:
        figures = figures_of(process)
        assert figures["ended"] == figures["unfinished"] == CONNECTIONS / 2
        assert process.wait() == 1
        process.expect_line("Error: ", "a connection ended")


def alert(number: int, **members) -> dict:
    return {"type": "system_alert", "data": {"message": "A test is running", "severity": "info", "n": number, "due": 0, **members}}
