"""Order books computed here from what was published, and those that clients have made of what came: both must be the same, digit for digit."""

import zlib
from decimal import Decimal


class Book:
    """Levels as they were written, by their text: `apply` takes changes, `replace` a whole book."""

    def __init__(self):
        self._sides = {"bids": {}, "asks": {}}

    def replace(self, bids, asks):
        self._sides = {"bids": {}, "asks": {}}
        self.apply(bids, asks)

    def apply(self, bids, asks):
        for side, levels in (("bids", bids), ("asks", asks)):
            for price, size in levels:
                if Decimal(size) == 0:
                    self._sides[side].pop(price, None)
                else:
                    self._sides[side][price] = size

    def top(self, depth: int | None = None) -> tuple[list, list]:
        """Bids and asks, best first."""
        return tuple(
            [list(level) for level in sorted(self._sides[side].items(), key=lambda level: Decimal(level[0]), reverse=side == "bids")[:depth]]
            for side in ("bids", "asks")
        )

    @property
    def checksum(self) -> int:
        bids, asks = self.top(10)
        texts = []
        for index in range(10):
            texts += [":".join(side[index]) for side in (bids, asks) if index < len(side)]
        return zlib.crc32(":".join(texts).encode())


class Follower:
    """A client that sees one book in its own way, and what it must see."""

    def __init__(self, client, symbol: str, **wishes):
        self.client, self.symbol, self.wishes = client, symbol, wishes
        reply = client.ask("subscribe_orderbook", {"symbol": symbol, **wishes})
        assert reply["ok"] is True, reply
        client.expect("orderbook_subscribed")

    def check(self, states: list[Book], full_depth: int) -> int:
        """Goes through all that came. `states[n]` is the book after the n-th publication, whose `seq` is n + 1. Answers how many updates there were."""
        last = self.client.expect("order_book_update", symbol=self.symbol, seq=len(states))
        updates = self.client.all("order_book_update", symbol=self.symbol)
        assert updates[-1] == last
        own, before = Book(), 0
        for update in updates:
            first = update.get("seqFirst", update["seq"])
            assert update.get("snapshot") or first == before + 1, f"a gap before {update['seq']}"
            before = update["seq"]
            assert update.get("delta", False) == (self.wishes.get("mode") == "delta" and not update.get("snapshot", False))
            if update.get("delta"):
                own.apply(update["bids"], update["asks"])
            else:
                own.replace(update["bids"], update["asks"])
            published = states[update["seq"] - 1]
            wanted = published.top(self.wishes.get("depth", None if self.wishes else full_depth))
            assert own.top() == wanted, f"another book at {update['seq']}"
            if self.wishes.get("checksum"):
                assert update["checksum"] == own.checksum == published.checksum
        return len(updates)
