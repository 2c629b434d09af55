"""From the log-in to the greeting, as the guide tells it."""

import base64
import contextlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from clients import Refused
from wire import RawSocket


def log_in(gateway, name: str) -> dict:
    privy = gateway.post("/api/v1/auth/development/privy-token", json={"user": name})
    assert privy.status_code == 200, privy.text
    answer = gateway.post("/api/v1/auth/login", json={"privyToken": privy.json()["privyToken"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_log_in_answers_tokens_and_the_user(gateway):
    session = log_in(gateway, "alice")

    assert set(session) >= {"accessToken", "refreshToken", "expiresIn", "tokenType", "user"}
    assert session["tokenType"] == "Bearer"
    assert session["user"]["id"] == log_in(gateway, "alice")["user"]["id"]
    assert session["user"]["id"] != log_in(gateway, "bob")["user"]["id"]


def test_log_in_with_a_foreign_token_is_refused(gateway):
    answer = gateway.post("/api/v1/auth/login", json={"privyToken": "not.a.token"})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AUTH_FAILED"


@pytest.mark.parametrize("as_header", [True, False])
def test_refresh_answers_a_token_that_connects(gateway, connect, as_header):
    session = log_in(gateway, "carol")
    proof = {"headers": {"Authorization": f"Bearer {session['refreshToken']}"}} if as_header else {"json": {"refreshToken": session["refreshToken"]}}

    answer = gateway.post("/api/v1/auth/refresh", **proof)

    assert answer.status_code == 200, answer.text
    client = connect(token=answer.json()["accessToken"])
    assert client.expect("authenticated")["user"]["id"] == session["user"]["id"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_connected_then_authenticated(connect, user, transport):
    client = connect(user, transport=transport)

    authenticated = client.expect("authenticated")
    connected = client.expect("connected")

    assert client.events()[:2] == ["connected", "authenticated"]
    assert connected["connectionId"] == client.id
    assert isinstance(connected["timestamp"], int)
    assert connected["serverVersion"]
    assert authenticated["user"]["id"] == user
    assert client.transport == transport


def test_the_token_may_come_as_a_header(gateway, connect, user):
    client = connect(token=None, headers={"Authorization": f"Bearer {gateway.token(user)}"})

    assert client.expect("authenticated")["user"]["id"] == user


def test_authenticate_renews_in_band(gateway, client, user):
    reply = client.ask("authenticate", {"token": gateway.token(user)})

    assert reply["ok"] is True
    assert client.expect("authenticated")["user"]["id"] == user


def test_authenticate_as_somebody_else_is_an_auth_error(gateway, client):
    client.send("authenticate", {"token": gateway.token("somebody-else-1")})

    assert client.expect("auth_error")["code"] == "AUTH_FAILED"
    assert client.connected


def test_a_token_that_expires_is_announced(gateway, connect, user):
    for _ in range(5):
        # It may have expired before it was shown, on a machine that stands still.
        with contextlib.suppress(Refused):
            client = connect(token=gateway.token(user, ttl="10s"))
            break

    client.expect("token_expired")

    assert client.ask("authenticate", {"token": gateway.token(user)})["ok"] is True


def test_ping_is_answered_by_pong_and_ack(client):
    reply = client.ask("ping", {"timestamp": 1234})
    pong = client.expect("pong", clientTimestamp=1234)

    assert reply["ok"] is True
    assert isinstance(pong["timestamp"], int)
    assert pong["serverTime"].endswith("Z")


def test_the_token_command_mints_what_it_was_asked_for(gateway, user):
    claims = gateway.token(user, ttl="15m").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))

    assert claims.get("userId", claims.get("sub")) == user
    assert claims["type"] == "access"
    assert 14 * 60 < claims["exp"] - claims["iat"] <= 15 * 60


@pytest.mark.parametrize("flags, answer", [([], "44{"), (["--token-in-query"], '42["authenticated"')])
def test_a_token_in_the_url_counts_by_setting_only(start_gateway, user, flags, answer):
    gateway = start_gateway("--no-feed", "--log-level", "trace", *flags)
    token = gateway.token(user)

    socket = RawSocket(gateway.url, query={"token": token})
    socket.send("40")

    assert socket.expect(answer)
    socket.close()
    assert gateway.stop() == 0
    assert token.split(".")[2] not in gateway.log_file.read_text()


def test_rotation_may_be_the_rule(start_gateway):
    gateway = start_gateway("--no-feed", "--require-rotation")
    session = log_in(gateway, "alice")

    first, again = (gateway.post("/api/v1/auth/refresh", json={"refreshToken": session["refreshToken"]}).json() for _ in range(2))

    assert first["refreshToken"] != session["refreshToken"]
    # The answer may have been lost.
    assert again["refreshToken"] == first["refreshToken"]


def test_what_a_user_may_keep_open_is_a_setting(start_gateway):
    gateway = start_gateway("--no-feed", "--sessions-per-user", 2, "--tokens-per-session", 1)
    refresh = lambda session: gateway.post("/api/v1/auth/refresh", json={"refreshToken": session["refreshToken"]})
    first, second, third = (log_in(gateway, "alice") for _ in range(3))

    assert refresh(first).status_code == 401
    assert refresh(second).status_code == 200
    assert refresh(third).status_code == 200
    refused = refresh(third)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["Retry-After"]) >= 1


def test_refreshing_several_times_at_once_gives_each_a_token(gateway, connect):
    """The guide's helper does so: it keeps its first refresh token, and nothing keeps it from running twice."""
    session = log_in(gateway, "dave")

    def refresh(_) -> dict:
        answer = gateway.post("/api/v1/auth/refresh", headers={"Authorization": f"Bearer {session['refreshToken']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(refresh, range(8)))

    assert {answer["refreshToken"] for answer in answers} == {session["refreshToken"]}
    for answer in answers:
        client = connect(token=answer["accessToken"])
        assert client.expect("authenticated")["user"]["id"] == session["user"]["id"]


def test_logging_out_ends_the_sessions_live_connections_and_no_others(gateway, connect):
    here, elsewhere = log_in(gateway, "erin"), log_in(gateway, "erin")
    clients = [connect(token=session["accessToken"]) for session in (here, elsewhere)]

    answer = gateway.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {here['refreshToken']}"})

    assert answer.json() == {"loggedOut": True}
    assert clients[0].expect("disconnect") == "server disconnect"
    assert clients[1].ask("ping", {})["ok"] is True
    assert gateway.get("/api/v1/auth/verify", headers={"Authorization": f"Bearer {here['accessToken']}"}).status_code == 401
    assert gateway.post("/api/v1/auth/refresh", json={"refreshToken": here["refreshToken"]}).status_code == 401
