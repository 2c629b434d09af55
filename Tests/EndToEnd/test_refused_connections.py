"""Who may not come in, and what they are told. A neighbour goes on receiving all the while."""

import base64
import json

import jwt
import pytest

from clients import Refused
from wire import RawSocket


@pytest.fixture(autouse=True)
def neighbour_goes_on(neighbour):
    """See `neighbour`: looked at after each of these tests."""


def unsigned(token: str) -> str:
    """The claims of a good token, with `alg` none and no signature."""
    claims = token.split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{header}.{claims}."


def forged(token: str) -> str:
    """The claims of a good token, signed with another key."""
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token).get("kid")
    return jwt.encode(claims, "some other secret of thirty-two bytes", algorithm="HS256", headers={"kid": kid} if kid else None)


def altered(token: str) -> str:
    """Somebody else's name under a good signature."""
    header, claims, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    claims = json.dumps({**claims, "userId": "somebody-else-1", "sub": "somebody-else-1"}).encode()
    return f"{header}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"


def refusal(connect, **options) -> Refused:
    with pytest.raises(Refused) as raised:
        connect(**options)
    assert "401" in raised.value.message
    return raised.value


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_no_token(connect, transport):
    assert refusal(connect, token=None, transport=transport).data["code"] == "AUTH_REQUIRED"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_expired_token(gateway, connect, user, transport):
    assert refusal(connect, token=gateway.token(user, ttl="-1s"), transport=transport).data["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize("make", [unsigned, forged, altered], ids=lambda make: make.__name__)
def test_a_token_that_is_not_ours(gateway, connect, user, make):
    assert refusal(connect, token=make(gateway.token(user))).data["code"] == "AUTH_FAILED"


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "é.é.é", "." * 3000])
def test_garbage_for_a_token(connect, token):
    assert refusal(connect, token=token).data["code"] == "AUTH_FAILED"


@pytest.mark.parametrize("token", [7, True, [], {"token": "x"}])
def test_a_token_that_is_no_text(connect, token):
    assert refusal(connect, token=token).data["code"] in {"AUTH_REQUIRED", "AUTH_FAILED"}


def test_a_token_in_the_query_string_is_not_looked_at(gateway, user):
    raw = RawSocket(gateway.url, query={"token": gateway.token(user)})

    raw.send("40")

    assert json.loads(raw.expect("44")[2:])["data"] == {"code": "AUTH_REQUIRED"}


def test_another_namespace(gateway, user):
    token = gateway.token(user)
    raw = RawSocket(gateway.url)

    raw.send("40/admin," + json.dumps({"token": token}))

    assert raw.expect("44") == '44/admin,{"message":"Invalid namespace"}'


def test_an_event_before_connecting_closes(gateway):
    raw = RawSocket(gateway.url)

    raw.emit("join_room", {"room": "price:BTC-USDC"})

    assert raw.is_closed_by_server()


@pytest.mark.parametrize("packet", ["40" * 40, '42["join_room"', "42{}", "4", "4x", "", '40"text"', "9"])
def test_an_undecodable_packet_closes(gateway, user, packet):
    token = gateway.token(user)
    raw = RawSocket(gateway.url)
    raw.connect(token)

    raw.send(packet)

    assert raw.is_closed_by_server()
