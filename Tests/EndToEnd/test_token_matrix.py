"""Every kind of token at every place where one is presented: at the handshake, in band, and over HTTP."""

import uuid

import pytest

from clients import Refused
from tokens import Mint

# What is wrong, and the code that says so wherever the token is presented.
BAD = {
    "missing": "AUTH_REQUIRED",
    "empty": "AUTH_REQUIRED",
    "malformed": "AUTH_FAILED",
    "wrong key": "AUTH_FAILED",
    "wrong alg: HMAC with the public key": "AUTH_FAILED",
    "wrong alg: none": "AUTH_FAILED",
    "stripped signature": "AUTH_FAILED",
    "expired": "TOKEN_EXPIRED",
    "not yet valid": "AUTH_FAILED",
    "wrong type": "AUTH_FAILED",
    "wrong issuer": "AUTH_FAILED",
    "wrong audience": "AUTH_FAILED",
    "no expiry": "AUTH_FAILED",
    "expiry too far ahead": "AUTH_FAILED",
    "no user": "AUTH_FAILED",
    "revoked": "AUTH_FAILED",
}


@pytest.fixture(scope="module")
def mint(gateway):
    return Mint(gateway)


@pytest.fixture
def bad_token(gateway, mint):
    def make(kind: str, user: str) -> str | None:
        return {
            "missing": lambda: None,
            "empty": lambda: "",
            "malformed": lambda: "not.a.token",
            "wrong key": lambda: mint.wrong_key(user),
            "wrong alg: HMAC with the public key": lambda: mint.confused(user),
            "wrong alg: none": lambda: mint.unsigned(user),
            "stripped signature": lambda: mint.stripped(user),
            "expired": lambda: mint.expired(user),
            "not yet valid": lambda: mint.not_yet_valid(user),
            "wrong type": lambda: mint.wrong_type(user),
            "wrong issuer": lambda: mint.token(user, iss="somebody-else"),
            "wrong audience": lambda: mint.token(user, aud="another-service"),
            "no expiry": lambda: mint.token(user, exp=None),
            "expiry too far ahead": lambda: mint.token(user, exp=4_000_000_000),
            "no user": lambda: mint.token(user, sub="did:privy:abcdefgh"),
            "revoked": lambda: mint.revoked(user, gateway),
        }[kind]()

    return make


def verify(gateway, token: str | None):
    return gateway.get("/api/v1/auth/verify", headers={"Authorization": f"Bearer {token}"} if token else {})


# Handshake -------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("kind", BAD)
def test_handshake(connect, bad_token, user, kind, transport):
    with pytest.raises(Refused) as refused:
        connect(token=bad_token(kind, user), transport=transport)

    assert refused.value.data == {"code": BAD[kind]}
    assert "401" in refused.value.message


def test_handshake_with_another_users_token_is_that_user(connect, mint, user):
    somebody = str(uuid.uuid4())

    client = connect(token=mint.token(somebody))

    assert client.expect("authenticated")["user"]["id"] == somebody


def test_handshake_with_a_good_token(connect, mint, user):
    assert connect(token=mint.token(user, role="trader")).expect("authenticated")["user"] == {"id": user, "role": "trader"}


# Renewal ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", BAD)
def test_renewal(client, bad_token, user, kind):
    token = bad_token(kind, user)

    reply = client.ask("authenticate", {} if token is None else {"token": token})

    assert (reply["ok"], reply["code"]) == (False, BAD[kind])
    assert client.expect("auth_error")["code"] == BAD[kind]
    # The token it has stays in force.
    assert client.ask("join_room", {"room": f"user:{user}"})["ok"] is True


def test_renewal_without_an_ack_is_an_auth_error(client, bad_token, user):
    client.send("authenticate", {"token": bad_token("expired", user)})

    error = client.expect("auth_error")

    assert error["code"] == "TOKEN_EXPIRED" and error["error"]
    assert "error" not in client.events()


def test_renewal_with_another_users_token_is_refused(client, mint, user):
    reply = client.ask("authenticate", {"token": mint.token(str(uuid.uuid4()))})

    assert (reply["ok"], reply["code"]) == (False, "AUTH_FAILED")
    assert client.expect("auth_error")["code"] == "AUTH_FAILED"
    assert client.ask("join_room", {"room": f"user:{user}"})["ok"] is True


def test_renewal_with_a_good_token(client, mint, user):
    assert client.ask("authenticate", {"token": mint.token(user, role="trader")}) == {"ok": True, "user": {"id": user, "role": "trader"}}


def test_of_many_tokens_at_once_the_last_one_sent_is_in_force(client, mint, user):
    """All are answered, in the order in which they were sent."""
    for round in range(5):
        roles = [f"role-{round}-{number}" for number in range(6)]
        for role in roles:
            client.send("authenticate", {"token": mint.token(user, role=role)})

        answers = [client.expect("authenticated", user={"id": user, "role": role}) for role in roles]

        assert len(answers) == 6
    assert [event["user"].get("role") for event in client.all("authenticated")][1:] == [
        f"role-{round}-{number}" for round in range(5) for number in range(6)
    ]


# HTTP ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BAD)
def test_verify(gateway, bad_token, user, kind):
    answer = verify(gateway, bad_token(kind, user))

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == BAD[kind]
    assert answer.json()["error"]["message"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_verify_answers_whose_token_it_is(gateway, mint, user):
    token = mint.token(user, role="trader", groups=["group-0001"])

    for _ in range(2):
        answer = verify(gateway, token)

        assert answer.status_code == 200
        assert answer.json()["user"] == {"id": user, "role": "trader", "groups": ["group-0001"]}


def test_over_http_another_users_token_is_that_user(gateway, connect, client, mint, user):
    somebody = str(uuid.uuid4())
    token = mint.token(somebody)
    other = connect(token=token)
    other.expect("authenticated")

    assert verify(gateway, token).json()["user"] == {"id": somebody}
    # Logging out with it ends what is theirs, and nothing of anybody else.
    assert gateway.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    other.expect("disconnect")
    assert client.ask("join_room", {"room": f"user:{user}"})["ok"] is True


@pytest.mark.parametrize("kind", BAD)
def test_publishing(gateway, bad_token, user, kind):
    """No access token opens the doors of services, be it good or bad."""
    token = bad_token(kind, user)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for method, path in [("post", "/api/v1/events"), ("post", "/api/v1/auth/revoke"), ("get", "/stats")]:
        assert getattr(gateway, method)(path, headers=headers).status_code == 401


def test_publishing_takes_no_good_access_token_either(gateway, mint, user):
    for token, status in [(mint.token(user), 401), (gateway.service_token, 200)]:
        assert gateway.get("/stats", headers={"Authorization": f"Bearer {token}"}).status_code == status


# A token that has been seen before ------------------------------------------


def test_a_remembered_token_is_still_asked_whether_it_is_revoked(gateway, connect, mint, user):
    jti = str(uuid.uuid4())
    token = mint.token(user, jti=jti)
    for _ in range(3):
        connect(token=token).expect("authenticated")
    revoke = {"json": {"jti": jti}, "headers": {"Authorization": f"Bearer {gateway.service_token}"}}
    assert gateway.post("/api/v1/auth/revoke", **revoke).status_code == 200

    with pytest.raises(Refused) as refused:
        connect(token=token)

    assert refused.value.data == {"code": "AUTH_FAILED"}
    assert verify(gateway, token).status_code == 401
