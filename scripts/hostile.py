#!/usr/bin/env python3
"""Measures what hostile input does to a server and to its neighbours: scripts/hostile.py [seconds for each item, 5 unless told] [item…]

Starts the conformance server (HOSTILE_SERVER, else the release build in Examples, else the debug build) on two event loops. Eight senders
repeat each item as fast as they can, at a lower priority than all else; a neighbour meanwhile asks for one echo after the other. Told
for each item: what it was answered with, the server's resident memory before, at its highest and after, and the neighbour's latency, which
is to be compared with that of the row `valid`: as many good sessions.

Ends non-zero where the server ended, a neighbour's echo was lost, or memory stayed more than 8 MiB above what it was.
"""

import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVERS = [ROOT / f"Examples/.build/{kind}/ConformanceServer" for kind in ("release", "debug")]
SENDERS, PATIENCE, STAYS = 8, 30, 8 << 20
POLLING = "/socket.io/?EIO=4&transport=polling"
UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(payload, opcode: int = 1, claimed: int | None = None) -> bytes:
    """A masked frame, the mask zero."""
    payload = payload.encode() if isinstance(payload, str) else payload
    length = len(payload) if claimed is None else claimed
    if length < 126:
        head = bytes([0x80 | length])
    elif length < 65_536:
        head = b"\xfe" + length.to_bytes(2, "big")
    else:
        head = b"\xff" + length.to_bytes(8, "big")
    return bytes([0x80 | opcode]) + head + bytes(4) + payload


class Peer:
    """A TCP connection to the server."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, data):
        try:
            self._socket.sendall(data.encode() if isinstance(data, str) else data)
        except OSError:
            pass  # Closed by the server in the middle of it: what it said is read.

    def _more(self) -> bool:
        try:
            data = self._socket.recv(65_536)
        except OSError:
            return False
        self._rest += data
        return bool(data)

    def answer(self) -> tuple[str, bytes]:
        """Status and body of an HTTP answer; `closed` where there is none."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return "closed", b""
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        while len(self._rest) < length and self._more():
            pass
        body, self._rest = self._rest[:length], self._rest[length:]
        return head[9:12].decode(), body

    def message(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; 8 where the connection has ended."""
        while True:
            if len(self._rest) >= 2:
                length, start = self._rest[1], 2
                if length > 125:
                    start = 4 if length == 126 else 10
                    length = int.from_bytes(self._rest[2:start], "big") if len(self._rest) >= start else 1 << 62
                if len(self._rest) >= start + length:
                    opcode, payload = self._rest[0] & 15, self._rest[start:start + length]
                    self._rest = self._rest[start + length:]
                    return opcode, payload
            if not self._more():
                return 8, b"gone"

    def end(self) -> str:
        """Reads on until the server closes; how it did."""
        while True:
            opcode, payload = self.message()
            if opcode == 8:
                self.close()
                if payload == b"gone":
                    return "closed"
                return f"close {int.from_bytes(payload[:2], 'big')}" if payload else "close"

    def close(self):
        self._socket.close()


def websocket(port: int) -> Peer:
    """Connected to the namespace `/`, its welcome read."""
    peer = Peer(port)
    peer.send(UPGRADE % "")
    assert peer.answer()[0] == "101"
    peer.send(frame("40"))
    while not peer.message()[1].startswith(b'42["welcome"'):
        pass
    return peer


def polling(port: int) -> tuple[Peer, str]:
    peer = Peer(port)
    peer.send(f"GET {POLLING} HTTP/1.1\r\nHost: x\r\n\r\n")
    return peer, json.loads(peer.answer()[1][1:])["sid"]


def post(sid: str, body: bytes, length: int | None = None) -> bytes:
    return f"POST {POLLING}&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def sends(*frames):
    """An item that sends these frames on a WebSocket that is connected."""

    def item(port: int) -> str:
        peer = websocket(port)
        for data in frames:
            peer.send(data)
        return peer.end()

    return item


def posts(body: bytes, length: int | None = None, isEnded: bool = False):
    """An item that posts this body, and ends its session."""

    def item(port: int) -> str:
        peer, sid = polling(port)
        liar = Peer(port)
        liar.send(post(sid, body, length))
        if isEnded:
            liar._socket.shutdown(socket.SHUT_WR)
        status = liar.answer()[0]
        liar.close()
        peer.send(post(sid, b"1"))
        peer.answer()
        peer.close()
        return status

    return item


def valid(port: int) -> str:
    peer = websocket(port)
    peer.send(frame('420["echo",1]') + frame("41") + frame(b"\x03\xe8", 8))
    return peer.end()


def header_flood(port: int) -> str:
    peer = Peer(port)
    peer.send(f"GET {POLLING} HTTP/1.1\r\nHost: x\r\n" + ("X-Flood: " + "a" * 200 + "\r\n") * 1_000)
    status = peer.answer()[0]
    peer.close()
    return status


def pipelined(port: int) -> str:
    peer, sid = polling(port)
    peer.send(post(sid, b"3") * 500 + post(sid, b"1"))
    answers = Counter(peer.answer()[0] for _ in range(501))
    peer.close()
    return " ".join(sorted(answers))


def overlapping_polls(port: int) -> str:
    peer, sid = polling(port)
    other = Peer(port)
    for connection in (peer, other):
        connection.send(f"GET {POLLING}&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n")
    answers = sorted([peer.answer()[0], other.answer()[0]])
    peer.close(), other.close()
    return " ".join(answers)


def probe_of_nobody(port: int) -> str:
    peer = Peer(port)
    peer.send(UPGRADE % "&sid=AAabcdefghijklmnopqr")
    peer.send(frame("2probe"))
    status = peer.answer()[0]
    peer.close()
    return status


def two_upgrades(port: int) -> str:
    poller, sid = polling(port)
    probes = [Peer(port), Peer(port)]
    for probe in probes:
        probe.send((UPGRADE % f"&sid={sid}").encode())
    for probe in probes:
        assert probe.answer()[0] == "101"
        probe.send(frame("2probe"))
    said = sorted(message[1].decode() if message[0] == 1 else "closed" for message in (probe.message() for probe in probes))
    poller.send(post(sid, b"1"))
    for peer in [poller, *probes]:
        peer.close()
    return " ".join(said)


def slow_headers(port: int) -> str:
    """100 connections at once, each a byte a second, until the server has had enough."""
    head = f"GET {POLLING} HTTP/1.1\r\nHost: x\r\n".encode()
    peers = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(100)]
    start, ended = time.monotonic(), 0
    for peer in peers:
        peer.setblocking(False)
    while peers and time.monotonic() - start < 4 * PATIENCE:
        for peer in list(peers):
            try:
                if peer.recv(100) == b"":
                    raise ConnectionResetError
            except BlockingIOError:
                try:
                    peer.send(head[round(time.monotonic() - start):][:1])
                except OSError:
                    pass
            except OSError:
                peer.close()
                peers.remove(peer)
                ended += 1
        time.sleep(1)
    return f"closed after {round(time.monotonic() - start, -1):.0f} s" if not peers else "still open"


DEEP = '42["echo",' + "[" * 90_000 + "]" * 90_000 + "]"
ITEMS = {
    "valid": valid,
    "truncated frame": lambda port: (lambda peer: (peer.send(frame("4half", claimed=500_000)), peer.close(), "gone"))(websocket(port))[2],
    "truncated body": posts(b"4a", length=100_000, isEnded=True),
    "oversized frame": sends(frame(b"4", claimed=1 << 40)),
    "oversized message": sends(frame("4" * 1_000_001)),
    "oversized body": posts(b"4" * 1_000_001),
    "deeply nested": sends(frame(DEEP)),
    "wrong UTF-8": sends(frame(b"4\xc0\x80")),
    "wrong UTF-8 in a body": posts(b"4\xc0\x80"),
    "too many attachments": sends(frame('4511-["echo"]')),
    "attachments missing": sends(frame('452-["echo",{"_placeholder":true,"num":0}]'), frame(b"\1", 2), frame('42["echo"]')),
    "attachment of nothing": sends(frame(b"\1", 2)),
    "huge ack id": sends(frame('42' + "9" * 100_000 + '["echo"]')),
    "header flood": header_flood,
    "pipelined polling": pipelined,
    "overlapping polls": overlapping_polls,
    "probe without session": probe_of_nobody,
    "two upgrades": two_upgrades,
    "slow headers": slow_headers,
}


def sender(name: str, port: int, until: float, answers):
    os.nice(10)
    counts: Counter[str] = Counter()
    while time.monotonic() < until:
        counts[ITEMS[name](port)] += 1
    answers.put(counts)


def neighbour(port: int, stop, latencies):
    """One echo after the other, by ack; latencies in ms."""
    peer = websocket(port)
    measured, number = [], 0
    while not stop.is_set():
        number += 1
        start = time.perf_counter()
        peer.send(frame(f'42{number}["echo",{number}]'))
        while (message := peer.message())[1] != f"43{number}[{number}]".encode():
            if message[0] == 8:
                return latencies.put(None)
            if message[1] == b"2":
                peer.send(frame("3"))
        measured.append((time.perf_counter() - start) * 1_000)
        time.sleep(0.001)
    peer.close()
    latencies.put(measured)


def resident(pid: int, key: str = "VmRSS") -> int:
    return next(int(line.split()[1]) << 10 for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(key))


def measure(name: str, port: int, pid: int, seconds: float):
    """Answers, latencies of the neighbour, and the memory at its highest."""
    stop, latencies, answers = multiprocessing.Event(), multiprocessing.Queue(), multiprocessing.Queue()
    near = multiprocessing.Process(target=neighbour, args=(port, stop, latencies))
    near.start()
    until = time.monotonic() + seconds
    senders = [multiprocessing.Process(target=sender, args=(name, port, until, answers)) for _ in range(SENDERS if name else 0)]
    for process in senders:
        process.start()
    highest, counts = 0, Counter()
    while time.monotonic() < until or any(process.is_alive() for process in senders):
        highest = max(highest, resident(pid))
        time.sleep(0.02)
        while not answers.empty():
            counts += answers.get()
    stop.set()
    measured = latencies.get(timeout=2 * PATIENCE)
    near.join()
    while not answers.empty():
        counts += answers.get()
    return counts, measured, highest


def main() -> int:
    arguments = sys.argv[1:]
    seconds = float(arguments.pop(0)) if arguments and arguments[0].replace(".", "").isdigit() else 5
    if unknown := [name for name in arguments if name not in ITEMS]:
        sys.exit(f"no such item: {', '.join(unknown)}; there are {', '.join(ITEMS)}")
    server = Path(os.environ.get("HOSTILE_SERVER") or next((path for path in SERVERS if path.exists()), SERVERS[0]))
    if not server.exists():
        sys.exit(f"{server} is not there: swift build -c release --package-path Examples --product ConformanceServer")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([server, "python", "2", str(port)], stdout=subprocess.DEVNULL)
    wrong = []
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        print(f"{server.parent.name} build, {seconds:g} s each, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("| item | times | answered with | memory before, highest, after (MiB) | neighbour p50, p99 (ms) |\n| --- | --- | --- | --- | --- |")
        chosen = arguments or list(ITEMS)
        # Allocators keep what a first round made them take: each item is warmed up before it counts.
        for name in ["", *chosen]:
            if name and name != "slow headers":
                measure(name, port, process.pid, max(1, seconds / 4))
            before = resident(process.pid)
            counts, latencies, highest = measure(name, port, process.pid, seconds)
            after, deadline = resident(process.pid), time.monotonic() + 10
            while after > before + STAYS and time.monotonic() < deadline:
                time.sleep(0.1)
                after = resident(process.pid)
            if latencies is None:
                wrong.append(f"{name}: the neighbour was closed")
                latencies = [0]
            if after > before + STAYS:
                wrong.append(f"{name}: {after - before >> 20} MiB stay")
            latencies.sort()
            p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
            told = ", ".join(f"{answer} ({count})" if len(counts) > 1 else answer for answer, count in counts.most_common())
            memory = ", ".join(f"{value / (1 << 20):.1f}" for value in (before, highest, after))
            print(f"| {name or 'nothing'} | {counts.total()} | {told} | {memory} | {p50:.2f}, {p99:.2f} |", flush=True)
        if process.poll() is not None:
            wrong.append(f"the server ended with status {process.returncode}")
    finally:
        process.kill()
        process.wait()
    for line in wrong:
        print(line)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
