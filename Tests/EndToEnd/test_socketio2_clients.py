"""Clients of Socket.IO 2, over Engine.IO protocol 3: python-socketio 4, in a process of its own."""

import json
import queue
import subprocess
import threading

import pytest

from gateway import ROOT, Gateway

PYTHON = ROOT / ".cache/socketio2/bin/python"
SCRIPT = ROOT / "Tests/EndToEnd/socketio2_client.py"
PATIENCE = 30
# As soon as it is told to disconnect the library writes no more. Where it has not written its last packet by then, which says that the session is
# over, its last poll ends by the library's own time-out, 5 s after a ping interval.
ENDS_WITHIN = 45


class OldClient:
    def __init__(self, gateway, transports, room, token=None):
        assert PYTHON.exists(), f"{PYTHON} is not there: run `scripts/setup.sh test`, which installs it"
        self._process = subprocess.Popen(
            [PYTHON, SCRIPT, gateway.url, transports, room] + ([token] if token else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self._lines = queue.Queue()
        self.transcript = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def expect(self, event):
        """The arguments of the next line of this event; lines before it are only remembered."""
        while True:
            line = self._next(event)
            self.transcript.append(line)
            if line.startswith("["):
                name, *arguments = json.loads(line)
                if name == event:
                    return arguments

    def remembered(self, *events):
        """The first argument of these events, by name, in whatever order they come: the library starts a thread for each."""
        while True:
            lines = [json.loads(line) for line in self.transcript if line.startswith('["')]
            arguments = {name: rest[0] for name, *rest in lines if name in events}
            if len(arguments) == len(events):
                return arguments
            self.transcript.append(self._next(" and ".join(events)))

    def _next(self, event):
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no {event} within {PATIENCE} s; said: {self.transcript}") from None
        if line is None:
            raise AssertionError(f"it ended before {event}; said: {self.transcript}")
        return line

    def command(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def close(self):
        self._process.stdin.close()
        try:
            return self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"the client does not end; said: {self.transcript}") from None

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def old_gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), "--allow-eio3", "--no-feed").start()
    yield gateway
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def old_client():
    started = []

    def start(*arguments):
        started.append(OldClient(*arguments))
        return started[-1]

    yield start
    for client in started:
        client.kill()


@pytest.mark.parametrize("transports, used", [("polling", "polling"), ("websocket", "websocket"), ("polling,websocket", "websocket")])
def test_a_price_reaches_it(old_gateway, old_client, connect, user, symbol, transports, used):
    client = old_client(old_gateway, transports, f"price:{symbol}", old_gateway.token(user))
    modern = connect(user, to=old_gateway)
    modern.join(f"price:{symbol}")

    assert client.expect("versions") == ["4.6.1", "3.14.2"]
    assert client.expect("connect")[0]
    assert client.expect("ack")[0]["ok"] is True
    old_gateway.publish_price(symbol, "1.10")
    price = client.expect("price_update")[0]

    assert (price["symbol"], price["price"]) == (symbol, "1.10")
    assert modern.expect("price_update", price="1.10") == price
    client.command("transport")
    assert client.expect("transport") == [used]
    assert client.close() == 0, client.transcript


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_it_is_greeted(old_gateway, old_client, user, symbol, transport):
    client = old_client(old_gateway, transport, f"price:{symbol}", old_gateway.token(user))

    sid = client.expect("connect")[0]
    assert client.expect("room_joined")[0]["room"] == f"price:{symbol}"
    client.command('["ping", {"timestamp": "é😀"}]')

    assert client.expect("pong")[0]["clientTimestamp"] == "é😀"
    greeting = client.remembered("connected", "authenticated")
    assert greeting["connected"]["connectionId"] == sid
    assert greeting["authenticated"]["user"]["id"] == user
    assert client.close() == 0, client.transcript


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize("token, reason", [("not.a.token", "401"), (None, "401")])
def test_a_wrong_token_is_refused(old_gateway, old_client, symbol, transport, token, reason):
    client = old_client(old_gateway, transport, f"price:{symbol}", token)

    error = client.expect("connect_error")

    assert error[0].startswith(reason), error
    assert not any('"ack"' in line for line in client.transcript)


def test_a_token_in_the_url_is_not_read(old_gateway, user):
    answer = old_gateway.get(f"/socket.io/?EIO=3&transport=polling&b64=1&token={old_gateway.token(user)}")
    sid = answer.text.split('"sid":"')[1][:20]
    refusal = answer.text if "44" in answer.text.split("}", 1)[1] else old_gateway.get(f"/socket.io/?EIO=3&transport=polling&sid={sid}").text

    assert ':44"401 ' in refusal


def test_without_the_flag_it_is_refused(gateway, old_client, user, symbol):
    client = old_client(gateway, "polling", f"price:{symbol}", gateway.token(user))

    with pytest.raises(AssertionError, match="it ended before connect"):
        client.expect("connect")
    assert "Unexpected status code 400" in "".join(client.transcript)
    assert gateway.get("/socket.io/?EIO=3&transport=polling").json() == {"code": 5, "message": "Unsupported protocol version"}
