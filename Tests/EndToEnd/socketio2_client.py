"""A client of Socket.IO 2, run in a Python of its own: `socketio2_client.py URL TRANSPORTS ROOM [TOKEN]`.

Joins the room and writes what happens to standard output, one JSON array a line: `["event", argument, …]`. Ends when its standard input
does.
"""

import json
import sys
import threading

import engineio
import socketio

url, transports, room = sys.argv[1:4]
headers = {"Authorization": f"Bearer {sys.argv[4]}"} if len(sys.argv) > 4 else {}
client = socketio.Client(reconnection=False, request_timeout=30)
writing = threading.Lock()


def say(*line):
    with writing:
        print(json.dumps(line), flush=True)


def listen(event):
    client.on(event, lambda *arguments: say(event, *arguments))


for event in ("connected", "authenticated", "room_joined", "price_update", "pong", "error", "connect_error", "disconnect"):
    listen(event)


@client.event
def connect():
    say("connect", client.sid)
    client.emit("join_room", {"room": room}, callback=lambda *arguments: say("ack", *arguments))


say("versions", socketio.__version__, engineio.__version__)
client.connect(url, headers=headers, transports=transports.split(","))
for line in sys.stdin:
    # A command from the test: an event to send, or the transport to tell.
    if line.strip() == "transport":
        say("transport", client.transport())
    else:
        client.emit(*json.loads(line))
client.disconnect()
