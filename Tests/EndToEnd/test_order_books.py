"""An order book published as changes: whole, as changes, cut to a depth, at a rate. At every step it is the book computed here, digit for digit."""

import json
import random

import pytest

from books import Book, Follower
from recordings import REAL

# The depth to which the gateway writes whole books that it keeps itself.
FULL_DEPTH = 100


@pytest.fixture
def follow(connect, symbol):
    return lambda **wishes: Follower(connect(), symbol, **wishes)


def every_kind(follow) -> list[Follower]:
    return [
        follow(),
        follow(mode="delta", checksum=True),
        follow(mode="delta", depth=10, checksum=True),
        follow(depth=10, checksum=True),
        follow(depth=3),
        follow(mode="delta", depth=1),
    ]


def recorded(path) -> list[Book]:
    """The book after each message of the recording."""
    states, levels = [], Book()
    for line in path.read_text().splitlines():
        message = json.loads(line)
        (levels.replace if message["type"] == "snapshot" else levels.apply)(message["data"]["b"], message["data"]["a"])
        states.append(copy := Book())
        copy.replace(*levels.top())
    return states


def finish(gateway, symbol, states: list[Book]):
    """One change more, to the best levels of all: that is the last update of those, too, who see the best level only."""
    levels = {"bids": [["4000000", "1"]], "asks": [["0.000001", "1"]]}
    states.append(copy := Book())
    copy.replace(*states[-2].top())
    copy.apply(levels["bids"], levels["asks"])
    answer = gateway.post_events(json.dumps({"type": "order_book_update", "symbol": symbol, "delta": True, "data": levels}))
    assert answer.status_code == 202, answer.text


def replay(gateway, path, symbol, *flags):
    return gateway.command(
        "replay", str(path), "--symbol", symbol, "--book-changes", *flags, "--data-dir", str(gateway.directory), "--url", gateway.url
    )


@pytest.mark.skipif(not REAL.exists(), reason=f"no recordings in {REAL}")
def test_the_recorded_book_is_the_computed_one_at_every_step(gateway, follow, symbol):
    recording = REAL / "orderbook-XRP-USDT.jsonl"
    states = recorded(recording)
    followers = every_kind(follow)
    slow = [follow(depth=10, maxRate=5, checksum=True), follow(mode="delta", maxRate=5, checksum=True)]

    done = replay(gateway, recording, symbol, "--speed", "0.5", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["published"] == len(states) == 50
    finish(gateway, symbol, states)
    counts = [follower.check(states, FULL_DEPTH) for follower in followers + slow]
    # Those without wishes get one for each message; those who asked for a rate fewer, and none of them misses a change.
    assert counts[0] == len(states)
    assert counts[1] == len(states)
    assert all(count < len(states) for count in counts[-2:])


@pytest.mark.parametrize("seed", range(4))
def test_any_book_is_the_computed_one_at_every_step(gateway, follow, symbol, seed):
    """Levels come, change and go, some of them many times; the book is sent anew now and then; numbers have odd numbers of decimals."""
    chance = random.Random(seed)
    followers = every_kind(follow)
    book, states, envelopes = Book(), [], []
    prices = {
        "bids": [f"{chance.randint(1, 10**6)}.{chance.randint(0, 10**8):09d}0" for _ in range(60)],
        "asks": [f"{chance.randint(2 * 10**6, 3 * 10**6)}.{chance.randint(0, 999):03d}" for _ in range(60)],
    }

    def some(side, most):
        size = lambda: chance.choice(["0", "0.000", f"{chance.randint(1, 9)}", f"0.{chance.randint(1, 10**8):08d}", f"{chance.randint(1, 10**15)}.10"])
        return [[price, size()] for price in chance.sample(prices[side], chance.randint(0, most))]

    for step in range(120):
        is_whole = step == 0 or chance.random() < 0.05
        levels = {side: some(side, 50 if is_whole else 6) for side in ("bids", "asks")}
        if is_whole:
            # A whole book has no empty levels, and is written best first.
            fresh = Book()
            fresh.replace(levels["bids"], levels["asks"])
            levels["bids"], levels["asks"] = fresh.top()
        (book.replace if is_whole else book.apply)(levels["bids"], levels["asks"])
        states.append(copy := Book())
        copy.replace(*book.top())
        envelopes.append({"type": "order_book_update", "symbol": symbol, "delta": not is_whole, "data": levels})

    for start in range(0, len(envelopes), 10):
        answer = gateway.post_events(json.dumps(envelopes[start : start + 10]))
        assert answer.status_code == 202 and "errors" not in answer.json(), answer.text

    finish(gateway, symbol, states)
    for follower in followers:
        follower.check(states, FULL_DEPTH)


def test_changes_without_a_book_are_dropped_until_there_is_one(gateway, follow, symbol):
    follower = follow(mode="delta")
    changes = {"type": "order_book_update", "symbol": symbol, "delta": True, "data": {"bids": [["1.10", "5"]], "asks": []}}

    gateway.post_events(json.dumps(changes))
    gateway.publish("order_book_update", symbol, bids=[["1.00", "1"]], asks=[["2.00", "1"]])
    gateway.post_events(json.dumps(changes))

    first = follower.client.expect("order_book_update", symbol=symbol)
    assert first["snapshot"] is True and first["bids"] == [["1.00", "1"]]
    second = follower.client.expect("order_book_update", symbol=symbol)
    assert second["delta"] is True and second["bids"] == [["1.10", "5"]]
    assert second["seqFirst"] == first["seq"] + 1
