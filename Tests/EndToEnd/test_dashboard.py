"""The official client in a real browser, on the dashboard."""

import json

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard

DEFAULT_ROOMS = [f"price:{symbol}" for symbol in ("BTC-USDC", "ETH-USDC", "SOL-USDC", "BTC-USDT", "XRP-USDT")]


@pytest.fixture
def dashboard(page, gateway):
    return Dashboard(page, gateway.url).open()


@pytest.mark.parametrize("transports, in_use", [("websocket", "websocket"), ("polling", "polling"), ("both", "websocket")])
def test_logs_in_connects_and_shows_prices(dashboard, transports, in_use):
    dashboard.log_in("alice", transports)

    dashboard.expect_joined(*DEFAULT_ROOMS)
    assert float(dashboard.live_price("BTC-USDC")) > 0
    expect(dashboard.meter("transport")).to_have_text(in_use)
    expect(dashboard.meter("latency")).to_contain_text("ms")
    expect(dashboard.meter("gaps")).to_have_text("0 gaps")
    expect(dashboard.meter("reconnects")).to_have_text("0")


def test_shows_prices_digit_for_digit(dashboard, gateway, symbol):
    dashboard.log_in()
    dashboard.request("subscribe", f"price:{symbol}")
    dashboard.expect_joined(f"price:{symbol}")

    for price in ["105433.60000", "0.00027625", "1.10", "100", "12345678901234567890.123456789"]:
        gateway.publish_price(symbol, price)
        expect(dashboard.price(symbol)).to_have_text(price)


def test_shows_the_book_and_the_trades_of_the_chosen_symbol(dashboard, gateway, symbol):
    bids = [["2.0100", "10.00"], ["2.0090", "3.5"]]
    asks = [["2.0200", "0.00027625"], ["2.0210", "7"]]
    dashboard.log_in()
    dashboard.request("subscribe", f"price:{symbol}")
    dashboard.choose(symbol)
    dashboard.expect_joined(f"orderbook:{symbol}", f"trade:{symbol}")

    gateway.publish("order_book_update", symbol, bids=bids, asks=asks)
    gateway.publish("trade_notification", symbol, price="2.0150", amount="0.30", side="buy")

    expect(dashboard.page.locator("#tape li")).to_have_count(1)
    expect(dashboard.page.locator("#bids .level:not(.blank)")).to_have_count(2)
    assert dashboard.tape() == [("2.0150", "0.30")]
    assert dashboard.ladder() == (bids, asks)
    expect(dashboard.meter("spread")).to_have_text("0.0100")


@pytest.mark.parametrize("enter, exit", [("subscribe", "unsubscribe"), ("join", "leave")])
def test_enters_and_leaves_a_room_by_name(dashboard, gateway, symbol, enter, exit):
    dashboard.log_in()

    dashboard.request(enter, f"price:{symbol}")
    dashboard.expect_joined(f"price:{symbol}")
    gateway.publish_price(symbol, "1.10")
    expect(dashboard.price(symbol)).to_have_text("1.10")

    dashboard.request(exit, f"price:{symbol}")
    expect(dashboard.room(f"price:{symbol}")).to_have_count(0)
    expect(dashboard.tile(symbol)).to_have_count(0)


def test_shows_a_refused_room(dashboard):
    dashboard.log_in()

    dashboard.request("join", "no-such-room")

    dashboard.expect_toast("ROOM_NOT_FOUND")
    expect(dashboard.page.locator('#raw [data-failed="true"]').first).to_contain_text("ROOM_NOT_FOUND")
    expect(dashboard.room("no-such-room")).to_have_count(0)


def test_renews_an_expired_token_and_connects(dashboard, gateway, user):
    expired = gateway.token(user, ttl="-1s")

    def answer_with_expired_token(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "accessToken": expired}))

    dashboard.page.route("**/api/v1/auth/login", answer_with_expired_token)
    dashboard.log_in()

    dashboard.expect_toast("TOKEN_EXPIRED")
    dashboard.expect_joined(*DEFAULT_ROOMS)


def test_says_how_to_get_the_client_where_it_is_missing(page, gateway):
    page.route("**/socket.io/socket.io.js", lambda route: route.fulfill(status=404))
    Dashboard(page, gateway.url).open()

    expect(page.locator("#no-client")).to_contain_text("--client-bundle PATH")
    expect(page.locator("#connect")).to_be_disabled()


@pytest.mark.parametrize("transports", ["websocket", "polling", "both"])
def test_reconnects_after_the_server_was_restarted(page, start_gateway, transports):
    gateway = start_gateway()
    dashboard = Dashboard(page, gateway.url).open().log_in("alice", transports)
    dashboard.live_price("BTC-USDC")

    gateway.kill()
    expect(dashboard.state).to_have_attribute("data-phase", "reconnecting", timeout=60_000)
    gateway.start()

    expect(dashboard.meter("reconnects")).to_have_text("1")
    expect(dashboard.state).to_have_attribute("data-phase", "online")
    dashboard.expect_joined(*DEFAULT_ROOMS)
    shown = dashboard.tile("BTC-USDC").get_attribute("data-updates")
    expect(dashboard.tile("BTC-USDC")).not_to_have_attribute("data-updates", shown)
    expect(dashboard.meter("gaps")).to_have_text("0 gaps")


def test_a_room_asked_for_while_the_server_dies_is_joined_after_the_restart(page, start_gateway, symbol):
    gateway = start_gateway()
    dashboard = Dashboard(page, gateway.url).open().log_in()
    dashboard.expect_joined(*DEFAULT_ROOMS)

    gateway.freeze()
    dashboard.request("subscribe", f"price:{symbol}")
    expect(dashboard.room(f"price:{symbol}")).to_have_attribute("data-joined", "false")
    gateway.kill()
    expect(dashboard.state).to_have_attribute("data-phase", "reconnecting", timeout=60_000)
    gateway.start()

    dashboard.expect_joined(*DEFAULT_ROOMS, f"price:{symbol}")
