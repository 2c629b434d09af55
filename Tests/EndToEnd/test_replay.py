"""Recordings come out as they went in: digit for digit, on the wire and on the page."""

import subprocess

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard
from gateway import ROOT
from recordings import REAL, book_states, read_trades, write_trades

BITCOIN = (["105433.60000", "105410.10000", "105383.80000", "105400.00000"], ["0.00027625", "0.00005000", "0.00885072"])
TINY = (["0.00027625", "0.00027600", "0.00027650"], ["1000000.00000000", "0.10", "7"])


def assert_page_shows(dashboard: Dashboard, symbol: str, recorded: list[tuple[str, str]]):
    dashboard.open(symbol).log_in()
    dashboard.request("subscribe", f"price:{symbol}")
    assert dashboard.live_price(symbol) in {price for price, _ in recorded}
    expect(dashboard.page.locator("#tape li").nth(4)).to_be_visible()
    shown = dashboard.tape()
    assert any(list(reversed(shown)) == recorded[start : start + len(shown)] for start in range(len(recorded))), shown
    expect(dashboard.meter("gaps")).to_have_text("0 gaps")


@pytest.mark.parametrize("symbol, values", [("BTC-USDT", BITCOIN), ("DOGE-USDT", TINY)])
def test_the_page_shows_a_recording(page, start_gateway, tmp_path, symbol, values):
    recording = write_trades(tmp_path / f"trades-{symbol}.csv", *values)
    gateway = start_gateway("--replay", recording, "--replay-speed", 2)

    assert_page_shows(Dashboard(page, gateway.url), symbol, read_trades(recording))


def test_two_recordings_at_once_keep_to_their_symbols(start_gateway, tmp_path, connect):
    bitcoin = write_trades(tmp_path / "trades-BTC-USDT.csv", *BITCOIN)
    doge = write_trades(tmp_path / "trades-DOGE-USDT.csv", *TINY)
    gateway = start_gateway("--replay", bitcoin, "--replay", doge)
    client = connect(to=gateway)
    client.join("trade:BTC-USDT")
    client.join("trade:DOGE-USDT")

    for symbol, recording in (("BTC-USDT", bitcoin), ("DOGE-USDT", doge)):
        trades = [client.expect("trade_notification", symbol=symbol) for _ in range(5)]
        received = [(trade["price"], trade["amount"]) for trade in trades]
        recorded = read_trades(recording)
        assert any(received == recorded[start : start + 5] for start in range(len(recorded))), received
        assert {trade["side"] for trade in trades} == {"buy", "sell"}


@pytest.mark.skipif(not REAL.exists(), reason=f"no recordings in {REAL}")
def test_the_page_shows_the_real_trades(page, start_gateway):
    recording = REAL / "trades-BTC-USDT.csv"
    # The recording spans seven hours: at this speed some six trades a second.
    gateway = start_gateway("--replay", recording, "--replay-speed", 150)

    assert_page_shows(Dashboard(page, gateway.url), "BTC-USDT", read_trades(recording))


@pytest.mark.skipif(not REAL.exists(), reason=f"no recordings in {REAL}")
def test_the_page_shows_the_real_order_book(page, start_gateway):
    recording = REAL / "orderbook-XRP-USDT.jsonl"
    states = book_states(recording, levels=10)
    gateway = start_gateway("--replay", recording)
    dashboard = Dashboard(page, gateway.url).open("XRP-USDT").log_in()

    expect(page.locator("#bids .level:not(.blank)")).to_have_count(10)
    assert dashboard.ladder() in states
    expect(dashboard.meter("gaps")).to_have_text("0 gaps")


def test_make_run_passes_recordings_and_speed_on():
    done = subprocess.run(["make", "--dry-run", "run", "REPLAY=a.csv b.csv", "SPEED=50"], cwd=ROOT, capture_output=True, text=True, timeout=30)

    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split()).count("--replay a.csv --replay b.csv --replay-speed 50") == 1
