#!/usr/bin/env python3
"""What the bus between nodes costs: latency through Redis beside in memory, and what a node hears by the rooms that it holds.

    MOONX_BINARY=.build/release/moonx .venv/bin/python scripts/measure-bus.py [--messages 2000] [--rate 100]

Prints two markdown tables. Needs what `scripts/setup.sh test` installs.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests
import websocket

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "EndToEnd"))

from fleet import Fleet  # noqa: E402
from redis_server import RedisServer  # noqa: E402

PATIENCE = 30


class Member:
    """A WebSocket that reads nothing into what comes: its time is the socket's."""

    def __init__(self, node, token: str, rooms: list[str]):
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{node.port}/socket.io/?EIO=4&transport=websocket", timeout=PATIENCE)
        self.socket.recv()
        self.socket.send("40" + json.dumps({"token": token}))
        self._until("authenticated")
        for start in range(0, len(rooms), 100):
            part = rooms[start:start + 100]
            for room in part:
                self.socket.send("42" + json.dumps(["join_room", {"room": room}]))
            for _ in part:
                self._until("room_joined")

    def _until(self, event: str):
        while not self.receive().startswith(f'42["{event}"'):
            pass

    def receive(self) -> str:
        while (text := self.socket.recv()) == "2":
            self.socket.send("3")
        return text

    def close(self):
        self.socket.close()


def latency(fleet, source, target, kind: str, symbol: str, messages: int, rate: int) -> list[float]:
    """Milliseconds from before the POST to the socket, for each message."""
    type_, room = {"price": ("price_update", f"price:{symbol}"), "trade": ("trade_notification", f"trade:{symbol}")}[kind]
    member = Member(target, fleet.token("measure-0001"), [room])
    sent, times = [0.0] * messages, []

    def read():
        while len(times) < messages:
            text = member.receive()
            now = time.perf_counter()
            if f'42["{type_}"' in text:
                times.append((now - sent[json.loads(text[2:])[1]["n"]]) * 1000)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    session = requests.Session()
    session.headers.update({"Content-Type": "application/json", "Authorization": f"Bearer {fleet.service_token}"})
    due = time.perf_counter()
    for number in range(messages):
        body = json.dumps({"type": type_, "symbol": symbol, "data": {"n": number, "price": "105433.60000", "volume": "12.50"}})
        sent[number] = time.perf_counter()
        assert session.post(f"{source.url}/api/v1/events", data=body, timeout=PATIENCE).status_code == 202
        due += 1 / rate
        time.sleep(max(0, due - time.perf_counter()))
    reader.join(PATIENCE)
    assert not reader.is_alive(), f"{len(times)} of {messages} came"
    member.close()
    return sorted(times)


def name(number: int) -> str:
    """A pair that no other number has."""
    letters = ""
    for _ in range(5):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return f"Q{letters}-USDC"


def traffic(directory: Path, redis_url: str, nodes: int, rooms: int, events: int) -> tuple[int, int, int]:
    """Messages published to all rooms, messages that one node received by room, and their bytes."""
    fleet = Fleet(directory, redis_url)
    try:
        fleet.start(nodes)
        members = [
            Member(node, fleet.token("measure-0001"), [f"price:{name(index * rooms + room)}" for room in range(rooms)])
            for index, node in enumerate(fleet.nodes)
        ]
        first = fleet.nodes[0]
        metrics = ('moonx_bus_messages_received_total{way="room"}', "moonx_bus_received_bytes_total")
        before = [first.metric(metric) for metric in metrics]
        for _ in range(events):
            for start in range(0, nodes * rooms, 500):
                numbers = range(start, min(start + 500, nodes * rooms))
                envelopes = [{"type": "price_update", "symbol": name(number), "data": {"price": "105433.60000"}} for number in numbers]
                assert fleet.nodes[-1].publish(*envelopes).status_code == 202
        deadline = time.monotonic() + PATIENCE
        while first.metric(metrics[0]) - before[0] < rooms * events and time.monotonic() < deadline:
            time.sleep(0.05)
        received, volume = (int(first.metric(metric) - old) for metric, old in zip(metrics, before))
        for member in members:
            member.close()
        return nodes * rooms * events, received, volume
    finally:
        fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=100, help="a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        server = RedisServer(directory / "redis").start()
        try:
            print(f"| {options.messages} events, {options.rate} a second | p50, ms | p99, ms |\n| --- | ---: | ---: |")
            alone = Fleet(directory, None)
            alone.start(1)
            shared = Fleet(directory, server.url)
            shared.start(2)
            rows = [
                ("in memory", alone, 0, 0, "price"), ("in memory", alone, 0, 0, "trade"),
                ("Redis, the same node", shared, 0, 0, "price"), ("Redis, another node", shared, 0, 1, "price"),
                ("Redis, the same node", shared, 0, 0, "trade"), ("Redis, another node", shared, 0, 1, "trade"),
            ]
            for index, (label, fleet, source, target, kind) in enumerate(rows):
                times = latency(
                    fleet, fleet.nodes[source], fleet.nodes[target], kind, name(20_000 + index), options.messages, options.rate,
                )
                way = "" if fleet is alone else ", publish/subscribe" if kind == "price" else ", stream"
                print(f"| {kind}: {label}{way} | {times[len(times) // 2]:.2f} | {times[int(len(times) * 0.99)]:.2f} |", flush=True)
            alone.stop()
            shared.stop()
            print("\n| nodes | rooms of each | published, all rooms | received by one node | bytes |\n| ---: | ---: | ---: | ---: | ---: |")
            for rooms in (10, 1000):
                for nodes in (1, 2, 4):
                    published, received, volume = traffic(directory, server.url, nodes, rooms, 5)
                    print(f"| {nodes} | {rooms} | {published} | {received} | {volume} |", flush=True)
        finally:
            server.stop()


main()
