"""The dashboard by keyboard, for eyes that do not tell green from red, and on a phone."""

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard
from gateway import Gateway


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A gateway without a market: nothing comes but what a test publishes."""
    gateway = Gateway(tmp_path_factory.mktemp("quiet"), "--no-feed").start()
    yield gateway
    assert gateway.stop() == 0, gateway.log


@pytest.fixture
def dashboard(page, quiet):
    return Dashboard(page, quiet.url).open()


# By keyboard -----------------------------------------------------------------


def test_tabs_work_by_keyboard(dashboard):
    page = dashboard.page
    dashboard.log_in_anew()

    page.locator("body").press("n")
    expect(page.locator("#tab-notices")).to_be_visible()
    page.get_by_role("tab", name="Notifications").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-limits")).to_be_visible()
    expect(page.get_by_role("tab", name="Limits")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#tab-raw")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-account")).to_be_visible()


def test_single_keys_can_be_turned_off(dashboard):
    page = dashboard.page
    page.locator("body").press("n")
    expect(page.locator("#tab-notices")).to_be_visible()

    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Single keys do this").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.locator("body").press("n")
    page.locator("body").press("/")
    expect(page.locator("#tab-account")).to_be_visible()
    expect(page.locator("#room")).not_to_be_focused()

    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Single keys do this").check()
    page.keyboard.press("Escape")
    page.locator("body").press("n")
    expect(page.locator("#tab-notices")).to_be_visible()


def test_the_keyboard_goes_on_where_a_room_was_left(dashboard):
    dashboard.log_in_anew()
    rooms = dashboard.page.locator("#rooms li")
    first, second = (rooms.nth(index).get_attribute("data-room") for index in (0, 1))
    leave = dashboard.page.get_by_role("button", name=f"Leave {first}")

    leave.press("Enter")

    expect(dashboard.room(first)).to_have_count(0)
    expect(dashboard.page.get_by_role("button", name=f"Leave {second}")).to_be_focused()


def test_the_keyboard_goes_on_where_a_price_was_closed(dashboard):
    dashboard.log_in_anew()
    dashboard.page.get_by_role("button", name="Unsubscribe from BTC-USDC").press("Enter")

    expect(dashboard.tile("BTC-USDC")).to_have_count(0)
    expect(dashboard.page.locator("#board .tile").first.locator(".tile-close")).to_be_focused()


def test_the_keyboard_goes_from_one_notification_to_the_next(dashboard, quiet):
    user = dashboard.log_in_anew()
    for title in ("First", "Second"):
        quiet.publish("notification", user=user, title=title, body="")
        expect(dashboard.page.locator("#notices li", has_text=title)).to_have_count(1)
    notice = lambda title: dashboard.page.locator("#notices li", has_text=title).get_by_role("button")
    dashboard.page.get_by_role("tab", name="Notifications").click()

    notice("Second").press("Enter")
    expect(notice("First")).to_be_focused()
    notice("First").press("Enter")
    expect(dashboard.page.locator("#tab-notices")).to_be_focused()


def test_the_keyboard_goes_with_the_user_in_and_out(dashboard):
    dashboard.page.get_by_role("button", name="Log in and connect").press("Enter")
    expect(dashboard.page.locator("#session")).to_be_focused()

    dashboard.page.get_by_role("button", name="Log out").press("Enter")
    expect(dashboard.page.get_by_role("button", name="Log in and connect")).to_be_focused()


# Without colours -------------------------------------------------------------


def test_bought_and_sold_are_told_apart_without_colours(dashboard, quiet, symbol):
    dashboard.log_in_anew()
    dashboard.request("subscribe", f"price:{symbol}")
    dashboard.choose(symbol)
    dashboard.expect_joined(f"trade:{symbol}")

    for side in ("buy", "sell"):
        quiet.publish("trade_notification", symbol, price="2.0150", amount="0.30", side=side)

    for side, sign in (("buy", "▲"), ("sell", "▼")):
        price = dashboard.page.locator(f"#tape li[data-side={side}] [data-field=price]")
        expect(price).to_have_text("2.0150")
        assert sign in price.evaluate("price => getComputedStyle(price, '::before').content")


# On a phone ------------------------------------------------------------------


def test_the_prices_are_in_view_after_logging_in_on_a_phone(dashboard):
    dashboard.page.set_viewport_size({"width": 390, "height": 844})
    dashboard.page.get_by_label("Development user").press("Enter")

    expect(dashboard.tile("BTC-USDC")).to_be_in_viewport()
    expect(dashboard.page.locator("#session")).to_be_focused()
    expect(dashboard.tile("BTC-USDC")).to_be_in_viewport()


@pytest.mark.parametrize("tab", ["Account", "Messages", "Notifications", "Limits", "Slow client", "Events"])
def test_nothing_sticks_out_on_a_phone(dashboard, tab):
    dashboard.page.set_viewport_size({"width": 360, "height": 740})
    dashboard.log_in_anew()

    dashboard.page.get_by_role("tab", name=tab).click()

    assert dashboard.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_column_of_an_order_is_cut_off_on_a_phone(dashboard, quiet):
    dashboard.page.set_viewport_size({"width": 390, "height": 844})
    user = dashboard.log_in_anew()
    quiet.publish("order_update", "ETH-USDC", user, orderId="o-1", side="sell", amount="0.0062", price="3516.61", status="cancelled")

    order = dashboard.page.locator("#orders tr[data-id='o-1']")
    order.wait_for()

    assert order.evaluate("row => row.getBoundingClientRect().right <= row.closest('.table').getBoundingClientRect().right + 1")
