"""A client that does not read while the test does not, and comes back as the stock one does: with its `pid` and what it saw last."""

from collections.abc import Callable

from wire import RawSocket


class ReadingStops:
    def __init__(self, url: str, token: str, symbol: str, publish: Callable[..., object]):
        """In the room of the symbol's trades; `publish` publishes one with these members."""
        self._token, self._publish = token, publish
        self.published = 0
        self.trades, self.told = [], []
        self._offset = None
        self._socket = RawSocket(url, receive_buffer=4096)
        self.session = self._socket.connect(token)
        self._socket.emit("join_room", {"room": f"trade:{symbol}"})
        self._socket.expect('42["room_joined"')

    def publish(self, count: int = 1, note: str = ""):
        """The next trades, numbered on from 1."""
        for _ in range(count):
            self.published += 1
            self._publish(n=self.published, note=note)

    def read(self, until: int | None = None):
        """Reads until trade `until` has come, or to the end of the connection."""
        for name, *rest in self._socket.events():
            if name == "error":
                self.told.append(rest[0]["code"])
            if name != "trade_notification":
                continue
            self.trades.append(rest[0]["n"])
            self._offset = rest[1]
            if until == rest[0]["n"]:
                return

    def come_back(self, url: str) -> bool:
        """Whether the session was given back."""
        self._socket.close()
        self._socket = RawSocket(url)
        before, self.session = self.session, self._socket.connect(self._token, pid=self.session["pid"], offset=self._offset)
        return self.session["sid"] == before["sid"]
