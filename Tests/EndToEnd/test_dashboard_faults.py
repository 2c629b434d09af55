"""What the dashboard makes of what goes wrong: refusals that pass, answers that come late, another user in the same window, odd payloads."""

import json

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard
from gateway import Gateway
from load import wait_for


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A gateway without a market, whose clients are asked often whether they live."""
    gateway = Gateway(tmp_path_factory.mktemp("quiet"), "--no-feed", "--ping-interval", "1s").start()
    yield gateway
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def dashboard(page, quiet):
    return Dashboard(page, quiet.url).open()


def log_out(dashboard):
    dashboard.page.locator("#logout").click()
    expect(dashboard.page.locator("#login")).to_be_visible()


def send(sender, to: str, message: str):
    assert sender.ask("direct_message", {"to": to, "message": message})["ok"]


# Wishes ----------------------------------------------------------------------


def test_a_symbol_chosen_again_before_it_was_left_is_shown(dashboard, quiet, symbol):
    other = symbol[::-1].replace("CDSU-", "") + "-USDC"
    dashboard.log_in_anew()
    for name in (symbol, other):
        dashboard.request("subscribe", f"price:{name}")
        dashboard.expect_joined(f"price:{name}")
    dashboard.choose(symbol)
    dashboard.expect_joined(f"orderbook:{symbol}", f"trade:{symbol}")

    # Within one task of the page: no answer comes in between.
    dashboard.page.evaluate(
        """(names) => { for (const name of names) document.querySelector(`#board [data-symbol="${name}"] .tile-choose`).click(); }""",
        [other, symbol],
    )

    dashboard.expect_joined(f"orderbook:{symbol}", f"trade:{symbol}")
    expect(dashboard.room(f"orderbook:{other}")).to_have_count(0)
    quiet.publish("trade_notification", symbol, price="2.0150", amount="0.30", side="buy")
    expect(dashboard.page.locator("#tape li")).to_have_count(1)
    dashboard.expect_joined(f"orderbook:{symbol}", f"trade:{symbol}")


def test_whoever_logs_in_next_is_in_no_room_of_the_one_before(dashboard, symbol):
    dashboard.log_in_anew()

    # Both clicks in one task: the room's answer cannot come before the end of the connection.
    dashboard.page.locator("#room").fill(f"price:{symbol}")
    dashboard.page.evaluate("() => { document.getElementById('subscribe').click(); document.getElementById('logout').click(); }")
    expect(dashboard.page.locator("#login")).to_be_visible()
    expect(dashboard.page.locator("#rooms [data-room]")).to_have_count(0)

    dashboard.log_in_anew()
    dashboard.expect_joined("price:BTC-USDC")
    expect(dashboard.room(f"price:{symbol}")).to_have_count(0)


def test_a_room_refused_for_a_moment_is_asked_for_again(page, quiet, symbol):
    """The refusal is put into the page's own connection: that of a gateway whose Redis does not answer."""
    refused = []

    def relay(socket):
        server = socket.connect_to_server()
        server.on_message(socket.send)

        def forward(message):
            if "subscribe_price" in message and symbol in message and not refused:
                refused.append(message)
                ack = message[2 : message.index("[")]
                answer = {"ok": False, "code": "INTERNAL", "message": "the event bus did not confirm", "retryAfter": 1}
                return socket.send(f"43{ack}" + json.dumps([answer]))
            server.send(message)

        socket.on_message(forward)

    page.route_web_socket("**/socket.io/**", relay)
    dashboard = Dashboard(page, quiet.url).open()
    dashboard.log_in_anew()

    dashboard.request("subscribe", f"price:{symbol}")

    dashboard.expect_toast("INTERNAL")
    dashboard.expect_joined(f"price:{symbol}")
    assert len(refused) == 1


def test_a_room_typed_in_small_letters_is_that_of_the_server(dashboard, quiet, symbol):
    dashboard.log_in_anew()
    dashboard.request("subscribe", f"price:{symbol.lower()}")
    dashboard.expect_joined(f"price:{symbol}")
    quiet.publish_price(symbol, "1.10")
    expect(dashboard.price(symbol)).to_have_text("1.10")


# Tokens ----------------------------------------------------------------------


def test_a_refresh_that_fails_for_a_moment_is_tried_again(dashboard, quiet, user):
    expired, answers = quiet.token(user, ttl="-1s"), []

    def answer_with_expired_token(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "accessToken": expired}))

    def fail_once(route):
        answers.append(route.request.url)
        route.fulfill(status=502, body="{}") if len(answers) == 1 else route.continue_()

    dashboard.page.route("**/api/v1/auth/login", answer_with_expired_token)
    dashboard.page.route("**/api/v1/auth/refresh", fail_once)
    dashboard.log_in()

    expect(dashboard.state).to_have_attribute("data-phase", "online")
    dashboard.expect_joined("price:BTC-USDC")
    assert len(answers) == 2


# Messages and notifications --------------------------------------------------


def test_the_slow_client_takes_in_no_messages(dashboard, quiet, connect):
    user = dashboard.log_in_anew()
    sender = connect(to=quiet)
    sender.expect("authenticated")
    dashboard.page.get_by_role("tab", name="Slow client").click()
    dashboard.page.locator("#slow-connect").click()
    expect(dashboard.meter("slow-state")).to_have_text("reading")
    dashboard.page.locator("#toggle").click()
    expect(dashboard.state).to_have_attribute("data-phase", "offline")
    # The greeting, and the confirmations of prices, book and trades of five symbols.
    wait_for(lambda: int(dashboard.meter("slow-events").inner_text()) >= 17, "its rooms")
    events = int(dashboard.meter("slow-events").inner_text())
    send(sender, user, "for the page")
    # It has come there, and then an answer to a ping of the server: one second later at most.
    expect(dashboard.meter("slow-events")).not_to_have_text(str(events))
    dashboard.page.wait_for_timeout(2_500)

    dashboard.page.locator("#toggle").click()
    expect(dashboard.page.locator("#messages li", has_text="for the page")).to_have_count(1)


def test_notifications_without_end_stay_a_hundred_and_can_be_taken_in(dashboard, quiet):
    user = dashboard.log_in_anew()
    for number in range(130):
        quiet.publish("notification", user=user, title=f"Notice {number}", body="")

    notices = dashboard.page.locator("#notices li")
    expect(dashboard.page.locator("#notices li", has_text="Notice 129")).to_have_count(1)
    expect(notices).to_have_count(100)
    dashboard.page.get_by_role("tab", name="Notifications").click()
    dashboard.page.locator("#receive-all").click()
    expect(dashboard.meter("notices-waiting")).to_have_text("0 not taken in")


def test_logging_out_leaves_nothing_of_the_user_on_the_page(dashboard, quiet, connect):
    user = dashboard.log_in_anew()
    sender = connect(to=quiet)
    sender.expect("authenticated")
    send(sender, user, "between us")
    expect(dashboard.page.locator("#messages li", has_text="between us")).to_have_count(1)
    expect(dashboard.page.locator("#raw", has_text="between us")).to_have_count(1)

    log_out(dashboard)

    expect(dashboard.page.locator("#raw", has_text="between us")).to_have_count(0)
    expect(dashboard.page.locator("#message-suggestions option")).to_have_count(0)
    expect(dashboard.page.locator("#message-to")).to_have_value("")
    expect(dashboard.meter("badge-messages")).to_be_hidden()


# Odd payloads ----------------------------------------------------------------


@pytest.mark.parametrize("number", ["1.10", "0.00000001", "12345678901234567890.5", "1e3"])
def test_numbers_of_json_are_shown_digit_for_digit(dashboard, quiet, symbol, number):
    dashboard.log_in_anew()
    dashboard.request("subscribe", f"price:{symbol}")
    dashboard.expect_joined(f"price:{symbol}")
    envelope = f'{{"type":"price_update","symbol":"{symbol}","data":{{"price":{number},"change":"0","volume":"1"}}}}'
    assert quiet.post_events(envelope).status_code == 202
    expect(dashboard.price(symbol)).to_have_text(number)


def test_a_book_of_no_levels_does_not_stop_the_page(dashboard, quiet, symbol):
    dashboard.log_in_anew()
    dashboard.request("subscribe", f"price:{symbol}")
    dashboard.choose(symbol)
    dashboard.expect_joined(f"orderbook:{symbol}", f"trade:{symbol}")

    quiet.publish("order_book_update", symbol, bids=None, asks=[{"price": "1"}])
    quiet.publish_price(symbol, "1.10")
    expect(dashboard.price(symbol)).to_have_text("1.10")
    quiet.publish("order_book_update", symbol, bids=[["1.00", "2"]], asks=[])
    expect(dashboard.page.locator("#bids .level:not(.blank)")).to_have_count(1)


def test_each_interval_of_a_chart_has_its_snapshot_and_no_gap(dashboard, quiet, symbol):
    base = symbol.split("-")[0]
    for interval in ("1m", "5m", "1m"):
        quiet.publish("chart_update", symbol, interval=interval, close="1")
    dashboard.log_in_anew()
    dashboard.request("subscribe", f"chart:{base}")
    dashboard.expect_joined(f"chart:{base}")
    quiet.publish("chart_update", symbol, interval="1m", close="2")
    expect(dashboard.page.locator("#raw", has_text='"seq":4')).to_have_count(1)
    expect(dashboard.meter("gaps")).to_have_text("0 gaps")


def test_the_trades_can_be_seen_on_a_small_laptop(dashboard):
    dashboard.page.set_viewport_size({"width": 1366, "height": 650})
    dashboard.log_in_anew()
    panel = dashboard.page.locator(".panel:has(#tape)")
    assert panel.bounding_box()["height"] >= 200
    panel.scroll_into_view_if_needed()
    expect(panel).to_be_in_viewport()
