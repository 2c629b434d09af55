"""The stock Python clients (python-socketio: threads, asyncio) against the libraries, over each transport."""

import asyncio
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import socketio

from official_client import LibraryServer

LIMIT = 30
# These clients give up a request after 5 s unless told: on a machine that does much else, a debug build needs longer for a megabyte.
PATIENCE = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.5, "request_timeout": LIMIT}


@pytest.fixture(scope="module")
def library_server():
    server = LibraryServer("python").start()
    yield server
    server.kill()


def in_order(client):
    """The library has a thread for each message, so that bytes may overtake the packet that they belong to."""
    worker, trigger = ThreadPoolExecutor(1), client.eio._trigger_event

    def handle(event, *values, run_async=False, **options):
        if run_async:
            return worker.submit(trigger, event, *values, run_async=False, **options)
        return trigger(event, *values, run_async=False, **options)

    client.eio._trigger_event = handle
    return client


def patient(kind):
    """A client of this kind that waits for the namespace as long as it does elsewhere, also when it comes back by itself."""

    class Patient(kind):
        def connect(self, *values, **options):
            return super().connect(*values, **{"wait_timeout": LIMIT, **options})

    return Patient


class Threads:
    """`socketio.Client`, whose events wait in a queue."""

    def __init__(self, **options):
        self._client = in_order(patient(socketio.Client)(**PATIENCE, **options))
        self._events: queue.Queue[tuple] = queue.Queue()
        self._client.on("*", lambda name, *values: self._events.put((name, *values)))
        for name in ("connect", "connect_error", "disconnect"):
            self._client.on(name, lambda *values, name=name: self._events.put((name, *values)))
        self._client.on("question", lambda *_: ("answer", b"\x01\x02"))

    def connect(self, url, transports, auth=None, namespaces=None):
        self._client.connect(url, transports=transports, auth=auth, namespaces=namespaces)

    def ask(self, name, *values, namespace=None):
        return self._client.call(name, values, namespace=namespace, timeout=LIMIT)

    def emit(self, name, *values):
        self._client.emit(name, values)

    def expect(self, name):
        """The next event of this name; those before it are dropped."""
        while True:
            event = self._events.get(timeout=LIMIT)
            if event[0] == name:
                return event

    @property
    def transport(self):
        return self._client.transport()

    def close(self):
        self._client.disconnect()


class Asyncio(Threads):
    """`socketio.AsyncClient` on a loop of its own."""

    def __init__(self, **options):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._events = queue.Queue()
        self._run(self._open(options))

    async def _open(self, options):
        self._client = patient(socketio.AsyncClient)(**PATIENCE, **options)
        self._client.on("*", lambda name, *values: self._events.put((name, *values)))
        for name in ("connect", "connect_error", "disconnect"):
            self._client.on(name, lambda *values, name=name: self._events.put((name, *values)))
        self._client.on("question", lambda *_: ("answer", b"\x01\x02"))

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * LIMIT)

    def connect(self, url, transports, auth=None, namespaces=None):
        self._run(self._client.connect(url, transports=transports, auth=auth, namespaces=namespaces))

    def ask(self, name, *values, namespace=None):
        return self._run(self._client.call(name, values, namespace=namespace, timeout=LIMIT))

    def emit(self, name, *values):
        self._run(self._client.emit(name, values))

    def close(self):
        self._run(self._client.disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT)


@pytest.fixture(params=["polling", "websocket", "polling websocket"], ids=["polling", "websocket", "both"])
def transports(request):
    return request.param.split()


@pytest.fixture(params=[Threads, Asyncio], ids=["threads", "asyncio"])
def make(request):
    clients = []

    def make(**options):
        clients.append(request.param(**options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make, library_server, transports):
    client = make(reconnection=False)
    client.connect(library_server.url, transports, auth={"name": "alice"}, namespaces=["/"])
    assert client.expect("welcome")[-1] == {"name": "alice", "recovered": False}
    return client


def test_connects_over_the_transport(client, transports):
    # This client waits for the upgrade.
    assert client.transport == transports[-1]


def test_values_and_bytes_both_ways(client):
    values = (1, -(2**53), 0.5, None, True, "é😀", b"\x00\xff", [b"", {"deep": [b"x" * 70_000, {}]}], {"price": "105433.60000"})
    assert tuple(client.ask("echo", *values)) == values
    assert client.expect("echo")[1:] == values


def test_acks_both_ways(client):
    assert client.ask("ask me") == ("answer", b"\x01\x02")
    client.emit("ask within", 30_000)
    assert client.expect("outcome")[-1]["outcome"] == "answered 2"


@pytest.mark.parametrize("size", [100_000, 749_900])
def test_large_payloads_both_ways(client, size):
    """The larger is just under `maxPayload` in base64, with its packet: this client sends both in one body."""
    raw = bytes(index * 31 & 255 for index in range(size))
    assert client.ask("echo", raw) == raw
    text = "x" * size
    assert client.ask("echo", text) == text


def test_namespaces_at_once(make, library_server, transports):
    client = make(reconnection=False)
    client.connect(library_server.url, transports, namespaces=["/", "/chat", "/room-7"])
    assert [client.ask("echo", number, namespace=name) for number, name in enumerate(["/", "/chat", "/room-7"])] == [0, 1, 2]


def test_an_unknown_namespace_and_a_refusal(make, library_server, transports):
    for options, refusal in (
        ({"namespaces": ["/none"]}, None),
        ({"namespaces": ["/"], "auth": {"token": "bad"}}, {"message": "401 who are you", "data": {"code": "AUTH_FAILED"}}),
    ):
        client = make(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(library_server.url, transports, **options)
        if refusal:
            assert client.expect("connect_error")[1:] == (refusal,)


def test_told_to_leave_it_is_gone(client):
    client.emit("leave")
    assert client.expect("disconnect")[1:] in [(), ("server disconnect",)]


def test_comes_back_by_itself_after_the_server_was_killed(make, transports):
    server = LibraryServer("python").start()
    try:
        client = make()
        client.connect(server.url, transports, namespaces=["/"])
        client.expect("welcome")
        server.kill()
        client.expect("disconnect")
        server.start()
        assert client.expect("welcome")[-1]["recovered"] is False
        assert client.ask("echo", 2) == 2
    finally:
        server.kill()
