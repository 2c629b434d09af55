"""A steady stream of events whose every delivery is accounted for."""

import threading
import time

import requests

BATCH, PER_SECOND = 10, 500


class Load:
    """Publishes trades, of which none may be lost, and prices, of which the newest counts, 500 a second over HTTP: what is not taken is
    published again, with the same ids, as a publisher should."""

    def __init__(self, node, symbol: str):
        self.symbol = symbol
        self.published = 0
        self.refused = 0
        self._node = node
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure = None

    def start(self) -> "Load":
        self._thread.start()
        return self

    def stop(self) -> int:
        """Ends with a last batch that has been taken, and answers how many trades and prices there were of each."""
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the last batch is not taken"
        if self._failure:
            raise self._failure
        return self.published

    def _run(self):
        try:
            due = time.monotonic()
            while not self._stopping.is_set():
                self._publish(range(self.published, self.published + BATCH // 2))
                self.published += BATCH // 2
                due = max(due + BATCH / PER_SECOND, time.monotonic() - 1)
                time.sleep(max(0, due - time.monotonic()))
        except Exception as failure:  # Told to the test, which runs in another thread.
            self._failure = failure

    def _publish(self, numbers: range):
        envelopes = []
        for number in numbers:
            envelopes.append({"type": "trade_notification", "symbol": self.symbol, "id": f"{self.symbol}-{number}", "data": {"n": number}})
            envelopes.append({"type": "price_update", "symbol": self.symbol, "data": {"n": number}})
        while True:
            try:
                answer = self._node.publish(*envelopes)
            except requests.RequestException:
                self.refused += 1
                time.sleep(0.1)
                continue
            if answer.status_code == 202:
                return
            assert answer.status_code == 503, answer.text
            assert answer.json()["error"]["code"] == "INTERNAL" and answer.json()["error"]["retryAfter"] > 0
            self.refused += 1
            time.sleep(0.1)


def trades(client, symbol: str) -> list[int]:
    return [trade["n"] for trade in client.all("trade_notification", symbol=symbol)]


def newest_price(client, symbol: str) -> int | None:
    prices = client.all("price_update", symbol=symbol)
    return prices[-1]["n"] if prices else None
