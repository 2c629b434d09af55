"""Engine.IO by hand: what really stands in the frames, before any library has parsed it."""

import json
import socket
import time
from urllib.parse import urlencode, urlsplit

import websocket

PATIENCE = 30


class RawSocket:
    """A WebSocket on which the test writes and reads packets as text."""

    def __init__(self, url: str, query: dict | None = None, source: str | None = None, headers: dict | None = None,
                 receive_buffer: int | None = None):
        """`source` is the address of ours that it comes from, `receive_buffer` what the kernel takes in while the test does not read."""
        parameters = urlencode({"EIO": 4, "transport": "websocket", **(query or {})})
        address = url.replace("http", "ws", 1) + f"/socket.io/?{parameters}"
        options = {"timeout": PATIENCE, "header": headers or {}}
        if source:
            end = urlsplit(url)
            options["socket"] = socket.create_connection((end.hostname, end.port), PATIENCE, source_address=(source, 0))
        if receive_buffer:
            options["sockopt"] = [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)]
        self._socket = websocket.create_connection(address, **options)
        self.open_packet = self._read()

    def send(self, packet: str):
        self._socket.send(packet)

    def connect(self, token: str, **auth) -> dict:
        """Joins the namespace `/`, and answers what the server says to that."""
        self.send("40" + json.dumps({"token": token, **auth}))
        return json.loads(self.expect("40{")[2:])

    def emit(self, event: str, *arguments):
        self.send("42" + json.dumps([event, *arguments]))

    def expect(self, prefix: str) -> str:
        """The next packet that starts with this; heartbeats are answered, others are skipped."""
        deadline = time.monotonic() + PATIENCE
        skipped = []
        while time.monotonic() < deadline:
            packet = self._read()
            if packet.startswith(prefix):
                return packet
            if packet == "2":
                self.send("3")
            skipped.append(packet)
        raise AssertionError(f"no packet {prefix}… within {PATIENCE} s; received: {skipped[-20:]}")

    def events(self):
        """What comes, as `[name, payload, …]`, until the server closes; heartbeats are answered, acks skipped."""
        while True:
            try:
                packet = self._socket.recv()
            except (websocket.WebSocketConnectionClosedException, ConnectionError):
                return
            if packet == "2":
                self.send("3")
            elif packet.startswith("42"):
                yield json.loads(packet[2:])
            elif not packet:
                return

    def is_closed_by_server(self) -> bool:
        try:
            while True:
                if self._socket.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE:
                    return True
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True
        except websocket.WebSocketTimeoutException:
            return False

    def _read(self) -> str:
        packet = self._socket.recv()
        assert isinstance(packet, str), packet
        return packet

    def close(self):
        self._socket.close()
