#!/usr/bin/env python3
"""The stock Python client with `serializer='msgpack'`, against a server of SocketIOTests: msgpack_peer.py <url> websocket|polling

Prints what came of each step; the Swift test that started it compares. Ends non-zero where the client itself is not content.
"""

import queue
import sys

import socketio

url, transport = sys.argv[1:]
LIMIT = 20
events: queue.Queue[tuple] = queue.Queue()
client = socketio.Client(serializer="msgpack", reconnection=False)


@client.on("*")
def anything(name, *arguments):
    events.put((name, *arguments))


@client.event
def question(*arguments):
    return "answer", [*arguments], b"\x01\x02"


@client.event
def disconnect(reason):
    events.put(("disconnect", reason))


client.connect(url, transports=[transport], auth={"token": "good", "raw": b"\x00\xff"}, wait_timeout=LIMIT)
print(events.get(timeout=LIMIT))

arguments = (
    1, -1, 2**63, 0.5, None, True, "é😀", b"\x00\xff", [b"", {"deep": [b"x" * 70_000, {}]}], {"price": "105433.60000", "n": 1e300},
)  # fmt: skip
answer = client.call("echo", arguments, timeout=LIMIT)
assert tuple(answer) == arguments, answer
back = events.get(timeout=LIMIT)
assert back == ("echo", *arguments), back
print("echo")

client.emit("ask")
print(events.get(timeout=LIMIT))

client.emit("bye")
print(events.get(timeout=LIMIT))
client.disconnect()

try:
    refused = socketio.Client(serializer="msgpack", reconnection=False)
    refusals: queue.Queue[object] = queue.Queue()
    refused.on("connect_error", refusals.put)
    refused.connect(url, transports=[transport], auth={"token": "bad"}, wait_timeout=LIMIT)
except socketio.exceptions.ConnectionError:
    print(refusals.get(timeout=LIMIT))
