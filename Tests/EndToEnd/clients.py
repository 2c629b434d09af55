"""A Socket.IO client whose tests read as transcripts: send, then expect what comes back."""

import asyncio
import contextlib
import threading
import time

import socketio

PATIENCE = 30


class _Loop:
    """One event loop in a thread for all clients. The library's threaded client starts a thread for each event and so loses their order."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE + 5)


_loop = _Loop()


class Refused(Exception):
    """The server refused the connection: `message` and `data` as `connect_error` carries them."""

    def __init__(self, message: str, data: dict | None):
        super().__init__(f"{message} {data}")
        self.message, self.data = message, data or {}


class Client:
    def __init__(self, url: str, token: str | None = None, transport: str = "websocket", headers: dict | None = None,
                 verify: bool = True):
        self._arrived = threading.Condition()
        self._transcript: list[tuple[str, object]] = []
        self._inbox: list[tuple[str, object]] = []
        self._refusal = None
        _loop.run(self._open(url, token, transport.split("+"), headers, verify))

    async def _open(self, url, token, transports, headers, verify):
        self._socket = socketio.AsyncClient(reconnection=False, ssl_verify=verify, request_timeout=PATIENCE)
        self._socket.on("*", self._receive)
        self._socket.on("connect_error", self._refuse)
        self._socket.on("disconnect", lambda *reason: self._receive("disconnect", *reason))
        auth = None if token is None else {"token": token}
        try:
            await self._socket.connect(url, headers=headers or {}, auth=auth, transports=transports, wait_timeout=PATIENCE)
        except socketio.exceptions.ConnectionError:
            await self._close()
            if not isinstance(self._refusal, dict):
                raise
            raise Refused(self._refusal["message"], self._refusal.get("data")) from None

    def _refuse(self, data):
        self._refusal = data

    def _receive(self, event, *arguments):
        payload = arguments[0] if arguments else None
        with self._arrived:
            self._transcript.append((event, payload))
            self._inbox.append((event, payload))
            self._arrived.notify_all()

    @property
    def id(self) -> str:
        return self._socket.get_sid()

    @property
    def transport(self) -> str:
        return self._socket.transport()

    @property
    def connected(self) -> bool:
        return self._socket.connected

    # Sending -----------------------------------------------------------------

    def send(self, event: str, *arguments):
        """Emits without asking for an ack, with exactly these arguments."""
        _loop.run(self._socket.emit(event, arguments))

    def ask(self, event: str, *arguments) -> dict:
        """Emits and answers the ack."""
        return _loop.run(self._socket.call(event, arguments, timeout=PATIENCE))

    def ask_until_taken(self, event: str, *arguments) -> dict:
        """Asks again while a node does not reach Redis, which may be because one of them gets no processor."""
        deadline = time.monotonic() + PATIENCE
        while not (reply := self.ask(event, *arguments))["ok"]:
            assert reply["code"] == "INTERNAL" and time.monotonic() < deadline, reply
            time.sleep(0.5)
        return reply

    def join(self, room: str):
        """Joins, and reads the confirmation away."""
        self.ask_until_taken("join_room", {"room": room})
        self.expect("room_joined", room=room)

    # Receiving ---------------------------------------------------------------

    def expect(self, event: str, **fields):
        """The next event of this name with these fields; those before it that do not match stay in the inbox."""

        def matches(name, payload):
            return name == event and all((payload or {}).get(key) == value for key, value in fields.items())

        deadline = time.monotonic() + PATIENCE
        with self._arrived:
            while True:
                for index, (name, payload) in enumerate(self._inbox):
                    if matches(name, payload):
                        del self._inbox[index]
                        return payload
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._arrived.wait(remaining):
                    raise AssertionError(f"no {event} {fields} within {PATIENCE} s; received: {self._transcript[-20:]}")

    def all(self, event: str, **fields) -> list:
        """Everything of this name received so far, in order."""
        with self._arrived:
            return [p for name, p in self._transcript if name == event and all(p.get(key) == value for key, value in fields.items())]

    def events(self) -> list[str]:
        with self._arrived:
            return [name for name, _ in self._transcript]

    def close(self):
        _loop.run(self._close())

    async def _close(self):
        # The library waits for its pending poll; how soon a server lets go of that is not what every test is about.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._socket.disconnect(), timeout=2)
