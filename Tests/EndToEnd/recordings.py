"""Recorded market data: small files the tests write, and real ones where they are at hand."""

import csv
import json
from pathlib import Path

from gateway import ROOT

REAL = ROOT.parent / "shared/data"
HEADER = ["id", "price", "qty", "quoteQty", "time", "isBuyerMaker", "isBestMatch"]
START = 1762795433972


def write_trades(path: Path, prices: list[str], amounts: list[str], count: int = 1200, every: int = 100) -> Path:
    """Trades that go round these prices and amounts, `every` milliseconds one: long enough to look at."""
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for index in range(count):
            price, amount = prices[index % len(prices)], amounts[index % len(amounts)]
            rows.writerow([1000 + index, price, amount, "29.12603200", START + index * every, index % 2 == 0, True])
    return path


def read_trades(path: Path) -> list[tuple[str, str]]:
    """Price and amount of each trade, as they are written."""
    with open(path, newline="") as file:
        return [(row["price"], row["qty"]) for row in csv.DictReader(file)]


def book_states(path: Path, levels: int) -> list[tuple[list, list]]:
    """The best bids and asks after each recorded message, as they are written."""
    bids, asks, states = {}, {}, []
    for line in path.read_text().splitlines():
        message = json.loads(line)
        if message["type"] == "snapshot":
            bids, asks = {}, {}
        for side, changes in ((bids, message["data"]["b"]), (asks, message["data"]["a"])):
            for price, size in changes:
                side[price] = size
                if float(size) == 0:
                    del side[price]
        best_bids = sorted(bids.items(), key=lambda level: -float(level[0]))[:levels]
        best_asks = sorted(asks.items(), key=lambda level: float(level[0]))[:levels]
        states.append(([list(level) for level in best_bids], [list(level) for level in best_asks]))
    return states
