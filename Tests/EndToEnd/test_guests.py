"""Guests, who come without a token where the gateway is told to let them in: the market and nothing else."""

import pytest

from clients import Refused
from gateway import Gateway


@pytest.fixture(scope="module")
def open_gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("open"), "--no-feed", "--allow-guests").start()
    yield gateway
    gateway.kill()


@pytest.fixture
def guest(open_gateway, connect):
    return connect(to=open_gateway, token=None)


def test_guests_have_market_rooms(open_gateway, guest, symbol):
    guest.join(f"price:{symbol}")
    open_gateway.publish_price(symbol, "1.10")

    assert guest.expect("price_update", symbol=symbol)["price"] == "1.10"


def test_guests_have_nothing_else(guest, user):
    for event, payload in [
        ("join_room", {"room": f"user:{user}"}), ("join_room", {"room": "group:traders-1"}), ("subscribe_portfolio", {}),
        ("subscribe", {"types": ["order_updates"]}), ("direct_message", {"to": user, "message": "hi"}), ("set_presence", {"status": "away"}),
    ]:
        assert guest.ask(event, payload)["code"] == "AUTH_REQUIRED", event


def test_a_user_has_both(open_gateway, connect, user, symbol):
    client = connect(user, to=open_gateway)

    client.join(f"price:{symbol}")
    client.join(f"user:{user}")


def test_a_bad_token_is_refused_and_not_let_in_as_a_guest(open_gateway, connect):
    with pytest.raises(Refused) as refused:
        connect(to=open_gateway, token="not.a.token")

    assert refused.value.data["code"] == "AUTH_FAILED"


def test_an_empty_token_is_none(open_gateway, connect, symbol):
    guest = connect(to=open_gateway, token="")

    guest.join(f"price:{symbol}")
    assert guest.ask("subscribe_portfolio", {})["code"] == "AUTH_REQUIRED"


def test_without_the_setting_nobody_comes_without_a_token(gateway, connect):
    with pytest.raises(Refused) as refused:
        connect(token=None)

    assert refused.value.data == {"code": "AUTH_REQUIRED"}
