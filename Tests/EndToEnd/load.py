"""A steady stream of events whose every delivery is accounted for."""

import json
import os
import threading
import time

import requests

PER_SECOND = 500
BACKLOG, RECENT = 100, 5


class Load:
    """Makes 500 events a second whatever happens, half of them trades, of which none may be lost, half prices, of which the newest counts.

    They are published over HTTP in the order they were made: trades that are not taken are published again, with the same ids, at the next
    node; of prices that could not be published the newest go first, as a publisher should do it."""

    def __init__(self, nodes: list, symbol: str):
        self.symbol = symbol
        self.refused = 0
        # The trades that have been taken; all before them have been too.
        self.published = 0
        self._priced = 0
        self._nodes = list(nodes)
        self._began = 0.0
        self._end: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure = None

    @property
    def made(self) -> int:
        """How many trades, and prices, there have been."""
        if self._end is not None:
            return self._end
        return int((time.monotonic() - self._began) * PER_SECOND / 2)

    def start(self) -> "Load":
        self._began = time.monotonic()
        self._thread.start()
        return self

    def stop(self) -> int:
        """Makes no more, waits until all have been taken, and answers how many trades and prices there were of each."""
        self._end = self.made
        self._thread.join(120)
        assert not self._thread.is_alive(), f"{self.published} of {self._end} trades are taken"
        if self._failure:
            raise self._failure
        return self._end

    def _run(self):
        try:
            while self._end is None or self.published < self._end or self._priced < self._end:
                made = self.made
                if made - self.published < RECENT and self._end is None:
                    time.sleep(RECENT / PER_SECOND)
                    continue
                trades = range(self.published, min(made, self.published + BACKLOG))
                self._priced = self._publish(trades, range(max(self._priced, made - RECENT), made))
                self.published = trades.stop
        except Exception as failure:  # Told to the test, which runs in another thread.
            self._failure = failure

    def _publish(self, trades: range, prices: range) -> int:
        """Answers the number behind that of the last price."""
        event = lambda type, number, **more: {"type": type, "symbol": self.symbol, "data": {"n": number}, **more}
        envelopes = [event("price_update", number) for number in prices]
        envelopes += [event("trade_notification", number, id=f"{self.symbol}-{number}") for number in trades]
        while True:
            try:
                answer = self._nodes[0].publish(*envelopes)
            except requests.RequestException:
                self._try_next()
                continue  # As it stands: nobody knows whether it was taken.
            if answer.status_code == 202:
                return prices.stop
            assert answer.status_code == 503, answer.text
            assert answer.json()["error"]["code"] == "INTERNAL" and answer.json()["error"]["retryAfter"] > 0
            self._try_next()
            # Prices that are old by now are left out.
            envelopes, prices = envelopes[len(prices):], range(max(prices.stop, self.made - 1), self.made)
            envelopes = [event("price_update", number) for number in prices] + envelopes

    def _try_next(self):
        self.refused += 1
        self._nodes.append(self._nodes.pop(0))
        time.sleep(0.05)


class Chat:
    """Messages of one user to a group, each sent until it is acknowledged, by a device on one node and then by that on the next."""

    def __init__(self, devices: list, group: str):
        self.group = group
        self.sent = 0
        self.refused = 0
        self._devices = list(devices)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure = None

    def start(self) -> "Chat":
        self._thread.start()
        return self

    def stop(self) -> int:
        """Sends no more, and answers how many there were."""
        self._ends.set()
        self._thread.join(120)
        assert not self._thread.is_alive(), f"{self.sent} are sent, and the next is not acknowledged"
        if self._failure:
            raise self._failure
        return self.sent

    def _run(self):
        try:
            while not self._ends.is_set():
                message = {"room": self.group, "message": self.sent, "clientMessageId": f"{self.group} {self.sent}"}
                answer = self._devices[0].ask("room_message", message)
                if answer["ok"]:
                    self.sent += 1
                    time.sleep(0.002)
                    continue
                assert answer["code"] == "INTERNAL", answer
                self.refused += 1
                self._devices.append(self._devices.pop(0))
                time.sleep(0.05)
        except Exception as failure:  # Told to the test, which runs in another thread.
            self._failure = failure


def trades(client, symbol: str) -> list[int]:
    return [trade["n"] for trade in client.all("trade_notification", symbol=symbol)]


def newest_price(client, symbol: str) -> int | None:
    prices = client.all("price_update", symbol=symbol)
    return prices[-1]["n"] if prices else None


def wait_for(condition, what: str, within: float = 30) -> float:
    """Answers after how many seconds."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < within, f"not within {within} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - start


def record(fault: str, **figures):
    """Figures for docs/reliability.md, where somebody asks for them."""
    if path := os.environ.get("MOONX_FAULT_FIGURES"):
        with open(path, "a") as file:
            file.write(json.dumps({"fault": fault, **figures}) + "\n")
