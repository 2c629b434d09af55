"""What the dashboard shows of one user: account, messages, presence, notifications, limits, and a client that does not read."""

import json
import time
import uuid

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard
from gateway import Gateway
from load import wait_for
from prometheus import parse


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A gateway without a market: nothing comes but what a test publishes."""
    gateway = Gateway(tmp_path_factory.mktemp("quiet"), "--no-feed", "--queue-age", "5m", "--ping-timeout", "5m").start()
    yield gateway
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def open_window(browser, quiet):
    """Opens windows of their own, each with a user logged in, and closes them after the test."""
    contexts = []

    def open(name=None, gateway=quiet):
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        return Dashboard(page, gateway.url).open().log_in(name or uuid.uuid4().hex)

    yield open
    for context in contexts:
        context.close()


def user_of(dashboard) -> str:
    expect(dashboard.meter("user-id")).not_to_have_text("")
    user = dashboard.meter("user-id").inner_text()
    dashboard.expect_joined(f"user:{user}", f"portfolio:{user}", f"orders:{user}")
    return user


def cells(dashboard, table: str) -> list[list[str]]:
    return dashboard.page.evaluate("(id) => [...document.querySelectorAll(`#${id} tr`)].map((row) => [...row.cells].map((cell) => cell.textContent))", table)


# Account ---------------------------------------------------------------------


def test_shows_portfolio_orders_and_own_trades_digit_for_digit(open_window, quiet):
    dashboard = open_window()
    user = user_of(dashboard)

    positions = [{"symbol": "BTC-USDC", "amount": "0.25000", "price": "104862.50", "value": "26215.63"}]
    quiet.publish("portfolio_update", user=user, totalValue="26215.630", pnl="-12.10", positions=positions)
    order = {"orderId": "o-1", "symbol": "BTC-USDC", "side": "buy", "amount": "0.00100", "price": "104862.50"}
    quiet.publish("order_update", user=user, status="open", **order)
    quiet.publish("order_update", user=user, status="filled", **order)
    quiet.publish("trade_notification", "BTC-USDC", user=user, price="104862.50", amount="0.00100", side="buy")

    expect(dashboard.meter("total-value")).to_have_text("26215.630")
    expect(dashboard.meter("pnl")).to_have_text("-12.10")
    expect(dashboard.page.locator("#orders tr")).to_have_attribute("data-status", "filled")
    expect(dashboard.page.locator("#own-trades tr")).to_have_count(1)
    assert cells(dashboard, "positions") == [["BTC-USDC", "0.25000", "104862.50", "26215.63"]]
    assert cells(dashboard, "orders")[0][1:] == ["BTC-USDC", "buy", "0.00100", "104862.50", "filled"]
    assert cells(dashboard, "own-trades")[0][1:] == ["BTC-USDC", "buy", "0.00100", "104862.50"]


def test_the_simulated_market_gives_the_development_user_an_account(open_window, gateway):
    dashboard = open_window(gateway=gateway)

    expect(dashboard.meter("total-value")).not_to_have_text("–")
    expect(dashboard.page.locator("#orders tr").first).to_be_visible()
    expect(dashboard.page.locator("#orders td:nth-child(2)").first).to_contain_text("-USDC")
    expect(dashboard.page.locator('#orders tr:is([data-status="filled"], [data-status="cancelled"])').first).to_be_visible()
    assert len(cells(dashboard, "positions")) == 4


# Messages and presence -------------------------------------------------------


def send(dashboard, to: str, text: str):
    dashboard.page.get_by_role("tab", name="Messages").click()
    dashboard.page.locator("#message-to").fill(to)
    dashboard.page.locator("#message-text").fill(text)
    dashboard.page.locator("#message-send").click()


def message(dashboard, text: str):
    return dashboard.page.locator("#messages li", has_text=text)


def test_direct_messages_between_two_windows(open_window):
    alice, bob = open_window(), open_window()
    alice_id, bob_id = user_of(alice), user_of(bob)

    send(alice, bob_id, "hello bob")
    expect(message(alice, "hello bob")).to_contain_text("delivered")
    expect(message(bob, "hello bob")).to_contain_text("from")
    expect(bob.meter("badge-messages")).to_have_text("1")

    # The one who wrote is who an answer goes to.
    bob.page.get_by_role("tab", name="Messages").click()
    expect(bob.page.locator("#message-to")).to_have_value(alice_id)
    bob.page.locator("#message-text").fill("hello alice")
    bob.page.locator("#message-text").press("Enter")
    expect(message(alice, "hello alice")).to_have_attribute("data-own", "false")


def test_a_message_waits_for_who_is_away(open_window):
    alice, bob_name = open_window(), uuid.uuid4().hex
    bob = open_window(bob_name)
    bob_id = user_of(bob)
    bob.page.get_by_role("button", name="Disconnect").click()
    expect(bob.state).to_have_attribute("data-phase", "offline")
    # Others see it once the server knows.
    alice.page.get_by_role("tab", name="Messages").click()
    alice.page.locator("#watch").fill(bob_id)
    alice.page.locator("#watch").press("Enter")
    expect(alice.page.locator(f'#people [data-user="{bob_id}"]')).to_have_attribute("data-status", "offline")

    send(alice, bob_id, "for later")
    expect(message(alice, "for later")).to_contain_text("kept until they connect")

    bob.page.locator("#toggle").click()
    expect(message(bob, "for later")).to_contain_text("while you were away")
    # It was taken in: it does not come again.
    bob.page.locator("#toggle").click()
    bob.page.locator("#toggle").click()
    expect(bob.state).to_have_attribute("data-phase", "online")
    send(alice, bob_id, "after it")
    expect(message(bob, "after it")).to_have_count(1)
    expect(message(bob, "for later")).to_have_count(1)


def test_group_messages_between_two_windows(open_window):
    alice, bob = open_window(), open_window()
    group = f"group:{uuid.uuid4().hex}"
    bob.page.get_by_role("tab", name="Messages").click()
    bob.page.locator("#message-to").fill(group)
    bob.page.locator("#message-join").click()
    bob.expect_joined(group)

    send(alice, group, "hello all")

    expect(message(bob, "hello all")).to_contain_text(group)
    expect(message(alice, "hello all")).to_contain_text("sent")
    alice.expect_joined(group)


def test_presence_between_two_windows(open_window):
    alice, bob = open_window(), open_window()
    bob_id = user_of(bob)
    person = alice.page.locator(f'#people [data-user="{bob_id}"]')
    for window in (alice, bob):
        window.page.get_by_role("tab", name="Messages").click()

    alice.page.locator("#watch").fill(bob_id)
    alice.page.locator("#watch").press("Enter")
    expect(person).to_have_attribute("data-status", "online")

    for chosen, seen in [("busy", "busy"), ("away", "away"), ("invisible", "offline"), ("online", "online")]:
        bob.page.locator("#status").select_option(chosen)
        expect(person).to_have_attribute("data-status", seen)

    bob.page.context.close()
    expect(person).to_have_attribute("data-status", "offline")
    expect(person).to_contain_text("offline since")


# Notifications and limits ----------------------------------------------------


def test_a_notification_comes_again_until_it_is_taken_in(open_window, quiet):
    dashboard = open_window()
    user = user_of(dashboard)
    quiet.publish("notification", user=user, title="Order filled", body="0.00100 BTC")
    notice = dashboard.page.locator("#notices li")
    expect(dashboard.meter("badge-notices")).to_have_text("1")
    dashboard.page.get_by_role("tab", name="Notifications").click()
    expect(notice).to_contain_text("0.00100 BTC")

    def reconnect():
        dashboard.page.locator("#toggle").click()
        expect(dashboard.state).to_have_attribute("data-phase", "offline")
        dashboard.page.locator("#toggle").click()
        dashboard.expect_joined(f"user:{user}")

    reconnect()
    expect(notice).to_contain_text("came 2 times")

    notice.get_by_role("button", name="Received").click()
    expect(notice).to_have_attribute("data-received", "true")
    expect(dashboard.meter("notices-waiting")).to_have_text("0 not taken in")
    reconnect()
    quiet.publish("notification", user=user, title="Another", body="")
    expect(notice).to_have_count(2)
    expect(notice.last).to_contain_text("came 2 times")


def test_limits_hit_are_counted(open_window):
    dashboard = open_window()
    user_of(dashboard)

    dashboard.request("join", "no-such-room")
    dashboard.page.get_by_role("tab", name="Limits").click()
    expect(dashboard.page.locator('#limits [data-code="ROOM_NOT_FOUND"] [data-field="count"]')).to_have_text("1")

    # Often enough for the bucket not to fill up meanwhile.
    dashboard.page.evaluate("() => { for (let time = 0; time < 3; time++) document.getElementById('burst').click(); }")
    expect(dashboard.page.locator('#limits [data-code="RATE_LIMITED"]')).to_be_visible()
    expect(dashboard.state).to_have_attribute("data-phase", "online")


# Delivery --------------------------------------------------------------------


def number(dashboard, name: str) -> int:
    return int(dashboard.meter(f"slow-{name}").inner_text())


def test_a_client_that_stops_reading_is_conflated_and_misses_nothing(open_window, quiet):
    dashboard = open_window()
    # On a busy machine the page itself may be too slow for these books: what is conflated is to be the slow client's.
    dashboard.expect_joined("orderbook:BTC-USDC")
    dashboard.request("leave", "orderbook:BTC-USDC")
    expect(dashboard.room("orderbook:BTC-USDC")).to_have_count(0)
    dashboard.page.get_by_role("tab", name="Slow client").click()
    dashboard.page.locator("#slow-connect").click()
    expect(dashboard.meter("slow-state")).to_have_text("reading")
    # The greeting, and three rooms of each of five symbols.
    wait_for(lambda: number(dashboard, "events") >= 17, "the slow client's rooms")
    before = metrics(quiet)
    dashboard.page.locator("#slow-stop").click()
    expect(dashboard.meter("slow-state")).to_have_text("not reading")

    # Books of some 30 kB until the kernel has refused bytes and the server has put the newest in the place of others.
    levels = [[f"{price}.0000", "1.00000000"] for price in range(1000, 2000)]
    deadline, books = time.monotonic() + 120, 0
    while metrics(quiet)["moonx_conflated_total{}"] < before["moonx_conflated_total{}"] + 20:
        assert time.monotonic() < deadline, f"{books} books and nothing is conflated"
        quiet.publish("order_book_update", "BTC-USDC", bids=levels, asks=levels)
        books += 1
        if books % 10 == 0:
            quiet.publish("trade_notification", "BTC-USDC", price="1.00", amount=str(books), side="buy")
    assert metrics(quiet)["moonx_short_writes_total{}"] > before["moonx_short_writes_total{}"]
    quiet.publish_price("BTC-USDC", "1.2345")

    dashboard.page.locator("#slow-stop").click()
    expect(dashboard.meter("slow-state")).to_have_text("reading")
    expect(dashboard.meter("slow-trades")).to_have_text(str(books // 10))
    expect(dashboard.meter("slow-conflated")).not_to_have_text("0")
    # The newest book comes behind the trades, and says how many it stands for.
    wait_for(lambda: number(dashboard, "replaced") >= 20, "the books that others stand for")
    assert number(dashboard, "gaps") == 0
    assert number(dashboard, "reconnects") == 0
    expect(dashboard.meter("slow-last")).to_contain_text("orderbook:BTC-USDC")


def metrics(gateway) -> dict[str, float]:
    return parse(gateway.get("/metrics").text)


def test_says_when_the_server_is_going_down(browser, quiet):
    """The event is put into the page's own connection: what the page makes of it is shown, whoever sends it."""
    context = browser.new_context()
    page = context.new_page()
    sockets = []

    def relay(socket):
        server = socket.connect_to_server()
        sockets.append(socket)
        server.on_message(socket.send)

    page.route_web_socket("**/socket.io/**", relay)
    dashboard = Dashboard(page, quiet.url).open().log_in(uuid.uuid4().hex)
    user_of(dashboard)

    sockets[-1].send("42" + json.dumps(["server_draining", {"reconnectAfter": 1500}]))
    expect(page.locator("#draining")).to_contain_text("come back in 1.5 s")

    sockets[-1].close()
    expect(dashboard.meter("reconnects")).to_have_text("1")
    expect(page.locator("#draining")).to_be_hidden()
    expect(dashboard.meter("recovered")).to_have_text("yes")
    context.close()


def test_a_draining_server_is_shown_as_such(open_window, start_gateway):
    gateway = start_gateway("--no-feed", "--drain-time", "20s")
    dashboard = open_window(gateway=gateway)
    user_of(dashboard)

    gateway.begin_stop()

    expect(dashboard.page.locator("#draining")).to_be_visible()
    expect(dashboard.meter("draining-after")).to_contain_text("s")
