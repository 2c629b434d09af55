"""`moonx` as an operator types it."""

import json
import os
import subprocess

import jwt
import pytest

from gateway import BINARY
from recordings import read_trades, write_trades
from services import run


def publish(gateway, *arguments):
    return gateway.command("publish", *arguments, "--data-dir", str(gateway.directory), "--url", gateway.url)


def test_publish_arrives_at_a_client(gateway, client, symbol):
    client.join(f"price:{symbol}")

    done = publish(gateway, "price_update", "--symbol", symbol, "--data", json.dumps({"price": "105433.60000"}))

    assert done.returncode == 0, done.stderr
    assert client.expect("price_update", symbol=symbol)["price"] == "105433.60000"


def test_publish_to_a_user(gateway, client, user):
    done = publish(gateway, "notification", "--user", user, "--data", json.dumps({"title": "Hello"}))

    assert done.returncode == 0, done.stderr
    assert client.expect("notification")["title"] == "Hello"


def test_publish_says_what_is_wrong(gateway, symbol):
    done = publish(gateway, "price_update", "--symbol", symbol, "--data", "{")

    assert done.returncode != 0
    assert done.stderr.strip()
    assert "Fatal error" not in done.stderr


def test_an_unknown_flag_stops_the_start(gateway):
    done = gateway.command("up", "--no-such-flag")

    assert done.returncode != 0
    assert "--no-such-flag" in done.stderr


def test_up_does_not_offer_the_development_login_to_the_network(gateway, tmp_path):
    done = gateway.command("up", "--host", "0.0.0.0", "--port", "0", "--auth-port", "0", "--data-dir", str(tmp_path))

    assert done.returncode != 0
    assert done.stderr.strip()


def test_a_bad_variable_stops_the_start(gateway, tmp_path):
    for variable, value in [("MOONX_EVENT_LOOPS", "0"), ("MOONX_PORT", "70000"), ("MOONX_LOG_LEVEL", "loud")]:
        done = subprocess.run(
            [BINARY, "up", "--data-dir", tmp_path], env=os.environ | {variable: value}, capture_output=True, text=True, timeout=30
        )

        assert done.returncode != 0
        assert value in done.stderr and "Fatal error" not in done.stderr


def test_a_port_in_use_is_one_clear_line(gateway, tmp_path):
    done = gateway.command("up", "--port", str(gateway.port), "--auth-port", "0", "--data-dir", str(tmp_path), "--no-feed")

    assert done.returncode != 0
    assert "the port is in use" in done.stderr
    assert "Fatal error" not in done.stderr


def test_replay_plays_a_recording(gateway, client, symbol, tmp_path):
    recording = write_trades(tmp_path / "trades.csv", ["105433.60000"], ["0.00027625"], count=3)
    client.join(f"trade:{symbol}")

    done = gateway.command(
        "replay", str(recording), "--symbol", symbol, "--speed", "0", "--data-dir", str(gateway.directory), "--url", gateway.url
    )

    assert done.returncode == 0, done.stderr
    for price, amount in read_trades(recording):
        trade = client.expect("trade_notification", symbol=symbol)
        assert (trade["price"], trade["amount"]) == (price, amount)


def test_revoke_ends_the_live_connection(gateway, client, connect, user):
    neighbour = connect()
    neighbour.expect("authenticated")

    done = gateway.command(
        "revoke", "--user", user, "--data-dir", str(gateway.directory), "--auth-url", f"http://127.0.0.1:{gateway.auth_port}"
    )

    assert done.returncode == 0, done.stderr
    assert client.expect("disconnect") == "server disconnect"
    assert neighbour.ask("ping", {})["ok"] is True


def test_revoke_by_the_id_of_a_token_ends_its_connection_only(gateway, connect, user):
    tokens = [gateway.token(user) for _ in range(2)]
    revoked, kept = (connect(token=token) for token in tokens)
    jti = jwt.decode(tokens[0], options={"verify_signature": False})["jti"]

    done = gateway.command(
        "revoke", "--jti", jti, "--data-dir", str(gateway.directory), "--auth-url", f"http://127.0.0.1:{gateway.auth_port}"
    )

    assert done.returncode == 0, done.stderr
    assert revoked.expect("disconnect") == "server disconnect"
    assert kept.ask("ping", {})["ok"] is True


@pytest.mark.parametrize("shell, sign", [("bash", "complete"), ("zsh", "#compdef"), ("fish", "complete -c")])
def test_shells_can_complete_commands(shell, sign):
    done = run("--generate-completion-script", shell)

    assert done.returncode == 0
    assert sign in done.stdout
    assert "listen" in done.stdout
